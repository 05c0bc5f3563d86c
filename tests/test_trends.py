"""From a release to a measure over time: the right counts, gaps where they are hidden, published lines beside it."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pytest
from made_up import HERE, OTHER, made_up

from yjdisp import comparison, measures
from yjdisp.baselines import BaselineError
from yjdisp.charts import trends as charts_trends
from yjdisp.release import ReleaseError
from yjdisp.trends import Trend, has_rate, period_end, position, trend
from yjdisp.wording import trends as wording_trends

YEARS = ("2019/20", "2020/21", "2021/22", "2022/23")


def by_year(dimension: str, groups: tuple[str, ...], *rows: tuple[int | None, ...], every: str = "year", periods=YEARS):
    """A table of a made-up release: a row of counts a period."""
    cells = {(p, g): n for p, row in zip(periods, rows, strict=False) for g, n in zip(groups, row, strict=True)}
    return (every, dimension), cells


ETHNICITY = by_year(
    "ethnicity",
    ("All", "White", OTHER, "Unknown"),
    (80, 50, 25, 5),
    (75, 45, 27, 3),
    (70, 61, None, 0),
    (60, None, 12, 3),
)
SEND = by_year(
    "send", ("All", "EHC plan", "No SEN", "Unknown"), (80, 20, 55, 5), (75, 25, 45, 5), (70, 30, 40, 0), (60, 30, 25, 5)
)


@pytest.fixture(scope="module")
def source():
    return made_up(ETHNICITY, SEND, years=YEARS)


def of(source, measure: str, group: str = OTHER, by: str = "ethnicity", **options) -> Trend:
    return trend(source, by=by, group=group, measure=measure, **options)


def column(of: Trend, name: str) -> list:
    return of.points[name].tolist()


def test_a_share_is_of_those_whose_group_is_known(source):
    share = of(source, "share")
    assert column(share, "period") == list(YEARS)
    assert np.allclose(column(share, "value"), [25 / 75, 27 / 72, np.nan, 12 / 57], equal_nan=True)
    expected = measures.proportion_interval([25, 27, np.nan, 12], [75, 72, 70, 57])
    assert np.allclose(column(share, "value_low"), expected.low, equal_nan=True)
    assert np.allclose(column(share, "value_high"), expected.high, equal_nan=True)


def test_a_hidden_point_is_a_gap_with_the_bounds_that_anyone_can_work_out(source):
    hidden = of(source, "share").points.iloc[2]
    assert np.isnan(hidden["value"]) and hidden["symbol"] == "[c]"
    assert (hidden["least"], hidden["most"]) == (0, 9 / 70)
    hidden = of(source, "count").points.iloc[2]
    assert (hidden["least"], hidden["most"]) == (0, 9)


@pytest.mark.parametrize("reference", [None, comparison.EVERYONE_ELSE])
def test_an_rri_is_the_comparisons(source, reference):
    rri = of(source, "rri", reference=reference)
    for row in rri.points.to_dict("records"):
        compared = comparison.compare(source, by="ethnicity", where={"year": row["period"]}, reference=reference)
        one = compared.table.set_index("group").loc[OTHER]
        for mine, theirs in (("value", "rri"), ("value_low", "rri_low"), ("value_high", "rri_high")):
            assert row[mine] == pytest.approx(one[theirs], nan_ok=True)
        assert row["least"] == one["rri_least"] and row["most"] == one["rri_most"]


def test_an_rri_whose_reference_is_hidden_is_a_gap(source):
    assert np.isnan(of(source, "rri").points["value"].iloc[3])
    assert np.isfinite(of(source, "share").points["value"].iloc[3])


def test_a_rate_is_per_1000_of_the_groups_population(source):
    rate = of(source, "rate").points.iloc[0]
    assert rate["value"] == pytest.approx(1000 * 25 / (508 + 167 + 918 + 128))
    assert rate["value_low"] < rate["value"] < rate["value_high"]


def test_what_no_population_is_divided_by_is_set_against_all_children_of_the_area():
    cells = {("2023", "Yes"): 16, ("2024", "Yes"): 24}
    source = made_up((("year", "first_time_entrant"), cells), years=("2023", "2024"))
    rate = of(source, "rate", "Yes", "first_time_entrant")
    assert column(rate, "value") == pytest.approx([1000 * 16 / 16_718, 1000 * 24 / 16_718])
    assert of(source, "share", "Yes", "first_time_entrant").shown.empty


def test_what_cannot_be_shown_is_said(source):
    with pytest.raises(BaselineError, match="no number of children"):
        of(source, "rate", "EHC plan", "send")
    with pytest.raises(ReleaseError, match="no 'Black'"):
        of(source, "count", "Black")
    with pytest.raises(ReleaseError, match="not in this release"):
        of(source, "count", unit="offences")
    with pytest.raises(ReleaseError, match="everybody"):
        of(source, "share", "All")
    with pytest.raises(ReleaseError, match="White is the group that others are compared with"):
        of(source, "rri", "White")
    with pytest.raises(ValueError, match="measure"):
        of(source, "odds")


@pytest.mark.parametrize(
    "by, group, there", [("ethnicity", OTHER, True), ("send", "EHC plan", False), (None, "All", True)]
)
def test_a_rate_is_there_where_a_number_of_children_is(source, by, group, there):
    assert has_rate(source, by, group, {}, YEARS) == there


def test_everybody_together(source):
    everybody = of(source, "count", "All")
    assert everybody.by is None and column(everybody, "value") == [80, 75, 70, 60]
    assert column(of(source, "rate", "All"), "value")[0] == pytest.approx(1000 * 80 / 16_718)


def test_published_percentages_of_the_same_years_beside_it(source):
    line = of(source, "share", "EHC plan", "send").published
    assert set(line["area"]) == {HERE, "South West", "England"}
    england = line[line["area"] == "England"]
    assert england["at"].tolist() == [2020.25, 2021.25, 2022.25, 2023.25]
    assert england["value"].tolist() == pytest.approx([0.033, 0.037, 0.040, 0.043])
    assert of(source, "rri", "EHC plan", "send").published.empty
    assert of(source, "share").published.empty


def test_a_published_caseload_is_no_line_beside_shares_of_the_population():
    """The national caseloads of 2017/18 and 2018/19 are baselines, too."""
    periods = ("2017/18", "2018/19")
    counts = by_year("ethnicity", ("All", "White", OTHER, "Unknown"), (80, 50, 25, 5), (75, 45, 27, 3), periods=periods)
    assert of(made_up(counts, years=periods), "share").published.empty


def test_rolling_years_and_quarters():
    quarters = tuple(f"{year} Q{q}" for year, q in product(("2020/21", "2021/22"), range(1, 5)))
    windows = tuple(f"year to {quarter}" for quarter in quarters[3:])
    rolling = by_year(
        "sex", ("All", "Girls", "Boys"), *((50, 9 + i, 41 - i) for i in range(5)), every="rolling_year", periods=windows
    )
    source = made_up(rolling, unit="outcomes", years=("2020/21", "2021/22"))
    made = of(source, "share", "Girls", "sex", unit="outcomes", every="rolling_year")
    assert column(made, "at") == [2021.25, 2021.5, 2021.75, 2022.0, 2022.25]
    assert column(made, "value")[-1] == pytest.approx(13 / 50)
    assert len(of(source, "rri", "Girls", "sex", unit="outcomes", every="rolling_year").shown) == 5


@pytest.mark.parametrize(
    "period, end",
    [
        ("2021/22", 2022.25),
        ("2021/22 Q1", 2021.5),
        ("2021/22 Q4", 2022.25),
        ("year to 2021/22 Q3", 2022.0),
        ("2024", 2025.0),
        ("latest cohort", None),
        ("2024 cohort", None),
    ],
)
def test_where_a_period_ends(period, end):
    assert period_end(period) == end


def test_days_are_on_the_same_scale():
    assert position(date(2022, 1, 1)) == 2022.0
    assert position(date(2022, 4, 1)) == period_end("2021/22")
    assert period_end("2021/22 Q3") < position(date(2022, 1, 2)) < position(date(2022, 3, 31)) < period_end("2021/22")
    assert position(date(2024, 12, 31)) < position(date(2025, 1, 1)) == period_end("2024")


def test_periods_that_are_not_dates_keep_their_order():
    cohorts = ("cohort before", "latest cohort")
    source = made_up(
        by_year("reoffended", ("All", "Yes", "No"), (20, 6, 14), (20, 5, 15), periods=cohorts), years=cohorts
    )
    share = of(source, "share", "Yes", "reoffended")
    assert not share.dated and column(share, "at") == [0, 1] and column(share, "value") == [0.3, 0.25]


def test_periods_of_another_kind_are_no_part_of_a_trend():
    periods = ("2019/20", "2021/22", "2023", "latest cohort")
    source = made_up(
        by_year("sex", ("All", "Girls"), (80, 9), (70, 8), (60, 7), (20, 5), periods=periods), years=periods
    )
    counts = of(source, "count", "Girls", "sex")
    assert column(counts, "period") == ["2019/20", "2021/22"] and counts.dated
    assert counts.left_out == ("2023", "latest cohort")


GROUPS = ("All", "White", OTHER, "Unknown")


def of_two(second, measure: str = "share", **options) -> Trend:
    """Two years, of which the second is given."""
    return of(made_up(by_year("ethnicity", GROUPS, (80, 50, 25, 5), second), years=YEARS[:2], **options), measure)


def test_no_rri_of_more_children_than_live_there():
    """1,721 of the group do."""
    assert np.isnan(of_two((2050, 50, 2000, 0), "rri").points["value"].iloc[1])


def test_a_hidden_total_is_hidden_and_not_nobody():
    share = of_two((None, None, 27, None))
    assert share.points["hidden"].iloc[1] and np.isnan(share.points["value"].iloc[1])
    assert not any("nobody to set" in said for said in wording_trends.answer(share))


def test_a_share_is_at_most_all():
    assert of_two((8, 8, None, 0), bounds=(0, 20)).points["most"].iloc[1] == 1


def test_what_is_shown_beside_hidden_years_is_said_to_lean():
    assert wording_trends.LEANING in wording_trends.answer(of_two((75, 45, None, 3)))


def test_error_bars_end_at_the_limits():
    share = of_two((20, 15, 5, 0))
    (drawn,) = (trace for trace in charts_trends.line(share).data if "intervals" in (trace.name or ""))
    low, high = (100 * share.points[end].to_numpy() for end in ("value_low", "value_high"))
    assert np.allclose(drawn.y + np.array(drawn.error_y.array), high)
    assert np.allclose(drawn.y - np.array(drawn.error_y.arrayminus), low)

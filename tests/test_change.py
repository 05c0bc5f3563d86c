"""Changes worked out from counts, tests of a trend, control limits and targets."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pytest
from made_up import OTHER, made_up
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep
from test_trends import YEARS, by_year

from yjdisp import change, measures
from yjdisp.trends import trend
from yjdisp.wording import trends as wording_trends

QUARTERS = tuple(f"{year} Q{q}" for year, q in product(("2019/20", "2020/21", "2021/22"), range(1, 5)))


def of_one(counts, *, dimension="reoffended", periods=YEARS, every="year", unit="children", **options):
    """A trend of "Yes": of counts, or of pairs of a count and its total."""
    rows = [n if isinstance(n, tuple) else (n,) for n in counts]
    rows = [(*n, 0) if len(n) == 2 else n for n in rows]
    table = by_year(dimension, ("Yes", "All", "Unknown")[: len(rows[0])], *rows, every=every, periods=periods)
    source = made_up(table, unit=unit, years=tuple(dict.fromkeys(p.split()[0] for p in periods)))
    return trend(source, by=dimension, group="Yes", unit=unit, every=every, **options)


def of_ethnicity(*rows, measure="rri"):
    """A trend of all other groups: rows of White and all other groups."""
    table = by_year("ethnicity", ("All", "White", OTHER), *((w + o, w, o) for w, o in rows))
    return trend(made_up(table, years=YEARS), by="ethnicity", group=OTHER, measure=measure)


def test_reoffending_of_the_published_case():
    cohorts = ("cohort before", "latest cohort")
    found = change.change(of_one([(6, 20), (5, 20)], periods=cohorts, measure="share"))
    assert (found.first, found.last) == cohorts
    assert (found.before, found.after) == (0.3, 0.25)
    assert found.points == pytest.approx(-0.05) and found.percent == pytest.approx(-1 / 6)
    expected = confint_proportions_2indep(5, 20, 6, 20, method="newcomb", compare="diff", correction=False)
    assert (found.points_low, found.points_high) == pytest.approx(expected, abs=1e-6)
    assert found.p > 0.7 and found.verdict == change.WELL_WITHIN_CHANCE


def test_first_time_entrants_of_the_published_case():
    entrants = of_one([16, 24], dimension="first_time_entrant", periods=("2023", "2024"), measure="count")
    found = change.change(entrants)
    assert (found.before, found.after, found.percent, found.points) == (16, 24, 0.5, None)
    assert found.verdict == change.CHANCE
    for limit, tail in (
        (found.percent_low, binom.sf(24, 40, _share(found.percent_low))),
        (found.percent_high, binom.cdf(23, 40, _share(found.percent_high))),
    ):
        assert tail + binom.pmf(24, 40, _share(limit)) / 2 == pytest.approx(0.025, abs=1e-6)
    assert found.p == pytest.approx(2 * (binom.sf(24, 40, 0.5) + binom.pmf(24, 40, 0.5) / 2))


def _share(percent: float) -> float:
    return (1 + percent) / (2 + percent)


def test_a_rate_changes_as_its_count_where_the_population_stays():
    options = {"dimension": "first_time_entrant", "periods": ("2023", "2024")}
    rate, count = (change.change(of_one([16, 24], measure=m, **options)) for m in ("rate", "count"))
    assert (rate.percent_low, rate.percent_high, rate.p) == pytest.approx(
        (count.percent_low, count.percent_high, count.p)
    )


def test_an_rri_changes_more_than_chance_exactly_when_its_interval_leaves_out_nought():
    for rows in ([(50, 25), (50, 12)], [(50, 25), (50, 8)], [(500, 250), (500, 120)], [(12, 9), (9, 12)]):
        made = of_ethnicity(*rows)
        found = change.change(made)
        assert found.percent == pytest.approx(made.points["value"].iloc[1] / made.points["value"].iloc[0] - 1)
        outside = found.percent_high < 0 or found.percent_low > 0
        assert outside == (found.p <= 0.05) == (found.verdict == change.CERTAIN)
        exact = measures.fisher_test(rows[1][1], sum(rows[1]), rows[0][1], sum(rows[0])).p
        assert found.p == pytest.approx(exact, abs=0.03)


def test_no_change_is_no_change():
    found = change.change(of_ethnicity((50, 25), (50, 25)))
    assert found.percent == 0 and found.p == pytest.approx(1, abs=1e-9) and found.verdict == change.WELL_WITHIN_CHANCE


def test_from_nothing_there_is_no_percentage():
    found = change.change(of_one([(0, 20), (5, 20)], periods=YEARS, measure="share"))
    assert found.points == 0.25 and np.isnan(found.percent)
    found = change.change(of_ethnicity((20, 0), (20, 5)))
    assert np.isnan(found.percent) and found.verdict == change.CANNOT_TELL


def test_a_hidden_point_is_never_part_of_a_change():
    made = of_one([(9, 40), (None, 40), (6, 40), (None, 40)], measure="share")
    found = change.change(made)
    assert (found.first, found.last) == ("2019/20", "2021/22")
    assert change.change(made, last="2022/23") is None
    assert change.change(of_one([9, None], measure="count")) is None


def test_rolling_years_that_share_a_quarter_are_not_compared():
    windows = tuple(f"year to {q}" for q in QUARTERS[3:])
    made = of_one([20] * 9, periods=windows, every="rolling_year", unit="outcomes", measure="count")
    assert change.change(made, "year to 2020/21 Q1", "year to 2020/21 Q4") is None
    assert change.change(made, "year to 2020/21 Q1", "year to 2021/22 Q1").percent == 0
    assert change.direction(made).points == 3
    assert change.chart(made) is None
    few = of_one([20] * 8, periods=windows[:8], every="rolling_year", unit="outcomes", measure="count")
    assert wording_trends.direction(few).endswith("three rolling years that share no quarter, and this has 2.")


@pytest.mark.parametrize(
    "counts, verdict",
    [
        ([(24, 60), (18, 60), (12, 60), (8, 60)], change.FALLING),
        ([(8, 60), (12, 60), (18, 60), (24, 60)], change.RISING),
        ([(12, 60), (18, 60), (14, 60), (13, 60)], change.NO_EVIDENCE),
    ],
)
def test_the_direction_of_shares(counts, verdict):
    found = change.direction(of_one(counts, measure="share"))
    expected = measures.cochran_armitage(*zip(*counts, strict=True), method="exact")
    assert (found.verdict, found.p, found.points) == (verdict, expected.p, 4)


def test_the_direction_of_counts_and_of_many():
    found = change.direction(of_one([40, 30, 22, 15], measure="count"))
    assert found.verdict == change.FALLING and found.p == measures.poisson_trend([40, 30, 22, 15], [1] * 4).p
    many = change.direction(of_one([(400, 900), (380, 900), (370, 900)], measure="share"))
    assert "asymptotic" in many.method


def test_a_gap_keeps_its_place_in_time():
    with_gap = change.direction(of_one([(24, 60), (None, 60), (12, 60), (8, 60)], measure="share"))
    assert with_gap.p == measures.cochran_armitage([24, 12, 8], [60] * 3, scores=[0, 2, 3], method="exact").p


def test_the_direction_of_an_rri():
    found = change.direction(of_ethnicity((50, 30), (50, 22), (50, 15), (50, 9)))
    assert found.verdict == change.FALLING


SEND = ("All", "EHC plan or SEN support", "EHC plan", "No SEN")


def test_an_rri_over_moving_populations_is_not_tested():
    table = by_year("send", SEND, (75, 20, 20, 55), (70, 25, 25, 45), (70, 30, 30, 40), (55, 30, 30, 25))
    rri = trend(made_up(table, years=YEARS), by="send", group="EHC plan", measure="rri")
    assert change.direction(rri) is None and change.change(rri).verdict == change.CERTAIN


def test_two_points_have_no_direction():
    assert change.direction(of_one([(6, 20), (5, 20)], measure="share")) is None


def test_control_limits_need_twelve_points():
    counts = [(10 + i % 3, 40) for i in range(11)]
    options = {"periods": QUARTERS, "every": "quarter", "unit": "outcomes"}
    assert change.chart(of_one([*counts, (None, 40)], measure="share", **options)) is None
    made, causes = change.chart(of_one([*counts, (35, 40)], measure="share", **options))
    assert made.method == "p" and causes[-1] == "Above UCL"
    made, causes = change.chart(of_one([n for n, _ in counts] + [90], measure="count", **options))
    assert made.method == "xmr_screened" and causes[-1] == "Above UCL"


@pytest.mark.parametrize(
    "last, target, verdict",
    [
        ((2, 60), 0.2, change.ON_COURSE),
        ((14, 60), 0.2, change.CANNOT_TELL),
        ((40, 60), 0.2, change.NOT_ON_COURSE),
        ((50, 60), 0.6, change.ON_COURSE),
        ((20, 60), 0.6, change.NOT_ON_COURSE),
    ],
)
def test_the_course_to_a_target(last, target, verdict):
    made = of_one([(24, 60), (24, 60), (24, 60), last], measure="share")
    found = change.course(made, start=date(2020, 4, 1), until=date(2024, 3, 31), baseline=0.4, target=target)
    assert found.verdict == verdict
    assert found.expected == pytest.approx(0.4 + 0.75 * (target - 0.4), abs=0.002)


def test_what_says_nothing_of_a_target():
    options = {"start": date(2020, 4, 1), "until": date(2022, 3, 31), "baseline": 0.4, "target": 0.2}
    hidden = change.course(of_one([(24, 60), (None, 60)], measure="share"), **options)
    assert hidden.verdict == change.CANNOT_TELL and hidden.expected == pytest.approx(0.3, abs=0.002)
    made = of_one([(24, 60), (2, 60)], measure="share")
    for name in options:
        assert change.course(made, **options | {name: None}) == change.Course(change.CANNOT_TELL, None)
    for late in (date(2021, 4, 1), date(2021, 6, 1)):  # the last year ends on 31 March 2021
        assert change.course(made, **options | {"start": late}) == change.Course(change.CANNOT_TELL, None)
    assert change.course(made, **options | {"target": 0.4}).expected is None
    after = change.course(of_one([(2, 60)] * 4, measure="share"), **options)
    assert after == change.Course(change.ON_COURSE, 0.2)

"""Comparisons against the published case, and the rules of verdicts and hidden counts on small made-up releases."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import HERE, OTHER, made_up

from yjdisp import baselines, comparison, scale
from yjdisp.baselines import BaselineError
from yjdisp.comparison import COLUMNS, ComparisonError, at_level, compare
from yjdisp.release import Release
from yjdisp.unknowns import unknowns
from yjdisp.wording import comparison as wording_comparison

YEAR = {"year": "2021/22"}


def made(by: str, counts: dict[str, int | None], bounds: tuple[int, int] = (0, 9)) -> Release:
    """A release of one table, children by one characteristic in 2021/22; None is hidden."""
    return made_up((("year", by), {("2021/22", group): n for group, n in counts.items()}), bounds=bounds)


def row(release: Release, group: str, by: str = "ethnicity", **options) -> pd.Series:
    table = compare(release, by=by, where=YEAR, **options).table.set_index("group")
    return table.loc[group]


PUBLISHED = made("ethnicity", {"All": 45, "White": 29, OTHER: 16, "Unknown": 0})


def test_the_published_case_against_census_2021():
    found = row(PUBLISHED, OTHER)
    assert (found["count"], found["total"]) == (16, 45)
    assert (100 * found[["share", "share_low", "share_high"]]).astype(float).round(1).tolist() == [35.6, 22.7, 50.3]
    assert round(100 * found["gap"], 1) == 25.3
    assert found[["rri", "rri_low", "rri_high"]].astype(float).round(2).tolist() == [4.81, 2.55, 8.80]
    assert found["verdict"] == comparison.OVER
    exact = row(PUBLISHED, OTHER, method="exact")
    assert exact[["rri_low", "rri_high"]].astype(float).round(2).tolist() == [2.44, 9.15]


def test_the_published_case_against_census_2011():
    found = row(PUBLISHED, OTHER, baseline="2011")
    assert found[["rri", "rri_low", "rri_high"]].astype(float).round(2).tolist() == [7.76, 4.12, 14.20]
    assert found["baseline"] == "Census 2011"


def test_the_columns_are_the_contract():
    table = compare(PUBLISHED, by="ethnicity", where=YEAR).table
    assert list(table.columns[: len(COLUMNS)]) == COLUMNS
    assert table["group"].tolist() == [OTHER, "White", "Unknown"]
    assert table["verdict"].tolist()[1] == comparison.REFERENCE


def test_the_known_are_the_base_and_the_unknown_are_counted_beside():
    release = made("ethnicity", {"All": 50, "White": 29, OTHER: 16, "Unknown": 5})
    compared = compare(release, by="ethnicity", where=YEAR)
    assert (compared.total, compared.unknown) == (45, 5)
    assert row(release, OTHER)["share"] == pytest.approx(16 / 45)


def test_a_hidden_count_hides_everything_derived_from_it_but_not_its_bounds():
    release = made("ethnicity", {"All": 45, "White": 29, OTHER: 16, "Asian": None, "Black": 5, "Unknown": 0}, (0, 4))
    found = row(release, "Asian")
    derived = [c for c in COLUMNS[COLUMNS.index("share") : COLUMNS.index("verdict")] if not c.startswith("population")]
    assert found[derived].isna().all()
    assert found["verdict"] == comparison.HIDDEN
    assert found["rri_least"] == 0
    assert found["rri_most"] == pytest.approx(4 / 508 / (29 / 14997))


def test_what_holds_whatever_a_hidden_count_is_is_that_of_the_least_it_can_be():
    release = made("ethnicity", {"All": 65, "White": 29, OTHER: None, "Unknown": 0}, (16, 36))
    known = row(made("ethnicity", {"All": 45, "White": 29, OTHER: 16, "Unknown": 0}), OTHER)
    found = row(release, OTHER)
    assert (found["rri_least"], found["rri_low_least"]) == pytest.approx((known["rri"], known["rri_low"]))
    assert known["rri_low"] == pytest.approx(2.55, abs=0.005)  # the published case


def test_a_hidden_total_hides_every_share():
    release = made("ethnicity", {"All": None, "White": 29, OTHER: 16, "Unknown": None})
    found = row(release, OTHER)
    assert found["total"] == 45
    release = made("ethnicity", {"All": None, "White": 29, OTHER: None, "Unknown": 0})
    assert pd.isna(row(release, "White")["total"])
    assert pd.isna(row(release, "White")["share"])


def test_no_reference_count_no_ratio_against_it():
    release = made("ethnicity", {"All": 45, "White": None, OTHER: 16, "Unknown": 0}, (10, 29))
    found = row(release, OTHER)
    assert pd.isna(found["rri"])
    assert found["rri_rest"] > 1
    assert found["rri_least"] == pytest.approx(16 / 1721 / (29 / 14997))


@pytest.mark.parametrize(
    ("group", "white", "verdict"),
    [
        (16, 29, comparison.OVER),
        (0, 45, comparison.TOO_FEW),
        (0, 400, comparison.TOO_FEW),
        (5, 40, comparison.IN_LINE),
        (7, 38, comparison.TOO_FEW),
        (10, 400, comparison.UNDER),
    ],
)
def test_a_verdict_needs_size_and_certainty(group, white, verdict):
    release = made("ethnicity", {"All": group + white, "White": white, OTHER: group, "Unknown": 0})
    assert row(release, OTHER)["verdict"] == verdict


def test_more_children_than_the_population_is_flagged():
    release = made("ethnicity", {"All": 330, "White": 29, "Other": 301, "Unknown": 0})
    found = row(release, "Other")
    assert found["verdict"] == comparison.MORE_THAN_POPULATION
    assert pd.isna(found["rri"]) and pd.isna(found["share"])


def test_more_offences_than_children_are_no_more_children_than_the_population():
    """One child can have several: 140 offences by the children looked after of whom 134 live here."""
    looked_after = {"All": 400, "Looked after": 140, "Not looked after": 260, "Unknown": 0}
    source = made_up((("year", "care"), {("2021/22", g): n for g, n in looked_after.items()}), unit="offences")
    found = row(source, "Looked after", by="care", unit="offences")
    assert found["population"] < 140
    share = found["population_share"]
    assert found["rri"] == pytest.approx(140 / 260 * (1 - share) / share) and found["verdict"] == comparison.OVER
    counts = {("2021/22", g): n for g, n in (looked_after | {"Looked after": None}).items()}
    hidden = made_up((("year", "care"), counts), unit="offences", bounds=(130, 150))
    found = row(hidden, "Looked after", by="care", unit="offences")
    assert found["rri_most"] == pytest.approx(150 / 250 * (1 - share) / share)


def test_children_of_three_years_may_be_more_than_live_there_in_one():
    counts = {"All": 600, "White": 400, "Black": 200, "Unknown": 0}

    def pooled(*years: str) -> pd.Series:
        source = made_up((("ethnicity",), {(g,): n for g, n in counts.items()}), years=years)
        return compare(source, by="ethnicity").table.set_index("group").loc["Black"]

    found = pooled("2019/20", "2020/21", "2021/22")
    assert 200 / 3 < found["population"] < 200
    assert found["rri"] == pytest.approx(200 / found["population"] / (400 / 14997))
    assert found["verdict"] == comparison.OVER
    assert pooled("2021/22")["verdict"] == comparison.MORE_THAN_POPULATION


@pytest.mark.parametrize(("reference", "others"), [("White", lambda x: 24), ("everyone else", lambda x: 30 - x)])
def test_a_hidden_count_is_no_more_children_than_live_there(reference, others, tmp_path):
    source = made("ethnicity", {"All": 30, "White": 24, "Black": None, "Unknown": 0}, (0, 4))
    found = row(of_own(source, tmp_path, "All,13203, White,13200, Black,3,"), "Black", reference=reference)
    each = [x / 3 / (others(x) / 13200) for x in range(4)]
    assert (found["rri_least"], found["rri_most"]) == pytest.approx((min(each), max(each)))


def test_percentages_without_counts_work_through_the_share():
    release = made("send", {"All": 45, "EHC plan": 16, "SEN support": 7, "No SEN": 22, "Unknown": 0})
    found = row(release, "EHC plan", by="send")
    q = 0.041
    assert found["rri"] == found["rri_rest"] == pytest.approx(16 / 29 * (1 - q) / q)
    assert pd.isna(found["population"])


def test_another_reference_and_an_unknown_one():
    assert row(PUBLISHED, OTHER, reference="everyone else")["rri"] == pytest.approx(row(PUBLISHED, OTHER)["rri_rest"])
    with pytest.raises(ComparisonError, match="White"):
        row(PUBLISHED, OTHER, reference="Martian")
    with pytest.raises(BaselineError, match="Census 2011"):
        row(PUBLISHED, OTHER, baseline="Census 1801")


@given(group=st.integers(0, 60), white=st.integers(0, 400), method=st.sampled_from(["midp", "exact"]))
def test_what_shares_a_row_agrees(group, white, method):
    release = made("ethnicity", {"All": group + white, "White": white, OTHER: group, "Unknown": 0})
    found = row(release, OTHER, method=method, reference="everyone else")
    if group + white == 0:
        assert pd.isna(found["share"])
        return
    excludes = found["gap_low"] > 0 or found["gap_high"] < 0
    assert excludes == (found["rri_low"] > 1 or found["rri_high"] < 1) == (found["p"] <= 0.05)
    assert found["gap"] == pytest.approx(found["share"] - found["population_share"])
    assert (found["verdict"] in (comparison.OVER, comparison.UNDER)) <= excludes


def test_a_level_keeps_the_groups_that_divide_everybody_once():
    counts = {
        ("All",): 60,
        (OTHER,): 20,
        ("White",): 40,
        ("Unknown",): 0,
        ("Asian",): 12,
        ("Mixed",): 8,
        ("Indian",): 7,
    }
    source = made_up((("ethnicity",), counts))
    c, dimension = compare(source, by="ethnicity"), source.dimensions["ethnicity"]

    def groups(level):
        return list(at_level(c, dimension, level).table["group"])

    assert groups(1) == [OTHER, "White", "Unknown"]
    assert groups(2) == ["Asian", "Mixed", "White", "Unknown"]
    assert groups(3) == ["Indian", "Mixed", "White", "Unknown"]
    assert groups(None) == [OTHER, "White", "Asian", "Mixed", "Unknown"]


PARTS = made("ethnicity", {"All": 45, "White": 20, OTHER: 25, "Black": 12, "Mixed": 8, "Asian": None, "Unknown": 0})


@pytest.mark.parametrize("reference", [OTHER, "Black"])
def test_what_is_part_of_the_reference_group_or_holds_it_is_not_compared_with_it(reference):
    other = {OTHER: "Black", "Black": OTHER}[reference]
    assert row(PARTS, other, reference=reference)["verdict"] == comparison.OVERLAPS
    assert row(PARTS, "White", reference=reference)["verdict"] == comparison.UNDER


def test_a_hidden_reference_group_hides_the_verdicts_of_the_others():
    table = compare(PARTS, by="ethnicity", where=YEAR, reference="Asian").table.set_index("group")
    assert table.loc[["White", "Black", "Mixed"], "verdict"].tolist() == [comparison.HIDDEN] * 3


def test_more_children_in_a_group_than_in_all_after_rounding_cannot_be_worked_out():
    rounded = made("sex", {"All": 45, "Boys": 40, "Girls": 0, "Unknown": 10})
    assert row(rounded, "Boys", by="sex")["verdict"] == comparison.HIDDEN


def of_own(source: Release, tmp_path, rows: str) -> Release:
    """The same release with a baseline of its own: rows of group, population and percentage."""
    lines = [
        f"Own,ethnicity,{group},{HERE},2021,10–17,{rest},s" for group, rest in (r.split(",", 1) for r in rows.split())
    ]
    heading = "baseline,characteristic,group,area,year,age_range,population,percentage,source"
    (tmp_path / "own.csv").write_text("\n".join([heading, *lines]), encoding="utf-8")
    return replace(source, baselines=baselines.read(tmp_path / "own.csv"))


def test_of_the_finest_groups_the_reference_need_not_be_among_them(tmp_path):
    counts = {"All": 60, OTHER: 18, "White": 40, "Asian": 18, "Irish": 8, "Unknown": 2, "Indian": 18}
    known = "All,10000, White,9000, Irish,1200, Indian,400,"
    source = of_own(made("ethnicity", counts), tmp_path, known)
    c = at_level(compare(source, by="ethnicity", where=YEAR), source.dimensions["ethnicity"], 3)
    assert "White" not in set(c.table["group"])
    irish = c.table.set_index("group").loc["Irish"]
    indian = c.table.set_index("group").loc["Indian"]
    assert (indian["others"], indian["others_share"]) == (40, 0.9)
    assert irish["verdict"] == comparison.OVERLAPS
    assert unknowns(c).table.set_index("group")["rri"].to_dict() == pytest.approx({"Indian": 18 / 400 / (40 / 9000)})
    assert wording_comparison.caveats([c], ("2021/22",)) and scale.detectable(c).empty


def test_a_share_beside_numbers_is_a_share_of_the_same_children(tmp_path):
    source = of_own(
        made("ethnicity", {"All": 90, "White": 60, "Black": 20}), tmp_path, "All,10000, White,8000, Black,,10"
    )
    assert row(source, "Black")["rri"] == pytest.approx(20 / 1000 / (60 / 8000))


def test_an_area_is_the_same_in_any_spelling():
    counts = {(a, g): n for a in (HERE, "Gloucestershire") for g, n in (("All", 45), ("White", 29), (OTHER, 16))}
    source = made_up((("area", "ethnicity"), counts), areas=(HERE, "Gloucestershire"))
    one, other = (compare(source, by="ethnicity", where={"area": a}) for a in ("Gloucestershire", "gloucestershire "))
    assert one.baseline == other.baseline and one.baseline.area == "Gloucestershire"
    assert other.where == {"area": "Gloucestershire"}


def test_a_year_may_be_a_name_and_all_years_no_year():
    cohort = made_up(
        (("year", "ethnicity"), {("latest cohort", g): n for g, n in (("White", 29), (OTHER, 16))}),
        years=("latest cohort",),
    )
    assert compare(cohort, by="ethnicity", where={"year": "latest cohort"}).baseline.name == "Census 2021"
    pooled = made_up(
        (("ethnicity",), {("White",): 29, (OTHER,): 16}), (("year", "ethnicity"), {("2021/22", "White"): 29})
    )
    assert compare(pooled, by="ethnicity", where={"year": "all"}).where == {}


def test_all_years_together_take_the_baseline_nearest_to_the_last():
    years = tuple(f"{year}/{year - 1999:02}" for year in range(2010, 2022))
    counts = {("All",): 45, ("White",): 29, (OTHER,): 16, ("Unknown",): 0}
    assert compare(made_up((("ethnicity",), counts), years=years), by="ethnicity").baseline.name == "Census 2021"


def test_a_quarter_is_of_one_years_children():
    """2,000 of a group of whom 1,721 live there: twice that in two years."""
    counts = {("2020/21 Q1", g): n for g, n in {"All": 2029, "White": 29, OTHER: 2000, "Unknown": 0}.items()}
    source = made_up((("quarter", "ethnicity"), counts), years=("2020/21", "2021/22"))
    table = compare(source, by="ethnicity", where={"quarter": "2020/21 Q1"}).table.set_index("group")
    assert table.loc[OTHER, "verdict"] == comparison.MORE_THAN_POPULATION


def test_as_many_as_live_there_are_possible():
    assert (
        row(made("ethnicity", {"All": 1750, "White": 29, OTHER: 1721, "Unknown": 0}), OTHER)["verdict"]
        == comparison.OVER
    )


@pytest.mark.parametrize(("low", "high"), [(1.0, 3.0), (0.4, 1.0)])
def test_an_interval_that_touches_1_is_not_certain(low, high):
    assert comparison.verdict((low * high) ** 0.5, low, high, 20) == comparison.TOO_FEW


def test_the_unknown_are_no_part_of_a_share():
    unknown = row(made("ethnicity", {"All": 50, "White": 29, OTHER: 16, "Unknown": 5}), "Unknown")
    assert unknown[["total", "share", "rri_rest"]].isna().all()

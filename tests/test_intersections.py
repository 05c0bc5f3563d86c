"""Two characteristics at once, by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from made_up import OTHER, made_up

from yjdisp import comparison
from yjdisp.charts import intersections as charts_intersections
from yjdisp.intersections import intersections
from yjdisp.wording import intersections as wording_intersections

COUNTS = {
    ("All", "All"): 100, ("All", "EHC plan"): 40, ("All", "No SEN"): 55, ("All", "Unknown"): 5,
    (OTHER, "All"): 30, (OTHER, "EHC plan"): 20, (OTHER, "No SEN"): None, (OTHER, "Unknown"): None,
    ("White", "All"): 70, ("White", "EHC plan"): 20, ("White", "No SEN"): None, ("White", "Unknown"): None,
}  # fmt: skip


def test_each_group_is_set_against_everyone_else():
    table = intersections(made_up((("ethnicity", "send"), COUNTS)), rows="ethnicity", columns="send").table
    assert not table["group"].isin(["All", "Unknown"]).any() and not table["value"].isin(["All", "Unknown"]).any()
    ehc = table.set_index(["group", "value"]).loc[(OTHER, "EHC plan")]
    assert ehc["rri"] == pytest.approx((20 / 30) / (20 / 70))
    assert ehc["verdict"] == comparison.OVER
    assert ehc["out_of"] == 30


def test_a_hidden_count_stays_hidden():
    table = intersections(made_up((("ethnicity", "send"), COUNTS)), rows="ethnicity", columns="send").table
    hidden = table.set_index(["group", "value"]).loc[(OTHER, "No SEN")]
    assert hidden["verdict"] == comparison.HIDDEN
    assert pd.isna(hidden["share"]) and pd.isna(hidden["rri"])


def test_a_hidden_count_leaves_its_ratio_a_range():
    table = intersections(made_up((("ethnicity", "send"), COUNTS)), rows="ethnicity", columns="send").table
    hidden = table.set_index(["group", "value"]).loc[(OTHER, "No SEN")]
    assert hidden["rri_least"] == 0
    assert hidden["rri_most"] == pytest.approx((9 / 30) / ((55 - 9) / 70))


@pytest.mark.parametrize(("girls", "bounds"), [(10, (0, 9)), (10, (0, 30)), (4, (0, 30)), (15, (3, 12)), (10, (6, 8))])
def test_the_range_of_a_hidden_count_is_that_of_every_count_that_can_be(girls, bounds):
    counts = {("All", "All"): 20, ("All", "SEN support"): 15, ("Girls", "All"): girls, ("Girls", "SEN support"): None}
    found = intersections(made_up((("sex", "send"), counts), bounds=bounds), rows="sex", columns="send").table
    (row,) = found.to_dict("records")
    can_be = [x for x in range(bounds[0], bounds[1] + 1) if x <= girls and 15 - x <= 20 - girls]
    ratios = [(x / girls) / ((15 - x) / (20 - girls)) for x in can_be]
    assert (row["rri_least"], row["rri_most"]) == pytest.approx((min(ratios), max(ratios)))


def test_nobody_in_a_group_is_nobody_to_compare_and_not_hidden():
    counts = {**COUNTS, (OTHER, "All"): 0, (OTHER, "EHC plan"): 0, (OTHER, "No SEN"): 0, (OTHER, "Unknown"): 0}
    found = intersections(made_up((("ethnicity", "send"), counts)), rows="ethnicity", columns="send")
    nobody = found.table.set_index(["group", "value"]).loc[(OTHER, "EHC plan")]
    assert nobody["verdict"] == comparison.TOO_FEW and wording_intersections.numbers(nobody) == "nobody to compare"
    said = " ".join(wording_intersections.answer(found, ("2021/22",)))
    assert "(nobody to compare)" in said and "nan" not in said + wording_intersections.table(found).to_csv()
    assert "nobody to compare" in str(charts_intersections.heat_map(found))


def test_no_more_have_it_than_have_it_in_all():
    """Of 6 among 20 a group of 10 has 2 at least: more than 6 it cannot have."""
    counts = {("All", "All"): 20, ("All", "SEN support"): 6, ("Girls", "All"): 10, ("Girls", "SEN support"): None}
    source = made_up((("sex", "send"), counts), bounds=(2, 9))
    (found,) = intersections(source, rows="sex", columns="send").table.to_dict("records")
    assert (found["rri_least"], found["rri_most"]) == (pytest.approx((2 / 10) / (4 / 10)), float("inf"))


def test_a_hidden_margin_is_hidden():
    counts = {("All", "All"): 100, ("All", "EHC plan"): None, (OTHER, "All"): 30, (OTHER, "EHC plan"): 20}
    found = intersections(made_up((("ethnicity", "send"), counts)), rows="ethnicity", columns="send").table
    assert found["verdict"].tolist() == [comparison.HIDDEN]

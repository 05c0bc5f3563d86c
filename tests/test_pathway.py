"""The pathway against the worked stage values, with a hidden stage, and with diversion read the other way round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import OTHER, made_up

from yjdisp import comparison
from yjdisp.pathway import pathway
from yjdisp.wording import pathway as wording_pathway

GROUP = {"All": 16, "Diversion": 2, "Informal": 5, "Statutory pre-court": 0, "Court": 9, "Custody": 3}
WHITE = {"All": 29, "Diversion": 10, "Informal": 8, "Statutory pre-court": 0, "Court": 11, "Custody": 1}
GROUPS = {("All",): 45, (OTHER,): 16, ("White",): 29, ("Unknown",): 0}


def by_outcome(group=None, white=None):
    counts = {(OTHER, o): n for o, n in (GROUP | (group or {})).items()}
    return counts | {("White", o): n for o, n in (WHITE | (white or {})).items()}


def found(counts):
    release = made_up((("ethnicity",), GROUPS), (("ethnicity", "outcome"), counts))
    return pathway(release, group=OTHER, baseline="2011")


def test_stage_ratios_are_the_worked_ones():
    """shared golden values: 1047, 16, 9, 3 against 14717, 29, 11, 1."""
    steps = found(by_outcome()).steps.set_index("stage")
    assert steps.loc["caseload", "rri"] == pytest.approx(7.75522840299048)
    assert steps.loc["custody", "rri"] == pytest.approx(3.66666666666667)
    assert steps.loc["custody", "cumulative"] == pytest.approx(42.1690544412607)
    court = steps.loc["statutory outcome", "rri"] * steps.loc["court", "rri"]
    assert court == pytest.approx(1.48295454545455)
    assert steps["log_share"].dropna().sum() == pytest.approx(1)
    assert steps.loc["custody", "cumulative_low"] < 42 < steps.loc["custody", "cumulative_high"]
    assert steps.loc["caseload", "cumulative_low"] == steps.loc["caseload", "rri_low"]
    assert steps.loc["caseload", "verdict"] == comparison.OVER


def test_a_hidden_stage_is_named_and_the_next_is_set_against_the_one_before():
    way = found(by_outcome(white={"Statutory pre-court": None, "Custody": None}))
    assert way.gaps["stage"].tolist() == ["statutory outcome", "custody"]
    court = way.steps.set_index("stage").loc["court"]
    assert court["out_of"] == "caseload"
    assert court["rri"] == pytest.approx(1.48295454545455)


def test_diversion_is_read_the_other_way_round():
    diverted = found(by_outcome()).steps.set_index("stage").loc["diverted"]
    assert diverted["rri"] == pytest.approx((7 / 16) / (18 / 29))
    assert diverted["disadvantage"] == pytest.approx((18 / 29) / (7 / 16))
    assert diverted["disadvantage_low"] < diverted["disadvantage"] < diverted["disadvantage_high"]


def test_without_outcomes_only_the_caseload_is_shown():
    way = pathway(made_up((("ethnicity",), GROUPS)), group=OTHER)
    assert way.steps["stage"].tolist() == ["caseload"]
    assert way.gaps["stage"].tolist() == ["statutory outcome", "court", "custody", "diverted"]


def test_over_three_years_the_population_counts_three_times():
    counts = {("All",): 2000, (OTHER,): 1800, ("White",): 200, ("Unknown",): 0}
    way = pathway(made_up((("ethnicity",), counts), years=("2019/20", "2020/21", "2021/22")), group=OTHER)
    (step,) = way.steps.to_dict("records")
    assert (step["group_base"], step["reference_base"]) == (3 * 1721, 3 * 14997)
    assert step["rri"] == pytest.approx(1800 / 1721 / (200 / 14997))


@pytest.mark.parametrize("known", ["nobody lives there", "nothing is published"])
def test_a_group_without_a_population_has_no_ratio_to_it_but_those_of_later_stages(known):
    groups = {("All",): 45, ("Black",): 16, ("White",): 29, ("Unknown",): 0}
    outcomes = {(g.replace(OTHER, "Black"), o): n for (g, o), n in by_outcome().items()}
    release = made_up((("ethnicity",), groups), (("ethnicity", "outcome"), outcomes))
    rows = release.baselines
    if known == "nobody lives there":
        rows = rows.assign(population=rows["population"].mask(rows["group"] == "Black", 0))
    else:
        rows = rows[rows["group"] != "Black"]
    steps = pathway(replace(release, baselines=rows), group="Black", baseline="Census 2021").steps.set_index("stage")
    assert np.isnan(steps.loc["caseload", ["group_base", "rri", "cumulative"]].astype(float)).all()
    assert steps.loc["custody", "rri"] == pytest.approx((3 / 9) / (1 / 11))


def test_two_groups_are_needed():
    with pytest.raises(comparison.ComparisonError):
        pathway(made_up((("ethnicity",), GROUPS)), group=OTHER, reference="everyone else")


def test_a_hidden_stage_leaves_a_range_out_of_the_stage_before_it():
    gaps = found(by_outcome(group={"Custody": None})).gaps.set_index("stage")
    assert gaps.loc["custody", "out_of"] == "court"
    assert (gaps.loc["custody", "group_low"], gaps.loc["custody", "group_high"]) == (0, 9)
    assert (gaps.loc["custody", "least"], gaps.loc["custody", "most"]) == (0, pytest.approx(1 / (1 / 11)))


def test_a_hidden_favourable_stage_is_turned_round():
    gap = found(by_outcome(group={"Informal": None})).gaps.set_index("stage").loc["diverted"]
    assert (gap["group_low"], gap["group_high"]) == (2, 11)
    assert (gap["least"], gap["most"]) == pytest.approx(((18 / 29) / (11 / 16), (18 / 29) / (2 / 16)))


def test_a_stage_that_is_not_published_has_no_range():
    gaps = pathway(made_up((("ethnicity",), GROUPS)), group=OTHER).gaps.set_index("stage")
    assert not gaps["published"].any()
    assert gaps["least"].isna().all()


def test_a_hidden_caseload_is_a_gap_too():
    release = made_up((("ethnicity",), GROUPS | {(OTHER,): None}))
    way = pathway(release, group=OTHER, baseline="2011")
    assert way.steps.empty
    assert way.gaps.iloc[0]["most"] == pytest.approx((9 / 1047) / (29 / 14717))


def test_a_hidden_part_is_at_most_its_whole():
    gap = found(by_outcome(group={"Court": 4, "Custody": None})).gaps.set_index("stage").loc["custody"]
    assert (gap["group_low"], gap["group_high"]) == (0, 4)


def test_a_hidden_caseload_widens_diversion():
    """7 of 8 to 20 were not diverted, 18 of 29 of the others."""
    source = made_up(
        (("ethnicity",), GROUPS), (("ethnicity", "outcome"), by_outcome(group={"All": None})), bounds=(8, 20)
    )
    gap = pathway(source, group=OTHER, baseline="2011").gaps.set_index("stage").loc["diverted"]
    assert (gap["least"], gap["most"]) == pytest.approx(((18 / 29) / (7 / 8), (18 / 29) / (7 / 20)))


def test_a_hidden_diversion_has_both_ways_round():
    """2 to 11 of 16 over 18 of 29."""
    line = wording_pathway.table(found(by_outcome(group={"Informal": None}))).set_index("Stage").loc["Diverted"]
    assert line["Times as likely as White children"] == "[c] 0.20 to 1.11"
    assert line[wording_pathway.WORSE] == "[c] 0.90 to 4.97"


def test_no_finding_beside_a_hidden_stage_says_so():
    outcomes = {(OTHER, "All"): 176, ("White", "All"): 1500, (OTHER, "Custody"): None, ("White", "Custody"): 20}
    children = {("All",): 1676, (OTHER,): 176, ("White",): 1500, ("Unknown",): 0}
    way = pathway(made_up((("ethnicity",), children), (("ethnicity", "outcome"), outcomes)), group=OTHER)
    said = wording_pathway.answer(way, ("2021/22",))[0]
    assert "no stage at which" in said and "Only 1 of the 5 stages can be judged" in said


def test_a_base_known_for_one_group_alone_is_a_share_for_both():
    """134 children looked after, of 16,718 of whom the others are not counted: 12 and 48 are set against shares."""
    counts = {("All",): 60, ("Looked after",): 12, ("Not looked after",): 48, ("Unknown",): 0}
    steps = pathway(
        made_up((("care",), counts)), group="Looked after", by="care", reference="Not looked after"
    ).steps.set_index("stage")
    assert steps.loc["caseload", "rri"] == pytest.approx(12 / 134 / (48 / (16718 - 134)))


def test_a_finding_at_one_stage_says_how_many_could_be_judged():
    outcomes = {(OTHER, "All"): 60, ("White", "All"): 60}
    children = {("All",): 120, (OTHER,): 60, ("White",): 60, ("Unknown",): 0}
    way = pathway(made_up((("ethnicity",), children), (("ethnicity", "outcome"), outcomes)), group=OTHER)
    said = wording_pathway.answer(way, ("2021/22",))[0]
    assert "at one stage by more than chance" in said and "Only 1 of the 5 stages can be judged" in said


def test_of_a_stage_that_is_turned_round_the_children_are_the_other_groups():
    """None of 40 was diverted, against half of the others: that is worse by more than chance, and not too few to tell."""
    line = found(by_outcome(group={"Diversion": 0, "Informal": 0})).steps.set_index("stage").loc["diverted"]
    assert line["group"] == 0 < line["reference"] and line["disadvantage_low"] > 1
    assert line["verdict"] == comparison.OVER

"""The words about what happens inside the system: answers with their uncertainty, hidden counts, what is never said."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from made_up import OTHER, SHIPPED, made_up
from test_pathway import GROUPS, by_outcome
from test_treatment import cells

from yjdisp import comparison, wording
from yjdisp.contrast import division
from yjdisp.pathway import pathway
from yjdisp.treatment import treatment
from yjdisp.wording import pathway as wording_pathway
from yjdisp.wording import system as wording_system
from yjdisp.wording import treatment as wording_treatment
from yjdisp.wording.views import GRAVITY_VIEWS, OUTCOME_VIEWS, View, got, noun, subject

NEVER = re.compile(r"times more|BAME|non-White|minorit|discriminat|\bnan\b|\binf\b|(?<![.\d])(?!95%)\d+%")
YEARS = ("2020/21", "2021/22")
BANDS, SCORES, SERIOUS = GRAVITY_VIEWS
GRAVITY = {
    (OTHER, "All"): 160, (OTHER, "1–4"): 100, (OTHER, "5–8"): 60,
    ("White", "All"): 290, ("White", "1–4"): 250, ("White", "5–8"): 40,
    ("Unknown", "All"): 0,
}  # fmt: skip


def divided(counts, unit="children", **options):
    release = made_up((("ethnicity", "gravity"), counts), unit=unit, **options)
    return division(release, of="gravity", group=OTHER, unit=unit)


def everything_divided(of, view: View) -> str:
    return "\n".join(
        [
            *wording_system.answer(of, view, YEARS),
            wording_system.describe(of, view, YEARS),
            wording_system.table(of, view).to_csv(),
            *wording_system.worked_out(of),
            *wording_system.caveats(of, view, YEARS, OUTCOME_VIEWS),
        ]
    )


def everything_treated(of) -> str:
    return "\n".join(
        [
            *wording_treatment.answer(of, YEARS),
            wording_treatment.describe(of, YEARS),
            wording_treatment.table(of).to_csv(),
            *wording_treatment.worked_out(of),
            *wording_treatment.caveats(of, YEARS, OUTCOME_VIEWS),
        ]
    )


def everything_on_the_way(of) -> str:
    return "\n".join(
        [
            *wording_pathway.answer(of, YEARS),
            wording_pathway.describe(of, YEARS),
            wording_pathway.table(of).to_csv(),
            *wording_pathway.worked_out(of),
            *wording_pathway.caveats(of, YEARS),
        ]
    )


def way(counts, groups=GROUPS, **options):
    release = made_up((("ethnicity",), groups), (("ethnicity", "outcome"), counts), **options)
    return pathway(release, group=OTHER, baseline="2011")


def test_an_answer_has_both_shares_the_size_and_the_uncertainty():
    first, gap = wording_system.answer(divided(GRAVITY), BANDS, ("2021/22",))
    assert first == (
        "In 2021/22, 37.5% of children from all other ethnic groups combined in the caseload had an offence of gravity "
        "5–8 as their most serious, against 13.8% of White children: 2.7 times as often, and between 1.92 and 3.9 times "
        "once chance is allowed for."
    )
    assert gap == "The gap is 23.7 percentage points (15.3 to 32.2 once chance is allowed for)."


def test_small_numbers_are_not_called_a_finding():
    few = {key: n // 20 for key, n in GRAVITY.items()}
    assert (
        "not enough children to tell whether that is more than chance"
        in wording_system.answer(divided(few), BANDS, YEARS)[0]
    )


def test_offences_are_said_to_be_offences():
    said = wording_system.answer(divided(GRAVITY, "offences"), BANDS, YEARS)
    assert "37.5% of the offences of children from all other ethnic groups combined were of gravity 5–8" in said[0]
    assert "against 13.8% of those of White children" in said[0]
    assert "These are offences, not children." in said[2]


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ((2, 9), "less often whatever the hidden counts are"),
        ((2, 60), "each by itself, leave both more and less often possible"),
    ],
)
def test_a_hidden_count_is_answered_with_what_it_leaves(bounds, left):
    of = divided(GRAVITY | {(OTHER, "5–8"): None}, bounds=bounds)
    first, *rest = wording_system.answer(of, BANDS, YEARS)
    assert left in first and (
        "more than chance is not worked out here" in first or "before chance is allowed for" in first
    )
    assert not rest
    line = wording_system.table(of, BANDS).iloc[2]
    assert line["Children"] == f"[c] between {bounds[0]} and {bounds[1]}"
    assert line["Finding"] == "hidden"
    assert line["Gap, percentage points"] == "[c]"


def test_none_at_all_is_said_as_none_and_not_as_too_few():
    of = divided(GRAVITY | {(OTHER, "5–8"): 0, (OTHER, "1–4"): 160})
    assert wording_system.answer(of, BANDS, YEARS)[0].endswith("(none; anything up to 0.13 times fits).")
    assert wording_system.table(of, BANDS).iloc[2]["Finding"] == "none in this group"


def test_a_share_of_a_hidden_base_that_may_be_nobody_is_said_in_words():
    row = {"group_share": float("nan"), "group_share_least": 0.0, "group_share_most": float("nan")}
    assert wording_system.share(row, "group") == wording.BEHIND
    row |= {"group_share_most": 0.5}
    assert wording_system.share(row, "group") == "between 0.0% and 50.0%"


@pytest.mark.parametrize(
    ("ends", "ways"), [((0.5, 2.5), "both more and less often"), ((1.0, 2.5), "as often and more often")]
)
def test_only_what_is_possible_is_said_to_be(ends, ways):
    assert f"leave {ways} possible" in wording_system.left_possible(*ends)


def test_a_group_without_anybody_is_not_compared():
    of = divided({key: 0 if key[0] == OTHER else n for key, n in GRAVITY.items()})
    assert wording_system.table(of, BANDS).iloc[0]["Finding"] == "nobody to compare"
    assert not NEVER.search(everything_divided(of, BANDS))


def test_what_a_release_leaves_out_is_named():
    said = wording_system.caveats(divided(GRAVITY), BANDS, YEARS, [SCORES, SERIOUS])
    assert any("“Gravity, scores 1 to 8” and “Serious violence”" in text for text in said)


@pytest.mark.parametrize("unit", ["children", "outcomes", "offences"])
def test_every_view_has_a_sentence_for_its_values(unit):
    for view in (*GRAVITY_VIEWS, *OUTCOME_VIEWS):
        for value in (view.focus, *view.values):
            assert got(view.of, value, unit).startswith(("had ", "were ", "ended in "))
    assert noun("outcome", "Court", "outcomes") == "court outcomes"
    assert subject("White", unit).endswith("in the caseload" if unit == "children" else "White children")


PUBLISHED = [(40, 200), (80, 100)], [(60, 600), (90, 120)]


def test_the_adjusted_answer_comes_first_then_raw_split_test_and_what_it_does_not_prove():
    said = wording_treatment.answer(treatment(cells(*PUBLISHED), group=OTHER), ("2021/22",))
    assert said[0] == (
        "In 2021/22, at the same gravity the outcomes of children from all other ethnic groups combined were court outcomes "
        "1.32 times as often as those of White children, and between 1.13 and 1.55 times once chance is allowed for."
    )
    assert said[1].startswith("Whatever the gravity (raw): 40.0% of the outcomes")
    assert "19.2 percentage points, 10.4 come from how grave the offences are (mix) and 8.8 from" in said[2]
    assert "no evidence that the gravity bands differ" in said[3]
    assert said[-1] == wording_treatment.NOTHING_PROVED


def test_bands_that_differ_say_that_one_ratio_does_not_sum_them_up():
    said = wording_treatment.answer(
        treatment(cells([(90, 100), (10, 100)], [(10, 100), (90, 100)]), group=OTHER), YEARS
    )
    assert any("one ratio does not sum them up" in text for text in said)


def test_an_adjusted_gap_proves_nothing_either_way_is_the_first_caveat():
    found = treatment(cells(*PUBLISHED, (2, 3)), group=OTHER)
    said = wording_treatment.caveats(found, YEARS, ())
    assert said[0].startswith("An adjusted gap proves nothing either way.")
    assert any(text.startswith("5 of the outcomes of the two groups have no gravity score") for text in said)


def test_hidden_bands_leave_the_question_open_with_their_bounds():
    found = treatment(cells([(None, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER)
    raw, open_question, *_ = wording_treatment.answer(found, YEARS)
    assert raw.startswith("Over 2020/21 to 2021/22, whatever the gravity (raw): between ")
    assert (
        "cannot be told: at the same gravity, hidden counts, each by itself, leave both more and less often possible"
        in open_question
    )
    assert wording_treatment.table(found)["Finding"].tolist() == ["hidden", "hidden", "in line", "hidden"]


def test_without_gravity_only_the_raw_figure_is_said():
    totals = {(OTHER, "Court"): 4, (OTHER, "All"): 16, ("White", "Court"): 12, ("White", "All"): 29}
    found = treatment(made_up((("ethnicity", "outcome"), totals), unit="outcomes"), group=OTHER)
    raw, open_question, *_ = wording_treatment.answer(found, YEARS)
    assert "25.0% of the outcomes" in raw
    assert wording_treatment.NO_BANDS in open_question
    assert len(wording_treatment.table(found)) == 1


def test_the_pathway_says_where_and_how_much():
    said = wording_pathway.answer(way(by_outcome()), YEARS)
    assert said[0] == (
        "Over 2020/21 to 2021/22, children from all other ethnic groups combined stood worse than White children at one "
        "stage by more than chance: 7.8 (4.1 to 14) times as likely to be in the caseload."
    )
    assert any(
        text.startswith("The stages multiply: caseload 7.8, statutory outcome 1.48, court 1.00") for text in said
    )
    assert any("White children were 1.42 (0.802 to 3.0) times as likely to be diverted" in text for text in said)


def test_a_stage_that_is_in_line_and_more_than_chance_is_not_said_to_be_chance():
    groups = {("All",): 3230, (OTHER,): 230, ("White",): 3000, ("Unknown",): 0}
    others = {"All": 230, "Statutory pre-court": 92, "Court": 138, "Custody": 2, "Diversion": 0, "Informal": 0}
    white = {"All": 3000, "Statutory pre-court": 1500, "Court": 1500, "Custody": 30, "Diversion": 0, "Informal": 0}
    in_line = way(by_outcome(others, white), groups)
    step = in_line.steps.set_index("stage").loc["court"]
    assert step["rri"] == pytest.approx(1.2) and step["rri_low"] > 1
    said = wording_pathway.answer(in_line, YEARS)[0]
    assert "no stage at which" in said and "by more than 1.25 times." in said and "chance" not in said


def test_many_stages_are_named_briefly():
    larger = {key: 20 * n for key, n in by_outcome(white={"Statutory pre-court": 5}).items()}
    groups = {key: 20 * n for key, n in GROUPS.items()}
    first = wording_pathway.answer(way(larger, groups), YEARS)[0]
    assert "at 4 stages by more than chance: caseload 7.8 (6.8 to 8.9), " in first
    assert first.endswith("diverted (turned round) 1.42 (1.24 to 1.64) times.")


def test_stages_in_one_direction_have_their_parts_on_the_logarithmic_scale():
    said = wording_pathway.answer(way(by_outcome(white={"Statutory pre-court": 2, "Court": 9})), YEARS)
    assert any("that is made up of" in text and "% caseload" in text for text in said)


def test_a_hidden_stage_is_a_gap_with_its_range_and_an_absent_one_is_named():
    counts = by_outcome(group={"Custody": None})
    counts = {key: n for key, n in counts.items() if key[1] not in ("Diversion", "Informal")}
    found = way(counts)
    said = wording_pathway.answer(found, YEARS)
    assert any("sentenced to custody once at court (0 to 11 times)" in text for text in said)
    assert "Not published for these two groups: diverted." in said
    table = wording_pathway.table(found).set_index("Stage")
    assert table.loc["Custody", f"{OTHER}: children"] == "[c] between 0 and 9 of 9"
    assert table.loc["Custody", "Times as likely as White children"] == "[c] 0.00 to 11.00"
    assert table.loc["Diverted", "Finding"] == "not published"
    assert table.loc[["Custody", "Diverted"], wording_pathway.TOGETHER].tolist() == ["[c]", "–"]
    assert wording_pathway.WORSE not in table


def test_diversion_has_both_ways_round():
    line = wording_pathway.table(way(by_outcome())).set_index("Stage").loc["Diverted"]
    assert line["Times as likely as White children"].startswith("0.70 ")
    assert line[wording_pathway.WORSE].startswith("1.42 ")


def test_a_hidden_caseload_leaves_the_question_open():
    found = pathway(made_up((("ethnicity",), GROUPS | {(OTHER,): None})), group=OTHER, baseline="2011")
    assert "cannot be told, because the counts are hidden" in wording_pathway.answer(found, YEARS)[0]
    assert not NEVER.search(everything_on_the_way(found))


@pytest.mark.parametrize("hide", [(), ((OTHER, "5–8"),), ((OTHER, "All"), ("White", "5–8"))])
@pytest.mark.parametrize("unit", ["children", "offences"])
def test_nothing_forbidden_is_ever_said_of_shares(hide, unit):
    of = divided(GRAVITY | dict.fromkeys(hide), unit)
    assert not NEVER.search(everything_divided(of, BANDS))


@pytest.mark.parametrize(
    "found",
    [
        treatment(cells(*PUBLISHED), group=OTHER),
        treatment(cells([(None, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER),
        treatment(cells([(0, 20), (0, 10)], [(6, 60), (9, 12)]), group=OTHER),
        treatment(cells([(4, 20), (8, 10)], [(0, 60), (0, 12)]), group=OTHER),
        treatment(cells([(0, 0), (0, 0)], [(6, 60), (9, 12)]), group=OTHER),
        treatment(cells([(0, 20), (0, 10)], [(0, 60), (0, 12)]), group=OTHER),
    ],
)
def test_nothing_forbidden_is_ever_said_of_outcomes(found):
    assert not NEVER.search(everything_treated(found))


@pytest.mark.parametrize(
    "counts",
    [
        by_outcome(),
        by_outcome(group={"Custody": 0}),
        by_outcome(group={"Custody": 0}, white={"Custody": 0}),
        by_outcome(group={"Court": 0, "Custody": 0}),
        by_outcome(group={"Diversion": 0, "Informal": 0}),
        by_outcome(white={"Informal": None}),
        by_outcome(group={"All": None}),
    ],
)
def test_nothing_forbidden_is_ever_said_of_stages(counts):
    assert not NEVER.search(everything_on_the_way(way(counts)))


def test_a_base_that_is_only_a_share_is_no_number_of_children():
    """Those not looked after would be a census less a count of another table."""
    counts = {("All",): 60, ("Looked after",): 12, ("Not looked after",): 48, ("Unknown",): 0}
    found = pathway(made_up((("care",), counts)), group="Looked after", by="care", reference="Not looked after")
    line = wording_pathway.table(found).iloc[0]
    assert [line["Looked after: children"], line["Not looked after: children"]] == ["12", "48"]
    assert line["Times as likely as children not looked after"].startswith("30.9")  # 12/134 over 48/(16,718 - 134)


@pytest.mark.parametrize("known", [0, float("nan")])
def test_a_group_whose_population_is_not_known_is_not_said_to_be_nobody_or_hidden(known):
    rows = SHIPPED.assign(population=SHIPPED["population"].mask(SHIPPED["group"] == "Black", known))
    if pd.isna(known):
        rows = rows.dropna(subset=["population", "percentage"], how="all")
    counts = {
        (g, o): n for g in ("Black", "White") for o, n in {"All": 20, "Statutory pre-court": 8, "Court": 12}.items()
    }
    groups = {("All",): 40, ("Black",): 20, ("White",): 20, ("Unknown",): 0}
    source = replace(made_up((("ethnicity",), groups), (("ethnicity", "outcome"), counts)), baselines=rows)
    found = pathway(source, group="Black")
    said = wording_pathway.describe(found, YEARS) + wording_pathway.table(found).to_csv()
    assert wording_pathway.NO_POPULATION in said and "[c]" not in said and comparison.NOBODY not in said

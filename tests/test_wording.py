"""The words: what is said of a comparison, and what is never said."""

from __future__ import annotations

import re
from math import inf, nan

import pandas as pd
import pytest

from yjdisp import wording
from yjdisp.baselines import Baseline
from yjdisp.comparison import (
    COLUMNS,
    EVERYONE_ELSE,
    HIDDEN,
    IN_LINE,
    NO_BASELINE,
    OVER,
    OVERLAPS,
    REFERENCE,
    TOO_FEW,
    UNDER,
    Comparison,
)
from yjdisp.vocabulary import listing
from yjdisp.wording import comparison as wording_comparison

YEARS = ("2020/21", "2021/22")
NEVER = re.compile(r"times more|BAME|non-White|minorit|discriminat|nan\b|None|(?<![.\d])(?!95%)\d+%", re.IGNORECASE)


def row(group: str, verdict: str, **values) -> dict:
    """A row of a comparison; what is not given is missing."""
    count = values.get("count", 10)
    least = {"low": count, "high": count} if pd.notna(count) else {"low": 0, "high": 9}
    empty = dict.fromkeys([*COLUMNS, "rri_least", "rri_most", "rri_low_least"], nan)
    return empty | {"symbol": "", "level": 1, "count": count} | least | values | {"group": group, "verdict": verdict}


WHITE = row("White", REFERENCE, count=29, share=0.644, share_low=0.497, share_high=0.773, population_share=0.897)
OTHERS = row(
    "All other ethnic groups combined", OVER, count=16, share=0.3556, share_low=0.227, share_high=0.503,
    population_share=0.1029, gap=0.2526, gap_low=0.124, gap_high=0.4, rri=4.81, rri_low=2.553, rri_high=8.80,
)  # fmt: skip
ASIAN = row("Asian", HIDDEN, count=pd.NA, symbol="[c]", level=2)


def comparison(*rows: dict, by="ethnicity", unit="children", where=None, reference="White", unknown=0, **baseline):
    table = pd.DataFrame(rows).astype({"count": "Int64", "low": "Int64", "high": "Int64"})
    described = {"name": "Census 2021", "area": "Bathavon", "year": "2021", "age_range": "10–17", "source": "ONS"}
    described |= {"shares": {}, "populations": {}, "note": ""} | baseline
    return Comparison(
        table, by, unit, where or {"year": "2021/22"}, Baseline(characteristic=by, **described), reference, 45, unknown,
        0.95, "midp",
    )  # fmt: skip


def everything(*comparisons: Comparison) -> str:
    return "\n".join(
        [
            *wording_comparison.answer(comparisons, YEARS),
            wording_comparison.describe(comparisons, YEARS),
            *wording_comparison.steps(comparisons),
            wording.compared_with([c.baseline for c in comparisons]),
            *wording_comparison.caveats(comparisons, YEARS),
            wording_comparison.table(comparisons).to_csv(),
        ]
    )


def first(*rows: dict, **options) -> str:
    return wording_comparison.answer([comparison(*rows, **options)], YEARS)[0]


def test_the_answer_has_size_and_uncertainty():
    assert first(OTHERS, WHITE) == (
        "In 2021/22, children from all other ethnic groups combined were more likely to be in the caseload: "
        "4.8 times as likely as White children, and between 2.6 and 8.8 times once chance is allowed for."
    )


def test_less_likely_is_said_the_same_way():
    under = row("Girls", UNDER, rri=0.23, rri_low=0.10, rri_high=0.48)
    assert "girls were less likely to be in the caseload: 0.23 times as likely as all other children" in first(
        under, by="sex", reference=EVERYONE_ELSE
    )


def test_a_ratio_near_1_is_not_called_close_without_saying_how_far_it_could_be():
    """In line is decided by the size of the ratio alone: few children leave half and twice as likely possible."""
    wide, narrow = (
        row(g, IN_LINE, rri=1.1, rri_low=1.1 - d, rri_high=1.1 + d) for g, d in (("Asian", 0.9), ("Black", 0.1))
    )
    said = wording_comparison.answer([comparison(wide, narrow, WHITE)], YEARS)
    assert "Close to the comparison group: Black children (1.10 times; 1.00 to 1.20)." in said
    far = "Close to the comparison group, but with too few children to rule out a large difference: Asian children"
    assert [s for s in said if s.startswith(far)] == [f"{far} (1.10 times; 0.20 to 2.0)."]


@pytest.mark.parametrize("unit", ["children", "outcomes"])
def test_beside_another_caseload_nobody_is_called_more_likely_to_be_in_one(unit):
    c = comparison(OTHERS, WHITE, unit=unit, name="National caseload 2018/19")
    assert wording_comparison.answer([c], YEARS)[0] == (
        "In 2021/22, children from all other ethnic groups combined were more of this caseload than of “National "
        "caseload 2018/19”: 4.8 times as many, set against White children, and between 2.6 and 8.8 times once chance is "
        "allowed for."
    )
    assert "Share of that caseload" in wording_comparison.table([c])
    assert "Times as many as in that caseload, against White children" in wording_comparison.table([c])
    under = row("Asian", UNDER, rri=0.23, rri_low=0.10, rri_high=0.48)
    for rows in ([OTHERS], [under], [OTHERS, OTHERS], [OTHERS, under]):
        said = everything(comparison(*rows, WHITE, unit=unit, name=c.baseline.name))
        assert not re.search("likely|per resident child|of the population", said)


@pytest.mark.parametrize(
    "share, said",
    [
        (9 / 16, "56.3%"),
        (1 / 16, "6.3%"),
        (0.1235, "12.4%"),
        (0.29949, "29.9%"),
        (1, "100.0%"),
        (0, "0.0%"),
        (1 / 3, "33.3%"),
    ],
)
def test_shares_are_rounded_as_a_spreadsheet_rounds_them(share, said):
    assert wording.percent(share) == said
    assert wording.points(-share) == (f"−{said[:-1]}" if share else "0.0")


@pytest.mark.parametrize(
    "least, most, said",
    [
        (2.652, 9.96, "2.6 to 10"),
        (9.96, 10.4, "9 to 11"),
        (0, 1.001, "0 to 1.01"),
        (0.001, inf, "0 or more"),
        (1.25, 1.25, "1.25 to 1.25"),
        (0.1 + 0.2, 3.0, "0.30 to 3.0"),
    ],
)
def test_what_is_possible_is_rounded_outwards(least, most, said):
    assert wording.possible(least, most) == said


def test_fewer_offences_and_one_unknown_are_said_in_grammar():
    under = [row(name, UNDER, rri=0.23, rri_low=0.10, rri_high=0.48) for name in ("Asian", "Mixed")]
    assert "2 groups had fewer offences per resident child than White children" in first(*under, unit="offences")
    assert wording.not_recorded(1, "children", "ethnicity").startswith(
        "1 of the children has no recorded ethnicity and is"
    )
    assert wording.not_recorded(1234, "children", "sex").startswith(
        "1,234 of the children have no recorded sex and are"
    )


def test_in_line_and_more_than_chance_is_not_said_to_be_chance():
    girls = row("Girls", IN_LINE, rri=1.15, rri_low=1.11, rri_high=1.19)
    said = first(girls, by="sex", reference=EVERYONE_ELSE)
    assert said == "In 2021/22, no group stands out: none is outside 0.80 to 1.25 times by more than chance."
    girls = row("Girls", IN_LINE, rri=1.15, rri_low=0.9, rri_high=1.4)
    assert "by more than chance" in first(girls, by="sex", reference=EVERYONE_ELSE)


@pytest.mark.parametrize("verdict", [IN_LINE, TOO_FEW, HIDDEN, NO_BASELINE])
def test_more_likely_only_when_the_verdict_says_so(verdict):
    count = pd.NA if verdict == HIDDEN else 6
    said = everything(comparison(row("Mixed", verdict, count=count, rri=3.4, rri_low=0.9, rri_high=7.8), WHITE))
    assert not re.search(r"(more|less) likely", said)
    told = "no group stands out" if verdict in (IN_LINE, TOO_FEW) else "whether a group stands out cannot be told"
    assert told in said


def test_what_holds_whatever_is_hidden_is_the_answer():
    hidden = row("Looked after", HIDDEN, count=pd.NA, rri_least=14.2, rri_most=31.0, rri_low_least=3.5)
    doubtful = hidden | {
        "group": "Looked after, placed in the area",
        "level": 2,
        "rri_least": 1.4,
        "rri_low_least": 0.4,
    }
    found = {"by": "care", "reference": EVERYONE_ELSE}
    said = wording_comparison.answer([comparison(hidden, doubtful, **found)], YEARS)
    assert said[0] == (
        "In 2021/22, whatever the hidden counts are, these stand out: children looked after (14 times or more set "
        "against all other children; 3.5 or more once chance is allowed for)."
    )
    assert said[1].startswith(f"{wording.PROTECTED}: children looked after and placed in the area (1.40 times")
    beside = wording_comparison.answer([comparison(OTHERS, WHITE, hidden | {"group": "Asian", "level": 2})], YEARS)
    assert "were more likely" in beside[0] and beside[1].startswith("Whatever the hidden counts are")


def test_beside_a_hidden_reference_nobody_elses_number_is_called_hidden():
    said = wording_comparison.answer(
        [comparison(row("Black", HIDDEN, level=2, count=12), ASIAN, reference="Asian")], YEARS
    )
    assert f"{wording_comparison.BEHIND_THEM}: Black children." in said
    assert f"{wording.PROTECTED}: Asian children." in said


def test_too_few_gives_the_estimate_and_what_would_fit():
    said = wording_comparison.answer(
        [comparison(row("Mixed", TOO_FEW, rri=1.8, rri_low=0.6, rri_high=4.0), WHITE)], YEARS
    )
    assert said == (
        "In 2021/22, no group stands out by more than chance, but for some the numbers are hidden or too small to tell.",
        "Not enough children to tell: children of Mixed ethnicity (1.80 times; 0.60 to 4.0).",
    )


def test_no_children_at_all():
    none = row("Mixed", TOO_FEW, count=0, rri=0.0, rri_low=0.0, rri_high=2.34)
    assert "(none; anything up to 2.3 times fits)" in everything(comparison(none, WHITE))


def test_no_upper_end_is_at_least():
    least = row("Mixed", OVER, rri=inf, rri_low=2.1, rri_high=inf)
    assert "at least 2.1 times as likely as White children" in first(least, WHITE)
    assert "inf" not in everything(comparison(least, WHITE))


def test_a_hidden_count_says_what_anyone_can_work_out():
    text = everything(comparison(OTHERS, WHITE, ASIAN))
    assert "[c] between 0 and 9" in text
    assert wording.HIDDEN_NOTE in text
    certain = ASIAN | {"rri_least": 2.7, "rri_most": 35.0}
    text = everything(comparison(certain, WHITE))
    assert "Asian children (2.7 times or more whatever the hidden count is, before chance is allowed for)" in text
    assert "[c] 2.70 to 35.00" in text


def test_a_part_of_a_group_comes_after_it():
    mixed = row("Mixed", OVER, level=2, rri=3.4, rri_low=1.28, rri_high=7.8)
    said = wording_comparison.answer([comparison(OTHERS, WHITE, mixed)], YEARS)
    assert "Mixed" not in said[0]
    assert said[1] == "Among them: children of Mixed ethnicity (3.4 times; 1.28 to 7.8)."


def test_the_mirror_image_of_the_only_other_group_is_not_news():
    boys = row("Boys", OVER, rri=4.4, rri_low=2.1, rri_high=10)
    girls = row("Girls", UNDER, rri=0.23, rri_low=0.10, rri_high=0.48)
    said = wording_comparison.answer([comparison(boys, girls, by="sex", reference=EVERYONE_ELSE)], YEARS)
    assert len(said) == 1
    assert "girls" not in said[0]


@pytest.mark.parametrize("unit", ["outcomes", "offences"])
def test_outcomes_and_offences_are_not_children(unit):
    c = comparison(OTHERS, row("Mixed", TOO_FEW, rri=1.8, rri_low=0.6, rri_high=4.0), WHITE, unit=unit)
    said = wording_comparison.answer([c], YEARS)
    assert f"had 4.8 times as many {unit} per resident child as White children" in said[0]
    assert said[1] == wording.SEVERAL_EACH.format(unit=unit)
    assert f"Not enough {unit} to tell" in "".join(said)
    assert f"not enough {unit} to tell" in set(wording_comparison.table([c])["Finding"])


def test_the_period_is_in_words():
    assert wording.period({"year": "2021/22"}, YEARS) == "2021/22"
    assert wording.period({}, YEARS) == "2020/21 to 2021/22, all years together"
    pooled = comparison(OTHERS, WHITE, where={"area": "Bathavon"})
    assert wording_comparison.answer([pooled], YEARS)[0].startswith("Over 2020/21 to 2021/22, ")
    assert wording.CHILD_YEARS in wording_comparison.caveats([pooled], YEARS)
    assert wording.CHILD_YEARS not in wording_comparison.caveats([comparison(OTHERS, WHITE)], YEARS)


def test_the_table_has_units_in_its_headings_and_one_decimal():
    table = wording_comparison.table([comparison(OTHERS, WHITE)])
    assert list(table.columns) == [
        "Group", "Children", "Share of the caseload", "Share of the population", "Gap, percentage points",
        "Times as likely as White children", "Finding",
    ]  # fmt: skip
    assert list(table.iloc[0]) == [
        "All other ethnic groups combined", "16", "35.6% (22.7% to 50.3%)", "10.3%", "25.3 (12.4 to 40.0)",
        "4.81 (2.55 to 8.80)", "over-represented",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "caveat"),
    [
        ({"by": "send", "name": "School census 2022"}, wording.SEND_DENOMINATOR),
        ({"by": "care", "name": "Looked after 2022"}, wording_comparison.LOOKED_AFTER_DENOMINATOR),
        ({}, wording.CENSUS_PERTURBED),
        ({"unknown": 3}, wording.not_recorded(3, "children", "ethnicity")),
        ({"unknown": None}, wording.UNKNOWNS_HIDDEN.format(unit="children", label="ethnicity")),
        ({"where": {"year": "2021/22", "sex": "Girls"}}, wording.NARROWED.format(only="girls")),
    ],
)
def test_caveats_stand_where_they_belong(options, caveat):
    assert caveat in wording_comparison.caveats([comparison(OTHERS, WHITE, **options)], YEARS)
    assert wording.CHANCE in wording_comparison.caveats([comparison(OTHERS, WHITE, **options)], YEARS)


def test_of_many_comparisons_a_reader_is_told_that_some_stand_out_by_chance():
    few, many = ([row(name, TOO_FEW, level=2) for name in "ABCDE"[:n]] for n in (3, 5))
    told = "5 comparisons are made at once: by chance alone about one in twenty would look clear."
    assert told in wording_comparison.caveats([comparison(*many, ASIAN, WHITE)], YEARS)
    assert "at once" not in " ".join(wording_comparison.caveats([comparison(*few, ASIAN, WHITE)], YEARS))


def test_what_is_never_said():
    rows = [OTHERS, WHITE, ASIAN, row("Black", OVER, level=2, rri=inf, rri_low=2.1, rri_high=inf)]
    for unit in ("children", "offences"):
        pupils = {**OTHERS, "group": "EHC plan"}
        said = everything(comparison(*rows, unit=unit, where={}), comparison(pupils, unit=unit, by="send"))
        assert not NEVER.search(said), NEVER.search(said)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (0.004, "0.01"),
        (0.449, "0.45"),
        (1.0, "1.00"),
        (1.996, "2.0"),
        (4.81, "4.8"),
        (9.96, "10"),
        (37.8, "38"),
    ],
)
def test_ratios_have_the_decimals_that_a_reader_needs(number, said):
    assert wording.ratio(number) == said


def test_lists_and_groups_in_sentences():
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["a"]) == "a"
    assert wording.who("Black") == "Black children"
    assert wording.who("10–14") == "children aged 10–14"
    assert wording.who("Any other Asian background") == "children recorded as “Any other Asian background”"


BLACK = row("Black", OVER, level=2, count=12, rri=12.0, rri_low=6.5, rri_high=22.0)
MIXED = row("Mixed", UNDER, level=2, count=12, rri=0.33, rri_low=0.17, rri_high=0.70)


def test_a_group_is_among_another_only_where_it_is_a_part_of_it():
    white = row("White", UNDER, count=87, rri=0.08, rri_low=0.05, rri_high=0.15)
    said = " ".join(wording_comparison.answer([comparison(white, MIXED, reference="Black")], YEARS))
    begins = "In 2021/22, 2 groups were less likely to be in the caseload than Black children, by more than chance: "
    assert said.startswith(begins) and "Among them" not in said
    assert "Among them: Black children (12 times" in " ".join(
        wording_comparison.answer([comparison(WHITE, OTHERS, BLACK)], YEARS)
    )


def test_groups_with_a_comparison_group_each_are_not_said_to_have_one():
    girls = comparison(row("Girls", OVER, rri=2.0, rri_low=1.5, rri_high=2.5), by="sex", reference="Boys")
    said = wording_comparison.answer([comparison(WHITE, OTHERS), girls], YEARS)[0]
    assert "2 groups were more likely to be in the caseload than the children each is compared with" in said


def test_a_group_of_the_reference_group_is_not_found_too_small():
    mine = comparison(row("Black", OVERLAPS, level=2, count=12), reference=OTHERS["group"])
    assert "Black" not in " ".join(wording_comparison.answer([mine], YEARS)) + wording_comparison.describe(
        [mine], YEARS
    )
    assert wording_comparison.table([mine])["Finding"].tolist() == ["overlaps the reference group"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"verdict": OVER, "count": 12, "rri": inf, "rri_low": 12.0, "rri_high": inf}, "likely as White children once"),
        ({"verdict": TOO_FEW, "count": 0, "rri": nan, "rri_low": 0.0, "rri_high": inf}, "Black children (none)."),
        (
            {"verdict": TOO_FEW, "count": 0, "rri": 0.0, "rri_low": 0.0, "rri_high": 3.0},
            "anything up to 3.0 times fits",
        ),
    ],
)
def test_a_ratio_without_an_end_is_said_plainly(values, said):
    answer = " ".join(wording_comparison.answer([comparison(WHITE, row("Black", level=2, **values))], YEARS))
    assert said in answer and not re.search(r"nan|\binf\b|or more times", answer)


def test_a_ratio_that_is_surely_below_1_counts_as_certain_too():
    assert wording.small_but_certain([{"l": 0.7, "h": 0.95}], "l", "h")
    assert not wording.small_but_certain([{"l": 0.7, "h": 1.1}], "l", "h")


def test_beside_a_caseload_nobody_is_over_represented():
    """It is said at once that a caseload is no population, and every finding is of the two caseloads."""
    one = comparison(OTHERS, WHITE, name="National caseload 2018/19")
    meaning = wording_comparison.CASELOAD_BASELINE.format(name="National caseload 2018/19")
    assert wording_comparison.answer([one], YEARS)[1] == meaning
    assert meaning not in wording_comparison.caveats([one], YEARS)
    assert wording_comparison.table([one])["Finding"].tolist() == [
        "more of this caseload than of that",
        "reference group",
    ]
    assert "over-represented" not in wording_comparison.describe([one], YEARS)


def test_the_text_alternative_of_the_chart_has_findings_and_what_is_left_of_hidden_counts():
    hidden = row("Asian", HIDDEN, count=pd.NA, symbol="[c]", level=2, rri_least=0.0, rri_most=3.06, high=9)
    said = wording_comparison.describe([comparison(OTHERS, WHITE, hidden)], YEARS)
    assert "4.8 times; 2.6 to 8.8): over-represented;" in said
    assert "Asian children (hidden count between 0 and 9; 0 to 3.1 times whatever it is)." in said


def test_numbers_show_on_which_side_they_are_of_what_a_finding_turns_on():
    assert [wording.ratio(x) for x in (1.0, 1.003, 0.9991, 1.2548, 0.8, 1.25)] == [
        "1.00",
        "1.003",
        "0.999",
        "1.255",
        "0.80",
        "1.25",
    ]
    assert [wording.points(x) for x in (0.0, 0.0002, -0.0002, 0.0512)] == ["0.0", "0.02", "−0.02", "5.1"]


def test_a_gap_that_does_not_say_the_same_as_the_finding_is_explained():
    black = row(
        "Black", OVER, count=36, gap=0.028, gap_low=-0.01, gap_high=0.075, rri=1.71, rri_low=1.17, rri_high=2.45
    )
    said = wording_comparison.caveats([comparison(black, WHITE)], YEARS)
    needed = wording_comparison.OTHERWISE.format(groups="Black children", reference="White children")
    assert needed in said
    assert needed not in wording_comparison.caveats([comparison(OTHERS, WHITE)], YEARS)

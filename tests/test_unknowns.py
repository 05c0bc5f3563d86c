"""The unknown shared out: by hand, and what would turn a finding."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_up import OTHER, made_up

from yjdisp import comparison
from yjdisp.comparison import compare
from yjdisp.unknowns import unknowns
from yjdisp.wording import unknowns as wording_unknowns

POPULATION = 14997 / 1721  # White over all other ethnic groups combined, Census 2021


def compared(others: int, white: int, unknown: int | None, **options):
    counts = {(OTHER,): others, ("White",): white, ("Unknown",): unknown}
    counts[("All",)] = None if unknown is None else others + white + unknown
    return compare(made_up((("ethnicity",), counts), **options), by="ethnicity")


def only(found):
    (row,) = found.table.to_dict("records")
    return row


def test_the_bounds_have_all_of_the_unknown_outside_and_inside():
    row = only(unknowns(compared(16, 29, 5)))
    assert row["rri"] == pytest.approx(16 / 29 * POPULATION)
    assert row["rri_low"] == pytest.approx(16 / 34 * POPULATION)
    assert row["rri_high"] == pytest.approx(21 / 29 * POPULATION)
    assert (row["share_low"], row["share_high"]) == (16 / 50, 21 / 50)


def test_a_finding_that_holds_wherever_they_belong_says_so():
    c = compared(16, 29, 5)
    found = unknowns(c)
    assert only(found)["over_from"] == 0
    assert wording_unknowns.flip(only(found), found) == wording_unknowns.NO_MATTER
    said = wording_unknowns.sentence(found, c)
    assert said.startswith("5 children have no recorded ethnicity. Without them the ratio of children from all other")
    assert said.endswith("The finding holds wherever they belong.")


@pytest.mark.parametrize("others", [5, 8])
def test_the_turning_point_is_where_the_verdict_turns(others):
    """As many of the unknown as it says make the verdict, and one fewer does not."""
    unknown = 20
    found = unknowns(compared(others, 29, unknown))
    k = int(only(found)["over_from"])
    assert k > 0
    for inside, expected in ((k, True), (k - 1, False)):
        table = compared(others + inside, 29 + unknown - inside, 0).table.set_index("group")
        assert (table.loc[OTHER, "verdict"] == comparison.OVER) == expected
    assert f"{k} " in wording_unknowns.flip(only(found), found)


def test_hidden_unknowns_count_as_many_as_they_can_be():
    release = made_up((("ethnicity",), {("All",): 49, (OTHER,): 16, ("White",): 29, ("Unknown",): None}), bounds=(0, 4))
    c = compare(release, by="ethnicity")
    found = unknowns(c)
    assert (found.number, found.hidden) == (4, True)
    assert wording_unknowns.sentence(found, c).startswith("At most 4 children have no recorded ethnicity")


def test_one_unknown_is_spoken_of_as_one():
    c = compared(16, 29, 1)
    said = wording_unknowns.sentence(unknowns(c), c)
    assert said.startswith("1 child has no recorded ethnicity. Without that one the ratio of")
    assert (
        "if it was among White children, and" in said
        and "if it belonged to that group. " in said
        and "them" not in said
    )


def test_without_unknowns_there_is_nothing_to_share_out():
    assert unknowns(compared(16, 29, 0)) is None


def test_a_hidden_group_is_not_shared_out():
    c = compare(
        made_up((("ethnicity",), {("All",): 50, (OTHER,): None, ("White",): None, ("Unknown",): 5})), by="ethnicity"
    )
    assert unknowns(c) is None


def test_against_everyone_else_the_ratio_is_the_one_of_the_page():
    counts = {("All",): 50, ("Girls",): 10, ("Boys",): 36, ("Unknown",): 4}
    c = compare(made_up((("sex",), counts)), by="sex")
    table = unknowns(c).table.set_index("group")
    assert table.loc["Girls", "rri"] == pytest.approx(c.table.set_index("group").loc["Girls", "rri"])
    assert np.isnan(table.loc["Girls", "over_from"])
    assert table.loc["Girls", "under_up_to"] == 4


@pytest.mark.parametrize(("others", "white", "unknown"), [(3, 29, 4), (4, 29, 3), (5, 29, 20), (16, 29, 5), (1, 40, 6)])
def test_what_would_change_a_finding_is_what_changes_it(others, white, unknown):
    """Each number of the unknown in the group, compared anew as if known: the text names those that change the finding."""
    found = unknowns(compared(others, white, unknown))
    row = only(found)
    anew = [
        compared(others + k, white + unknown - k, 0).table.set_index("group").loc[OTHER, "verdict"]
        for k in range(unknown + 1)
    ]
    changing = {k for k in range(unknown + 1) if anew[k] != row["verdict"]}
    assert numbers_named(wording_unknowns.flip(row, found), unknown) == changing


def numbers_named(text: str, unknown: int) -> set[int]:
    """The numbers that a text says would change a finding."""
    if text in (wording_unknowns.NO_MATTER, wording_unknowns.NEVER):
        return set()
    if text == wording_unknowns.ANYHOW:
        return set(range(unknown + 1))
    named = set()
    for part in re.split(r" or (?=fewer than|more than|\d+ (?:to|or|of))", text):
        first, last = (int(n) for n in (re.findall(r"\d+", part.split(" of the ")[0]) * 2)[:2])
        if part.startswith("fewer than"):
            named |= set(range(first))
        elif part.startswith("more than"):
            named |= set(range(first + 1, unknown + 1))
        elif "or more" in part:
            named |= set(range(first, unknown + 1))
        elif "or fewer" in part:
            named |= set(range(first + 1))
        else:
            named |= set(range(first, last + 1))
    return named


def test_one_of_the_unknown_that_would_turn_it_is_said():
    found = unknowns(compared(8, 29, 3))
    assert wording_unknowns.flip(only(found), found) == "fewer than 1 of the 3 in the group"

"""The attack has teeth: it names the narrowed cells of every pattern that is known to protect too little."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from handmade import at, counted, outsiders, published, table, tells_no_more, where

from yjdisp.disclosure import policy
from yjdisp.disclosure.attack import audit, bounds
from yjdisp.disclosure.cells import Published
from yjdisp.disclosure.facts import blocks, versions
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.siege import AttackError, Siege
from yjdisp.disclosure.suppress import protect
from yjdisp.disclosure.system import History
from yjdisp.vocabulary import dimension, flat_dimension

INNER = [(f"row{i}", f"column{j}") for i in (0, 1) for j in (0, 1)]

TWO_WAY = table([[2, 20, 30], [12, 14, 16], [18, 22, 24]])


def named(cells, hidden, *places, earlier=(), **rules):
    """Whether the attack names exactly these cells."""
    return set(audit(published(cells, hidden, **rules), earlier).positions) == {
        where(cells, *place) for place in places
    }


def test_primary_only():
    assert named(TWO_WAY, TWO_WAY.count < 5, ("row0", "column0"))


def test_one_more_in_every_row_and_column():
    """Two hidden cells in each row and column of a layer, which the other layer and the total give away."""
    cells = table([[[1, 9, 9], [9, 8, 9], [9, 9, 9]], [[9, 9, 9], [9, 9, 9], [9, 9, 9]]])
    square = [(r, c) for r in ("row0", "row1") for c in ("column0", "column1")]
    hidden = at(cells, *((*place, "layer0") for place in square))
    low, high = bounds(published(cells, hidden))
    assert (low == high).all()
    assert named(cells, hidden, ("row0", "column0", "layer0"))


def test_two_hidden_cells_that_add_up_to_little():
    cells = table([[1, 2, 30], [2, 1, 30], [40, 50, 60]])
    assert named(cells, at(cells, *INNER), *INNER)


@pytest.mark.parametrize("analyst", [False, True])
def test_a_hidden_cell_that_cannot_be_small(analyst):
    """5 and 2 of 7, 8 and 2 of 10, columns of 13 and 4: sums alone leave 3 to 7, 6 to 10, and 0 to 4 twice. But a small
    count could be 0: 3 to 7 is 5 or more, so that the 2 beside it is at most 2, and the other one at least 2."""
    cells = table([[5, 2, 30], [8, 2, 40], [20, 30, 50]])
    hidden = at(cells, *INNER)
    low, high = bounds(published(cells, hidden))
    assert [(low[i], high[i]) for i in np.flatnonzero(hidden)] == [(3, 7), (0, 4), (6, 10), (0, 4)]
    small = hidden & (cells.count < 5)
    found = audit(published(cells, hidden), primary=small if analyst else None)
    assert found.positions.tolist() == np.flatnonzero(small).tolist()
    protected = protect(cells, policy.Policy("five", 5))
    assert protected.primary.tolist() == small.tolist()
    assert (~protected.shown).sum() > hidden.sum()
    assert not audit(published(cells, ~protected.shown)).narrowed


def test_a_large_number_tells_of_enough_children_in_every_release_that_hides_it():
    """The outcomes of the test before are the same in two releases, the children were corrected: both have versions of
    their own of who is behind the 5 outcomes."""
    of = {"period": ("2023/24 Q1",), "ethnicity": ("White", "Black"), "sex": ("Boys", "Girls", "Unknown")}
    ethnicity, sex = zip(*product(of["ethnicity"], of["sex"]), strict=True)

    def records(*times):
        known = {"ethnicity": np.repeat(ethnicity, times), "sex": np.repeat(sex, times)}
        return known | {"period": np.repeat(of["period"], sum(times)), "child": np.arange(sum(times))}

    dimensions = tuple(flat_dimension(name, values) for name, values in of.items())
    tables = [("outcomes", ["ethnicity", "sex"], 0), ("children", ["ethnicity", "sex"], 0)]
    found = {"outcomes": records(5, 2, 30, 8, 2, 40), "children": records(5, 2, 20, 5, 2, 30)}
    cells = counted(dimensions, found, tables)
    children, inner = cells.unit == "children", (cells.at[:, 1:] > 0).all(axis=1)
    hidden = np.where(children, cells.at[:, 2] > 0, inner & (cells.at[:, 2] < 3))
    now, small = published(cells, hidden), hidden & (cells.count < 5)
    siege = Siege(now, [now], History(({}, {"children": {"2023/24 Q1": "2023/24 Q1 #1"}})))
    siege.deduce([now], [small, small])
    behind = [int(figure[np.flatnonzero(children & inner)[0]]) for figure in siege.system.figure]
    assert behind[0] != behind[1]
    assert siege.known[0][behind].tolist() == [5, 5]


def test_there_is_no_outcome_without_a_child():
    """56 outcomes of White children and 41 of boys leave 15 that White children have who are not boys: there is one."""
    of = {"period": ("2023/24 Q1",), "ethnicity": ("White", "Black"), "sex": ("Boys", "Girls", "Unknown")}
    known = [("White", "Boys", 20, 1), ("Black", "Boys", 21, 1), ("White", "Girls", 4, 9), ("Black", "Girls", 22, 1)]
    times = np.array([number * each for *_, number, each in known])
    who = {"period": np.repeat(of["period"], len(known))}
    who |= {"ethnicity": np.array([e for e, *_ in known]), "sex": np.array([s for _, s, *_ in known])}
    outcomes = {axis: np.repeat(value, times) for axis, value in who.items()} | {"child": np.arange(times.sum())}
    children = {axis: np.repeat(value, [n for *_, n, _ in known]) for axis, value in who.items()}
    children["child"] = np.arange(len(children["sex"]))
    dimensions = tuple(flat_dimension(name, values) for name, values in of.items())
    tables = [("outcomes", ["ethnicity"], 0), ("outcomes", ["sex"], 0), ("children", ["ethnicity", "sex"], 1)]
    cells = counted(dimensions, {"outcomes": outcomes, "children": children}, tables)
    girls = cells.at[:, 2] == 2
    hidden = (cells.unit == "children") & (cells.at[:, 1] > 0) & (cells.at[:, 2] > 0) & (cells.at[:, 2] < 3)
    small = hidden & (cells.count < 5)
    assert audit(published(cells, hidden), primary=small).positions.tolist() == np.flatnonzero(small & girls).tolist()
    protected = protect(outsiders(cells), policy.Policy("five", 5))
    there = ~protected.left_out
    seen = published(cells.only(there), ~protected.shown[there])
    assert not audit(seen, primary=protected.primary[there]).narrowed


def test_a_number_that_is_hidden_beside_large_ones_alone():
    """3 and 12 of 15, 2 and 18 of 20, columns of 5 and 30: 12 cannot be below 10, nor 18 below 15. So it is the 3 and the 2
    that are small, at most 4 each, and then none of them can be 0. Nobody is sure of it who cannot tell why cells are
    hidden; the analyst is."""
    cells = table([[3, 12], [2, 18]])
    hidden = at(cells, *INNER)
    small = hidden & (cells.count < 5)
    low, high = bounds(published(cells, hidden))
    assert [(low[i], high[i]) for i in np.flatnonzero(hidden)] == [(0, 5), (10, 15), (0, 5), (15, 20)]
    assert not audit(published(cells, hidden)).narrowed
    assert audit(published(cells, hidden), primary=small).positions.tolist() == np.flatnonzero(small).tolist()
    protected = protect(cells, policy.Policy("five", 5))
    assert protected.shown.any() and not audit(published(cells, ~protected.shown), primary=protected.primary).narrowed
    assert tells_no_more(cells, protected.shown, np.flatnonzero(protected.primary))


def test_more_combinations_than_a_program_holds(monkeypatch):
    """What is then known of a cell is what totals tell: of the atoms that are left out nobody can say that they are empty."""
    cells = table(np.full((6, 6), 9))
    rows_only = published(cells, ~at(cells, *((f"row{i}", "All") for i in range(6))))
    inner = (cells.at > 0).all(axis=1)
    monkeypatch.setattr(blocks, "ALL", 35)
    low, high = bounds(rows_only)
    assert (low[inner] == 0).all() and (high[inner] == 54).all()
    with pytest.raises(AttackError, match="so many characteristics"):
        audit(published(cells, np.zeros(len(cells.at), dtype=bool)))


def test_each_release_alone():
    cells = table([[9, 8, 7], [6, 3, 8]])
    one, two = (
        at(cells, *((r, c) for r in ("row0", "row1") for c in ("column1", other))) for other in ("column0", "column2")
    )
    assert named(cells, one) and named(cells, two)
    assert named(cells, two, ("row1", "column1"), earlier=[published(cells, one)])


def test_a_release_that_takes_away_what_an_earlier_one_hides():
    """The pattern of one hides the 3 beside that of the other; only a release that adds to what is known is to blame."""
    cells = table([[9, 8, 7], [6, 3, 8]])
    one, two = (
        published(cells, at(cells, *((r, c) for r in ("row0", "row1") for c in ("column1", other))))
        for other in ("column0", "column2")
    )
    owed = np.where(at(cells, ("row1", "column1")), 4.0, 0.0)
    nothing = np.zeros(len(owed))
    assert audit(two, [one], owed=[owed]).taken == 1
    assert audit(one, [one], owed=[owed]).taken == 0
    assert audit(two, [one], owed=[nothing]).taken == 0
    assert audit(two, [one, two], owed=[owed, nothing]).taken == 0


@pytest.mark.parametrize("counts", [[[2, 13], [13, 20]], [[2, 13], [8, 20]], [[3, 9], [9, 12]]])
def test_a_release_of_which_nobody_knows_what_was_small_does_not_forbid_the_same_again(counts):
    """All that it hides is taken for small: that is a guess, from which nothing follows of numbers that are large."""
    cells, rules = table(counts), policy.Policy("five", 5)
    first = protect(cells, rules)
    before = published(cells, ~first.shown)
    guess = Entry(before, np.where(before.hidden, 4.0, 0.0))
    again = protect(cells, rules, earlier=[guess])
    assert again.shown.sum() == first.shown.sum() > 0
    history, _ = versions.history(cells.occupied, [guess], cells.dimensions)
    now, small = published(cells, ~again.shown), again.need > 0
    found = audit(now, [before], history=history, primary=small, owed=[guess.need], guessed=[0])
    assert (found.narrowed, found.taken) == (0, 0)


def test_what_is_hidden_of_the_unknown_can_be_small_beside_large_numbers():
    """Unknown is printed, its parts are not: 12 and 18 of all that are known are large, so of 5 unknown 3 and 2 were small,
    and neither could be 0, if the four of them were hidden in printed totals."""
    cells = table([[3, 2], [12, 18]])
    rows = replace(cells.dimensions[0], values=("All", "Unknown", "White"))
    cells = replace(cells, dimensions=(rows, *cells.dimensions[1:]))
    inner = (cells.at > 0).all(axis=1)
    seen = replace(published(cells, inner), exempt=("Unknown",))
    small = inner & (cells.count < 5)
    assert audit(seen, primary=small).positions.tolist() == np.flatnonzero(small).tolist()
    protected = protect(cells, policy.Policy("five", 5, exempt=("Unknown",)))
    assert protected.shown.any() and not protected.left_out.any()
    seen = replace(published(cells, ~protected.shown), exempt=("Unknown",))
    assert not audit(seen, primary=protected.need > 0).narrowed


def test_zeros_shown_with_the_cells_that_protect_hidden_zeros():
    """A pattern that is safe while a hidden cell may be 0 is not when it is known to be at least 1."""
    cells = table([[1, 3, 30], [3, 1, 30], [40, 50, 60]])
    assert named(cells, at(cells, *INNER))
    assert named(cells, at(cells, *INNER), *INNER, least=1)


@pytest.mark.parametrize(("told", "exact"), [("1.8%", True), ("18.0 per 1,000", True), ("2%", False)])
def test_a_rate_beside_a_public_denominator(told, exact):
    """Of 167 children in the population: what a rate rounded to its last digit tells of the count."""
    cells = table([[3, 12], [9, 30]])
    seen = published(cells, at(cells, *INNER))
    assert audit(seen).narrowed == 0
    number, per = float(told.split("%")[0].split(" per ")[0]), 1000 if "per" in told else 100
    half = 0.5 if told == "2%" else 0.05
    cell = where(cells, "row0", "column0")
    low, high = seen.low.copy(), seen.high.copy()
    low[cell], high[cell] = (np.array([number - half, number + half]) / per * 167).tolist()
    result = replace(seen, low=low, high=high)
    assert cell in audit(result).positions
    least, greatest = bounds(result)
    assert (least[cell] == greatest[cell] == 3) == exact


def test_a_safe_pattern_is_safe():
    assert named(TWO_WAY, at(TWO_WAY, *INNER))


@pytest.mark.parametrize(("low", "high", "tells"), [(0, 22, False), (1, 22, True), (0, 3, True), (0, 4, False)])
def test_bounds_that_are_printed_beside_a_mark_are_told_too(low, high, tells):
    """The least of two hidden rows and columns is 0 to 22 by the counts: 2 + 20 of the first row."""
    hidden = at(TWO_WAY, *INNER)
    cell = where(TWO_WAY, "row0", "column0")
    seen = published(TWO_WAY, hidden)
    said = bounds(seen)
    assert (said[0][cell], said[1][cell]) == (0, 14)
    said[0][cell], said[1][cell] = low, high
    assert list(audit(seen, said=said).positions) == [cell] * tells


def test_tables_that_contradict_each_other_are_refused():
    seen = published(TWO_WAY, at(TWO_WAY, *INNER))
    wrong = np.where(np.arange(len(seen.low)) == 0, 3, seen.low)
    with pytest.raises(AttackError, match="contradict"):
        audit(replace(seen, low=wrong, high=np.where(seen.hidden, np.inf, wrong)))


def test_of_a_rounded_total_a_number_may_be_hidden_alone():
    """15 stands for 13 to 17, and 10 for 8 to 12, so what is hidden beside it is 1 to 9. Who asks for whose sake it is
    hidden has it that it is small: 1 to 4. It can be 1 and 4, but no 0."""
    cells = table([3, 10])
    low, high = np.array([13.0, 0.0, 8.0]), np.array([17.0, np.inf, 12.0])
    hidden = np.array([False, True, False])
    seen = Published(cells.dimensions, cells.unit, cells.at, low, high, hidden, 5)
    siege = Siege(seen, [])
    siege.deduce([], [hidden])
    assert siege.known[1][siege.figure[1]] == 4


def happened(cells_of, tables):
    """Cells of children and of their outcomes, {unit: [(how many, {axis: position}), …]}, who are never the same child."""
    found = {}
    for unit, kinds in cells_of.items():
        times = [number for number, _ in kinds]
        found[unit] = {axis: np.repeat([at[axis] for _, at in kinds], times) for axis in kinds[0][1]}
        found[unit] |= {"child": np.arange(sum(times)), "period": np.repeat("2023/24 Q1", sum(times))}
    axes = {axis for kinds in cells_of.values() for axis in kinds[0][1]}
    names = {"sex": ["sex"], "offence": ["gravity"], "disposal": ["outcome", "decided_by"]}
    named = [
        flat_dimension(n, ("Boys", "Girls")) if n == "sex" else dimension(n)
        for axis in sorted(axes)
        for n in names[axis]
    ]
    return counted((flat_dimension("period", ("2023/24 Q1",)), *named), found, tables)


def narrowed(cells, hidden) -> list[int]:
    return audit(published(cells, hidden), primary=hidden & (cells.count < 5)).positions.tolist()


def safe_when_protected(cells) -> bool:
    protected = protect(outsiders(cells), policy.Policy("five", 5))
    there = ~protected.left_out
    seen = published(cells.only(there), ~protected.shown[there])
    return not audit(seen, primary=protected.primary[there]).narrowed


def test_units_are_compared_by_all_that_either_divides_at_once():
    """40 children have 41 outcomes: boys and children of gravity 1-4 as many as children, so it is a girl of 5-8 who has
    two."""
    light, grave = "Theft and handling|2", "Theft and handling|6"
    kinds = [(10, "Girls", light), (2, "Girls", grave), (10, "Boys", light), (18, "Boys", grave)]
    children = [(n, {"sex": sex, "offence": offence}) for n, sex, offence in kinds]
    outcomes = [(n + (n == 2), at) for n, at in children]
    tables = [("children", ["sex", "gravity"], 0), ("outcomes", ["sex"], 1), ("outcomes", ["gravity"], 1)]
    cells = happened({"children": children, "outcomes": outcomes}, tables)
    hidden = (cells.unit == "children") & (cells.count > 0) & ((cells.at > 0).sum(axis=1) == 2)
    assert narrowed(cells, hidden) == np.flatnonzero(hidden & (cells.count == 2)).tolist() != []
    assert safe_when_protected(cells)


COURT, POLICE = "Referral order|Court", "Youth caution|Police"


@pytest.mark.parametrize(
    ("court", "before", "extra"),
    [(10, 2, 4), (7, 1, 4)],
    ids=["at most ten children have a court outcome", "at least five have one"],
)
def test_classes_that_cross_are_told_apart_by_both_units(court, before, extra):
    """Who decided tells which outcomes are of court, and so of how many children."""
    children = [(court, {"disposal": COURT}), (before, {"disposal": POLICE})]
    outcomes = [(court, {"disposal": COURT}), (before + extra, {"disposal": POLICE})]
    tables = [("children", ["outcome"], 0), ("outcomes", ["decided_by"], 1)]
    cells = happened({"children": children, "outcomes": outcomes}, tables)
    hidden = (cells.unit == "children") & (cells.count > 0) & (cells.at > 0).any(axis=1)
    assert narrowed(cells, hidden) == np.flatnonzero(hidden & (cells.count < 5)).tolist()
    assert safe_when_protected(cells)

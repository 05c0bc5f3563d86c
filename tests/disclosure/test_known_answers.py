"""Disclosure problems with published answers.

Geurts 1992; Fischetti and Salazar 2001; sdcTools issue 135; SSBtools; the Handbook on Statistical Disclosure Control.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from handmade import at, fewest, published, table, tells_no_more, where

from yjdisp.disclosure import policy, rounding
from yjdisp.disclosure.attack import audit, bounds
from yjdisp.disclosure.suppress import protect

INNER = [(f"row{i}", f"column{j}") for i in (0, 1) for j in (0, 1)]


def intervals(cells, hidden, **rules):
    low, high = bounds(published(cells, hidden, **rules))
    return np.stack([low, high], axis=1)[hidden].tolist()


def secondary(cells, rules):
    """How many secondary cells the protection hides, after every primary one was found free by another solver."""
    result = protect(cells, rules)
    assert not result.left_out.any()
    small = np.flatnonzero(result.primary)
    assert tells_no_more(cells, result.shown, small, rules.threshold, rules.floor)
    return int((~result.shown & ~result.primary).sum())


def test_geurts_1992():
    cells = table([[4, 3, 0], [2, 1, 0], [3, 3, 0]])
    assert intervals(cells, at(cells, *INNER)) == [[3, 6], [1, 4], [0, 3], [0, 3]]


INVESTMENT = table([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
SENSITIVE = at(INVESTMENT, ("row1", "column2"))
BEST = at(INVESTMENT, *((f"row{i}", f"column{j}") for i in (1, 2) for j in (0, 2)))


def test_fischetti_and_salazar_intervals():
    assert intervals(INVESTMENT, BEST) == [[0, 25], [5, 30], [0, 25], [4, 29]]


def test_fischetti_and_salazar_optimum():
    loss, hidden = fewest(INVESTMENT, SENSITIVE, 20, 24, weight=INVESTMENT.count)
    assert loss == 37 and np.array_equal(hidden, BEST)
    assert fewest(INVESTMENT, SENSITIVE, 20, 24)[0] == 3


def test_fischetti_and_salazar_protected():
    """22 offences by 3 children: the cell must be able to be 0, which it cannot in the pattern above."""
    cells = replace(INVESTMENT, unit=np.repeat("offences", 16), children=np.where(SENSITIVE, 3, INVESTMENT.count))
    best, hidden = fewest(cells, SENSITIVE, 0, 4)
    assert best == 3 and not np.array_equal(hidden, BEST)
    assert best <= secondary(cells, policy.Policy("five", 5)) <= best + 2


SINGLETONS = table([[1, 1, 7, 1, 0], [1, 0, 0, 2, 8]])
ONES_AND_TWOS = (SINGLETONS.count > 0) & (SINGLETONS.count < 3)


def test_three_singletons():
    assert intervals(SINGLETONS, ONES_AND_TWOS, threshold=3) == [[0, 3]] * 7


def test_three_singletons_where_zeros_are_public():
    known = intervals(SINGLETONS, ONES_AND_TWOS, least=1, threshold=3)
    assert known == [[n, n] for n in SINGLETONS.count[ONES_AND_TWOS]]
    assert sorted(low for low, _ in known) == [1, 1, 1, 1, 1, 2, 2]
    result = audit(published(SINGLETONS, ONES_AND_TWOS, least=1, threshold=3))
    assert set(result.positions) == set(np.flatnonzero(ONES_AND_TWOS))


LINEAR = table([[1, 1, 1, 5, 5], [9, 9, 9, 9, 9], [0, 0, 0, 7, 7]])
PRIMARY = [("row0", f"column{j}") for j in range(3)]
SECOND = [("row1", f"column{j}") for j in range(3)]
THIRD = [("row2", f"column{j}") for j in range(3)]


@pytest.mark.parametrize("more", [[*SECOND, *THIRD], SECOND], ids=["default order", "zeros first"])
def test_gauss_alone_leaves_intervals_too_narrow(more):
    """SSBtools' example: no primary cell is exactly known, and yet each is at most 3."""
    cells = at(LINEAR, *PRIMARY)
    hidden = cells | at(LINEAR, *more)
    low, high = bounds(published(LINEAR, hidden))
    assert (low[cells] == 0).all() and (high[cells] == 3).all()
    assert set(np.flatnonzero(cells)) <= set(audit(published(LINEAR, hidden)).positions)


@pytest.mark.parametrize("zeros", ["hidden", "shown"])
def test_ssbtools_example_protected(zeros):
    rules = policy.Policy("five", 5, zeros=zeros)
    primary = (LINEAR.count < 5) & ((LINEAR.count > 0) | (zeros == "hidden"))
    best, _ = fewest(LINEAR, primary, rules.floor, 4)
    assert best <= secondary(LINEAR, rules) <= best + 2


SIX_BY_FOUR = [[11, 13, 17, 11], [5, 11, 20, 18], [3, 5, 12, 13], [1, 6, 1, 5], [7, 7, 17, 35], [8, 37, 3, 8]]
FOUR_BY_NINE = [
    [[12, 6, 14], [4, 6, 11], [37, 22, 6]], [[3, 8, 9], [1, 5, 4], [3, 6, 10]],
    [[15, 25, 6], [34, 6, 11], [22, 13, 4]], [[0, 6, 8], [2, 7, 10], [14, 14, 11]],
]  # fmt: skip


@pytest.mark.parametrize(("counts", "optimum", "more"), [(SIX_BY_FOUR, 4, 3), (FOUR_BY_NINE, 11, 6)])
def test_exact_optima(counts, optimum, more):
    """More than the optimum, which leaves who knows the promise out of account."""
    cells = table(counts)
    primary = (cells.count > 0) & (cells.count < 5)
    assert fewest(cells, primary, 0, 5)[0] == optimum
    best, _ = fewest(cells, primary, 1, 4)  # what the mark means where zeros are shown
    assert best <= secondary(cells, policy.Policy("shown", 5, zeros="shown")) <= best + more


def test_the_optimum_where_zeros_are_hidden():
    cells = table(SIX_BY_FOUR)
    assert secondary(cells, policy.Policy("five", 5)) <= fewest(cells, cells.count < 5, 0, 4)[0] + 2


@pytest.mark.parametrize("counts", [[[2, 9, 7], [11, 6, 14], [8, 13, 3]], [[4, 12, 8], [5, 17, 9], [19, 6, 0]]])
def test_the_optimum_beside_the_promise_by_trying_everything(counts):
    """And that nothing better than it is called safe."""
    cells = table(counts)
    primary, totals = cells.count < 5, (cells.at == 0).any(axis=1)
    weight, hidden = fewest(cells, primary, 0, 4, cells.count, threshold=5, printed=totals)
    inner = np.flatnonzero(~primary & ~totals)
    sets = sorted((cells.count[list(s)].sum(), s) for k in range(len(inner) + 1) for s in combinations(inner, k))
    small, number = np.flatnonzero(primary), np.arange(len(primary))
    safe = (value for value, also in sets if tells_no_more(cells, ~(primary | np.isin(number, also)), small))
    assert next(safe) == weight == cells.count[hidden & ~primary].sum() and tells_no_more(cells, ~hidden, small)
    shown = protect(cells, policy.Policy("five", 5)).shown
    assert shown[totals].all() and cells.count[~shown & ~primary].sum() >= weight


@pytest.mark.parametrize(("seed", "shape"), [(1, (7, 7)), (2, (6, 4)), (3, (3, 3, 3)), (4, (6, 4))])
def test_secondary_cells_count_at_most_a_third_more_than_the_least(seed, shape):
    rng, primary = np.random.default_rng(seed), np.zeros(1)
    while not 2 <= primary.sum() <= 4:
        cells = table(rng.poisson(rng.gamma(1.2, 14, shape)))
        primary = cells.count < 5
    result, totals = protect(cells, policy.Policy("five", 5)), (cells.at == 0).any(axis=1)
    least, _ = fewest(cells, primary, 0, 4, cells.count, threshold=5, printed=totals & result.shown)
    assert least <= cells.count[~result.shown & ~primary].sum() <= 4 / 3 * least


@pytest.mark.parametrize(("value", "nearest", "random"), [(0, (0, 2), (0, 4)), (10, (8, 12), (6, 14))])
def test_rounding(value, nearest, random):
    """Handbook 5.5: what a number rounded to a multiple of 5 can stand for."""
    rules = policy.Policy("rounded", 1, rounding=5)
    stands = [n for n in range(30) if rounding.printed(np.array([n]), rules)[0] == value]
    assert (min(stands), max(stands)) == nearest
    cells = table([[value, 20], [30, 40]])
    cell, nothing = where(cells, "row0", "column0"), np.zeros(len(cells.unit), dtype=bool)
    for slack, known in ((2, nearest), (4, random)):
        rounded = replace(published(cells, nothing), low=np.maximum(cells.count - slack, 0.0), high=cells.count + slack)
        low, high = bounds(rounded, cells=np.array([cell]))
        assert (low[cell], high[cell]) == known


@pytest.mark.parametrize("threshold", [1, 3, 5, 10])
@pytest.mark.parametrize("base", [0, 5])
def test_a_printed_count_stands_for_all_that_are_printed_the_same_and_no_other(threshold, base):
    """Where zeros are shown and everything from 1 up to the threshold is hidden."""
    rules = policy.Policy("rounded", threshold, zeros="shown", rounding=base)
    shown = np.array([0, *range(threshold, 60)])
    printed = rounding.printed(shown, rules)
    low, high = rounding.interval(printed, np.zeros(len(shown), dtype=bool), rules)
    for value in np.unique(printed[shown < 50]):
        alike = shown[printed == value]
        assert set(low[printed == value]) == {alike.min()}
        assert set(high[printed == value]) == {alike.max()}

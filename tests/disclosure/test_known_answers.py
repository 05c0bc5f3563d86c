"""Disclosure problems with published answers (tests/golden/disclosure.md in the project's shared notes)."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import published, release, table, where

from yjdisp.disclosure import attack, policy, rounding, suppress
from yjdisp.disclosure.cells import Published


def interval(cells, hidden, cell):
    low, high = attack.bounds(published(cells, hidden))
    return low[cell], high[cell]


def test_geurts_1992():
    cells = table([[4, 3, 0], [2, 1, 0], [3, 3, 0]])
    inside = [where(cells, f"row{i}", f"column{j}") for i in (0, 1) for j in (0, 1)]
    hidden = np.zeros(len(cells.unit), dtype=bool)
    hidden[inside] = True
    low, high = attack.bounds(published(cells, hidden))
    assert low[inside].tolist() == [3, 1, 0, 0]
    assert high[inside].tolist() == [6, 4, 3, 3]


def test_fischetti_and_salazar():
    cells = table([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    inside = [where(cells, f"row{i}", f"column{j}") for i in (1, 2) for j in (0, 2)]
    hidden = np.zeros(len(cells.unit), dtype=bool)
    hidden[inside] = True
    low, high = attack.bounds(published(cells, hidden))
    assert low[inside].tolist() == [0, 5, 0, 4]
    assert high[inside].tolist() == [25, 30, 25, 29]


SINGLETONS = [[1, 1, 7, 1, 0], [1, 0, 0, 2, 8]]


@pytest.mark.parametrize(("floor", "low", "high"), [(0, 0, 3), (1, None, None)])
def test_three_singletons(floor, low, high):
    cells = table(SINGLETONS)
    small = (cells.count > 0) & (cells.count < 3)
    a = attack.bounds(published(cells, small, floor=floor))
    inside = small & (cells.at > 0).all(axis=1)
    if floor:
        assert (a[0][inside] == cells.count[inside]).all()
        assert (a[1][inside] == cells.count[inside]).all()
        assert attack.audit(published(cells, small, floor=floor)).narrowed
    else:
        assert (a[0][inside] >= low).all()
        assert (a[1][inside] <= high).all()


def test_ssbtools_example_is_protected():
    cells = table([[1, 1, 1, 5, 5], [9, 9, 9, 9, 9], [0, 0, 0, 7, 7]])
    for name in ("caseload", "published"):
        rules = policy.load(name)
        result = suppress.protect(cells, rules)
        assert narrowed(cells, result, rules) == 0
        assert result.shown.sum() >= len(cells.unit) - 14


SIX_BY_FOUR = [[11, 13, 17, 11], [5, 11, 20, 18], [3, 5, 12, 13], [1, 6, 1, 5], [7, 7, 17, 35], [8, 37, 3, 8]]
FOUR_BY_NINE = [[[12, 6, 14], [4, 6, 11], [37, 22, 6]], [[3, 8, 9], [1, 5, 4], [3, 6, 10]],
                [[15, 25, 6], [34, 6, 11], [22, 13, 4]], [[0, 6, 8], [2, 7, 10], [14, 14, 11]]]


@pytest.mark.parametrize(("counts", "optimum"), [(SIX_BY_FOUR, 4), (FOUR_BY_NINE, 11)])
def test_close_to_the_optimum(counts, optimum):
    cells = table(counts)
    rules = policy.Policy("shown", 5, zeros="shown")
    result = suppress.protect(cells, rules)
    assert narrowed(cells, result, rules) == 0
    secondary = int((~result.shown & ~result.primary).sum())
    assert secondary <= 2 * optimum + 2


def test_rounding():
    rules = policy.load("round5")
    assert rounding.printed(np.array([0, 2, 3, 7, 8, 12]), rules).tolist() == [0, 0, 5, 5, 10, 10]
    low, high = rounding.interval(np.array([10, 6, 1]), np.array([10, 6, 1]), rules)
    assert (low.tolist(), high.tolist()) == ([8, 5, 0], [12, 7, 2])


def test_rounded_figures_are_intervals_to_the_attack():
    cells = table([[4, 8], [9, 7]])
    row = where(cells, "row0", "column0")
    low, high = np.zeros(len(cells.unit)), np.full(len(cells.unit), np.inf)
    for cell in range(len(cells.unit)):
        if cell != row:
            value = rounding.printed(cells.count[cell], policy.load("round5"))
            low[cell], high[cell] = value - 2, value + 2
    seen = Published(cells.dimensions, cells.unit, cells.at, low, high, np.arange(len(low)) == row, 5)
    least, most = attack.bounds(seen)
    assert least[row] <= 4 <= most[row]
    assert most[row] - least[row] > 2


def narrowed(cells, result, rules):
    """Primary cells that an exact attack narrows."""
    seen = release(cells, result, rules)
    low, high = attack.bounds(seen)
    primary = result.primary[~result.left_out]
    return int((primary & ((low > rules.floor) | (high < rules.threshold - 1))).sum())

"""The attack on patterns with known answers (Statistics Netherlands' handbook, Fischetti and Salazar, sdcTools)."""

from __future__ import annotations

import numpy as np
import pytest

from yjdisp.disclosure.attack import AttackError, audit, bounds
from yjdisp.disclosure.cells import Published
from yjdisp.vocabulary import flat_dimension


def published(table, hidden, *, least=0, threshold=5) -> Published:
    """A two-way table with all margins, of which the inner cells in `hidden` are not printed."""
    table = np.array(table, dtype=float)
    whole = np.block([[table.sum(), table.sum(0)], [table.sum(1)[:, None], table]])
    rows, columns = (flat_dimension(n, tuple(f"{n}{i}" for i in range(k))) for n, k in zip("rc", table.shape, strict=True))
    at = np.array([(i, j) for i in range(whole.shape[0]) for j in range(whole.shape[1])])
    mark = np.array([(i - 1, j - 1) in hidden for i, j in at])
    value = whole.reshape(-1)
    return Published(
        dimensions=(rows, columns),
        unit=np.array(["children"] * len(at)),
        at=at,
        low=np.where(mark, least, value),
        high=np.where(mark, np.inf, value),
        hidden=mark,
        threshold=threshold,
    )


def found(table, hidden, **options) -> dict:
    seen = published(table, hidden, **options)
    low, high = bounds(seen)
    return {(i - 1, j - 1): (lo, hi) for (i, j), lo, hi, h in zip(seen.at.tolist(), low, high, seen.hidden, strict=True) if h}


def test_geurts_1992():
    """Rows (X11, X12 | 7), (X21, X22 | 3), (3, 3 | 6) and columns 9, 7."""
    known = found([[5, 2], [1, 2], [3, 3]], {(0, 0), (0, 1), (1, 0), (1, 1)})
    assert known == {(0, 0): (3, 6), (0, 1): (1, 4), (1, 0): (0, 3), (1, 1): (0, 3)}


def test_fischetti_and_salazar_investment_table():
    known = found([[20, 50, 10], [8, 19, 22], [17, 32, 12]], {(1, 2), (1, 0), (2, 0), (2, 2)})
    assert known == {(1, 2): (5, 30), (1, 0): (0, 25), (2, 0): (0, 25), (2, 2): (4, 29)}


SINGLETONS = [[1, 1, 7, 1, 0], [1, 0, 0, 2, 8]]


def test_hidden_that_is_at_least_one_gives_singletons_away():
    hidden = {(0, 0), (0, 1), (0, 3), (1, 0), (1, 3)}
    known = found(SINGLETONS, hidden, least=1)
    assert known[(0, 0)] == (1, 1)
    assert audit(published(SINGLETONS, hidden, least=1, threshold=3)).narrowed > 0


def test_one_hidden_cell_in_a_row_is_recovered_and_named():
    table = [[2, 20, 30], [12, 14, 16], [18, 22, 24]]
    result = audit(published(table, {(0, 0)}))
    assert (result.hidden, result.narrowed) == (1, 1)
    assert len(result.positions) == 1


def test_row_and_column_rule_alone_is_not_enough():
    """Two hidden cells in every row and column touched, and yet a primary cell of 0 cannot be 4."""
    table = [[1, 2, 30], [2, 1, 30], [40, 50, 60]]
    hidden = {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert audit(published(table, hidden)).narrowed == 4


def test_a_safe_pattern_is_safe():
    table = [[2, 20, 30], [12, 14, 16], [18, 22, 24]]
    assert audit(published(table, {(0, 0), (0, 1), (1, 0), (1, 1)})).narrowed == 0


def test_tables_that_contradict_each_other_are_refused():
    seen = published([[2, 20], [12, 14]], {(0, 0)})
    wrong = np.where(np.arange(len(seen.low)) == 0, 3, seen.low)
    with pytest.raises(AttackError, match="contradict"):
        audit(Published(seen.dimensions, seen.unit, seen.at, wrong, wrong, seen.hidden, seen.threshold))

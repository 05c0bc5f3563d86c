"""Which sums of published numbers give a hidden one away: exact elimination over a prime field.

Integers modulo a prime have no rounding errors, and a row that is independent modulo the prime is independent over the
rationals. The converse fails with a probability of about 1 in 2³¹ a row; what is decided here is only a candidate, and
the linear programs have the last word.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

PRIME = (1 << 31) - 1


class Span:
    """The span of the published rows, and what is left of the rows that must stay outside of it.

    Args:
        rows: (r, k) sparse integer matrix from which published rows are drawn.
        targets: (t, k) sparse integer matrix of the rows to keep outside of the span.
    """

    def __init__(self, rows: sparse.csr_array, targets: sparse.csr_array) -> None:
        self._rows = sparse.csr_array(rows)
        self._left = _field(targets)
        self._basis: list[NDArray[np.int64]] = []
        self._pivot = np.zeros(0, dtype=np.int64)
        self._where = np.full(rows.shape[1], -1, dtype=np.int64)  # the basis row of each pivot column

    def offer(self, row: int, force: bool = False) -> tuple[bool, bool]:
        """Publishes a row unless that would bring a target into the span.

        Returns:
            Whether it is published, and whether it said anything new.
        """
        rest = self._reduced(_field(self._rows[[row]])[0])
        support = np.flatnonzero(rest)
        if not len(support):
            return True, False
        pivot = support[0]
        rest = rest * pow(int(rest[pivot]), -1, PRIME) % PRIME
        share = self._left[:, pivot]
        touched = np.flatnonzero(share)
        after = (self._left[touched] - share[touched, None] * rest) % PRIME
        given_away = ~after.any(axis=1)
        if given_away.any() and not force:
            return False, True
        self._left[touched] = after
        self._where[pivot] = len(self._basis)
        self._basis.append(rest)
        return True, True

    def lost(self) -> NDArray[np.int64]:
        """Positions of the targets that are in the span."""
        return np.flatnonzero(~self._left.any(axis=1))

    def _reduced(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        """A row less its part in the span. Basis rows are zero left of their pivots, so one sweep is enough."""
        at = 0
        while True:
            ahead = np.flatnonzero((row[at:] != 0) & (self._where[at:] >= 0))
            if not len(ahead):
                return row
            at += int(ahead[0])
            row = (row - row[at] * self._basis[self._where[at]]) % PRIME
            at += 1


def _field(rows: sparse.csr_array) -> NDArray[np.int64]:
    return sparse.csr_array(rows).toarray().astype(np.int64) % PRIME

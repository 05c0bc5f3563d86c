"""Earlier releases: what they still say about today's records.

The records of a period are taken to be the same in every release wherever the figures agree: an earlier figure that is
still true of today's records is a row of today's system. Where a record was corrected or came late, the earlier figure
spoke about other records; it has a copy of its own of the atoms concerned, which says nothing of today's, and so no row.
A protector knows which earlier figures are still true; a reader can only see it where both releases print a figure, and
has to guess elsewhere. Linking every figure that is still true is therefore the most that a reader can rightly assume.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.cells import Published
from yjdisp.disclosure.system import System
from yjdisp.disclosure.worlds import Rows

TOLERANCE = 1e-6


def linked(system: System, earlier: Sequence[Published], truth: NDArray[np.float64], sure: NDArray[np.bool_]) -> Rows:
    """Rows of the earlier figures that are still true: what is public of today's records already.

    Args:
        system: made of today's cells and then of the earlier releases, in their order.
        earlier: those releases.
        truth: (f,) today's true figures.
        sure: (f,) bool, where `truth` is known (figures of other plans are not, where there are no case records).
    """
    low, high = np.full(system.size, -np.inf), np.full(system.size, np.inf)
    for release, figure in zip(earlier, system.figure[1:], strict=True):
        there = ~release.hidden & sure[figure]
        there &= (truth[figure] >= release.low - TOLERANCE) & (truth[figure] <= release.high + TOLERANCE)
        np.maximum.at(low, figure[there], release.low[there])
        np.minimum.at(high, figure[there], release.high[there])
    return rows(system, np.flatnonzero(np.isfinite(low) | np.isfinite(high)), low, high)


def believed(system: System, today: Published, earlier: Sequence[Published]) -> Rows:
    """The same as far as a reader can tell: earlier figures that no visible correction concerns.

    A figure that both releases print, differently, was corrected. The corrections with no other correction inside them
    show which atoms are concerned; what overlaps them is not linked.
    """
    none = np.full(system.size, -np.inf), np.full(system.size, np.inf)
    now_low, now_high = none[0].copy(), none[1].copy()
    shown = ~today.hidden
    now_low[system.figure[0][shown]], now_high[system.figure[0][shown]] = today.low[shown], today.high[shown]
    low, high = none
    corrected = np.zeros(system.size, dtype=bool)
    for release, figure in zip(earlier, system.figure[1:], strict=True):
        there = ~release.hidden
        f, least, most = figure[there], release.low[there], release.high[there]
        corrected[f[(least > now_high[f] + TOLERANCE) | (most < now_low[f] - TOLERANCE)]] = True
        corrected[f[(least > high[f] + TOLERANCE) | (most < low[f] - TOLERANCE)]] = True
        np.maximum.at(low, f, least)
        np.minimum.at(high, f, most)
    linked = (np.isfinite(low) | np.isfinite(high)) & ~corrected
    linked[_touched(system, np.flatnonzero(corrected))] = False
    return rows(system, np.flatnonzero(linked), low, high)


def _touched(system: System, corrected: NDArray[np.int64]) -> NDArray[np.int64]:
    """Figures that overlap one of the smallest corrected figures."""
    if not len(corrected):
        return corrected
    box = np.concatenate(list(system.covers.values()), axis=1)
    touched = np.zeros(system.size, dtype=bool)
    for figure in corrected.tolist():
        rivals = corrected[(system.unit[corrected] == system.unit[figure]) & (corrected != figure)]
        if (box[rivals] <= box[figure]).all(axis=1).any():
            continue
        overlap = system.unit == system.unit[figure]
        for cover in system.covers.values():
            overlap &= (cover & cover[figure]).any(axis=1)
        touched |= overlap
    return np.flatnonzero(touched)


def rows(system: System, figures: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Rows:
    """Single figures as rows with bounds."""
    k = len(figures)
    matrix = sparse.csr_array((np.ones(k), (np.arange(k), figures)), shape=(k, system.size))
    return Rows(matrix, low[figures], high[figures])

"""What a policy hides by itself, and what must stay possible for every such cell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import rounding
from yjdisp.disclosure.cells import Cells, exempt_cells, exempt_values
from yjdisp.disclosure.facts.boxes import Numbered
from yjdisp.disclosure.policy import Policy


@dataclass(frozen=True)
class Targets:
    """What must stay possible: t sums of figures, each of which must be able to be small and to be large.

    Attributes:
        rows: (t, f) sparse: a primary figure, or the part of a group outside of the category that all of it is in.
        low: (t,) float, the value that it must be able to fall to; infinity where nothing is required.
        high: (t,) float, the value that it must be able to rise to.
    """

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def only(self, keep: NDArray[np.int64]) -> Targets:
        """Some of the targets."""
        return Targets(sparse.csr_array(self.rows[keep]), self.low[keep], self.high[keep])


def exempt_around(cells: Cells, policy: Policy) -> NDArray[np.float64]:
    """(n,) float: the most that the exempt cell which a cell is part of can be by what is printed of it, infinity where
    there is none.

    Exempt cells are printed however small, so that a part of one is known to be no larger: that much is what the
    policy tells, and no table can be blamed for it. (Girls of unknown ethnicity, where 2 of unknown ethnicity is
    printed, can be 0 to 2.)
    """
    whole = _exempt_whole(cells, policy)
    return np.where(
        whole >= 0, rounding.interval(cells.count, exempt_cells(cells, policy.exempt), policy)[1][whole], np.inf
    )


def small_cells(cells: Cells, policy: Policy) -> NDArray[np.bool_]:
    """(n,) bool: fewer distinct children than the threshold behind the cell, zeros included where they are hidden;
    exempt cells, and parts of an exempt cell of 0, left out."""
    small = cells.children < policy.threshold
    if policy.zeros == "shown":
        small = small & (cells.count > 0)
    return small & ~exempt_cells(cells, policy.exempt) & ~of_nothing(cells, policy)


def of_nothing(cells: Cells, policy: Policy) -> NDArray[np.bool_]:
    """(n,) bool: parts of an exempt cell of 0, which is printed, so that everybody knows them to be 0. A rounded 0 says
    no such thing, nor may its parts."""
    whole = _exempt_whole(cells, policy)
    return (whole >= 0) & (cells.count[whole] == 0) & (policy.rounding == 0)


def _exempt_whole(cells: Cells, policy: Policy) -> NDArray[np.int64]:
    """(n,) int: the exempt cell that each cell is part of, -1 where there is none."""
    silent, other = exempt_values(cells, policy.exempt)
    place = np.where(other, 0, cells.at)
    at = {(u, *row): i for i, (u, row) in enumerate(zip(cells.unit.tolist(), cells.at.tolist(), strict=True))}
    whole = [
        at.get((u, *row), -1) if some else -1
        for u, row, some in zip(cells.unit.tolist(), place.tolist(), silent.any(axis=1).tolist(), strict=True)
    ]
    return np.array(whole, dtype=np.int64)


def one_category(
    cells: Numbered,
    low: NDArray[np.number],
    high: NDArray[np.number],
    sensitive: Collection[str],
    exempt: Collection[str],
) -> NDArray[np.int64]:
    """Group disclosure: pairs of cells (a group, the category of something sensitive that all of it is in, as far as both
    of them tell). Were a rounded category printed that could be all of its group, it would be known that it is not.

    Args:
        low, high: (n,) what each cell is between where it is printed; its count where that is told as it is.

    Returns:
        (p, 2) int positions of cells: the group, and the group in the category. Exempt categories do not count.
    """
    pairs: list[tuple[int, int]] = []
    names = [d.name for d in cells.dimensions]
    groups = {(u, *row): i for i, (u, row) in enumerate(zip(cells.unit.tolist(), cells.at.tolist(), strict=True))}
    for name in set(names) & set(sensitive):
        d = names.index(name)
        values = cells.dimensions[d].values
        for i in np.flatnonzero((cells.at[:, d] > 0) & (low > 0)):
            place = cells.at[i].copy()
            if values[place[d]] in exempt:
                continue
            place[d] = 0
            group = groups.get((str(cells.unit[i]), *place.tolist()))
            if group is not None and low[group] <= high[i]:
                pairs.append((group, int(i)))
    return np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)


def targets(
    cells: Cells, policy: Policy, figure: NDArray[np.int64], size: int
) -> tuple[NDArray[np.bool_], Targets, NDArray[np.int64]]:
    """Primary cells and what must stay possible for them.

    Args:
        figure: (n,) the figure of each cell.
        size: how many figures there are.

    Returns:
        primary (n,) bool, the targets, and for each target the figure that is hidden for its sake.
    """
    small = small_cells(cells, policy)
    ends = rounding.interval(cells.count, exempt_cells(cells, policy.exempt), policy)
    pairs = one_category(cells, *ends, policy.sensitive, policy.exempt)
    primary = np.isin(figure, figure[np.concatenate([np.flatnonzero(small), pairs[:, 1]])])
    owners = np.unique(figure[small])
    groups = np.unique(figure[pairs], axis=0) if len(pairs) else pairs
    groups = groups[~np.isin(groups[:, 1], owners)]
    t, g = len(owners), len(groups)
    rows = sparse.csr_array(
        (
            np.concatenate([np.ones(t + g), -np.ones(g)]),
            (
                np.concatenate([np.arange(t), t + np.arange(g), t + np.arange(g)]),
                np.concatenate([owners, groups[:, 0], groups[:, 1]]),
            ),
        ),
        shape=(t + g, size),
    )
    low = np.concatenate([np.full(t, float(policy.floor)), np.full(g, np.inf)])
    reach = np.full(size, float(max(policy.threshold - 1, policy.floor)))
    np.minimum.at(reach, figure, np.maximum(exempt_around(cells, policy), policy.floor))
    high = np.concatenate([reach[owners], np.ones(g)])
    return primary, Targets(rows, low, high), np.concatenate([owners, groups[:, 1]]).astype(np.int64)

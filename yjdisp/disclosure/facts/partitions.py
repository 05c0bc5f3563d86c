"""Partitions of the positions of an axis into classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components


def joined(*partitions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The finest partition of positions whose classes are unions of classes of every given one."""
    n = len(partitions[0])
    row = np.concatenate([np.arange(n)] * len(partitions))
    starts = np.cumsum([n, *(int(p.max()) + 1 for p in partitions)])
    column = np.concatenate([p + s for p, s in zip(partitions, starts, strict=False)])
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(starts[-1], starts[-1]))
    return np.unique(connected_components(graph, directed=False)[1][:n], return_inverse=True)[1]


def crossing(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two partitions tell of each other what neither's unions of classes tell: where a class of the one and one of
    the other have no position in common, and yet hang together by others.

    Args:
        one, other: (positions,) int, the class of each; -1 for those in none.
    """
    live = (one >= 0) & (other >= 0)
    if not live.any():
        return False
    one, other = one[live], other[live]
    both = np.unique(np.column_stack([joined(one, other), one, other]), axis=0)
    for together in np.unique(both[:, 0]):
        pairs = both[both[:, 0] == together, 1:]
        if len(pairs) < len(np.unique(pairs[:, 0])) * len(np.unique(pairs[:, 1])):
            return True
    return False

"""Tables written by hand, as cells and as what is published of them."""

from __future__ import annotations

from itertools import product

import numpy as np
from synthetic import flat

from yjdisp.disclosure.cells import Cells, Published
from yjdisp.vocabulary import ALL


def table(counts, names=("row", "column", "layer")):
    """Cells of one table of counts with all margins: one dimension an array axis, positions r0, r1, …; no records."""
    counts = np.asarray(counts)
    dims = tuple(flat(n, [f"{n}{i}" for i in range(k)]) for n, k in zip(names, counts.shape, strict=False))
    at = np.array(list(product(*(range(len(d.values)) for d in dims))))
    value = np.array([counts[np.ix_(*[range(k) if i == 0 else [i - 1] for i, k in zip(row, counts.shape, strict=True)])]
                      .sum() for row in at])
    n = len(at)
    return Cells(dims, np.repeat("children", n), np.zeros(n, dtype=int), at, value, value, np.zeros(n, dtype=int))


def where(cells, *values):
    """Position of the cell at these values ("All" for the rest)."""
    place = [d.values.index(next((v for v in values if v in d.values and v != ALL), ALL)) for d in cells.dimensions]
    return int(np.flatnonzero((cells.at == place).all(axis=1))[0])


def published(cells, hidden, floor=0, threshold=5, exempt=()):
    """What a reader sees of cells of which some are hidden."""
    hidden = np.asarray(hidden)
    count = cells.count.astype(float)
    return Published(cells.dimensions, cells.unit, cells.at, np.where(hidden, floor, count),
                     np.where(hidden, np.inf, count), hidden, threshold, exempt)


def release(cells, protected, policy):
    """What a reader sees of protected cells."""
    keep = np.flatnonzero(~protected.left_out)
    shown = protected.shown[keep]
    value = protected.value[keep].astype(float)
    slack = policy.rounding // 2
    return Published(cells.dimensions, cells.unit[keep], cells.at[keep],
                     np.where(shown, np.maximum(value - slack, 0), policy.floor),
                     np.where(shown, value + slack, np.inf), ~shown, policy.threshold, policy.exempt)

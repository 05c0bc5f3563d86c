"""What goes into protection, and what comes out: cells as arrays, with no dataframe and no file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from yjdisp.vocabulary import Dimension

FREE_AXES = frozenset({"period", "area"})


@dataclass(frozen=True)
class Cells:
    """The true counts of a plan's tables: n cells over d dimensions. Never leaves the analyst's side.

    Attributes:
        dimensions: the d dimensions.
        unit: (n,) str, what each cell counts: "children", "outcomes" or "offences".
        table: (n,) int, the table that each cell belongs to (tables are numbered in the plan's order).
        at: (n, d) int, each cell's value on each dimension as a position in `Dimension.values`; 0 ("All") also
            where the dimension is not part of the cell's table.
        count: (n,) int.
        children: (n,) int, distinct children behind each cell.
        tier: (n,) int, order of importance, 0 first.
        occupied: for each unit, its records, one entry each: a mapping from axis name to an (m,) array of position
            names, under the key of the unit, and "child" to an (m,) int array that tells whose they are; empty for a
            counts file, where the records are not known.
    """

    dimensions: tuple[Dimension, ...]
    unit: NDArray[np.str_]
    table: NDArray[np.int64]
    at: NDArray[np.int64]
    count: NDArray[np.int64]
    children: NDArray[np.int64]
    tier: NDArray[np.int64]
    occupied: dict[str, dict[str, NDArray]] = field(default_factory=dict)

    def only(self, which: NDArray[np.bool_]) -> Cells:
        """Some of the cells, of the same records."""
        arrays = ("unit", "table", "at", "count", "children", "tier")
        return replace(self, **{name: getattr(self, name)[which] for name in arrays})


@dataclass(frozen=True)
class Published:
    """What anybody can read in a release: all that an attack may use.

    Attributes:
        dimensions, unit, at: as in `Cells`.
        low, high: (n,) float, the least and the greatest count that the printed cell stands for: equal where the
            count is printed, the rounding interval where it is rounded, and from 0 (1 where zeros are shown) to
            infinity where it is hidden.
        hidden: (n,) bool, where the mark is printed instead of a count.
        threshold: the policy's threshold, which is public.
        exempt: the policy's exempt values, which are public: cells that have no other value are printed however small.
        sensitive: the policy's sensitive dimensions.
    """

    dimensions: tuple[Dimension, ...]
    unit: NDArray[np.str_]
    at: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    threshold: int
    exempt: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()


def exempt_cells(cells: Cells | Published, exempt: Collection[str]) -> NDArray[np.bool_]:
    """(n,) bool: cells that say nothing about a child: on every axis but period and area they are at "All" or at an
    exempt value, and at least one is exempt."""
    silent, other = exempt_values(cells, exempt)
    return silent.any(axis=1) & ~other.any(axis=1)


def exempt_values(cells: Cells | Published, exempt: Collection[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two (n, d) bool: where a cell is at an exempt value, and where at a value that says something about a child."""
    silent = np.zeros(cells.at.shape, dtype=bool)
    other = np.zeros(cells.at.shape, dtype=bool)
    for d, dimension in enumerate(cells.dimensions):
        if dimension.axis not in FREE_AXES:
            silent[:, d] = np.isin(dimension.values, list(exempt))[cells.at[:, d]]
            other[:, d] = ~silent[:, d] & (cells.at[:, d] > 0)
    return silent, other

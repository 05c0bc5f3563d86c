"""A plan's numbers as one sparse system over atoms.

An *atom* is a combination of the finest divisions that any number of a unit looks at, whether or not it occurs. A
*figure* is a number that may be shown: the sum of the atoms inside a box (a set of classes on every axis). Cells with
the same box are the same figure: the all-years margin of year × ethnicity is the pooled ethnicity cell, and a cell of
an earlier release over the same records is today's cell. *Links* are what the definitions of the units say about
their figures: children ≤ outcomes ≤ offences wherever only the year, the area and the child decide.

The product of the classes can hold millions of atoms, so atoms are never listed unless somebody asks for it: the
columns of chosen atoms come from `columns`, and `prices` values every atom of the product at once for column generation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.cells import Dimension

UNITS = ("children", "outcomes", "offences")
PERIOD = "period"
CHILD_AXES = frozenset({PERIOD, "area", "ethnicity", "sex", "age", "send", "care"})


class CellsError(ValueError):
    """Cells that do not fit together."""


class Numbered(Protocol):
    """Whatever has cells by unit and position: `Cells` and `Published`."""

    dimensions: tuple[Dimension, ...]
    unit: NDArray[np.str_]
    at: NDArray[np.int64]


@dataclass(frozen=True)
class Space:
    """The atoms of one unit: the product of the classes of its axes.

    Attributes:
        axes: the axes on which any figure of the unit divides.
        class_of: for each of them, the class of every position.
    """

    axes: tuple[str, ...]
    class_of: tuple[NDArray[np.int64], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Classes per axis."""
        return tuple(int(c.max()) + 1 for c in self.class_of)

    @property
    def size(self) -> int:
        """Atoms in the product."""
        return int(np.prod(self.shape, dtype=np.int64)) if self.axes else 1


    def atoms(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """(k, axes) int: the classes of atoms given by their numbers in the product."""
        if not self.axes:
            return np.zeros((len(codes), 0), dtype=np.int64)
        return np.stack(np.unravel_index(codes, self.shape), axis=1).astype(np.int64)

    def codes(self, atoms: NDArray[np.int64]) -> NDArray[np.int64]:
        """(k,) int: the numbers of atoms in the product."""
        if not self.axes:
            return np.zeros(len(atoms), dtype=np.int64)
        return np.ravel_multi_index(tuple(atoms.T), self.shape).astype(np.int64)


@dataclass(frozen=True)
class System:
    """Figures over atoms, and what links them.

    Attributes:
        positions: for each axis, the names of its positions.
        spaces: for each unit of `UNITS`, its atoms.
        unit: (f,) int, the unit of each figure as a position in `UNITS`.
        covers: for each axis, (f, positions) bool: the box of each figure.
        figure: for each part that the system was made of, (n,) int: the figure of each cell.
        links: (l, f) sparse: rows that are at least 0 in every world.
        behind: (f,) int, the children figure that is at least the threshold when the figure is printed; -1 where
            there is none.
    """

    positions: dict[str, tuple[str, ...]]
    spaces: tuple[Space, ...]
    unit: NDArray[np.int64]
    covers: dict[str, NDArray[np.bool_]]
    figure: tuple[NDArray[np.int64], ...]
    links: sparse.csr_array
    behind: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Figures."""
        return len(self.unit)

    @cached_property
    def boxes(self) -> tuple[tuple[NDArray[np.bool_], ...], ...]:
        """For each unit and each of its axes, (f, classes) bool: the boxes in classes."""
        result = []
        for space in self.spaces:
            first = [np.unique(c, return_index=True)[1] for c in space.class_of]
            result.append(tuple(self.covers[a][:, i] for a, i in zip(space.axes, first, strict=True)))
        return tuple(result)

    def columns(self, unit: int, atoms: NDArray[np.int64]) -> sparse.csc_array:
        """(f, k) sparse 0/1: which figures each atom of a unit is part of; atoms is (k, axes) int."""
        members = np.flatnonzero(self.unit == unit)
        inside = np.ones((len(atoms), len(members)), dtype=bool)
        for axis, box in enumerate(self.boxes[unit]):
            inside &= box[members].T[atoms[:, axis]]
        column, row = np.nonzero(inside)
        data = np.ones(len(row))
        return sparse.csc_array((data, (members[row], column)), shape=(self.size, len(atoms)))

    def prices(self, unit: int, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """For every atom of the product, the sum of the values of the figures that it is part of.

        Args:
            unit: position in `UNITS`.
            value: (f,) a value for each figure.

        Returns:
            An array of the shape of the unit's space.
        """
        shape = self.spaces[unit].shape
        total = np.zeros(shape)
        for axes, members in self._groups[unit]:
            worth = value[members]
            used = np.flatnonzero(worth)
            if not len(used):
                continue
            part = worth[used][:, None]
            for axis in axes:  # outer product over the axes on which these figures divide
                box = self.boxes[unit][axis][members[used]]
                part = (part[:, :, None] * box[:, None, :]).reshape(len(used), -1)
            grid = [shape[a] if a in axes else 1 for a in range(len(shape))]
            total += part.sum(axis=0).reshape(grid)
        return total

    @cached_property
    def _groups(self) -> tuple[list[tuple[tuple[int, ...], NDArray[np.int64]]], ...]:
        """For each unit, its figures by the axes on which they divide, in pieces that keep `prices` small."""
        result = []
        for unit, boxes in enumerate(self.boxes):
            members = np.flatnonzero(self.unit == unit)
            divides = np.zeros((len(boxes), len(members)), dtype=bool)
            for axis, box in enumerate(boxes):
                divides[axis] = ~box[members].all(axis=1)
            groups: dict[tuple[int, ...], list[int]] = {}
            for figure, key in zip(members, divides.T, strict=True):
                groups.setdefault(tuple(np.flatnonzero(key).tolist()), []).append(int(figure))
            pieces = []
            for axes, figures in groups.items():
                step = max(1, 2_000_000 // int(np.prod([boxes[a].shape[1] for a in axes], dtype=np.int64)))
                pieces += [(axes, np.array(figures[i:i + step])) for i in range(0, len(figures), step)]
            result.append(pieces)
        return tuple(result)

    def locate(self, occupied: Mapping[str, Mapping[str, NDArray[np.str_]]], unit: int) -> NDArray[np.int64]:
        """(k, axes) int: the atoms of the combinations of positions that occur, one row each, repeats and all.

        Raises:
            CellsError: a position that no dimension knows.
        """
        names = occupied.get(UNITS[unit], {})
        space = self.spaces[unit]
        if not names:
            return np.zeros((0, len(space.axes)), dtype=np.int64)
        length = len(next(iter(names.values())))
        result = np.zeros((length, len(space.axes)), dtype=np.int64)
        for column, (axis, classes) in enumerate(zip(space.axes, space.class_of, strict=True)):
            if axis not in names:
                raise CellsError(f"occupied combinations of {UNITS[unit]}: axis {axis!r} is missing")
            known = {name: number for number, name in enumerate(self.positions[axis])}
            values, which = np.unique(np.asarray(names[axis]).astype(str), return_inverse=True)
            if not set(values.tolist()) <= set(known):
                raise CellsError(f"occupied combinations of {UNITS[unit]}: unknown position on axis {axis!r}")
            result[:, column] = classes[np.array([known[v] for v in values.tolist()], dtype=np.int64)][which]
        return result


def build(parts: Sequence[Numbered]) -> System:
    """One system for the cells of several parts: today's, and those of earlier releases.

    Dimensions are matched by name through the names of the positions that their values cover, so that releases with
    other values still speak about the same atoms.

    Raises:
        CellsError: an unknown unit.
    """
    positions = _positions(parts)
    axes = tuple(positions)
    offsets = np.cumsum([0, *(len(positions[a]) for a in axes)])
    units, boxes = zip(*(_boxes(part, positions) for part in parts), strict=True)
    unit, box = np.concatenate(units), np.concatenate(boxes)
    years = _years(positions.get(PERIOD, ()))
    if PERIOD in positions:
        where = slice(offsets[axes.index(PERIOD)], offsets[axes.index(PERIOD) + 1])
        rows = unit == 0
        box[rows, where] = _whole_years(box[rows, where], years)
    else:
        where = slice(0, 0)
    key, inverse = _unique(unit, box)
    cells = len(key[0])
    unit, box, links, behind = _linked(*key, axes, offsets, where, years)
    covers = {a: box[:, offsets[i]:offsets[i + 1]] for i, a in enumerate(axes)}
    spaces = tuple(_space(covers, unit == u) for u in range(len(UNITS)))
    ends = np.cumsum([0, *(len(part.unit) for part in parts)])
    figure = tuple(inverse[ends[i]:ends[i + 1]] for i in range(len(parts)))
    assert not len(inverse) or inverse.max() < cells
    return System(positions, spaces, unit, covers, figure, links, behind)


def _positions(parts: Sequence[Numbered]) -> dict[str, tuple[str, ...]]:
    """Every axis with the names of all positions that any part knows, sorted."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for dimension in part.dimensions:
            found.setdefault(dimension.axis, set()).update(*dimension.covers)
    return {axis: tuple(sorted(names)) for axis, names in sorted(found.items())}


def _boxes(part: Numbered, positions: dict[str, tuple[str, ...]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The unit of each cell, and its box as one row of bits over the positions of all axes.

    "All" of a dimension covers every position of the part's own axis; where another part knows more of them (later
    quarters), the box is the part's own.
    """
    names = np.asarray(part.unit).astype(str)
    if not set(np.unique(names).tolist()) <= set(UNITS):
        raise CellsError(f"a unit must be one of {', '.join(UNITS)}")
    unit = np.array([UNITS.index(u) for u in names.tolist()], dtype=np.int64)
    own = {a: set() for a in positions}
    for dimension in part.dimensions:
        own[dimension.axis].update(*dimension.covers)
    blocks = []
    for axis, all_names in positions.items():
        present = np.array([name in own[axis] for name in all_names], dtype=bool)
        whole = present if axis == PERIOD and own[axis] else np.ones(len(all_names), dtype=bool)
        block = np.repeat(whole[None], len(unit), axis=0)
        for d, dimension in enumerate(part.dimensions):
            if dimension.axis != axis:
                continue
            table = np.array([[name in cover for name in all_names] for cover in dimension.covers], dtype=bool)
            table[0] |= whole
            block &= table[part.at[:, d]]
        blocks.append(block)
    box = np.concatenate(blocks, axis=1) if blocks else np.zeros((len(unit), 0), dtype=bool)
    return unit, box


def _years(periods: Sequence[str]) -> NDArray[np.int64]:
    """The year of each position of the period: "2021/22 Q1" belongs to 2021/22."""
    label = [p.rsplit(" Q", 1)[0] for p in periods]
    return np.unique(label, return_inverse=True)[1] if label else np.zeros(0, dtype=np.int64)


def _whole_years(periods: NDArray[np.bool_], years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Every year that a set of quarters touches, whole."""
    if not len(years):
        return periods
    touched = np.zeros((len(periods), int(years.max()) + 1), dtype=bool)
    for column, year in enumerate(years):
        touched[:, year] |= periods[:, column]
    return touched[:, years]


def _unique(unit: NDArray[np.int64], box: NDArray[np.bool_]
            ) -> tuple[tuple[NDArray[np.int64], NDArray[np.bool_]], NDArray[np.int64]]:
    """Figures in the order in which their first cell comes, and the figure of each cell."""
    packed = np.concatenate([unit[:, None].astype(np.uint8), np.packbits(box, axis=1)], axis=1)
    seen: dict[bytes, int] = {}
    inverse = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in packed], dtype=np.int64)
    first = np.zeros(len(seen), dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(unit))[::-1]
    return (unit[first], box[first]), inverse


def _linked(unit: NDArray[np.int64], box: NDArray[np.bool_], axes: tuple[str, ...], offsets: NDArray[np.int64],
            where: slice, years: NDArray[np.int64]
            ) -> tuple[NDArray[np.int64], NDArray[np.bool_], sparse.csr_array, NDArray[np.int64]]:
    """Adds the figures that the links need, and gives the links and the children behind each figure."""
    packed = np.packbits(box, axis=1)
    known = {(int(u), row.tobytes()): i for i, (u, row) in enumerate(zip(unit, packed, strict=True))}
    units, rows = unit.tolist(), list(box)
    present = [u for u in range(len(UNITS)) if (unit == u).any()]

    def number(u: int, row: NDArray[np.bool_]) -> int:
        key = (u, np.packbits(row).tobytes())
        if key not in known:
            known[key] = len(rows)
            units.append(u)
            rows.append(row)
        return known[key]

    free = np.zeros(box.shape[1], dtype=bool)  # bits of the axes that a child does not decide
    for i, axis in enumerate(axes):
        if axis not in CHILD_AXES:
            free[offsets[i]:offsets[i + 1]] = True
    of_child = box[:, free].all(axis=1)
    whole = (_whole_years(box[:, where], years) == box[:, where]).all(axis=1)
    pairs: dict[tuple[int, int], None] = {}
    behind = np.full(len(unit), -1, dtype=np.int64)
    for i in range(len(unit)):
        if len(present) > 1 and of_child[i] and whole[i]:
            chain = [number(u, box[i]) for u in present]
            pairs.update(dict.fromkeys(pairwise(chain)))
        if unit[i] > 0 and 0 in present:
            row = box[i] | free
            row[where] = _whole_years(row[None, where], years)[0]
            behind[i] = number(0, row)
    count = len(rows)
    data = np.tile([-1.0, 1.0], len(pairs))
    at = np.array(list(pairs), dtype=np.int64).reshape(-1)
    links = sparse.csr_array((data, (np.repeat(np.arange(len(pairs)), 2), at)), shape=(len(pairs), count))
    behind = np.concatenate([behind, np.full(count - len(behind), -1, dtype=np.int64)])
    return np.array(units, dtype=np.int64), np.array(rows, dtype=bool).reshape(count, box.shape[1]), links, behind


def _space(covers: dict[str, NDArray[np.bool_]], members: NDArray[np.bool_]) -> Space:
    """Classes of positions that no figure of the unit tells apart; axes with a single class are left out."""
    axes, classes = [], []
    for axis, cover in covers.items():
        patterns = np.unique(cover[members], axis=0)
        inverse = np.unique(patterns, axis=1, return_inverse=True)[1].reshape(-1)
        inside = patterns.any(axis=0)
        if len(patterns) and (inverse.max(initial=0) > 0 or not inside.all()):
            axes.append(axis)
            classes.append(inverse.astype(np.int64))
    return Space(tuple(axes), tuple(classes))

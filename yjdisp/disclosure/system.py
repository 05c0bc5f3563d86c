"""A plan's numbers as one sparse system over atoms.

An *atom* is a combination of the finest divisions that any number of a unit looks at, whether or not it occurs. A
*figure* is a number that may be shown: the sum of the atoms inside a box (a set of classes on every axis). Cells with
the same box are the same figure: the all-years margin of year × ethnicity is the pooled ethnicity cell, and a cell of
an earlier release over the same records is today's cell. Records that were corrected, or came late, leave an earlier
release with a *version* of its own of the period concerned: a position of its own on the period axis.

*Links* are what the definitions of the units say about figures: children ≤ outcomes ≤ offences wherever only the year,
the area and the child decide, and children who reoffended ≤ their further offences. The product of the classes can
hold millions of atoms, so nobody lists them (see `blocks`).
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
from yjdisp.vocabulary import COUNTED as UNITS

CHILDREN, OFFENCES, FURTHER = 0, 2, 3  # positions in UNITS
YEARLY = (CHILDREN, FURTHER)  # units that are counted once a year, in its first quarter
REOFFENDED = ("reoffended", "Yes")  # axis and position of the children whom further offences are of
PERIOD = "period"
CHILD_AXES = frozenset({PERIOD, "area", "ethnicity", "sex", "age", "send", "care"})

Versions = Mapping[str, Mapping[str, str]]  # of each unit, the version of a quarter (for children: of its year's first)
Growth = Mapping[str, Mapping[str, str]]  # of each unit, what a position of the period has grown to


@dataclass(frozen=True)
class History:
    """Which records of several releases are the same.

    Attributes:
        versions: for each part of a system, the quarters that it has a version of its own of.
        growths: from each release to each later one, positions whose records are all in the later position, with others.
    """

    versions: tuple[Versions, ...] = ()
    growths: tuple[Growth, ...] = ()


UNCHANGED = History()


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
        class_of: for each of them, the class of every position; -1 where no figure looks at it.
    """

    axes: tuple[str, ...]
    class_of: tuple[NDArray[np.int64], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Classes per axis."""
        return tuple(int(c.max()) + 1 for c in self.class_of)


@dataclass(frozen=True)
class System:
    """Figures over atoms, and what links them.

    Attributes:
        positions: for each axis, the names of its positions.
        spaces: for each unit of `UNITS`, its atoms.
        unit: (f,) int, the unit of each figure as a position in `UNITS`.
        covers: for each axis, (f, positions) bool: the box of each figure.
        figure: for each part that the system was made of, (n,) int: the figure of each cell.
        behind: for each part, (n,) int: the children figure that is at least the threshold when the cell is printed;
            -1 where there is none.
        periods: for each part, (units, quarters) int: where the quarters of the part are on the period axis.
        growths: as in `History`, (unit, position before, position after) of each step.
        links: (l, f) sparse: rows that are at least 0 in every world.
    """

    positions: dict[str, tuple[str, ...]]
    spaces: tuple[Space, ...]
    unit: NDArray[np.int64]
    covers: dict[str, NDArray[np.bool_]]
    figure: tuple[NDArray[np.int64], ...]
    behind: tuple[NDArray[np.int64], ...]
    periods: tuple[NDArray[np.int64], ...]
    growths: tuple[tuple[tuple[int, int, int], ...], ...]
    links: sparse.csr_array

    @property
    def size(self) -> int:
        """Figures."""
        return len(self.unit)

    @cached_property
    def boxes(self) -> tuple[tuple[NDArray[np.bool_], ...], ...]:
        """For each unit and each of its axes, (f, classes) bool: the boxes in classes."""
        result = []
        for space in self.spaces:
            first = [[int(np.argmax(c == k)) for k in range(int(c.max()) + 1)] for c in space.class_of]
            result.append(tuple(self.covers[a][:, i] for a, i in zip(space.axes, first, strict=True)))
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


def build(parts: Sequence[Numbered], history: History = UNCHANGED, plan: Numbered | None = None) -> System:
    """One system for the cells of several parts: today's, and those of earlier releases.

    Dimensions are matched by name through the names of the positions that their values cover, so that releases with
    other values still speak about the same atoms.

    Args:
        history: which records of the parts are the same; all of the same periods where it is not given.
        plan: cells of the first part's dimensions that tell atoms apart and are no figures.

    Raises:
        CellsError: an unknown unit.
    """
    versions = [*history.versions, *({} for _ in parts[len(history.versions) :])]
    own = [_positions([part]) for part in parts]
    labels = [_labels(o.get(PERIOD, ()), v) for o, v in zip(own, versions, strict=True)]
    positions = _positions(parts)
    if PERIOD in positions:
        positions[PERIOD] = tuple(sorted({name for of in labels for names in of for name in names}))
    made = [
        _made(part, positions | {axis: names for axis, names in o.items() if axis == PERIOD})
        for part, o in zip(parts, own, strict=True)
    ]
    place = {name: i for i, name in enumerate(positions.get(PERIOD, ()))}
    periods = tuple(
        np.array([[place[n] for n in names] for names in of], dtype=np.int64).reshape(len(UNITS), -1) for of in labels
    )
    boxes = [_relabelled(m, positions, p) for m, p in zip(made, periods, strict=True)]
    unit = np.concatenate([m.unit for m in made])
    apart = [_apart(own, labels, positions, u) for u in range(len(UNITS))]
    if plan is not None:
        wider = _made(plan, positions | {axis: names for axis, names in own[0].items() if axis == PERIOD})
        box = _relabelled(wider, positions, periods[0])
        apart = [np.concatenate([rows, box[wider.unit == u]]) for u, rows in enumerate(apart)]
    (unit, box), inverse = _unique(unit, np.concatenate(boxes))
    ends = np.cumsum([0, *(len(m.unit) for m in made)])
    figures = [inverse[a:b] for a, b in pairwise(ends)]
    linked = dict.fromkeys((int(f[a]), int(f[b])) for m, f in zip(made, figures, strict=True) for a, b in m.links)
    at = np.array(list(linked), dtype=np.int64).reshape(-1)
    row = np.repeat(np.arange(len(linked)), 2)
    offsets = np.cumsum([0, *(len(names) for names in positions.values())])
    covers = {a: box[:, offsets[i] : offsets[i + 1]] for i, a in enumerate(positions)}
    return System(
        positions=positions,
        spaces=tuple(_space(covers, unit == u, apart[u]) for u in range(len(UNITS))),
        unit=unit,
        covers=covers,
        figure=tuple(f[: len(part.unit)] for part, f in zip(parts, figures, strict=True)),
        behind=tuple(
            np.where(m.behind >= 0, f[m.behind], -1)[: len(part.unit)]
            for part, m, f in zip(parts, made, figures, strict=True)
        ),
        periods=periods,
        growths=tuple(
            tuple(
                (UNITS.index(u), place[before], place[after])
                for u, grown in step.items()
                for before, after in grown.items()
                if before in place and after in place
            )
            for step in history.growths
        ),
        links=sparse.csr_array((np.tile([-1.0, 1.0], len(linked)), (row, at)), shape=(len(linked), len(unit))),
    )


@dataclass(frozen=True)
class _Made:
    """Figures of one part in its own quarters: its cells' and those that only links need."""

    unit: NDArray[np.int64]
    box: NDArray[np.bool_]
    links: list[tuple[int, int]]
    behind: NDArray[np.int64]


def _made(part: Numbered, positions: dict[str, tuple[str, ...]]) -> _Made:
    axes = tuple(positions)
    offsets = np.cumsum([0, *(len(names) for names in positions.values())])
    unit, box = _boxes(part, positions)
    years, where = _years(positions.get(PERIOD, ())), slice(0, 0)
    if PERIOD in positions:
        where = slice(offsets[axes.index(PERIOD)], offsets[axes.index(PERIOD) + 1])
        rows = np.isin(unit, YEARLY)
        box[rows, where] = _whole_years(box[rows, where], years)
    return _linked(unit, box, axes, offsets, where, years, _again(positions, offsets))


def _again(positions: dict[str, tuple[str, ...]], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The box of what reoffenders do: everything but the other positions of that axis."""
    axis, value = REOFFENDED
    inside = np.ones(offsets[-1], dtype=bool)
    if value in positions.get(axis, ()):
        start = offsets[list(positions).index(axis)]
        inside[start : start + len(positions[axis])] = [name == value for name in positions[axis]]
    return inside


def placed(quarters: Sequence[str], unit: str) -> list[str]:
    """Where each quarter's records are on the period axis: some units are counted once a year, in its first quarter."""
    first: dict[str, str] = {}
    for quarter in quarters:
        first.setdefault(_year(quarter), quarter)
    return [first[_year(quarter)] if UNITS.index(unit) in YEARLY else quarter for quarter in quarters]


def _year(quarter: str) -> str:
    """ "2021/22 Q1" belongs to 2021/22."""
    return quarter.rsplit(" Q", 1)[0]


def versioned(period: str, unit: str, versions: Versions) -> str:
    """The position of a period in a release that has these versions."""
    return period + versions.get(unit, {}).get(period, "")


def _labels(quarters: Sequence[str], versions: Versions) -> list[list[str]]:
    """For each unit, the position of every quarter in its version."""
    return [[versioned(name, unit, versions) for name in placed(quarters, unit)] for unit in UNITS]


def _relabelled(made: _Made, positions: dict[str, tuple[str, ...]], periods: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The boxes with the part's quarters at their places on the common period axis."""
    if not periods.size:
        return made.box
    start = sum(len(names) for axis, names in positions.items() if axis < PERIOD)
    quarters = periods.shape[1]
    inside = np.zeros((len(made.unit), len(positions[PERIOD])), dtype=bool)
    for row, unit in enumerate(made.unit):
        inside[row, periods[unit][made.box[row, start : start + quarters]]] = True
    return np.concatenate([made.box[:, :start], inside, made.box[:, start + quarters :]], axis=1)


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
    """The year of each position of the period, as a number."""
    label = [_year(p) for p in periods]
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
            where: slice, years: NDArray[np.int64], again: NDArray[np.bool_]) -> _Made:
    """Adds the figures that the links need, and gives the links and the children behind each figure."""
    known: dict[tuple[int, bytes], int] = {}
    for i, (u, row) in enumerate(zip(unit.tolist(), np.packbits(box, axis=1), strict=True)):
        known.setdefault((u, row.tobytes()), i)
    units, rows = unit.tolist(), list(box)
    present = [u for u in range(OFFENCES + 1) if (unit == u).any()]

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
        if len(present) > 1 and of_child[i] and whole[i] and unit[i] != FURTHER:
            chain = [number(u, box[i]) for u in present]
            pairs.update(dict.fromkeys(pairwise(chain)))
        if unit[i] > CHILDREN and CHILDREN in present:
            row = box[i] | free
            row[where] = _whole_years(row[None, where], years)[0]
            behind[i] = number(CHILDREN, row & again if unit[i] == FURTHER else row)
            if unit[i] == FURTHER and not again.all():
                pairs[behind[i], i] = None
    behind = np.concatenate([behind, np.full(len(rows) - len(behind), -1, dtype=np.int64)])
    return _Made(np.array(units, dtype=np.int64), np.array(rows, dtype=bool).reshape(len(rows), box.shape[1]),
                 list(pairs), behind)


def _apart(
    own: Sequence[dict[str, tuple[str, ...]]],
    labels: Sequence[list[list[str]]],
    positions: dict[str, tuple[str, ...]],
    unit: int,
) -> NDArray[np.bool_]:
    """(k, bits) bool: each version of a period that the unit has several of, by itself."""
    versions: dict[str, set[str]] = {}
    for names, of in zip(own, labels, strict=True):
        for quarter, label in zip(names.get(PERIOD, ()), of[unit], strict=True):
            versions.setdefault(quarter, set()).add(label)
    changed = sorted({label for of in versions.values() if len(of) > 1 for label in of})
    bits = [(axis, name) for axis, names in positions.items() for name in names]
    rows = [[bit == (PERIOD, label) for bit in bits] for label in changed]
    return np.array(rows, dtype=bool).reshape(len(changed), len(bits))


def _space(covers: dict[str, NDArray[np.bool_]], members: NDArray[np.bool_], apart: NDArray[np.bool_]) -> Space:
    """Classes of positions that neither a figure of the unit nor another set of positions tells apart; axes with a
    single class of all are left out."""
    axes, classes, start = [], [], 0
    for axis, cover in covers.items():
        patterns, others = np.unique(cover[members], axis=0), apart[:, start : start + cover.shape[1]]
        start += cover.shape[1]
        live = patterns.any(axis=0)
        if len(patterns) and live.any():
            told = np.unique(np.concatenate([patterns, others])[:, live], axis=0)
            of_live = np.unique(told, axis=1, return_inverse=True)[1].reshape(-1)
            if of_live.max() > 0 or not live.all():
                axes.append(axis)
                classes.append(np.full(len(live), -1, dtype=np.int64))
                classes[-1][live] = of_live
    return Space(tuple(axes), tuple(classes))

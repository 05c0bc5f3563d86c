"""The figures of one release in its own quarters: its cells' boxes, and those that only links need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.cells import Dimension
from yjdisp.disclosure.facts.units import (
    CHILD_AXES,
    CHILDREN,
    COUNTED,
    FURTHER,
    OFFENCES,
    PERIOD,
    REOFFENDED,
    YEARLY,
    whole_years,
    years_of,
)
from yjdisp.vocabulary import seriousness


class CellsError(ValueError):
    """Cells that do not fit together."""


class Numbered(Protocol):
    """Whatever has cells by unit and position: `Cells` and `Published`."""

    dimensions: tuple[Dimension, ...]
    unit: NDArray[np.str_]
    at: NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """Figures of one part in its own quarters: its cells' and those that only links need."""

    unit: NDArray[np.int64]
    box: NDArray[np.bool_]
    links: list[tuple[int, int]]
    behind: NDArray[np.int64]


def made_of(part: Numbered, positions: dict[str, tuple[str, ...]]) -> Made:
    """The figures of a part over these positions of every axis, of which those of the period are its own quarters.

    Raises:
        CellsError: an unknown unit.
    """
    axes = tuple(positions)
    offsets = np.cumsum([0, *(len(names) for names in positions.values())])
    unit, box = _boxes(part, positions)
    years, where = years_of(positions.get(PERIOD, ())), slice(0, 0)
    if PERIOD in positions:
        where = slice(offsets[axes.index(PERIOD)], offsets[axes.index(PERIOD) + 1])
        rows = np.isin(unit, YEARLY)
        box[rows, where] = whole_years(box[rows, where], years)
    return _linked(unit, box, positions, offsets, where, years)


def _again(positions: dict[str, tuple[str, ...]], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The box of what reoffenders do: everything but the other positions of that axis."""
    axis, value = REOFFENDED
    inside = np.ones(offsets[-1], dtype=bool)
    if value in positions.get(axis, ()):
        start = offsets[list(positions).index(axis)]
        inside[start : start + len(positions[axis])] = [name == value for name in positions[axis]]
    return inside


def relabelled(made: Made, positions: dict[str, tuple[str, ...]], periods: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The boxes with the part's quarters at their places on the common period axis."""
    if not periods.size:
        return made.box
    start = sum(len(names) for axis, names in positions.items() if axis < PERIOD)
    quarters = periods.shape[1]
    inside = np.zeros((len(made.unit), len(positions[PERIOD])), dtype=bool)
    for row, unit in enumerate(made.unit):
        inside[row, periods[unit][made.box[row, start : start + quarters]]] = True
    return np.concatenate([made.box[:, :start], inside, made.box[:, start + quarters :]], axis=1)


def positions_of(parts: Sequence[Numbered]) -> dict[str, tuple[str, ...]]:
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
    if not set(np.unique(names).tolist()) <= set(COUNTED):
        raise CellsError(f"a unit must be one of {', '.join(COUNTED)}")
    unit = np.array([COUNTED.index(u) for u in names.tolist()], dtype=np.int64)
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


def _linked(
    unit: NDArray[np.int64],
    box: NDArray[np.bool_],
    positions: dict[str, tuple[str, ...]],
    offsets: NDArray[np.int64],
    where: slice,
    years: NDArray[np.int64],
) -> Made:
    """Adds the figures that the links need, and gives the links and the children behind each figure."""
    known: dict[tuple[int, bytes], int] = {}
    for i, (u, row) in enumerate(zip(unit.tolist(), np.packbits(box, axis=1), strict=True)):
        known.setdefault((u, row.tobytes()), i)
    units, rows, again = unit.tolist(), list(box), _again(positions, offsets)
    happened = _happened(box[unit == CHILDREN], positions, offsets)
    present = [u for u in range(OFFENCES + 1) if (unit == u).any()]

    def number(u: int, row: NDArray[np.bool_]) -> int:
        key = (u, np.packbits(row).tobytes())
        if key not in known:
            known[key] = len(rows)
            units.append(u)
            rows.append(row)
        return known[key]

    free = np.zeros(box.shape[1], dtype=bool)  # bits of the axes that a child does not decide
    for i, axis in enumerate(positions):
        if axis not in CHILD_AXES:
            free[offsets[i] : offsets[i + 1]] = True
    of_child = box[:, free].all(axis=1)
    whole = (whole_years(box[:, where], years) == box[:, where]).all(axis=1)
    pairs: dict[tuple[int, int], None] = {}
    behind = np.full(len(unit), -1, dtype=np.int64)
    for i in range(len(unit)):
        if len(present) > 1 and of_child[i] and whole[i] and unit[i] != FURTHER:
            chain = [number(u, box[i]) for u in present]
            pairs.update(dict.fromkeys(pairwise(chain)))
        if unit[i] > CHILDREN and CHILDREN in present:
            row = box[i] | free
            row[where] = whole_years(row[None, where], years)[0]
            if unit[i] != FURTHER and not of_child[i]:
                row &= _no_less(box[i], happened)
            behind[i] = number(CHILDREN, row & again if unit[i] == FURTHER else row)
            if unit[i] == FURTHER and not again.all():
                pairs[behind[i], i] = None
    behind = np.concatenate([behind, np.full(len(rows) - len(behind), -1, dtype=np.int64)])
    return Made(
        np.array(units, dtype=np.int64),
        np.array(rows, dtype=bool).reshape(len(rows), box.shape[1]),
        list(pairs),
        behind,
    )


def _happened(
    children: NDArray[np.bool_], positions: dict[str, tuple[str, ...]], offsets: NDArray[np.int64]
) -> list[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """For each axis of what happens: its bits, how serious every position is (all the same, where nobody knows), and its
    class, as far as boxes of children tell positions apart."""
    found = []
    for axis, (start, end) in zip(positions, pairwise(offsets.tolist()), strict=True):
        if axis not in CHILD_AXES:
            known = seriousness(axis)
            ranked = set(positions[axis]) <= known.keys()
            rank = np.array([known[name] if ranked else 0 for name in positions[axis]], dtype=np.int64)
            classes = np.unique(children[:, start:end], axis=1, return_inverse=True)[1].reshape(-1)
            found.append((slice(start, end), rank, classes))
    return found


def _no_less(
    box: NDArray[np.bool_], happened: list[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]
) -> NDArray[np.bool_]:
    """The box of what a child is counted by who has something of another box: no less serious than the least of it. Only
    of an axis on which that box alone is not everything."""
    result = np.ones(len(box), dtype=bool)
    told = [one for one in happened if not box[one[0]].all()]
    if len(told) == 1 and box[told[0][0]].any():
        at, rank, classes = told[0]
        result[at] = np.isin(classes, classes[rank >= rank[box[at]].min()])
    return result

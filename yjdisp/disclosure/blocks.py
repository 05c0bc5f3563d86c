"""Figures split into blocks that hang together only by who, when and where.

The *base* of a unit divides it by period, area and ethnicity. The other axes fall into *parts*: axes that some figure
divides together. Given the base, the parts are independent of each other: tables over base and part that agree on the
base always belong to some set of records (they form a junction tree; Lauritzen 1996, section 4.4). So one part can
be changed by itself, with the base and all other parts left as they truly are, and the linear programs stay small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.system import CHILD_AXES, UNITS, System

BASE = ("period", "area", "ethnicity")
MOST = 1500  # atoms of a block where what occurs is known
ALL = 200_000  # and where it is not


@dataclass(frozen=True)
class Block:
    """The atoms of one unit over its base and one part.

    Attributes:
        unit: position in `UNITS`.
        part: the names of the axes beside the base; empty for the base itself.
        figures: the figures that divide on these axes only.
        own: (figures,) bool, those that divide the part, or for the base itself all.
        inside: (figures, atoms) bool, which atoms each of them sums.
        base_rows: (base atoms, atoms) sparse, which atoms make up each base atom.
        held: (atoms,) float, the records that truly are there.
    """

    unit: int
    part: tuple[str, ...]
    figures: NDArray[np.int64]
    own: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    base_rows: sparse.csr_array
    held: NDArray[np.float64]


def blocks(system: System, occupied: Mapping[str, Mapping[str, NDArray[np.str_]]] | None = None) -> tuple[Block, ...]:
    """The base and every part of every unit, bases first; `occupied` as in `Cells`, without it nothing is held."""
    found = []
    for unit in range(len(UNITS)):
        members = np.flatnonzero(system.unit == unit)
        if len(members):
            divides = _divides(system, unit, members)
            atoms = system.locate(occupied, unit) if occupied else np.zeros((0, divides.shape[1]), dtype=np.int64)
            for part in [(), *_parts(system.spaces[unit].axes, divides)]:
                found.append(_block(system, unit, members, divides, part, atoms))
    return tuple(sorted(found, key=lambda block: (len(block.part) > 0, block.unit)))


def _divides(system: System, unit: int, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(members, axes) bool: the axes on which each figure is less than everything."""
    return np.stack([~box[members].all(axis=1) for box in system.boxes[unit]] or [np.zeros(len(members))], axis=1) > 0


def _parts(axes: tuple[str, ...], divides: NDArray[np.bool_]) -> list[tuple[str, ...]]:
    """The axes beside the base, those that any figure divides together in one part."""
    parts: list[set[str]] = []
    for row in np.unique(divides, axis=0):
        together = {axis for axis, used in zip(axes, row, strict=False) if used and axis not in BASE}
        if together:
            touched = [p for p in parts if p & together]
            parts = [p for p in parts if p not in touched] + [together.union(*touched)]
    return [tuple(sorted(part)) for part in parts]


def _block(system: System, unit: int, members, divides, part: tuple[str, ...], located) -> Block:
    space = system.spaces[unit]
    used = [i for i, axis in enumerate(space.axes) if axis in BASE or axis in part]
    outside = [i for i in range(len(space.axes)) if i not in used]
    mine = ~divides[:, outside].any(axis=1)
    of_part = divides[mine][:, [i for i in used if space.axes[i] in part]].any(axis=1)
    shape = tuple(space.shape[i] for i in used)
    held = _code(located[:, used], shape)
    atoms = _atoms(shape, held, MOST if len(held) else ALL)
    place = np.stack(np.unravel_index(atoms, shape), axis=1) if shape else np.zeros((len(atoms), 0), dtype=np.int64)
    inside = np.ones((int(mine.sum()), len(atoms)), dtype=bool)
    for column, i in enumerate(used):
        inside &= system.boxes[unit][i][members[mine]][:, place[:, column]]
    base = [column for column, i in enumerate(used) if space.axes[i] in BASE]
    base_shape = tuple(shape[column] for column in base)
    of_base = _code(place[:, base], base_shape)
    return Block(
        unit=unit,
        part=part,
        figures=members[mine],
        own=of_part if part else np.ones(len(of_part), dtype=bool),
        inside=inside,
        base_rows=sparse.csr_array(
            (np.ones(len(atoms)), (of_base, np.arange(len(atoms)))), shape=(int(np.prod(base_shape)), len(atoms))
        ),
        held=np.bincount(np.searchsorted(atoms, held), minlength=len(atoms)).astype(float),
    )


def _code(place: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    return np.ravel_multi_index(tuple(place.T), shape) if shape else np.zeros(len(place), dtype=np.int64)


def _atoms(shape: tuple[int, ...], held: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The whole product where that is small; else what occurs and others at random: fewer worlds, never wrong ones."""
    size = int(np.prod(shape, dtype=np.int64))
    if size <= most:
        return np.arange(size)
    return np.union1d(held, np.random.default_rng(0).integers(0, size, most))


def groups(found: tuple[Block, ...]) -> list[tuple[Block, ...]]:
    """Blocks that must be changed together: the units' bases, and the units' blocks of the same part of the child."""
    together: dict[object, list[Block]] = {}
    for number, block in enumerate(found):
        of_child = set(block.part) <= CHILD_AXES
        together.setdefault(block.part if of_child else number, []).append(block)
    return [tuple(group) for group in together.values()]


def joint(system: System, found: tuple[Block, ...]) -> tuple[sparse.csr_array, sparse.csr_array]:
    """All blocks at once: the figures over all their atoms (f × atoms), and rows that are 0 where parts and base agree."""
    starts = np.cumsum([0, *(len(b.held) for b in found)])
    base = {b.unit: i for i, b in enumerate(found) if not b.part}
    sums, same = [], []
    for i, block in enumerate(found):
        place = sparse.csr_array(
            (np.ones(len(block.held)), (np.arange(len(block.held)), np.arange(starts[i], starts[i + 1]))),
            shape=(len(block.held), starts[-1]),
        )
        put = sparse.csr_array(
            (np.ones(int(block.own.sum())), (block.figures[block.own], np.flatnonzero(block.own))),
            shape=(system.size, len(block.figures)),
        )
        sums.append(put @ sparse.csr_array(block.inside.astype(float)) @ place)
        if block.part:
            k = base[block.unit]
            columns = np.arange(starts[k], starts[k + 1])
            of_base = sparse.csr_array(
                (np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), starts[-1])
            )
            same.append(block.base_rows @ place - of_base)
    nothing = sparse.csr_array((0, int(starts[-1])))
    return sparse.csr_array(sum(sums[1:], sums[0])), sparse.csr_array(sparse.vstack([nothing, *same]))

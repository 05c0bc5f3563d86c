"""Figures split into blocks that hang together only by who, when and where.

The *base* of a unit divides it by period, area and ethnicity. The other axes fall into *parts*: axes that some figure
divides together. Given the base, the parts are independent of each other: tables over base and part that agree on the
base always belong to some set of records (they form a junction tree; Lauritzen 1996, section 4.4). So nobody needs the
product of all axes: records over the blocks, side by side (see `ground`), are a world as soon as the blocks agree on the
base.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.units import CHILDREN, FURTHER, comparable
from yjdisp.disclosure.system import System

BASE = ("period", "area", "ethnicity")
MOST = 1500  # atoms of a block where what occurs is known
OWED = 6000  # there, beside earlier releases: a world too few would be taken for something that they give away
ALL = 200_000  # where it is not known
Occupied = Mapping[str, Mapping[str, NDArray[np.str_]]]


@dataclass(frozen=True)
class Block:
    """The atoms of one unit over its base and one part.

    Attributes:
        unit: position in `COUNTED`.
        axes: the names of the axes that it divides.
        part: those of them beside the base; empty for the base itself.
        figures: the figures that divide on these axes only.
        own: (figures,) bool, those that divide the part, or for the base itself all.
        inside: (figures, atoms) bool, which atoms each of them sums.
        place: (atoms, axes) int, the class of each atom on each axis.
        base_rows: (base atoms, atoms) sparse, which atoms make up each base atom.
        held: (atoms,) float, the records that truly are there.
        atom_of: (records,) int, the atom of each record, in the order of `Cells.occupied`; -1 where no figure looks at it.
    """

    unit: int
    axes: tuple[str, ...]
    part: tuple[str, ...]
    figures: NDArray[np.int64]
    own: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    place: NDArray[np.int64]
    base_rows: sparse.csr_array
    held: NDArray[np.float64]
    atom_of: NDArray[np.int64]

    def complete(self, system: System) -> bool:
        """Whether there is an atom for every combination of classes."""
        space = system.spaces[self.unit]
        return len(self.place) == prod(space.shape[space.axes.index(axis)] for axis in self.axes)


def blocks(system: System, occupied: Occupied | None = None) -> tuple[Block, ...]:
    """The base and every part of every unit, bases first; `occupied` as in `Cells`, without it nothing is held."""
    most = OWED if len(system.figure) > 1 else MOST
    located = {unit: system.locate(occupied or {}, unit) for unit in np.unique(system.unit).tolist()}
    return tuple(_around(system, unit, part, located[unit], most) for unit, part in pieces(system))


def pieces(system: System) -> list[tuple[int, tuple[str, ...]]]:
    """Unit and part of every block, bases first; the part of a base is empty.

    What figures of one unit divide together, so do the blocks of those that it is compared with, as far as they divide
    it at all: else nobody could compare them.
    """
    units = np.unique(system.unit).tolist()
    divided = {unit: _divided(system, unit) for unit in units}
    found = []
    for unit in units:
        mine = set(system.spaces[unit].axes)
        others = [(other, of) for other in units if other != unit for of in divided[other]]
        together = [divided[unit], *(_compared(unit, other, of & mine) for other, of in others)]
        found += [(unit, part) for part in [(), *joined(chain.from_iterable(together))]]
    return sorted(found, key=lambda one: (len(one[1]) > 0, one[0]))


def _divided(system: System, unit: int) -> list[frozenset[str]]:
    """The axes that figures of a unit divide together."""
    rows = np.unique(_divides(system, unit, np.flatnonzero(system.unit == unit)), axis=0)
    axes = system.spaces[unit].axes
    return [frozenset(axis for axis, used in zip(axes, row, strict=False) if used) for row in rows]


def _compared(unit: int, other: int, axes: frozenset[str]) -> list[frozenset[str]]:
    """Those of some axes by which records of two units are compared at once; children and their further offences by all."""
    if FURTHER in (unit, other):
        return [axes] if CHILDREN in (unit, other) else []
    return comparable(min(unit, other), axes)


def axes_of(system: System, unit: int, part: tuple[str, ...]) -> tuple[str, ...]:
    """The axes that a block divides."""
    return tuple(axis for axis in system.spaces[unit].axes if axis in BASE or axis in part)


def _divides(system: System, unit: int, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(members, axes) bool: the axes on which each figure is less than everything."""
    return np.stack([~box[members].all(axis=1) for box in system.boxes[unit]] or [np.zeros(len(members))], axis=1) > 0


def joined(divided: Iterable[Collection[str]]) -> list[tuple[str, ...]]:
    """The parts beside the base, where these axes are divided together."""
    parts: list[set[str]] = []
    for axes in divided:
        if together := set(axes) - set(BASE):
            touched = [p for p in parts if p & together]
            parts = [p for p in parts if p not in touched] + [together.union(*touched)]
    return [tuple(sorted(part)) for part in parts]


def _around(system: System, unit: int, part: tuple[str, ...], located: NDArray[np.int64], most: int) -> Block:
    """The block of these records, and of atoms around them."""
    space = system.spaces[unit]
    used = [space.axes.index(axis) for axis in axes_of(system, unit, part)]
    shape = tuple(space.shape[i] for i in used)
    looked_at = (located[:, used] >= 0).all(axis=1)
    records = coded(located[looked_at][:, used], shape)
    atoms = _atoms(shape, records, most if len(records) else ALL)
    place = np.stack(np.unravel_index(atoms, shape), axis=1) if shape else np.zeros((len(atoms), 0), dtype=np.int64)
    atom_of = np.full(len(located), -1, dtype=np.int64)
    atom_of[looked_at] = np.searchsorted(atoms, records)
    return block(system, unit, part, place, atom_of)


def block(
    system: System, unit: int, part: tuple[str, ...], place: NDArray[np.int64], atom_of: NDArray[np.int64]
) -> Block:
    """The block over some atoms, given by their classes on its axes, that hold records, given by their atoms."""
    space, axes = system.spaces[unit], axes_of(system, unit, part)
    members = np.flatnonzero(system.unit == unit)
    divides = _divides(system, unit, members)
    mine = ~divides[:, [i for i, axis in enumerate(space.axes) if axis not in axes]].any(axis=1)
    of_part = divides[mine][:, [i for i, axis in enumerate(space.axes) if axis in part]].any(axis=1)
    inside = np.ones((int(mine.sum()), len(place)), dtype=bool)
    for column, axis in enumerate(axes):
        inside &= system.boxes[unit][space.axes.index(axis)][members[mine]][:, place[:, column]]
    base = [column for column, axis in enumerate(axes) if axis in BASE]
    base_shape = tuple(space.shape[space.axes.index(axes[column])] for column in base)
    of_base = coded(place[:, base], base_shape)
    return Block(
        unit=unit,
        axes=axes,
        part=part,
        figures=members[mine],
        own=of_part if part else np.ones(len(of_part), dtype=bool),
        inside=inside,
        place=place,
        base_rows=sparse.csr_array(
            (np.ones(len(place)), (of_base, np.arange(len(place)))), shape=(int(np.prod(base_shape)), len(place))
        ),
        held=np.bincount(atom_of[atom_of >= 0], minlength=len(place)).astype(float),
        atom_of=atom_of,
    )


def coded(place: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """(k,) int: one number for each row of classes, (k, axes)."""
    return np.ravel_multi_index(tuple(place.T), shape) if shape else np.zeros(len(place), dtype=np.int64)


def rows_by(
    block: Block, code: NDArray[np.int64], size: int, time_of: NDArray[np.int64] | None = None
) -> sparse.csr_array:
    """(times * size, atoms): which atoms have each code, time by time.

    Args:
        time_of: the time of each class on the period axis, -1 for none; all are of one time where it is not given.
    """
    time = np.zeros(len(code), dtype=np.int64)
    if time_of is not None:
        time = time_of[block.place[:, block.axes.index("period")]]
    atoms = np.flatnonzero(time >= 0)
    count = 1 if time_of is None else int(time_of.max(initial=-1)) + 1
    return sparse.csr_array(
        (np.ones(len(atoms)), ((time * size + code)[atoms], atoms)), shape=(count * size, len(code))
    )


def _atoms(shape: tuple[int, ...], held: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The whole product where that is small; else what occurs and others at random: fewer worlds, never wrong ones."""
    size = int(np.prod(shape, dtype=np.int64))
    if size <= most:
        return np.arange(size)
    return np.union1d(held, np.random.default_rng(0).integers(0, size, most))

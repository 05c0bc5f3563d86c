"""Figures split into blocks that hang together only by who, when and where.

The *base* of a unit divides it by period, area and ethnicity. The other axes fall into *parts*: axes that some figure
divides together. Given the base, the parts are independent of each other: tables over base and part that agree on the
base always belong to some set of records (they form a junction tree; Lauritzen 1996, section 4.4). So one part can
be changed by itself, with the base and all other parts left as they truly are, and the linear programs stay small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.system import CHILD_AXES, UNITS, System

BASE = ("period", "area", "ethnicity")


@dataclass(frozen=True)
class Block:
    """The atoms of one unit over its base and one part.

    Attributes:
        unit: position in `UNITS`.
        part: the names of the axes beside the base; empty for the base itself.
        figures: the figures that divide on these axes only.
        inside: (figures, atoms) bool, which atoms each of them sums.
        base: (atoms,) int, the base atom that each atom belongs to.
        held: (atoms,) float, records that truly are there; NaN where that is not known.
    """

    unit: int
    part: tuple[str, ...]
    figures: NDArray[np.int64]
    inside: NDArray[np.bool_]
    base: NDArray[np.int64]
    held: NDArray[np.float64]


def blocks(system: System, occupied) -> tuple[Block, ...]:
    """The base and every part of every unit, bases first."""
    found = []
    for unit in range(len(UNITS)):
        members = np.flatnonzero(system.unit == unit)
        if len(members):
            divides = _divides(system, unit, members)
            atoms = system.locate(occupied, unit)
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
    mine = members[~divides[:, outside].any(axis=1)] if outside else members
    inside = np.ones((len(mine), 1), dtype=bool)
    for i in used:
        inside = (inside[:, :, None] & system.boxes[unit][i][mine][:, None, :]).reshape(len(mine), -1)
    shape = [space.shape[i] for i in used]
    base = [i for i, axis in enumerate(space.axes[j] for j in used) if axis in BASE]
    place = np.indices(shape).reshape(len(shape), -1) if shape else np.zeros((0, 1), dtype=np.int64)
    base_shape = [shape[i] for i in base]
    of_base = np.ravel_multi_index(tuple(place[base]), base_shape) if base else np.zeros(inside.shape[1], dtype=int)
    held = np.full(inside.shape[1], np.nan)
    if len(located):
        code = np.ravel_multi_index(tuple(located[:, used].T), shape) if shape else np.zeros(len(located), dtype=int)
        held = np.bincount(code, minlength=inside.shape[1]).astype(float)
    return Block(unit, part, mine, inside, of_base, held)


def groups(found: tuple[Block, ...]) -> list[tuple[Block, ...]]:
    """Blocks that must be changed together: the units' bases, and the units' blocks of the same part of the child."""
    together: dict[object, list[Block]] = {}
    for number, block in enumerate(found):
        of_child = set(block.part) <= CHILD_AXES
        together.setdefault(block.part if of_child else number, []).append(block)
    return [tuple(group) for group in together.values()]

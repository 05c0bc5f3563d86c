"""What only rises: of a child's year, and of an outcome, the most serious offence counts (and so on), so that whatever is
added makes it no less serious."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.units import CHILD_AXES
from yjdisp.disclosure.system import System
from yjdisp.vocabulary import seriousness

KEPT = {"children": CHILD_AXES, "outcomes": CHILD_AXES | {"disposal"}}  # what does not rise where records are added


def steps(axis: str, names: Sequence[str], *partitions: NDArray[np.int64]) -> NDArray[np.int64]:
    """(positions,) int: how serious each position of an axis is, as far as classes tell that apart: one more wherever all
    classes with something less serious have nothing more serious in them; 0 where a name is unknown.

    Args:
        names: of the positions.
        partitions: (positions,) int each, the class of every position.
    """
    known = seriousness(axis)
    if not set(names) <= known.keys():
        return np.zeros(len(names), dtype=np.int64)
    rank = np.array([known[name] for name in names])
    reach = np.max([[rank[of == k].max() for k in of] for of in partitions], axis=0)
    order = np.argsort(rank, kind="stable")
    apart = rank[order][1:] > np.maximum.accumulate(reach[order])[:-1]
    result = np.zeros(len(names), dtype=np.int64)
    result[order[1:]] = np.cumsum(apart)
    return result


def at_least(system: System, blocks: Sequence[Block], axes: Sequence[str]) -> Iterator[tuple[NDArray[np.float64], ...]]:
    """For everything, and for each seriousness on each of some axes that all blocks divide and tell apart: for each block
    (atoms,) 1 for those that are at least as serious on every axis, else 0."""
    for chosen in product(*(_from_each_step(system, blocks, axis) for axis in axes)):
        inside = [np.ones(len(block.held)) for block in blocks]
        for of_axis in chosen:
            inside = [some * more for some, more in zip(inside, of_axis, strict=True)]
        yield tuple(inside)


def _from_each_step(system: System, blocks: Sequence[Block], axis: str) -> list[tuple[NDArray[np.bool_], ...]]:
    partitions = [system.classes(block.unit, axis) for block in blocks]
    step = steps(axis, system.positions[axis], *partitions)
    of_atoms = []
    for block, classes in zip(blocks, partitions, strict=True):
        of_class = np.zeros(int(classes.max()) + 1, dtype=np.int64)
        of_class[classes[classes >= 0]] = step[classes >= 0]
        of_atoms.append(of_class[block.place[:, block.axes.index(axis)]])
    return [tuple(of >= least for of in of_atoms) for least in range(int(step.max(initial=0)) + 1)]

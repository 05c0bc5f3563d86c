"""Worlds found for one tier, in the atoms of another tier of the same records: what is known need not be found again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.ground import Ground
from yjdisp.disclosure.model import TOLERANCE
from yjdisp.disclosure.system import System


@dataclass(frozen=True)
class Found:
    """Worlds over the ground of a system.

    Attributes:
        system: whose classes the atoms are made of.
        whole: the ground.
        worlds: (w, k) sparse, records per atom.
    """

    system: System
    whole: Ground
    worlds: sparse.csr_array

    def over(self, system: System, whole: Ground) -> sparse.csr_array:
        """(w, k): the same worlds over another ground of the same records, those of them that are worlds there.

        A block that only the other ground has holds its true records: that is a world where the base is as it truly is.
        """
        before = {(b.unit, b.axes, b.part): number for number, b in enumerate(self.whole.blocks)}
        count = self.worlds.shape[0]
        pieces = [sparse.csr_array((count, 0))]
        possible = np.ones(count, dtype=bool)
        for block in whole.blocks:
            if (number := before.get((block.unit, block.axes, block.part))) is None:
                pieces.append(sparse.kron(np.ones((count, 1)), sparse.csr_array(block.held[None])))
                continue
            records = self.worlds[:, _atoms(self.whole)[number]]
            same = _same_atoms(self.system, self.whole.blocks[number], system, block)
            pieces.append(records @ same)
            possible &= records @ (1 - same.sum(axis=1)) <= TOLERANCE
        worlds = sparse.csr_array(sparse.hstack(pieces))
        possible &= (abs(whole.base @ worlds.T) > TOLERANCE).sum(axis=0) == 0
        possible &= ((whole.ordered @ worlds.T) < -TOLERANCE).sum(axis=0) == 0
        return worlds[possible]


def _atoms(whole: Ground) -> list[slice]:
    """Where the atoms of each block are."""
    return [slice(*ends) for ends in pairwise(whole.starts.tolist())]


def _same_atoms(of: System, block: Block, to: System, other: Block) -> sparse.csr_array:
    """(atoms of one block, atoms of the other) which are the same."""
    number = {tuple(at): i for i, at in enumerate(other.place.tolist())}
    place = [number.get(tuple(at), -1) for at in _translated(of, block, to).tolist()]
    row = np.flatnonzero(np.array(place) >= 0)
    shape = (len(block.held), len(other.held))
    return sparse.csr_array((np.ones(len(row)), (row, np.array(place)[row])), shape=shape)


def _translated(of: System, block: Block, to: System) -> NDArray[np.int64]:
    """(atoms, axes) int: the class of each atom in another system, -1 where it is no class there."""
    result = np.zeros_like(block.place)
    for column, axis in enumerate(block.axes):
        names, wanted = (_names(system, block.unit, axis) for system in (of, to))
        number = {of_class: i for i, of_class in enumerate(wanted)}
        result[:, column] = np.array([number.get(of_class, -1) for of_class in names])[block.place[:, column]]
    return result


def _names(system: System, unit: int, axis: str) -> list[frozenset[str]]:
    """The positions of each class on an axis."""
    space = system.spaces[unit]
    class_of, positions = space.class_of[space.axes.index(axis)], np.array(system.positions[axis])
    return [frozenset(positions[class_of == c].tolist()) for c in range(int(class_of.max()) + 1)]

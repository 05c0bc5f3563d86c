"""Worlds: records that agree with everything printed and are nothing like the truth where it matters.

A hidden cell that the policy protects is safe while there is a world in which it is as small, and one in which it is as
large, as the mark says. An *insider* knows one child's own records: for them each of those worlds must hold these
records too, what is left must obey the definitions by itself and be of enough others where that is known, and a cell that
they are part of need only fall to them. Every world is kept and counts for all that it happens to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.ground import Ground
from yjdisp.disclosure.model import TOLERANCE
from yjdisp.disclosure.protector.insiders import Insiders

LOW, HIGH = 0, 1
OUTSIDER = 0  # the reader who knows no record; insider i is number i + 1
ROUNDED = 1e-5  # what rounding to whole records may take from a row
ROOM = 256  # worlds to make room for at a time


@dataclass(frozen=True)
class Goals:
    """What must stay possible: sums of figures, each able to fall to `low` and to rise to `high`.

    Attributes:
        rows: (t, figures) sparse.
        low, high: (t,) float; an infinite low asks for nothing on that side.
        owner: (t,) int, the figure that is hidden for its sake.
    """

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    owner: NDArray[np.int64]


class Worlds:
    """The worlds found so far, and how many of them show each reader each side of each goal.

    Args:
        whole: all blocks side by side.
        goals: what must stay possible.
        insiders: what children know.
    """

    def __init__(self, whole: Ground, goals: Goals, insiders: Insiders, size: int) -> None:
        self.goals, own = goals, insiders.records
        self.rows = sparse.csr_array(sparse.vstack([whole.ordered, insiders.rows]))
        self.need = sparse.csr_array(sparse.hstack([own, whole.floor(own), insiders.least]))
        self.sums = whole.all_figures(size)
        mine = (goals.rows @ self.sums @ own.T).toarray().T
        self.enough = np.maximum(np.vstack([np.zeros(mine.shape[1]), mine]), goals.low)  # (readers, goals)
        self.own_part = np.nonzero(self.enough > goals.low)  # readers and goals to whom a cell need only fall so far
        self.others = sparse.csc_array(insiders.others)
        self.crowded = np.zeros(size, dtype=bool)
        self.shown = np.zeros((2, own.shape[0] + 1, len(goals.low)), dtype=np.int32)
        self.atoms: list[sparse.csr_array] = []
        self.seen = np.zeros((0, self.sums.shape[0]))
        self.value = np.zeros((0, len(goals.low)))
        self.lacks = np.zeros((0, own.shape[0] + 1), dtype=np.int32)  # of what each reader knows, how much is not so
        self.alive = np.zeros(0, dtype=bool)

    def add(self, atoms: NDArray[np.float64]) -> None:
        """Keep a world."""
        world = len(self.atoms)
        if world == len(self.alive):
            for name in ("seen", "value", "lacks", "alive"):
                array = getattr(self, name)
                room = np.zeros((world + ROOM, *array.shape[1:]), dtype=array.dtype)
                room[:world] = array
                setattr(self, name, room)
        self.atoms.append(sparse.csr_array(atoms[None]))
        self.seen[world] = self.sums @ atoms
        self.value[world] = self.goals.rows @ self.seen[world]
        if self.need.nnz:
            short = self.need.data > np.append(atoms, self.rows @ atoms)[self.need.indices] + ROUNDED
            self.lacks[world, 1:] = np.logical_or.reduceat(short, self.need.indptr[:-1])
        self._lack(np.flatnonzero(self.crowded), slice(world, world + 1), 1)
        self.alive[world] = True
        self._count(np.array([world]), self._holds(slice(world, world + 1)), 1)

    def _holds(self, worlds: slice) -> NDArray[np.float32]:
        """(w, readers): 1 for worlds in which all is so that the reader knows."""
        return (self.lacks[worlds] == 0).astype(np.float32)

    def _lack(self, figures: NDArray[np.int64], worlds: slice, sign: int) -> None:
        """Some figures are known to be of enough children, or (-1) are not any more: insiders know of enough others."""
        enough = self.others[:, figures]
        if not enough.nnz:
            return
        short = self.seen[worlds][:, np.repeat(figures, np.diff(enough.indptr))] < enough.data - TOLERANCE
        whose = sparse.csr_array((np.ones(enough.nnz, dtype=np.int32), enough.indices, np.arange(enough.nnz + 1)))
        whose.resize(enough.nnz, enough.shape[0])
        self.lacks[worlds, 1:] += sign * (short.astype(np.int32) @ whose)

    def _count(self, worlds: NDArray[np.int64], holds: NDArray[np.float32], sign: int) -> None:
        value = self.value[worlds]
        low, high = value <= self.goals.low + TOLERANCE, value >= self.goals.high - TOLERANCE
        for side, is_so in ((LOW, low), (HIGH, high)):
            self.shown[side] += sign * (holds.T @ is_so.astype(np.float32)).astype(np.int32)
        reader, goal = self.own_part
        more = (value[:, goal] <= self.enough[reader, goal] + TOLERANCE) & ~low[:, goal] & (holds[:, reader] > 0)
        self.shown[LOW, reader, goal] += sign * more.sum(axis=0, dtype=np.int32)

    def shows(self, world: int) -> NDArray[np.bool_]:
        """(2, readers, goals) bool: what a world shows."""
        value, holds = self.value[world], self.lacks[world, :, None] == 0
        return np.stack([(value <= self.enough + TOLERANCE) & holds, (value >= self.goals.high - TOLERANCE) & holds])

    def keep(self, low: NDArray[np.float64], high: NDArray[np.float64], crowded: NDArray[np.bool_]) -> None:
        """Set aside the worlds in which some figure is not between its bounds, and take back all others.

        Args:
            crowded: (f,) bool, the figures that are known to be of enough children.
        """
        worlds = slice(len(self.atoms))
        before = self._holds(worlds) * self.alive[worlds, None]
        self._lack(np.flatnonzero(crowded & ~self.crowded), worlds, 1)
        self._lack(np.flatnonzero(self.crowded & ~crowded), worlds, -1)
        self.crowded, seen = crowded, self.seen[worlds]
        self.alive[worlds] = ((seen >= low - TOLERANCE) & (seen <= high + TOLERANCE)).all(axis=1)
        after = self._holds(worlds) * self.alive[worlds, None]
        changed = np.flatnonzero((before != after).any(axis=1))
        for holds, sign in ((before, -1), (after, 1)):
            self._count(changed, holds[changed], sign)

    def few(self, needed: NDArray[np.bool_]) -> sparse.csr_array:
        """(w, atoms): worlds that show all that is needed and is shown, none of which shows nothing that the others do not.

        Args:
            needed: (2, readers, goals) bool.
        """
        shows = {world: self.shows(world)[needed] for world in np.flatnonzero(self.alive).tolist()}
        times = sum(shows.values(), np.zeros(needed.sum(), dtype=np.int64))
        for world in sorted(shows, key=lambda w: shows[w].sum()):
            if (times[shows[world]] > 1).all():
                times -= shows.pop(world)
        return self._rows(sorted(shows))

    def living(self) -> sparse.csr_array:
        """(w, atoms): the worlds that were not set aside, but for the first, which is the truth."""
        return self._rows(np.flatnonzero(self.alive)[1:].tolist())

    def _rows(self, worlds: Sequence[int]) -> sparse.csr_array:
        none = sparse.csr_array((0, self.sums.shape[1]))
        return sparse.csr_array(sparse.vstack([none, *(self.atoms[world] for world in worlds)]))

    def forget(self) -> None:
        """Let those go that were set aside."""
        kept = np.flatnonzero(self.alive)
        self.atoms = [self.atoms[world] for world in kept]
        self.seen, self.value, self.lacks, self.alive = (
            array[kept] for array in (self.seen, self.value, self.lacks, self.alive)
        )

"""Worlds for what must stay possible, one group of blocks at a time, and printing cell by cell while they last.

A hidden cell that the policy protects is safe while there is a *world* in which it is as small, and one in which it is
as large, as the mark says: records that agree with everything printed. Worlds are kept. Printing a cell only calls
for new worlds where the old ones disagree with it; where there is none, the cell stays hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.blocks import Block
from yjdisp.disclosure.model import TOLERANCE, Model
from yjdisp.disclosure.system import System

LOW, HIGH = 0, 1
TASTES = (0.0, 1e-2, 1e-1)  # for worlds of the base: near the truth is likelier to fit in with the parts
MANY = 3  # goals that are worth a program together before each gets its own


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


@dataclass(frozen=True)
class Bound:
    """What everybody comes to know of a figure when something is printed."""

    figure: int
    low: float
    high: float


class Group:
    """Blocks that change together while everything else stays as it truly is.

    Args:
        system, truth: the figures and their true values, (f,).
        blocks: the blocks of the group; those with a part keep their base where it truly is.
        goals: of all figures; the group takes care of those that its own figures are hidden for.
        accepts: whether records per atom fit in with the rest, asked of every world.
    """

    def __init__(
        self,
        system: System,
        truth: NDArray[np.float64],
        blocks: Sequence[Block],
        goals: Goals,
        accepts: Callable[[NDArray[np.float64]], bool] = lambda atoms: True,
    ) -> None:
        self.blocks, self.accepts = tuple(blocks), accepts
        own = [b.own for b in blocks]
        self.figures = np.concatenate([b.figures[o] for b, o in zip(blocks, own, strict=True)])
        self.place = {int(f): i for i, f in enumerate(self.figures)}
        self.sums = sparse.csr_array(
            sparse.block_diag([b.inside[o].astype(float) for b, o in zip(blocks, own, strict=True)])
        )
        bases = sparse.csr_array(sparse.block_diag([b.base_rows for b in blocks]))
        held = np.concatenate([b.held for b in blocks])
        link, least = _links(system, truth, self.figures, self.sums)
        free = np.zeros(len(self.figures)), np.full(len(self.figures), np.inf)
        rows, low, high = [self.sums, link], [free[0], least], [free[1], np.full(len(least), np.inf)]
        self.settled = all(b.part for b in blocks)
        if self.settled:
            rows, low, high = [*rows, bases], [*low, bases @ held], [*high, bases @ held]
        self.base_at = len(self.figures) + len(least)
        self.base = bases @ held
        whole = sparse.csr_array(sparse.vstack(rows))
        self.model = Model(whole, np.concatenate(low), np.concatenate(high), None if self.settled else held)
        self.low, self.high = free
        mine = np.flatnonzero(np.isin(goals.owner, self.figures))
        rest = np.ones(system.size, dtype=bool)
        rest[self.figures] = False
        part = sparse.csc_array(goals.rows[mine])
        self.part = part[:, self.figures].toarray()
        self.aside = part[:, np.flatnonzero(rest)] @ truth[rest]
        self.goals, self.least, self.most = mine, goals.low[mine], goals.high[mine]
        self.active = np.zeros(len(mine), dtype=bool)
        self.worlds = (self.sums @ held)[None]
        self.atoms = held[None]

    # --- goals

    def reached(self, worlds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(2, worlds, goals) bool: which goals each world reaches on each side."""
        value = worlds @ self.part.T + self.aside
        return np.stack([(value <= self.least + TOLERANCE) | np.isinf(self.least), value >= self.most - TOLERANCE])

    def missing(self) -> list[tuple[int, int]]:
        """The sides and active goals that no world reaches."""
        reached = self.reached(self.worlds).any(axis=1)
        return [(side, int(t)) for side in (LOW, HIGH) for t in np.flatnonzero(self.active & ~reached[side])]

    def secure(self) -> list[int]:
        """Look for the worlds that are missing; gives the goals that have none."""
        for side in (LOW, HIGH):
            together = [t for s, t in self.missing() if s == side]
            if len(together) >= MANY:
                self._look(side, together)
        failed = []
        for side, t in self.missing():
            if not self.reached(self.worlds)[side][:, t].any() and not self._look(side, [t]):
                failed.append(t)
        return sorted(set(failed))

    def _look(self, side: int, goals: list[int]) -> bool:
        """A world with these goals as far to one side as can be; gives whether it reaches the first of them."""
        toward = self.part[goals].sum(axis=0) * (1.0 if side == LOW else -1.0)
        for taste in TASTES if not self.settled else (0.0,):
            atoms = self.model.world(toward @ self.sums, taste)
            if atoms is None:
                return False
            world = self.sums @ atoms
            if self._agree(world[None])[0] and self.accepts(atoms):
                self.worlds, self.atoms = np.vstack([self.worlds, world]), np.vstack([self.atoms, atoms])
                if self.reached(world[None])[side, 0, goals[0]]:
                    return True
        return False

    def _agree(self, worlds: NDArray[np.float64]) -> NDArray[np.bool_]:
        return ((worlds >= self.low - TOLERANCE) & (worlds <= self.high + TOLERANCE)).all(axis=1)

    # --- printing

    def learn(self, bounds: Sequence[Bound]) -> None:
        """Everybody knows these bounds from now on; worlds that say otherwise are forgotten."""
        for bound in bounds:
            at = self.place[bound.figure]
            self.low[at], self.high[at] = max(self.low[at], bound.low), min(self.high[at], bound.high)
            self.model.bound(at, self.low[at], self.high[at])
        self._keep(self._agree(self.worlds))

    def try_to_learn(self, bounds: Sequence[Bound]) -> bool:
        """The same, unless a goal would be left without a world; then nothing has happened."""
        before = self.memory()
        self.learn(bounds)
        if not self.secure():
            return True
        self.recall(before)
        return False

    def memory(self) -> tuple:
        """All that printing changes."""
        return self.low.copy(), self.high.copy(), self.worlds, self.atoms

    def recall(self, memory: tuple) -> None:
        """Go back to an earlier `memory`."""
        for at in np.flatnonzero((self.low != memory[0]) | (self.high != memory[1])):
            self.model.bound(at, memory[0][at], memory[1][at])
        self.low, self.high, self.worlds, self.atoms = memory[0].copy(), memory[1].copy(), memory[2], memory[3]

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self.worlds, self.atoms = self.worlds[which], self.atoms[which]

    # --- the base under a part

    def extends(self, base: NDArray[np.float64]) -> bool:
        """Whether some records with this base agree with what is printed here."""
        changed = np.flatnonzero(base != self.base)
        for at in changed:
            self.model.bound(self.base_at + at, base[at], base[at])
        found = self.model.world(np.zeros(self.sums.shape[1])) is not None
        for at in changed:
            self.model.bound(self.base_at + at, self.base[at], self.base[at])
        return found

    def forget_unfit(self, fits: Callable[[NDArray[np.float64]], bool]) -> None:
        """Drop the worlds that no longer fit in with the rest."""
        self._keep(np.array([fits(atoms) for atoms in self.atoms], dtype=bool))


def _links(
    system: System, truth: NDArray[np.float64], figures: NDArray[np.int64], sums: sparse.csr_array
) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Children ≤ outcomes ≤ offences, as rows over atoms that are at least so much.

    Both figures of a link have the same box, so they always belong to the same group.
    """
    rows = sparse.csc_array(system.links)[:, figures]
    used = np.flatnonzero((abs(rows).sum(axis=1) > 1) & (system.links @ truth >= -TOLERANCE))
    return sparse.csr_array(sparse.csr_array(rows)[used] @ sums), np.zeros(len(used))

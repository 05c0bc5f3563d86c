"""Secondary suppression: cells are printed one by one, most important first, each only if every hidden cell stays safe.

A hidden cell that the policy protects is safe while there is a *world* in which it is as small, and one in which it is
as large, as the mark says: records that agree with everything printed. Worlds are kept. Printing a cell only calls
for new worlds where the old ones disagree with it; where there is none, the cell stays hidden. So a later cell never
costs an earlier one, and nothing is printed that has not been shown to be safe.
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


@dataclass(frozen=True)
class Goals:
    """What must stay possible: rows of figures, each able to fall to `low` and to rise to `high`.

    Attributes:
        rows: (t, figures) sparse.
        low, high: (t,) float; an infinite low or a high of minus infinity asks for nothing.
        owner: (t,) int, the figure that is hidden for its sake.
    """

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    owner: NDArray[np.int64]


class Side:
    """One group of blocks: its model, its figures, its goals and the worlds found so far.

    Args:
        system: the figures.
        group: blocks that change together; everything else stays as it truly is.
        goals: of all figures; those of this group's figures are its own.
        truth: (f,) the true value of every figure.
    """

    def __init__(self, system: System, group: tuple[Block, ...], goals: Goals, truth: NDArray[np.float64]) -> None:
        own = [b.figures if not b.part else b.figures[_divides_part(system, b)] for b in group]
        self.figures = np.concatenate(own)
        self.place = {int(f): i for i, f in enumerate(self.figures)}
        self.sums = sparse.csr_array(
            sparse.block_diag([b.inside[np.isin(b.figures, f)] for b, f in zip(group, own, strict=True)]), dtype=float
        )
        self.truth = truth[self.figures]
        fixed = [_base_rows(b) for b in group if b.part]
        rows = [self.sums]
        low = [np.zeros(len(self.figures))]
        high = [np.full(len(self.figures), np.inf)]
        if fixed:
            sums = sparse.csr_array(sparse.block_diag([m for m, _ in fixed]))
            value = np.concatenate([v for _, v in fixed])
            rows, low, high = [*rows, sums], [*low, value], [*high, value]
        links = self._links(system, truth)
        rows, low, high = [*rows, links[0]], [*low, links[1]], [*high, links[2]]
        self.model = Model(sparse.csr_array(sparse.vstack(rows)), np.concatenate(low), np.concatenate(high))
        mine = np.flatnonzero(np.isin(goals.owner, self.figures))
        part = sparse.csc_array(goals.rows[mine])
        inside = np.asarray(part[:, self.figures].sum(axis=1) != part.sum(axis=1)).ravel()
        self.goals = mine
        self.part = sparse.csr_array(part[:, self.figures])
        rest = np.setdiff1d(np.arange(system.size), self.figures)
        self.offset = part[:, rest] @ truth[rest]
        assert inside.shape == mine.shape
        self.low, self.high = goals.low[mine], goals.high[mine]
        self.active = np.zeros(len(mine), dtype=bool)
        self.lower = np.zeros(len(self.figures))
        self.upper = np.full(len(self.figures), np.inf)
        self.worlds = self.truth[None]
        self.solves = 0

    def _links(self, system: System, truth: NDArray[np.float64]):
        """Children ≤ outcomes ≤ offences; a figure outside the group stands at its true value."""
        touching = system.links[:, self.figures]
        used = np.flatnonzero(np.diff(sparse.csr_array(touching).indptr))
        whole = (system.links @ truth)[used]
        own = sparse.csr_array(touching[used])
        rest = whole - own @ self.truth
        kept = whole >= -TOLERANCE
        return sparse.csr_array(own @ self.sums)[kept], -rest[kept], np.full(int(kept.sum()), np.inf)

    # --- goals --------------------------------------------------------------------------------------------------

    def met(self, worlds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(2, worlds, goals) bool: which goals each world reaches on each side."""
        value = worlds @ self.part.T.toarray() + self.offset
        return np.stack([(value <= self.low + TOLERANCE) | np.isinf(self.low), value >= self.high - TOLERANCE])

    def unmet(self) -> list[tuple[int, int]]:
        """The active goals that no world reaches, with their side."""
        met = self.met(self.worlds).any(axis=1)
        return [(side, int(t)) for side in (LOW, HIGH) for t in np.flatnonzero(self.active & ~met[side])]

    def secure(self) -> list[tuple[int, int]]:
        """Look for the worlds that are missing; gives the goals for which there is none."""
        missing = self.unmet()
        for side in (LOW, HIGH):
            many = [t for s, t in missing if s == side]
            if len(many) > 2:
                self._look(side, many)
        failed = []
        for side, t in self.unmet():
            if not self.met(self.worlds)[side][:, t].any() and not self._look(side, [t]):
                failed.append((side, t))
        return failed

    def _look(self, side: int, goals: list[int]) -> bool:
        """A world with these goals as far to one side as can be; gives whether it reaches the first of them."""
        toward = np.asarray(self.part[goals].sum(axis=0)).ravel() * (1.0 if side == LOW else -1.0)
        self.solves += 1
        atoms = self.model.world(toward @ self.sums)
        if atoms is None:
            return False
        world = self.sums @ atoms
        if not self._agrees(world[None])[0]:
            return False
        self.worlds = np.vstack([self.worlds, world])
        return bool(self.met(world[None])[side, 0, goals[0]])

    def _agrees(self, worlds: NDArray[np.float64]) -> NDArray[np.bool_]:
        return ((worlds >= self.lower - TOLERANCE) & (worlds <= self.upper + TOLERANCE)).all(axis=1)

    # --- printing -----------------------------------------------------------------------------------------------

    def bound(self, figure: int, low: float, high: float) -> None:
        """Let everybody know that a figure lies between two bounds, and forget the worlds that say otherwise."""
        at = self.place[figure]
        self.lower[at], self.upper[at] = low, high
        self.model.bound(at, low, high)
        self.worlds = self.worlds[self._agrees(self.worlds)]

    def try_bound(self, figure: int, low: float, high: float) -> bool:
        """The same, unless a goal would have no world; then nothing has happened."""
        at = self.place[figure]
        before = self.lower[at], self.upper[at], self.worlds
        self.bound(figure, low, high)
        if not self.secure():
            return True
        self.lower[at], self.upper[at], self.worlds = before
        self.model.bound(at, before[0], before[1])
        return False


def _divides_part(system: System, block: Block) -> NDArray[np.bool_]:
    """Which of a block's figures are less than everything on an axis of its part."""
    axes = system.spaces[block.unit].axes
    boxes = [system.boxes[block.unit][axes.index(axis)][block.figures] for axis in block.part]
    return np.any([~box.all(axis=1) for box in boxes], axis=0)


def _base_rows(block: Block) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Rows that hold the base of a block where it truly is."""
    atoms = np.arange(len(block.base))
    rows = sparse.csr_array((np.ones(len(atoms)), (block.base, atoms)), shape=(int(block.base.max()) + 1, len(atoms)))
    return rows, rows @ block.held


Report = Callable[[float, str], None]


def print_greedily(
    sides: Sequence[Side], order: Sequence[int], low: NDArray[np.float64], high: NDArray[np.float64]
) -> list[int]:
    """Print figures in order where that is safe; gives those that were printed."""
    of = {int(f): side for side in sides for f in side.figures}
    return [f for f in order if of[f].try_bound(f, low[f], high[f])]

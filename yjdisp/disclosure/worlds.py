"""Worlds: records that agree with everything printed and are nothing like the truth where it matters.

A hidden cell that the policy protects is safe while there is a world in which it is as small, and one in which it is as
large, as the mark says. An *insider* knows one child's own records: for them each of those worlds must hold these
records too, and a cell that they are part of need only fall to them. Every world is kept and counts for all that it
happens to show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.blocks import Block, Ground, ground
from yjdisp.disclosure.model import PLENTY, TOLERANCE, Model
from yjdisp.disclosure.system import System

LOW, HIGH = 0, 1
OUTSIDER = 0  # the reader who knows no record; insider i is number i + 1
OF_BASE = 1000.0  # what a record of the base costs that a part would move, against 1 for any other
KEEN = 10.0  # what keeping a record is worth that an insider asks for
TRIES = 2  # programs for all insiders together before each gets its own


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


class Scope:
    """One program over some blocks, which knows what is printed of their figures.

    Args:
        part: the ground of the blocks that may change; everything else stays as it truly is.
        goals: all goals; the scope can look for those whose figures it sums up.
        home: where the atoms of the part are among all atoms.
    """

    def __init__(self, part: Ground, goals: Goals, home: slice) -> None:
        self.part, self.home = part, home
        self.place = {int(f): i for i, f in enumerate(part.figures)}
        n, atoms = len(part.figures), len(part.held)
        alone = part.base.shape[0] > 0 and all(b.part for b in part.blocks)
        value = part.base @ part.held
        ordered = part.ordered[part.ordered @ part.held >= -TOLERANCE]
        several = np.flatnonzero(np.diff(goals.rows.indptr) > 1)
        several = several[[set(goals.rows[[t]].indices.tolist()) <= set(self.place) for t in several]]
        apart = goals.rows[several][:, part.figures] @ part.sums
        records = sparse.vstack([part.sums, part.base, ordered, apart])
        self.kept = np.flatnonzero(part.held > 0)  # records held are dear to lose, others dear to add
        sides = [records, sparse.csc_array(records)[:, self.kept]]
        cost = [np.ones(atoms), -np.ones(len(self.kept))]
        upper = [np.full(atoms, PLENTY), part.held[self.kept]]
        if alone:
            moved = sparse.vstack(
                [sparse.csr_array((n, len(value))), sparse.eye_array(len(value)),
                 sparse.csr_array((ordered.shape[0] + len(several), len(value)))]
            )  # fmt: skip
            sides += [moved, -moved]
            cost += [np.full(len(value), OF_BASE)] * 2
            upper += [np.full(len(value), PLENTY)] * 2
        low = np.concatenate([np.zeros(n), value, np.zeros(ordered.shape[0]), np.full(len(several), -np.inf)])
        high = np.concatenate([np.full(n, np.inf), value, np.full(ordered.shape[0] + len(several), np.inf)])
        self.low, self.high, self.cost = low, high, np.concatenate(cost)
        self.model = Model(sparse.csr_array(sparse.hstack(sides)), low, high, self.cost, np.concatenate(upper))
        first = n + len(value) + ordered.shape[0]
        self.row = {int(t): first + i for i, t in enumerate(several)}
        for t in np.flatnonzero(np.diff(goals.rows.indptr) == 1):
            if (at := self.place.get(int(goals.rows[[t]].indices[0]))) is not None:
                self.row[int(t)] = at

    def bound(self, figure: int, low: float, high: float) -> None:
        """Everybody knows these bounds of a figure."""
        at = self.place[figure]
        self.low[at], self.high[at] = low, high
        self.model.bound(at, low, high)

    def look(
        self,
        goal: int,
        low: float,
        high: float,
        keen: NDArray[np.float64] | None = None,
        must: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], bool] | None:
        """The world nearest to the truth in which a goal is between low and high; None where there is none.

        Args:
            keen: (atoms,) what keeping the records of an atom is worth.
            must: (atoms,) the records that have to stay.

        Returns:
            Records per atom of the part, and whether its base is where it truly is.
        """
        at = self.row[goal]
        least, most = max(self.low[at], low), min(self.high[at], high)
        if least > most:
            return None
        atoms, kept = len(self.part.held), len(self.kept)
        stay = np.zeros(kept) if must is None else must[self.kept]
        self.model.bound(at, least, most)
        for i in np.flatnonzero(stay):
            self.model.limit(atoms + i, stay[i], self.part.held[self.kept[i]])
        if keen is not None:
            cost = self.cost.copy()
            cost[atoms : atoms + kept] = -keen[self.kept]
            self.model.price(cost)
        found = self.model.solve()
        if keen is not None:
            self.model.price(self.cost)
        for i in np.flatnonzero(stay):
            self.model.limit(atoms + i, 0.0, self.part.held[self.kept[i]])
        self.model.bound(at, self.low[at], self.high[at])
        if found is None:
            return None
        records = found[:atoms].copy()
        records[self.kept] += found[atoms : atoms + kept]
        return records, not (found[atoms + kept :] > TOLERANCE).any()


class Worlds:
    """The worlds found so far, and how many of them show each reader each side of each goal.

    Args:
        whole: all blocks side by side.
        goals: what must stay possible.
        own: (insiders, atoms) sparse, the records that each insider knows.
    """

    def __init__(self, whole: Ground, goals: Goals, own: sparse.csr_array, size: int) -> None:
        self.goals, self.own = goals, own
        put = (np.ones(len(whole.figures)), (whole.figures, np.arange(len(whole.figures))))
        self.sums = sparse.csr_array(sparse.csr_array(put, shape=(size, len(whole.figures))) @ whole.sums)
        mine = (goals.rows @ self.sums @ own.T).toarray().T
        self.enough = np.maximum(np.vstack([np.zeros(mine.shape[1]), mine]), goals.low)  # (readers, goals)
        self.shown = np.zeros((2, own.shape[0] + 1, len(goals.low)), dtype=np.int32)
        self.atoms: list[NDArray[np.float64]] = []
        self.seen = np.zeros((0, self.sums.shape[0]))
        self.alive = np.zeros(0, dtype=bool)

    def add(self, atoms: NDArray[np.float64]) -> None:
        """Keep a world."""
        self.atoms.append(atoms)
        self.seen = np.vstack([self.seen, self.sums @ atoms])
        self.alive = np.append(self.alive, True)
        self._count(len(self.atoms) - 1, 1)

    def _count(self, world: int, sign: int) -> None:
        self.shown += sign * self._shows(world)

    def _shows(self, world: int) -> NDArray[np.bool_]:
        """(2, readers, goals) bool: what a world shows."""
        atoms, value = self.atoms[world], self.goals.rows @ self.seen[world]
        holds = np.ones(self.own.shape[0] + 1, dtype=bool)
        if self.own.nnz:
            short = self.own.data > atoms[self.own.indices] + TOLERANCE
            holds[1:] = ~np.logical_or.reduceat(short, self.own.indptr[:-1])
        low = (value <= self.enough + TOLERANCE) & holds[:, None]
        return np.stack([low, np.outer(holds, value >= self.goals.high - TOLERANCE)])

    def drop(self, figure: int, low: float, high: float) -> NDArray[np.int64]:
        """Set aside the worlds in which a figure is not between two bounds; gives which."""
        value = self.seen[:, figure]
        gone = np.flatnonzero(self.alive & ((value < low - TOLERANCE) | (value > high + TOLERANCE)))
        for world in gone:
            self._count(world, -1)
        self.alive[gone] = False
        return gone

    def revive(self, worlds: NDArray[np.int64]) -> None:
        """Take them back."""
        for world in worlds:
            self._count(world, 1)
        self.alive[worlds] = True

    def few(self, needed: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        """Worlds that show all that is needed and is shown, none of which shows nothing that the others do not.

        Args:
            needed: (2, readers, goals) bool.
        """
        shows = {world: self._shows(world) & needed for world in np.flatnonzero(self.alive).tolist()}
        times = sum(shows.values(), np.zeros(needed.shape, dtype=np.int64))
        for world in sorted(shows, key=lambda w: shows[w].sum()):
            if (times[shows[world]] > 1).all():
                times -= shows.pop(world)
        return [self.atoms[world] for world in sorted(shows)]

    def forget(self) -> None:
        """Let those go that were set aside."""
        self.atoms = [a for a, alive in zip(self.atoms, self.alive, strict=True) if alive]
        self.seen, self.alive = self.seen[self.alive], self.alive[self.alive]


class Search:
    """Looks for worlds: first among those that differ from the truth in a few blocks, then among all.

    Args:
        system: the figures.
        truth: (f,) their true values.
        groups: blocks that change together, those of the base first.
        goals: what must stay possible.
        insiders: (insiders, atoms) sparse, over the atoms of all blocks in the order of the groups.
    """

    def __init__(
        self, system: System, groups: list[tuple[Block, ...]], goals: Goals, insiders: sparse.csr_array
    ) -> None:
        self.goals = goals
        whole = ground(system, tuple(b for group in groups for b in group))
        self.held, self.insiders, self.readers = whole.held, insiders, insiders.shape[0] + 1
        self.worlds = Worlds(whole, goals, insiders, system.size)
        self.worlds.add(whole.held)
        ends = np.cumsum([0, *(sum(len(b.held) for b in group) for group in groups)])
        everything = Scope(whole, goals, slice(None))
        self.scopes = [
            Scope(ground(system, group), goals, slice(ends[i], ends[i + 1])) for i, group in enumerate(groups)
        ]
        self.everything = everything
        self.active = np.zeros(len(goals.low), dtype=bool)
        self.waived = np.zeros((2, self.readers, len(goals.low)), dtype=bool)
        self.waived[LOW] |= np.isinf(goals.low)
        self.low, self.high = np.zeros(system.size), np.full(system.size, np.inf)
        self.fresh = np.zeros(len(goals.low), dtype=bool)  # the new goals are likely to fail
        self.hardest = (LOW, -1)  # and so is what failed last

    def knows(self, figure: int) -> bool:
        """Whether any block sums up a figure."""
        return figure in self.everything.place

    def bound(self, figure: int, low: float, high: float) -> NDArray[np.int64]:
        """Everybody knows these bounds of a figure; gives the worlds that say otherwise, which are set aside."""
        self.low[figure], self.high[figure] = low, high
        for scope in (self.everything, *self.scopes):
            if figure in scope.place:
                scope.bound(figure, low, high)
        return self.worlds.drop(figure, low, high)

    def missing(self) -> NDArray[np.bool_]:
        """(2, readers, goals) bool: what no world shows."""
        return (self.worlds.shown == 0) & self.active & ~self.waived

    def secure(
        self, goals: NDArray[np.bool_] | None = None, *, insiders: bool = True
    ) -> tuple[int, int, int] | None:
        """Look for the worlds that are missing; gives the first side, reader and goal for which there is none.

        Args:
            goals: (goals,) bool, those that need them; all active ones where it is not given.
            insiders: whether readers who know a record need them too.
        """
        readers = self.readers if insiders else 1
        missing = self.missing()[:, :readers].any(axis=1) & (True if goals is None else goals)
        todo = [(int(s), int(g)) for s, g in zip(*np.nonzero(missing), strict=True)]
        for side, goal in sorted(todo, key=lambda one: (one != self.hardest, not self.fresh[one[1]])):
            if (failed := self._show(side, goal, insiders)) is not None:
                self.hardest = (side, goal)
                return side, failed, goal
        return None

    def _show(self, side: int, goal: int, insiders: bool) -> int | None:
        """Worlds for all readers of one side of a goal; gives the first reader for whom there is none."""
        wanted = self._wanted(side, goal)
        if wanted[OUTSIDER] and not self._look(side, goal):
            return OUTSIDER
        for _ in range(TRIES if insiders else 0):
            wanted = self._wanted(side, goal)
            if not wanted.any():
                return None
            eager = self.insiders[np.flatnonzero(wanted[1:])].max(axis=0).toarray().reshape(-1)
            if not self._look(side, goal, keen=1.0 + KEEN * (eager > 0)):
                break
        for insider in np.flatnonzero(self._wanted(side, goal)[1:] & insiders):
            if self._wanted(side, goal)[insider + 1] and not self._look(side, goal, insider=int(insider)):
                return int(insider) + 1
        return None

    def _wanted(self, side: int, goal: int) -> NDArray[np.bool_]:
        return (self.worlds.shown[side][:, goal] == 0) & ~self.waived[side][:, goal]

    def _look(
        self, side: int, goal: int, keen: NDArray[np.float64] | None = None, insider: int | None = None
    ) -> bool:
        """A world for one side of a goal; gives whether there is one."""
        low, high = -np.inf, np.inf
        if side == LOW:
            high = self.worlds.enough[0 if insider is None else insider + 1, goal]
        else:
            low = self.goals.high[goal]
        must = None if insider is None else self.insiders[[insider]].toarray()[0]
        for scope in self.scopes:
            if goal not in scope.row:
                continue
            take = lambda a, home=scope.home: None if a is None else a[home]
            found = scope.look(goal, low, high, take(keen), take(must))
            if found is None:
                return False
            atoms, settled = found
            if settled and all(b.part for b in scope.part.blocks):
                world = self.held.copy()
                world[scope.home] = atoms
                self.worlds.add(world)
                return True
            break
        found = self.everything.look(goal, low, high, keen, must)
        if found is None:
            return False
        self.worlds.add(found[0])
        return True

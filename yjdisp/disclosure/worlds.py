"""Worlds: records that agree with everything printed and are nothing like the truth where it matters.

A hidden cell that the policy protects is safe while there is a world in which it is as small, and one in which it is as
large, as the mark says. An *insider* knows one child's own records: for them each of those worlds must hold these
records too, what is left must obey the definitions by itself, and a cell that they are part of need only fall to them.
Every world is kept and counts for all that it happens to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.blocks import Block, Ground, Ties, ground
from yjdisp.disclosure.carried import Found
from yjdisp.disclosure.model import PLENTY, TOLERANCE, Model, Walk
from yjdisp.disclosure.system import System

LOW, HIGH = 0, 1
OUTSIDER = 0  # the reader who knows no record; insider i is number i + 1
ROOM = 256  # worlds to make room for at a time
NOBODY = np.zeros(0, dtype=np.int64)
OF_BASE = 1000.0  # what a record of the base costs that a part would move, against 1 for any other


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
        insiders: (insiders, all atoms) sparse, the records that each insider knows.

    Attributes:
        blame: (b,) int, figures whose bounds between them forbid what was looked for last and not found.
    """

    def __init__(self, part: Ground, goals: Goals, home: slice, insiders: sparse.csr_array) -> None:
        self.part, self.home, self.blame = part, home, NOBODY
        self.place = {int(f): i for i, f in enumerate(part.figures)}
        n, atoms = len(part.figures), len(part.held)
        alone = part.base.shape[0] > 0 and all(b.part for b in part.blocks)
        value = part.base @ part.held
        true = np.flatnonzero(part.ordered @ part.held >= -TOLERANCE)
        ordered = part.ordered[true]
        here = np.isin(goals.rows.indices, part.figures)
        goal = np.repeat(np.arange(goals.rows.shape[0]), np.diff(goals.rows.indptr))
        figures_of = np.diff(goals.rows.indptr)
        summed = np.bincount(goal, here, minlength=len(figures_of)) == figures_of
        several = np.flatnonzero(summed & (figures_of > 1))
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
        self.rows = sparse.csr_array(sparse.hstack(sides))
        self.model = Model(self.rows, low, high, self.cost, np.concatenate(upper))
        self.model.settle()
        own = insiders[:, home]
        self.own, self.floor = sparse.csr_array(own[:, self.kept]), sparse.csr_array(part.floor(own)[:, true])
        self.definitions = n + len(value)
        self.told = first = self.definitions + ordered.shape[0]
        self.walker: Walk | None = None
        self.row = {int(t): first + i for i, t in enumerate(several)}
        for t in np.flatnonzero(summed & (figures_of == 1)).tolist():
            self.row[t] = self.place[int(goals.rows.indices[goals.rows.indptr[t]])]

    def bound(self, figure: int, low: float, high: float) -> None:
        """Everybody knows these bounds of a figure."""
        at = self.place[figure]
        self.low[at], self.high[at] = low, high
        self.model.bound(at, low, high)
        self.walker = None

    def look(
        self,
        goal: int,
        low: float,
        high: float,
        insiders: NDArray[np.int64] = NOBODY,
    ) -> tuple[NDArray[np.float64], bool] | None:
        """The world nearest to the truth in which a goal is between low and high; None where there is none.

        Args:
            insiders: whose records have to stay, and the others' obey the definitions.

        Returns:
            Records per atom of the part, and whether its base is where it truly is.
        """
        at = self.row[goal]
        least, most = max(self.low[at], low), min(self.high[at], high)
        if least > most:
            self.blame = self.part.figures[[at]]
            return None
        atoms = len(self.part.held)
        stay, floor = _most(self.own, insiders), _most(self.floor, insiders)
        self.model.bound(at, least, most)
        for i, records in stay.items():
            self.model.limit(atoms + i, records, self.part.held[self.kept[i]])
        for i, bound in floor.items():
            self.model.bound(self.definitions + i, bound, np.inf)
        side = LOW if low == -np.inf else HIGH
        found = self.model.solve(like=((goal, side), (goal, side, len(insiders) > 0)))
        for i in stay:
            self.model.limit(atoms + i, 0.0, self.part.held[self.kept[i]])
        for i in floor:
            self.model.bound(self.definitions + i, 0.0, np.inf)
        self.model.bound(at, self.low[at], self.high[at])
        if found is None:
            self.blame = self.part.figures[self.model.conflict[self.model.conflict < len(self.part.figures)]]
            return None
        return self._world(found)

    def walk(self, side: int, goal: int) -> NDArray[np.float64] | None:
        """A world with its base where it truly is, and a goal as small, or as large, as can be: soon found from the one
        before. Records per atom of the part; None where nobody can say."""
        atoms = len(self.part.held)
        if self.walker is None:
            rows = sparse.csr_array(self.rows[: self.told, :atoms])
            self.walker = Walk(rows, self.low[: self.told], self.high[: self.told])
        figures = self.rows[[self.row[goal]], :atoms].toarray()[0]
        return self.walker.least(figures if side == LOW else -figures)

    def _world(self, found: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
        atoms, kept = len(self.part.held), len(self.kept)
        records = found[:atoms].copy()
        records[self.kept] += found[atoms : atoms + kept]
        return records, not (found[atoms + kept :] > TOLERANCE).any()


def _most(rows: sparse.csr_array, chosen: NDArray[np.int64]) -> dict[int, float]:
    """The largest value of some rows in each column that has one."""
    result: dict[int, float] = {}
    for row in chosen.tolist():
        inside = slice(rows.indptr[row], rows.indptr[row + 1])
        for column, value in zip(rows.indices[inside].tolist(), rows.data[inside].tolist(), strict=True):
            result[column] = max(value, result.get(column, 0.0))
    return result


class Worlds:
    """The worlds found so far, and how many of them show each reader each side of each goal.

    Args:
        whole: all blocks side by side.
        goals: what must stay possible.
        own: (insiders, atoms) sparse, the records that each insider knows.
    """

    def __init__(self, whole: Ground, goals: Goals, own: sparse.csr_array, size: int) -> None:
        self.goals, self.ordered = goals, whole.ordered
        self.need = sparse.csr_array(sparse.hstack([own, whole.floor(own)]))
        self.sums = whole.all_figures(size)
        mine = (goals.rows @ self.sums @ own.T).toarray().T
        self.enough = np.maximum(np.vstack([np.zeros(mine.shape[1]), mine]), goals.low)  # (readers, goals)
        self.own_part = np.nonzero(self.enough > goals.low)  # readers and goals to whom a cell need only fall so far
        self.shown = np.zeros((2, own.shape[0] + 1, len(goals.low)), dtype=np.int32)
        self.atoms: list[sparse.csr_array] = []
        self.seen = np.zeros((0, self.sums.shape[0]))
        self.value = np.zeros((0, len(goals.low)))
        self.holds = np.zeros((0, own.shape[0] + 1), dtype=np.float32)
        self.alive = np.zeros(0, dtype=bool)

    def add(self, atoms: NDArray[np.float64]) -> None:
        """Keep a world."""
        world = len(self.atoms)
        if world == len(self.alive):
            for name in ("seen", "value", "holds", "alive"):
                array = getattr(self, name)
                room = np.zeros((world + ROOM, *array.shape[1:]), dtype=array.dtype)
                room[:world] = array
                setattr(self, name, room)
        self.atoms.append(sparse.csr_array(atoms[None]))
        self.seen[world] = self.sums @ atoms
        self.value[world] = self.goals.rows @ self.seen[world]
        self.holds[world, 0] = 1
        if self.need.nnz:
            short = self.need.data > np.append(atoms, self.ordered @ atoms)[self.need.indices] + TOLERANCE
            self.holds[world, 1:] = ~np.logical_or.reduceat(short, self.need.indptr[:-1])
        self.alive[world] = True
        self._count(np.array([world]), 1)

    def _count(self, worlds: NDArray[np.int64], sign: int) -> None:
        value, holds = self.value[worlds], self.holds[worlds]
        low, high = value <= self.goals.low + TOLERANCE, value >= self.goals.high - TOLERANCE
        for side, is_so in ((LOW, low), (HIGH, high)):
            self.shown[side] += sign * (holds.T @ is_so.astype(np.float32)).astype(np.int32)
        reader, goal = self.own_part
        more = (value[:, goal] <= self.enough[reader, goal] + TOLERANCE) & ~low[:, goal] & (holds[:, reader] > 0)
        self.shown[LOW, reader, goal] += sign * more.sum(axis=0, dtype=np.int32)

    def shows(self, world: int) -> NDArray[np.bool_]:
        """(2, readers, goals) bool: what a world shows."""
        value, holds = self.value[world], self.holds[world, :, None] > 0
        return np.stack([(value <= self.enough + TOLERANCE) & holds, (value >= self.goals.high - TOLERANCE) & holds])

    def keep(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """Set aside the worlds in which some figure is not between its bounds, and take back all others."""
        count = len(self.atoms)
        seen = self.seen[:count]
        alive = ((seen >= low - TOLERANCE) & (seen <= high + TOLERANCE)).all(axis=1)
        for worlds, sign in ((self.alive[:count] & ~alive, -1), (alive & ~self.alive[:count], 1)):
            if worlds.any():
                self._count(np.flatnonzero(worlds), sign)
        self.alive[:count] = alive

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
        self.seen, self.value, self.holds, self.alive = (
            array[kept] for array in (self.seen, self.value, self.holds, self.alive)
        )


class Search:
    """Looks for worlds: first among those that differ from the truth in a few blocks, then among all.

    Args:
        system: the figures.
        groups: blocks that change together, those of the base first.
        tied: what the definitions of the units say of them.
        goals: what must stay possible.
        insiders: (insiders, atoms) sparse, over the atoms of all blocks in the order of the groups.
        beat: called at every goal that worlds are looked for; may raise to cancel.

    Attributes:
        blame: as in `Scope`, of the goal that failed last.
    """

    def __init__(
        self,
        system: System,
        groups: list[tuple[Block, ...]],
        tied: Ties,
        goals: Goals,
        insiders: sparse.csr_array,
        beat: Callable[[], None],
    ) -> None:
        self.beat, self.blame = beat, NOBODY
        self.system, self.tied, self.goals = system, tied, goals
        whole = ground(system, tuple(b for group in groups for b in group), tied)
        self.held, self.insiders, self.readers = whole.held, insiders, insiders.shape[0] + 1
        self.worlds = Worlds(whole, goals, insiders, system.size)
        self.worlds.add(whole.held)
        ends = np.cumsum([0, *(sum(len(b.held) for b in group) for group in groups)])
        everything = Scope(whole, goals, slice(0, ends[-1]), insiders)
        self.scopes = [
            Scope(ground(system, group, tied), goals, slice(ends[i], ends[i + 1]), insiders)
            for i, group in enumerate(groups)
        ]
        self.everything = everything
        self.active = np.zeros(len(goals.low), dtype=bool)
        self.waived = np.zeros((2, self.readers, len(goals.low)), dtype=bool)
        self.waived[LOW] |= np.isinf(goals.low)
        self.low, self.high = np.zeros(system.size), np.full(system.size, np.inf)
        self.fresh = np.zeros(len(goals.low), dtype=bool)  # the new goals are likely to fail
        self.hardest = (LOW, -1)  # and so is what failed last

    def found(self) -> Found:
        """The worlds, for another search of the same records to take up."""
        return Found(self.system, self.everything.part, self.worlds.living())

    def take_up(self, before: Sequence[Found]) -> None:
        """Keep the worlds that other searches have found, as far as they are worlds here."""
        for found in before:
            worlds = found.over(self.system, self.everything.part)
            for world in range(worlds.shape[0]):
                self.worlds.add(worlds[[world]].toarray()[0])

    def know(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """Everybody knows these bounds of all figures, and no others; worlds that say otherwise are set aside."""
        changed = np.flatnonzero((low != self.low) | (high != self.high))
        for figure in changed.tolist():
            for scope in (self.everything, *self.scopes):
                if figure in scope.place:
                    scope.bound(figure, low[figure], high[figure])
        self.low, self.high = low, high
        if len(changed):
            self.worlds.keep(low, high)

    def missing(self) -> NDArray[np.bool_]:
        """(2, readers, goals) bool: what no world shows."""
        return (self.worlds.shown == 0) & self.active & ~self.waived

    def secure(self, goals: NDArray[np.bool_] | None = None, *, insiders: bool = True) -> tuple[int, int, int] | None:
        """Look for the worlds that are missing, until there is none; gives what `failing` yields first."""
        return next(self.failing(goals, insiders=insiders), None)

    def failing(
        self, goals: NDArray[np.bool_] | None = None, *, insiders: bool = True
    ) -> Iterator[tuple[int, int, int]]:
        """Look for the worlds that are missing, and name the sides and goals for which there is none, reader by reader.

        Args:
            goals: (goals,) bool, those that need them; all active ones where it is not given.
            insiders: whether readers who know a record need them too.

        Yields:
            Side, reader, goal.
        """
        readers = self.readers if insiders else 1
        missing = self.missing()[:, :readers].any(axis=1) & (True if goals is None else goals)
        todo = [(int(s), int(g)) for s, g in zip(*np.nonzero(missing), strict=True)]
        for side, goal in sorted(todo, key=lambda one: (one != self.hardest, not self.fresh[one[1]])):
            self.beat()
            for reader in self._show(side, goal, insiders):
                self.hardest = (side, goal)
                yield side, reader, goal

    def secure_all(self, goals: NDArray[np.bool_]) -> bool:
        """Look for all worlds that some goals miss, whichever of them there are; gives whether there are all."""
        if self.readers > 1:
            return not [*self.failing(goals)]
        for side, goal in zip(*np.nonzero(self.missing()[:, OUTSIDER] & goals), strict=True):
            if self._wanted(side, goal)[OUTSIDER]:
                self.beat()
                self._walk(side, goal)
        return self.secure(goals) is None

    def _walk(self, side: int, goal: int) -> None:
        """Keep the world that a program walks to for a goal: who knows no record needs none that is near the truth."""
        for scope in self._about(goal):
            if self._stands(scope, True) and (found := scope.walk(side, goal)) is not None:
                self._add(scope, found)
                if not self._wanted(side, goal)[OUTSIDER]:
                    return

    def _show(self, side: int, goal: int, insiders: bool) -> Iterator[int]:
        """Worlds for all readers of one side of a goal; yields the readers for whom there is none."""
        apart = (self.worlds.enough[:, goal] > self.worlds.enough[OUTSIDER, goal]) & (side == LOW)
        wanted = self._wanted(side, goal)
        if lost := bool(wanted[OUTSIDER]) and not self._look(side, goal):
            yield OUTSIDER
        if not insiders:
            return
        if lost:  # who knows a record as well is lost, too
            yield from (np.flatnonzero((wanted & ~apart)[1:]) + 1).tolist()
        else:
            yield from self._keeping(side, goal, np.flatnonzero((self._wanted(side, goal) & ~apart)[1:]))
        for reader in np.flatnonzero((self._wanted(side, goal) & apart)[1:]):
            yield from self._keeping(side, goal, np.array([reader]))

    def _keeping(self, side: int, goal: int, insiders: NDArray[np.int64]) -> Iterator[int]:
        """Worlds that keep the records of insiders, of as many at once as can be; yields who has none."""
        insiders = insiders[self._wanted(side, goal)[insiders + 1]]
        if not len(insiders):
            return
        if self._look(side, goal, insiders, int(insiders[0]) + 1 if len(insiders) == 1 else OUTSIDER):
            yield from self._keeping(side, goal, insiders)
        elif len(insiders) == 1:
            yield int(insiders[0]) + 1
        else:
            for half in np.array_split(insiders, 2):
                yield from self._keeping(side, goal, half)

    def _wanted(self, side: int, goal: int) -> NDArray[np.bool_]:
        return (self.worlds.shown[side][:, goal] == 0) & ~self.waived[side][:, goal]

    def _look(self, side: int, goal: int, insiders: NDArray[np.int64] = NOBODY, reader: int = OUTSIDER) -> bool:
        """A world for one side of a goal, as far as a reader may ask; gives whether there is one."""
        low = self.goals.high[goal] if side == HIGH else -np.inf
        high = self.worlds.enough[reader, goal] if side == LOW else np.inf
        for scope in self._about(goal):
            found = scope.look(goal, low, high, insiders)
            if found is None:
                self.blame = scope.blame
                return False
            if self._stands(scope, found[1]):
                break
        self._add(scope, found[0])
        return True

    def _about(self, goal: int) -> list[Scope]:
        """Where to look for a goal: near it, then everywhere."""
        return [*[scope for scope in self.scopes if goal in scope.row][:1], self.everything]

    def _stands(self, scope: Scope, settled: bool) -> bool:
        """Whether what is found in a scope is a world with everything else as it truly is."""
        return scope is self.everything or (settled and all(block.part for block in scope.part.blocks))

    def _add(self, scope: Scope, atoms: NDArray[np.float64]) -> None:
        world = self.held.copy()
        world[scope.home] = atoms
        self.worlds.add(world)

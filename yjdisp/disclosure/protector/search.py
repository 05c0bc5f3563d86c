"""The search for worlds: for each side of each goal, for whoever knows no record and for every insider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.ground import ground
from yjdisp.disclosure.facts.ties import Ties
from yjdisp.disclosure.protector.carried import Found
from yjdisp.disclosure.protector.insiders import Insiders
from yjdisp.disclosure.protector.scope import NOBODY, Scope
from yjdisp.disclosure.protector.worlds import HIGH, LOW, OUTSIDER, Goals, Worlds
from yjdisp.disclosure.system import System


class Search:
    """Looks for worlds: first among those that differ from the truth in a few blocks, then among all.

    Args:
        system: the figures.
        groups: blocks that change together, those of the base first.
        tied: what the definitions of the units say of them, and what they gained together.
        goals: what must stay possible.
        insiders: what children know, over the atoms of all blocks in the order of the groups.
        beat: called at every goal that worlds are looked for; may raise to cancel.

    Attributes:
        blame: as in `Scope`, of the goal that failed last.
        far: (goals,) int, those are looked for first of which it is least.
    """

    def __init__(
        self,
        system: System,
        groups: list[tuple[Block, ...]],
        tied: Ties,
        goals: Goals,
        insiders: Insiders,
        beat: Callable[[], None],
    ) -> None:
        self.beat, self.blame = beat, NOBODY
        self.system, self.goals = system, goals
        whole = ground(system, tuple(b for group in groups for b in group), tied)
        self.held, self.insiders, self.readers = whole.held, insiders, insiders.records.shape[0] + 1
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
        self.far = np.zeros(len(goals.low), dtype=np.int64)
        self.hardest = (LOW, -1)  # what failed last is likely to fail again

    def found(self) -> Found:
        """The worlds, for another search of the same records to take up."""
        return Found(self.system, self.everything.part, self.worlds.living())

    def take_up(self, before: Sequence[Found]) -> None:
        """Keep the worlds that other searches have found, as far as they are worlds here."""
        for found in before:
            worlds = found.over(self.system, self.everything.part)
            for world in range(worlds.shape[0]):
                self.worlds.add(worlds[[world]].toarray()[0])

    def know(self, low: NDArray[np.float64], high: NDArray[np.float64], crowded: NDArray[np.bool_]) -> None:
        """Everybody knows these bounds of all figures, and of which there are enough children in them, and nothing else;
        worlds that say otherwise are set aside."""
        changed = np.flatnonzero((low != self.low) | (high != self.high))
        for figure in changed.tolist():
            for scope in (self.everything, *self.scopes):
                if figure in scope.place:
                    scope.bound(figure, low[figure], high[figure])
        more = (crowded != self.worlds.crowded).any()
        if more:
            for scope in (self.everything, *self.scopes):
                scope.crowd(crowded)
        self.low, self.high = low, high
        if len(changed) or more:
            self.worlds.keep(low, high, crowded)

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
        for side, goal in sorted(todo, key=lambda one: (one != self.hardest, self.far[one[1]])):
            self.beat()
            for reader in self._show(side, goal, insiders):
                self.hardest = (side, goal)
                yield side, reader, goal

    def doubtless(self, goals: NDArray[np.bool_], *, insiders: bool) -> Iterator[int]:
        """Of some goals, those that cannot be at their least for some reader."""
        readers = self.readers if insiders else 1
        for goal in np.flatnonzero(goals & (self.worlds.shown[LOW, :readers] == 0).any(axis=0)).tolist():
            self.beat()
            if next(self._show(LOW, goal, insiders), None) is not None:
                yield goal

    def _find(self, side: int, goal: int) -> bool:
        """A world for one side of a goal for who knows no record; gives whether there is one."""
        return (self.readers == 1 and self._walk(side, goal)) or self._look(side, goal)

    def _walk(self, side: int, goal: int) -> bool:
        """Keep the world that a program walks to for a goal: who knows no record needs none that is near the truth."""
        for scope in self._about(goal):
            if self._stands(scope, True) and (found := scope.walk(side, goal)) is not None:
                self._add(scope, found)
                if not self._wanted(side, goal)[OUTSIDER]:
                    return True
        return False

    def _show(self, side: int, goal: int, insiders: bool) -> Iterator[int]:
        """Worlds for all readers of one side of a goal; yields the readers for whom there is none."""
        apart = (self.worlds.enough[:, goal] > self.worlds.enough[OUTSIDER, goal]) & (side == LOW)
        wanted = self._wanted(side, goal)
        if lost := bool(wanted[OUTSIDER]) and not self._find(side, goal):
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
        found = self._look(side, goal, insiders, int(insiders[0]) + 1 if len(insiders) == 1 else OUTSIDER)
        left = insiders[self._wanted(side, goal)[insiders + 1]]
        if found and len(left) < len(insiders):  # else it is one by a hair's breadth, which is none
            yield from self._keeping(side, goal, left)
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

"""The search for worlds: records that look like the published numbers and are nothing like the truth where it matters.

A target (a primary cell) is safe when there is a world in which it is small and a world in which it is large. An
*insider* knows one record: for them the world must also hold that record, and a target that the record is part of need
only fall to 1. One linear program serves as many targets as it can reach at once, and every solution is a world that
ticks off whatever it happens to meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.primary import Targets
from yjdisp.disclosure.program import TOLERANCE, Program, Solution
from yjdisp.disclosure.system import System

LOW, HIGH = 0, 1
NOBODY = 0  # the reader who knows no record; insider i is i + 1
MARGIN = 1e-7
THOROUGH = 5_000  # insiders times targets
KEPT = 1e-3  # reward for keeping a record, against 1 for a step towards the target


@dataclass
class Ground:
    """Atoms worth having, in a fixed order: first those that occur, with their records, then others.

    Attributes:
        chunks: (unit, codes) as they were added.
        records: how many records the first atoms hold.
        known: whether those records are the caseload's own, so that each is a possible insider's.
    """

    chunks: list[tuple[int, NDArray[np.int64]]] = field(default_factory=list)
    records: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    known: bool = True
    occurring: int = 0  # chunks of atoms that occur

    def learn(self, program: Program) -> None:
        """Takes over the atoms that a program has generated."""
        have = sum(len(codes) for _, codes in self.chunks)
        unit, code = program.unit[have:], program.code[have:]
        for run in np.split(np.arange(len(unit)), np.flatnonzero(np.diff(unit)) + 1):
            if len(run):
                self.chunks.append((int(unit[run[0]]), code[run]))

    def plant(self, program: Program) -> None:
        """Gives a program its columns: a first one per atom that occurs, up to its records, then one for any more."""
        start = 0
        for unit, codes in self.chunks[:self.occurring]:
            program.add(unit, codes, upper=self.records[start:start + len(codes)])
            start += len(codes)
        for unit, codes in self.chunks[:self.occurring]:
            program.add(unit, codes, again=True)
        for unit, codes in self.chunks[self.occurring:]:
            program.add(unit, codes)


@dataclass(frozen=True)
class Rows:
    """Sums of figures between two bounds."""

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __add__(self, other: Rows) -> Rows:
        return Rows(sparse.csr_array(sparse.vstack([self.rows, other.rows])), np.append(self.low, other.low),
                    np.append(self.high, other.high))


class Search:
    """Worlds for some targets, given what is published.

    Args:
        system: figures and atoms.
        hard: rows that the programs keep.
        check: rows that every world is tested on; they may include some that follow from the hard ones.
        targets: what must stay possible.
        ground: atoms.
        tell: called before every program; may raise.
        loose: published rows that may be given up at a cost, in a repair; then `wanted` are the targets to repair.
    """

    def __init__(self, system: System, hard: Rows, check: Rows, targets: Targets, ground: Ground,
                 tell: Callable[[], None] = lambda: None, loose: Rows | None = None,
                 wanted: NDArray[np.int64] | None = None) -> None:
        self.targets, self.ground, self.check, self.tell = targets, ground, check, tell
        t, h = targets.rows.shape[0], hard.rows.shape[0]
        if loose is None or wanted is None:
            self.loose, self.wanted = 0, np.zeros(0, dtype=np.int64)
            self.program = Program(system, hard.rows, hard.low, hard.high, np.zeros(0, dtype=np.int64))
        else:
            s = self.loose = loose.rows.shape[0]
            self.wanted = wanted
            low = np.concatenate([hard.low, loose.low, targets.high[wanted]])
            high = np.concatenate([hard.high, loose.high, targets.high[wanted]])
            rows = sparse.csr_array(sparse.vstack([hard.rows, loose.rows, targets.rows[wanted]]))
            self.program = Program(system, rows, low, high, h + np.arange(s + len(wanted)))
            floor = np.where(np.isfinite(targets.low), targets.low, 0.0)[wanted]
            under = np.concatenate([np.full(s, np.inf), np.maximum(targets.high[wanted] - floor, 0)])
            self.program.soften(np.arange(s + len(wanted)), under, np.full(s + len(wanted), np.inf))
        ground.plant(self.program)
        self.insiders = len(ground.records) if ground.known else 0
        mine = sparse.csc_array(targets.rows @ self.program.figures[:, :self.insiders])
        self.own = (mine.toarray() > 0).T
        self.met = np.zeros((2, self.insiders + 1, t), dtype=bool)
        self.met[LOW][:, ~np.isfinite(targets.low)] = True
        self.worlds: list[NDArray[np.float64]] = []

    @property
    def thorough(self) -> bool:
        """Whether worlds are sought for every insider; beyond that size the room for one record more (see
        `suppress._Pencil`) and the worlds that happen to hold them must do."""
        return self.insiders * len(self.targets.low) <= THOROUGH

    # --- worlds -------------------------------------------------------------------------------------------------

    def add(self, world: NDArray[np.float64]) -> bool:
        """Ticks off what a world meets, if it is one; gives whether it met anything new."""
        world = clean(world)
        seen = self.program.figures[:, :len(world)] @ world
        shown = self.check.rows @ seen
        wrong = (shown < self.check.low - TOLERANCE) | (shown > self.check.high + TOLERANCE)
        if wrong.any():
            return False
        value = self.targets.rows @ seen
        hold = np.append(True, world[:self.insiders] >= 1 - TOLERANCE)
        low = value <= self.targets.low + TOLERANCE
        high = value >= self.targets.high - TOLERANCE
        before = self.met.sum()
        self.met[LOW][np.ix_(hold, low)] = True
        self.met[HIGH][np.ix_(hold, high)] = True
        one = value <= 1 + TOLERANCE
        self.met[LOW][1:] |= self.own & hold[1:, None] & one
        if self.met.sum() == before:
            return False
        self.worlds.append(world)
        return True

    def mend(self, world: NDArray[np.float64]) -> bool:
        """Adds to the program the published rows that a solution misses; gives whether there were any."""
        shown = self.check.rows @ (self.program.figures[:, :len(world)] @ clean(world))
        wrong = np.flatnonzero((shown < self.check.low - TOLERANCE) | (shown > self.check.high + TOLERANCE))
        if not len(wrong):
            return False
        self.program.add_rows(self.check.rows[wrong], self.check.low[wrong], self.check.high[wrong])
        return True

    # --- programs -----------------------------------------------------------------------------------------------

    def reach(self, side: int, target: int, kept: NDArray[np.float64], rounds: int = 0) -> bool:
        """Pushes one target to one side, keeping records as the rewards say; gives whether it met anything new."""
        self.tell()
        goal = self.targets.rows[[target]].toarray()[0] * (1.0 if side == LOW else -1.0)
        solution = self.program.solve(goal, kept, rounds=rounds)
        while solution is not None and self.mend(solution.world):
            solution = self.program.solve(goal, kept, rounds=rounds)
        return solution is not None and self.add(solution.world)

    def change(self, side: int, targets: NDArray[np.int64], kept: NDArray[np.float64], weight: NDArray[np.float64],
               rounds: int) -> Solution | None:
        """A repair: the least change of the loose rows that brings the targets to one side."""
        self.tell()
        s = self.loose
        at = s + np.searchsorted(self.wanted, targets)
        under, over = np.zeros(s + len(self.wanted)), np.zeros(s + len(self.wanted))
        under[:s] = over[:s] = weight
        under[at] = -1e4 if side == LOW else 1e4
        over[at] = 1e4 if side == LOW else 0.0
        return self.program.solve(np.zeros(self.program.system.size), kept, under, over, rounds)

    def outsiders(self) -> list[tuple[int, int, int]]:
        """Worlds for the reader who knows no record; gives the targets and sides for which there are none."""
        self.add(self.ground.records)
        kept = np.full(self.insiders, KEPT) if self.thorough else np.zeros(0)
        for side in (LOW, HIGH):
            for target in range(len(self.targets.low)):
                if not self.met[side, NOBODY, target]:
                    self.reach(side, target, kept)
        return self._singly([(side, NOBODY, int(t)) for side in (LOW, HIGH)
                             for t in np.flatnonzero(~self.met[side, NOBODY])])

    def knowing(self) -> list[tuple[int, int, int]]:
        """The same for every reader who knows one record, where that can be had in a reasonable time."""
        if not self.thorough:
            return []
        for side in (LOW, HIGH):
            for target in range(len(self.targets.low)):
                for _ in range(3):
                    unmet = ~self.met[side, 1:, target]
                    if not unmet.any() or not self.reach(side, target, np.where(unmet, 10 * KEPT, KEPT)):
                        break
        return self._singly([(int(side), int(i), int(t)) for side, i, t in zip(*np.nonzero(~self.met), strict=True)])

    def _singly(self, todo: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Tries one at a time, with new atoms; gives those that failed."""
        failed = []
        for side, insider, target in todo:
            if self.met[side, insider, target]:
                continue
            if insider:
                self.hold(insider - 1)
            self.reach(side, target, np.zeros(0), rounds=20)
            if insider:
                self.release(insider - 1)
            if not self.met[side, insider, target]:
                failed.append((side, insider, target))
        return failed

    def hold(self, column: int) -> None:
        """Keeps one record of an atom that occurs."""
        self.program.keep(column, 1.0, self.ground.records[column])

    def release(self, column: int) -> None:
        """Lets it go again."""
        self.program.keep(column, 0.0, self.ground.records[column])


def clean(world: NDArray[np.float64]) -> NDArray[np.float64]:
    """A world without the solver's last digits."""
    near = np.rint(world)
    return np.maximum(np.where(np.abs(world - near) < MARGIN, near, world), 0.0)

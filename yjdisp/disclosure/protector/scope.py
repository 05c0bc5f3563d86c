"""One program over some blocks, in which a world is looked for that shows a side of a goal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.ground import Ground
from yjdisp.disclosure.model import PLENTY, TOLERANCE, Model, Walk
from yjdisp.disclosure.protector.insiders import Insiders
from yjdisp.disclosure.protector.worlds import HIGH, LOW, Goals

NOBODY = np.zeros(0, dtype=np.int64)
OF_BASE = 1000.0  # what a record of the base costs that a part would move, against 1 for any other


class Scope:
    """One program over some blocks, which knows what is printed of their figures.

    Args:
        part: the ground of the blocks that may change; everything else stays as it truly is.
        goals: all goals; the scope can look for those whose figures it sums up.
        home: where the atoms of the part are among all atoms.
        insiders: what children know, over all atoms.

    Attributes:
        blame: (b,) int, figures whose bounds between them forbid what was looked for last and not found.
    """

    def __init__(self, part: Ground, goals: Goals, home: slice, insiders: Insiders) -> None:
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
        theirs = insiders.within(home)
        records = sparse.vstack([part.sums, part.base, ordered, theirs.rows, apart])
        self.kept = np.flatnonzero(part.held > 0)  # records held are dear to lose, others dear to add
        sides = [records, sparse.csc_array(records)[:, self.kept]]
        cost = [np.ones(atoms), -np.ones(len(self.kept))]
        upper = [np.full(atoms, PLENTY), part.held[self.kept]]
        if alone:
            moved = sparse.vstack(
                [sparse.csr_array((n, len(value))), sparse.eye_array(len(value)),
                 sparse.csr_array((ordered.shape[0] + theirs.rows.shape[0] + len(several), len(value)))]
            )  # fmt: skip
            sides += [moved, -moved]
            cost += [np.full(len(value), OF_BASE)] * 2
            upper += [np.full(len(value), PLENTY)] * 2
        free = theirs.rows.shape[0] + len(several)
        low = np.concatenate([np.zeros(n), value, np.zeros(ordered.shape[0]), np.full(free, -np.inf)])
        high = np.concatenate([np.full(n, np.inf), value, np.full(ordered.shape[0] + free, np.inf)])
        self.low, self.high, self.cost = low, high, np.concatenate(cost)
        self.rows = sparse.csr_array(sparse.hstack(sides))
        self.model = Model(self.rows, low, high, self.cost, np.concatenate(upper))
        self.model.settle()
        self.own = sparse.csr_array(theirs.records[:, self.kept])
        self.others = sparse.csr_array(theirs.others[:, part.figures])
        self.crowd(np.zeros(theirs.others.shape[1], dtype=bool))
        floor = part.floor(theirs.records)[:, true]
        self.floor = sparse.csr_array(sparse.hstack([floor, theirs.least]))
        self.definitions = n + len(value)
        self.told = self.definitions + ordered.shape[0]
        first = self.told + theirs.rows.shape[0]
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

    def crowd(self, crowded: NDArray[np.bool_]) -> None:
        """Everybody knows of these figures, (f,) of all, that enough children are in them."""
        self.enough = sparse.csr_array(self.others.multiply(crowded[self.part.figures]))
        self.enough.eliminate_zeros()

    def look(
        self,
        goal: int,
        low: float,
        high: float,
        insiders: NDArray[np.int64] = NOBODY,
    ) -> tuple[NDArray[np.float64], bool] | None:
        """The world nearest to the truth in which a goal is between low and high; None where there is none.

        Args:
            insiders: whose records have to stay, and the others' obey the definitions and be enough.

        Returns:
            Records per atom of the part, and whether its base is where it truly is.
        """
        at, enough = self.row[goal], _most(self.enough, insiders)
        least, most = max(self.low[at], low, enough.pop(at, low)), min(self.high[at], high)
        if least > most:
            self.blame = self.part.figures[[at]]
            return None
        atoms = len(self.part.held)
        stay, floor = _most(self.own, insiders), _most(self.floor, insiders)
        self.model.bound(at, least, most)
        for i, bound in enough.items():
            self.model.bound(i, max(self.low[i], bound), self.high[i])
        for i, records in stay.items():
            self.model.limit(atoms + i, records, self.part.held[self.kept[i]])
        for i, bound in floor.items():
            self.model.bound(self.definitions + i, bound, np.inf)
        side = LOW if low == -np.inf else HIGH
        found = self.model.solve(like=((goal, side), (goal, side, len(insiders) > 0)))
        for i in stay:
            self.model.limit(atoms + i, 0.0, self.part.held[self.kept[i]])
        for i in floor:
            at_least = self.definitions + i
            self.model.bound(at_least, self.low[at_least], np.inf)
        for i in (at, *enough):
            self.model.bound(i, self.low[i], self.high[i])
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
            result[column] = max(value, result.get(column, -np.inf))
    return result

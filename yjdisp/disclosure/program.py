"""Linear programs over a system's atoms: one persistent HiGHS model whose columns are generated as they are needed.

A row is a sum of figures that lies between two bounds; a *soft* row may be missed by `under` (the row is too small) or
`over` (too large), each with its own bound and cost. Every solution is a candidate for a *world*: numbers of records
per atom that look, from outside, exactly like the truth.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.system import UNITS, System

TOLERANCE = 1e-6
LARGEST = 4_000_000  # atoms of a unit's product that are priced at once


class Program:
    """minimise cost · (under, over, atoms), low ≤ rows + under − over ≤ high.

    Args:
        system: figures and atoms.
        rows: (r, f) sparse, each row as a sum of figures.
        low, high: (r,) bounds.
        soft: (s,) int, the rows that may be missed.
    """

    def __init__(self, system: System, rows: sparse.csr_array, low: NDArray[np.float64], high: NDArray[np.float64],
                 soft: NDArray[np.int64]) -> None:
        self.system = system
        self.rows = sparse.csr_array(rows)
        self.soft = soft
        self.unit = np.zeros(0, dtype=np.int64)      # of each atom
        self.code = np.zeros(0, dtype=np.int64)      # of each atom, its number in the unit's product
        self.atom = np.zeros(0, dtype=np.int64)      # of each atom column, the atom
        self.figures = sparse.csc_array((system.size, 0))
        self._known: dict[tuple[int, int], int] = {}
        self.solves = 0
        self.unbounded = False
        s = len(soft)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * s, self.rows.shape[0]
        lp.col_cost_ = np.zeros(2 * s)
        lp.col_lower_ = np.zeros(2 * s)
        lp.col_upper_ = np.zeros(2 * s)
        lp.row_lower_ = np.where(np.isfinite(low), low, -highspy.kHighsInf)
        lp.row_upper_ = np.where(np.isfinite(high), high, highspy.kHighsInf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.arange(2 * s + 1, dtype=np.int32)
        lp.a_matrix_.index_ = np.concatenate([soft, soft]).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([np.ones(s), -np.ones(s)])
        self.model = highspy.Highs()
        for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1), ("random_seed", 1),
                              ("simplex_strategy", 4)):
            self.model.setOptionValue(option, value)
        self.model.passModel(lp)

    @property
    def columns(self) -> int:
        """Columns of the model."""
        return 2 * len(self.soft) + len(self.atom)

    def add(self, unit: int, codes: NDArray[np.int64], upper: NDArray[np.float64] | float = np.inf,
            again: bool = False) -> NDArray[np.int64]:
        """Adds columns for atoms, given by their numbers in the product of the unit; gives the atoms' numbers here.

        Atoms that have a column are left alone, unless a second one is asked for with `again`.
        """
        codes = np.asarray(codes, dtype=np.int64)
        numbers = np.array([self._known.get((unit, c), -1) for c in codes.tolist()], dtype=np.int64)
        fresh = np.flatnonzero(numbers < 0)
        if len(fresh):
            numbers[fresh] = len(self.unit) + np.arange(len(fresh))
            self._known.update({(unit, int(codes[i])): int(numbers[i]) for i in fresh})
            self.unit = np.append(self.unit, np.full(len(fresh), unit))
            self.code = np.append(self.code, codes[fresh])
            more = self.system.columns(unit, self.system.spaces[unit].atoms(codes[fresh]))
            self.figures = sparse.csc_array(sparse.hstack([self.figures, more]))
        chosen = np.arange(len(codes)) if again else fresh
        if len(chosen):
            part = sparse.csc_array(self.rows @ self.figures[:, numbers[chosen]])
            part.eliminate_zeros()
            k = len(chosen)
            limit = np.minimum(np.broadcast_to(upper, len(codes))[chosen], highspy.kHighsInf)
            self.model.addCols(k, np.zeros(k), np.zeros(k), limit, part.nnz, part.indptr[:-1].astype(np.int32),
                               part.indices.astype(np.int32), part.data.astype(float))
            self.atom = np.append(self.atom, numbers[chosen])
        return numbers

    def add_rows(self, rows: sparse.csr_array, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """Adds hard rows at the end."""
        rows = sparse.csr_array(rows)
        part = sparse.csr_array(rows @ self.figures[:, self.atom])
        part.eliminate_zeros()
        self.rows = sparse.csr_array(sparse.vstack([self.rows, rows]))
        index = part.indices.astype(np.int32) + 2 * len(self.soft)
        self.model.addRows(rows.shape[0], low, high, part.nnz, part.indptr[:-1].astype(np.int32),
                           index.astype(np.int32), part.data.astype(float))

    def keep(self, column: int, low: float, high: float) -> None:
        """Sets the bounds of an atom column."""
        self.model.changeColBounds(2 * len(self.soft) + int(column), low, min(high, highspy.kHighsInf))

    def soften(self, rows: NDArray[np.int64], under: NDArray[np.float64], over: NDArray[np.float64]) -> None:
        """Sets how far soft rows (positions in `soft`) may be missed."""
        s, k = len(self.soft), len(rows)
        index = np.concatenate([rows, rows + s]).astype(np.int32)
        upper = np.minimum(np.concatenate([under, over]), highspy.kHighsInf)
        self.model.changeColsBounds(2 * k, index, np.zeros(2 * k), upper)

    def bound(self, row: int, low: float, high: float) -> None:
        """Sets the bounds of one row."""
        self.model.changeRowBounds(int(row), max(low, -highspy.kHighsInf), min(high, highspy.kHighsInf))

    def solve(self, goal: NDArray[np.float64], kept: NDArray[np.float64], under: NDArray[np.float64] | None = None,
              over: NDArray[np.float64] | None = None, rounds: int = 0, batch: int = 60) -> Solution | None:
        """Minimises a cost; with `rounds`, generates atoms that lower it as often as that.

        Args:
            goal: (f,) cost of every figure.
            kept: reward for every record in the first atom columns; the others have none.
            under, over: (s,) costs of missing the soft rows.

        Returns:
            The solution, or None where there is none or the solver failed.
        """
        s = len(self.soft)
        slack = np.concatenate([under, over]) if s else np.zeros(0)
        wanted = np.flatnonzero(goal)
        for turn in range(rounds + 1):
            cost = np.zeros(self.columns)
            cost[:2 * s] = slack
            if len(wanted):
                cost[2 * s:] = (goal @ self.figures)[self.atom]
            cost[2 * s:2 * s + len(kept)] -= kept
            self.model.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
            self.model.run()
            self.solves += 1
            status = self.model.getModelStatus()
            if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
                self.model.clearSolver()
                self.model.run()
                status = self.model.getModelStatus()
            self.unbounded = status == highspy.HighsModelStatus.kUnbounded
            if status != highspy.HighsModelStatus.kOptimal:
                return None
            answer = self.model.getSolution()
            if turn == rounds or not self._generate(np.array(answer.row_dual), goal, batch):
                break
        return Solution(self, np.array(answer.col_value), self.model.getInfo().objective_function_value)

    def _generate(self, dual: NDArray[np.float64], goal: NDArray[np.float64], batch: int) -> int:
        """Adds the atoms with the most negative reduced cost; gives how many."""
        worth = self.rows.T @ dual - goal
        before = len(self.atom)
        for unit in range(len(UNITS)):
            if not (self.system.unit == unit).any() or self.system.spaces[unit].size > LARGEST:
                continue
            price = self.system.prices(unit, worth).reshape(-1)
            k = min(batch, len(price))
            best = np.argpartition(-price, k - 1)[:k]
            self.add(unit, np.sort(best[price[best] > TOLERANCE]))
        return len(self.atom) - before


class Solution:
    """A solution of a program.

    Attributes:
        under, over: how far the soft rows are missed.
        world: records per atom.
        value: the objective.
    """

    def __init__(self, program: Program, columns: NDArray[np.float64], value: float) -> None:
        s = len(program.soft)
        self.under, self.over = columns[:s], columns[s:2 * s]
        self.world = np.bincount(program.atom, columns[2 * s:], minlength=len(program.unit))
        self.value = value

    def whole(self) -> bool:
        """Whether it counts whole records."""
        return bool(np.all(np.abs(self.world - np.rint(self.world)) < TOLERANCE))

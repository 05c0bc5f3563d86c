"""One persistent linear program: records per atom that agree with what is printed. Every solution is a *world*."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

INFINITY = highspy.kHighsInf
TOLERANCE = 1e-6
NOTHING = 1e-9  # of the largest weight in a proof: no part of it
PLENTY = 1e6  # records of an atom: more stands for no bound
OPTIONS = {"output_flag": False, "threads": 1, "presolve": "off", "random_seed": 1}
OPTIMAL, INFEASIBLE = highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible
DUAL, PRIMAL = ("simplex_strategy", 1), ("simplex_strategy", 4)


class Model:
    """Columns from 0 to an upper bound under rows with bounds that can be changed.

    Args:
        rows: (r, k) sparse.
        low, high: (r,) float bounds.
        cost: (k,) float, of each column.
        upper: (k,) float, the most of each column; `PLENTY` where it is not given.

    Attributes:
        conflict: (c,) int, rows that between them left the last question without an answer (Farkas).
    """

    def __init__(
        self,
        rows: sparse.csr_array,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        cost: NDArray[np.float64] | None = None,
        upper: NDArray[np.float64] | None = None,
    ) -> None:
        matrix = sparse.csc_array(rows)
        count = matrix.shape[1]
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = count, matrix.shape[0]
        program.col_cost_ = np.zeros(count) if cost is None else cost
        program.col_lower_ = np.zeros(count)
        program.col_upper_ = np.full(count, PLENTY) if upper is None else upper
        program.row_lower_ = np.where(np.isfinite(low), low, -INFINITY)
        program.row_upper_ = np.where(np.isfinite(high), high, INFINITY)
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        program.a_matrix_.index_ = matrix.indices.astype(np.int32)
        program.a_matrix_.value_ = matrix.data.astype(float)
        self.columns = count
        self.conflict = np.zeros(0, dtype=np.int64)
        self._highs = highspy.Highs()
        for option, value in OPTIONS.items():
            self._highs.setOptionValue(option, value)
        self._highs.passModel(program)
        self._start: highspy.HighsBasis | None = None
        self._ends: dict[Hashable, highspy.HighsBasis] = {}
        self._walked: highspy.HighsBasis | None = None

    def bound(self, row: int, low: float, high: float) -> None:
        """Set the bounds of a row."""
        self._walked = None
        self._highs.changeRowBounds(int(row), max(low, -INFINITY), min(high, INFINITY))

    def limit(self, column: int, least: float, most: float) -> None:
        """Set the bounds of a column."""
        self._highs.changeColBounds(int(column), float(least), float(most))

    def price(self, cost: NDArray[np.float64]) -> None:
        """Set the costs of all columns."""
        self._highs.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), cost)

    def settle(self) -> None:
        """Solve as it stands, and let every later solution start from there."""
        self._highs.run()
        self._start = self._highs.getBasis()

    def solve(self, like: Sequence[Hashable] = ()) -> NDArray[np.float64] | None:
        """The columns of least cost; None where there are none, or nobody can say.

        Args:
            like: names of what the question is like, the closest last: it starts where the closest one known ended.
        """
        known = [self._ends[name] for name in like if name in self._ends]
        if not self._run(known[-1] if known else self._start):
            self.conflict = self._forbidding()
            return None
        if like:
            self._ends |= dict.fromkeys(like, self._highs.getBasis())
        return self._columns()

    def walk(self) -> NDArray[np.float64] | None:
        """The columns of least cost, from where the last walk ended while no row's bounds have changed since.

        The primal simplex soon answers for other costs under the same bounds. None as for `solve`.
        """
        self._highs.setOptionValue(*PRIMAL)
        solved = self._run(self._walked or self._start)
        self._highs.setOptionValue(*DUAL)
        if not solved:
            return None
        self._walked = self._highs.getBasis()
        return self._columns()

    def _run(self, start: highspy.HighsBasis | None) -> bool:
        """Whether there is a solution, as far as can be said."""
        if start:
            self._highs.setBasis(start)
        self._highs.run()
        if self._highs.getModelStatus() not in (OPTIMAL, INFEASIBLE):
            self._highs.clearSolver()
            self._highs.run()
        return self._highs.getModelStatus() == OPTIMAL

    def _columns(self) -> NDArray[np.float64]:
        found = np.array(self._highs.getSolution().col_value)
        near = np.rint(found)
        return np.maximum(np.where(np.abs(found - near) < TOLERANCE, near, found), 0.0)

    def _forbidding(self) -> NDArray[np.int64]:
        """The rows of a proof that there is no solution; all where there is no such proof."""
        _, proved, ray = self._highs.getDualRay()
        weight = np.abs(ray) if proved else np.zeros(0)
        if not weight.any():
            return np.arange(self._highs.getNumRow())
        return np.flatnonzero(weight > NOTHING * weight.max())

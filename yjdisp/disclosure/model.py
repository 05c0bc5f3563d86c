"""Persistent linear programs: records per atom that agree with what is printed. Every solution is a *world*."""

from __future__ import annotations

import os
from collections.abc import Hashable, Sequence
from contextlib import suppress
from functools import cache
from threading import Lock

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

INFINITY = highspy.kHighsInf
TOLERANCE = 1e-6
NOISE = 1e-7  # of a record: what a program leaves of a whole number; a child of a millionth may be behind an offence
NOTHING = 1e-9  # of the largest weight in a proof: no part of it
PLENTY = 1e6  # records of an atom: more stands for no bound
OPTIONS = {"output_flag": False, "threads": 1, "presolve": "off", "random_seed": 1}
OPTIMAL, INFEASIBLE = highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible
PRIMAL = ("simplex_strategy", 4)
ONE_AT_A_TIME = Lock()
DEPENDENT = 1e-8  # of a row's length: what is left of it beside others that it is a sum of


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
        with ONE_AT_A_TIME:
            _introduced()
        self._highs = highspy.Highs()
        for option, value in OPTIONS.items():
            self._highs.setOptionValue(option, value)
        self._highs.passModel(program)
        self._start: highspy.HighsBasis | None = None
        self._ends: dict[Hashable, highspy.HighsBasis] = {}

    def bound(self, row: int, low: float, high: float) -> None:
        """Set the bounds of a row."""
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
        """The columns of least cost, from where the last solution ended; None as for `solve`.

        The primal simplex soon answers for other costs under the same bounds.
        """
        self._highs.setOptionValue(*PRIMAL)
        return self._columns() if self._run(None) else None

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
        return np.maximum(np.where(np.abs(found - near) < NOISE, near, found), 0.0)

    def _forbidding(self) -> NDArray[np.int64]:
        """The rows of a proof that there is no solution; all where there is no such proof."""
        _, proved, ray = self._highs.getDualRay()
        weight = np.abs(ray) if proved else np.zeros(0)
        if not weight.any():
            return np.arange(self._highs.getNumRow())
        return np.flatnonzero(weight > NOTHING * weight.max())


class Walk:
    """Columns of least cost under bounds that stay, for one cost after the other.

    Rows that bound nothing, and those that are sums of others, only slow a walk down: they are left out, and put back
    where what is found does not keep to them.

    Args:
        rows, low, high: as in `Model`.
    """

    def __init__(self, rows: sparse.csr_array, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        self._rows, self._low, self._high = rows, low, high
        row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        lessened = np.bincount(row, rows.data < 0, minlength=len(low)) > 0
        exact = np.flatnonzero(low == high)
        binding = np.flatnonzero((low < high) & (np.isfinite(high) | (low > 0) | lessened))
        self._model = self._of(np.sort(np.concatenate([exact[_independent(rows[exact])], binding])))

    def _of(self, chosen: NDArray[np.int64]) -> Model:
        model = Model(sparse.csr_array(self._rows[chosen]), self._low[chosen], self._high[chosen])
        model.settle()  # the dual simplex soon finds where to begin
        return model

    def least(self, cost: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The columns of least cost; None where there are none, or nobody can say."""
        self._model.price(cost)
        found = self._model.walk()
        if found is None or self._holds(found):
            return found
        self._model = self._of(np.arange(len(self._low)))
        self._model.price(cost)
        return self._model.walk()

    def _holds(self, found: NDArray[np.float64]) -> bool:
        value = self._rows @ found
        return bool(((value >= self._low - TOLERANCE) & (value <= self._high + TOLERANCE)).all())


@cache
def _introduced() -> None:
    """Let HiGHS print its name, which 1.16 does once in a process whatever its options say, where nobody reads it:
    standard output is for what was asked for."""
    with suppress(OSError):  # there is no standard output
        output = os.dup(1)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        try:
            highspy.Highs()
        finally:
            os.dup2(output, 1)
            os.close(output)


def _independent(rows: sparse.csr_array) -> NDArray[np.int64]:
    """Rows of which all others are sums, by a Cholesky decomposition with pivots (LAPACK's dpstrf)."""
    if not rows.shape[0]:
        return np.zeros(0, dtype=np.int64)
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).reshape(-1))
    unit = sparse.diags_array(1 / np.maximum(length, 1.0)) @ rows
    _, order, rank, _ = lapack.dpstrf((unit @ unit.T).toarray(), tol=DEPENDENT)
    return order[:rank] - 1

"""One persistent linear program: records per atom that agree with what is printed. Every solution is a *world*."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

INFINITY = highspy.kHighsInf
TOLERANCE = 1e-6
PLENTY = 1e6  # records of an atom: more stands for no bound


class Model:
    """Atoms from 0 to `PLENTY` under rows with bounds that can be changed.

    Args:
        rows: (r, atoms) sparse.
        low, high: (r,) float bounds.
        held: (atoms,) float, records from which a world may be asked not to stray; None where it never is.
    """

    def __init__(
        self,
        rows: sparse.csr_array,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        held: NDArray[np.float64] | None = None,
    ) -> None:
        self._atoms = rows.shape[1]
        twice = held is not None  # a first column for the records held, a second for any more
        columns = sparse.csc_array(sparse.hstack([rows, rows]) if twice else rows)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = columns.shape[1], columns.shape[0]
        program.col_cost_ = np.zeros(columns.shape[1])
        program.col_lower_ = np.zeros(columns.shape[1])
        program.col_upper_ = np.full(columns.shape[1], PLENTY)
        if twice:
            program.col_upper_[: self._atoms] = held
        program.row_lower_ = np.where(np.isfinite(low), low, -INFINITY)
        program.row_upper_ = np.where(np.isfinite(high), high, INFINITY)
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = columns.indptr.astype(np.int32)
        program.a_matrix_.index_ = columns.indices.astype(np.int32)
        program.a_matrix_.value_ = columns.data.astype(float)
        self._twice = twice
        self._highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("random_seed", 1)):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(program)

    def bound(self, row: int, low: float, high: float) -> None:
        """Set the bounds of a row."""
        self._highs.changeRowBounds(int(row), max(low, -INFINITY), min(high, INFINITY))

    def world(self, cost: NDArray[np.float64], taste: float = 0.0) -> NDArray[np.float64] | None:
        """Records per atom of least cost; None where there are none, or nobody can say.

        Args:
            cost: (atoms,) float.
            taste: what each record away from those held costs beside that.
        """
        if self._twice:
            cost = np.concatenate([cost - taste, cost + taste])
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        found = np.array(self._highs.getSolution().col_value)
        found = found.reshape(-1, self._atoms).sum(axis=0)
        near = np.rint(found)
        return np.maximum(np.where(np.abs(found - near) < TOLERANCE, near, found), 0.0)

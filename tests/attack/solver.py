"""Linear programs over the full product of atoms, whose columns are made when a price asks for them.

Atoms are all combinations of classes of positions, occurring or not. None is left out: a bound is final only when
no atom of the whole product has a favourable reduced cost (Dantzig and Wolfe, 1960; Gilmore and Gomory, 1961), and
the reduced costs of all atoms are a sum of small arrays, one for each set of axes that some facts share.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import highspy
import numpy as np
from scipy import sparse

from .facts import Classes, Contradiction, Fact
from .folder import Region

TOLERANCE = 1e-6
INFINITY = highspy.kHighsInf
DUAL, PRIMAL = 1, 4  # after new rows a basis stays dual feasible, after new columns or costs primal feasible


@dataclass(frozen=True)
class Block:
    """The facts of one unit that restrict the same axes: `rows` has a line for each combination of their classes."""

    axes: tuple[int, ...]
    rows: sparse.csr_array


@dataclass(frozen=True)
class Grid:
    """The atoms of one unit: the shape of their product, and the blocks of facts that look at them."""

    unit: str
    classes: dict[str, Classes]
    blocks: tuple[Block, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many classes each axis has."""
        return tuple(len(together) for together in self.classes.values())

    def atoms(self, positions: list[dict[str, frozenset[str]]]) -> np.ndarray:
        """The atoms that hold any of the given combinations of positions (sets of candidates on each axis)."""
        found: set[tuple[int, ...]] = set()
        for at in positions:
            meets = [[i for i, c in enumerate(known) if c & at[axis]] for axis, known in self.classes.items()]
            found |= set(product(*meets))
        if not found:
            return np.zeros(0, np.int64)
        return np.unique(np.ravel_multi_index(np.array(sorted(found)).T.reshape(len(self.shape), -1), self.shape))

    def prices(self, duals: np.ndarray) -> np.ndarray:
        """For every atom, the sum of the duals of the facts that count it."""
        total = np.zeros(self.shape)
        for block in self.blocks:
            small = (block.rows @ duals).reshape([self.shape[a] for a in block.axes])
            total += small[tuple(slice(None) if a in block.axes else None for a in range(len(self.shape)))]
        return total.ravel()

    def columns(self, atoms: np.ndarray) -> sparse.csc_array:
        """The coefficients of the given atoms in all facts, a column an atom."""
        at = np.unravel_index(atoms, self.shape) if self.shape else ()
        total = None
        for block in self.blocks:
            sizes = [self.shape[a] for a in block.axes]
            small = np.ravel_multi_index([at[a] for a in block.axes], sizes) if sizes else np.zeros(len(atoms), int)
            total = block.rows[small] if total is None else total + block.rows[small]
        return sparse.csc_array(total.T)


def grid(unit: str, of: dict[str, Classes], facts: list[Fact]) -> Grid:
    """The atoms of a unit, with what each fact says of them."""
    names = list(of)
    found: dict[tuple[int, ...], list[tuple[np.ndarray, int, int]]] = {}
    for row, fact in enumerate(facts):
        for coefficient, counted, region in fact.terms:
            if counted == unit:
                axes, cells = _inside(names, of, region)
                found.setdefault(axes, []).append((cells, row, coefficient))
    shape = tuple(len(of[name]) for name in names)
    blocks = [Block(axes, _rows(parts, [shape[a] for a in axes], len(facts))) for axes, parts in found.items()]
    return Grid(unit, of, tuple(blocks))


def _inside(names: list[str], of: dict[str, Classes], region: Region) -> tuple[tuple[int, ...], np.ndarray]:
    kept = dict(region)
    axes = tuple(i for i, name in enumerate(names) if name in kept)
    chosen = [[c for c, together in enumerate(of[names[a]]) if together <= kept[names[a]]] for a in axes]
    if not axes:
        return axes, np.zeros(1, int)
    return axes, np.ravel_multi_index(
        [g.ravel() for g in np.meshgrid(*chosen, indexing="ij")], [len(of[names[a]]) for a in axes]
    )


def _rows(parts: list[tuple[np.ndarray, int, int]], sizes: list[int], facts: int) -> sparse.csr_array:
    lines = np.concatenate([cells for cells, _, _ in parts])
    columns = np.concatenate([np.full(len(cells), row) for cells, row, _ in parts])
    values = np.concatenate([np.full(len(cells), float(coefficient)) for cells, _, coefficient in parts])
    return sparse.csr_array((values, (lines, columns)), shape=(int(np.prod(sizes, dtype=int)), facts))


class Program:
    """A linear program over some atoms of the grids, with a share and an excess variable for each target.

    Rows are facts, then targets: (sum over atoms) − share − excess = 0, with 0 ≤ share ≤ need. A world is a solution.
    Facts that hold of no atoms at all (that one sum is at most another) become rows when a world first breaks them.
    """

    def __init__(self, grids: list[Grid], low: np.ndarray, high: np.ndarray, need: np.ndarray, seed: int = 0):
        """`low`, `high`: bounds of the facts; `need`: for each target, the value that it should be able to reach."""
        self.grids = grids
        self.random = np.random.default_rng(seed)
        self.known = [np.zeros(int(np.prod(g.shape, dtype=int)), bool) for g in grids]
        self.solves = 0
        self.bottom, self.top = np.append(low, 0 * need), np.append(high, 0 * need)
        total, firm = len(self.bottom), np.isfinite(self.bottom) | (self.top < 0)
        self.place = np.full(total, -1)
        self.rows = np.flatnonzero(firm)
        self.place[self.rows] = np.arange(len(self.rows))
        self.made: list[sparse.csc_array] = []
        self.model = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self.model.setOptionValue(option, value)
        empty = sparse.csr_array((len(self.rows), 0))
        self._add_rows(self.rows, empty)
        targets = self.place[len(low) :]
        short = np.flatnonzero(low > 0)
        self.share = self._add_units(targets, -1.0, need)
        self.excess = self._add_units(targets, -1.0, np.full(len(need), INFINITY))
        self.missing = self._add_units(self.place[short], 1.0, np.full(len(short), INFINITY))
        self.columns = self.model.getNumCol()

    def _add_units(self, rows: np.ndarray, value: float, high: np.ndarray) -> np.ndarray:
        start, n = self.model.getNumCol(), len(rows)
        at = rows.astype(np.int32)
        self.model.addCols(n, np.zeros(n), np.zeros(n), high, n, np.arange(n, dtype=np.int32), at, np.full(n, value))
        return np.arange(start, start + n, dtype=np.int32)

    def _add_rows(self, facts: np.ndarray, matrix: sparse.csr_array) -> None:
        starts, columns = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        self.model.addRows(
            len(facts), self.bottom[facts], self.top[facts], matrix.nnz, starts, columns, matrix.data.astype(float)
        )

    def add(self, which: int, atoms: np.ndarray) -> None:
        """Adds atoms of a grid as columns."""
        self.known[which][atoms] = True
        matrix = self.grids[which].columns(atoms)
        self.made.append(matrix)
        kept = sparse.csc_array(sparse.csr_array(matrix)[self.rows])
        n = len(atoms)
        starts, rows = kept.indptr[:-1].astype(np.int32), kept.indices.astype(np.int32)
        self.model.addCols(n, np.zeros(n), np.zeros(n), np.full(n, INFINITY), kept.nnz, starts, rows, kept.data)

    def price(self, duals: np.ndarray) -> int:
        """Adds the atom of the best reduced cost and a favourable one at random; returns how many were favourable.

        More at once would spare solutions and make each slower by more than that (measured: 2 against 300, a sixth).
        """
        found = 0
        for which, g in enumerate(self.grids):
            gain = g.prices(duals)
            gain[self.known[which]] = 0.0
            good = np.flatnonzero(gain > TOLERANCE)
            found += len(good)
            if len(good):
                self.add(which, np.unique([good[np.argmax(gain[good])], self.random.choice(good)]))
        return found

    def solve(self, cost: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Minimises a cost of the share, excess and missing variables: optimum, targets' values, duals of all facts.

        Raises:
            RuntimeError: the solver did not come to an optimum.
        """
        everything = np.zeros(self.model.getNumCol())
        everything[: self.columns] = cost
        self.model.changeColsCost(len(everything), np.arange(len(everything), dtype=np.int32), everything)
        strategy = PRIMAL
        while True:
            self.model.setOptionValue("simplex_strategy", strategy)
            self.model.run()
            self.solves += 1
            if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                self.model.clearSolver()  # it may have lost its way, and not for want of a solution
                self.model.run()
            status = self.model.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal:
                raise RuntimeError(f"the program could not be solved: {self.model.modelStatusToString(status)}")
            solution = self.model.getSolution()
            values = np.asarray(solution.col_value)
            if not self._enforce(values):
                break
            strategy = DUAL
        duals = np.zeros(len(self.bottom))
        duals[self.rows] = np.asarray(solution.row_dual)
        return self.model.getObjectiveValue(), values[self.share] + values[self.excess], duals

    def _enforce(self, values: np.ndarray, most: int = 300) -> int:
        """Makes rows of the facts that a solution breaks, the worst first; returns how many there were."""
        if not self.made:
            return 0
        self.made = [sparse.hstack(self.made, format="csc")]
        used = np.flatnonzero(values[self.columns :] > TOLERANCE)
        excess = self.made[0][:, used] @ values[self.columns + used] - self.top
        excess[self.rows] = 0.0
        broken = np.flatnonzero(excess > TOLERANCE)
        if len(broken):
            chosen = broken[np.argsort(-excess[broken])[:most]]
            whole = sparse.csr_array(self.made[0])[chosen]
            empty = sparse.csr_array((len(chosen), self.columns))
            self.place[chosen] = len(self.rows) + np.arange(len(chosen))
            self.rows = np.append(self.rows, chosen)
            self._add_rows(chosen, sparse.hstack([empty, whole], format="csr"))
        return len(broken)

    def begin(self) -> None:
        """Finds a first world.

        Raises:
            Contradiction: the whole product of atoms holds none.
        """
        cost = np.zeros(self.columns)
        cost[self.missing] = 1.0
        while True:
            lacking, _, duals = self.solve(cost)
            if lacking < TOLERANCE:
                break
            if not self.price(duals):
                raise Contradiction(f"facts are missed by {lacking:g} in all")
        n = len(self.missing)
        self.model.changeColsBounds(n, self.missing, np.zeros(n), np.zeros(n))

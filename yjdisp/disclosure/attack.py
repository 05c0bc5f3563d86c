"""The attack: what anyone can work out about hidden cells from published numbers and the rules.

Three strengths, for three purposes:
- `bounds` is exact over all combinations of all dimensions: a linear program per bound, with columns generated until no
  combination of the whole product could change it. For tests, and for tables of moderate size.
- `audit` asks of every hidden cell only whether the tables tell more than the mark does; programs are pooled, every
  solution ticks off whatever it meets, and columns are generated for what is left. For a whole release.
- `outer_bounds` is what additive lines give by themselves: never narrower than the truth, in milliseconds. It is what a
  release prints as `low` and `high`.

Nothing here knows how a release was protected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import certificate as certificates
from yjdisp.disclosure import gauss, ledger
from yjdisp.disclosure import lines as additive
from yjdisp.disclosure.cells import Published
from yjdisp.disclosure.certificate import Certificate
from yjdisp.disclosure.lines import exempt_printed, known_figures, outer_bounds
from yjdisp.disclosure.program import Program
from yjdisp.disclosure.system import UNITS, System, build
from yjdisp.disclosure.worlds import Rows

Progress = Callable[[float, str], None]
WHOLE = 4_000  # atoms of a product that are all used from the start
ROUNDS = 200
TOLERANCE = 1e-6


__all__ = ["AttackError", "AuditResult", "audit", "bounds", "outer_bounds"]


class AttackError(ValueError):
    """Published numbers that no records can have."""


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    Attributes:
        cells, hidden: how many cells there are, and how many are hidden.
        attacked: how many hidden cells were attacked.
        narrowed: those of which the tables tell more than the mark does.
        seconds: how long it took.
        positions: (narrowed,) int, the narrowed cells.
        undecided: cells that public files alone cannot show to be safe, and a certificate can.
        certified: whether a certificate was at hand and held; then the attacked cells are the primary ones.
    """

    cells: int
    hidden: int
    attacked: int
    narrowed: int
    seconds: float
    positions: NDArray[np.int64]
    undecided: int = 0
    certified: bool = False


def bounds(published: Published, *, earlier: Sequence[Published] = (), cells: NDArray[np.int64] | None = None,
           progress: Progress | None = None, executor: Executor | None = None
           ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest value that each hidden cell can have, given everything published.

    Args:
        published, earlier: the release and those before it.
        cells: positions of the cells to attack; all hidden ones where it is not given.
        progress: called with a share done and what is going on; may raise to cancel.
        executor: where independent work may run; one model serves all cells, so that it is not used.

    Returns:
        low, high: (n,) float, whole numbers; high is infinite where nothing bounds it.

    Raises:
        AttackError: no records can look like this.
    """
    tell = progress or (lambda share, text: None)
    model = _Model(published, earlier)
    hidden = np.flatnonzero(published.hidden) if cells is None else np.asarray(cells)
    low, high = published.low.copy(), published.high.copy()
    figures, where = np.unique(model.system.figure[0][hidden], return_inverse=True)
    least, most = np.zeros(len(figures)), np.zeros(len(figures))
    for i, figure in enumerate(figures.tolist()):
        tell(i / len(figures), "attacking")
        least[i], most[i] = model.extreme(figure, 1.0), model.extreme(figure, -1.0)
    low[hidden], high[hidden] = np.ceil(least - 1e-5)[where], np.floor(most + 1e-5)[where]
    return low, high


def audit(published: Published, earlier: Sequence[Published] = (), *, certificate: Certificate | None = None,
          progress: Progress | None = None) -> AuditResult:
    """Attack a release and name the hidden cells of which the tables tell more than the mark does.

    With the certificate the primary cells are known, and each must be able to be the least that the mark stands for (0,
    or 1 where zeros are shown) and threshold - 1 (the count of the exempt cell that it is part of, where that is less).

    From public files alone, primary and secondary cells look the same, and no criterion can tell a primary cell that is
    known to be 2 to 9 from a secondary one: the same files can come from both. What can be asked is that nothing is
    *proved* to be small and more: a cell that is known to be at most threshold - 1 is primary beyond doubt (fewer
    records than the threshold are fewer children), and is narrowed when it cannot be the least of the mark, or cannot be
    threshold - 1. Every cell that is recovered exactly below the threshold is found so. Cells that could be small or
    large, but not the least, are counted as `undecided`; they need the certificate.

    Raises:
        AttackError: no records can look like this.
    """
    begun = time.perf_counter()
    tell = progress or (lambda share, text: None)
    model = _Model(published, earlier)
    f = model.system.figure[0]
    hidden = published.hidden
    figures = np.unique(f[hidden])
    least_mark = float(published.low[hidden].min()) if hidden.any() else 0.0
    reach = max(published.threshold - 1, 0)
    need = np.maximum(np.minimum(reach, _within_printed(model.system, published, figures)), least_mark)
    low, high = np.full(len(figures), np.inf), np.full(len(figures), -np.inf)
    primary = None
    if certificate is not None and certificates.check(certificate, published):
        required = _required(certificate, published, f)
        primary = np.array([figure in required for figure in figures.tolist()], dtype=bool)
        need[primary] = [required[figure] for figure in figures[primary].tolist()]
        if not earlier:
            seen = certificates.values(certificate, model.system)[:, figures]
            low, high = seen.min(axis=0, initial=np.inf), seen.max(axis=0, initial=-np.inf)
    attacked = np.flatnonzero(primary) if primary is not None else np.arange(len(figures))
    for n, i in enumerate(attacked.tolist()):
        tell(n / len(attacked), "attacking")
        if low[i] > least_mark + TOLERANCE:
            low[i] = model.extreme(figures[i], 1.0, figures, low, high)
        if high[i] < need[i] - TOLERANCE or (primary is None and low[i] > least_mark + TOLERANCE
                                             and high[i] < published.threshold):
            high[i] = model.extreme(figures[i], -1.0, figures, low, high)
    more = (low > least_mark + TOLERANCE) & (low < np.inf)
    less = (high < need - TOLERANCE) & (high > -np.inf)
    sure = high < published.threshold - TOLERANCE
    narrowed = (more | less) & (primary if primary is not None else sure)
    undecided = more & ~narrowed & (low <= reach + TOLERANCE) if primary is None else np.zeros(len(figures), dtype=bool)
    positions = np.flatnonzero(hidden & np.isin(f, figures[narrowed]))
    return AuditResult(
        cells=len(f), hidden=int(hidden.sum()), attacked=int(np.isin(f[hidden], figures[attacked]).sum()),
        narrowed=len(positions), seconds=time.perf_counter() - begun, positions=positions,
        undecided=int(np.isin(f[hidden], figures[undecided]).sum()), certified=primary is not None)


def _required(certificate: Certificate, published: Published, figure: NDArray[np.int64]) -> dict[int, float]:
    """The primary figures and what each must be able to rise to."""
    position = dict(zip(certificates.keys(published), figure.tolist(), strict=True))
    return {position[key]: need for key, need in zip(certificate.primary.tolist(), certificate.need.tolist(),
                                                     strict=True)}


class _Model:
    """One persistent program over what is published."""

    def __init__(self, published: Published, earlier: Sequence[Published]) -> None:
        self.system = build([published, *earlier])
        self.lines = additive.lines(published, self.system.figure[0], self.system.size)
        public = _rows(self.system, published, links=additive.finest(self.system.links, self.lines))
        past = ledger.believed(self.system, published, earlier)
        for rows in (public + past, public, _rows(self.system, published, links=None)):
            program = self._feasible(rows)
            if program is not None:
                self.program, self.rows = program, rows
                return
        raise AttackError("no records can look like this release: its tables contradict each other")

    def _feasible(self, rows: Rows) -> Program | None:
        """A program with enough columns to have a solution, or None."""
        atoms = _atoms(self.system)
        rows = _independent(self.system, rows, atoms)
        k = rows.rows.shape[0]
        program = Program(self.system, rows.rows, rows.low, rows.high, np.arange(k))
        free = np.full(k, np.inf)
        program.soften(np.arange(k), free, free)
        for unit, codes in atoms:
            program.add(unit, codes)
        nothing, one = np.zeros(self.system.size), np.ones(k)
        solution = program.solve(nothing, np.zeros(0), one, one, rounds=ROUNDS)
        if solution is None or solution.value > 1e-5:
            return None
        program.soften(np.arange(k), np.zeros(k), np.zeros(k))
        return program

    def extreme(self, figure: int, sign: float, figures: NDArray[np.int64] | None = None,
                low: NDArray[np.float64] | None = None, high: NDArray[np.float64] | None = None) -> float:
        """The least (sign 1) or greatest (sign -1) value of a figure; notes what the solution says of others."""
        goal = np.zeros(self.system.size)
        goal[figure] = sign
        zero = np.zeros(len(self.program.soft))
        while True:
            solution = self.program.solve(goal, np.zeros(0), zero, zero, rounds=ROUNDS)
            if solution is None:
                if self.program.unbounded and sign < 0:
                    return np.inf
                raise AttackError("the solver failed; nothing can be said about this release")
            seen = self.program.figures @ solution.world
            value = self.rows.rows @ seen
            missed = np.flatnonzero((value < self.rows.low - 1e-5) | (value > self.rows.high + 1e-5))
            if not len(missed):
                break
            self.program.add_rows(self.rows.rows[missed], self.rows.low[missed], self.rows.high[missed])
        if figures is not None and low is not None and high is not None:
            np.minimum(low, seen[figures], out=low)
            np.maximum(high, seen[figures], out=high)
        return float(seen[figure])


def _rows(system: System, published: Published, links: sparse.csr_array | None) -> Rows:
    """Everything that a reader knows, as rows; without `links`, only what is printed."""
    low, high = known_figures(system, published, links is not None)
    rows = ledger.rows(system, np.flatnonzero((low > 0) | np.isfinite(high)), low, high)
    if links is None or not links.shape[0]:
        return rows
    return rows + Rows(links, np.zeros(links.shape[0]), np.full(links.shape[0], np.inf))


def _within_printed(system: System, published: Published, figures: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each figure the smallest printed exempt cell that it is part of, infinity where there is none."""
    result = np.full(len(figures), np.inf)
    exempt = np.flatnonzero(exempt_printed(published) & ~published.hidden & (published.high < published.threshold - 1))
    for cell in exempt.tolist():
        e = system.figure[0][cell]
        inside = system.unit[figures] == system.unit[e]
        for cover in system.covers.values():
            inside &= ~(cover[figures] & ~cover[e]).any(axis=1)
        result[inside] = np.minimum(result[inside], published.high[cell])
    return result


def _atoms(system: System) -> list[tuple[int, NDArray[np.int64]]]:
    """All atoms of small products, and some in every figure's box of large ones."""
    rng = np.random.default_rng(0)
    result = []
    for unit in range(len(UNITS)):
        members = np.flatnonzero(system.unit == unit)
        space = system.spaces[unit]
        if not len(members):
            continue
        if space.size <= WHOLE:
            result.append((unit, np.arange(space.size)))
            continue
        picks = []
        for box in system.boxes[unit]:
            order = rng.random((2, *box[members].shape)) * box[members]
            picks.append(order.argmax(axis=2).reshape(-1))
        result.append((unit, np.unique(space.codes(np.stack(picks, axis=1)))))
    return result


def _independent(system: System, rows: Rows, atoms: list[tuple[int, NDArray[np.int64]]]) -> Rows:
    """The rows without those equalities that follow from others over the atoms at hand; every solution is tested on
    all rows."""
    columns = sparse.hstack([system.columns(u, system.spaces[u].atoms(c)) for u, c in atoms])
    over = sparse.csr_array((rows.rows @ sparse.csc_array(columns)).astype(np.int64))
    exact = rows.low == rows.high
    span = gauss.Span(over, sparse.csr_array((0, over.shape[1]), dtype=np.int64))
    keep = [i for i in range(len(exact)) if not exact[i] or span.offer(i, force=True)[1]]
    return Rows(sparse.csr_array(rows.rows[keep]), rows.low[keep], rows.high[keep])

"""Secondary suppression over the whole system: nothing is printed that has not been shown to be safe.

Tables are taken in the order of their importance, in stages: by tier, and within a tier those of fewer dimensions
first. What a stage prints is settled before the next one begins, so that a finer table never costs a coarser cell: a
later stage hides its own cells, and where even that is not enough (the coarser numbers already say too much about one
of its primary cells) that level of detail is left out of the release.

Within a stage: (1) candidates by exact elimination, in order of importance; (2) worlds for every target by linear
programs; (3) where there is none, the least change of printed cells that makes one, which hides the cells that it
changes; (4) giving back; (5) the same for readers who know one record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import certificate, gauss, ledger, primary, rounding
from yjdisp.disclosure import lines as additive
from yjdisp.disclosure.cells import Cells, Published
from yjdisp.disclosure.certificate import Certificate
from yjdisp.disclosure.lines import outer_bounds
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.program import TOLERANCE
from yjdisp.disclosure.system import UNITS, CellsError, System, build
from yjdisp.disclosure.worlds import Ground, Rows, Search

Progress = Callable[[float, str], None]
STRANGERS = 2  # random atoms per figure, beside those that occur
GIVING_BACK = 6  # searches spent on giving back in a stage
TOGETHER = 12  # targets that one repair serves


@dataclass(frozen=True)
class Protected:
    """What may be printed.

    Attributes:
        shown: (n,) bool, whether the cell's count is printed.
        value: (n,) int, the printed count, rounded where the policy says so; 0 where none is printed.
        primary: (n,) bool, hidden by the policy itself.
        left_out: (n,) bool, not part of the release at all: neither count nor mark may be printed.
        already_public: (n,) bool, primary today, and given away by earlier releases that cannot be unpublished.
        low, high: (n,) float, what anyone can work out; high is infinite where there is no bound.
        certificate: the worlds that show it, for the analyst's side only.
        dropped: the tables that were left out whole, and why: "small" or "nothing".
    """

    shown: NDArray[np.bool_]
    value: NDArray[np.int64]
    primary: NDArray[np.bool_]
    left_out: NDArray[np.bool_]
    already_public: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    certificate: Certificate
    dropped: dict[int, str]

    def only(self, cells: NDArray[np.int64]) -> Protected:
        """The same for some of the cells."""
        arrays = ("shown", "value", "primary", "left_out", "already_public", "low", "high")
        return replace(self, **{name: getattr(self, name)[cells] for name in arrays})


def protect(cells: Cells, policy: Policy, *, earlier: Sequence[Published] = (), progress: Progress | None = None,
            executor: Executor | None = None, keep: float | None = None) -> Protected:
    """Decide which counts may be printed.

    Args:
        cells: the true counts.
        policy: the rules.
        earlier: earlier releases, as anyone can read them.
        progress: called with a share done and what is going on; may raise to cancel.
        executor: where independent work may run; nothing here is, so that it is not used.
        keep: leave out tables that print less than this share of their cells of `threshold` children and more.

    Raises:
        CellsError: the cells are not sums of the same records.
    """
    work = _Work(cells, policy, earlier, progress or (lambda share, text: None))
    if len(cells.unit):
        work.run(keep)
    return work.result()


class _Work:
    """One protection under way: the state of every figure."""

    def __init__(self, cells: Cells, policy: Policy, earlier: Sequence[Published], progress: Progress) -> None:
        self.cells, self.policy, self.progress = cells, policy, progress
        self.system = system = build([cells, *earlier])
        self.figure = f = system.figure[0]
        n = system.size
        self.count = np.zeros(n)
        self.count[f] = cells.count
        self.children = np.zeros(n)
        self.children[f] = cells.children
        if not np.array_equal(self.count[f], cells.count):
            raise CellsError("the same number is counted differently in two tables")
        self.today = np.zeros(n, dtype=bool)
        self.today[f] = True
        self.low, self.high = rounding.interval(self.count, self.children, policy)
        self.table_stage, self.stage = _stages(cells, f, n)
        self.primary, self.targets, self.owner = primary.targets(cells, policy, f, n)
        self.small = np.zeros(n, dtype=bool)
        self.small[f] = self.primary
        exempt = primary.exempt_cells(cells, policy)
        self.exempt = np.zeros(n, dtype=bool)
        self.exempt[f] = exempt
        self.printed = np.zeros(n, dtype=bool)
        self.gone = np.zeros(n, dtype=bool)
        self.excused = np.zeros(n, dtype=bool)
        self.repaired = np.zeros(n, dtype=bool)
        self.thorough = False
        self.share = 0.0
        self.dropped: dict[int, str] = {}
        self.patterns = _patterns(cells, f)
        self.ground = _ground(system, cells, self.count, self.today)
        sure = self.today | self.ground.known
        self.linked = ledger.linked(system, earlier, self.truth, sure)
        self.ever = self.linked.rows.indices  # figures that earlier releases have settled
        self.worlds: list[NDArray[np.float64]] = []
        self.hoped: list[NDArray[np.float64]] = []  # the worlds of the first pass
        self.lines = additive.lines(cells, f, n)

    # --- rows ---------------------------------------------------------------------------------------------------

    def rows(self, figures: NDArray[np.int64]) -> Rows:
        """Printed figures as rows."""
        n = self.system.size
        eye = sparse.csr_array((np.ones(len(figures)), (np.arange(len(figures)), figures)), shape=(len(figures), n))
        return Rows(eye, self.low[figures], self.high[figures])

    def public(self, printed: NDArray[np.bool_]) -> Rows:
        """What follows from the rules: links between the units, and children behind what is printed."""
        links = additive.finest(self.system.links, self.lines)
        true = links @ self.truth
        links = links[true >= -TOLERANCE]
        k = links.shape[0]
        behind = self.system.behind[np.flatnonzero(printed & (self.count > 0) & ~self.exempt & self.today)]
        behind = np.unique(behind[behind >= 0])
        behind = behind[self.truth[behind] >= self.policy.threshold - TOLERANCE]
        rest = self.rows(behind).rows
        rows = Rows(sparse.csr_array(sparse.vstack([links, rest])),
                    np.append(np.zeros(k), np.full(len(behind), float(self.policy.threshold))),
                    np.full(k + len(behind), np.inf))
        if self.policy.zeros == "shown":  # the mark stands for at least 1
            marked = np.flatnonzero(self.today & ~printed & ~self.gone & (self.stage <= self.now) & (self.count > 0))
            rows = rows + Rows(self.rows(marked).rows, np.ones(len(marked)), np.full(len(marked), np.inf))
        return rows + self.linked

    @property
    def truth(self) -> NDArray[np.float64]:
        """The value of every figure in the true world."""
        if not hasattr(self, "_truth"):
            start, total = 0, np.zeros(self.system.size)
            for unit, codes in self.ground.chunks[:self.ground.occurring]:
                columns = self.system.columns(unit, self.system.spaces[unit].atoms(codes))
                total += columns @ self.ground.records[start:start + len(codes)]
                start += len(codes)
            self._truth = total
        return self._truth

    # --- the stages ---------------------------------------------------------------------------------------------

    def run(self, keep: float | None) -> None:
        """All stages; first in the hope that lines and elimination have found all there is to hide.

        One search for worlds at the end shows whether they have. Where they have not, the stages are gone through
        again, each with its own search and repair. What is printed of a stage is the same either way: a search that
        succeeds at the end would have succeeded in every stage.
        """
        self.atoms = _atoms_of_rows(self.system, self.ground)
        self.now = -1
        if self.linked.rows.shape[0]:
            self._excuse()
        for careful in (False, True):
            self.careful, self.hoped = careful, self.worlds
            self.printed[:], self.gone[:], self.repaired[:], self.dropped = False, False, False, {}
            stages = np.unique(self.stage[self.today])
            for number, stage in enumerate(stages.tolist()):
                self.now = stage
                self.share = 0.5 * (careful + number / len(stages))
                self.tell()
                self._stage(stage, keep)
            alone = np.setdiff1d(self.figure, self.figure[~np.isin(self.cells.table, list(self.dropped))])
            self.gone[alone] = True
            self.printed[alone] = False
            if careful or not self._search():
                break
        self.progress(1.0, "protected")

    def tell(self) -> None:
        """Says how far it is; whoever listens may stop it by raising."""
        self.progress(self.share, "looking for worlds")

    def live(self) -> NDArray[np.int64]:
        """The targets that count so far."""
        o = self.owner
        return np.flatnonzero((self.stage[o] <= self.now) & ~self.gone[o] & ~self.excused[o])

    def _excuse(self) -> None:
        """Targets that earlier releases have given away already."""
        nothing = np.zeros(self.system.size, dtype=bool)
        hard = self.public(nothing)
        search = Search(self.system, hard, hard, self.targets, self.ground, self.tell)
        lost = search.outsiders()
        lost = lost or search.knowing()
        self.ground.learn(search.program)
        self.excused[self.owner[[t for *_, t in lost]]] = True

    def _stage(self, stage: int, keep: float | None) -> None:
        inside = self.today & (self.stage == stage) & ~self.gone
        fixed = self.printed.copy()
        forced = inside & ~self.small & self._never()
        candidates = np.flatnonzero(inside & ~self.small & ~forced)
        candidates = candidates[np.lexsort((candidates, -self.count[candidates], self.depth(candidates)))]
        forced = np.flatnonzero(forced)
        for _ in range(1000):
            given_away = self._elimination(fixed, forced, candidates)
            if len(given_away):
                self._leave_out(given_away)
            elif keep is None or not self._drop(stage, keep):
                break
            candidates, forced = candidates[~self.gone[candidates]], forced[~self.gone[forced]]
        if not self.careful:
            return
        while failed := self._search():
            self._repair(fixed, self.live(), failed)
            self._again(fixed)
        self._give_back(fixed, candidates)
        if keep is not None:
            self._drop(stage, keep)

    def depth(self, figures: NDArray[np.int64]) -> NDArray[np.int64]:
        """How fine figures are: levels below "All", summed."""
        if not hasattr(self, "_depth"):
            level = np.zeros(len(self.figure), dtype=np.int64)
            for d, dimension in enumerate(self.cells.dimensions):
                level += np.array([dimension.level(v) for v in dimension.values])[self.cells.at[:, d]]
            self._depth = np.full(self.system.size, 10**6)
            np.minimum.at(self._depth, self.figure, level)
        return self._depth[figures]

    def _elimination(self, fixed: NDArray[np.bool_], forced: NDArray[np.int64], candidates: NDArray[np.int64]
                     ) -> NDArray[np.int64]:
        """Prints what brings no target into the span; gives the targets that are in it already."""
        live = self.live()
        span = gauss.Span(self.atoms, sparse.csr_array(self.targets.rows[live] @ self.atoms))
        self.independent = []
        self.printed = fixed.copy()
        settled = np.flatnonzero(fixed)
        for figure in self.ever[self.linked.low == self.linked.high].tolist():
            span.offer(figure, force=True)
        for figure in [*settled[np.argsort(self.stage[settled], kind="stable")].tolist(), *forced.tolist()]:
            _, new = span.offer(figure, force=True)
            self.printed[figure] = True
            if new:
                self.independent.append(figure)
        lost = live[span.lost()]
        lost = lost[self.stage[self.owner[lost]] == self.now]
        if len(lost):
            return lost
        pencil = _Pencil(self, live)
        for figure in candidates.tolist():
            if not pencil.allows(figure):
                continue
            safe, new = span.offer(figure)
            if safe:
                self.printed[figure] = True
                pencil.print(figure)
                if new:
                    self.independent.append(figure)
        return lost

    def _again(self, fixed: NDArray[np.bool_]) -> None:
        """Which printed figures are independent, after some were hidden."""
        span = gauss.Span(self.atoms, sparse.csr_array((0, self.atoms.shape[1]), dtype=np.int64))
        settled = np.flatnonzero(fixed)
        rest = np.flatnonzero(self.printed & ~fixed)
        order = [*settled[np.argsort(self.stage[settled], kind="stable")].tolist(),
                 *rest[np.argsort(self.depth(rest), kind="stable")].tolist()]
        self.independent = [figure for figure in order if span.offer(figure, force=True)[1]]

    def _hard(self) -> tuple[Rows, Rows]:
        """The rows for a program, and those for the test of a world."""
        everything = np.flatnonzero(self.printed)
        public = self.public(self.printed)
        if self.policy.rounding:
            return self.rows(everything) + public, self.rows(everything) + public
        return self.rows(np.array(self.independent, dtype=np.int64)) + public, self.rows(everything) + public

    def _search(self) -> list[tuple[int, int, int]]:
        """Finds worlds for all targets; gives those for which there are none."""
        search = Search(self.system, *self._hard(), self.targets.only(self.live()), self.ground, self.tell)
        for world in [*self.worlds, *self.hoped]:
            search.add(world)
        failed = search.outsiders() or search.knowing()
        self.ground.learn(search.program)
        self.worlds, self.thorough = search.worlds, search.thorough
        return failed

    def _repair(self, fixed: NDArray[np.bool_], live: NDArray[np.int64], failed: list[tuple[int, int, int]]) -> None:
        """Hides the printed cells of this stage that the least change must touch."""
        loose = np.flatnonzero(self.printed & ~fixed & ~self._never())
        keepers = np.flatnonzero(self.printed & (fixed | self._never()))
        hard = self.rows(keepers) + self.public(self.printed)
        wanted = np.unique([target for *_, target in failed])
        search = Search(self.system, hard, hard, self.targets.only(live), self.ground, self.tell, self.rows(loose), wanted)
        base = (1 + np.log1p(self.count[loose])) * (1 + 4.0 / (1 + self.depth(loose)))
        free = np.zeros(len(loose), dtype=bool)
        lost: list[int] = []
        groups: dict[tuple[int, int], list[int]] = {}
        for side, insider, target in failed:
            groups.setdefault((side, insider), []).append(target)
        for (side, insider), wanted in groups.items():
            for start in range(0, len(wanted), TOGETHER):
                lost += self._change(search, side, insider, wanted[start:start + TOGETHER], base, free)
        self.ground.learn(search.program)
        self.printed[loose[free]] = False
        self.repaired[loose[free]] = True
        if lost:
            self._leave_out(live[lost])

    def _change(self, search: Search, side: int, insider: int, wanted: list[int], base: NDArray[np.float64],
                free: NDArray[np.bool_]) -> list[int]:
        """One repair; frees what it changes and gives the targets that cannot be had at any price."""
        todo = np.array([t for t in wanted if not search.met[side, insider, t]], dtype=np.int64)
        if not len(todo):
            return []
        kept = np.full(len(self.ground.records), 1e-3)
        if insider:
            search.hold(insider - 1)
        solution = None
        factor = np.ones(len(base))
        for turn in range(3):  # reweighted: what changes little becomes dear, so that few cells change
            weight = np.where(free, 0.0, base * factor)
            solution = search.change(side, todo, kept, weight, rounds=12 if turn == 0 else 4)
            if solution is None:
                break
            moved = np.maximum(solution.under, solution.over)[:len(base)]
            factor = 1 / (moved + 0.1)
        if insider:
            search.release(insider - 1)
        if solution is None:
            return todo.tolist()
        free |= moved > TOLERANCE
        search.add(solution.world)
        missed = [t for t in todo.tolist() if not search.met[side, insider, t]]
        if len(todo) == 1:
            return missed
        for target in missed:
            if not search.met[side, insider, target]:
                lost = self._change(search, side, insider, [target], base, free)
                if lost:
                    return lost + [t for t in missed if t > target and not search.met[side, insider, t]
                                   and self._change(search, side, insider, [t], base, free)]
        return []

    def _never(self) -> NDArray[np.bool_]:
        """Figures that are not hidden as secondary ones: small exempt figures, zeros where zeros are shown, and what
        earlier releases have printed already."""
        never = self.exempt & (self.children < self.policy.threshold)
        if self.policy.zeros == "shown":
            never |= self.count == 0
        exact = self.linked.low == self.linked.high
        if not self.policy.rounding:
            never[self.ever[exact]] = True
        return never & ~self.small

    def _leave_out(self, targets: NDArray[np.int64]) -> None:
        """Takes the level of detail of these targets, and all that is only finer, out of the release."""
        for target in targets.tolist():
            figure = self.owner[target]
            if self.stage[figure] < self.now:  # cannot happen while worlds are exact; then nothing of this stage
                self.gone |= self.today & (self.stage == self.now)
                break
            mine = self.patterns[self.figure == figure]
            same = np.isin(self.patterns, mine)
            self.gone[self.figure[same & (self.stage[self.figure] == self.now)]] = True
        self.printed &= ~self.gone

    # --- giving back --------------------------------------------------------------------------------------------

    def _give_back(self, fixed: NDArray[np.bool_], candidates: NDArray[np.int64]) -> None:
        """Prints hidden secondary cells again, most important first, where all targets stay safe."""
        hidden = [c for c in candidates.tolist() if self.repaired[c] and not self.gone[c]]
        self._try(fixed, hidden, [GIVING_BACK])

    def _try(self, fixed: NDArray[np.bool_], hidden: list[int], budget: list[int]) -> None:
        if not hidden or budget[0] <= 0:
            return
        budget[0] -= 1
        before = self.printed.copy()
        independent = list(self.independent)
        live = self.live()
        span = gauss.Span(self.atoms, sparse.csr_array(self.targets.rows[live] @ self.atoms))
        for figure in self.independent:
            span.offer(figure, force=True)
        tried = []
        for figure in hidden:
            safe, new = span.offer(figure)
            if safe:
                self.printed[figure] = True
                tried.append(figure)
                if new:
                    self.independent.append(figure)
        if not tried:
            return
        worlds = self.worlds
        if not self._search():
            return
        self.worlds = worlds
        self.printed, self.independent = before, independent
        if len(tried) > 1:
            half = len(tried) // 2
            self._try(fixed, tried[:half], budget)
            self._try(fixed, tried[half:], budget)

    def _drop(self, stage: int, keep: float) -> bool:
        """Leaves out the tables of this stage that print too little; gives whether there were any."""
        mine = self.stage[self.figure] == stage
        members = {int(t): np.unique(self.figure[mine & (self.cells.table == t)])
                   for t in np.unique(self.cells.table[mine & (self.table_stage == stage)])}
        dropped = {}
        for table, figures in members.items():
            if table in self.dropped:
                continue
            large = figures[self.children[figures] >= self.policy.threshold]
            shown = self.printed[figures].any()
            if not shown or self.printed[large].sum() < keep * len(large):
                dropped[table] = "small" if shown or len(large) else "nothing"
        self.dropped |= dropped
        kept = [f for t, f in members.items() if t not in self.dropped]
        others = self.figure[~np.isin(self.cells.table, list(self.dropped))]
        gone = np.setdiff1d(np.concatenate([members[t] for t in dropped] or [np.zeros(0, dtype=np.int64)]),
                            np.concatenate([*kept, others]))
        self.gone[gone] = True
        self.printed[gone] = False
        return bool(dropped)

    def result(self) -> Protected:
        """What may be printed, and what anyone can work out from it."""
        cells, policy, f = self.cells, self.policy, self.figure
        left_out = self.gone[f] | np.isin(cells.table, list(self.dropped))
        shown = self.printed[f] & ~left_out
        low, high = rounding.interval(cells.count, cells.children, policy)
        low, high = np.where(shown, low, float(policy.floor)), np.where(shown, high, np.inf)
        keep = ~left_out
        published = Published(cells.dimensions, cells.unit[keep], cells.at[keep], low[keep], high[keep], ~shown[keep],
                              policy.threshold, policy.exempt)
        low[keep], high[keep] = outer_bounds(published)
        low[left_out], high[left_out] = 0.0, np.inf
        return Protected(shown, np.where(shown, rounding.printed(cells.count, policy), 0), self.primary, left_out,
                         self.excused[f] & self.primary, low, high, self.certificate(), dict(self.dropped))

    def certificate(self) -> Certificate:
        """The worlds, and what they are for, in terms of the cells that are in the release."""
        names: dict[int, str] = {}
        for figure, key in zip(self.figure.tolist(), certificate.keys(self.cells), strict=True):
            names.setdefault(figure, key)
        primary, need, groups = [], [], []
        for t in range(self.targets.rows.shape[0]):
            owner = int(self.owner[t])
            if self.gone[owner] or self.excused[owner]:
                continue
            row = self.targets.rows[[t]]
            if len(row.indices) == 1:
                primary.append(names[owner])
                need.append(self.targets.high[t])
            else:
                groups.append((names[int(row.indices[row.data > 0][0])], names[owner]))
        return certificate.of(self.system, self.ground, self.worlds, primary, np.array(need), groups, self.thorough)


class _Pencil:
    """What additive lines alone tell of the targets, while cells are printed one by one.

    Wants room for one record more than the target needs, which is what an insider takes away.
    """

    def __init__(self, work: _Work, live: NDArray[np.int64]) -> None:
        self.lines, self.links = work.lines, work.system.links
        n = work.system.size
        least = 1.0 if work.policy.zeros == "shown" else 0.0
        self.low = np.where(work.printed, work.low, np.where(work.small, least, 0.0))
        self.high = np.where(work.printed, work.high, np.inf)
        self.low[work.ever] = np.maximum(self.low[work.ever], work.linked.low)
        self.high[work.ever] = np.minimum(self.high[work.ever], work.linked.high)
        self.value = work.low, work.high
        single = np.diff(work.targets.rows.indptr)[live] == 1
        self.targets, self.owner = live[single], work.owner[live[single]]
        self.need = work.targets.low[self.targets], work.targets.high[self.targets] + 1
        assert len(self.low) == n
        self.fine = self._fine(self.low, self.high)

    def _fine(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        low, high = additive.tighten(self.lines, low, high, self.links)
        return (low[self.owner] <= self.need[0]) & (high[self.owner] >= self.need[1])

    def _with(self, figure: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        low, high = self.low.copy(), self.high.copy()
        low[figure], high[figure] = self.value[0][figure], self.value[1][figure]
        return low, high

    def allows(self, figure: int) -> bool:
        """Whether no target that has room would lose it."""
        return bool((self._fine(*self._with(figure)) | ~self.fine).all())

    def print(self, figure: int) -> None:
        """Takes note that a figure is printed."""
        self.low, self.high = self._with(figure)


def _stages(cells: Cells, figure: NDArray[np.int64], size: int
            ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The stage of each cell's table, by tier and then by how many dimensions it has, and of each figure."""
    tables = np.unique(cells.table)
    wide = {int(t): int((cells.at[cells.table == t] > 0).any(axis=0).sum()) for t in tables}
    key = cells.tier * 1000 + np.array([wide[int(t)] for t in cells.table], dtype=np.int64)
    result = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(result, figure, key)
    return key, result


def _patterns(cells: Cells, figure: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int, the level of detail of each cell: its unit and its level on every dimension."""
    level = np.zeros(cells.at.shape, dtype=np.int64)
    for d, dimension in enumerate(cells.dimensions):
        level[:, d] = np.array([dimension.level(v) for v in dimension.values])[cells.at[:, d]]
    unit = np.array([UNITS.index(u) for u in cells.unit.tolist()], dtype=np.int64)
    return np.unique(np.column_stack([unit, level]), axis=0, return_inverse=True)[1].reshape(-1)


def _ground(system: System, cells: Cells, count: NDArray[np.float64], today: NDArray[np.bool_]) -> Ground:
    """Atoms to work with: those that occur, and a few others inside every figure's box."""
    ground = Ground()
    total = np.zeros(system.size)
    for unit in range(len(UNITS)):
        if not (system.unit == unit).any():
            continue
        atoms = system.locate(cells.occupied, unit)
        codes, records = np.unique(system.spaces[unit].codes(atoms), return_counts=True)
        if len(codes):
            ground.chunks.append((unit, codes))
            ground.records = np.append(ground.records, records.astype(float))
            total += system.columns(unit, system.spaces[unit].atoms(codes)) @ records
    if {unit for unit, _ in ground.chunks} != set(np.unique(system.unit).tolist()):
        ground.chunks, ground.records = [], np.zeros(0)  # of some unit it is not known what occurs
    ground.occurring = len(ground.chunks)
    strangers = _strangers(system, ground)
    if not np.array_equal(total[today], count[today]):
        _fit(system, ground, strangers, count, today)
    ground.chunks += strangers
    return ground


def _strangers(system: System, ground: Ground) -> list[tuple[int, NDArray[np.int64]]]:
    """Atoms at random inside every figure's box, that do not occur."""
    rng = np.random.default_rng(0)
    known = {unit: codes for unit, codes in ground.chunks}
    result = []
    for unit, space in enumerate(system.spaces):
        members = np.flatnonzero(system.unit == unit)
        if not len(members):
            continue
        if space.size <= 1000:
            codes = np.arange(space.size)
        else:
            picks = []
            for box in system.boxes[unit]:
                order = rng.random((STRANGERS, *box[members].shape)) * box[members]
                picks.append(order.argmax(axis=2).reshape(-1))
            codes = np.unique(space.codes(np.stack(picks, axis=1)))
        codes = np.setdiff1d(codes, known.get(unit, []))
        if len(codes):
            result.append((unit, codes.astype(np.int64)))
    return result


def _fit(system: System, ground: Ground, strangers: list[tuple[int, NDArray[np.int64]]], count: NDArray[np.float64],
         today: NDArray[np.bool_]) -> None:
    """Records per atom that add up to every cell, where the combinations that occur do not say how often.

    Raises:
        CellsError: there are none.
    """
    from yjdisp.disclosure.program import Program

    figures = np.flatnonzero(today)
    eye = sparse.csr_array((np.ones(len(figures)), (np.arange(len(figures)), figures)),
                           shape=(len(figures), system.size))
    program = Program(system, eye, count[figures], count[figures], np.arange(len(figures)))
    free = np.full(len(figures), np.inf)
    program.soften(np.arange(len(figures)), free, free)
    least = ground.records
    for unit, codes in ground.chunks:
        program.add(unit, codes)
    for column, records in enumerate(least):
        program.keep(column, float(records), np.inf)
    if not ground.known or not len(least):
        for unit, codes in strangers:
            program.add(unit, codes)
    one = np.ones(len(figures))
    solution = program.solve(np.zeros(system.size), np.zeros(0), one, one, rounds=60 if not len(least) else 0)
    if solution is None or solution.value > 1e-4:
        raise CellsError("the cells do not add up: they are not counts of the same records")
    if len(least):
        ground.records = solution.world
        return
    ground.known = False
    ground.chunks, records = [], []
    for unit in np.unique(program.unit):
        have = (program.unit == unit) & (solution.world > TOLERANCE)
        if have.any():
            ground.chunks.append((int(unit), program.code[have]))
            records.append(solution.world[have])
    ground.occurring = len(ground.chunks)
    ground.records = np.concatenate(records) if records else np.zeros(0)
    taken = {unit: codes for unit, codes in ground.chunks}
    for i, (unit, codes) in enumerate(strangers):
        more = program.code[program.unit == unit]
        strangers[i] = (unit, np.setdiff1d(np.union1d(codes, more), taken.get(unit, [])))


def _atoms_of_rows(system: System, ground: Ground) -> sparse.csr_array:
    """(f, k) sparse: the figures over the atoms in use, for the elimination."""
    parts = [system.columns(unit, system.spaces[unit].atoms(codes)) for unit, codes in ground.chunks]
    return sparse.csr_array(sparse.hstack(parts).astype(np.int64)) if parts else sparse.csr_array((system.size, 0))

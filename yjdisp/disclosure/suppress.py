"""Secondary suppression: tables in the order of their importance, each cell printed only if every hidden one stays safe.

Nothing that a later table wants is paid for by an earlier one: what is printed stays printed, and the later cell stays
hidden. Where even that is not enough (earlier numbers already say too much of a hidden cell of the later table), the
later table is left out of the release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import lines, primary, rounding
from yjdisp.disclosure.blocks import Block, blocks, groups, joint
from yjdisp.disclosure.cells import Cells, Published
from yjdisp.disclosure.worlds import Bound, Goals, Group
from yjdisp.disclosure.model import TOLERANCE, Model
from yjdisp.disclosure.plan import Plan, PlanTable
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.system import CellsError, System, build
from yjdisp.vocabulary import LABELS

KEEP = 0.5  # of a table's cells that the threshold would let print
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Protected:
    """What may be printed.

    Attributes:
        shown: (n,) bool, whether the cell's count is printed.
        value: (n,) int, the printed count, rounded where the policy says so; 0 where none is printed.
        primary: (n,) bool, hidden by the policy itself.
        left_out: (n,) bool, not part of the release at all: neither count nor mark may be printed.
        low, high: (n,) float, what anyone can work out with a pencil; high is infinite where there is no bound.
    """

    shown: NDArray[np.bool_]
    value: NDArray[np.int64]
    primary: NDArray[np.bool_]
    left_out: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def protect(
    cells: Cells, policy: Policy, *, earlier: Sequence[Published] = (), progress: Progress | None = None
) -> Protected:
    """Decide which counts may be printed.

    Args:
        cells: the true counts.
        policy: the rules.
        earlier: earlier releases, as anyone can read them.
        progress: called with a share done and what is going on; may raise to cancel.

    Raises:
        CellsError: the cells are not counts of the same records.
    """
    return _protected(_Protection(cells, policy, earlier), cells, policy, progress)


def protect_plan(
    cells: Cells,
    policy: Policy,
    plan: Plan,
    *,
    earlier: Sequence[Published] = (),
    progress: Progress | None = None,
) -> ProtectedPlan:
    """Protect the cells of a plan, without the tables for which the numbers are too small.

    Args and raises as in `protect`; `Cells.table` numbers the tables of the plan.
    """
    result = protect(cells, policy, earlier=earlier, progress=progress)
    gone = {int(t) for t in np.unique(cells.table[result.left_out])}
    left_out = [LeftOut(t.unit, t.name, reason(t)) for number, t in enumerate(plan.tables) if number in gone]
    kept = sorted(set(range(len(plan.tables))) - gone)
    stay = np.isin(cells.table, kept)
    inside = replace(
        cells,
        unit=cells.unit[stay],
        table=np.searchsorted(kept, cells.table[stay]),
        at=cells.at[stay],
        count=cells.count[stay],
        children=cells.children[stay],
        tier=cells.tier[stay],
    )
    arrays = {f.name: getattr(result, f.name)[stay] for f in fields(Protected)}
    return ProtectedPlan(inside, Protected(**arrays), plan.only(set(kept)), tuple(left_out))


def reason(table: PlanTable) -> str:
    """Why a table is left out, fit for a page."""
    by = " and ".join(LABELS[d].lower() for d in table.dimensions)
    return f"The numbers of {table.unit} by {by or 'nothing'} are too small to publish."


def _protected(work: _Protection, cells: Cells, policy: Policy, progress: Progress | None) -> Protected:
    tables = np.unique(cells.table)
    for number, table in enumerate(tables.tolist()):
        if progress:
            progress(number / len(tables), "Protecting tables")
        work.publish(table)
    f = work.figure
    shown = work.printed[f] & ~work.gone
    value = np.where(shown, rounding.printed(cells.count, policy), 0)
    low, high = work.known(shown)
    return Protected(shown, value, work.primary, work.gone, low, high)


@dataclass(frozen=True)
class LeftOut:
    """A table that is not published: unit, name, and a reason fit for a page."""

    unit: str
    table: str
    reason: str


@dataclass(frozen=True)
class ProtectedPlan:
    """The kept tables of a plan with their protected cells, and the tables that are left out."""

    cells: Cells
    protected: Protected
    plan: Plan
    left_out: tuple[LeftOut, ...]


class _Protection:
    """A release in the making: what is printed so far."""

    def __init__(self, cells: Cells, policy: Policy, earlier: Sequence[Published]) -> None:
        self.cells, self.policy = cells, policy
        self.system = system = build([cells, *earlier])
        self.figure = f = system.figure[0]
        found = blocks(system, cells.occupied) if cells.occupied else _fitted(system, cells)
        self.truth = _truth(system, found, f, cells)
        self.children = np.full(system.size, np.inf)
        self.children[f] = cells.children
        low, high = rounding.interval(cells.count, cells.children, policy)
        self.low, self.high = self.truth.copy(), self.truth.copy()
        self.low[f], self.high[f] = low, high
        self.primary, targets, owner = primary.targets(cells, policy, f, system.size)
        self.goals = Goals(targets.rows, targets.low, targets.high, owner)
        self.base = Group(system, self.truth, [b for b in found if not b.part], self.goals, self._fits)
        self.groups = [Group(system, self.truth, g, self.goals) for g in groups(found) if g[0].part]
        self.of = {int(i): g for g in (self.base, *self.groups) for i in g.figures}
        self.small = np.zeros(system.size, dtype=bool)
        self.small[f] = self.primary
        self.zero = (self.truth == 0) & (policy.zeros == "shown")
        self.exempt = np.zeros(system.size, dtype=bool)
        self.exempt[f] = primary.exempt_cells(cells, policy) & (cells.children < policy.threshold)
        self.printed = np.zeros(system.size, dtype=bool)
        self.marked = np.zeros(system.size, dtype=bool)
        self.gone = np.zeros(len(cells.unit), dtype=bool)
        self._remember(earlier)

    def _fits(self, atoms: NDArray[np.float64]) -> bool:
        """Whether every part has records on this base that agree with what is printed of it."""
        return all(group.extends(self._base_of(group, atoms)) for group in self.groups)

    def _base_of(self, group: Group, atoms: NDArray[np.float64]) -> NDArray[np.float64]:
        ends = np.cumsum([0, *(len(b.held) for b in self.base.blocks)])
        of = {b.unit: atoms[ends[i] : ends[i + 1]] for i, b in enumerate(self.base.blocks)}
        return np.concatenate([of[b.unit] for b in group.blocks])

    # --- tables

    def publish(self, table: int) -> None:
        """Print as much of a table as is safe."""
        mine = self.cells.table == table
        figures = np.unique(self.figure[mine])
        fresh = figures[~self.printed[figures] & ~self.marked[figures]]
        groups = list(dict.fromkeys(self.of[f] for f in fresh.tolist()))
        before = [(group, group.memory(), group.active.copy()) for group in (self.base, *self.groups)]
        printed, marked = self.printed.copy(), self.marked.copy()
        self.marked[fresh] = True
        for group in groups:
            group.active |= self.marked[self.goals.owner[group.goals]]
        forced = [f for f in fresh.tolist() if self.zero[f] or (self.exempt[f] and not self.small[f])]
        hidden = [] if self.policy.floor == 0 else [f for f in fresh.tolist() if self.truth[f] > 0]
        if self._open(groups, forced, hidden):
            order = [f for f in fresh.tolist() if not self.small[f] and f not in set(forced)]
            order.sort(key=lambda f: (self._depth[f], -self.truth[f]))
            if self._print(order) and self._worth(fresh):
                return
        for group, memory, active in before:
            group.recall(memory)
            group.active = active
        self.printed, self.marked = printed, marked
        self.gone |= mine

    def _worth(self, fresh: NDArray[np.int64]) -> bool:
        """Whether enough is printed of the new cells that have the threshold's children or more."""
        large = fresh[self.children[fresh] >= self.policy.threshold]
        return not len(fresh) or (len(large) > 0 and self.printed[large].mean() >= KEEP)

    def _open(self, groups: list[Group], forced: list[int], hidden: list[int]) -> bool:
        """Say what the rules say of the table before a count is printed; gives whether every goal still has worlds."""
        for f in hidden:
            self.of[f].learn([Bound(f, 1.0, np.inf)])
        for f in forced:
            for bound in self._bounds(f):
                self.of[bound.figure].learn([bound])
            self.printed[f] = True
        return not any(group.secure() for group in groups) and self._base_holds()

    def _print(self, order: list[int]) -> bool:
        """Print what is safe: all at once as far as the base allows, else one by one with an eye on it."""
        memory = [(g, g.memory()) for g in (self.base, *self.groups)]
        printed = self.printed.copy()
        for f in order:
            self._try(f)
        if self._base_holds():
            return True
        for group, remembered in memory:
            group.recall(remembered)
        self.printed = printed
        for f in order:
            remembered = [(g, g.memory()) for g in (self.base, self.of[f])]
            if self._try(f) and not self._base_holds():
                for group, memory_ in remembered:
                    group.recall(memory_)
                self.printed[f] = False
        return self._base_holds()

    def _try(self, figure: int) -> bool:
        """Print one figure if the goals of the groups that it speaks of stay safe."""
        bounds = self._bounds(figure)
        touched = [(self.of[b.figure], self.of[b.figure].memory()) for b in bounds]
        for bound in bounds:
            if not self.of[bound.figure].try_to_learn([bound]):
                for group, memory in touched:
                    group.recall(memory)
                return False
        self.printed[figure] = True
        return True

    def _bounds(self, figure: int) -> list[Bound]:
        """What a printed figure says: its value, and that enough children stand behind it."""
        bounds = [Bound(figure, self.low[figure], self.high[figure])]
        behind = int(self.system.behind[figure])
        enough = behind >= 0 and self.truth[behind] >= self.policy.threshold
        if enough and self.truth[figure] > 0 and not self.exempt[figure]:
            bounds.append(Bound(behind, float(self.policy.threshold), np.inf))
        return bounds

    def _base_holds(self) -> bool:
        """Whether the goals of the base still have worlds that fit in with all parts."""
        self.base.forget_unfit(self._fits)
        return not self.base.secure()

    @property
    def _depth(self) -> NDArray[np.int64]:
        """How fine each figure is: levels below "All", summed."""
        level = np.zeros(len(self.figure), dtype=np.int64)
        for d, dimension in enumerate(self.cells.dimensions):
            level += np.asarray(dimension.levels)[self.cells.at[:, d]]
        depth = np.full(self.system.size, np.iinfo(np.int64).max)
        np.minimum.at(depth, self.figure, level)
        return depth

    # --- earlier releases

    def _remember(self, earlier: Sequence[Published]) -> None:
        """Take printed numbers of earlier releases for known where today's records still say the same.

        Where they do not, a record was corrected since: the earlier number is about other records. A hidden cell that
        earlier releases give away by themselves cannot be hidden any more, and is not tried.
        """
        for number, published in enumerate(earlier, start=1):
            figures = self.system.figure[number]
            same = ~published.hidden & (published.low <= self.truth[figures]) & (self.truth[figures] <= published.high)
            for f, low, high in zip(figures[same].tolist(), published.low[same], published.high[same], strict=True):
                if f in self.of:
                    self.of[f].learn([Bound(f, low, high)])
        for group in (self.base, *self.groups) if earlier else ():
            group.active[:] = True
            lost = group.secure()
            group.goals = np.delete(group.goals, lost)
            group.part, group.aside = np.delete(group.part, lost, axis=0), np.delete(group.aside, lost)
            group.least, group.most = np.delete(group.least, lost), np.delete(group.most, lost)
            group.active = np.zeros(len(group.goals), dtype=bool)

    # --- what anyone can work out

    def known(self, shown: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) bounds of every cell that follow from sums alone; they always hold the truth."""
        there = ~self.gone
        figures, size = self.figure[there], self.system.size
        low, high = np.zeros(size), np.full(size, np.inf)
        low[figures] = np.where(shown[there], self.low[figures], float(self.policy.floor))
        low[figures[self.truth[figures] == 0]] = 0
        high[figures] = np.where(shown[there], self.high[figures], np.inf)
        part = Published(
            self.cells.dimensions,
            self.cells.unit[there],
            self.cells.at[there],
            low[figures],
            high[figures],
            ~shown[there],
            self.policy.threshold,
        )
        low, high = lines.tighten(lines.lines(part, figures, size), low, high, self.system.links)
        return low[self.figure], high[self.figure]


def _fitted(system: System, cells: Cells) -> tuple[Block, ...]:
    """Blocks that hold records which add up to every cell, where the combinations that occur are not known.

    Raises:
        CellsError: there are none.
    """
    found = blocks(system)
    sums, same = joint(system, found)
    figures, first = np.unique(system.figure[0], return_index=True)
    links = sparse.csr_array(system.links @ sums)
    low = np.concatenate([cells.count[first], np.zeros(same.shape[0] + links.shape[0])])
    high = np.concatenate([cells.count[first], np.zeros(same.shape[0]), np.full(links.shape[0], np.inf)])
    records = Model(sparse.csr_array(sparse.vstack([sums[figures], same, links])), low, high).world(
        np.random.default_rng(0).random(sums.shape[1])
    )
    if records is None:
        raise CellsError("the cells do not add up: they are not counts of the same records")
    ends = np.cumsum([0, *(len(b.held) for b in found)])
    return tuple(replace(b, held=records[ends[i] : ends[i + 1]]) for i, b in enumerate(found))


def _truth(system: System, found, figure: NDArray[np.int64], cells: Cells) -> NDArray[np.float64]:
    """(f,) float: the true value of every figure.

    Raises:
        CellsError: the cells are not sums of the records that occur.
    """
    truth = np.zeros(system.size)
    for block in found:
        truth[block.figures] = block.inside @ block.held
    truth = np.where(np.abs(truth - np.rint(truth)) < TOLERANCE, np.rint(truth), truth)
    if not np.allclose(truth[figure], cells.count, atol=TOLERANCE):
        raise CellsError("the cells do not add up: they are not counts of the same records")
    return truth

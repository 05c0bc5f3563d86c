"""One tier of tables: each cell is printed only if every hidden one stays safe.

Nothing that a later table wants is paid for by an earlier one: what is printed stays printed, and the later cell stays
hidden. Where even that is not enough (earlier numbers already tell too much of a hidden cell of the later table, be it
only a child who knows their own record), or where too little of a table could be printed, the table is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import primary, truth
from yjdisp.disclosure.blocks import blocks
from yjdisp.disclosure.carried import Found
from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.figures import figures_of
from yjdisp.disclosure.knowledge import Knowledge, remembered
from yjdisp.disclosure.ledger import Entry, Records
from yjdisp.disclosure.lines import joined, lines
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.search import Search
from yjdisp.disclosure.system import History, System, build
from yjdisp.disclosure.ties import groups, ties
from yjdisp.disclosure.worlds import HIGH, Goals

KEEP = 0.5  # of a table's cells that the threshold would let print, totals among them


@dataclass(frozen=True)
class Decided:
    """What earlier tiers have settled of some cells.

    Attributes:
        cells: (n,) bool, those that were decided on.
        printed: (n,) bool, those that are printed.
    """

    cells: NDArray[np.bool_]
    printed: NDArray[np.bool_]

    def only(self, inside: NDArray[np.int64]) -> Decided:
        """The same for some of the cells."""
        return Decided(self.cells[inside], self.printed[inside])


@dataclass(frozen=True)
class Check:
    """What has to hold of what is printed.

    Attributes:
        goals: (goals,) bool, those that need their worlds.
        doubts: (goals,) bool, those that readers draw conclusions from.
        insiders: whether readers who know a record, and the cautious, need the worlds, too.
        concluding: whether readers who know a record draw conclusions, too: that takes long, and seldom matters.
    """

    goals: NDArray[np.bool_]
    doubts: NDArray[np.bool_]
    insiders: bool
    concluding: bool = False


class Stage:
    """The tables of a tier in the making, on top of what is settled.

    Args:
        cells: the tables of this tier, and those of earlier tiers that were not left out.
        policy: the rules.
        earlier: earlier releases.
        history: what readers take for granted of their records and today's.
        records: all records; both as `ledger.history` gives them.
        decided: what earlier tiers have settled of the cells.
        beat: called at every step of long work; may raise to cancel.
        plan: the tables of all tiers, where earlier releases are told apart by them from the first tier on.
        before: what the stage before has `found`.
    """

    def __init__(
        self,
        cells: Cells,
        policy: Policy,
        earlier: Sequence[Entry],
        history: History,
        records: Records,
        decided: Decided,
        beat: Callable[[], None],
        plan: Cells | None = None,
        before: Sequence[Found] = (),
    ) -> None:
        self.cells, self.policy = cells, policy
        self.system = system = build([cells, *(entry.published for entry in earlier)], history, plan)
        self.figure = system.figure[0]
        found = blocks(system, records) if records else truth.fitted(system, cells)
        small, targets, owner = primary.targets(cells, policy, self.figure, system.size)
        self.facts = figures_of(cells, policy, system, found, earlier, small)
        releases = [cells, *(entry.published for entry in earlier)]
        added = joined([lines(of, figure, system.size) for of, figure in zip(releases, system.figure, strict=True)])
        self.known = Knowledge(self.facts, policy, remembered(earlier, system, self.facts), added)
        self.goals, self.old, self.doubts = _goals(targets, owner, system, earlier, policy, self.facts.large)
        tied = ties(system, found)
        together = groups(found, tied)
        everything = tuple(block for group in together for block in group)
        self.search = Search(system, together, tied, self.goals, truth.insiders(everything, records), beat)
        self.search.take_up(before[:1])
        self.of_cautious = before[1:]
        self.cautious: Search | None = None  # for readers who do not believe that anything only grew
        own_part = self.facts.of_exempt[self.goals.owner]  # who is of the few can leave themselves out
        self.search.waived[HIGH, 1:] |= own_part
        self._take_over(decided)

    def _take_over(self, decided: Decided) -> None:
        self.known.marked[self.figure[decided.cells]] = True
        self.known.printed[self.figure[decided.printed]] = True
        self.search.active |= self._asked() | self.old
        self._say()

    def _asked(self) -> NDArray[np.bool_]:
        """(goals,) bool: those of the figures that are marked."""
        return self.known.marked[self.goals.owner] & ~self.doubts

    def decided(self, inside: NDArray[np.int64], size: int) -> Decided:
        """What is settled now, of `size` cells of which the stage had those that are `inside`."""
        cells, printed = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        cells[inside], printed[inside] = self.known.marked[self.figure], self.known.printed[self.figure]
        return Decided(cells, printed)

    def found(self) -> list[Found]:
        """The worlds of readers in general, and of the cautious where there are any."""
        return [search.found() for search in self._searches()]

    # --- tables

    def promise(self, tables: Sequence[int]) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """What of each table could be printed, and counts for the most, if nobody knew more than is printed already, and
        only the table's own marks mattered; yields what `publish` does, and prints nothing."""
        everything = np.ones(len(self.figure), dtype=bool)
        yield from ((table, self._attempt([table], everything, for_good=False)) for table in tables)

    def publish(
        self, tables: Sequence[int], promised: NDArray[np.bool_]
    ) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """Print as much of some tables as is safe, the first before the others.

        Args:
            promised: (n,) bool, the cells that each table could print if only its own marks mattered.

        Yields:
            Each table with (n,) bool, those of its cells that are printed; with None, and none is, where that is too few.
        """
        while self.old.any() and self._conclude(self.doubts, insiders=False):  # earlier releases tell it by themselves
            self._say()
        for failed in self.search.failing(self.old):
            self._leave_to_the_cautious(failed)
        for failed in self.cautious.failing() if self.cautious else ():
            self.cautious.waived[failed] = True  # earlier releases have given it away by themselves
        yield from self._publish(tables, promised)

    def _publish(
        self, tables: Sequence[int], promised: NDArray[np.bool_]
    ) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """Print some tables together, or where that is not safe one half of them after the other."""
        printed = self._attempt(tables, promised, for_good=True)
        if printed is None and len(tables) > 1:
            half = len(tables) // 2
            yield from self._publish(tables[:half], promised)
            yield from self._publish(tables[half:], promised)
            return
        for table in tables:
            yield table, None if printed is None else printed & (self.cells.table == table)

    def _attempt(self, tables: Sequence[int], hoped: NDArray[np.bool_], for_good: bool) -> NDArray[np.bool_] | None:
        """Print of several tables all that is hoped for or nothing, of a single one as much as is safe; gives the cells
        that are printed, and prints nothing where they are too few, or not for good."""
        before = self.search.active.copy(), self.known.copy()
        mine = np.isin(self.cells.table, tables)
        figures, promised = np.unique(self.figure[mine]), np.unique(self.figure[mine & hoped])
        fresh = figures[~self.known.printed[figures] & ~self.known.marked[figures]]
        order = self._order(fresh)
        self.known.marked[fresh] = True
        self.search.active |= self._asked()
        mine_alone = np.isin(self.goals.owner, fresh) & ~self.old
        own = Check(self.search.active & mine_alone, self.doubts & mine_alone, insiders=False)
        everybody = Check(self.search.active, self.doubts, insiders=True)
        checks = [own, everybody, replace(everybody, concluding=True)] if for_good else [own]
        self._ask_first(~mine_alone)
        self.known.printed[fresh] = self.facts.forced[fresh]
        self.known.printed[np.intersect1d(order, promised)] = True
        if len(tables) > 1:
            safe = self._all_safe(checks[-1]) and bool(self.known.printed[promised].all())
        else:
            safe = self._settle(order, promised, checks)
            while safe and not for_good and self._exchange(order, own):
                pass
        result = mine & self.known.printed[self.figure] if safe and self._enough(fresh, tables) else None
        if result is None or not for_good:
            self.search.active, self.known = before
            self._say()
        for search in self._searches():
            search.worlds.forget()
        return result

    def _order(self, fresh: NDArray[np.int64]) -> NDArray[np.int64]:
        """What may be printed, the coarsest and largest first."""
        able = fresh[~self.facts.small[fresh] & ~self.facts.forced[fresh]]
        return able[np.lexsort((able, -self.facts.value[able], self.facts.depth[able]))]

    def _settle(self, order: NDArray[np.int64], promised: NDArray[np.int64], checks: Sequence[Check]) -> bool:
        """Take back what leaves somebody without a world, and give back what does not: in the end a figure is printed
        just if it is safe beside those before it. Gives whether the marks alone are.

        Args:
            checks: the cheapest first; a later one is made only when nothing else can be printed by those before it.
        """
        against: dict[int, list[int]] = {}  # of what is taken back, all before it that forbid it
        level, printed = 0, self.known.printed
        while True:
            self._say()
            if (blame := self._blame(checks[level])) is not None:
                telling = np.isin(order, blame) | np.isin(self.facts.behind[order], blame)
                guilty = order[telling & printed[order]].tolist()
                if not guilty:
                    return False
                *others, last = guilty
                self.known.take_back(last)
                against[last] = others
                continue
            if self._deduce(checks[level]):
                continue
            forbidden = [figure for figure, others in against.items() if printed[others].all()]
            free = order[~printed[order] & ~np.isin(order, forbidden)].tolist()
            if free and not printed[promised].all():  # beside all that is promised nothing else is safe
                printed[free[0]], level = True, 0
                self._ask_first(self._far(free[0]))
            elif level + 1 < len(checks):
                level += 1
            else:
                return True

    def _ask_first(self, far: NDArray[np.int64]) -> None:
        """Look for the worlds of those goals first that are not far, (goals,): they are likely to have none."""
        for search in self._searches():
            search.far = far

    def _far(self, figure: int) -> NDArray[np.int64]:
        """(goals,) int: on how many axes each goal is of others than a figure."""
        of = self.goals.owner
        return sum((cover[of] != cover[figure]).any(axis=1).astype(int) for cover in self.system.covers.values())

    def _exchange(self, order: NDArray[np.int64], check: Check) -> bool:
        """Hide a figure, where that lets others be printed that are no finer and between them count for more; gives
        whether there is such a one. Only who knows no record is asked, as for what is promised."""
        value, depth = self.facts.value, self.facts.depth
        hidden = order[~self.known.printed[order]].tolist()
        if len(hidden) < 2:
            return False
        against = {figure: blame for figure in hidden if (blame := self._print_if_safe(figure, check)) is not None}
        costs = [
            (value[figure] - value[others].sum(), figure, others)
            for figure in order[self.known.printed[order]].tolist()
            if (others := [f for f, blame in against.items() if figure in blame and depth[f] <= depth[figure]])
        ]
        for cost, figure, others in sorted(costs):
            if cost >= 0:
                break
            before = self.known.copy()
            self.known.take_back(figure)
            for other in others:
                if self._print_if_safe(other, check) is not None:
                    cost += value[other]
                if cost >= 0:
                    break
            else:
                return True
            self.known = before
        return False

    def _print_if_safe(self, figure: int, check: Check) -> NDArray[np.int64] | None:
        """Print a figure if who knows no record has every world beside it; else gives what forbids it."""
        before = self.known.copy()
        self._ask_first(self._far(figure))
        self.known.printed[figure] = True
        if (blame := self._conflict(check)) is not None:
            self.known = before
        return blame

    def _enough(self, fresh: NDArray[np.int64], tables: Sequence[int]) -> bool:
        """Whether each of some tables prints something that is new, and enough of all that the threshold lets it."""
        for table in tables:
            figures = np.unique(self.figure[self.cells.table == table])
            able = figures[(self.facts.children[figures] >= self.policy.threshold) & ~self.facts.small[figures]]
            new, printed = np.isin(able, fresh), self.known.printed[able]
            if np.isin(figures, fresh).any() and (not printed[new].any() or printed.mean() < KEEP):
                return False
            fresh = np.setdiff1d(fresh, figures)
        return True

    def _all_safe(self, check: Check) -> bool:
        """Whether all keep their worlds; those that are found hold for fewer prints, too."""
        return self._conflict(check) is None

    def _conflict(self, check: Check) -> NDArray[np.int64] | None:
        """What `_blame` gives when everybody has concluded what they can."""
        while True:
            self._say()
            if (blame := self._blame(check)) is not None:
                return blame
            if not self._deduce(check):
                return None

    def _blame(self, check: Check) -> NDArray[np.int64] | None:
        """Figures of which too much is known for a goal to have its worlds; None where all goals have theirs."""
        for search in self._searches(check.insiders):
            if search.secure(check.goals, insiders=check.insiders):
                return self.known.sources(search.blame)
        return None

    def _searches(self, cautious: bool = True) -> list[Search]:
        return [self.search, *([self.cautious] if self.cautious and cautious else [])]

    def _say(self) -> None:
        """Tell all readers what is known."""
        low, high = self.known.bounds()
        for search in self._searches():
            search.know(low, high)

    # --- what follows from the promise

    def _deduce(self, check: Check) -> bool:
        """Tell all readers of the large figures that cannot be as small as their marks say; gives whether there are new
        ones.

        A small figure can be anything that its mark says: that is public. So one that cannot, be it for a single reader,
        is known to be large; what one of them concludes the others are taken to know, too, which is more than they do.
        The cautious have nothing to conclude of their own: every world of the others is one of theirs.
        """
        return self._conclude(check.doubts, insiders=False) or (
            check.concluding and self._conclude(check.doubts, insiders=True)
        )

    def _conclude(self, doubts: NDArray[np.bool_], *, insiders: bool) -> bool:
        wanted = doubts & self.unsure()
        doubtless = self.search.doubtless(wanted, insiders=insiders)
        found = {int(self.goals.owner[goal]): self.search.blame for goal in doubtless}
        self.known.tell(found)
        return bool(found)

    def unsure(self) -> NDArray[np.bool_]:
        """(goals,) bool: the doubts that readers are left with."""
        return self.doubts & self.known.unsure()[self.goals.owner]

    # --- earlier releases

    def _leave_to_the_cautious(self, failed: tuple[int, int, int]) -> None:
        """What is given away to who believes that records only came is kept from who does not."""
        if self.cautious is None:
            together = [scope.part.blocks for scope in self.search.scopes]
            system = replace(self.system, growths=())
            before = self.search
            self.cautious = search = Search(system, together, before.tied, self.goals, before.insiders, before.beat)
            search.take_up(self.of_cautious)
            search.active, search.waived = self.old, np.ones_like(search.waived)
            search.know(self.search.low, self.search.high)
        self.search.waived[failed], self.cautious.waived[failed] = True, False


def _goals(
    targets: primary.Targets,
    owner: NDArray[np.int64],
    system: System,
    earlier: Sequence[Entry],
    policy: Policy,
    large: NDArray[np.bool_],
) -> tuple[Goals, NDArray[np.bool_], NDArray[np.bool_]]:
    """Today's targets; after them what earlier releases still hide; and doubts, which are no goals: whether each large
    figure could be small. And (goals,) bool each, which are old and which are doubts."""
    promised = [entry.need > 0 for entry in earlier]
    hidden = [np.zeros(0, dtype=np.int64), *(f[p] for f, p in zip(system.figure[1:], promised, strict=True))]
    need = [np.zeros(0), *(entry.need[p] for entry, p in zip(earlier, promised, strict=True))]
    old, first = np.unique(np.concatenate(hidden), return_index=True)
    others = np.concatenate([old, np.flatnonzero(large)])
    k, kind = len(others), np.repeat([0, 1, 2], [len(owner), len(old), large.sum()])
    rows = sparse.csr_array((np.ones(k), (np.arange(k), others)), shape=(k, system.size))
    goals = Goals(
        rows=sparse.csr_array(sparse.vstack([targets.rows, rows])),
        low=np.concatenate([targets.low, np.full(k, float(policy.floor))]),
        high=np.concatenate([targets.high, np.concatenate(need)[first], np.zeros(large.sum())]),
        owner=np.concatenate([owner, others]),
    )
    return goals, kind == 1, kind == 2

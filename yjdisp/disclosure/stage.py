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

from yjdisp.disclosure import primary, rounding, truth
from yjdisp.disclosure.blocks import blocks
from yjdisp.disclosure.carried import Found
from yjdisp.disclosure.cells import Cells, exempt_cells
from yjdisp.disclosure.ledger import Entry, Records
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
        self.figure = f = system.figure[0]
        found = blocks(system, records) if records else truth.fitted(system, cells)
        self.truth = truth.values(system, found, f, cells)
        self.children = np.full(system.size, np.inf)
        self.children[f] = cells.children
        exempt = exempt_cells(cells, policy.exempt)
        low, high = rounding.interval(cells.count, exempt, policy)
        self.low, self.high = self.truth.copy(), self.truth.copy()
        self.low[f], self.high[f] = low, high
        mine, targets, owner = primary.targets(cells, policy, f, system.size)
        tied = ties(system, found)
        together = groups(found, tied)
        everything = tuple(block for group in together for block in group)
        self.large, self.hidden_before = np.zeros((2, system.size), dtype=bool)
        self.large[f] = ~exempt & (cells.children >= policy.threshold)
        self._recall(earlier, np.unique(np.concatenate([block.figures for block in everything])))
        self.goals = _goals(targets, owner, self.system, earlier, policy, np.flatnonzero(self.large))
        number = np.arange(len(self.goals.owner))
        self.doubts = number >= len(number) - self.large.sum()  # goals that are none: could a large figure be small?
        self.doubted = self.doubts  # those of them that matter to what is tried
        self.old = (number >= len(owner)) & ~self.doubts
        self.search = Search(system, together, tied, self.goals, truth.insiders(everything, records), beat)
        self.search.take_up(before[:1])
        self.of_cautious = before[1:]
        self.cautious: Search | None = None  # for readers who do not believe that anything only grew
        self.small = np.zeros(system.size, dtype=bool)
        self.small[f] = mine
        self.zero = (self.truth == 0) & (policy.zeros == "shown")
        self.exempt = np.zeros(system.size, dtype=bool)
        self.exempt[f] = exempt & (cells.children < policy.threshold)
        self.least = np.full(system.size, float(policy.threshold))
        self.least[f[exempt]] = 1.0
        self.depth = truth.depth(cells, f, system.size)
        behind = np.full(system.size, -1)
        behind[f] = system.behind[0]
        enough = (self.low > 0) & (self.truth[behind] >= self.least)
        self.behind = np.where(enough, behind, -1)  # of whose children a printed figure tells that they are enough
        self.remembered = np.zeros(system.size), np.full(system.size, np.inf)
        self.printed = np.zeros(system.size, dtype=bool)
        self.marked = np.zeros(system.size, dtype=bool)
        self.told: dict[int, NDArray[np.int64]] = {}  # large figures that cannot be small, and what tells it
        part_of_exempt = np.zeros(system.size, dtype=bool)
        part_of_exempt[f] = np.isfinite(primary.exempt_around(cells, policy))
        self.search.waived[HIGH, 1:] |= part_of_exempt[self.goals.owner]  # who is of the few can leave themselves out
        self._remember(earlier)
        self._take_over(decided)

    def _take_over(self, decided: Decided) -> None:
        self.marked[self.figure[decided.cells]] = True
        self.printed[self.figure[decided.printed]] = True
        self.search.active |= self._asked() | self.old
        self._say()

    def _asked(self) -> NDArray[np.bool_]:
        """(goals,) bool: those of the figures that are marked."""
        return self.marked[self.goals.owner] & ~self.doubts

    def decided(self, inside: NDArray[np.int64], size: int) -> Decided:
        """What is settled now, of `size` cells of which the stage had those that are `inside`."""
        cells, printed = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        cells[inside], printed[inside] = self.marked[self.figure], self.printed[self.figure]
        return Decided(cells, printed)

    def found(self) -> list[Found]:
        """The worlds of readers in general, and of the cautious where there are any."""
        return [search.found() for search in self._searches()]

    # --- tables

    def promise(self, tables: Sequence[int]) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """What of each table could be printed if nobody knew more than is printed already, and only the table's own
        marks mattered; yields what `publish` does, and prints nothing."""
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
        before = self.search.active.copy(), self.printed.copy(), self.marked.copy(), self.told.copy()
        mine = np.isin(self.cells.table, tables)
        figures, promised = np.unique(self.figure[mine]), np.unique(self.figure[mine & hoped])
        fresh = figures[~self.printed[figures] & ~self.marked[figures]]
        order = self._order(fresh)
        self.marked[fresh] = True
        self.search.active |= self._asked()
        mine_alone = np.isin(self.goals.owner, fresh) & ~self.old
        self.search.fresh = self.search.active & mine_alone
        goals = self.search.active if for_good else self.search.fresh
        self.doubted = self.doubts if for_good else self.doubts & mine_alone
        self.printed[fresh] = self._forced(fresh)
        self.printed[np.intersect1d(order, promised)] = True
        if len(tables) > 1:
            safe = self._all_safe(goals) and bool(self.printed[promised].all())
        else:
            safe = self._settle(order, promised, goals, for_good)
        result = mine & self.printed[self.figure] if safe and self._enough(fresh, tables) else None
        if result is None or not for_good:
            self.search.active, self.printed, self.marked, self.told = before
            self._say()
        for search in self._searches():
            search.worlds.forget()
        return result

    def _order(self, fresh: NDArray[np.int64]) -> NDArray[np.int64]:
        """What may be printed, the coarsest and largest first."""
        able = fresh[~self.small[fresh] & ~self._forced(fresh)]
        return able[np.lexsort((able, -self.truth[able], self.depth[able]))]

    def _forced(self, figures: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.zero[figures] | (self.exempt[figures] & ~self.small[figures])

    def _settle(
        self, order: NDArray[np.int64], promised: NDArray[np.int64], goals: NDArray[np.bool_], for_good: bool
    ) -> bool:
        """Take back what leaves somebody without a world, and give back what does not: in the end a figure is printed
        just if it is safe beside those before it. Gives whether the marks alone are."""
        decided = -1
        concluding = False  # insiders are asked last for what they conclude: it takes long, and seldom matters
        while True:
            self._say()
            if (blame := self._blame(goals, for_good)) is not None:
                behind = np.isin(order, blame) | np.isin(self.behind[order], blame)
                guilty = np.flatnonzero(behind & self.printed[order])
                if not len(guilty):
                    return False
                self.printed[order[guilty[-1]]] = False
                self._untell(int(order[guilty[-1]]))
                if concluding:  # those after it that were not safe may be now
                    decided = min(decided, guilty[-1])
                continue
            if self._deduce(insiders=False) or (concluding and self._deduce(insiders=True)):
                continue
            left = np.flatnonzero(~self.printed[order])
            left = left[left > decided]
            if len(left) and not self.printed[promised].all():  # beside all that is promised nothing else is safe
                decided = left[0]
                self.printed[order[decided]] = True
            elif concluding or not for_good:
                return True
            else:
                concluding = True

    def _enough(self, fresh: NDArray[np.int64], tables: Sequence[int]) -> bool:
        """Whether each of some tables prints something that is new, and enough of all that the threshold lets it."""
        for table in tables:
            figures = np.unique(self.figure[self.cells.table == table])
            able = figures[(self.children[figures] >= self.policy.threshold) & ~self.small[figures]]
            new = np.isin(able, fresh)
            if np.isin(figures, fresh).any() and (
                not self.printed[able[new]].any() or self.printed[able].mean() < KEEP
            ):
                return False
            fresh = np.setdiff1d(fresh, figures)
        return True

    def _all_safe(self, goals: NDArray[np.bool_]) -> bool:
        """Whether all keep their worlds; those that are found hold for fewer prints, too."""
        while True:
            self._say()
            if any(search.secure(goals) for search in self._searches()):
                return False
            if not (self._deduce(insiders=False) or self._deduce(insiders=True)):
                return True

    def _blame(self, goals: NDArray[np.bool_], for_good: bool) -> NDArray[np.int64] | None:
        """Figures of which too much is known for a goal to have its worlds, for readers of all kinds, or if not for good
        for outsiders; None where all goals have theirs."""
        for search in self._searches(for_good):
            if search.secure(goals, insiders=for_good):
                return self._with_what_tells(search.blame)
        return None

    def _with_what_tells(self, blame: NDArray[np.int64]) -> NDArray[np.int64]:
        """Figures, with those that tell that some of them, or of those of whose children they are, are large, and so on."""
        known: set[int] = set()
        new = set(blame.tolist())
        while new:
            known |= new
            large = {f for f in self.told if f in new or self.behind[f] in new}
            new = large.union(*(self.told[f].tolist() for f in large)) - known
        return np.array(sorted(known), dtype=np.int64)

    def _searches(self, for_good: bool = True) -> list[Search]:
        return [self.search, *([self.cautious] if self.cautious and for_good else [])]

    def _say(self) -> None:
        """Tell all readers what earlier releases, marks and printed figures say: of a printed figure its value, and that
        enough children stand behind it; of an exempt one, a child. And which hidden ones are known to be large."""
        low, high = (bound.copy() for bound in self.remembered)
        if self.policy.floor:
            some = self.marked & ~self.printed & (self.truth > 0)
            low[some] = np.maximum(low, 1.0)[some]
        low[self.printed] = np.maximum(low, self.low)[self.printed]
        high[self.printed] = np.minimum(high, self.high)[self.printed]
        large = np.array(list(self.told), dtype=np.int64)
        low[large] = np.maximum(low[large], np.minimum(self.policy.threshold, self.truth[large]))
        told = np.concatenate([np.flatnonzero(self.printed & (self.behind >= 0)), large[self.behind[large] >= 0]])
        np.maximum.at(low, self.behind[told], self.least[told])
        for search in self._searches():
            search.know(low, high)

    # --- what follows from the promise

    def _deduce(self, *, insiders: bool) -> bool:
        """Tell all readers of the large figures that cannot be as small as their marks say; gives whether there are new
        ones.

        A small figure can be anything that its mark says: that is public. So one that cannot, be it for a single reader,
        is known to be large; what one of them concludes the others are taken to know, too, which is more than they do.
        The cautious have nothing to conclude of their own: every world of the others is one of theirs.
        """
        wanted = self.doubted & self.unsure()
        doubtless = self.search.doubtless(wanted, insiders=insiders)
        found = {int(self.goals.owner[goal]): self.search.blame for goal in doubtless}
        self.told |= found
        return bool(found)

    def _untell(self, figure: int) -> None:
        """Forget which figures are known to be large because of one that is not printed any more."""
        gone = {figure, int(self.behind[figure])}
        self.told = {f: why for f, why in self.told.items() if gone.isdisjoint(self._with_what_tells(why).tolist())}

    def unsure(self) -> NDArray[np.bool_]:
        """(goals,) bool: the doubts that readers are left with: of hidden large figures, those that could be small."""
        hidden = (self.marked | self.hidden_before) & ~self.printed & self.large
        return self.doubts & hidden[self.goals.owner] & ~np.isin(self.goals.owner, list(self.told))

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

    def _recall(self, earlier: Sequence[Entry], known: NDArray[np.int64]) -> None:
        """Of the known figures, those that earlier releases have hidden though they were large."""
        for entry, figures in zip(earlier, self.system.figure[1:], strict=True):
            told = entry.published
            second = told.hidden & (entry.need == 0) & ~exempt_cells(told, told.exempt)
            second = figures[second & np.isin(figures, known) & (self.truth[figures] >= told.threshold)]
            self.large[second] = self.hidden_before[second] = True

    def _remember(self, earlier: Sequence[Entry]) -> None:
        """What earlier releases have told is known, as far as it is true of the records that there are."""
        low, high = self.remembered
        knows = np.isin(np.arange(self.system.size), self.search.everything.part.figures)
        for entry, figures, behind in zip(earlier, self.system.figure[1:], self.system.behind[1:], strict=True):
            told = entry.published
            true = (told.low <= self.truth[figures]) & (self.truth[figures] <= told.high)
            sure = true & knows[figures]
            np.maximum.at(low, figures[sure], told.low[sure])
            np.minimum.at(high, figures[sure], told.high[sure])
            enough = true & ~told.hidden & (told.low >= told.threshold) & (behind >= 0)
            enough &= knows[behind] & (self.truth[behind] >= told.threshold)
            np.maximum.at(low, behind[enough], told.threshold)


def _goals(
    targets: primary.Targets,
    owner: NDArray[np.int64],
    system: System,
    earlier: Sequence[Entry],
    policy: Policy,
    large: NDArray[np.int64],
) -> Goals:
    """Today's targets, after them what earlier releases still hide, and whether each large figure could be small."""
    hidden = [f[entry.need > 0] for entry, f in zip(earlier, system.figure[1:], strict=True)]
    figures = np.concatenate([*hidden, np.zeros(0, dtype=np.int64)])
    need = np.concatenate([*(entry.need[entry.need > 0] for entry in earlier), np.zeros(0)])
    figures, first = np.unique(figures, return_index=True)
    high = np.concatenate([targets.high, need[first], np.zeros(len(large))])
    figures = np.concatenate([figures, large])
    k = len(figures)
    rows = sparse.csr_array((np.ones(k), (np.arange(k), figures)), shape=(k, system.size))
    return Goals(
        rows=sparse.csr_array(sparse.vstack([targets.rows, rows])),
        low=np.concatenate([targets.low, np.full(k, float(policy.floor))]),
        high=high,
        owner=np.concatenate([owner, figures]),
    )

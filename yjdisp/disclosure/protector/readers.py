"""All readers of a release: what everybody is told, which worlds each can still imagine, and what follows from both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import primary
from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.facts.blocks import blocks
from yjdisp.disclosure.facts.lines import joined, lines
from yjdisp.disclosure.facts.ties import groups, ties
from yjdisp.disclosure.ledger import Entry, Records
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector import truth
from yjdisp.disclosure.protector.carried import Found
from yjdisp.disclosure.protector.figures import figures_of
from yjdisp.disclosure.protector.gains import with_gains
from yjdisp.disclosure.protector.insiders import insiders
from yjdisp.disclosure.protector.knowledge import Knowledge, remembered
from yjdisp.disclosure.protector.scope import NOBODY
from yjdisp.disclosure.protector.search import Search
from yjdisp.disclosure.protector.worlds import HIGH, Goals
from yjdisp.disclosure.system import History, System, build


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


@dataclass(frozen=True)
class State:
    """What readers know, and (goals,) bool, what they are asked."""

    known: Knowledge
    active: NDArray[np.bool_]


class Readers:
    """Who knows no record, every insider, and where it matters the cautious, who do not believe that records only came.

    Args:
        cells: the tables that they see, printed or hidden.
        policy: the rules.
        earlier: earlier releases.
        history: what readers take for granted of their records and today's.
        records: all records; both as `versions.history` gives them.
        beat: called at every step of long work; may raise to cancel.
        plan: the tables of all tiers, where earlier releases are told apart by them from the first tier on.
        before: what the readers of the tiers before have `found`.

    Attributes:
        system: all figures, `facts` of each, and `figure`, which of them each cell is.
        known: what everybody is told.
        goals: what must stay possible; (goals,) bool each, those of earlier releases are `old`, and `doubts` are none.
        search: for the worlds of all but the cautious.
    """

    def __init__(
        self,
        cells: Cells,
        policy: Policy,
        earlier: Sequence[Entry],
        history: History,
        records: Records,
        beat: Callable[[], None],
        plan: Cells | None = None,
        before: Sequence[Found] = (),
    ) -> None:
        self.system = system = build([cells, *(entry.published for entry in earlier)], history, plan)
        self.figure = system.figure[0]
        found = blocks(system, records) if records else truth.fitted(system, cells)
        small, targets, owner = primary.targets(cells, policy, self.figure, system.size)
        self.facts = figures_of(cells, policy, system, found, earlier, small)
        releases = [cells, *(entry.published for entry in earlier)]
        added = joined([lines(of, figure, system.size) for of, figure in zip(releases, system.figure, strict=True)])
        self.known = Knowledge(self.facts, policy, remembered(earlier, system, self.facts), added)
        self.goals, self.old, self.doubts = _goals(targets, owner, system, earlier, policy, self.facts.large)
        tied = with_gains(system, found, ties(system, found))
        together = groups(found, tied)
        everything = tuple(block for group in together for block in group)
        known = insiders(system, everything, records, policy.threshold)
        self.search = Search(system, together, tied, self.goals, known, beat)
        self.search.take_up(before[:1])
        self._of_cautious = before[1:]
        self._cautious: Search | None = None
        own_part = self.facts.of_exempt[self.goals.owner]  # who is of the few can leave themselves out
        self.search.waived[HIGH, 1:] |= own_part
        self.search.active |= self.old

    def found(self) -> list[Found]:
        """The worlds of readers in general, and of the cautious where there are any."""
        return [search.found() for search in self._searches()]

    def forget(self) -> None:
        """Let the worlds go that what they know rules out."""
        for search in self._searches():
            search.worlds.forget()

    # --- what they are told

    def mark(self, figures: NDArray[np.int64]) -> None:
        """Figures are published, as numbers or marks: from now on their goals are asked."""
        self.known.marked[figures] = True
        self.search.active |= self.known.marked[self.goals.owner] & ~self.doubts

    def state(self) -> State:
        """What they know and are asked, to come `back_to`."""
        return State(self.known.copy(), self.search.active.copy())

    def back_to(self, before: State) -> None:
        """Forget what was told since."""
        self.known, self.search.active = before.known, before.active
        self.say()

    def say(self) -> None:
        """Tell them what is known."""
        (low, high), crowded = self.known.bounds(), self.known.crowded()
        for search in self._searches():
            search.know(low, high, crowded)

    # --- what they can still imagine

    def conflict(self, check: Check) -> NDArray[np.int64] | None:
        """What `blame` gives when everybody has concluded what they can."""
        while True:
            self.say()
            if (blame := self.blame(check)) is not None:
                return blame
            if not self.deduce(check):
                return None

    def blame(self, check: Check) -> NDArray[np.int64] | None:
        """Figures of which too much is known for a goal to have its worlds; None where all goals have theirs."""
        searches = self._searches(check.insiders)
        while search := next((s for s in searches if s.secure(check.goals, insiders=check.insiders)), None):
            why = self.known.sources(search.blame)
            if not self._ask([why]):
                return why
        return None

    def _ask(self, several: Iterable[NDArray[np.int64]]) -> bool:
        """Ask of figures that had a part in something, and were only taken to be known to be large, whether they are; gives
        whether there are any."""
        why = np.concatenate([NOBODY, *several])
        taken = why[self.known.taken()[why]]
        self.known.asked[taken] = True
        if len(taken):
            self.say()
        return bool(len(taken))

    def ask_first(self, goals: NDArray[np.bool_]) -> None:
        """Look for the worlds of some goals, (goals,), first."""
        self._ask_in_order(~goals)

    def ask_near(self, figure: int) -> None:
        """Look for the worlds of those goals first that are of others than a figure on the fewest axes: they are likely to
        have none beside it."""
        of = self.goals.owner
        covers = self.system.covers.values()
        self._ask_in_order(sum((cover[of] != cover[figure]).any(axis=1).astype(int) for cover in covers))

    def _ask_in_order(self, far: NDArray[np.int64]) -> None:
        for search in self._searches():
            search.far = far

    def _searches(self, cautious: bool = True) -> list[Search]:
        return [self.search, *([self._cautious] if self._cautious and cautious else [])]

    # --- what follows from the promise

    def deduce(self, check: Check) -> bool:
        """Tell all of the large figures that cannot be as small as their marks say; gives whether there are new ones.

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
        found = {int(self.goals.owner[goal]): self.known.sources(self.search.blame) for goal in doubtless}
        taken = self.known.taken()
        self.known.tell({large: why for large, why in found.items() if not taken[why].any()})
        self._ask(found.values())
        return bool(found)

    def unsure(self) -> NDArray[np.bool_]:
        """(goals,) bool: the doubts that they are left with."""
        return self.doubts & self.known.unsure()[self.goals.owner]

    # --- earlier releases

    def know_too_much(self) -> bool:
        """Whether earlier releases give something away by themselves."""
        return self.blame(Check(self.old, self.doubts, insiders=True)) is not None

    def accept(self) -> None:
        """Ask nothing more of what earlier releases have given away by themselves."""
        lost = self._lost(self.search)
        while lost and self._conclude(self.doubts, insiders=False):
            self.say()
            lost = self._lost(self.search)
        for failed in lost:
            self._leave_to_the_cautious(failed)
        for failed in self._lost(self._cautious) if self._cautious else ():
            self._cautious.waived[failed] = True

    def _lost(self, search: Search) -> list[tuple[int, int, int]]:
        """Sides, readers and goals of earlier releases for which a search finds no world."""
        while True:
            failed = {one: self.known.sources(search.blame) for one in search.failing(self.old)}
            if not self._ask(failed.values()):
                return list(failed)

    def _leave_to_the_cautious(self, failed: tuple[int, int, int]) -> None:
        """What is given away to who believes that records only came is kept from who does not."""
        if self._cautious is None:
            together = [scope.part.blocks for scope in self.search.scopes]
            before = self.search
            system, known = replace(self.system, growths=()), before.insiders
            only = replace(known, rows=known.rows[:0], least=known.least[:, :0])
            tied = ties(system, before.everything.part.blocks)  # without what they gained together
            self._cautious = search = Search(system, together, tied, self.goals, only, before.beat)
            search.take_up(self._of_cautious)
            search.active, search.waived = self.old, np.ones_like(search.waived)
            search.know(before.low, before.high, before.worlds.crowded)
        self.search.waived[failed], self._cautious.waived[failed] = True, False


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

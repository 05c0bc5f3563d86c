"""One tier of tables: each cell is printed only if every hidden one stays safe.

Nothing that a later table wants is paid for by an earlier one: what is printed stays printed, and the later cell stays
hidden. Where even that is not enough (earlier numbers already tell too much of a hidden cell of the later table, be it
only a child who knows their own record), or where too little of a table could be printed, the table is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector.readers import Check, Readers
from yjdisp.disclosure.protector.settling import exchange, settle

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
        decided: what earlier tiers have settled of the cells.
        readers: who see them.
    """

    def __init__(self, cells: Cells, policy: Policy, decided: Decided, readers: Readers) -> None:
        self.cells, self.policy, self.readers = cells, policy, readers
        self.figure, self.facts = readers.figure, readers.facts
        readers.mark(self.figure[decided.cells])
        readers.known.printed[self.figure[decided.printed]] = True
        readers.say()

    def decided(self, inside: NDArray[np.int64], size: int) -> Decided:
        """What is settled now, of `size` cells of which the stage had those that are `inside`."""
        cells, printed = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        known = self.readers.known
        cells[inside], printed[inside] = known.marked[self.figure], known.printed[self.figure]
        return Decided(cells, printed)

    def promise(self, tables: Sequence[int]) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """What of each table could be printed, and counts for the most, if nobody knew more than is printed already, and
        only the table's own marks mattered; yields what `publish` does, and prints nothing."""
        everything = np.ones(len(self.figure), dtype=bool)
        yield from ((table, self._attempt([table], everything, for_good=False)) for table in tables)

    def publish(
        self, tables: Sequence[int], promised: NDArray[np.bool_]
    ) -> Iterator[tuple[int, NDArray[np.bool_] | None]]:
        """Print as much of some tables as is safe, the first before the others: together, or where that is not safe one
        half of them after the other.

        Args:
            promised: (n,) bool, the cells that each table could print if only its own marks mattered.

        Yields:
            Each table with (n,) bool, those of its cells that are printed; with None, and none is, where that is too few.
        """
        printed = self._attempt(tables, promised, for_good=True)
        if printed is None and len(tables) > 1:
            half = len(tables) // 2
            yield from self.publish(tables[:half], promised)
            yield from self.publish(tables[half:], promised)
            return
        for table in tables:
            yield table, None if printed is None else printed & (self.cells.table == table)

    def _attempt(self, tables: Sequence[int], hoped: NDArray[np.bool_], for_good: bool) -> NDArray[np.bool_] | None:
        """Print of several tables all that is hoped for or nothing, of a single one as much as is safe; gives the cells
        that are printed, and prints nothing where they are too few, or not for good."""
        readers, before = self.readers, self.readers.state()
        mine = np.isin(self.cells.table, tables)
        figures, promised = np.unique(self.figure[mine]), np.unique(self.figure[mine & hoped])
        fresh = figures[~readers.known.printed[figures] & ~readers.known.marked[figures]]
        order = self._order(fresh)
        readers.mark(fresh)
        checks = self._checks(fresh, for_good)
        readers.ask_first(checks[0].goals)
        readers.known.printed[fresh] = self.facts.forced[fresh]
        readers.known.printed[np.intersect1d(order, promised)] = True
        if len(tables) > 1:
            safe = readers.conflict(checks[-1]) is None and bool(readers.known.printed[promised].all())
        else:
            safe = settle(readers, order, promised, checks)
            while safe and not for_good and exchange(readers, order, checks[0]):
                pass
        result = mine & readers.known.printed[self.figure] if safe and self._enough(fresh, tables) else None
        if result is None or not for_good:
            readers.back_to(before)
        readers.forget()
        return result

    def _checks(self, fresh: NDArray[np.int64], for_good: bool) -> list[Check]:
        """What has to hold of tables of which some figures are fresh, the cheapest first: their own goals for who knows no
        record; where they are printed for good all goals for everybody, and beside what insiders conclude, too."""
        readers = self.readers
        mine = np.isin(readers.goals.owner, fresh) & ~readers.old
        asked = readers.search.active
        own = Check(asked & mine, readers.doubts & mine, insiders=False)
        everybody = Check(asked, readers.doubts, insiders=True)
        return [own, everybody, replace(everybody, concluding=True)] if for_good else [own]

    def _order(self, fresh: NDArray[np.int64]) -> NDArray[np.int64]:
        """What may be printed, the coarsest and largest first."""
        able = fresh[~self.facts.small[fresh] & ~self.facts.forced[fresh]]
        return able[np.lexsort((able, -self.facts.value[able], self.facts.depth[able]))]

    def _enough(self, fresh: NDArray[np.int64], tables: Sequence[int]) -> bool:
        """Whether each of some tables prints something that is new, and enough of all that the threshold lets it."""
        for table in tables:
            figures = np.unique(self.figure[self.cells.table == table])
            able = figures[(self.facts.children[figures] >= self.policy.threshold) & ~self.facts.small[figures]]
            new, printed = np.isin(able, fresh), self.readers.known.printed[able]
            if np.isin(figures, fresh).any() and (not printed[new].any() or printed.mean() < KEEP):
                return False
            fresh = np.setdiff1d(fresh, figures)
        return True

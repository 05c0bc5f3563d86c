"""What everybody is told of figures: by earlier releases, by print, by marks, and by what follows from these.

Two things follow from the promise. A hidden number that cannot be as small as its mark is no small one: it is *large*.
And nothing is hidden for nothing: of the hidden parts of a printed total, the only one that is not known to be large is
taken to be *small*.

Who is told more can imagine less: so what earlier releases hide for the sake of others is simply taken to be known to be
large, and readers are asked whether it follows only where a world is missing for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.facts.lines import Lines, alone
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector.figures import Figures
from yjdisp.disclosure.system import System

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


class Knowledge:
    """What a release tells, as far as it is settled.

    Args:
        figures: their facts.
        policy: the rules.
        remembered: (f,) float each, what earlier releases tell that every figure is between.
        lines: totals and their parts, of all releases.

    Attributes:
        marked: (f,) bool, figures of tables that are published, as numbers or marks.
        printed: (f,) bool, those of them that are printed.
        told: large hidden figures that cannot be small, each with the `sources` of that.
        asked: (f,) bool, large figures that are not simply taken to be known to be large where they are hidden.
    """

    def __init__(self, figures: Figures, policy: Policy, remembered: Bounds, lines: Lines) -> None:
        self._figures, self._policy, self._remembered, self._lines = figures, policy, remembered, lines
        self.marked, self.printed = np.zeros((2, len(figures.value)), dtype=bool)
        self.asked = ~figures.hidden_before
        self.told: Mapping[int, NDArray[np.int64]] = {}

    def copy(self) -> Knowledge:
        """The same knowledge, that may become another."""
        other = Knowledge(self._figures, self._policy, self._remembered, self._lines)
        other.marked, other.printed, other.asked = self.marked.copy(), self.printed.copy(), self.asked.copy()
        other.told = self.told
        return other

    def bounds(self) -> Bounds:
        """(f,) float each, what every figure is known to be between: a printed one is its value, with enough children
        behind it; an exempt one tells of a child; a mark says what it stands for; what is known to be large or small is."""
        of, (low, high) = self._figures, (end.copy() for end in self._remembered)
        if self._policy.floor:
            some = self.marked & ~self.printed & (of.value > 0)
            low[some] = np.maximum(low, 1.0)[some]
        low[self.printed] = np.maximum(low, of.low)[self.printed]
        high[self.printed] = np.minimum(high, of.high)[self.printed]
        large = self._large()
        low[large] = np.maximum(low, np.minimum(self._policy.threshold, of.value))[large]
        telling = self._telling()
        np.maximum.at(low, of.crowds.children[telling], of.crowds.enough[telling])
        small = self._alone()[:, 1]
        high[small] = np.minimum(high, of.few)[small]
        return low, high

    def crowded(self) -> NDArray[np.bool_]:
        """(f,) bool: the figures of which everybody knows that enough children are in them, but not how much they are."""
        of, crowds, (low, high) = self._figures, self._figures.crowds, self._remembered
        found = self._large() | (self.printed & of.large & (of.low < of.high))
        found |= (low >= self._policy.threshold) & (low < high)
        found[crowds.children[self._telling() & (crowds.enough >= self._policy.threshold)]] = True
        return found

    def unsure(self) -> NDArray[np.bool_]:
        """(f,) bool: the large hidden figures of which nobody is told that they are large."""
        return self._doubted() & self._figures.large

    def _large(self) -> NDArray[np.bool_]:
        """(f,) bool: the hidden figures that are known, or taken to be known, to be large."""
        large = self.taken()
        large[list(self.told)] = True
        return large

    def _telling(self) -> NDArray[np.bool_]:
        """(k,) bool: which of what can tell of enough children does."""
        crowds = self._figures.crowds
        return self._large()[crowds.figure] | (self.printed[crowds.figure] & crowds.today)

    def _hidden(self) -> NDArray[np.bool_]:
        return (self.marked | self._figures.hidden_before) & ~self.printed

    def _doubted(self) -> NDArray[np.bool_]:
        return self._hidden() & ~self._large()

    def _alone(self) -> NDArray[np.int64]:
        """(a, 2) int: lines, and figures that are known by them to be small."""
        printed = self.printed | np.isfinite(self._remembered[1])
        found = alone(self._lines, printed, self._doubted() & ~printed & ~self._figures.exempt)
        return found[np.isfinite(self._figures.few[found[:, 1]])]

    def tell(self, why: Mapping[int, NDArray[np.int64]]) -> None:
        """Some figures are large, each because of its `sources`."""
        self.told = {**self.told, **why}

    def taken(self) -> NDArray[np.bool_]:
        """(f,) bool: the figures that are simply taken to be known to be large."""
        return self._hidden() & self._figures.large & ~self.asked

    def take_back(self, figure: int) -> None:
        """A figure is not printed any more, and nothing is told that follows from it."""
        self.told = {large: of for large, of in self.told.items() if figure not in of}
        self.printed[figure] = False

    def sources(self, why: NDArray[np.int64]) -> NDArray[np.int64]:
        """Figures, with those that tell that some of them are large or small, or that there are enough children in them,
        and so on."""
        row, part = self._lines.members
        alone = self._alone()
        lines = alone[np.isin(alone[:, 1], why), 0]
        found = np.concatenate([why, self._lines.total[lines], part[np.isin(row, lines)]])
        crowds = self._figures.crowds
        found = np.union1d(found, crowds.figure[self._telling() & np.isin(crowds.children, found)])
        large = np.intersect1d(found, list(self.told)).tolist()
        return np.unique(np.concatenate([found, *(self.told[f] for f in large)]))


def remembered(earlier: Sequence[Entry], system: System, figures: Figures) -> Bounds:
    """(f,) float each, what earlier releases tell that every figure is between, as far as it is true of the records that
    there are."""
    low, high = np.zeros(system.size), np.full(system.size, np.inf)
    value, knows = figures.value, figures.looked_at
    for entry, at, behind in zip(earlier, system.figure[1:], system.behind[1:], strict=True):
        told = entry.published
        true = (told.low <= value[at]) & (value[at] <= told.high)
        sure = true & knows[at]
        np.maximum.at(low, at[sure], told.low[sure])
        np.minimum.at(high, at[sure], told.high[sure])
        enough = true & ~told.hidden & (told.low >= told.threshold) & (behind >= 0)
        enough &= knows[behind] & (value[behind] >= told.threshold)
        np.maximum.at(low, behind[enough], told.threshold)
    return low, high

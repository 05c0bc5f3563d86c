"""What a reader works out with a solver: one program of everything that is printed, and what follows from the promise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.cells import Published, exempt_cells
from yjdisp.disclosure.facts import lines
from yjdisp.disclosure.facts.blocks import blocks
from yjdisp.disclosure.facts.ground import ground
from yjdisp.disclosure.facts.units import CHILDREN
from yjdisp.disclosure.model import PLENTY, TOLERANCE, Walk
from yjdisp.disclosure.system import UNCHANGED, History, System, build


class AttackError(ValueError):
    """Published numbers that no records can have."""


class TooFine(AttackError):
    """Published numbers for which no records were found among as many combinations as can be tried."""

    def __init__(self) -> None:
        super().__init__(
            "the tables of one unit divide by so many characteristics that their combinations cannot all be tried; "
            "a plan with fewer of them, or with less depth, can be"
        )


class Siege:
    """One linear program of everything that a reader knows; it remembers what its solutions have shown possible."""

    def __init__(self, published: Published, earlier: Sequence[Published], history: History = UNCHANGED) -> None:
        self.system = system = build([published, *earlier], history)
        self.figure = system.figure[0]
        self.published = published
        self.whole = ground(system, blocks(system))
        self.complete = all(b.complete(system) for b in self.whole.blocks)
        self.sums = self.whole.all_figures(system.size)
        self.pencil = lines.joined(
            [lines.lines(r, f, system.size) for r, f in zip([published, *earlier], system.figure, strict=True)]
        )
        self.worlds: list[NDArray[np.float64]] = []
        self._begin(*known(system, published, earlier))

    def _begin(self, known_low: NDArray[np.float64], known_high: NDArray[np.float64]) -> None:
        """Take these bounds of all figures for known.

        Raises:
            AttackError: nothing can look like this.
        """
        self.known, size = (known_low, known_high), self.system.size
        self.walk = Walk(*self.whole.program(known_low[self.whole.figures], known_high[self.whole.figures]))
        self.low, self.high = lines.tighten(self.pencil, known_low, known_high, self.system.links)
        self.worlds = [w for w in self.worlds if ((w >= known_low - TOLERANCE) & (w <= known_high + TOLERANCE)).all()]
        self.seen_low = np.min([np.full(size, np.inf), *self.worlds], axis=0)
        self.seen_high = np.max([np.full(size, -np.inf), *self.worlds], axis=0)
        self._look(0, 0.0)

    def deduce(
        self,
        earlier: Sequence[Published],
        small: Sequence[NDArray[np.bool_] | None] = (),
        guessed: Collection[int] = (),
    ) -> None:
        """Find the hidden figures that cannot be the least of their mark and are large therefore, and those that only
        large ones are hidden beside and are small therefore, until there are no more; where they cannot all be, the
        promise is broken and nothing follows from it. Among as many combinations as can be tried nothing can be proved.

        Args:
            small: as far as the analyst knows them, the small cells of each release, which are not large for certain.
            guessed: the numbers of releases of which only a guess is `small`: others may be large, too.
        """
        if not self.complete:
            return
        told = promised(self.system, [self.published, *earlier], small, guessed)
        while True:
            (low, high), before = self.known, self.known
            alone = lines.alone(self.pencil, told.printed, told.doubted & (low < told.threshold))[:, 1]
            few = alone[high[alone] > told.few[alone]]
            large = [
                f
                for f in np.flatnonzero(low < told.enough).tolist()
                if self.least(f, told.mark[f]) > told.mark[f] + TOLERANCE
                and self.most(f, told.enough[f]) >= told.enough[f] - TOLERANCE
            ]
            if not large and not len(few):
                return
            low, high = low.copy(), high.copy()
            high[few] = told.few[few]
            low[large] = told.enough[large]
            telling = np.isin(told.crowds[:, 0], large)
            np.maximum.at(low, told.crowds[telling, 1], told.crowd[telling])
            try:
                self._begin(low, high)
            except AttackError:
                return self._begin(*before)

    def least(self, figure: int, enough: float = -np.inf) -> float:
        """The least value of a figure; or one that is small enough."""
        if self.seen_low[figure] > enough + TOLERANCE:
            self._look(figure, 1.0)
        return float(self.seen_low[figure])

    def most(self, figure: int, enough: float = np.inf) -> float:
        """The greatest value of a figure; or one that is large enough."""
        if self.seen_high[figure] < enough - TOLERANCE:
            self._look(figure, -1.0)
        seen = float(self.seen_high[figure])
        return seen if seen < PLENTY / 2 else np.inf  # other cells may take their part of what stands for no bound

    def excludes(self, figure: int, small: float, large: float) -> bool:
        """Whether a figure cannot be as small, or cannot be as large."""
        return self.least(figure, small) > small + TOLERANCE or self.most(figure, large) < large - TOLERANCE

    def _look(self, figure: int, price: float) -> None:
        """A world in which a figure at this price costs the least.

        Raises:
            AttackError: there is none.
        """
        atoms = self.walk.least(price * self.sums[[figure]].toarray()[0])
        if atoms is None:
            if not self.complete:
                raise TooFine
            raise AttackError("no records can look like this release: its tables contradict each other")
        seen = self.sums @ atoms
        self.worlds.append(seen)
        np.minimum(self.seen_low, seen, out=self.seen_low)
        np.maximum(self.seen_high, seen, out=self.seen_high)

    def within_exempt(self, figures: NDArray[np.int64]) -> NDArray[np.float64]:
        """For each figure the smallest printed count below the threshold that it is part of; infinity without one."""
        result = np.full(len(figures), np.inf)
        small = ~self.published.hidden & (self.published.high < self.published.threshold - 1)
        for cell in np.flatnonzero(small):
            whole = self.figure[cell]
            inside = self.system.unit[figures] == self.system.unit[whole]
            for cover in self.system.covers.values():
                inside &= ~(cover[figures] & ~cover[whole]).any(axis=1)
            result[inside] = np.minimum(result[inside], self.published.high[cell])
        return result


@dataclass(frozen=True)
class Promised:
    """What the promise says of figures, (f,) each.

    Attributes:
        printed: bool, cells that some release prints.
        doubted: bool, those that some hide and none prints, but for what is exempt itself.
        few: float, the most of those that the analyst knows to count fewer children than the threshold; else infinity.
        mark: float, the least that a mark stands for.
        enough: float, how much large is; -inf where no number is, or it is known not to be.
        threshold: float, of the mark.
        crowds: (c, 2) int, figures of which no number is known to be small, with the children figure behind it.
        crowd: (c,) float, how many children there are where it is large.
    """

    printed: NDArray[np.bool_]
    doubted: NDArray[np.bool_]
    few: NDArray[np.float64]
    mark: NDArray[np.float64]
    enough: NDArray[np.float64]
    threshold: NDArray[np.float64]
    crowds: NDArray[np.int64]
    crowd: NDArray[np.float64]


def promised(
    system: System,
    releases: Sequence[Published],
    small: Sequence[NDArray[np.bool_] | None],
    guessed: Collection[int],
) -> Promised:
    """What several releases promise, as far as the analyst knows with their small cells."""
    size = system.size
    printed, doubted = np.zeros((2, size), dtype=bool)
    mark, enough, threshold = np.zeros(size), np.full(size, -np.inf), np.zeros(size)
    crowds, crowd = [], []
    few, years = np.full(size, np.inf), system.years()
    for number, (release, known_small) in enumerate(zip_longest(releases, small)):
        figure = system.figure[number]
        printed[figure[~release.hidden]] = True
        cells = release.hidden & ~exempt_cells(release, release.exempt)
        doubted[figure[cells]] = True
        if known_small is not None:
            if number not in guessed:
                of = figure[known_small & (system.unit[figure] == CHILDREN)]
                few[of] = np.minimum(few[of], (release.threshold - 1) * years[of])
            cells &= ~known_small
        figures = figure[cells]
        mark[figures] = np.maximum(mark[figures], release.low[cells])
        threshold[figure] = np.maximum(threshold[figure], release.threshold)
        enough[figures] = np.maximum(enough[figures], release.threshold)
        behind = system.behind[number][cells]
        crowds.append(np.column_stack([figures, behind])[behind >= 0])
        crowd.append(np.full(len(crowds[-1]), float(release.threshold)))
    return Promised(
        printed, doubted & ~printed, few, mark, enough, threshold, np.concatenate(crowds), np.concatenate(crowd)
    )


def known(
    system: System, published: Published, earlier: Sequence[Published]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(f,) what print and rules tell of every figure by itself."""
    low, high = np.zeros(system.size), np.full(system.size, np.inf)
    for number, release in enumerate([published, *earlier]):
        figures = system.figure[number]
        np.maximum.at(low, figures, release.low)
        np.minimum.at(high, figures, release.high)
    some = ~published.hidden & (published.low > 0) & (system.behind[0] >= 0)
    least = np.where(published.low >= published.threshold, published.threshold, 1)
    least[exempt_cells(published, published.exempt)] = 1
    np.maximum.at(low, system.behind[0][some], least[some])
    return low, high

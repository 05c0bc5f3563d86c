"""The attack: what the printed numbers and the rules tell of each hidden cell. Nothing here knows how it was protected.

A hidden cell is *narrowed* when everything published together proves it to be small and tells more of it than the mark
does: it cannot be the least that the mark stands for, or cannot be threshold - 1, and yet cannot reach the threshold
either.

The promise itself tells something: a hidden cell that cannot be the least that its mark stands for, but can be large,
is no small one, so that the threshold is the least that it can be; and that may tell the same of others. Nor is anything
hidden for nothing: who knows of all hidden parts of a printed total but one that they are large concludes that this one
is small. That is not certain, so it is drawn only where the analyst knows it to be true. Cells at exempt values alone are
promised nothing: those that can be small but not the least are counted as *undecided*.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, zip_longest

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure import lines
from yjdisp.disclosure.blocks import blocks
from yjdisp.disclosure.cells import Published, exempt_cells, exempt_values
from yjdisp.disclosure.ground import ground
from yjdisp.disclosure.model import PLENTY, TOLERANCE, Walk
from yjdisp.disclosure.system import UNCHANGED, History, System, build
from yjdisp.disclosure.units import CHILDREN

Progress = Callable[[float, str], None]
ATTACKING = "Attacking hidden cells"
WORKING_OUT = "Working out what hidden cells can be"


class AttackError(ValueError):
    """Published numbers that no records can have."""


class TooFine(AttackError):
    """Published numbers for which no records were found among as many combinations as can be tried."""

    def __init__(self) -> None:
        super().__init__(
            "the tables of one unit divide by so many characteristics that their combinations cannot all be tried; "
            "a plan with fewer of them, or with less depth, can be"
        )


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    Attributes:
        cells, hidden: how many there are, and how many of them are hidden.
        attacked: how many hidden ones were attacked: those that could be small as far as sums alone tell.
        narrowed: how many of these the tables tell more of than the mark does.
        undecided: how many could be small or large, but not the least.
        taken: how many cells of earlier releases are narrowed by this one, and not by the earlier ones alone.
        seconds: how long it took.
        positions: (k,) int, the cells that are narrowed.
    """

    cells: int
    hidden: int
    attacked: int
    narrowed: int
    undecided: int
    taken: int
    seconds: float
    positions: NDArray[np.int64]


def bounds(
    published: Published,
    *,
    earlier: Sequence[Published] = (),
    cells: NDArray[np.int64] | None = None,
    progress: Progress | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest whole value of each cell, given all published numbers, and nothing of what is promised;
    where there are more atoms than a program can have, given totals only.

    Args:
        cells: positions of the hidden cells to attack; all of them where it is not given.
        progress: as in `audit`.

    Returns:
        low, high: (n,) float; high is infinite where nothing bounds it. Cells that were not attacked keep their own.

    Raises:
        AttackError: no records can look like this. TooFine: there are too many combinations to try.
    """
    siege = _Siege(published, earlier)
    low, high = published.low.copy(), published.high.copy()
    asked = np.flatnonzero(published.hidden) if cells is None else cells
    for n, cell in enumerate(asked):
        if progress:
            progress(n / len(asked), WORKING_OUT)
        figure = int(siege.figure[cell])
        least, most = siege.low[figure], siege.high[figure]
        if siege.complete:
            least, most = max(least, siege.least(figure, least)), min(most, siege.most(figure, most))
        low[cell], high[cell] = np.ceil(least - TOLERANCE), np.floor(most + TOLERANCE)
    return low, high


def audit(
    published: Published,
    earlier: Sequence[Published] = (),
    *,
    history: History = UNCHANGED,
    primary: NDArray[np.bool_] | None = None,
    owed: Sequence[NDArray[np.float64]] = (),
    progress: Progress | None = None,
) -> AuditResult:
    """Attack every hidden cell that could be small, and name those of which more is known than the mark says.

    Args:
        history: what is known of records that were corrected or came since.
        primary: (n,) bool, on the analyst's side: the cells that the policy hides. Only they are attacked then, and
            each must be able to be the least that the mark stands for, and threshold - 1.
        owed: for each earlier release, (n,) float: what its cells must still be able to rise to; 0 where nothing is
            promised. Without it they are not attacked.
        progress: called with the share of cells that were attacked, and what is going on; may raise to cancel.

    Raises:
        AttackError: no records can look like this. TooFine: there are too many combinations to try.
    """
    begun = time.perf_counter()
    if progress:
        progress(0.0, ATTACKING)
    siege = _Siege(published, earlier, history)
    siege.deduce(earlier, [primary, *(promised > 0 for promised in owed)])
    figures = np.unique(siege.figure[published.hidden])
    mark = float(published.low[published.hidden].min()) if published.hidden.any() else 0.0
    most = float(published.threshold - 1)
    if primary is None:
        attacked = figures[siege.low[figures] <= most + TOLERANCE]
    else:
        attacked = np.unique(siege.figure[primary & published.hidden])
    need = np.maximum(np.minimum(most, siege.within_exempt(attacked)), mark)
    enough = need if primary is not None else np.full(len(need), float(published.threshold))
    least, reach = np.zeros(len(attacked)), np.zeros(len(attacked))
    steps = len(attacked) + sum(np.count_nonzero(promised > 0) for promised in owed)
    done = count()

    def beat() -> None:
        if progress:
            progress(next(done) / steps, ATTACKING)

    for n, figure in enumerate(attacked.tolist()):
        beat()
        least[n] = siege.least(figure, mark)
        reach[n] = siege.most(figure, enough[n])
    told = (least > mark + TOLERANCE) | (reach < need - TOLERANCE)
    large = (primary is None) & (reach >= published.threshold - TOLERANCE)

    def cells(some: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(published.hidden & np.isin(siege.figure, some))

    narrowed = cells(attacked[told & ~large])
    return AuditResult(
        cells=len(siege.figure),
        hidden=int(published.hidden.sum()),
        attacked=len(cells(attacked)),
        narrowed=len(narrowed),
        undecided=len(cells(attacked[told & large])),
        taken=_taken_away(siege, earlier, owed, history, beat) if owed else 0,
        seconds=time.perf_counter() - begun,
        positions=narrowed,
    )


def _taken_away(
    now: _Siege,
    earlier: Sequence[Published],
    owed: Sequence[NDArray[np.float64]],
    history: History,
    beat: Callable[[], None],
) -> int:
    """How many cells of earlier releases are narrowed now, that they by themselves do not narrow."""
    if len(now.system.figure) == 1:
        return 0
    then = _Siege(earlier[0], earlier[1:], History(history.versions[1:], history.growths))
    then.deduce(earlier[1:], [need > 0 for need in owed])
    taken = 0
    for number, (release, need) in enumerate(zip(earlier, owed, strict=True)):
        for cell in np.flatnonzero(need > 0):
            beat()
            promised = float(release.low[cell]), float(need[cell])
            mine = now.system.figure[number + 1][cell], then.system.figure[number][cell]
            taken += now.excludes(mine[0], *promised) and not then.excludes(mine[1], *promised)
    return taken


class _Siege:
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

    def deduce(self, earlier: Sequence[Published], small: Sequence[NDArray[np.bool_] | None] = ()) -> None:
        """Find the hidden figures that cannot be the least of their mark and are large therefore, and those that only
        large ones are hidden beside and are small therefore, until there are no more; where they cannot all be, the
        promise is broken and nothing follows from it. Among as many combinations as can be tried nothing can be proved.

        Args:
            small: as far as the analyst knows them, the small cells of each release, which are not large for certain.
        """
        if not self.complete:
            return
        told = _promised(self.system, [self.published, *earlier], small)
        while True:
            (low, high), before = self.known, self.known
            alone = lines.alone(self.pencil, told.printed, told.hidden, told.doubted & (low < told.threshold))[:, 1]
            few = alone[told.few[alone] & (high[alone] > told.threshold[alone] - 1)]
            large = [
                f
                for f in np.flatnonzero(low < told.enough).tolist()
                if self.least(f, told.mark[f]) > told.mark[f] + TOLERANCE
                and self.most(f, told.enough[f]) >= told.enough[f] - TOLERANCE
            ]
            if not large and not len(few):
                return
            low, high = low.copy(), high.copy()
            high[few] = told.threshold[few] - 1
            low[large] = told.enough[large]
            of = np.array(large, dtype=np.int64)
            of = of[told.behind[of] >= 0]
            np.maximum.at(low, told.behind[of], told.enough[of])
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
class _Promised:
    """What the promise says of figures, (f,) each.

    Attributes:
        printed, hidden: bool, cells that some release prints; and those that some hide and none prints.
        doubted: bool, hidden ones that say something about a child.
        few: bool, those of them that the analyst knows to count fewer children than the threshold.
        mark: float, the least that a mark stands for.
        enough: float, how much large is; -inf where no number is, or it is known not to be.
        threshold: float, of the mark.
        behind: int, the children figure behind it, -1 for none.
    """

    printed: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    doubted: NDArray[np.bool_]
    few: NDArray[np.bool_]
    mark: NDArray[np.float64]
    enough: NDArray[np.float64]
    threshold: NDArray[np.float64]
    behind: NDArray[np.int64]


def _promised(system: System, releases: Sequence[Published], small: Sequence[NDArray[np.bool_] | None]) -> _Promised:
    """What several releases promise, as far as the analyst knows with their small cells."""
    size = system.size
    printed, hidden, doubted, few = np.zeros((4, size), dtype=bool)
    mark, enough, threshold, behind = np.zeros(size), np.full(size, -np.inf), np.zeros(size), np.full(size, -1)
    for number, (release, known_small) in enumerate(zip_longest(releases, small)):
        figure = system.figure[number]
        printed[figure[~release.hidden]], hidden[figure[release.hidden]] = True, True
        doubted[figure[release.hidden & ~exempt_values(release, release.exempt)[0].any(axis=1)]] = True
        cells = release.hidden & ~exempt_cells(release, release.exempt)
        if known_small is not None:
            few[figure[known_small & (system.unit[figure] == CHILDREN)]] = True
            cells &= ~known_small
        figures = figure[cells]
        mark[figures] = np.maximum(mark[figures], release.low[cells])
        threshold[figure] = np.maximum(threshold[figure], release.threshold)
        enough[figures], behind[figures] = release.threshold, system.behind[number][cells]
    return _Promised(
        printed, hidden & ~printed, doubted & ~printed, few & doubted & ~printed, mark, enough, threshold, behind
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

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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.cells import Published
from yjdisp.disclosure.model import TOLERANCE
from yjdisp.disclosure.siege import Siege
from yjdisp.disclosure.system import UNCHANGED, History

Progress = Callable[[float, str], None]
ATTACKING = "Attacking hidden cells"
WORKING_OUT = "Working out what hidden cells can be"


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
    siege = Siege(published, earlier)
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
    guessed: Collection[int] = (),
    said: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    progress: Progress | None = None,
) -> AuditResult:
    """Attack every hidden cell that could be small, and name those of which more is known than the mark says.

    Args:
        history: what is known of records that were corrected or came since.
        primary: (n,) bool, on the analyst's side: the small cells that the policy hides. Only they are attacked then, and
            each must be able to be the least that the mark stands for, and threshold - 1.
        owed: for each earlier release, (n,) float: what its cells must still be able to rise to; 0 where nothing is
            promised. Without it they are not attacked.
        guessed: positions of the earlier releases that are owed something for every hidden cell, for want of knowing which
            of them are small.
        said: (n,) float each, what the release prints that each cell is between. Where that tells what its counts do not,
            a cell is narrowed by it.
        progress: called with the share of cells that were attacked, and what is going on; may raise to cancel.

    Raises:
        AttackError: no records can look like this. TooFine: there are too many combinations to try.
    """
    begun = time.perf_counter()
    if progress:
        progress(0.0, ATTACKING)
    siege = Siege(published, earlier, history)
    siege.deduce(earlier, [primary, *(promised > 0 for promised in owed)], [number + 1 for number in guessed])
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
    below, above = least > mark + TOLERANCE, reach < need - TOLERANCE
    told = below | above
    large = (primary is None) & (reach >= published.threshold - TOLERANCE)

    def cells(some: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(published.hidden & np.isin(siege.figure, some))

    narrowed = cells(attacked[told & ~large])
    if said is not None and len(attacked):
        place = np.searchsorted(attacked, siege.figure).clip(max=len(attacked) - 1)
        more = (~below[place] & (said[0] > mark)) | (~above[place] & (said[1] < need[place]))
        narrowed = np.union1d(narrowed, np.flatnonzero(published.hidden & (attacked[place] == siege.figure) & more))
    return AuditResult(
        cells=len(siege.figure),
        hidden=int(published.hidden.sum()),
        attacked=len(cells(attacked)),
        narrowed=len(narrowed),
        undecided=len(cells(attacked[told & large])),
        taken=_taken_away(siege, earlier, owed, guessed, history, beat) if owed else 0,
        seconds=time.perf_counter() - begun,
        positions=narrowed,
    )


def _taken_away(
    now: Siege,
    earlier: Sequence[Published],
    owed: Sequence[NDArray[np.float64]],
    guessed: Collection[int],
    history: History,
    beat: Callable[[], None],
) -> int:
    """How many cells of earlier releases are narrowed now, that they by themselves do not narrow. Where nobody knows which
    of them are small, those that can be large are not."""
    if len(now.system.figure) == 1:
        return 0
    then: Siege | None = None
    taken = 0
    for number, (release, need) in enumerate(zip(earlier, owed, strict=True)):
        for cell in np.flatnonzero(need > 0):
            beat()
            promised = float(release.low[cell]), float(need[cell])
            figure = now.system.figure[number + 1][cell]
            large = number in guessed and now.most(figure, release.threshold) >= release.threshold - TOLERANCE
            if large or not now.excludes(figure, *promised):
                continue
            if then is None:
                then = Siege(earlier[0], earlier[1:], History(history.versions[1:], history.growths))
                then.deduce(earlier[1:], [promise > 0 for promise in owed], guessed)
            taken += not then.excludes(then.system.figure[number][cell], *promised)
    return taken

"""What stayed the same or only grew from one release to the next: rows over atoms, for everybody and for one child.

Within a block, a period of which a release has a version of its own may have grown to another release's. Who knows their
own records in both takes them out: of what is left, more may have stayed the same, or only grown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from yjdisp.disclosure.blocks import Block, coded, rows_by
from yjdisp.disclosure.rising import KEPT, at_least
from yjdisp.disclosure.system import System
from yjdisp.disclosure.units import CHILDREN, COUNTED, EVERYTHING, NO_LESS, PERIOD, THE_SAME, THEIR_CHILD

Times = tuple[NDArray[np.int64], NDArray[np.int64]]  # classes on the period axis, before and after


def grown(system: System, block: Block) -> Iterator[sparse.csr_array]:
    """Rows over a block's atoms: what a time counts less what it has grown from, by as many axes as that truly holds by."""
    for step in system.growths if PERIOD in block.axes else ():
        settled: set[tuple[bytes, bytes]] = set()
        for how, (kept, rising) in _ways(block).items():
            mine = {before: after for unit, before, after, most in step if unit == block.unit and most >= how}
            for times in _grown_times(system.classes(block.unit, PERIOD), mine):
                name = times[0].tobytes(), times[1].tobytes()
                if name not in settled:
                    rows_by = partial(_growth, system, block, times, rising)
                    for axes, rows in _finest([*kept, *rising], rows_by, block.held):
                        settled |= {name} if len(axes) == len(block.axes) - 1 else set()
                        yield rows


def of_others(system: System, block: Block, child: int) -> Iterator[tuple[int, Times]]:
    """How times have grown, or are the same, as a child knows who takes the own records out of two releases; where that is
    more than everybody knows."""
    for step in system.others if PERIOD in block.axes else ():
        anyway, mine = ([one for one in step.get(who, ()) if one[0] == block.unit] for who in (None, child))
        classes, most = system.classes(block.unit, PERIOD), {before: how for _, before, _, how in mine}
        for how in sorted(set(most.values())):
            known = {before: after for _, before, after, so in [*anyway, *mine] if so >= how}
            for times in _grown_times(classes, known):
                if any(most.get(p, -1) >= how for p in np.flatnonzero(np.isin(classes, times[0]))):
                    yield how, times


def rows_of(system: System, block: Block, how: int, times: Times) -> sparse.csr_array:
    """Rows over a block's atoms that are not below 0 where a time has grown like that, or is the same."""
    if how == THE_SAME:
        rows = _growth(system, block, times, [], [axis for axis in block.axes if axis != PERIOD])
        return sparse.csr_array(sparse.vstack([rows, -rows]))
    kept, rising = _ways(block)[how]
    return _growth(system, block, times, rising, [*kept, *rising])


def _ways(block: Block) -> dict[int, tuple[list[str], list[str]]]:
    """How the records of a unit can have grown: by which axes they are all still there, and by which they are no less."""
    axes = [axis for axis in block.axes if axis != PERIOD]
    kept = [axis for axis in axes if axis in KEPT.get(COUNTED[block.unit], ())]
    ways = {} if block.unit == CHILDREN else {EVERYTHING: (axes, [])}
    if COUNTED[block.unit] in KEPT:
        ways[NO_LESS] = kept, [axis for axis in axes if axis not in kept]
    if block.unit == CHILDREN:
        ways[THEIR_CHILD] = kept, []
    return ways


def _grown_times(classes: NDArray[np.int64], grown: Mapping[int, int]) -> Iterator[Times]:
    """Pairs of times, each some classes of positions: the smallest of which one has grown into the other."""
    came = {after: before for before, after in grown.items()}
    told = set(np.flatnonzero(classes >= 0).tolist())
    was = [p for p in sorted(told - came.keys()) if grown.get(p, p) in told]
    is_now = [p for p in sorted(told - grown.keys()) if came.get(p, p) in told]
    apart = [classes[sorted(told.difference(known))] for known in (was, is_now)]  # classes of something else, too
    count = int(classes.max()) + 1
    row, column = classes[was], count + classes[[grown.get(p, p) for p in was]]
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(2 * count, 2 * count))
    label = connected_components(graph, directed=False)[1]
    before, after = label[:count], label[count:]
    for which in np.unique(before[row]):
        pair = np.flatnonzero(before == which), np.flatnonzero(after == which)
        if not np.array_equal(*pair) and not any(np.isin(*both).any() for both in zip(pair, apart, strict=True)):
            yield pair


def _growth(
    system: System, block: Block, times: Times, rising: Collection[str], axes: Sequence[str]
) -> sparse.csr_array:
    """For each combination of classes on some axes, or of seriousness on those that are rising, the later time less the
    earlier."""
    kept = [axis for axis in axes if axis not in rising]
    place = block.place[:, [block.axes.index(axis) for axis in kept]]
    shape = tuple(place.max(axis=0) + 1) if kept else ()
    code, size = coded(place, shape), int(np.prod(shape, dtype=np.int64))
    classes = np.arange(int(block.place[:, block.axes.index(PERIOD)].max()) + 1)
    then, now = (rows_by(block, code, size, np.isin(classes, time) - 1) for time in times)
    serious = at_least(system, [block], [axis for axis in axes if axis in rising])
    return sparse.csr_array(sparse.vstack([(now - then) * inside for (inside,) in serious]))


def _finest(
    axes: list[str], rows_by: Callable[[Sequence[str]], sparse.csr_array], held: NDArray[np.float64]
) -> Iterator[tuple[set[str], sparse.csr_array]]:
    """Rows by the largest sets of axes by which none is below 0 for the records held; by fewer axes they add up."""
    if (rows_by(()) @ held < 0).any():
        return
    found: list[set[str]] = []
    for size in range(len(axes), -1, -1):
        for chosen in combinations(axes, size):
            if any(finer.issuperset(chosen) for finer in found):
                continue
            rows = rows_by(chosen)
            if (rows @ held >= 0).all():
                found.append(set(chosen))
                yield found[-1], rows

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

from yjdisp.disclosure.facts.blocks import Block, coded, rows_by
from yjdisp.disclosure.facts.rising import KEPT, at_least
from yjdisp.disclosure.facts.units import CHILDREN, COUNTED, EVERYTHING, NO_LESS, PERIOD, THE_SAME, THEIR_CHILD
from yjdisp.disclosure.model import TOLERANCE
from yjdisp.disclosure.system import System

Times = tuple[int, int]  # classes on the period axis, before and after


def grown(system: System, block: Block) -> Iterator[sparse.csr_array]:
    """Rows over a block's atoms: what a time counts less what it has grown from, by as many axes as that truly holds by."""
    for unit, before, after, most in (one for step in system.growths for one in step):
        if unit == block.unit and (times := _times(system, block, before, after)):
            for how, (kept, rising) in _ways(block).items():
                if how <= most:
                    by = partial(_growth, system, block, times, rising)
                    found = list(_finest([*kept, *rising], by, block.held))
                    yield from (rows for _, rows in found)
                    if any(len(axes) == len(block.axes) - 1 for axes, _ in found):
                        break


def of_others(
    system: System, block: Block, own: sparse.csr_array, number: Mapping[int, int]
) -> Iterator[tuple[sparse.csr_array, list[int]]]:
    """What is truly so of a block without the records of a child, and not with them: rows that are not below 0 for the
    records of all others, as a time is the same as another one, or has grown to it.

    Args:
        own: (insiders, atoms) sparse, the records that each insider knows.
        number: of each child the insider.

    Yields:
        The rows, and the insiders who know of them.
    """
    for (before, after), claims in _claims(system, block, number).items():
        times = _times(system, block, before, after)
        for how in (THE_SAME, *_ways(block)) if times else ():
            who = [insider for insider, most in claims.items() if most >= how]
            if not who:
                continue
            rows = _rows_of(system, block, how, times)
            there = rows @ block.held
            knows = (there - (own[who] @ rows.T).toarray() >= -TOLERANCE).all(axis=1)
            settled = {insider: claims.pop(insider) for insider in np.array(who)[knows].tolist()}
            everybody_knows = how < THE_SAME and (there >= 0).all()
            if told := [insider for insider, most in settled.items() if most == how or not everybody_knows]:
                yield rows, told


def _claims(system: System, block: Block, number: Mapping[int, int]) -> dict[tuple[int, int], dict[int, int]]:
    """Of every two positions of the period: the insiders whose records changed between them, and how the others' have
    grown at the most."""
    claims: dict[tuple[int, int], dict[int, int]] = {}
    for child, placed in (one for step in system.others for one in step.items()):
        for unit, before, after, most in placed:
            if unit == block.unit and child in number:
                claims.setdefault((before, after), {})[number[child]] = most
    return claims


def _rows_of(system: System, block: Block, how: int, times: Times) -> sparse.csr_array:
    if how == THE_SAME:
        rows = _growth(system, block, times, [], [axis for axis in block.axes if axis != PERIOD])
        rows = sparse.csr_array(sparse.vstack([rows, -rows]))
    else:
        kept, rising = _ways(block)[how]
        rows = _growth(system, block, times, rising, [*kept, *rising])
    return rows[np.diff(rows.indptr) > 0]


def _times(system: System, block: Block, before: int, after: int) -> Times | None:
    """The classes of two positions of the period, each of which is a version of its own; None where no figure looks at
    one of them."""
    if PERIOD not in block.axes:
        return None
    then, now = system.classes(block.unit, PERIOD)[[before, after]].tolist()
    return (then, now) if then >= 0 and now >= 0 else None


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
    then, now = (rows_by(block, code, size, (classes == time) - 1) for time in times)
    serious = at_least(system, [block], [axis for axis in axes if axis in rising])
    return sparse.csr_array(sparse.vstack([(now - then) * inside for (inside,) in serious]))


def _finest(
    axes: list[str], by: Callable[[Sequence[str]], sparse.csr_array], held: NDArray[np.float64]
) -> Iterator[tuple[set[str], sparse.csr_array]]:
    """Rows by the largest sets of axes by which none is below 0 for the records held; by fewer axes they add up."""
    if (by(()) @ held < 0).any():
        return
    found: list[set[str]] = []
    for size in range(len(axes), -1, -1):
        for chosen in combinations(axes, size):
            if any(finer.issuperset(chosen) for finer in found):
                continue
            rows = by(chosen)
            if (rows @ held >= 0).all():
                found.append(set(chosen))
                yield found[-1], rows

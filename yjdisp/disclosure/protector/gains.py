"""What two units gained together between releases, where records only came: whoever is counted anew, or by something more
serious, is so for a record that came.

That can fail though all records of both units are still there: two children may turn out to be one. So it is taken from
the records held, and readers are thought to know as much of it as is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.blocks import Block, rows_by
from yjdisp.disclosure.facts.rising import at_least
from yjdisp.disclosure.facts.ties import Rows, Ties, Times, codes, pairs, times_of, told
from yjdisp.disclosure.facts.units import (
    CHILD_AXES,
    CHILDREN,
    EVERYTHING,
    FURTHER,
    NO_LESS,
    PERIOD,
    THEIR_CHILD,
    comparable,
)
from yjdisp.disclosure.system import System

Step = tuple[Times, ...]  # of each of two blocks, a time of an earlier release, and what it became in a later one


def with_gains(system: System, chosen: tuple[Block, ...], tied: Ties) -> Ties:
    """Ties, and what every two blocks gained together."""
    found, whole = dict(tied), {}  # and beside which block one is compared with all of another unit
    both = {((few.unit, few.part), (many.unit, many.part)): (few, many) for few, many in _compared(chosen)}
    for names in sorted(both, key=lambda names: names not in tied):
        whole.setdefault((names[0], names[1][0]), names)
    for names, blocks in both.items():
        if rows := list(_together(system, *blocks, as_a_whole=names in whole.values())):
            found[names] = [*tied.get(names, []), *rows]
    return found


def _compared(chosen: tuple[Block, ...]) -> Iterator[tuple[Block, Block]]:
    """Every two blocks of units that gain together: parts side by side, or beside the base of a unit that has no parts."""
    parted = {b.unit for b in chosen if b.part}
    for i, j in pairs(chosen):
        few, many = chosen[i], chosen[j]
        alike = bool(few.part) == bool(many.part) or (few.part and many.unit not in parted)
        if few.unit < many.unit < FURTHER and alike:
            yield few, many


def _together(system: System, few: Block, many: Block, as_a_whole: bool) -> Iterator[Rows]:
    """Pairs of rows over two blocks' atoms, each what a later time counts less what an earlier one does: the first unit
    gains no more than the second, by what a child brings and one thing that happened; and of what is as serious, by
    what a child brings, no more than there are new records.

    Args:
        as_a_whole: whether to compare by the base alone, too.
    """
    shared = [axis for axis in few.axes if axis in many.axes]
    steps = list(_steps(system, few, many)) if PERIOD in shared else []
    if not steps:
        return
    for axes in comparable(few.unit, shared):
        used = [axis for axis in shared if axis in axes]
        if told(few, used):
            yield from _gains(system, few, many, used, steps, np.ones(len(few.held)))
    brought = [axis for axis in shared if axis in CHILD_AXES]
    if not as_a_whole and not told(few, brought):
        return
    for (serious,) in at_least(system, [few], [axis for axis in few.axes if axis not in CHILD_AXES]):
        if not serious.all():
            yield from _gains(system, few, many, brought, steps, serious)


def _gains(
    system: System, few: Block, many: Block, axes: list[str], steps: Sequence[Step], counted: NDArray[np.float64]
) -> Iterator[Rows]:
    """The rows of each step for which it is so, where some of the few are counted."""
    code, size = codes(system, few, many, axes)
    for step in steps:
        of_few, of_many = (
            rows_by(b, c, size, is_now) - rows_by(b, c, size, was)
            for b, c, (was, is_now) in zip((few, many), code, step, strict=True)
        )
        of_few = sparse.csr_array(of_few * counted)
        if (of_many @ many.held >= of_few @ few.held).all():
            yield of_few, sparse.csr_array(of_many)


def _steps(system: System, few: Block, many: Block) -> Iterator[Step]:
    """Times of one release all of whose records are in a time of another one, with others."""
    kept: dict[tuple[int, int], list[int]] = {}
    for unit, before, after, how in (one for step in system.growths for one in step):
        if how >= (EVERYTHING if unit == many.unit else THEIR_CHILD if unit == CHILDREN else NO_LESS):
            kept.setdefault((unit, before), []).append(after)
    for then, now in permutations(system.periods, 2):
        before, after = (times_of(system, few, many, quarters, whole=0) for quarters in (then, now))
        if before is None or after is None:
            continue
        became: dict[int, set[tuple[int, bool]]] = {}
        for block, was, is_now in zip((few, many), before, after, strict=True):
            times = _by_position(system, block, now, is_now)
            for position, time in _by_position(system, block, then, was).items():
                later = next((p for p in [position, *kept.get((block.unit, position), ())] if p in times), None)
                became.setdefault(time, set()).add((times.get(later, -1), later != position))
        for time, ends in became.items():
            (end, *others), changed = {at for at, _ in ends}, any(of for _, of in ends)
            if changed and not others and min(time, end) >= 0:
                yield tuple(
                    (np.where(was == time, 0, -1), np.where(is_now == end, 0, -1))
                    for was, is_now in zip(before, after, strict=True)
                )


def _by_position(
    system: System, block: Block, quarters: NDArray[np.int64], time_of: NDArray[np.int64]
) -> dict[int, int]:
    """The time of each position of the period that a release has and a block looks at."""
    classes = system.classes(block.unit, PERIOD)
    return {p: int(time_of[classes[p]]) for p in quarters[block.unit].tolist() if classes[p] >= 0}

"""What two units gained together between releases, where records only came: whoever is counted anew, or by something more
serious, is so for a record that came.

That can fail though all records of both units are still there: two children may turn out to be one. So it is taken from
the records held, and readers are thought to know as much of it as is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

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

Step = tuple[Times, Times]  # of each of two blocks, the classes of the period in an earlier release, and in a later one


def with_gains(system: System, chosen: tuple[Block, ...], tied: Ties) -> Ties:
    """Ties, and what every two blocks gained together."""
    found = dict(tied)
    for (few, many), step, by_base in _compared(system, chosen):
        names = (few.unit, few.part), (many.unit, many.part)
        for rows in _rows(system, few, many, step, by_base):
            if (rows[1] @ many.held >= rows[0] @ few.held).all():
                found[names] = [*found.get(names, []), rows]
    return found


def _compared(system: System, chosen: tuple[Block, ...]) -> Iterator[tuple[tuple[Block, Block], Step, bool]]:
    """Every two blocks of units that gain together, in every step; and whether to compare them by the base alone, too: of
    all blocks of a unit one says as much of that as all, one that divides by the same if there is one."""
    parted, beside = {b.unit for b in chosen if b.part}, []
    for i, j in pairs(chosen):
        few, many = chosen[i], chosen[j]
        if few.unit < many.unit < FURTHER and (bool(few.part) == bool(many.part) or many.unit not in parted):
            beside.append((i, j))
    beside.sort(key=lambda two: not set(chosen[two[0]].part) & set(chosen[two[1]].part))
    first = {(i, chosen[j].unit): j for i, j in reversed(beside)}
    for i, j in beside:
        both = chosen[i], chosen[j]
        yield from ((both, step, first[i, chosen[j].unit] == j) for step in _steps(system, *both))


def _rows(system: System, few: Block, many: Block, step: Step, by_base: bool) -> Iterator[Rows]:
    """Pairs of rows over two blocks' atoms, each what the later time counts less what the earlier one does: the first unit
    gains no more than the second, by what a child brings and one thing that happened; and of what is as serious, by
    what a child brings, no more than there are new records."""
    shared = [axis for axis in few.axes if axis in many.axes]

    def gained(axes: list[str], counted: NDArray[np.float64]) -> Rows:
        code, size = codes(system, few, many, axes)
        of_few, of_many = (
            rows_by(b, c, size, is_now) - rows_by(b, c, size, was)
            for b, c, (was, is_now) in zip((few, many), code, step, strict=True)
        )
        return sparse.csr_array(of_few * counted), sparse.csr_array(of_many)

    for axes in comparable(few.unit, shared):
        used = [axis for axis in shared if axis in axes]
        if told(few, used):
            yield gained(used, np.ones(len(few.held)))
    brought = [axis for axis in shared if axis in CHILD_AXES]
    if by_base or told(few, brought):
        for (serious,) in at_least(system, [few], [axis for axis in few.axes if axis not in CHILD_AXES]):
            if not serious.all():
                yield gained(brought, serious)


def _steps(system: System, few: Block, many: Block) -> Iterator[Step]:
    """Times of one release all of whose records are taken to be in a time of a later one, with others."""
    if PERIOD not in few.axes or PERIOD not in many.axes:
        return
    became: dict[tuple[int, int], list[int]] = {}
    for unit, before, after, how in (one for step in system.growths for one in step):
        if how >= (EVERYTHING if unit == many.unit else THEIR_CHILD if unit == CHILDREN else NO_LESS):
            became.setdefault((unit, before), []).append(after)
    for then, now in combinations([*system.periods[1:], system.periods[0]], 2):  # the first is today's
        before, after = (times_of(system, few, many, quarters, whole=0) for quarters in (then, now))
        if before is None or after is None:
            continue
        ends: dict[int, set[tuple[int, bool]]] = {}
        for block, was, is_now in zip((few, many), before, after, strict=True):
            times = _by_position(system, block, now, is_now)
            for position, time in _by_position(system, block, then, was).items():
                known = [position, *became.get((block.unit, position), ())]
                later = next((p for p in known if p in times), None)
                ends.setdefault(time, set()).add((times.get(later, -1), later != position))
        for time, of in ends.items():
            (end, *others), changed = {at for at, _ in of}, any(grown for _, grown in of)
            if changed and not others and min(time, end) >= 0:
                both = ((was == time, is_now == end) for was, is_now in zip(before, after, strict=True))
                yield tuple(tuple(np.where(inside, 0, -1) for inside in two) for two in both)


def _by_position(
    system: System, block: Block, quarters: NDArray[np.int64], time_of: NDArray[np.int64]
) -> dict[int, int]:
    """The time of each position of the period that a release has and a block looks at."""
    classes = system.classes(block.unit, PERIOD)
    return {p: int(time_of[classes[p]]) for p in quarters[block.unit].tolist() if classes[p] >= 0}

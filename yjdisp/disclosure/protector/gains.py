"""What two units gained together between releases, where records only came: whoever is counted anew, or by something more
serious, is so for a record that came.

That can fail though all records of both units are still there: two children may turn out to be one. So it is taken from
the records held, and readers are thought to know as much of it as is so: of all records, or of those of all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.blocks import Block, rows_by
from yjdisp.disclosure.facts.ground import wide
from yjdisp.disclosure.facts.rising import at_least
from yjdisp.disclosure.facts.ties import Rows, Ties, Times, codes, pairs, times_of, told
from yjdisp.disclosure.facts.units import (
    CHILD_AXES,
    CHILDREN,
    EVERYTHING,
    FURTHER,
    NO_LESS,
    NOTHING,
    PERIOD,
    THEIR_CHILD,
    comparable,
)
from yjdisp.disclosure.model import TOLERANCE
from yjdisp.disclosure.system import Placed, System

Claim = tuple[int, int, int]  # a unit, and a position of the period that became another
Claims = Mapping[Claim, int]  # how much of its records is still there


@dataclass(frozen=True)
class Step:
    """A time of two blocks in one release, and what it became in a later one.

    Attributes:
        times: of each block, the classes of the period that are the earlier time, and those that are the later.
        needs: what has to be known of the records for it to say anything.
    """

    times: tuple[Times, Times]
    needs: frozenset[tuple[Claim, int]]

    def follows(self, claims: Claims) -> bool:
        """Whether all that it needs is claimed."""
        return all(claims.get(claim, NOTHING) >= how for claim, how in self.needs)


@dataclass(frozen=True)
class Gain:
    """What two of some blocks gained in a step: rows over their atoms, of which the first is no more than the second."""

    blocks: tuple[int, int]
    rows: Rows
    step: Step


def with_gains(system: System, chosen: tuple[Block, ...], tied: Ties) -> Ties:
    """Ties, and what every two blocks gained together as everybody knows."""
    found, claims = dict(tied), _claims(system.growths)
    for gain in _gains(system, chosen):
        if gain.step.follows(claims) and (_more(gain, chosen) >= 0).all():
            few, many = ((chosen[i].unit, chosen[i].part) for i in gain.blocks)
            found[few, many] = [*found.get((few, many), []), gain.rows]
    return found


def gains_of_others(
    system: System, chosen: tuple[Block, ...], own: sparse.csr_array, number: Mapping[int, int]
) -> Iterator[tuple[sparse.csr_array, list[int]]]:
    """What two blocks gained together without the records of a child, and not with them.

    Args:
        own: (insiders, atoms) sparse, the records that each insider knows, over the atoms of all blocks side by side.
        number: of each child the insider.

    Yields:
        Rows over all atoms that are not below 0 for the records of all others, and the insiders who know of them.
    """
    everybody, starts = _claims(system.growths), np.cumsum([0, *(len(b.held) for b in chosen)])
    of_child: dict[int, list[Placed]] = {}
    for child, placed in (one for step in system.others for one in step.items()):
        if child in number:
            of_child.setdefault(number[child], []).append(placed)
    claims = {insider: _claims([*system.growths, *placed]) for insider, placed in of_child.items()}
    for gain in _gains(system, chosen) if claims else ():
        more = _more(gain, chosen)
        if gain.step.follows(everybody) and (more >= 0).all():
            continue
        few, many = (wide(rows, starts, i) for rows, i in zip(gain.rows, gain.blocks, strict=True))
        who = [insider for insider, known in claims.items() if gain.step.follows(known)]
        left = more - (own[who] @ (many - few).T).toarray()
        if told_to := np.array(who, dtype=np.int64)[(left >= -TOLERANCE).all(axis=1)].tolist():
            yield sparse.csr_array(many - few), told_to


def _claims(steps: Iterable[Placed]) -> Claims:
    known = sorted((one for step in steps for one in step), key=lambda one: one[-1])
    return {(unit, before, after): how for unit, before, after, how in known}  # the most of it


def _more(gain: Gain, chosen: tuple[Block, ...]) -> NDArray[np.float64]:
    """(rows,) float: how much more the second block truly gained than the first."""
    few, many = (rows @ chosen[i].held for rows, i in zip(gain.rows, gain.blocks, strict=True))
    return many - few


def _gains(system: System, chosen: tuple[Block, ...]) -> Iterator[Gain]:
    """All that may be so of two blocks, where somebody takes for granted what it needs."""
    parted, compared = {b.unit for b in chosen if b.part}, []
    for i, j in pairs(chosen):
        few, many = chosen[i], chosen[j]
        if few.unit < many.unit < FURTHER and (bool(few.part) == bool(many.part) or many.unit not in parted):
            compared.append((i, j))
    # by the base alone one block of another unit says as much as all: one that divides by the same, if there is one
    compared.sort(key=lambda two: not set(chosen[two[0]].part) & set(chosen[two[1]].part))
    first = {(i, chosen[j].unit): j for i, j in reversed(compared)}
    for i, j in compared:
        for step in _steps(system, chosen[i], chosen[j]):
            for rows in _rows(system, chosen[i], chosen[j], step, by_base=first[i, chosen[j].unit] == j):
                yield Gain((i, j), rows, step)


def _rows(system: System, few: Block, many: Block, step: Step, by_base: bool) -> Iterator[Rows]:
    """Pairs of rows over two blocks' atoms, each what the later time counts less what the earlier one does: the first unit
    gains no more than the second, by what a child brings and one thing that happened; and of what is as serious, by
    what a child brings, no more than there are new records."""
    shared = [axis for axis in few.axes if axis in many.axes]

    def gained(axes: list[str], counted: NDArray[np.float64]) -> Rows:
        code, size = codes(system, few, many, axes)
        of_few, of_many = (
            rows_by(b, c, size, is_now) - rows_by(b, c, size, was)
            for b, c, (was, is_now) in zip((few, many), code, step.times, strict=True)
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
    """Times of one release all of whose records somebody takes to be in a time of a later one, with others."""
    if PERIOD not in few.axes or PERIOD not in many.axes:
        return
    least = {few.unit: THEIR_CHILD if few.unit == CHILDREN else NO_LESS, many.unit: EVERYTHING}
    became: dict[tuple[int, int], set[int]] = {}
    of_children = (placed for step in system.others for placed in step.values())
    for (unit, before, after), how in _claims([*system.growths, *of_children]).items():
        if how >= least.get(unit, EVERYTHING):
            became.setdefault((unit, before), set()).add(after)
    for then, now in combinations([*system.periods[1:], system.periods[0]], 2):  # the first is today's
        before, after = (times_of(system, few, many, quarters, whole=0) for quarters in (then, now))
        if before is None or after is None:
            continue
        ends: dict[int, set[int]] = {}
        needs: dict[int, set[tuple[Claim, int]]] = {}
        for block, was, is_now in zip((few, many), before, after, strict=True):
            times = _by_position(system, block, now, is_now)
            for position, time in _by_position(system, block, then, was).items():
                known = became.get((block.unit, position), ())
                later = next((p for p in [position, *sorted(known)] if p in times), None)
                ends.setdefault(time, set()).add(times.get(later, -1))
                if later != position:
                    needs.setdefault(time, set()).add(((block.unit, position, later), least[block.unit]))
        for time, needed in needs.items():
            end, *others = ends[time]
            if min(time, end) >= 0 and not others:
                both = ((was == time, is_now == end) for was, is_now in zip(before, after, strict=True))
                yield Step(tuple(tuple(np.where(of, 0, -1) for of in two) for two in both), frozenset(needed))


def _by_position(
    system: System, block: Block, quarters: NDArray[np.int64], time_of: NDArray[np.int64]
) -> dict[int, int]:
    """The time of each position of the period that a release has and a block looks at."""
    classes = system.classes(block.unit, PERIOD)
    return {p: int(time_of[classes[p]]) for p in quarters[block.unit].tolist() if classes[p] >= 0}

"""What the definitions of the units say of blocks.

An outcome is of its most serious offence. A child is of the most serious offence of a year, which is one of its offences
and makes one of its outcomes what it is, and of the most serious outcome, which is one of its outcomes. A child who
reoffended has a further offence. And the other way round: whose outcomes are counted is a child who is counted, whose
offences are counted has an outcome, none more serious than what the child, or the outcome, is counted by; and who has
further offences reoffended. That ties the blocks of different units together.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from yjdisp.disclosure.facts.blocks import BASE, Block, rows_by
from yjdisp.disclosure.facts.partitions import joined
from yjdisp.disclosure.facts.rising import at_least
from yjdisp.disclosure.facts.units import CHILD_AXES, CHILDREN, FURTHER, PERIOD, REOFFENDED, comparable
from yjdisp.disclosure.system import System

EACH = 1000  # outcomes of a child and offences of an outcome, at the most
Name = tuple[int, tuple[str, ...]]  # of a block: its unit and part
Rows = tuple[sparse.csr_array, sparse.csr_array]  # over two blocks' atoms
Ties = Mapping[tuple[Name, Name], list[Rows]]
Times = tuple[NDArray[np.int64], NDArray[np.int64]]  # of two blocks, when each class of the period is; -1 for never


def ties(system: System, chosen: tuple[Block, ...]) -> Ties:
    """What the definitions of the units say of every two blocks of which they say anything."""
    found = {}
    for i, j in pairs(chosen):
        if rows := list(_dominance(system, chosen[i], chosen[j])):
            found[(chosen[i].unit, chosen[i].part), (chosen[j].unit, chosen[j].part)] = rows
    return found


def groups(found: tuple[Block, ...], tied: Ties) -> list[tuple[Block, ...]]:
    """Blocks that must be changed together, because the definitions of the units tie them; the bases come first."""
    names = [(b.unit, b.part) for b in found]
    together = [(i, j) for i, j in pairs(found) if not (found[i].part or found[j].part) or (names[i], names[j]) in tied]
    row, column = np.array(together, dtype=np.int64).reshape(-1, 2).T
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(found), len(found)))
    label = connected_components(graph, directed=False)[1]
    return [tuple(b for b, of in zip(found, label, strict=True) if of == n) for n in dict.fromkeys(label.tolist())]


def pairs(chosen: tuple[Block, ...]):
    """Positions of every two blocks, that of the earlier unit first."""
    for i, j in combinations(range(len(chosen)), 2):
        yield (i, j) if chosen[i].unit <= chosen[j].unit else (j, i)


def _dominance(system: System, few: Block, many: Block):
    """Pairs of rows over two blocks' atoms: class by class, the first unit counts no more than the second."""
    if many.unit == FURTHER:
        if few.unit == CHILDREN and REOFFENDED[0] in few.part:
            used, again = [axis for axis in few.axes if axis in many.axes], _reoffenders(system, few)
            if rows := _same_classes(system, few, many, used):
                yield sparse.csr_array(rows[0] * again), rows[1]
            if again.any() and (rows := _same_classes(system, few, many, used, whole=1)):
                yield _none_without(rows[0] * again, rows[1])
        return
    if few.unit == many.unit or bool(few.part) != bool(many.part):
        return
    shared = [axis for axis in few.axes if axis in many.axes]
    for axes in comparable(few.unit, shared):  # rows by fewer would only be sums of theirs
        used = [axis for axis in shared if axis in axes]
        if told(few, used) and (rows := _same_classes(system, few, many, used)):
            yield rows
    if told(few, shared):
        children = [axis for axis in shared if axis in CHILD_AXES]
        what = [axis for axis in shared if axis not in CHILD_AXES]
        rows = _same_classes(system, few, many, children, whole=1)
        for of_few, of_many in at_least(system, (few, many), what) if rows else ():
            if told(few, children) or not of_few.all():  # else it is the base's
                yield _none_without(rows[0] * of_few, rows[1] * of_many)


def told(block: Block, used: list[str]) -> bool:
    """Whether these axes say more of a block than its base does."""
    return not block.part or bool(set(used) - set(BASE))


def _none_without(few: sparse.csr_array, many: sparse.csr_array) -> Rows:
    """As rows of which the first counts no more than the second: where there are none of the few there are none of the many."""
    return sparse.csr_array(-few), sparse.csr_array(-many / EACH)


def _reoffenders(system: System, block: Block) -> NDArray[np.float64]:
    """(atoms,) 1 for those of children who are known to have reoffended."""
    axis, value = REOFFENDED
    classes, names = system.classes(block.unit, axis), np.asarray(system.positions[axis])
    certain = [c for c in np.unique(classes[names == value]) if (names[classes == c] == value).all()]
    return np.isin(block.place[:, block.axes.index(axis)], certain).astype(float)


def _same_classes(
    system: System, few: Block, many: Block, axes: list[str], whole: int = 0
) -> tuple[sparse.csr_array, ...]:
    """For both blocks, rows that sum up the smallest classes that both tell apart, release by release.

    Args:
        whole: of which block all must be counted at a time when the other block is, too.
    """
    code, size = codes(system, few, many, axes)
    if PERIOD not in axes:
        return tuple(rows_by(b, c, size) for b, c in zip((few, many), code, strict=True))
    rows = [
        [rows_by(b, c, size, t) for b, c, t in zip((few, many), code, times, strict=True)]
        for times in _same_times(system, few, many, whole)
    ]
    return tuple(sparse.csr_array(sparse.vstack(side)) for side in zip(*rows, strict=True))


def codes(system: System, few: Block, many: Block, axes: list[str]) -> tuple[list[NDArray[np.int64]], int]:
    """For each atom of both blocks the number of its smallest class on some axes that both tell apart, whenever it is;
    and how many of these there are."""
    shape, found = [], ([], [])
    for axis in axes:
        if axis != PERIOD:
            own = [system.classes(block.unit, axis) for block in (few, many)]
            common = joined(*own)
            shape.append(int(common.max()) + 1)
            for block, classes, code in zip((few, many), own, found, strict=True):
                of_class = np.zeros(int(classes.max()) + 1, dtype=np.int64)
                of_class[classes] = common
                code.append(of_class[block.place[:, block.axes.index(axis)]])
    code = [
        np.ravel_multi_index(c, shape) if shape else np.zeros(len(b.held), dtype=np.int64)
        for b, c in zip((few, many), found, strict=True)
    ]
    return code, int(np.prod(shape, dtype=np.int64))


def _same_times(system: System, few: Block, many: Block, whole: int) -> list[Times]:
    """The `times_of` every release, each once."""
    found = [times for quarters in system.periods if (times := times_of(system, few, many, quarters, whole))]
    return list({b"".join(t.tobytes() for t in times): times for times in found}.values())


def times_of(system: System, few: Block, many: Block, quarters: NDArray[np.int64], whole: int) -> Times | None:
    """The smallest times that both blocks tell apart, of a release whose (units, quarters) are at these positions: for each
    block the time of every class on the period axis, -1 for none; None where there is none at all."""
    of_axis = [system.classes(b.unit, PERIOD) for b in (few, many)]
    classes = np.array([c[quarters[b.unit]] for b, c in zip((few, many), of_axis, strict=True)])
    both = classes[:, (classes >= 0).all(axis=0)]
    if not both.size:
        return None
    common = joined(*both)
    times = [np.full(int(c.max()) + 1, -1) for c in of_axis]
    for time_of, here in zip(times, both, strict=True):
        time_of[here] = common
    # some of what is counted then is where nobody sees the others
    unseen = times[whole][classes[whole, classes[1 - whole] < 0]]
    for time_of in times:
        time_of[np.isin(time_of, unseen)] = -1
    return (times[0], times[1]) if (times[whole] >= 0).any() else None

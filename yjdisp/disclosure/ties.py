"""What the definitions of the units say of blocks, and what grew from one release to the next.

An outcome is of its most serious offence. A child is of the most serious offence of a year, which is one of its offences
and makes one of its outcomes what it is, and of the most serious outcome, which is one of its outcomes. A child who
reoffended has a further offence. And the other way round: whose outcomes are counted is a child who is counted, whose
offences are counted has an outcome, and who has further offences reoffended. That ties the blocks of different units
together. Within a block, a period of which a release has a version of its own may have grown to another release's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from yjdisp.disclosure.blocks import BASE, Block, coded
from yjdisp.disclosure.system import System
from yjdisp.disclosure.units import CHILD_AXES, CHILDREN, COUNTED, FURTHER, REOFFENDED

EACH = 1000  # outcomes of a child and offences of an outcome, at the most
Name = tuple[int, tuple[str, ...]]  # of a block: its unit and part
Ties = Mapping[tuple[Name, Name], list[tuple[sparse.csr_array, sparse.csr_array]]]


def ties(system: System, chosen: tuple[Block, ...]) -> Ties:
    """What the definitions of the units say of every two blocks of which they say anything."""
    found = {}
    for i, j in _pairs(chosen):
        if rows := list(_dominance(system, chosen[i], chosen[j])):
            found[(chosen[i].unit, chosen[i].part), (chosen[j].unit, chosen[j].part)] = rows
    return found


def groups(found: tuple[Block, ...], tied: Ties) -> list[tuple[Block, ...]]:
    """Blocks that must be changed together, because the definitions of the units tie them; the bases come first."""
    names = [(b.unit, b.part) for b in found]
    together = [
        (i, j) for i, j in _pairs(found) if not (found[i].part or found[j].part) or (names[i], names[j]) in tied
    ]
    row, column = np.array(together, dtype=np.int64).reshape(-1, 2).T
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(found), len(found)))
    label = connected_components(graph, directed=False)[1]
    return [tuple(b for b, of in zip(found, label, strict=True) if of == n) for n in dict.fromkeys(label.tolist())]


def _pairs(chosen: tuple[Block, ...]):
    """Positions of every two blocks, that of the earlier unit first."""
    for i, j in combinations(range(len(chosen)), 2):
        yield (i, j) if chosen[i].unit <= chosen[j].unit else (j, i)


def _dominance(system: System, few: Block, many: Block):
    """Pairs of rows over two blocks' atoms: class by class, the first unit counts no more than the second."""
    if many.unit == FURTHER:
        if few.unit == CHILDREN and REOFFENDED[0] in few.part:
            used, again = [axis for axis in few.axes if axis in many.axes], _reoffenders(system, few)
            children, further = _same_classes(system, few, many, used)
            yield sparse.csr_array(children * again), further
            if again.any():
                children, further = _same_classes(system, few, many, used, whole=1)
                yield _none_without(sparse.csr_array(children * again), further)
        return
    if few.unit == many.unit or bool(few.part) != bool(many.part):
        return
    shared = [axis for axis in few.axes if axis in many.axes]
    for axes in _comparable(few.unit):
        used = [axis for axis in shared if axis in axes]
        if _told(few, used) and (rows := _same_classes(system, few, many, used)):
            yield rows
    used = [axis for axis in shared if axis in CHILD_AXES]
    if _told(few, used) and (rows := _same_classes(system, few, many, used, whole=1)):
        yield _none_without(*rows)


def _told(block: Block, used: list[str]) -> bool:
    """Whether these axes say more of a block than its base does."""
    return not block.part or bool(set(used) - set(BASE))


def _none_without(few: sparse.csr_array, many: sparse.csr_array) -> tuple[sparse.csr_array, sparse.csr_array]:
    """As rows of which the first counts no more than the second: where there are none of the few there are none of the many."""
    return sparse.csr_array(-few), sparse.csr_array(-many / EACH)


def _reoffenders(system: System, block: Block) -> NDArray[np.float64]:
    """(atoms,) 1 for those of children who are known to have reoffended."""
    axis, value = REOFFENDED
    classes, names = _classes(system, block.unit, axis), np.asarray(system.positions[axis])
    certain = [c for c in np.unique(classes[names == value]) if (names[classes == c] == value).all()]
    return np.isin(block.place[:, block.axes.index(axis)], certain).astype(float)


def _comparable(unit: int) -> tuple[frozenset[str], ...]:
    """The axes by which each of the unit's records has one like it in the next unit."""
    if COUNTED[unit] == "children":
        return CHILD_AXES | {"offence"}, CHILD_AXES | {"disposal"}
    return (CHILD_AXES | {"offence", "disposal"},)


def _same_classes(
    system: System, few: Block, many: Block, axes: list[str], whole: int = 0
) -> tuple[sparse.csr_array, ...]:
    """For both blocks, rows that sum up the smallest classes that both tell apart, release by release.

    Args:
        whole: of which block all must be counted at a time when the other block is, too.
    """
    shape, codes = [], ([], [])
    for axis in axes:
        if axis != "period":
            own = [_classes(system, block.unit, axis) for block in (few, many)]
            common = _joined(*own)
            shape.append(int(common.max()) + 1)
            for block, classes, code in zip((few, many), own, codes, strict=True):
                of_class = np.zeros(int(classes.max()) + 1, dtype=np.int64)
                of_class[classes] = common
                code.append(of_class[block.place[:, block.axes.index(axis)]])
    size = int(np.prod(shape, dtype=np.int64))
    code = [np.ravel_multi_index(c, shape) if shape else np.zeros(len(b.held), dtype=np.int64)
            for b, c in zip((few, many), codes, strict=True)]  # fmt: skip
    if "period" not in axes:
        return tuple(_rows(b, c, size) for b, c in zip((few, many), code, strict=True))
    rows = [
        [_rows(b, c, size, t) for b, c, t in zip((few, many), code, times, strict=True)]
        for times in _same_times(system, few, many, whole)
    ]
    return tuple(sparse.csr_array(sparse.vstack(side)) for side in zip(*rows, strict=True))


def _rows(
    block: Block, code: NDArray[np.int64], size: int, time_of: NDArray[np.int64] | None = None
) -> sparse.csr_array:
    """(times * size, atoms): which atoms have each code, time by time.

    Args:
        time_of: the time of each class on the period axis, -1 for none; all are of one time where it is not given.
    """
    time = np.zeros(len(code), dtype=np.int64)
    if time_of is not None:
        time = time_of[block.place[:, block.axes.index("period")]]
    atoms = np.flatnonzero(time >= 0)
    count = 1 if time_of is None else int(time_of.max(initial=-1)) + 1
    return sparse.csr_array(
        (np.ones(len(atoms)), ((time * size + code)[atoms], atoms)), shape=(count * size, len(code))
    )


def _same_times(
    system: System, few: Block, many: Block, whole: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The smallest times that both blocks tell apart, for each the time of every class on the period axis, -1 for none;
    every release has its own."""
    result: dict[bytes, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    for quarters in system.periods:
        of_axis = [_classes(system, b.unit, "period") for b in (few, many)]
        classes = np.array([c[quarters[b.unit]] for b, c in zip((few, many), of_axis, strict=True)])
        both = classes[:, (classes >= 0).all(axis=0)]
        if both.size:
            common = _joined(*both)
            times = [np.full(int(c.max()) + 1, -1) for c in of_axis]
            for time_of, here in zip(times, both, strict=True):
                time_of[here] = common
            # some of what is counted then is where nobody sees the others
            unseen = times[whole][classes[whole, classes[1 - whole] < 0]]
            for time_of in times:
                time_of[np.isin(time_of, unseen)] = -1
            if (times[whole] >= 0).any():
                result.setdefault(b"".join(t.tobytes() for t in times), tuple(times))
    return list(result.values())


def grown(system: System, block: Block) -> Iterator[sparse.csr_array]:
    """Rows over a block's atoms: what a time counts less what it has grown from, by as many axes as that truly holds by."""
    if "period" not in block.axes:
        return
    axes = [i for i, a in enumerate(block.axes) if a != "period" and (block.unit > 0 or a in CHILD_AXES)]
    classes = _classes(system, block.unit, "period")
    for step in system.growths:
        for times in _grown_times(classes, {before: after for unit, before, after in step if unit == block.unit}):
            yield from _finest(axes, lambda chosen, times=times: _growth(block, chosen, *times), block.held)


def _grown_times(classes: NDArray[np.int64], grown: Mapping[int, int]):
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
    block: Block, axes: tuple[int, ...], before: NDArray[np.int64], after: NDArray[np.int64]
) -> sparse.csr_array:
    """For each combination of classes on some axes, the later time less the earlier."""
    place = block.place[:, list(axes)]
    shape = tuple(place.max(axis=0) + 1) if axes else ()
    code, size = coded(place, shape), int(np.prod(shape, dtype=np.int64))
    classes = np.arange(int(block.place[:, block.axes.index("period")].max()) + 1)
    now, then = (_rows(block, code, size, np.isin(classes, times) - 1) for times in (after, before))
    return now - then


def _finest(axes: list[int], rows_by: Callable[[tuple[int, ...]], sparse.csr_array], held: NDArray[np.float64]):
    """Rows by the largest sets of axes by which none is below 0 for the records held; by fewer axes they add up."""
    if (rows_by(()) @ held < 0).any():
        return
    found: list[set[int]] = []
    for size in range(len(axes), -1, -1):
        for chosen in combinations(axes, size):
            if any(finer.issuperset(chosen) for finer in found):
                continue
            rows = rows_by(chosen)
            if (rows @ held >= 0).all():
                found.append(set(chosen))
                yield rows


def _classes(system: System, unit: int, axis: str) -> NDArray[np.int64]:
    space = system.spaces[unit]
    return space.class_of[space.axes.index(axis)]


def _joined(*partitions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The finest partition of positions whose classes are unions of classes of every given one."""
    n = len(partitions[0])
    row = np.concatenate([np.arange(n)] * len(partitions))
    starts = np.cumsum([n, *(int(p.max()) + 1 for p in partitions)])
    column = np.concatenate([p + s for p, s in zip(partitions, starts, strict=False)])
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(starts[-1], starts[-1]))
    return np.unique(connected_components(graph, directed=False)[1][:n], return_inverse=True)[1]

"""Figures split into blocks that hang together only by who, when and where.

The *base* of a unit divides it by period, area and ethnicity. The other axes fall into *parts*: axes that some figure
divides together. Given the base, the parts are independent of each other: tables over base and part that agree on the
base always belong to some set of records (they form a junction tree; Lauritzen 1996, section 4.4). So nobody needs the
product of all axes: records over the blocks, side by side, are a world as soon as the blocks agree on the base.

The definitions of the units tie their blocks together: an outcome has an offence as serious as itself, a child has an
outcome of each year's most serious gravity and one of its most serious kind, and a child who reoffended has a further
offence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from yjdisp.disclosure.system import CHILD_AXES, CHILDREN, FURTHER, REOFFENDED, UNITS, System

BASE = ("period", "area", "ethnicity")
MOST = 1500  # atoms of a block where what occurs is known
OWED = 6000  # there, beside earlier releases: a world too few would be taken for something that they give away
ALL = 200_000  # where it is not known

Occupied = Mapping[str, Mapping[str, NDArray[np.str_]]]
Name = tuple[int, tuple[str, ...]]  # of a block: its unit and part
Ties = Mapping[tuple[Name, Name], list[tuple[sparse.csr_array, sparse.csr_array]]]


@dataclass(frozen=True)
class Block:
    """The atoms of one unit over its base and one part.

    Attributes:
        unit: position in `UNITS`.
        axes: the names of the axes that it divides.
        part: those of them beside the base; empty for the base itself.
        figures: the figures that divide on these axes only.
        own: (figures,) bool, those that divide the part, or for the base itself all.
        inside: (figures, atoms) bool, which atoms each of them sums.
        place: (atoms, axes) int, the class of each atom on each axis.
        base_rows: (base atoms, atoms) sparse, which atoms make up each base atom.
        held: (atoms,) float, the records that truly are there.
        atom_of: (records,) int, the atom of each record, in the order of `Cells.occupied`; -1 where no figure looks at it.
    """

    unit: int
    axes: tuple[str, ...]
    part: tuple[str, ...]
    figures: NDArray[np.int64]
    own: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    place: NDArray[np.int64]
    base_rows: sparse.csr_array
    held: NDArray[np.float64]
    atom_of: NDArray[np.int64]

    def complete(self, system: System) -> bool:
        """Whether there is an atom for every combination of classes."""
        space = system.spaces[self.unit]
        return len(self.place) == prod(space.shape[space.axes.index(axis)] for axis in self.axes)


def blocks(system: System, occupied: Occupied | None = None) -> tuple[Block, ...]:
    """The base and every part of every unit, bases first; `occupied` as in `Cells`, without it nothing is held."""
    most = OWED if len(system.figure) > 1 else MOST
    located = {unit: system.locate(occupied or {}, unit) for unit in np.unique(system.unit).tolist()}
    return tuple(_around(system, unit, part, located[unit], most) for unit, part in pieces(system))


def pieces(system: System) -> list[tuple[int, tuple[str, ...]]]:
    """Unit and part of every block, bases first; the part of a base is empty."""
    found = []
    for unit in np.unique(system.unit).tolist():
        divides = _divides(system, unit, np.flatnonzero(system.unit == unit))
        found += [(unit, part) for part in [(), *_parts(system.spaces[unit].axes, divides)]]
    return sorted(found, key=lambda one: (len(one[1]) > 0, one[0]))


def axes_of(system: System, unit: int, part: tuple[str, ...]) -> tuple[str, ...]:
    """The axes that a block divides."""
    return tuple(axis for axis in system.spaces[unit].axes if axis in BASE or axis in part)


def _divides(system: System, unit: int, members: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(members, axes) bool: the axes on which each figure is less than everything."""
    return np.stack([~box[members].all(axis=1) for box in system.boxes[unit]] or [np.zeros(len(members))], axis=1) > 0


def _parts(axes: tuple[str, ...], divides: NDArray[np.bool_]) -> list[tuple[str, ...]]:
    """The axes beside the base, those that any figure divides together in one part."""
    rows = np.unique(divides, axis=0)
    return joined([{axis for axis, used in zip(axes, row, strict=False) if used} for row in rows])


def joined(divided: Iterable[Collection[str]]) -> list[tuple[str, ...]]:
    """The parts beside the base, where these axes are divided together."""
    parts: list[set[str]] = []
    for axes in divided:
        if together := set(axes) - set(BASE):
            touched = [p for p in parts if p & together]
            parts = [p for p in parts if p not in touched] + [together.union(*touched)]
    return [tuple(sorted(part)) for part in parts]


def _around(system: System, unit: int, part: tuple[str, ...], located: NDArray[np.int64], most: int) -> Block:
    """The block of these records, and of atoms around them."""
    space = system.spaces[unit]
    used = [space.axes.index(axis) for axis in axes_of(system, unit, part)]
    shape = tuple(space.shape[i] for i in used)
    looked_at = (located[:, used] >= 0).all(axis=1)
    records = _code(located[looked_at][:, used], shape)
    atoms = _atoms(shape, records, most if len(records) else ALL)
    place = np.stack(np.unravel_index(atoms, shape), axis=1) if shape else np.zeros((len(atoms), 0), dtype=np.int64)
    atom_of = np.full(len(located), -1, dtype=np.int64)
    atom_of[looked_at] = np.searchsorted(atoms, records)
    return block(system, unit, part, place, atom_of)


def block(
    system: System, unit: int, part: tuple[str, ...], place: NDArray[np.int64], atom_of: NDArray[np.int64]
) -> Block:
    """The block over some atoms, given by their classes on its axes, that hold records, given by their atoms."""
    space, axes = system.spaces[unit], axes_of(system, unit, part)
    members = np.flatnonzero(system.unit == unit)
    divides = _divides(system, unit, members)
    mine = ~divides[:, [i for i, axis in enumerate(space.axes) if axis not in axes]].any(axis=1)
    of_part = divides[mine][:, [i for i, axis in enumerate(space.axes) if axis in part]].any(axis=1)
    inside = np.ones((int(mine.sum()), len(place)), dtype=bool)
    for column, axis in enumerate(axes):
        inside &= system.boxes[unit][space.axes.index(axis)][members[mine]][:, place[:, column]]
    base = [column for column, axis in enumerate(axes) if axis in BASE]
    base_shape = tuple(space.shape[space.axes.index(axes[column])] for column in base)
    of_base = _code(place[:, base], base_shape)
    return Block(
        unit=unit,
        axes=axes,
        part=part,
        figures=members[mine],
        own=of_part if part else np.ones(len(of_part), dtype=bool),
        inside=inside,
        place=place,
        base_rows=sparse.csr_array(
            (np.ones(len(place)), (of_base, np.arange(len(place)))), shape=(int(np.prod(base_shape)), len(place))
        ),
        held=np.bincount(atom_of[atom_of >= 0], minlength=len(place)).astype(float),
        atom_of=atom_of,
    )


def _code(place: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    return np.ravel_multi_index(tuple(place.T), shape) if shape else np.zeros(len(place), dtype=np.int64)


def _atoms(shape: tuple[int, ...], held: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The whole product where that is small; else what occurs and others at random: fewer worlds, never wrong ones."""
    size = int(np.prod(shape, dtype=np.int64))
    if size <= most:
        return np.arange(size)
    return np.union1d(held, np.random.default_rng(0).integers(0, size, most))


# --- blocks side by side


@dataclass(frozen=True)
class Ground:
    """Some blocks side by side: k atoms, and what every world keeps to.

    Attributes:
        blocks: the blocks.
        starts: (blocks + 1,) int, where each block's atoms begin.
        figures: (r,) int, the figures that the atoms sum up to.
        sums: (r, k) sparse, their atoms.
        base: (b, k) sparse, the base of each part as its atoms sum it up; less the base block's own, where it is here.
        ordered: (d, k) sparse, rows that the definitions of the units keep at 0 or above.
        held: (k,) float, the records that truly are there.
    """

    blocks: tuple[Block, ...]
    starts: NDArray[np.int64]
    figures: NDArray[np.int64]
    sums: sparse.csr_array
    base: sparse.csr_array
    ordered: sparse.csr_array
    held: NDArray[np.float64]

    def program(
        self, low: NDArray[np.float64], high: NDArray[np.float64], told: NDArray[np.int64] | slice = slice(None)
    ) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Rows with bounds that every world keeps to: the told of `figures` between low and high, then the others."""
        fixed, free = np.zeros(self.base.shape[0]), np.zeros(self.ordered.shape[0])
        rows = sparse.csr_array(sparse.vstack([self.sums[told], self.base, self.ordered]))
        return rows, np.concatenate([low, fixed, free]), np.concatenate([high, fixed, free + np.inf])

    def all_figures(self, size: int) -> sparse.csr_array:
        """(size, k) sparse, the atoms of every figure of a system; none of those that these blocks do not sum up."""
        put = sparse.csr_array((np.ones(len(self.figures)), (self.figures, np.arange(len(self.figures)))),
                               shape=(size, len(self.figures)))  # fmt: skip
        return sparse.csr_array(put @ self.sums)

    def floor(self, own: sparse.csr_array) -> sparse.csr_array:
        """(insiders, d) sparse: what each row of `ordered` must come to for the records of others to obey it by
        themselves, as they truly do: as much as an insider's own records, (insiders, k), bring to it."""
        result = sparse.csr_array((self.ordered @ own.T).T)
        result.data = np.clip(result.data, 0, np.maximum(self.ordered @ self.held, 0)[result.indices])
        result.eliminate_zeros()
        return result


def ground(system: System, chosen: tuple[Block, ...], tied: Ties | None = None) -> Ground:
    """Blocks put side by side. Figures of the base are summed by the base block, or without it by the first part.

    Args:
        tied: the `ties` of these and perhaps other blocks; worked out where it is not given.
    """
    starts = np.cumsum([0, *(len(b.held) for b in chosen)])
    base_of = {b.unit: i for i, b in enumerate(chosen) if not b.part}
    summed: set[int] = set()
    figures, sums, base = [], [], []
    for i, block in enumerate(chosen):
        mine = block.own if block.unit in base_of else ~np.isin(block.figures, list(summed))
        summed |= set(block.figures[mine].tolist())
        figures.append(block.figures[mine])
        sums.append(_wide(sparse.csr_array(block.inside[mine].astype(float)), starts, i))
        if block.part:
            row = _wide(block.base_rows, starts, i)
            if block.unit in base_of:
                k = base_of[block.unit]
                row = row - _wide(chosen[k].base_rows, starts, k)
            base.append(row)
    place = {(b.unit, b.part): i for i, b in enumerate(chosen)}
    ordered = [
        _wide(more, starts, place[many]) - _wide(few, starts, place[of])
        for (of, many), rows in (ties(system, chosen) if tied is None else tied).items()
        if of in place and many in place
        for few, more in rows
    ]
    ordered += [_wide(row, starts, i) for i, b in enumerate(chosen) for row in _grown(system, b)]
    nothing = sparse.csr_array((0, int(starts[-1])))
    return Ground(
        blocks=chosen,
        starts=starts,
        figures=np.concatenate(figures),
        sums=sparse.csr_array(sparse.vstack(sums)),
        base=sparse.csr_array(sparse.vstack([nothing, *base])),
        ordered=_telling(sparse.csr_array(sparse.vstack([nothing, *ordered]))),
        held=np.concatenate([b.held for b in chosen]),
    )


def _telling(rows: sparse.csr_array) -> sparse.csr_array:
    """Each row once, without those that are at 0 or above wherever no atom holds less than nothing."""
    rows.sum_duplicates()
    rows.eliminate_zeros()
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    kept = {}
    for i in np.unique(row[rows.data < 0]).tolist():
        mine = slice(rows.indptr[i], rows.indptr[i + 1])
        kept.setdefault((rows.indices[mine].tobytes(), rows.data[mine].tobytes()), i)
    return sparse.csr_array(rows[list(kept.values())])


def _wide(rows: sparse.csr_array, starts: NDArray[np.int64], block: int) -> sparse.csr_array:
    """Rows over one block's atoms as rows over all atoms."""
    rows = sparse.csr_array(rows)
    return sparse.csr_array((rows.data, rows.indices + starts[block], rows.indptr), shape=(rows.shape[0], starts[-1]))


def groups(found: tuple[Block, ...], tied: Ties) -> list[tuple[Block, ...]]:
    """Blocks that must be changed together, because the definitions of the units tie them; the bases come first."""
    names = [(b.unit, b.part) for b in found]
    together = [(i, j) for i, j in _pairs(found) if not (found[i].part or found[j].part) or (names[i], names[j]) in tied]
    row, column = np.array(together, dtype=np.int64).reshape(-1, 2).T
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(found), len(found)))
    label = connected_components(graph, directed=False)[1]
    return [tuple(b for b, of in zip(found, label, strict=True) if of == n) for n in dict.fromkeys(label.tolist())]


def _pairs(chosen: tuple[Block, ...]):
    """Positions of every two blocks, that of the earlier unit first."""
    for i, j in combinations(range(len(chosen)), 2):
        yield (i, j) if chosen[i].unit <= chosen[j].unit else (j, i)


# --- what the definitions say


def ties(system: System, chosen: tuple[Block, ...]) -> Ties:
    """What the definitions of the units say of every two blocks of which they say anything."""
    found = {}
    for i, j in _pairs(chosen):
        if rows := list(_dominance(system, chosen[i], chosen[j])):
            found[(chosen[i].unit, chosen[i].part), (chosen[j].unit, chosen[j].part)] = rows
    return found


def _dominance(system: System, few: Block, many: Block):
    """Pairs of rows over two blocks' atoms: class by class, the first unit counts no more than the second."""
    if many.unit == FURTHER:
        if few.unit == CHILDREN and REOFFENDED[0] in few.part:
            used = [axis for axis in few.axes if axis in many.axes]
            children, further = _same_classes(system, few, many, used)
            yield sparse.csr_array(children * _reoffenders(system, few)), further
        return
    if few.unit == many.unit or bool(few.part) != bool(many.part):
        return
    shared = [axis for axis in few.axes if axis in many.axes]
    for axes in _comparable(few.unit):
        used = [axis for axis in shared if axis in axes]
        told = not few.part or set(used) - set(BASE)
        if told and (rows := _same_classes(system, few, many, used)):
            yield rows


def _reoffenders(system: System, block: Block) -> NDArray[np.float64]:
    """(atoms,) 1 for those of children who are known to have reoffended."""
    axis, value = REOFFENDED
    classes, names = _classes(system, block.unit, axis), np.asarray(system.positions[axis])
    certain = [c for c in np.unique(classes[names == value]) if (names[classes == c] == value).all()]
    return np.isin(block.place[:, block.axes.index(axis)], certain).astype(float)


def _comparable(unit: int) -> tuple[frozenset[str], ...]:
    """The axes by which each of the unit's records has one like it in the next unit."""
    if UNITS[unit] == "children":
        return CHILD_AXES | {"offence"}, CHILD_AXES | {"disposal"}
    return (CHILD_AXES | {"offence", "disposal"},)


def _same_classes(system: System, few: Block, many: Block, axes: list[str]) -> tuple[sparse.csr_array, ...]:
    """For both blocks, rows that sum up the smallest classes that both tell apart, release by release."""
    shape, codes = [], ([], [])
    for axis in axes:
        if axis != "period":
            own = [_classes(system, block.unit, axis) for block in (few, many)]
            common = _joined(*own, *_carried_over(system, few.unit, axis))
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
        for times in _same_times(system, few, many)
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


def _same_times(system: System, few: Block, many: Block) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
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
            unseen = times[0][classes[0, classes[1] < 0]]  # some of what is counted then is where nobody sees the others
            for time_of in times:
                time_of[np.isin(time_of, unseen)] = -1
            if (times[0] >= 0).any():
                result.setdefault(b"".join(t.tobytes() for t in times), tuple(times))
    return list(result.values())


def _grown(system: System, block: Block):
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
    code, size = _code(place, shape), int(np.prod(shape, dtype=np.int64))
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


def _carried_over(system: System, unit: int, axis: str) -> list[NDArray[np.int64]]:
    """What of a position a child's outcome is sure to share: its gravity, not its offence group; its outcome, not who
    decided it (of equally serious ones either may count)."""
    end = {"offence": -1, "disposal": 0}.get(axis)
    if UNITS[unit] != "children" or end is None:
        return []
    return [np.unique([p.split("|")[end] for p in system.positions[axis]], return_inverse=True)[1]]


def _joined(*partitions: NDArray[np.int64]) -> NDArray[np.int64]:
    """The finest partition of positions whose classes are unions of classes of every given one."""
    n = len(partitions[0])
    row = np.concatenate([np.arange(n)] * len(partitions))
    starts = np.cumsum([n, *(int(p.max()) + 1 for p in partitions)])
    column = np.concatenate([p + s for p, s in zip(partitions, starts, strict=False)])
    graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(starts[-1], starts[-1]))
    return np.unique(connected_components(graph, directed=False)[1][:n], return_inverse=True)[1]

"""A plan's numbers as one sparse system over atoms.

An *atom* is a combination of the finest divisions that any number of a unit looks at, whether or not it occurs. A
*figure* is a number that may be shown: the sum of the atoms inside a box (a set of classes on every axis). Cells with
the same box are the same figure: the all-years margin of year × ethnicity is the pooled ethnicity cell, and a cell of
an earlier release over the same records is today's cell. Records that were corrected, or came late, leave an earlier
release with a *version* of its own of the period concerned: a position of its own on the period axis.

*Links* are what the definitions of the units say about figures: children ≤ outcomes ≤ offences wherever only the year,
the area and the child decide, and children who reoffended ≤ their further offences. The product of the classes can
hold millions of atoms, so nobody lists them (see `blocks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.boxes import CellsError, Numbered, made_of, positions_of, relabelled
from yjdisp.disclosure.facts.partitions import crossing
from yjdisp.disclosure.facts.units import COUNTED, PERIOD, Versions, changed, labels_of

Growth = Mapping[str, Mapping[str, tuple[str, int]]]  # of each unit, what a position of the period became, and how
Placed = tuple[tuple[int, int, int, int], ...]  # the same as (unit, position before, position after, how)


@dataclass(frozen=True)
class History:
    """Which records of several releases are the same.

    Attributes:
        versions: for each part of a system, the quarters that it has a version of its own of.
        growths: from each release to each later one, positions whose records are all in the later position, with others;
            and how much of them is: `THEIR_CHILD`, `NO_LESS` or `EVERYTHING`.
        others: of each child whose records changed, the same without these, `THE_SAME` where nothing else did.
    """

    versions: tuple[Versions, ...] = ()
    growths: tuple[Growth, ...] = ()
    others: tuple[Mapping[int, Growth], ...] = ()

    def changes(self) -> list[dict[str, dict[str, tuple[str, str]]]]:
        """From each release to each later one, the periods that are not the same, with the names of both positions."""
        return [changed(*two) for two in combinations([*self.versions[1:], *self.versions[:1]], 2)]


UNCHANGED = History()


@dataclass(frozen=True)
class Space:
    """The atoms of one unit: the product of the classes of its axes.

    Attributes:
        axes: the axes on which any figure of the unit divides.
        class_of: for each of them, the class of every position; -1 where no figure looks at it.
    """

    axes: tuple[str, ...]
    class_of: tuple[NDArray[np.int64], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Classes per axis."""
        return tuple(int(c.max()) + 1 for c in self.class_of)


@dataclass(frozen=True)
class System:
    """Figures over atoms, and what links them.

    Attributes:
        positions: for each axis, the names of its positions.
        spaces: for each unit of `COUNTED`, its atoms.
        unit: (f,) int, the unit of each figure as a position in `COUNTED`.
        covers: for each axis, (f, positions) bool: the box of each figure.
        figure: for each part that the system was made of, (n,) int: the figure of each cell.
        behind: for each part, (n,) int: the children figure that is at least the threshold when the cell is printed;
            -1 where there is none.
        periods: for each part, (units, quarters) int: where the quarters of the part are on the period axis.
        growths, others: as in `History`.
        links: (l, f) sparse: rows that are at least 0 in every world.
    """

    positions: dict[str, tuple[str, ...]]
    spaces: tuple[Space, ...]
    unit: NDArray[np.int64]
    covers: dict[str, NDArray[np.bool_]]
    figure: tuple[NDArray[np.int64], ...]
    behind: tuple[NDArray[np.int64], ...]
    periods: tuple[NDArray[np.int64], ...]
    growths: tuple[Placed, ...]
    others: tuple[Mapping[int, Placed], ...]
    links: sparse.csr_array

    @property
    def size(self) -> int:
        """Figures."""
        return len(self.unit)

    def classes(self, unit: int, axis: str) -> NDArray[np.int64]:
        """(positions,) int: the class of each position of an axis that a unit divides."""
        space = self.spaces[unit]
        return space.class_of[space.axes.index(axis)]

    def years(self) -> NDArray[np.int64]:
        """(f,) int: how often at most a figure of children counts the same child, who is counted once a year."""
        return self.covers[PERIOD].sum(axis=1) if PERIOD in self.covers else np.ones(self.size, dtype=np.int64)

    @cached_property
    def boxes(self) -> tuple[tuple[NDArray[np.bool_], ...], ...]:
        """For each unit and each of its axes, (f, classes) bool: the boxes in classes."""
        result = []
        for space in self.spaces:
            first = [[int(np.argmax(c == k)) for k in range(int(c.max()) + 1)] for c in space.class_of]
            result.append(tuple(self.covers[a][:, i] for a, i in zip(space.axes, first, strict=True)))
        return tuple(result)

    def locate(self, occupied: Mapping[str, Mapping[str, NDArray[np.str_]]], unit: int) -> NDArray[np.int64]:
        """(k, axes) int: the atoms of the combinations of positions that occur, one row each, repeats and all.

        Raises:
            CellsError: a position that no dimension knows.
        """
        names = occupied.get(COUNTED[unit], {})
        space = self.spaces[unit]
        if not names:
            return np.zeros((0, len(space.axes)), dtype=np.int64)
        length = len(next(iter(names.values())))
        result = np.zeros((length, len(space.axes)), dtype=np.int64)
        for column, (axis, classes) in enumerate(zip(space.axes, space.class_of, strict=True)):
            if axis not in names:
                raise CellsError(f"occupied combinations of {COUNTED[unit]}: axis {axis!r} is missing")
            known = {name: number for number, name in enumerate(self.positions[axis])}
            values, which = np.unique(np.asarray(names[axis]).astype(str), return_inverse=True)
            if not set(values.tolist()) <= set(known):
                raise CellsError(f"occupied combinations of {COUNTED[unit]}: unknown position on axis {axis!r}")
            result[:, column] = classes[np.array([known[v] for v in values.tolist()], dtype=np.int64)][which]
        return result


def build(parts: Sequence[Numbered], history: History = UNCHANGED, plan: Numbered | None = None) -> System:
    """One system for the cells of several parts: today's, and those of earlier releases.

    Dimensions are matched by name through the names of the positions that their values cover, so that releases with
    other values still speak about the same atoms.

    Args:
        history: which records of the parts are the same; all of the same periods where it is not given.
        plan: cells of the first part's dimensions that tell atoms apart and are no figures.

    Raises:
        CellsError: an unknown unit.
    """
    versions = [*history.versions, *({} for _ in parts[len(history.versions) :])]
    own = [positions_of([part]) for part in parts]
    labels = [labels_of(o.get(PERIOD, ()), v) for o, v in zip(own, versions, strict=True)]
    positions = positions_of(parts)
    if PERIOD in positions:
        positions[PERIOD] = tuple(sorted({name for of in labels for names in of for name in names}))
    made = [
        made_of(part, positions | {axis: names for axis, names in o.items() if axis == PERIOD})
        for part, o in zip(parts, own, strict=True)
    ]
    place = {name: i for i, name in enumerate(positions.get(PERIOD, ()))}
    periods = tuple(
        np.array([[place[n] for n in names] for names in of], dtype=np.int64).reshape(len(COUNTED), -1) for of in labels
    )
    boxes = [relabelled(m, positions, p) for m, p in zip(made, periods, strict=True)]
    unit = np.concatenate([m.unit for m in made])
    apart = [_apart(own, labels, positions, u) for u in range(len(COUNTED))]
    if plan is not None:
        wider = made_of(plan, positions | {axis: names for axis, names in own[0].items() if axis == PERIOD})
        box = relabelled(wider, positions, periods[0])
        apart = [np.concatenate([rows, box[wider.unit == u]]) for u, rows in enumerate(apart)]
    (unit, box), inverse = _unique(unit, np.concatenate(boxes))
    ends = np.cumsum([0, *(len(m.unit) for m in made)])
    figures = [inverse[a:b] for a, b in pairwise(ends)]
    linked = dict.fromkeys((int(f[a]), int(f[b])) for m, f in zip(made, figures, strict=True) for a, b in m.links)
    at = np.array(list(linked), dtype=np.int64).reshape(-1)
    row = np.repeat(np.arange(len(linked)), 2)
    offsets = np.cumsum([0, *(len(names) for names in positions.values())])
    covers = {a: box[:, offsets[i] : offsets[i + 1]] for i, a in enumerate(positions)}
    return System(
        positions=positions,
        spaces=_spaces(covers, unit, apart),
        unit=unit,
        covers=covers,
        figure=tuple(f[: len(part.unit)] for part, f in zip(parts, figures, strict=True)),
        behind=tuple(
            np.where(m.behind >= 0, f[m.behind], -1)[: len(part.unit)]
            for part, m, f in zip(parts, made, figures, strict=True)
        ),
        periods=periods,
        growths=tuple(_placed(step, place) for step in history.growths),
        others=tuple({child: _placed(of, place) for child, of in step.items()} for step in history.others),
        links=sparse.csr_array((np.tile([-1.0, 1.0], len(linked)), (row, at)), shape=(len(linked), len(unit))),
    )


def _placed(growth: Growth, place: Mapping[str, int]) -> Placed:
    return tuple(
        (COUNTED.index(unit), place[before], place[after], how)
        for unit, grown in growth.items()
        for before, (after, how) in grown.items()
        if before in place and after in place
    )


def _unique(
    unit: NDArray[np.int64], box: NDArray[np.bool_]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.bool_]], NDArray[np.int64]]:
    """Figures in the order in which their first cell comes, and the figure of each cell."""
    packed = np.concatenate([unit[:, None].astype(np.uint8), np.packbits(box, axis=1)], axis=1)
    seen: dict[bytes, int] = {}
    inverse = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in packed], dtype=np.int64)
    first = np.zeros(len(seen), dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(unit))[::-1]
    return (unit[first], box[first]), inverse


def _apart(
    own: Sequence[dict[str, tuple[str, ...]]],
    labels: Sequence[list[list[str]]],
    positions: dict[str, tuple[str, ...]],
    unit: int,
) -> NDArray[np.bool_]:
    """(k, bits) bool: each version of a period that the unit has several of, by itself."""
    versions: dict[str, set[str]] = {}
    for names, of in zip(own, labels, strict=True):
        for quarter, label in zip(names.get(PERIOD, ()), of[unit], strict=True):
            versions.setdefault(quarter, set()).add(label)
    changed = sorted({label for of in versions.values() if len(of) > 1 for label in of})
    bits = [(axis, name) for axis, names in positions.items() for name in names]
    rows = [[bit == (PERIOD, label) for bit in bits] for label in changed]
    return np.array(rows, dtype=bool).reshape(len(changed), len(bits))


def _spaces(
    covers: dict[str, NDArray[np.bool_]], unit: NDArray[np.int64], apart: Sequence[NDArray[np.bool_]]
) -> tuple[Space, ...]:
    """The atoms of every unit; where the classes of two of them cross, both tell apart what either does."""
    apart = list(apart)
    while True:
        spaces = tuple(_space(covers, unit == u, rows) for u, rows in enumerate(apart))
        more = [[] for _ in apart]
        for two in combinations(range(len(apart)), 2):
            for axis in set.intersection(*(set(spaces[u].axes) for u in two)) - {PERIOD}:
                classes = [spaces[u].class_of[spaces[u].axes.index(axis)] for u in two]
                if crossing(*classes):
                    for u, other in zip(two, reversed(classes), strict=True):
                        more[u] += [_bits(covers, axis, other == k) for k in range(int(other.max()) + 1)]
        if not any(more):
            return spaces
        apart = [np.concatenate([rows, new]) if new else rows for rows, new in zip(apart, more, strict=True)]


def _bits(covers: dict[str, NDArray[np.bool_]], axis: str, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Some positions of one axis, as one row over those of all axes."""
    return np.concatenate([chosen if a == axis else np.zeros(of.shape[1], dtype=bool) for a, of in covers.items()])


def _space(covers: dict[str, NDArray[np.bool_]], members: NDArray[np.bool_], apart: NDArray[np.bool_]) -> Space:
    """Classes of positions that neither a figure of the unit nor another set of positions tells apart; axes with a
    single class of all are left out."""
    axes, classes, start = [], [], 0
    for axis, cover in covers.items():
        patterns, others = np.unique(cover[members], axis=0), apart[:, start : start + cover.shape[1]]
        start += cover.shape[1]
        live = patterns.any(axis=0)
        if len(patterns) and live.any():
            told = np.unique(np.concatenate([patterns, others])[:, live], axis=0)
            of_live = np.unique(told, axis=1, return_inverse=True)[1].reshape(-1)
            if of_live.max() > 0 or not live.all():
                axes.append(axis)
                classes.append(np.full(len(live), -1, dtype=np.int64))
                classes[-1][live] = of_live
    return Space(tuple(axes), tuple(classes))

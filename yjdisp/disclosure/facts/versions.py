"""Which records of earlier releases are still today's, and which have grown.

Records of a period that are the same in two releases, as far as their tables tell records apart, are the same atoms:
what one release prints of them, it prints for both. Where a record was corrected, or came late, the earlier release
keeps a version of its own of that period, and what both releases say of it meets only in sums with other periods, and in
what grew from one to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import maximum_bipartite_matching

from yjdisp.disclosure.cells import Dimension
from yjdisp.disclosure.facts.rising import KEPT, steps
from yjdisp.disclosure.facts.units import (
    CHILDREN,
    COUNTED,
    EVERYTHING,
    NO_LESS,
    NOTHING,
    PERIOD,
    THE_SAME,
    THEIR_CHILD,
    Versions,
    changed,
    placed,
)
from yjdisp.disclosure.ledger import Entry, Records
from yjdisp.disclosure.system import Growth, History

MARK = " #"  # before the number of a version
Steps = Mapping[str, Mapping[frozenset, int]]  # of each axis and class of positions: how serious it is
Classes = Mapping[str, Mapping[str, frozenset]]  # of each axis and position: all values that cover it


def history(today: Records, earlier: Sequence[Entry], dimensions: Sequence[Dimension]) -> tuple[History, Records]:
    """Which periods of earlier releases have records of their own, and which of them have only grown since.

    Args:
        earlier: the oldest first.
        dimensions: those of today's tables.

    Returns:
        The history of today and the earlier releases, as `system.build` wants it; and today's records together with
        those of all other versions, at their own positions of the period.
    """
    if not today:  # a file of counts
        earlier = [replace(entry, records={}) for entry in earlier]
    told = _told_apart([*dimensions, *(d for entry in earlier for d in entry.published.dimensions)])
    seen = {unit: {period: [held] for period, held in _by_period(today, unit, told).items()} for unit in COUNTED}
    labels: list[dict[str, dict[str, str]]] = [{}]
    more = {unit: [columns] for unit, columns in today.items()}
    for entry in earlier:
        labels.append({unit: {} for unit in entry.records})
        for unit, quarters in _quarters_of(entry).items():
            mine = _by_period(entry.records, unit, told)
            for period in sorted({*quarters, *mine}):
                held, known = mine.get(period, Counter()), seen[unit].setdefault(period, [Counter()])
                fresh = held not in known
                if fresh:
                    known.append(held)
                if version := known.index(held):
                    labels[-1][unit][period] = f"{MARK}{version}"
                    if fresh:
                        more[unit].append(_taken(entry.records[unit], period, f"{MARK}{version}"))
    joined = {u: {axis: np.concatenate([p[axis] for p in pieces]) for axis in pieces[0]} for u, pieces in more.items()}
    known = [(_quarters_of(e), e.records, of) for e, of in zip(earlier, labels[1:], strict=True) if e.records]
    pairs = combinations([*known, ({}, today, labels[0])], 2)
    growths, others = (
        zip(*(_growth(*before, *after, told) for before, (_, *after) in pairs), strict=True) if known else ((), ())
    )
    return History(tuple(labels), growths, others), joined


def either_way(history: History) -> History:
    """What readers may believe beyond what is true record by record: every period of which a release has a version of
    its own has grown to a later release's, or shrunk; and whose records changed, that nothing else did. How far that is
    true depends on how finely the tables tell records apart that will be published, which nobody knows before; `growth`
    takes of it what is true."""
    growths = []
    for step in history.changes():
        both = {unit: list(of.values()) for unit, of in step.items()}
        growths.append({unit: {then: (now, EVERYTHING) for then, now in names} for unit, names in both.items()})
        growths.append({unit: {now: (then, EVERYTHING) for then, now in names} for unit, names in both.items()})
    others = tuple(
        {
            child: {unit: {then: (now, THE_SAME) for then, (now, _) in names.items()} for unit, names in of.items()}
            for child, of in step.items()
        }
        for step in history.others
    )
    return History(history.versions, tuple(growths), others)


def _told_apart(dimensions: Sequence[Dimension]) -> Classes:
    """Of each axis that a dimension looks at, every position with all values that cover it."""
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for dimension in dimensions:
        for value, cover in zip(dimension.values, dimension.covers, strict=True):
            for position in cover:
                found.setdefault(dimension.axis, {}).setdefault(position, set()).add((dimension.name, value))
    return {axis: {name: frozenset(of) for name, of in positions.items()} for axis, positions in found.items()}


def _growth(
    quarters: Mapping[str, set[str]], before: Records, was: Versions, after: Records, is_now: Versions, told: Classes
) -> tuple[Growth, dict[int, Growth]]:
    """The positions of a release whose records a later one all has, and others, as far as they are told apart; and of each
    child whose records are others, what is so of those of everybody else."""
    growth: dict[str, dict[str, tuple[str, int]]] = {}
    others: dict[int, dict[str, dict[str, tuple[str, int]]]] = {}
    step = {axis: _steps(axis, classes) for axis, classes in told.items()}
    for unit, periods in changed(was, is_now).items():
        held, later = _by_child(before, unit, told), _by_child(after, unit, told)
        for period, (then, now) in periods.items():
            if period not in quarters.get(unit, ()) and period not in held:
                continue
            both = held.get(period, {}), later.get(period, {})
            everybody = [_all(of.values()) for of in both]
            known = _how(*everybody, unit, step)
            if known != NOTHING:
                growth.setdefault(unit, {})[then] = now, known
            for child in sorted({*both[0], *both[1]}):
                own = [of.get(child, Counter()) for of in both]
                if own[0] != own[1]:
                    left = [of - one for of, one in zip(everybody, own, strict=True)]
                    how = _more(left, own, known, unit, step)
                    others.setdefault(child, {}).setdefault(unit, {})[then] = now, how
    return growth, others


def _more(left: list[Counter], own: list[Counter], known: int, unit: str, step: Steps) -> int:
    """How much of the records that a child leaves is still there, if that is more than is known of all records; `NOTHING`
    where it is not. Where the child's own have grown, those that it leaves have not if all have not."""
    if left[0] == left[1]:
        return THE_SAME
    best = NO_LESS if unit == COUNTED[CHILDREN] else EVERYTHING
    how = NOTHING if best in (known, _how(*own, unit, step)) else _how(*left, unit, step)
    return how if how > known else NOTHING


def _how(before: Counter, after: Counter, unit: str, step: Steps) -> int:
    """How much of some records is still there among later ones."""
    if unit != COUNTED[CHILDREN] and before <= after:
        return EVERYTHING
    if unit not in KEPT:
        return NOTHING
    groups: tuple[dict, dict] = {}, {}
    for counted, of_kept in zip((before, after), groups, strict=True):
        for record, number in counted.items():
            kept = tuple(place for place in record if place[0] in KEPT[unit])
            rising = [step[axis].get(of_class, 0) for axis, of_class in record if axis not in KEPT[unit]]
            of_kept.setdefault(kept, []).extend([rising] * number)
    was, is_now = groups
    if any(len(of) > len(is_now.get(kept, ())) for kept, of in was.items()):
        return NOTHING
    if all(_none_less(of, is_now[kept]) for kept, of in was.items()):
        return NO_LESS
    return THEIR_CHILD if unit == COUNTED[CHILDREN] else NOTHING


def _steps(axis: str, classes: Mapping[str, frozenset]) -> dict[frozenset, int]:
    names = sorted(classes)
    number = {of_class: i for i, of_class in enumerate(dict.fromkeys(classes[name] for name in names))}
    found = steps(axis, names, np.array([number[classes[name]] for name in names]))
    return {classes[name]: step for name, step in zip(names, found.tolist(), strict=True)}


def _none_less(before: list[list[int]], after: list[list[int]]) -> bool:
    """Whether each of some records can have become one of others that is no less serious, each another one."""
    able = (np.array(after)[None] >= np.array(before)[:, None]).all(axis=2)
    return bool((maximum_bipartite_matching(sparse.csr_array(able), perm_type="column") >= 0).all())


def _quarters_of(entry: Entry) -> dict[str, set[str]]:
    """The positions of the period that a release covers, for each unit."""
    quarters = {q for d in entry.published.dimensions if d.axis == PERIOD for cover in d.covers for q in cover}
    return {unit: set(placed(sorted(quarters), unit)) for unit in entry.records}


def _all(counted: Iterable[Counter]) -> Counter:
    result: Counter = Counter()
    for one in counted:
        result.update(one)
    return result


def _by_period(records: Records, unit: str, told: Classes) -> dict[str, Counter]:
    """The records of each period, as far as they are told apart; whoever they belong to."""
    return {period: _all(of.values()) for period, of in _by_child(records, unit, told).items()}


def _by_child(records: Records, unit: str, told: Classes) -> dict[str, dict[int, Counter]]:
    """The same, child by child: of each record its class on every axis."""
    columns = records.get(unit, {})
    periods = np.asarray(columns.get(PERIOD, ())).tolist()
    children = np.asarray(columns.get("child", np.full(len(periods), -1))).tolist()
    axes = [axis for axis in sorted(columns) if axis in told and axis != PERIOD]
    classes = [[(axis, told[axis].get(name)) for name in np.asarray(columns[axis]).tolist()] for axis in axes]
    result: dict[str, dict[int, Counter]] = {}
    for period, child, *record in zip(periods, children, *classes, strict=True):
        result.setdefault(period, {}).setdefault(child, Counter())[tuple(record)] += 1
    return result


def _taken(columns: Mapping[str, NDArray], period: str, version: str) -> dict[str, NDArray]:
    """The records of a period at a version's position."""
    mine = np.asarray(columns[PERIOD]) == period
    result = {axis: np.asarray(values)[mine] for axis, values in columns.items()}
    result[PERIOD] = np.full(int(mine.sum()), period + version)
    return result

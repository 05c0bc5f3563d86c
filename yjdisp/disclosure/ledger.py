"""What earlier releases of a service have printed, and which of their records are still today's.

Records of a period that are the same in two releases, as far as their tables tell records apart, are the same atoms:
what one release prints of them, it prints for both. Where a record was corrected, or came late, the earlier release
keeps a version of its own of that period, and what both releases say of it meets only in sums with other periods. To
know which is which, the analyst's side keeps the records that a release was counted from beside it (never in it). Of a
release without them every hidden cell is taken for a small one, and its records for today's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure import private
from yjdisp.disclosure.cells import Dimension, Published
from yjdisp.disclosure.system import History
from yjdisp.disclosure.units import CHILD_AXES, COUNTED, PERIOD, Versions, placed, versioned

FILE = "ledger.npz"
MARK = " #"  # before the number of a version
Records = Mapping[str, Mapping[str, NDArray]]  # `Cells.occupied`
Classes = Mapping[str, Mapping[str, frozenset]]  # of each axis and position: all values that cover it


@dataclass(frozen=True)
class Entry:
    """An earlier release: what it printed, and as far as it is known what it was counted from.

    Attributes:
        published: what anybody can read in it.
        need: (n,) float, what each of its primary cells must be able to rise to; 0 for all other cells. Where nobody
            knows which hidden cells are primary, all of them are.
        records: its records, as in `Cells.occupied`; empty where they are not known.
    """

    published: Published
    need: NDArray[np.float64]
    records: Records = field(default_factory=dict, repr=False)


def history(today: Records, earlier: Sequence[Entry], dimensions: Sequence[Dimension]) -> tuple[History, Records]:
    """Which periods of earlier releases have records of their own, and which of them have only grown since.

    Args:
        earlier: the oldest first.
        dimensions: those of today's tables.

    Returns:
        The history of today and the earlier releases, as `system.build` wants it; and today's records together with
        those of all other versions, at their own positions of the period.
    """
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
    steps = combinations([*known, ({}, today, labels[0])], 2)
    return History(tuple(labels), tuple(_growth(*before, *after, told) for before, (_, *after) in steps)), joined


def either_way(history: History) -> History:
    """What readers may believe beyond what is true record by record: every period of which a release has a version of
    its own has grown to a later release's, or shrunk. How far that is true depends on how finely the tables tell
    records apart that will be published, which nobody knows before; `blocks` takes of it what is true."""
    steps = []
    for was, is_now in combinations([*history.versions[1:], history.versions[0]], 2):
        changed = {unit: of.values() for unit, of in _changed(was, is_now).items()}
        steps.append({unit: dict(names) for unit, names in changed.items()})
        steps.append({unit: {then: before for before, then in names} for unit, names in changed.items()})
    return History(history.versions, tuple(steps))


def _changed(was: Versions, is_now: Versions) -> dict[str, dict[str, tuple[str, str]]]:
    """Of each unit, the periods of which two releases have different versions, with the names of both."""
    result: dict[str, dict[str, tuple[str, str]]] = {}
    for unit in COUNTED:
        for period in sorted({*was.get(unit, {}), *is_now.get(unit, {})}):
            before, after = versioned(period, unit, was), versioned(period, unit, is_now)
            if before != after:
                result.setdefault(unit, {})[period] = before, after
    return result


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
) -> dict[str, dict[str, str]]:
    """The positions of a release whose records a later one all has, and others; children by what they bring."""
    grown: dict[str, dict[str, str]] = {}
    for unit, changed in _changed(was, is_now).items():
        mine = {axis: of for axis, of in told.items() if unit != COUNTED[0] or axis in CHILD_AXES}
        held, later = _by_period(before, unit, mine), _by_period(after, unit, mine)
        for period, names in changed.items():
            there = period in quarters.get(unit, ()) or period in held
            if there and held.get(period, Counter()) <= later.get(period, Counter()):
                grown.setdefault(unit, {})[names[0]] = names[1]
    return grown


def _quarters_of(entry: Entry) -> dict[str, set[str]]:
    """The positions of the period that a release covers, for each unit."""
    quarters = {q for d in entry.published.dimensions if d.axis == PERIOD for cover in d.covers for q in cover}
    return {unit: set(placed(sorted(quarters), unit)) for unit in entry.records}


def _by_period(records: Records, unit: str, told: Classes) -> dict[str, Counter]:
    """The records of each period, as far as they are told apart; whoever they belong to."""
    columns = records.get(unit, {})
    periods = np.asarray(columns.get(PERIOD, ())).tolist()
    classes = [
        [told[axis].get(name) for name in np.asarray(columns[axis]).tolist()]
        for axis in sorted(columns)
        if axis in told and axis != PERIOD
    ]
    result: dict[str, Counter] = {}
    for period, *row in zip(periods, *classes, strict=True):
        result.setdefault(period, Counter())[tuple(row)] += 1
    return result


def _taken(columns: Mapping[str, NDArray], period: str, version: str) -> dict[str, NDArray]:
    """The records of a period at a version's position."""
    mine = np.asarray(columns[PERIOD]) == period
    result = {axis: np.asarray(values)[mine] for axis, values in columns.items()}
    result[PERIOD] = np.full(int(mine.sum()), period + version)
    return result


# --- on the analyst's side


def save(entry: Entry, release: Path, identity: str) -> None:
    """Keep what the release of this id was counted from in the folder beside it, whole or not at all."""
    arrays = {"need": entry.need}
    for unit, columns in entry.records.items():
        for axis, values in columns.items():
            arrays[f"{unit}/{axis}"] = np.asarray(values) if axis == "child" else np.asarray(values).astype(str)
    private.save(arrays, release, identity, FILE)


def load(published: Published, release: Path | None, identity: str) -> Entry:
    """The entry of the release of this id, with its records where they are in the folder beside it.

    Raises:
        PrivateError: the file beside it cannot be read, or is another release's.
    """
    arrays = private.load(release, identity, FILE) if release else None
    if arrays is None:
        if release and (home := private.beside(release)).is_dir():
            raise private.PrivateError(f"{home.name} belongs to another release; put its own back")
        return Entry(published, np.where(published.hidden, np.maximum(published.threshold - 1, published.low), 0))
    records: dict[str, dict[str, NDArray]] = {}
    for name in arrays:
        if "/" in name:
            unit, axis = name.split("/")
            records.setdefault(unit, {})[axis] = arrays[name]
    return Entry(published, arrays["need"], records)

"""What is counted, by what, and when: the units and axes by name, and where a record stands on the period axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yjdisp.vocabulary import COUNTED, OUTCOME_FLAGS

CHILDREN, OFFENCES, FURTHER = 0, 2, 3  # positions in COUNTED
YEARLY = (CHILDREN, FURTHER)  # units that are counted once a year, in its first quarter
REOFFENDED = ("reoffended", "Yes")  # axis and position of the children whom further offences are of
PERIOD = "period"
# what of the records of a period is still there in a later version: each says more than the one before
NOTHING, THEIR_CHILD, NO_LESS, EVERYTHING, THE_SAME = range(5)  # whose they are; none less serious; all; and no others
CHILD_AXES = frozenset({PERIOD, "area", "ethnicity", "sex", "age", "send", "care"})
Versions = Mapping[str, Mapping[str, str]]  # of each unit, the version of a quarter (for children: of its year's first)


def comparable(unit: int, shared: Iterable[str]) -> list[frozenset[str]]:
    """The largest sets of axes by which each of the unit's records has one like it in the next unit, with which it shares
    some: all of what a child brings, and one of what happens."""
    each = ("offence", "disposal", *(OUTCOME_FLAGS if unit == CHILDREN else ()))
    found = dict.fromkeys(frozenset(shared) & (CHILD_AXES | {axis}) for axis in each)
    return [axes for axes in found if not any(axes < larger for larger in found)]


def placed(quarters: Sequence[str], unit: str) -> list[str]:
    """Where each quarter's records are on the period axis: some units are counted once a year, in its first quarter."""
    first: dict[str, str] = {}
    for quarter in quarters:
        first.setdefault(_year(quarter), quarter)
    return [first[_year(quarter)] if COUNTED.index(unit) in YEARLY else quarter for quarter in quarters]


def versioned(period: str, unit: str, versions: Versions) -> str:
    """The position of a period in a release that has these versions."""
    return period + versions.get(unit, {}).get(period, "")


def labels_of(quarters: Sequence[str], versions: Versions) -> list[list[str]]:
    """For each unit, the position of every quarter in its version."""
    return [[versioned(name, unit, versions) for name in placed(quarters, unit)] for unit in COUNTED]


def changed(was: Versions, is_now: Versions) -> dict[str, dict[str, tuple[str, str]]]:
    """Of each unit, the periods of which two releases have different versions, with the names of both."""
    result: dict[str, dict[str, tuple[str, str]]] = {}
    for unit in COUNTED:
        for period in sorted({*was.get(unit, {}), *is_now.get(unit, {})}):
            before, after = versioned(period, unit, was), versioned(period, unit, is_now)
            if before != after:
                result.setdefault(unit, {})[period] = before, after
    return result


def _year(quarter: str) -> str:
    """ "2021/22 Q1" belongs to 2021/22."""
    return quarter.rsplit(" Q", 1)[0]


def years_of(periods: Sequence[str]) -> NDArray[np.int64]:
    """The year of each position of the period, as a number."""
    label = [_year(p) for p in periods]
    return np.unique(label, return_inverse=True)[1] if label else np.zeros(0, dtype=np.int64)


def whole_years(periods: NDArray[np.bool_], years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Every year that a set of quarters touches, whole."""
    if not len(years):
        return periods
    touched = np.zeros((len(periods), int(years.max()) + 1), dtype=bool)
    for column, year in enumerate(years):
        touched[:, year] |= periods[:, column]
    return touched[:, years]

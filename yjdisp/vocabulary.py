"""The words of the field: groups, codes, hierarchies and their order. The lists are CSV files in `lists/`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product

ALL = "All"
UNKNOWN = "Unknown"
UNITS = ("children", "outcomes", "offences")
FURTHER = "further offences"  # of children who reoffended: the numerator of one indicator, and no unit of a page
COUNTED = (*UNITS, FURTHER)
CHARACTERISTICS = ("ethnicity", "sex", "age", "send", "care")
OUTCOME_FLAGS = ("recommended_outcome", "first_time_entrant", "reoffended")
PERIODS = ("year", "quarter", "rolling_year")
SERIOUS_GROUPS = ("Drugs", "Robbery", "Violence against the person")
SERIOUS_GRAVITY = 5

LABELS = {
    "year": "Year",
    "quarter": "Quarter",
    "rolling_year": "Rolling year",
    "area": "Area",
    "ethnicity": "Ethnicity",
    "sex": "Sex",
    "age": "Age",
    "send": "Special educational needs",
    "care": "Care status",
    "gravity": "Gravity",
    "offence_group": "Offence group",
    "serious_violence": "Serious violence",
    "outcome": "Outcome",
    "decided_by": "Decided by",
    "recommended_outcome": "Recommended outcome",
    "first_time_entrant": "First-time entrant",
    "reoffended": "Reoffended",
}
IN_A_SENTENCE = {  # where a label in small letters would not do, by how many levels below "All" are told apart
    ("ethnicity", 2): "ethnicity in 5 groups",
    ("ethnicity", 3): "ethnicity in 19 groups",
    ("age", 2): "single year of age",
    ("send", 2): "kind of special educational needs",
    ("care", 2): "care status and placement",
    ("gravity", 2): "gravity score",
    ("outcome", 2): "tier of outcome",
    ("outcome", 3): "single outcome",
    ("recommended_outcome", 2): "tier of recommended outcome",
    ("recommended_outcome", 3): "single recommended outcome",
    ("decided_by", 1): "who decided",
}


@dataclass(frozen=True)
class Dimension:
    """One way of dividing what is counted, seen as sets of positions on an axis.

    An *axis* is the finest division there is; several dimensions may look at the same one (gravity, offence group
    and serious violence all look at the axis of offences), and the values of a dimension may overlap (rolling years).

    Attributes:
        name: the dimension's column in a release.
        axis: the axis that it looks at.
        values: every value at every level, parents before children; the first is always "All".
        covers: for each value, the names of the positions of the axis that it covers; "All" covers every one.
        parents: for each value, the value above it in the hierarchy, None for "All".
        levels: for each value, its level, 0 for "All"; a level may be skipped (White is one of 2 groups and of 5, so
            what lies below it is at level 3). Left out, it is the number of steps below "All".
    """

    name: str
    axis: str
    values: tuple[str, ...]
    covers: tuple[frozenset[str], ...]
    parents: tuple[str | None, ...]
    levels: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.levels:
            steps: dict[str | None, int] = {None: -1}
            for value, parent in zip(self.values, self.parents, strict=True):
                steps[value] = steps[parent] + 1
            object.__setattr__(self, "levels", tuple(steps[value] for value in self.values))

    def level(self, value: str) -> int:
        """The level of a value, 0 for "All"."""
        return self.levels[self.values.index(value)]

    def cover(self, value: str) -> frozenset[str]:
        """The positions of the axis that a value covers."""
        return self.covers[self.values.index(value)]

    def children(self, value: str) -> tuple[str, ...]:
        """The values directly below a value, in display order."""
        return tuple(v for v, parent in zip(self.values, self.parents, strict=True) if parent == value)

    def cut(self, depth: int) -> Dimension:
        """The same dimension without the values more than `depth` levels below "All"."""
        keep = [i for i, level in enumerate(self.levels) if level <= depth]
        return Dimension(
            self.name,
            self.axis,
            tuple(self.values[i] for i in keep),
            tuple(self.covers[i] for i in keep),
            tuple(self.parents[i] for i in keep),
            tuple(self.levels[i] for i in keep),
        )


@dataclass(frozen=True)
class CodeList:
    """The values of one column of a case file: hierarchy, display order and the codes by which each is known."""

    name: str
    values: tuple[str, ...]
    parents: tuple[str, ...]
    levels: tuple[int, ...]
    codes: dict[str, str]

    @property
    def leaves(self) -> tuple[str, ...]:
        """The finest values, in the order of the list (for outcomes: from least to most serious)."""
        return tuple(v for v in self.values if v not in self.parents)

    def read(self, text: str) -> str | None:
        """The finest value that a code or a name stands for, or None where the list does not know it."""
        return self.codes.get(normalise(text))

    def above(self, value: str) -> tuple[str, ...]:
        """The values above one, nearest first, without "All"."""
        parent = self.parents[self.values.index(value)]
        return () if parent == ALL else (parent, *self.above(parent))


def starts_in(period: str) -> int:
    """The calendar year in which a period starts; of one whose name has no year, later than any: it is the newest."""
    found = re.search(r"\d{4}", period)
    return int(found[0]) if found else 9999


def listing(items: Iterable[str], separator: str = ", ") -> str:
    """All items in one phrase: a, b and c."""
    *first, last = items
    return f"{separator.join(first)}{' and ' if first else ''}{last}"


def normalise(text: str) -> str:
    """A heading or code without what people vary: case, spacing, punctuation, dashes and ampersands."""
    return " ".join(re.sub(r"[^\w]+|_", " ", str(text).casefold().replace("&", " and ")).split())


@cache
def code_list(name: str) -> CodeList:
    """The code list of a column, read from `lists/NAME.csv`.

    Raises:
        KeyError: there is no list of that name.
    """
    if name == "recommended_outcome":
        return _recommended_outcomes()
    path = resources.files("yjdisp") / "lists" / f"{name}.csv"
    if not path.is_file():
        raise KeyError(f"no code list is called {name!r}")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    values = tuple(row["value"] for row in rows)
    parents = tuple(row["parent"] for row in rows)
    codes: dict[str, str] = {}
    for row in rows:
        if row["value"] in parents:
            continue
        own = [row["value"], *filter(None, row["codes"].split(";"))]
        known_as = own if row["parent"] == ALL else [*own, f"{row['parent']} {row['value']}"]
        codes.update((normalise(code), row["value"]) for code in known_as)
    steps = {ALL: 0}
    for row in rows:
        steps[row["value"]] = int(row.get("level") or steps[row["parent"]] + 1)
    return CodeList(name, values, parents, tuple(steps[v] for v in values), codes)


def _recommended_outcomes() -> CodeList:
    outcomes, unknown = code_list("outcome"), code_list("decided_by")
    codes = {code: value for code, value in unknown.codes.items() if value == UNKNOWN}
    return CodeList(
        "recommended_outcome",
        (*outcomes.values, UNKNOWN),
        (*outcomes.parents, ALL),
        (*outcomes.levels, 1),
        outcomes.codes | codes,
    )


@cache
def offence_positions() -> tuple[str, ...]:
    """The axis of offences: every pair of offence group and gravity, written "group|gravity"."""
    return tuple("|".join(p) for p in product(code_list("offence_group").leaves, code_list("gravity").leaves))


@cache
def disposal_positions() -> tuple[str, ...]:
    """The axis of disposals: every possible pair of outcome and who decided it, written "outcome|decided by", the most
    serious outcome last, and of each the unknown decision first."""
    outcomes = code_list("outcome")
    return tuple(
        f"{outcome}|{who}"
        for outcome in outcomes.leaves
        for who in sorted(code_list("decided_by").leaves, key=lambda who: who != UNKNOWN)
        if who == UNKNOWN or (who == "Court") == ("Court" in outcomes.above(outcome))
    )


@cache
def seriousness(axis: str) -> dict[str, int]:
    """How much each position of what happens counts beside others: of a child's year, and of an outcome, the highest does.

    Unknown is the lowest; of offences of the same gravity serious violence is the highest. Empty for what a child brings.
    """
    if axis == "offence":
        gravities, pairs = code_list("gravity").leaves, [(p, *p.split("|")) for p in offence_positions()]
        return {p: 2 * gravities.index(gravity) + is_serious_violence(group, gravity) for p, group, gravity in pairs}
    if axis == "disposal":
        return {position: rank for rank, position in enumerate(disposal_positions())}
    if axis in OUTCOME_FLAGS:
        return {leaf: -1 if leaf == UNKNOWN else rank for rank, leaf in enumerate(code_list(axis).leaves)}
    return {}


def is_serious_violence(offence_group: str, gravity: str) -> bool:
    """Robbery, drugs or violence against the person with gravity 5 or more (Youth Justice Board)."""
    return offence_group in SERIOUS_GROUPS and gravity.isdigit() and int(gravity) >= SERIOUS_GRAVITY


@cache
def dimension(name: str) -> Dimension:
    """The dimension of that name, where it follows from the lists alone (not the periods and areas of a file).

    Raises:
        KeyError: no list and no rule makes such a dimension.
    """
    if name in ("gravity", "offence_group"):
        part = ("offence_group", "gravity").index(name)
        return _from_list(name, "offence", offence_positions(), lambda position: position.split("|")[part])
    if name in ("outcome", "decided_by"):
        part = ("outcome", "decided_by").index(name)
        return _from_list(name, "disposal", disposal_positions(), lambda position: position.split("|")[part])
    if name == "serious_violence":
        return _serious_violence()
    return _from_list(name, name, code_list(name).leaves, lambda position: position)


def _from_list(name: str, axis: str, positions: tuple[str, ...], leaf_of) -> Dimension:
    codes = code_list(name)
    values = codes.values
    leaves = {position: leaf_of(position) for position in positions}
    return Dimension(
        name,
        axis,
        (ALL, *values),
        (
            frozenset(positions),
            *(frozenset(p for p, leaf in leaves.items() if v == leaf or v in codes.above(leaf)) for v in values),
        ),
        (None, *codes.parents),
        (0, *codes.levels),
    )


def _serious_violence() -> Dimension:
    positions = offence_positions()
    serious = frozenset(p for p in positions if is_serious_violence(*p.split("|")))
    return Dimension(
        "serious_violence",
        "offence",
        (ALL, "Serious violence", "Not serious violence"),
        (frozenset(positions), serious, frozenset(positions) - serious),
        (None, ALL, ALL),
    )


def financial_year(year: int) -> str:
    """The financial year that starts in April of a calendar year, written 2021/22."""
    return f"{year}/{(year + 1) % 100:02d}"


def quarters_between(first: str, last: str) -> tuple[str, ...]:
    """Every quarter of the financial years from the first's to the last's, in order ("2021/22 Q1" …)."""
    years = range(int(first[:4]), int(last[:4]) + 1)
    return tuple(f"{financial_year(y)} Q{q}" for y in years for q in (1, 2, 3, 4))


def years_of(quarters: Iterable[str]) -> tuple[str, ...]:
    """The financial years of quarters, each once and in their order."""
    return tuple(dict.fromkeys(quarter.split()[0] for quarter in quarters))


def period_dimensions(quarters: tuple[str, ...]) -> tuple[Dimension, Dimension, Dimension]:
    """The dimensions year, quarter and rolling year over consecutive quarters written "2021/22 Q1".

    A rolling year is named after its last quarter ("year to 2021/22 Q3") and is made of four quarters.
    """
    years = years_of(quarters)
    windows = {f"year to {quarters[i]}": frozenset(quarters[i - 3 : i + 1]) for i in range(3, len(quarters))}
    everything = frozenset(quarters)
    of_year = tuple(frozenset(q for q in quarters if q.startswith(y)) for y in years)
    year = Dimension("year", "period", (ALL, *years), (everything, *of_year), (None, *(ALL,) * len(years)))
    quarter = flat_dimension("quarter", quarters, axis="period")
    rolling = Dimension(
        "rolling_year", "period", (ALL, *windows), (everything, *windows.values()), (None, *(ALL,) * len(windows))
    )
    return year, quarter, rolling


def flat_dimension(name: str, values: tuple[str, ...], *, axis: str | None = None) -> Dimension:
    """A dimension of one level, such as the areas of a file; its axis is its own where none is named."""
    covers = (frozenset(values), *(frozenset({v}) for v in values))
    return Dimension(name, axis or name, (ALL, *values), covers, (None, *(ALL,) * len(values)))

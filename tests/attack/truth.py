"""True counts by the plainest means from case rows: what the tester knows and the reader does not.

Written from the definitions of the units: `children` once a year each, by the most serious gravity and outcome of that
year; `outcomes` each disposal once, with its most serious offence; `offences` each row; `further offences` once a year
each child who reoffended, as often as the greatest number among the child's rows of that year. Where two offences are equally
serious, the definitions do not say which one counts: a record then has several candidates, and a count is a range.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product

from .facts import CHILD_AXES, FURTHER, YEARLY, Growth, label
from .folder import Cell, Folder, Region
from .serious import LADDER, rank

ETHNICITY = {
    "W1": "English, Welsh, Scottish, Northern Irish or British", "W3": "Gypsy or Irish Traveller", "W9": "Any other White background",
    "M1": "White and Black Caribbean", "M9": "Any other Mixed background", "A1": "Indian", "A2": "Pakistani",
    "A9": "Any other Asian background", "B1": "Caribbean", "B2": "African", "B9": "Any other Black background",
    "O2": "Arab", "O9": "Any other ethnic group", "N1": "Unknown", "": "Unknown",
}  # fmt: skip
BROAD = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "O": "Other"}
SEND = {"EHC plan": "EHC plan", "SEN support": "SEN support", "No SEN": "No SEN", "": "Unknown"}
CARE = {
    "Looked after": "Looked after, placement not known", "placed": "Looked after, placed outside the area",
    "no": "Not looked after", "": "Unknown",
}  # fmt: skip
SEX = {"M": "Boys", "F": "Girls"}

UNITS = ("children", "outcomes", "offences", FURTHER)


@dataclass(frozen=True)
class Record:
    """One thing counted: the child behind it, its quarter (its year's, for children), its candidates on each axis."""

    child: str
    quarter: str
    at: tuple[tuple[str, frozenset[str]], ...]


def quarter_of(day: str) -> str:
    """The quarter of the financial year, written "2021/22 Q1", of an ISO date."""
    year, month = int(day[:4]), int(day[5:7])
    year, part = (year - 1, 4) if month < 4 else (year, (month - 1) // 3)
    return f"{year}/{(year + 1) % 100:02d} Q{part}"


def period_of(unit: str, quarter: str) -> str:
    """The period that a unit's records of a quarter belong to: for a yearly unit its year."""
    return quarter[:7] if unit in YEARLY else quarter


def _child_axes(row: dict[str, str]) -> dict[str, frozenset[str]]:
    said = {
        "ethnicity": ETHNICITY[row["ethnicity"]], "sex": SEX[row["sex"]], "age": row["age"],
        "send": SEND[row["send"]], "care": CARE[row["care"]],
    }  # fmt: skip
    said |= {"area": row["area"]} if "area" in row else {}
    return {axis: frozenset({value}) for axis, value in said.items()}


def _record(child: str, quarter: str, axes: dict[str, frozenset[str]]) -> Record:
    return Record(child, quarter, tuple(sorted(axes.items())))


def _worst(rows: list[dict[str, str]]) -> frozenset[str]:
    most = max(int(r["gravity"]) for r in rows)
    return frozenset(f"{r['offence_group']}|{r['gravity']}" for r in rows if int(r["gravity"]) == most)


def _gravest_disposal(rows: list[dict[str, str]]) -> frozenset[str]:
    most = max(LADDER.index(r["outcome"]) for r in rows)
    return frozenset(f"{r['outcome']}|{r['decided_by']}" for r in rows if LADDER.index(r["outcome"]) == most)


def records(rows: list[dict[str, str]]) -> dict[str, list[Record]]:
    """What each unit counts."""
    disposals: dict[str, list[dict[str, str]]] = defaultdict(list)
    years: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    offences = []
    for row in rows:
        quarter = quarter_of(row["outcome_date"])
        disposals[row["outcome_id"]].append(row)
        years[row["child_id"], quarter[:7]].append(row)
        offence = {"offence": _worst([row]), "disposal": _gravest_disposal([row])}
        offences.append(_record(row["child_id"], quarter, _child_axes(row) | offence))
    outcomes = [_grouped(group, quarter_of(group[0]["outcome_date"])) for group in disposals.values()]
    children = [_grouped(group, f"{year} Q1") for (_, year), group in years.items()]
    further = [record for (_, year), group in years.items() for record in _further(group, f"{year} Q1")]
    return {"children": children, "outcomes": outcomes, "offences": offences, FURTHER: further}


def _grouped(rows: list[dict[str, str]], quarter: str) -> Record:
    worst = {"offence": _worst(rows), "disposal": _gravest_disposal(rows), "reoffended": _again(rows)}
    return _record(rows[0]["child_id"], quarter, _child_axes(rows[0]) | worst)


def _again(rows: list[dict[str, str]]) -> frozenset[str]:
    """Yes where any row says so, else No where any does."""
    said = {row.get("reoffended") for row in rows}
    return frozenset({next((answer for answer in ("Yes", "No") if answer in said), "Unknown")})


def _further(rows: list[dict[str, str]], quarter: str) -> list[Record]:
    """One record for each further offence of a child in a year."""
    number = max(int(row.get("further_offences") or 0) for row in rows)
    return [_record(rows[0]["child_id"], quarter, _child_axes(rows[0]))] * number


@dataclass(frozen=True)
class Content:
    """The true content of a cell: the range of its count (one number unless seriousness is tied) and distinct children."""

    low: int
    high: int
    children: int


class Truth:
    """The true cells of one release."""

    def __init__(self, rows: list[dict[str, str]], folder: Folder):
        self.folder, self.records = folder, records(rows)
        self.index: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for unit, listed in self.records.items():
            for i, record in enumerate(listed):
                for axis, candidates in (*record.at, ("period", frozenset({record.quarter}))):
                    for position in candidates:
                        self.index[unit, axis, position].add(i)

    def cell(self, cell: Cell) -> Content:
        """The true content of a cell of the folder."""
        region = dict(self.folder.region(cell) or {})
        if cell.unit in YEARLY and "period" in region:
            region["period"] = frozenset(f"{q[:7]} Q1" for q in region["period"])
        listed = self.records[cell.unit]
        possible = set(range(len(listed)))
        for axis, kept in region.items():
            possible &= set().union(*(self.index[cell.unit, axis, position] for position in kept))
        sure = [i for i in possible if all(c <= region[a] for a, c in listed[i].at if a in region)]
        return Content(len(sure), len(possible), len({listed[i].child for i in possible}))

    def primary(self, cell: Cell) -> bool:
        """Whether the rules hide the cell by itself: fewer distinct children than the threshold (or none, unless zeros are shown)."""
        if self.folder.region(cell) is None or self.folder.exempt(cell):
            return False
        children = self.cell(cell).children
        return children < self.folder.threshold and not (children == 0 and self.folder.zeros_shown)

    def kept_back(self, cell: Cell) -> bool:
        """Whether the rules do not let a cell be printed: it is primary, or a few children of an exempt value are divided by it."""
        if self.folder.region(cell) is None or self.folder.silent(cell):
            return False
        return self.primary(cell) or 0 < self.cell(cell).children < self.folder.threshold

    def wrong(self, cell: Cell) -> str | None:
        """What is untrue, or printed against the rules, in a cell as it stands in the folder; None where all is well."""
        true = self.cell(cell)
        if cell.count is not None:
            reach = int(self.folder.policy["rounding"]) // 2
            if not true.low - reach <= cell.count <= true.high + reach:
                return f"{cell}: printed {cell.count}, true {true.low} to {true.high}"
            if self.kept_back(cell):
                return f"{cell}: printed {cell.count} with {true.children} distinct children behind it"
        if cell.low is not None and cell.low > true.high:
            return f"{cell}: low {cell.low}, true {true.high}"
        if cell.high is not None and cell.high < true.low:
            return f"{cell}: high {cell.high}, true {true.low}"
        return None


def _added(before: Counter, after: Counter, unit: str) -> bool:
    """Children by characteristic only: what happened in their year may have changed."""
    if unit == "children":
        before, after = (_by(content, CHILD_AXES) for content in (before, after))
    return before <= after


def _risen(before: Counter, after: Counter, unit: str) -> bool:
    """Whether every child, and every outcome of each, is still there and nothing of it is less serious."""
    if unit not in STAYS:
        return False
    was, is_now = list(before.elements()), list(after.elements())
    return _each_has(was, [[i for i, now in enumerate(is_now) if _can_become(then, now, STAYS[unit])] for then in was])


def _can_become(then: tuple, now: tuple, stays: tuple[str, ...]) -> bool:
    (child, before), (other, after) = then, now
    return child == other and all(
        a == b if axis in stays else max(rank(axis, p) for p in a) <= min(rank(axis, p) for p in b)
        for (axis, a), (_, b) in zip(before, after, strict=True)
    )


def _each_has(records: list, choices: list[list[int]]) -> bool:
    """Whether each can have one of its choices that no other has."""
    taken: dict[int, int] = {}

    def found(i: int, seen: set[int]) -> bool:
        for choice in choices[i]:
            if choice not in seen:
                seen.add(choice)
                if choice not in taken or found(taken[choice], seen):
                    taken[choice] = i
                    return True
        return False

    return all(found(i, set()) for i in range(len(records)))


def _by(content: Counter, axes: tuple[str, ...]) -> Counter:
    result: Counter = Counter()
    for (child, at), n in content.items():
        result[child, tuple(x for x in at if x[0] in axes)] += n
    return result


HOW = {"same": lambda before, after, unit: before == after, "risen": _risen, "added": _added}
STAYS = {"children": CHILD_AXES, "outcomes": (*CHILD_AXES, "disposal")}


class History:
    """Which records of successive releases are the same: the strongest thing that a reader may take for granted."""

    def __init__(self, folders: list[Folder], truths: list[Truth]):
        self.folders, self.names = folders, {}
        self.content: list[dict[tuple[str, str], Counter]] = [self._content(t) for t in truths]
        seen: dict[tuple[str, str, str], list[Counter]] = defaultdict(list)
        for i, content in enumerate(self.content):
            for (unit, period), counted in content.items():
                known = seen[unit, period, self._reached(i, unit, period)]
                if counted not in known:
                    known.append(counted)
                self.names[i, unit, period] = known.index(counted)

    def _content(self, truth: Truth) -> dict[tuple[str, str], Counter]:
        content = {(u, period_of(u, q)): Counter() for u in UNITS for q in truth.folder.positions["period"]}
        for unit, listed in truth.records.items():
            for r in listed:
                content[unit, period_of(unit, r.quarter)][r.child, r.at] += 1
        return content

    def _reached(self, release: int, unit: str, period: str) -> str:
        quarters = self.folders[release].positions["period"]
        return max(q for q in quarters if q.startswith(period)) if unit in YEARLY else ""

    def version(self, release: int, unit: str, period: str) -> str:
        """The version of a period's records in a release."""
        name = self.names[release, unit, period]
        return f" #{name}" if name else ""

    def growths(self, without: str = "") -> list[Growth]:
        """Where a later release has all records of an earlier one, and more, as far as it has them; and for who takes a
        child's records out of both, where it has just the same ones."""
        found = []
        for (earlier, later), unit in product(combinations(range(len(self.folders)), 2), UNITS):
            names: dict[str, dict[str, str]] = {"same": {}, "risen": {}, "added": {}}
            for quarter in self.folders[earlier].positions["period"]:
                period = period_of(unit, quarter)
                before, after = (self._of_others(self.content[i][unit, period], without) for i in (earlier, later))
                ends = [label(self.folders[i], i, unit, quarter, self.version) for i in (earlier, later)]
                for how, later_names in names.items():
                    if ends[0] == ends[1] or HOW[how](before, after, unit):
                        later_names[ends[0]] = ends[1]
            found += [
                Growth(unit, of, how, (earlier, later))
                for how, of in names.items()
                if any(a != b for a, b in of.items())
            ]
        return found

    def _of_others(self, content: Counter, without: str) -> Counter:
        return Counter({record: n for record, n in content.items() if record[0] != without})

    def alone(self) -> list[str]:
        """The children whose records are all that is different between two releases, of a unit in a period."""
        found = set()
        for earlier, later in combinations(self.content, 2):
            for place in earlier.keys() & later.keys():
                both = earlier[place], later[place]
                changed = {child for child, _ in (both[0] - both[1]) + (both[1] - both[0])}
                found |= changed if len(changed) == 1 else set()
        return sorted(found)

    def certain(self) -> list[str]:
        """The children of the last release none of whose records has tied candidates, those with most records first."""
        counted: Counter = Counter()
        tied = set()
        for content in self.content:
            for records in content.values():
                for (child, at), n in records.items():
                    counted[child] += n
                    tied |= {child} if any(len(candidates) > 1 for _, candidates in at) else set()
        return [child for child, _ in counted.most_common() if child not in tied]

    def insider(self, child: str) -> Callable[[str, Region], int]:
        """What one child's own records count for in a (unit, region) of period labels."""
        own: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(dict)
        for i, content in enumerate(self.content):
            for quarter, unit in product(self.folders[i].positions["period"], UNITS):
                name = label(self.folders[i], i, unit, quarter, self.version)
                records = content[unit, period_of(unit, quarter)]
                own[unit][name] = [
                    {axis: min(c) for axis, c in at}
                    for (who, at), n in records.items()
                    if who == child
                    for _ in range(n)
                ]

        def counts(unit: str, region: Region) -> int:
            kept = dict(region)
            periods = kept.pop("period")
            return sum(all(at[axis] in k for axis, k in kept.items()) for p in periods for at in own[unit].get(p, ()))

        return counts

    def atoms(self) -> dict[str, list[dict[str, frozenset[str]]]]:
        """What really occurs in each unit, with the labels of its periods: a hint to start an attack from."""
        found: dict[str, set[tuple[tuple[str, frozenset[str]], ...]]] = {unit: set() for unit in UNITS}
        for i, content in enumerate(self.content):
            for quarter, unit in product(self.folders[i].positions["period"], UNITS):
                name = label(self.folders[i], i, unit, quarter, self.version)
                for _, at in content[unit, period_of(unit, quarter)]:
                    found[unit].add((*at, ("period", frozenset({name}))))
        return {unit: [dict(at) for at in sorted(held, key=str)] for unit, held in found.items()}

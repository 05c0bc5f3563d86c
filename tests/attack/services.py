"""Synthetic youth justice services: correlated case rows over three years, with late and corrected records.

Nothing here is real. A service is a list of rows as they finally stand, each with what its earlier versions were and
when each became known; an extract is what the case file held at the end of a quarter. A service that is followed up
also knows, some quarters later, who reoffended and how often.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

FIRST_YEAR = 2021
YEARS = 3
QUARTERS = YEARS * 4
COLUMNS = (
    "child_id", "outcome_date", "age", "ethnicity", "sex", "outcome", "send", "care", "offence_group", "gravity",
    "decided_by", "outcome_id",
)  # fmt: skip
FOLLOW_UP = ("reoffended", "further_offences")
AREAS = ("Bath and North East Somerset", "Gloucestershire", "Swindon")
PRE_COURT = (
    "No further action",
    "Outcome 21",
    "Community resolution",
    "Outcome 22",
    "Youth caution",
    "Youth conditional caution",
)
COURT = (
    "Fine",
    "Conditional discharge",
    "Referral order",
    "Reparation order",
    "Youth rehabilitation order",
    "Detention and training order",
)
GROUPS = {
    "Violence against the person": (3, 4), "Theft and handling": (2, 3), "Criminal damage": (2, 2), "Public order": (2, 2),
    "Drugs": (2, 4), "Motoring": (2, 3), "Robbery": (6, 6), "Vehicle theft": (3, 4), "Sexual offences": (5, 7),
    "Domestic burglary": (6, 6), "Arson": (5, 6), "Racially aggravated": (3, 5), "Breach of statutory order": (3, 3), "Other": (2, 3),
}  # fmt: skip
ETHNICITIES = {
    "W1": 0.72, "W9": 0.05, "W3": 0.02, "M1": 0.05, "M9": 0.03, "A1": 0.01, "A2": 0.02, "A9": 0.01, "B1": 0.02, "B2": 0.02,
    "B9": 0.01, "O2": 0.005, "O9": 0.01, "N1": 0.02, "": 0.005,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An offence dealt with. `known` is the quarter (0–11) from whose end on a case file holds it; `gone` when it no longer does."""

    values: dict[str, str]
    quarter: int
    known: int
    gone: int = QUARTERS + 99


@dataclass(frozen=True)
class Service:
    """A synthetic service: all versions of all its rows."""

    seed: int
    children: int
    rows: tuple[Row, ...]

    def extract(self, quarter: int) -> list[dict[str, str]]:
        """The rows of the case file at the end of a quarter (0 is the first of the first year)."""
        return [row.values for row in self.rows if row.known <= quarter < row.gone]


def quarter_day(random: np.random.Generator, quarter: int) -> date:
    """A random day in a quarter, 0 being April to June of the first year."""
    year, part = divmod(quarter, 4)
    first = date(FIRST_YEAR + year + (part == 3), (4, 7, 10, 1)[part], 1)
    return first + timedelta(days=int(random.integers(0, 88)))


def service(seed: int, children: int | None = None) -> Service:
    """A service of 15–400 children a year (as given, or at random, small ones more often)."""
    random = np.random.default_rng(seed)
    if children is None:
        children = round(15 * (400 / 15) ** random.uniform())
    white = random.uniform(0.6, 1.1)
    weights = np.array([p * (white if code.startswith("W") else 1.0) for code, p in ETHNICITIES.items()])
    rows: list[Row] = []
    for number in range(int(children * YEARS * 0.85)):
        rows.extend(_child(random, f"S{seed}-{number:05d}", weights / weights.sum()))
    rows = [version for row in rows for version in _versions(random, row)]
    return Service(seed, children, tuple(_corrected_children(random, rows)))


def of_several_areas(seed: int, children: int) -> Service:
    """Three services in one case file, each of so many children a year."""
    rows: list[Row] = []
    for number, area in enumerate(AREAS):
        own = service(seed + number, children)
        rows.extend(replace(row, values=row.values | {"area": area}) for row in own.rows)
    return Service(seed, children * len(AREAS), tuple(rows))


def _child(random: np.random.Generator, name: str, weights: np.ndarray) -> list[Row]:
    ethnicity = str(random.choice(list(ETHNICITIES), p=weights))
    girl = random.random() < 0.16
    send = str(random.choice(["EHC plan", "SEN support", "No SEN", ""], p=[0.2, 0.25, 0.5, 0.05]))
    in_care = random.random() < (0.22 if send == "EHC plan" else 0.08)
    care = (
        str(random.choice(["Looked after", "placed"], p=[0.7, 0.3]))
        if in_care
        else str(random.choice(["no", ""], p=[0.96, 0.04]))
    )
    age = int(random.choice(np.arange(10, 18), p=[0.01, 0.02, 0.05, 0.09, 0.14, 0.2, 0.24, 0.25]))
    bent = random.normal(0.6 * in_care + 0.3 * (not ethnicity.startswith("W")), 1)
    first = int(random.integers(0, QUARTERS))
    rows: list[Row] = []
    taken: set[date] = set()
    for disposal in range(1 + random.poisson(0.35 * np.exp(0.3 * bent))):
        quarter = min(QUARTERS - 1, first + (0 if disposal == 0 else int(random.integers(0, 5))))
        day = quarter_day(random, quarter)
        if day in taken:
            continue
        taken.add(day)
        age_then = min(17, age + quarter // 4 - first // 4)
        child = {
            "child_id": name, "outcome_date": day.isoformat(), "age": str(age_then), "ethnicity": ethnicity,
            "sex": "F" if girl else "M", "send": send, "care": care, "outcome_id": f"{name}/{disposal}",
        }  # fmt: skip
        rows.extend(_disposal(random, child, quarter, bent))
    return rows


def _disposal(random: np.random.Generator, child: dict[str, str], quarter: int, bent: float) -> list[Row]:
    offences = []
    for _ in range(1 + random.poisson(0.9)):
        group = str(random.choice(list(GROUPS), p=_leaning(bent)))
        low, high = GROUPS[group]
        offences.append((group, int(np.clip(random.integers(low, high + 1) + (random.random() < 0.1), 1, 8))))
    worst = max(gravity for _, gravity in offences)
    court = random.random() < 1 / (1 + np.exp(3.2 - 0.7 * worst - 0.4 * bent))
    ladder = COURT if court else PRE_COURT
    outcome = ladder[int(np.clip(round(random.normal(1.2 + 0.35 * worst, 1.1)), 0, len(ladder) - 1))]
    decided = "Court" if court else str(random.choice(["Police", "Panel"], p=[0.6, 0.4]))
    known = quarter + (random.random() < 0.05) * int(random.integers(1, 4))
    return [
        Row(child | {"outcome": outcome, "offence_group": g, "gravity": str(n), "decided_by": decided}, quarter, known)
        for g, n in offences
    ]


def _leaning(bent: float) -> np.ndarray:
    weight = np.array([5, 3, 3, 3, 3, 2, 1, 1, 0.4, 0.5, 0.2, 0.3, 0.5, 0.5]) * np.exp(
        0.25 * bent * (np.array([n for n, _ in GROUPS.values()]) - 3)
    )
    return weight / weight.sum()


def _versions(random: np.random.Generator, row: Row) -> list[Row]:
    """A row, and in few cases its correction a quarter or two later, or its removal as a duplicate."""
    if random.random() < 0.015:
        when = row.known + int(random.integers(1, 3))
        changed = row.values | {"gravity": str(min(8, int(row.values["gravity"]) + 1))}
        return [replace(row, gone=when), replace(row, values=changed, known=when)]
    if random.random() < 0.004:
        return [replace(row, gone=row.known + 1)]
    return [row]


def _corrected_children(random: np.random.Generator, rows: list[Row]) -> list[Row]:
    """Few children's ethnicity or care status is corrected, in all their rows at once, in the last year."""
    names = list(dict.fromkeys(row.values["child_id"] for row in rows))
    fixes: dict[str, tuple[int, dict[str, str]]] = {}
    for name in names:
        if random.random() < 0.02:
            change = (
                {"ethnicity": str(random.choice(["W1", "M1", "B2"]))}
                if random.random() < 0.6
                else {"care": "Looked after"}
            )
            fixes[name] = (int(random.integers(QUARTERS - 3, QUARTERS)), change)
    out: list[Row] = []
    for row in rows:
        when, change = fixes.get(row.values["child_id"], (0, {}))
        if not change or row.known >= when:
            out.append(replace(row, values=row.values | change))
        elif row.gone <= when:
            out.append(row)
        else:
            out += [replace(row, gone=when), replace(row, values=row.values | change, known=when)]
    return out


def followed_up(service: Service) -> Service:
    """The same service with who reoffended after each disposal, and how often, blank until that is known."""
    random = np.random.default_rng([service.seed, len(COLUMNS)])
    leaning = {name: random.beta(1.2, 2.4) for name in dict.fromkeys(row.values["child_id"] for row in service.rows)}
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    rows: list[Row] = []
    for row in service.rows:
        name = row.values["outcome_id"]
        if name not in found:
            found[name] = _follow_ups(random, row.quarter, leaning[row.values["child_id"]])
        rows += _followed_up(row, found[name])
    return replace(service, rows=tuple(rows))


def _follow_ups(random: np.random.Generator, quarter: int, chance: float) -> list[tuple[int, dict[str, str]]]:
    """What a case file holds of a disposal's follow-up and from which quarter on; few are corrected a little later."""
    when = quarter + int(random.integers(1, 5))
    versions = [(0, _answer(None)), (when, _answer(_further_offences(random, chance)))]
    if random.random() < 0.05:
        versions.append((when + int(random.integers(1, 3)), _answer(_further_offences(random, chance))))
    return versions


def _further_offences(random: np.random.Generator, chance: float) -> int | None:
    """How many further offences, None where that is never recorded."""
    if random.random() < 0.08:
        return None
    return int(random.geometric(0.45)) if random.random() < chance else 0


def _answer(number: int | None) -> dict[str, str]:
    said = ("", "") if number is None else ("Yes" if number else "No", str(number))
    return dict(zip(FOLLOW_UP, said, strict=True))


def _followed_up(row: Row, versions: list[tuple[int, dict[str, str]]]) -> list[Row]:
    """A row in as many versions as it had while the case file held it."""
    ends = [start for start, _ in versions[1:]] + [row.gone]
    spans = [
        (max(row.known, start), min(row.gone, end), said) for (start, said), end in zip(versions, ends, strict=True)
    ]
    return [replace(row, values=row.values | said, known=a, gone=b) for a, b, said in spans if a < b]


def write_cases(path: Path, rows: list[dict[str, str]]) -> Path:
    """A case file with the columns of the format, and the area and those of the follow-up where the rows have them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *(name for name in ("area", *FOLLOW_UP) if name in rows[0])])
        writer.writeheader()
        writer.writerows(rows)
    return path

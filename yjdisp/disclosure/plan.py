"""The list of tables that a release publishes, in tiers of importance."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from yjdisp.vocabulary import CHARACTERISTICS, COUNTED, PERIODS

_OF_A_CHILD = ("area", *CHARACTERISTICS)
_OF_AN_OFFENCE = (*_OF_A_CHILD, "gravity", "offence_group", "serious_violence", "outcome", "decided_by")
_OF_AN_OUTCOME = (*_OF_AN_OFFENCE, "recommended_outcome", "first_time_entrant", "reoffended")
DIMENSIONS = {
    "children": ("year", *_OF_AN_OUTCOME),
    "outcomes": (*PERIODS, *_OF_AN_OUTCOME),
    "offences": (*PERIODS, *_OF_AN_OFFENCE),
    "further offences": ("year", *_OF_A_CHILD),
}

_written = partial(json.dumps, ensure_ascii=False)  # texts and lists of them are the same in JSON and TOML


class PlanError(ValueError):
    """A plan that cannot be used: the text says which table, what is wrong and what to do."""


@dataclass(frozen=True)
class PlanTable:
    """One table of a plan.

    Attributes:
        unit: what is counted.
        dimensions: the table's dimensions in order; every margin is part of the table.
        depth: how many levels below "All" are published of a dimension; 1 where it is not said. The dimensions of
            the period (year, quarter, rolling_year) have one level.
    """

    unit: str
    dimensions: tuple[str, ...]
    depth: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The table's dimensions as a release names them: "year × ethnicity", or "total" where there are none."""
        return " × ".join(self.dimensions) or "total"

    @property
    def by_area(self) -> tuple[str, ...]:
        """Its dimensions where several areas are published: area first."""
        return ("area", *(name for name in self.dimensions if name != "area"))

    def levels(self, dimension: str) -> int:
        """How many levels below "All" the table publishes of a dimension."""
        return self.depth.get(dimension, 1)

    def is_in(self, other: PlanTable) -> bool:
        """Whether every cell of it is one of another table."""
        same = self.unit == other.unit and set(self.dimensions) == set(other.dimensions)
        return same and all(self.levels(name) <= other.levels(name) for name in self.dimensions)


@dataclass(frozen=True)
class Tier:
    """Tables of the same importance."""

    name: str
    tables: tuple[PlanTable, ...]


@dataclass(frozen=True)
class Plan:
    """Tiers, most important first."""

    name: str
    tiers: tuple[Tier, ...]

    @property
    def tables(self) -> tuple[PlanTable, ...]:
        """All tables, in the order in which `Cells.table` numbers them."""
        return tuple(table for tier in self.tiers for table in tier.tables)

    def only(self, numbers: set[int] | frozenset[int]) -> Plan:
        """The same plan with only the tables of these numbers; tiers without a table are gone."""
        kept, number = [], 0
        for tier in self.tiers:
            tables = tuple(t for n, t in enumerate(tier.tables, number) if n in numbers)
            number += len(tier.tables)
            if tables:
                kept.append(Tier(tier.name, tables))
        return Plan(self.name, tuple(kept))


def load(path: str | Path | None = None) -> Plan:
    """Read a plan from a TOML file, or the default plan.

    Raises:
        PlanError: not TOML, an unknown key, unit or dimension, a table named twice, a plan without tables.
    """
    if path is None:
        text = resources.files(__package__).joinpath("plans", "default.toml").read_text(encoding="utf-8")
    else:
        text = Path(path).read_bytes().decode("utf-8-sig", errors="replace")
    try:
        return from_dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"plan: not a TOML file ({error})") from None


def from_dict(data: Mapping[str, Any]) -> Plan:
    """A plan from the content of its file. Raises PlanError like `load`."""
    _only_keys(data, {"name", "tier"}, "plan")
    tiers = tuple(_tier(tier, number) for number, tier in enumerate(_list(data, "tier", "plan"), 1))
    if not any(tier.tables for tier in tiers):
        raise PlanError("plan: it has no table; add at least one [[tier]] with `tables`")
    return Plan(str(data.get("name", "plan")), tiers)


def to_toml(plan: Plan) -> str:
    """The plan as a file that `load` reads back to an equal plan."""
    lines = [f"name = {_written(plan.name)}"]
    for tier in plan.tiers:
        lines += ["", "[[tier]]", f"name = {_written(tier.name)}", "tables = ["]
        for table in tier.tables:
            depth = ", ".join(f"{_written(d)} = {n}" for d, n in table.depth.items())
            depth = f", depth = {{ {depth} }}" if depth else ""
            lines.append(f"    {{ unit = {_written(table.unit)}, dimensions = {_written(table.dimensions)}{depth} }},")
        lines.append("]")
    return "\n".join(lines) + "\n"


def _tier(data: Mapping[str, Any], number: int) -> Tier:
    where = f"plan, tier {number}"
    _only_keys(data, {"name", "tables"}, where)
    tables = tuple(_table(t, f"{where}, table {n}") for n, t in enumerate(_list(data, "tables", where), 1))
    seen = [(t.unit, t.dimensions) for t in tables]
    for key in seen:
        if seen.count(key) > 1:
            raise PlanError(f"{where}: {key[0]} by {' × '.join(key[1]) or 'total'} is there twice; keep the deeper one")
    return Tier(str(data.get("name", f"tier {number}")), tables)


def _table(data: Mapping[str, Any], where: str) -> PlanTable:
    _only_keys(data, {"unit", "dimensions", "depth"}, where)
    unit, dimensions = data.get("unit"), tuple(_list(data, "dimensions", where))
    if unit not in COUNTED:
        raise PlanError(f"{where}: unit must be one of {', '.join(COUNTED)}")
    for dimension in dimensions:
        if dimension not in DIMENSIONS[unit]:
            raise PlanError(f"{where}: {unit} are not counted by {dimension!r}; use {', '.join(DIMENSIONS[unit])}")
    if len(set(dimensions)) < len(dimensions):
        raise PlanError(f"{where}: a dimension is there twice")
    if len(set(dimensions) & set(PERIODS)) > 1:
        raise PlanError(f"{where}: use one of {', '.join(PERIODS)}, not two")
    depth = data.get("depth", {})
    _only_keys(depth, set(dimensions), f"{where}, depth")
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 1 for n in depth.values()):
        raise PlanError(f"{where}: a depth is a whole number of levels, at least 1")
    return PlanTable(unit, dimensions, depth)


def _list(data: Mapping[str, Any], key: str, where: str) -> list[Any]:
    found = data.get(key, [])
    if not isinstance(found, list | tuple):
        raise PlanError(f"{where}: {key} must be a list, in [ and ]")
    return found


def _only_keys(data: Any, known: set[str], where: str) -> None:
    if not isinstance(data, Mapping):
        raise PlanError(f"{where}: must be keys with values")
    unknown = sorted(set(data) - known)
    if unknown:
        raise PlanError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")

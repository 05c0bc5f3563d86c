"""The public files of a release folder, read as any outsider would read them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

ALL = "All"
PLAIN = ("unit", "table", "count", "symbol", "low", "high")

Region = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True)
class Dimension:
    """A dimension of `dimensions.json`: the axis it looks at, and the positions behind each value."""

    name: str
    axis: str
    covers: dict[str, frozenset[str]]
    parents: dict[str, str | None]


@dataclass(frozen=True)
class Cell:
    """One row of `tables.parquet`; `at` holds the dimensions of its table only; `extra` any column not foreseen."""

    unit: str
    table: str
    at: tuple[tuple[str, str], ...]
    count: int | None
    low: int | None
    high: int | None
    extra: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return f"{self.unit}: {', '.join(f'{d}={v}' for d, v in self.at) or 'total'}"


@dataclass(frozen=True)
class Folder:
    """A release folder. `positions` are the positions of each axis, as its dimensions tell them."""

    dimensions: dict[str, Dimension]
    cells: tuple[Cell, ...]
    policy: dict
    manifest: dict = field(default_factory=dict)
    baselines: tuple[dict, ...] = ()
    path: Path | None = None

    @cached_property
    def positions(self) -> dict[str, frozenset[str]]:
        """Every position of every axis."""
        axes: dict[str, frozenset[str]] = {}
        for dimension in self.dimensions.values():
            axes[dimension.axis] = axes.get(dimension.axis, frozenset()).union(*dimension.covers.values())
        if years := self.manifest.get("period", {}).get("years"):
            axes.setdefault("period", frozenset(f"{year} Q{n}" for year in years for n in (1, 2, 3, 4)))
        return axes

    @property
    def threshold(self) -> int:
        """The fewest distinct children that a printed cell may have behind it."""
        return int(self.policy["threshold"])

    @property
    def zeros_shown(self) -> bool:
        """Whether a zero is printed, so that a mark stands for 1 or more."""
        return self.policy["zeros"] == "shown"

    def exempt(self, cell: Cell) -> bool:
        """Whether a cell is about a value that the policy does not protect (Unknown, Not stated)."""
        return any(value in self.policy["exempt"] for _, value in cell.at)

    def silent(self, cell: Cell) -> bool:
        """Whether a cell is about nothing but such a value, time and place: it is printed however few are behind it."""
        about = [v for d, v in cell.at if v != ALL and self.dimensions[d].axis not in ("period", "area")]
        return bool(about) and all(v in self.policy["exempt"] for v in about)

    def region(self, cell: Cell) -> Region | None:
        """The positions that a cell counts, axis by axis (period always, others where restricted); None: no position."""
        sets: dict[str, frozenset[str]] = {}
        for name, value in cell.at:
            dimension = self.dimensions[name]
            sets[dimension.axis] = sets.get(dimension.axis, self.positions[dimension.axis]) & dimension.covers[value]
        if not all(sets.values()):
            return None
        whole = {axis for axis, kept in sets.items() if kept == self.positions[axis] and axis != "period"}
        if "period" in self.positions:
            sets.setdefault("period", self.positions["period"])
        return tuple(sorted((axis, kept) for axis, kept in sets.items() if axis not in whole))

    def interval(self, cell: Cell, claims: bool = True) -> tuple[float, float]:
        """The counts that a printed cell can stand for, by the rules; with its `low` and `high` where these are believed,
        and with what follows from the promise that a small count can be whatever its mark says: a hidden one that
        cannot be the least of it has at least a threshold of children behind it.

        Rounding to a base b: a printed multiple stands for b // 2 on either side (Handbook on Statistical Disclosure
        Control, 5.5); what is printed and not silent is 0 or has at least a threshold of children behind it.
        """
        mark = 1.0 if self.zeros_shown else 0.0
        low, high = mark, float("inf")
        if cell.count is not None:
            reach = int(self.policy["rounding"]) // 2
            low, high = max(0.0, cell.count - reach), float(cell.count + reach)
            if cell.count and not self.silent(cell):
                low = max(low, float(self.threshold))
            if cell.count == 0 and self.zeros_shown:
                high = 0.0
        if claims:
            low = low if cell.low is None else max(low, cell.low)
            high = high if cell.high is None else min(high, cell.high)
            if cell.count is None and low > mark and high >= self.threshold and not self.silent(cell):
                low = max(low, float(self.threshold))
        return low, high


def dimension_of(name: str, records: list[dict]) -> Dimension:
    """A dimension from its records: a value covers its own name or those of the values below it, unless it says what."""
    parents = {r["value"]: r["parent"] for r in records}
    below: dict[str, set[str]] = {value: set() for value in parents}
    for value in parents:
        if value in parents.values():
            continue
        above: str | None = value
        while above is not None:
            below[above].add(value)
            above = parents[above]
    covers = {r["value"]: frozenset(r.get("covers") or below[r["value"]]) for r in records}
    axis = next((r["axis"] for r in records if r.get("axis")), name)
    return Dimension(name, axis, covers, parents)


def cell_of(row: dict, names: list[str]) -> Cell:
    """A cell from a row of `tables.parquet`."""
    inside = [d for d in row["table"].split(" × ") if d in names]
    at = tuple((d, row[d]) for d in dict.fromkeys([*inside, *names]) if row.get(d) is not None)
    extra = tuple((k, float(v)) for k, v in row.items() if k not in PLAIN and k not in names and _is_number(v))
    return Cell(row["unit"], row["table"], at, row["count"], row.get("low"), row.get("high"), extra)


def read(path: Path) -> Folder:
    """A release folder from its public files; `manifest.json` and `baselines.parquet` may be missing."""
    records = json.loads((path / "dimensions.json").read_text(encoding="utf-8"))
    rows = pq.read_table(path / "tables.parquet").to_pylist()
    manifest, baselines = path / "manifest.json", path / "baselines.parquet"
    return Folder(
        {name: dimension_of(name, values) for name, values in records.items()},
        tuple(cell_of(row, list(records)) for row in rows),
        tomllib.loads((path / "policy.toml").read_text(encoding="utf-8")),
        json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {},
        tuple(pq.read_table(baselines).to_pylist()) if baselines.exists() else (),
        path,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""The count tables of a release, laid out for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from yjdisp import wording
from yjdisp.exhibits import slug
from yjdisp.release import HIDDEN, MEASURED, Release
from yjdisp.vocabulary import ALL, LABELS, PERIODS, listing

WIDEST = 8  # values that still fit side by side


@dataclass(frozen=True)
class CountTable:
    """One published table.

    Attributes:
        unit, dimensions: what is counted, and by what.
        title: both in words, with the period.
        cells: one row a cell in display order: the dimensions, count, symbol, low, high.
    """

    unit: str
    dimensions: tuple[str, ...]
    title: str
    cells: pd.DataFrame = field(repr=False)

    @property
    def name(self) -> str:
        """What a file of this table is called."""
        return slug(self.unit, "by", *self.dimensions)


def tables(release: Release) -> tuple[CountTable, ...]:
    """Every table of the release, in the order of its plan."""
    grouped = release.cells.groupby(["unit", "table"], sort=False)
    return tuple(_table(release, unit, name, cells) for (unit, name), cells in grouped)


def _table(release: Release, unit: str, name: str, cells: pd.DataFrame) -> CountTable:
    dimensions = tuple(name.split(" × ")) if name != "total" else ()
    order = {d: {v: i for i, v in enumerate(release.dimensions[d].values)} for d in dimensions}
    if dimensions:
        cells = cells.sort_values(list(dimensions), key=lambda column: column.map(order[column.name]))
    return CountTable(
        unit, dimensions, title(release, unit, dimensions), cells[[*dimensions, *MEASURED]].reset_index(drop=True)
    )


def title(release: Release, unit: str, dimensions: Sequence[str]) -> str:
    """Unit, dimensions and period of a table in words."""
    divided = f" by {_by(dimensions)}" if dimensions else ""
    together = "" if set(dimensions) & set(PERIODS) or len(release.years) == 1 else ", all years together"
    return f"{unit.capitalize()}{divided}, {wording.first_to_last(release.years)}{together}"


def across(table: CountTable) -> str | None:
    """The dimension whose values are best laid side by side: the year, or the one with the fewest; None for none."""
    if len(table.dimensions) < 2:
        return None
    values = {d: table.cells[d].nunique() for d in table.dimensions}
    chosen = "year" if "year" in values else min(reversed(table.dimensions), key=values.get)
    return chosen if values[chosen] <= WIDEST else None


def wide(release: Release, table: CountTable) -> tuple[pd.DataFrame, int]:
    """A table for reading: numbers, or the mark of a hidden one; and how many of its columns name the rows."""
    shown = table.cells["count"].astype(object).where(table.cells["count"].notna(), HIDDEN)
    cells = table.cells[list(table.dimensions)].assign(**{table.unit: shown})
    side = across(table)
    rows = [d for d in table.dimensions if d != side]
    if side is None:
        return cells.rename(columns=LABELS | {table.unit: table.unit.capitalize()}), len(rows)
    order = [v for v in release.dimensions[side].values if v in set(cells[side])]
    laid = cells.pivot(index=rows, columns=side, values=table.unit)
    in_order = cells[rows].drop_duplicates()
    index = pd.MultiIndex.from_frame(in_order) if len(rows) > 1 else pd.Index(in_order[rows[0]], name=rows[0])
    laid = laid.reindex(index=index, columns=order).reset_index()
    headings = {ALL: "All years" if side == "year" else f"All ({LABELS[side].lower()})"}
    laid.columns = [LABELS.get(c, c) if c in rows else headings.get(c, c) for c in laid.columns]
    return laid, len(rows)


def _by(dimensions: Sequence[str]) -> str:
    """Dimensions in a phrase: year, ethnicity and sex."""
    return listing(LABELS.get(name, name).lower() for name in dimensions)

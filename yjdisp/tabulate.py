"""Arrays to the rows of a release, and back to what an attacker reads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yjdisp.disclosure import policy as policies
from yjdisp.disclosure import rounding
from yjdisp.disclosure.cells import Cells, Published, exempt_cells
from yjdisp.disclosure.plan import Plan
from yjdisp.disclosure.suppress import Protected
from yjdisp.release import HIDDEN, MEASURED, Release
from yjdisp.vocabulary import ALL, Dimension, period_dimensions, quarters_between


def to_frame(cells: Cells, protected: Protected, plan: Plan) -> tuple[pd.DataFrame, tuple[Dimension, ...]]:
    """Protected cells as the rows of a release, and the dimensions that they use.

    Cells that stand in two tables of the same name (one of them deeper) are there once; the index says which they were.
    """
    several = any(d.name == "area" and len(d.values) > 2 for d in cells.dimensions)
    inside = [table.by_area if several else table.dimensions for table in plan.tables]
    names = np.array([" × ".join(dimensions) or "total" for dimensions in inside])
    columns: dict[str, Any] = {"unit": cells.unit, "table": names[cells.table]}
    for j, dimension in enumerate(cells.dimensions):
        present = np.array([dimension.name in dimensions for dimensions in inside])[cells.table]
        columns[dimension.name] = np.where(present, np.array(dimension.values, dtype=object)[cells.at[:, j]], None)
    frame = pd.DataFrame(columns).assign(
        count=pd.Series(protected.value).astype("Int64").where(protected.shown),
        symbol=np.where(protected.shown, "", HIDDEN),
        low=_whole(protected.low),
        high=_whole(protected.high),
    )
    used = [d for d in cells.dimensions if frame[d.name].notna().any()]
    frame = frame.drop_duplicates(["unit", "table", *(d.name for d in cells.dimensions)])
    frame = frame.iloc[_in_order(frame, cells, inside)]
    frame = frame.drop(columns=[d.name for d in cells.dimensions if d not in used])
    return frame, tuple(d.cut(max(d.level(v) for v in frame[d.name].dropna().unique())) for d in used)


def bounded(frame: pd.DataFrame, low: NDArray[np.float64], high: NDArray[np.float64]) -> pd.DataFrame:
    """The rows of a release with (n,) other bounds of the hidden cells."""
    hidden = (frame["symbol"] == HIDDEN).to_numpy()
    return frame.assign(low=frame["low"].mask(hidden, _whole(low)), high=frame["high"].mask(hidden, _whole(high)))


def _whole(bound: NDArray[np.float64]) -> pd.api.extensions.ExtensionArray:
    """(n,) Int64, missing where a bound is infinite."""
    finite = np.isfinite(bound)
    return pd.arrays.IntegerArray(np.where(finite, bound, 0).astype(np.int64), ~finite)


def _in_order(frame: pd.DataFrame, cells: Cells, inside: Sequence[Sequence[str]]) -> np.ndarray:
    """The places of rows as they come, those of neighbouring tables of one name in the order of the values."""
    place = {d.name: j for j, d in enumerate(cells.dimensions)}
    table, at = cells.table[frame.index], cells.at[frame.index]
    keys = np.zeros((len(frame), 1 + max(map(len, inside), default=0)), dtype=np.int64)
    name = frame["unit"] + " " + frame["table"]
    keys[:, 0] = (name != name.shift()).cumsum()
    for t, dimensions in enumerate(inside):
        keys[table == t, 1 : 1 + len(dimensions)] = at[table == t][:, [place[d] for d in dimensions]]
    return np.lexsort(keys.T[::-1])


def as_published(
    frame: pd.DataFrame, dimensions: Sequence[Dimension], policy: policies.Policy, years: Sequence[str]
) -> Published:
    """The cells of a release as an attack reads them: what is printed, without `low` and `high`.

    Args:
        years: the financial years that the release is about, which it says even where no table is divided by time.
    """
    if not any(d.axis == "period" for d in dimensions):
        year, *_ = period_dimensions(quarters_between(years[0], years[-1]))
        frame, dimensions = frame.assign(**{year.name: None}), (*dimensions, year)
    hidden = (frame["symbol"] == HIDDEN).to_numpy()
    count = frame["count"].to_numpy(dtype=np.int64, na_value=0)
    at = [pd.Index(d.values).get_indexer(frame[d.name].fillna(ALL)) for d in dimensions]
    seen = Published(
        dimensions=tuple(dimensions),
        unit=frame["unit"].to_numpy(dtype=str),
        at=np.stack(at, axis=1).astype(np.int64),
        low=np.full(len(frame), float(policy.floor)),
        high=np.full(len(frame), np.inf),
        hidden=hidden,
        threshold=policy.threshold,
        exempt=policy.exempt,
        sensitive=policy.sensitive,
    )
    low, high = rounding.interval(count, exempt_cells(seen, policy.exempt), policy)
    return replace(seen, low=np.where(hidden, seen.low, low), high=np.where(hidden, seen.high, high))


def published(source: Release) -> Published:
    """What anybody can read in a release."""
    rules, years = policies.from_toml(source.policy), source.manifest["period"]["years"]
    return as_published(source.cells, tuple(source.dimensions.values()), rules, years)


def printed_total(frame: pd.DataFrame, unit: str) -> int | None:
    """The printed total of a unit over everything, None where it is hidden."""
    divided = frame.columns.difference(["unit", "table", *MEASURED])
    everything = (frame["unit"] == unit) & (frame[divided].isna() | (frame[divided] == ALL)).all(axis=1)
    totals = frame.loc[everything, "count"].dropna()
    return None if totals.empty else int(totals.iloc[0])

"""Two characteristics at once: within the caseload, how much likelier is one for the children who have the other?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import comparison, measures, release
from yjdisp.release import Release
from yjdisp.vocabulary import ALL, UNKNOWN


@dataclass(frozen=True)
class Intersections:
    """Every pair of values of two characteristics.

    Attributes:
        table: one row a pair: group, value, count, symbol, low, high, out_of (children of the group), share, rri,
            rri_low, rri_high (the group's share against that of all other children in the caseload), rri_least and
            rri_most (what the ratio can be, whatever a hidden count is), verdict.
        rows, columns: the characteristics of group and value.
        where: what was asked for.
    """

    table: pd.DataFrame = field(repr=False)
    rows: str
    columns: str
    where: Mapping[str, str]


def intersections(
    source: Release,
    *,
    rows: str,
    columns: str,
    where: Mapping[str, str] | None = None,
) -> Intersections:
    """Within the caseload: the share of a group that has a value, against the share of everyone else who has it.

    No population is published by two characteristics together, so this compares children inside the caseload only.
    Whatever needs a hidden count is not shown. Values that are not known are left out of the rows and columns.

    Raises:
        ReleaseError: the release does not publish the two together.
    """
    where = release.held(source, where)
    cells = release.table(source, by=[rows, columns], where=where)
    count = cells.set_index([rows, columns])["count"]
    shown = cells[~cells[rows].isin([ALL, UNKNOWN]) & ~cells[columns].isin([ALL, UNKNOWN])]
    table = shown.rename(columns={rows: "group", columns: "value"}).reset_index(drop=True)

    def looked_up(group: str | None, value: str | None) -> np.ndarray:
        pairs = zip(table["group"], table["value"], strict=True)
        return np.array([_number(count.get((group or g, value or v), pd.NA)) for g, v in pairs])

    x, n = looked_up(None, None), looked_up(None, ALL)
    everyone, everyone_else = looked_up(ALL, None), looked_up(ALL, ALL)

    def ratio_at(count: np.ndarray) -> measures.Ratio:
        return measures.risk_ratio(count, n, everyone - count, everyone_else - n)

    ratio = ratio_at(x)
    least, most = (table[end].to_numpy(float, na_value=np.nan) for end in ("low", "high"))
    least = np.fmax(
        least, everyone - (everyone_else - n)
    )  # of those outside, no more can have the value than are there
    bounds = measures.hidden_bounds(ratio_at, (least, np.fmin(most, np.fmin(n, everyone))))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = table.assign(
            out_of=pd.Series(n).astype("Int64"),
            share=x / n,
            rri=ratio.estimate,
            rri_low=ratio.low,
            rri_high=ratio.high,
            rri_least=bounds.estimate_low,
            rri_most=bounds.estimate_high,
        )
    hidden = np.isnan([x, n, everyone, everyone_else]).any(axis=0)
    table["verdict"] = [_verdict(row, h) for row, h in zip(table.to_dict("records"), hidden, strict=True)]
    return Intersections(table, rows, columns, where)


def _number(count) -> float:
    return np.nan if pd.isna(count) else float(count)


def _verdict(row: Mapping, hidden: bool) -> str:
    if hidden:
        return comparison.HIDDEN
    return comparison.verdict(row["rri"], row["rri_low"], row["rri_high"], row["count"])

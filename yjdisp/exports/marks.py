"""What a chart of ratios shows, before any form is given to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from yjdisp import wording
from yjdisp.charts import HIDDEN_FILL, LEAST, MARKS, MOST, TICKS
from yjdisp.comparison import HIDDEN, NO_BASELINE, REFERENCE, Comparison

ESTIMATED = tuple(verdict for verdict in MARKS if verdict != HIDDEN)


@dataclass(frozen=True)
class Mark:
    """One group of a chart: its ratio with its interval, or the range that is left to a hidden one.

    Attributes:
        text: the ratio in words, beside the mark.
        estimate, low, high: None where there is nothing to draw.
    """

    group: str
    text: str
    verdict: str
    estimate: float | None
    low: float | None
    high: float | None


def marks(c: Comparison) -> tuple[Mark, ...]:
    """The marks of a comparison, group by group; what has no baseline is not drawn."""
    return tuple(_mark(row) for row in c.table.to_dict("records") if row["verdict"] != NO_BASELINE)


def _mark(row: Mapping) -> Mark:
    hidden = row["verdict"] == HIDDEN
    low, high = (row["rri_least"], row["rri_most"]) if hidden else (row["rri_low"], row["rri_high"])
    return Mark(row["group"], _text(row), row["verdict"], _number(row["rri"]), _number(low), _number(high))


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _text(row: Mapping) -> str:
    if row["verdict"] == REFERENCE:
        return "compared with"
    if row["verdict"] == HIDDEN:
        return f"hidden count: {wording.bounds(row)}" if wording.bounds(row) else "hidden count"
    if pd.isna(row["rri_low"]):
        return "no comparison"
    if not isfinite(row["rri_high"]):
        return f"at least {wording.ratio(row['rri_low'])}"
    if row["count"] == 0:
        return f"none; up to {wording.ratio(row['rri_high'])}"
    return f"{wording.ratio(row['rri'])} ({wording.span(row['rri_low'], row['rri_high'])})"


def limits(drawn: Sequence[Mark]) -> tuple[float, float]:
    """The ticks at the two ends of the axis: around everything that is drawn, never beyond what can be read."""
    ends = [x for m in drawn for x in (m.estimate, m.low, m.high) if x and isfinite(x)]
    low, high = max(LEAST, min(ends, default=1)), min(MOST, max(ends, default=1))
    return max(t for t in TICKS if t <= min(low, 0.5)), min(t for t in TICKS if t >= max(high, 2))


def style(verdict: str) -> tuple[str, str | None]:
    """The colour of a verdict and the shape of its mark; a hidden count has a range and no mark."""
    colour, shape = MARKS[verdict][:2] if verdict in ESTIMATED else (HIDDEN_FILL, None)
    return colour, shape


def words(verdict: str, c: Comparison) -> str:
    """What a mark stands for."""
    if verdict == HIDDEN:
        return "hidden count: what it leaves possible"
    return verdict.replace("children", c.unit)

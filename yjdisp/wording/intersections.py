"""Plain English from two characteristics at once: which of them come together within the caseload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import HIDDEN, IN_LINE, NOBODY, OVER, TOO_FEW, UNDER
from yjdisp.intersections import Intersections
from yjdisp.vocabulary import LABELS, listing
from yjdisp.wording import places

NO_PAIR = "This release publishes no two characteristics together."
NO_PAIR_REMEDY = (
    "Its numbers are too small for that, or its plan leaves such tables out. A release of more years, or a plan with a "
    "table of two characteristics, can have them. The pages about one characteristic are not affected."
)
WITHIN = (
    "This compares children inside the caseload with each other. It does not say whether any of them are "
    "over-represented in it: no population is published by two characteristics together."
)
NOTHING = "no pair of {pair} comes together more or less often than chance allows"
ALL_IN_LINE = "no pair of {pair} comes together less than 0.80 or more than 1.25 times as often by more than chance"
BUT_HIDDEN = ", as far as can be told: for {untold} of {pairs} pairs the numbers are hidden or too small"
WHATEVER = "{span} times whatever the hidden count is, before chance is allowed for"
FINDINGS = {OVER: "more often together", UNDER: "less often together", IN_LINE: IN_LINE, TOO_FEW: TOO_FEW}
WORKED_OUT = (
    "**Share**: the part of a group's children in the caseload who are of the other characteristic too.",
    (
        "**Times as often**: that share over the same share among all other children in the caseload, whose group may be "
        "unknown. 1 is equal. It is a ratio of two shares, with Laud's score interval (SCAS), 95%."
    ),
    (
        "**Hidden**: where a count is hidden, the ratio is worked out for the least and the greatest that anyone can "
        "work out of it. What a hidden total leaves open is not shown at all."
    ),
    (
        "**Finding**: more or less often together needs both a size (below 0.80 or above 1.25) and certainty (an interval "
        "that excludes 1). From 0.80 to 1.25 is in line. Everything else is not enough to tell."
    ),
)
MANY = (
    "With {cells} comparisons on one page, some stand out by chance alone: about one in twenty would if nothing were "
    "there. The cells of a table also add up, so where one part is more frequent another must be less so."
)


def shown(found: Intersections, years: Sequence[str]) -> str:
    """What is counted, when and where, in one line."""
    return places.shown(found.where, years, wording.capital(_pair(found)))


def _pair(found: Intersections) -> str:
    return f"{LABELS[found.rows].lower()} and {LABELS[found.columns].lower()}"


def answer(found: Intersections, years: Sequence[str]) -> tuple[str, ...]:
    """The answer in one sentence, then one each for what it leaves open."""
    rows = found.table.to_dict("records")
    of = {v: [r for r in rows if r["verdict"] == v] for v in (OVER, UNDER, IN_LINE, TOO_FEW, HIDDEN)}
    standing_out = [*of[OVER], *of[UNDER]]
    if standing_out:
        first, *rest = [_standing_out(row) for row in standing_out]
        said = [wording.opening(found.where, years) + first, *map(wording.capital, rest)]
    else:
        nothing = ALL_IN_LINE if wording.small_but_certain(of[IN_LINE], "rri_low", "rri_high") else NOTHING
        untold = len(of[TOO_FEW]) + len(of[HIDDEN])
        but = BUT_HIDDEN.format(untold=untold, pairs=len(rows)) if untold else ""
        said = [f"{wording.opening(found.where, years)}{nothing.format(pair=_pair(found))}{but}."]
    said.append(WITHIN)
    for verdict, label in ((TOO_FEW, "Not enough children to tell"), (HIDDEN, wording.PROTECTED)):
        if of[verdict]:
            said.append(f"{label}: {listing(map(_found, of[verdict]), '; ')}.")
    return tuple(said)


def _standing_out(row: Mapping) -> str:
    if isinf(row["rri"]):
        return f"{wording.who(row['value'])} were all {wording.who(row['group'])}, at least {_times(row['rri_low'])} once chance is allowed for."
    limits = wording.between(row["rri_low"], row["rri_high"])
    return (
        f"{wording.who(row['value'])} made up {wording.percent(row['share'])} of {wording.who(row['group'])} in the "
        f"caseload: {_times(row['rri'])}, and between {limits} times once chance is allowed for."
    )


def _times(ratio: float) -> str:
    return f"{wording.ratio(ratio)} times the share among all other children in it"


def _found(row: Mapping) -> str:
    return f"{wording.who(row['value'])} among {wording.who(row['group'])} ({numbers(row)})"


def numbers(row: Mapping) -> str:
    """The ratio of a cell with its interval, or what can be worked out of a hidden one."""
    if row["verdict"] == HIDDEN:
        return _whatever(row) or "hidden"
    if pd.isna(row["rri_low"]):
        return NOBODY
    if isinf(row["rri"]) or pd.isna(row["rri"]):
        return wording.NEITHER if row["rri_low"] <= 0 else f"at least {wording.ratio(row['rri_low'])}"
    return f"{wording.ratio(row['rri'])}; {wording.span(row['rri_low'], row['rri_high'])}"


def _whatever(row: Mapping) -> str:
    """Between which ratios a hidden cell lies; empty where nothing can be said."""
    if pd.isna(row["rri_least"]):
        return ""
    return WHATEVER.format(span=wording.possible(row["rri_least"], row["rri_most"]))


def finding(row: Mapping) -> str:
    """A verdict in the words of this page."""
    if row["verdict"] == HIDDEN:
        return HIDDEN if pd.isna(row["count"]) else wording.BEHIND
    return FINDINGS[row["verdict"]]


def describe(found: Intersections, years: Sequence[str]) -> str:
    """The text alternative of the chart."""
    cells = [f"{_found(row)}: {finding(row)}" for row in found.table.to_dict("records")]
    return (
        "Chart of how many times as often each two characteristics come together as among all other children, with 95% "
        f"intervals. {shown(found, years)}. {wording.capital('; '.join(cells))}. "
        "The table below holds the same numbers."
    )


def table(found: Intersections) -> pd.DataFrame:
    """What the heat map shows as a table of texts, with the counts behind it."""
    return pd.DataFrame([_line(row, found) for row in found.table.to_dict("records")]).astype("str")


def _line(row: Mapping, found: Intersections) -> dict[str, str]:
    hidden = row["verdict"] == HIDDEN
    times = wording.HIDDEN if hidden else wording.estimate(row, "rri", wording.ratio)
    if hidden and pd.notna(row["rri_least"]):
        times = f"[c] {wording.possible(row['rri_least'], row['rri_most'])}"
    return {
        LABELS[found.rows]: row["group"],
        LABELS[found.columns]: row["value"],
        "Children": wording.count(row),
        "Out of": wording.HIDDEN if pd.isna(row["out_of"]) else f"{row['out_of']:,}",
        "Share": (wording.HIDDEN if hidden else wording.NONE)
        if pd.isna(row["share"])
        else wording.percent(row["share"]),
        "Times as often as among all others": times,
        "Finding": finding(row),
    }


def caveats(found: Intersections, years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    said = [wording.HIDDEN_NOTE] if found.table["count"].isna().any() else []
    judged = found.table["verdict"].ne(HIDDEN).sum()
    said += [MANY.format(cells=judged)] if judged > 3 else []
    return (*said, *wording.child_years(found.where, years), wording.CHANCE)

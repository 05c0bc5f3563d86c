"""Plain English that every page shares: fixed sentences, groups as subjects, numbers with their intervals, periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, copysign, floor, isfinite, isinf

import pandas as pd

from yjdisp.baselines import Baseline
from yjdisp.comparison import EVERYONE_ELSE
from yjdisp.measures.bands import FIVE_QUARTERS, FOUR_FIFTHS, size
from yjdisp.release import HIDDEN
from yjdisp.vocabulary import LABELS

NONE = "–"
BAND = (FOUR_FIFTHS, FIVE_QUARTERS)
EDGES = (FOUR_FIFTHS, 1.0, FIVE_QUARTERS)
MOST_DECIMALS, EXACT = 4, 1e-9
NEITHER = "none in either group"
ROUNDING = 1e-6  # of the last decimal: what arithmetic may have added
ALL_YEARS = "All years together"
EVERY_CHILD = "All children"
NEAREST = "Nearest in time"
LEVELS = {"ethnicity": {1: "2 groups", 2: "5 groups", 3: "19 groups"}}
LEVELS_TOGETHER = "2 and 5 groups"
HOW = "How this was worked out"
CAVEATS = "What to keep in mind"
TABLE = "The same numbers as a table:"
FORMAT = "Take this away as"
DOWNLOAD = "Download"
SHOWING = "Showing:"
MEETING, BACK, NEXT, LEAVE = "Meeting view", "Back", "Next", "Leave meeting view"
STEP = "**{title}**, {at} of {of}"
SYNTHETIC = "Synthetic data: these numbers are invented. No real child stands behind them."
NO_RELEASE = "There is no release to show yet."
NO_RELEASE_REMEDY = "Load a case file on the Data page, or make a release with `yjdisp release`."
REFUSED = "This release is not shown, because it is not as it was made."
FAILED = "Something went wrong, and nothing of it is shown. Reload the page; if it comes back, tell whoever runs this."
NOT_PUBLISHED = "This view is not published."
NOT_PUBLISHED_REMEDY = (
    "Where the sidebar offers another period or unit, choose that: all years together is published most often."
)
BEHIND = "cannot be worked out: a number behind it is hidden"
PROTECTED = "Hidden to protect small numbers"  # a larger number too may be hidden, beside a small one
FELL_BACK = "{label}: “{asked}” is not published here; this page shows “{used}” instead."
ROUNDED = (
    "Counts are rounded to the nearest {to}. Shares, ratios and intervals are worked out from rounded counts, so they are "
    "approximate, and parts may not add up."
)
HIDDEN_NOTE = (
    "[c] marks a count that is hidden so that no child can be recognised. The numbers beside it are what anyone can work "
    "out from all tables of this release together."
)
SEVERAL_EACH = (
    "These are {unit}, not children. One child can have several, so a few children can make such a gap by themselves, "
    "and the intervals are too narrow. Read it beside the figures for children."
)
CHILD_YEARS = (
    "All years together adds up the years. A child who is there in two years is counted in both, so the intervals are "
    "a little too narrow."
)
SEND_DENOMINATOR = (
    "Special educational needs are compared with pupils of all ages by where the school is, while the caseload is "
    "children aged 10–17 by where they live. Part of a gap can come from that."
)
CENSUS_PERTURBED = (
    "The ONS changes census counts slightly to protect people, so figures from different tables differ by a few."
)
NARROWED = (
    "The population is not narrowed to {only}: it counts all children of each group. The comparison between groups "
    "holds as far as {only} are the same share of each group."
)
UNKNOWNS = (
    "{count} of the {unit} {have} no recorded {label} and {are} left out of shares and ratios, which could differ if it were "
    "known."
)
UNKNOWNS_HIDDEN = "How many {unit} have no recorded {label} is hidden; they are left out of shares and ratios."
MANY = "{values} comparisons are made at once: by chance alone about one in twenty would look clear."
CHANCE = (
    "The intervals allow for chance only. A disparity does not say where it comes from: recording, offending, policing "
    "or decisions."
)
_WHO = {
    "All other ethnic groups combined": "children from all other ethnic groups combined",
    "Mixed": "children of Mixed ethnicity",
    "Other": "children of Other ethnicity",
    "Boys": "boys",
    "Girls": "girls",
    "EHC plan or SEN support": "children with an EHC plan or SEN support",
    "EHC plan": "children with an EHC plan",
    "SEN support": "children with SEN support",
    "No SEN": "children without special educational needs",
    "Looked after": "children looked after",
    "Looked after, placed in the area": "children looked after and placed in the area",
    "Looked after, placed outside the area": "children looked after and placed outside the area",
    "Not looked after": "children not looked after",
    EVERYONE_ELSE: "all other children",
}
_ADJECTIVES = frozenset(
    ("White", "Asian", "Black", "Bangladeshi", "Chinese", "Indian", "Pakistani", "African", "Caribbean", "Arab")
    + ("Gypsy or Irish Traveller", "Irish", "Roma")
)


def who(group: str) -> str:
    """A group as the subject of a sentence, without a capital of its own."""
    if group in _WHO:
        return _WHO[group]
    if group in _ADJECTIVES:
        return f"{group} children"
    if group[:2].isdigit():
        return f"children aged {group}"
    return f"children recorded as “{group}”"


def recorded(by: str) -> str:
    """What is recorded of a characteristic; that somebody has no recorded needs must not read as that they have none."""
    label = LABELS[by].lower()
    return f"information on {label}" if by == "send" else label


def not_recorded(number: int | None, unit: str, label: str) -> str:
    """How many have nothing recorded of a characteristic, and what that does; None where it is hidden how many."""
    if number is None:
        return UNKNOWNS_HIDDEN.format(unit=unit, label=label)
    have, are = verbs(number)
    return UNKNOWNS.format(count=f"{number:,}", unit=unit, label=label, have=have, are=are)


def verbs(number: int | None) -> tuple[str, str]:
    """What goes with so many: "has" and "is", or "have" and "are"."""
    return ("has", "is") if number == 1 else ("have", "are")


def small_but_certain(rows: Sequence[Mapping], low: str, high: str) -> bool:
    """Whether some of these findings of in line are more than chance all the same: then nobody must read that none is."""
    return any(row[low] > 1 or row[high] < 1 for row in rows)


def rules_out_more(row: Mapping) -> bool:
    """Whether the whole interval of a ratio is close to 1, not the ratio alone."""
    return size(row["rri_low"]) == size(row["rri_high"]) == "within"


def capital(text: str) -> str:
    """A text with a capital at its start."""
    return text[:1].upper() + text[1:]


def ratio(value: float) -> str:
    """A ratio with the decimals that a reader needs: 0.45, 1.02, 4.8, 12."""
    if value < 1.995:
        return "0" if value == 0 else _apart(max(value, 0.01), 2, EDGES)
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def percent(share: float) -> str:
    """A fraction as a percentage with one decimal."""
    return f"{_one_decimal(100 * share)}%"


def two_decimals(value: float) -> str:
    """A ratio, for a table."""
    return _apart(value, 2, EDGES)


def _apart(value: float, decimals: int, edges: tuple[float, ...]) -> str:
    """A number with so many decimals, or as many as it takes to see on which side it is of what a finding turns on."""
    text = f"{value:.{decimals}f}"
    if decimals < MOST_DECIMALS and any(float(text) == edge and abs(value - edge) > EXACT for edge in edges):
        return _apart(value, decimals + 1, edges)
    return text


def points(gap: float) -> str:
    """A difference of shares in percentage points, with a true minus."""
    text = _one_decimal(100 * gap)
    return (_apart(100 * gap, 2, (0.0,)) if text in ("0.0", "-0.0") and abs(gap) > ROUNDING else text).replace("-", "−")


def _one_decimal(value: float) -> str:
    """A number with one decimal, halves away from 0 as a spreadsheet rounds them: 9 of 16 are 56.3%."""
    if not isfinite(value):
        return f"{value:.1f}"
    return f"{copysign(floor(10 * abs(value) + 0.5 + ROUNDING) / 10, value) + 0.0:.1f}"


def span(low: float, high: float, number=ratio) -> str:
    """The two ends of an interval; one without an upper end is open."""
    return f"{number(low)} or more" if isinf(high) else f"{number(low)} to {number(high)}"


def between(low: float, high: float) -> str:
    """The same after the word "between"."""
    return span(low, high).replace(" to ", " and ")


def possible(least: float, most: float, decimals: int | None = None) -> str:
    """What a ratio can be whatever is hidden: its ends rounded outwards, so that neither says more than is so."""
    low = no_less(least, decimals)
    return f"{low} to {no_more(most, decimals)}" if isfinite(most) else f"{low} or more"


def no_less(least: float, decimals: int | None = None) -> str:
    """A ratio than which nothing hidden makes a smaller one, rounded down."""
    return _rounded(least, floor, ROUNDING, decimals)


def no_more(most: float, decimals: int | None = None) -> str:
    """A ratio than which nothing hidden makes a larger one, rounded up."""
    return _rounded(most, ceil, -ROUNDING, decimals)


def _rounded(value: float, way, slack: float, decimals: int | None) -> str:
    places = (2 if value < 1.995 else 1 if value < 9.95 else 0) if decimals is None else decimals
    rounded = way(value * 10**places + slack) / 10**places if isfinite(value) else value
    return "0" if not rounded and decimals is None else f"{rounded:,.{places}f}"


def count(row: Mapping) -> str:
    """A count, or the mark of a hidden one with what anyone can work out."""
    return f"{row['count']:,}" if pd.notna(row["count"]) else f"[c] {bounds(row)}".strip()


def bounds(row: Mapping) -> str:
    """What anyone can work out of a hidden count: between 0 and 4."""
    if pd.isna(row["high"]):
        return f"{row['low']:,} or more" if row["low"] > 0 else ""
    return f"between {row['low']:,} and {row['high']:,}"


def first_to_last(years: Sequence[str]) -> str:
    """The years that a release covers, in words."""
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def period(where: Mapping[str, str], years: Sequence[str]) -> str:
    """The years shown, in words."""
    if "year" in where:
        return where["year"]
    return first_to_last(years) + (", all years together" if len(years) > 1 else "")


def only(where: Mapping[str, str]) -> list[str]:
    """The characteristics that a view is held at, besides period and area (what was recommended, its title says)."""
    return [value for name, value in where.items() if name not in ("year", "area", "recommended_outcome")]


def opening(where: Mapping[str, str], years: Sequence[str]) -> str:
    """When, and among whom, to start a sentence with."""
    when = "Over" if "year" not in where and len(years) > 1 else "In"
    among = "".join(f", among {who(value)}" for value in only(where))
    return f"{when} {period(where, years).removesuffix(', all years together')}{among}, "


def compared_with(against: Sequence[Baseline]) -> str:
    """Who is compared with, where that comes from and what to know of it; "" where nobody is."""
    cited, notes = dict.fromkeys(b.cited for b in against), dict.fromkeys(b.note for b in against if b.note)
    return " ".join(["**Compared with**:", *cited, *notes]) if cited else ""


def perturbed(against: Iterable[Baseline]) -> tuple[str, ...]:
    """That counts of a census are not exact, where some are compared with."""
    return (CENSUS_PERTURBED,) if any(b.of_census for b in against) else ()


def child_years(where: Mapping[str, str], years: Sequence[str]) -> tuple[str, ...]:
    """That a child counts once in each of the years, where they are put together."""
    return (CHILD_YEARS,) if "year" not in where and len(years) > 1 else ()


def at_once(values: int) -> tuple[str, ...]:
    """That of many comparisons some stand out by chance."""
    return (MANY.format(values=values),) if values > 3 else ()


def estimate(row: Mapping, name: str, number, hidden: bool = False) -> str:
    """A figure with its interval; where it has none the mark of what is hidden, or of what there is not."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low):
        return HIDDEN if hidden else NONE
    return with_interval(row[name], low, high, number)


def with_interval(value: float, low: float, high: float, number=ratio) -> str:
    """A figure with its interval, or at least its lower end where it has no upper one: 4.3 (3.0 to 6.2)."""
    if low <= 0 and not isfinite(high):
        return NEITHER
    if isfinite(value) and isfinite(high):
        return f"{number(value)} ({span(low, high, number)})"
    return f"at least {number(low)}"

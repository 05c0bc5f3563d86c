"""Plain English from the unknowns of a comparison: how far they could move it, and what would turn its findings."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import EVERYONE_ELSE, IN_LINE, OVER, UNDER, Comparison
from yjdisp.unknowns import Unknowns
from yjdisp.wording import comparison as wording_comparison

SECTION = "What if the unknown were known?"
TABLE = (
    "No recorded {label}: {number}. Each row: if none of them were in the group (all in its comparison group), if all of "
    "them were, and how many could change the finding"
)
NO_MATTER = "nothing would: it holds wherever they belong"
NEVER = "no number of them would"
ANYHOW = "any number of them would"
TURNED = {
    NO_MATTER: "The finding holds wherever they belong.",
    NEVER: "No number of them would change the finding.",
    ANYHOW: "The finding would change wherever they belong.",
}
ONE = {"children": "child", "outcomes": "outcome", "offences": "offence"}


def number(found: Unknowns, unit: str) -> str:
    """How many are unknown, of a unit."""
    return f"{'at most ' if found.hidden else ''}{found.number:,} {ONE[unit] if found.number == 1 else unit}"


def sentence(found: Unknowns, c: Comparison) -> str:
    """What the unknown could do to the first finding."""
    rows = [row for row in found.table.to_dict("records") if pd.notna(row["rri"])]
    known = wording.verbs(found.number)[0]
    begin = f"{wording.capital(number(found, c.unit))} {known} no recorded {wording.recorded(c.by)}."
    if not rows:
        return begin
    row = next((r for r in rows if r["verdict"] == OVER), rows[0])
    one = found.number == 1
    none, all_ = ("it did not belong", "it did") if one else ("none of them belonged", "all did")
    none = f"{none} to that group"
    if c.reference != EVERYONE_ELSE:
        them_all = "it" if one else "all"
        none = f"{them_all} {'was' if one else 'were'} among {wording.who(c.reference)}"
        all_ = f"{them_all} belonged to that group"
    turning = flip(row, found)
    return (
        f"{begin} Without {'that one' if one else 'them'} the ratio of "
        f"{wording.who(row['group'])} is {_ratio(row['rri'])}; it would be {_ratio(row['rri_low'])} if {none}, "
        f"and {_ratio(row['rri_high'])} if {all_}. "
        f"{TURNED.get(turning) or f'The finding could change with {turning}.'}"
    )


def flip(row: Mapping, found: Unknowns) -> str:
    """How many of the unknown in the group would turn its finding."""
    of = f"of the {found.number:,} in the group"
    over, under, first, last = (row[name] for name in ("over_from", "under_up_to", "within_from", "within_up_to"))
    if row["verdict"] == OVER:
        return NO_MATTER if over == 0 else f"fewer than {over:,.0f} {of}"
    if row["verdict"] == UNDER:
        return NO_MATTER if under == found.number else f"more than {under:,.0f} {of}"
    if row["verdict"] == IN_LINE:
        if pd.isna(first):
            return ANYHOW
        said = [f"fewer than {first:,.0f}"] if first else []
        said += [f"more than {last:,.0f}"] if last < found.number else []
        return f"{' or '.join(said)} {of}" if said else NO_MATTER
    said = [] if pd.isna(over) else [f"{over:,.0f} or more {of} (over-represented)"]
    said += [] if pd.isna(first) else [f"{_from_to(first, last)} {of} (in line)"]
    least = f"{_from_to(1, under)}" if row["share"] == 0 else f"{under:,.0f} or fewer"
    said += [] if pd.isna(under) else [f"{least} {of} (under-represented)"]
    return " or ".join(said) or NEVER


def _from_to(first: float, last: float) -> str:
    return f"{first:,.0f}" if first == last else f"{first:,.0f} to {last:,.0f}"


def table(found: Unknowns, c: Comparison) -> pd.DataFrame:
    """Each group with its share and ratio among the known, with none and with all of the unknown."""
    return pd.DataFrame(
        {
            "Group": row["group"],
            "Share: none to all": " to ".join(wording.percent(row[f"share_{end}"]) for end in ("low", "high")),
            f"{wording_comparison.ratio_name(c)}, of the known": _ratio(row["rri"]),
            "If none were in the group": f"{_ratio(row['rri_low'])} (down to {_ratio(row['low'])})",
            "If all were in the group": f"{_ratio(row['rri_high'])} ({_up_to(row['high'])})",
            "Finding": wording_comparison.finding(row, c),
            "What would change it": flip(row, found),
        }
        for row in found.table.to_dict("records")
    ).astype("str")


def caption(found: Unknowns, c: Comparison) -> str:
    """What the table says."""
    return TABLE.format(number=number(found, c.unit), label=wording.recorded(c.by))


def _ratio(value: float) -> str:
    return "without an upper end" if isinf(value) else wording.ratio(value)


def _up_to(value: float) -> str:
    return "no upper end" if isinf(value) else f"up to {wording.ratio(value)}"

"""Plain English from a comparison: the answer with its uncertainty, numbers, caveats, table, description of a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, isinf

import pandas as pd

from yjdisp.baselines import Baseline
from yjdisp.comparison import (
    EVERYONE_ELSE,
    HIDDEN,
    IN_LINE,
    MORE_THAN_POPULATION,
    NO_BASELINE,
    OVER,
    OVERLAPS,
    REFERENCE,
    TOO_FEW,
    UNDER,
    VERDICTS,
    Comparison,
)
from yjdisp.measures import size
from yjdisp.vocabulary import LABELS, UNKNOWN, dimension, listing

NONE = "–"
NOT_COMPARED = "not compared"
BAND = (0.80, 1.25)
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
NOT_PUBLISHED_REMEDY = "Choose another period or unit in the sidebar. All years together is published most often."
BEHIND = "cannot be worked out: a number behind it is hidden"
CERTAIN = "over-represented whatever is hidden"
BEHIND_THEM = "Cannot be worked out, as a number behind them is hidden"
NOBODY = "nobody to compare"
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
WHATEVER = "{least} times or more whatever the hidden count is, before chance is allowed for"
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
LOOKED_AFTER_DENOMINATOR = (
    "Children looked after are counted on one day by the authority that looks after them, wherever they are placed; a "
    "caseload counts everybody during a year."
)
CENSUS_PERTURBED = (
    "The ONS changes census counts slightly to protect people, so figures from different tables differ by a few."
)
CASELOAD_BASELINE = (
    "“{name}” is a national caseload, not a population: it says whether this caseload differs from others, not whether "
    "these children are more often in one."
)
NARROWED = (
    "The population is not narrowed to {only}: it counts all children of each group. The comparison between groups "
    "holds as far as {only} are the same share of each group."
)
UNKNOWNS = (
    "{count} of the {unit} have no recorded {label}: they are left out of shares and ratios, and would change them."
)
UNKNOWNS_HIDDEN = "How many {unit} have no recorded {label} is hidden; they are left out of shares and ratios."
MANY = "{values} comparisons are made at once: by chance alone about one in twenty would look clear."
CHANCE = (
    "The intervals allow for chance only. A disparity does not say where it comes from: recording, offending, policing "
    "or decisions."
)
UNCOMPARED = (
    "How many children of each of these groups live here is not published in this release, so none of them can be called "
    "over- or under-represented: this is each group's share of the {unit} with a known group."
)
TOO_SMALL = "{label} is not shown: its numbers are too small to publish for this choice, or the plan leaves them out."
NO_POPULATION = "{label} is not shown: no population is published to compare it with."
SHARES = (
    "**Share of the caseload**: the group's {unit} out of all {unit} with a known group. **{other}**: the group's share "
    "of the children it is compared with. **Gap**: the first less the second."
)
RATIOS = (
    "**Times as likely** is the relative rate index (RRI): the group's {rate} for its numbers in the population, over "
    "the same of the comparison group. 1 is equal."
)
CASELOAD_RATIOS = (
    "**Times as many as in that caseload** sets the group's {unit} against those of the comparison group, here and in "
    "“{name}”, and divides the first by the second. 1 is the same as there."
)
INTERVALS = "**Intervals** hold {level} confidence ({method}): how far chance alone could move the number."
FINDINGS = (
    "**Finding**: over- or under-represented needs both a size (below 0.80 or above 1.25) and certainty (an interval "
    "that excludes 1). From 0.80 to 1.25 is in line. Everything else is not enough to tell."
)
MISFIT = "Where there are more children than the population has, the baseline does not fit and nothing is compared."

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


def capital(text: str) -> str:
    """A text with a capital at its start."""
    return text[:1].upper() + text[1:]


def ratio(value: float) -> str:
    """A ratio with the decimals that a reader needs: 0.45, 1.02, 4.8, 12."""
    if value < 1.995:
        return "0" if value == 0 else f"{max(value, 0.01):.2f}"
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def percent(share: float) -> str:
    """A fraction as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def points(gap: float) -> str:
    """A difference of shares in percentage points, with a true minus."""
    return f"{100 * gap:.1f}".replace("-", "−")


def span(low: float, high: float, number=ratio) -> str:
    """The two ends of an interval; one without an upper end is open."""
    return f"{number(low)} or more" if isinf(high) else f"{number(low)} to {number(high)}"


def count(row: Mapping) -> str:
    """A count, or the mark of a hidden one with what anyone can work out."""
    return f"{row['count']:,}" if pd.notna(row["count"]) else f"[c] {bounds(row)}".strip()


def bounds(row: Mapping) -> str:
    """What anyone can work out of a hidden count: between 0 and 4."""
    if pd.isna(row["high"]):
        return f"{row['low']:,} or more" if row["low"] > 0 else ""
    return f"between {row['low']:,} and {row['high']:,}"


def period(where: Mapping[str, str], years: Sequence[str]) -> str:
    """The years shown, in words."""
    if "year" in where:
        return where["year"]
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}, all years together"


def is_caseload(baseline: Baseline) -> bool:
    """Whether a baseline is another caseload rather than a population."""
    return "caseload" in baseline.name


def ratio_name(c: Comparison) -> str:
    """What the ratios of a comparison are called, at the head of a column or an axis."""
    if is_caseload(c.baseline):
        return "Times as many as in that caseload"
    return "Times as likely" if c.unit == "children" else f"Times as many {c.unit} per child"


def ratio_heading(c: Comparison) -> str:
    """The same with the comparison group."""
    return f"{ratio_name(c)}{', against' if is_caseload(c.baseline) else ' as'} {who(c.reference)}"


def share_name(c: Comparison) -> str:
    """What a group's share of those it is compared with is called."""
    return f"Share of {'that caseload' if is_caseload(c.baseline) else 'the population'}"


def only(where: Mapping[str, str]) -> list[str]:
    """The characteristics that a view is held at, besides period and area (what was recommended, its title says)."""
    return [value for name, value in where.items() if name not in ("year", "area", "recommended_outcome")]


def opening(where: Mapping[str, str], years: Sequence[str]) -> str:
    """When, and among whom, to start a sentence with."""
    when = "Over" if "year" not in where and len(years) > 1 else "In"
    among = "".join(f", among {who(value)}" for value in only(where))
    return f"{when} {period(where, years).removesuffix(', all years together')}{among}, "


def child_years(where: Mapping[str, str], years: Sequence[str]) -> tuple[str, ...]:
    """That a child counts once in each of the years, where they are put together."""
    return (CHILD_YEARS,) if "year" not in where and len(years) > 1 else ()


def at_once(values: int) -> tuple[str, ...]:
    """That of many comparisons some stand out by chance."""
    return (MANY.format(values=values),) if values > 3 else ()


def shown(comparisons: Sequence[Comparison], years: Sequence[str]) -> str:
    """What is counted, when, where and against whom, in one line."""
    c = comparisons[0]
    names = dict.fromkeys(x.baseline.name for x in comparisons)
    areas = dict.fromkeys(x.baseline.area for x in comparisons)
    parts = [c.unit.capitalize(), *only(c.where), period(c.where, years), c.where.get("area", "")]
    return " · ".join(filter(None, [*parts, f"compared with {listing(names)}, {listing(areas)}"]))


def times(row: Mapping, c: Comparison) -> str:
    """How many times as likely as the reference, or as many beside it as in another caseload."""
    least = "at least " if isinf(row["rri"]) else ""
    what = "as likely as" if c.unit == "children" else f"as many {c.unit} per child as"
    if is_caseload(c.baseline):
        what = "as many, set against"
    return f"{least}{ratio(row['rri_low'] if least else row['rri'])} times {what} {who(c.reference)}"


def found(row: Mapping, c: Comparison) -> str:
    """A group with its ratio and interval, for use in a list."""
    subject = who(row["group"])
    if row["verdict"] == HIDDEN:
        least = row["rri_least"]
        return f"{subject} ({WHATEVER.format(least=ratio(least))})" if least > 1 else subject
    if row["count"] == 0:
        fits = f"; anything up to {ratio(row['rri_high'])} times fits" if isfinite(row["rri_high"]) else ""
        return f"{subject} (none{fits})"
    least = "at least " if isinf(row["rri"]) else ""
    limits = "" if least else f"; {span(row['rri_low'], row['rri_high'])}"
    return f"{subject} ({least}{ratio(row['rri_low'] if least else row['rri'])} times{limits})"


def answer(comparisons: Sequence[Comparison], years: Sequence[str]) -> tuple[str, ...]:
    """The answer in one sentence, then one each for what it leaves open. Sizes and certainty are the verdicts'.

    Groups that are part of a group already named (Black, of all other ethnic groups combined) come after it.
    """
    c = comparisons[0]
    rows = [(row, c) for c in comparisons for row in _rows(c)]
    found = {k: [(r, c) for r, c in rows if _kind(r) == k] for k in (*VERDICTS, CERTAIN, HIDDEN, BEHIND)}
    first = next((v for v in (OVER, UNDER) if found[v]), None)
    standing_out = found.get(first, [])
    parts = [pair for pair in standing_out if any(_within(pair, other) for other in standing_out)]
    named = [pair for pair in standing_out if pair not in parts]
    certain = _certain(found[CERTAIN])
    begin = _standing_out(first, named) if first else certain or _nothing_stands_out(found, c)
    said = [opening(c.where, years) + begin]
    if first and certain:
        said.append(capital(certain))
    if c.unit != "children":
        said.append(SEVERAL_EACH.format(unit=c.unit))
    if parts:
        said.append(f"Among them: {_list(parts)}.")
    less = "Less likely" if c.unit == "children" else f"Fewer {c.unit} per child"
    for verdict, label in (
        (UNDER, "Less of this caseload" if is_caseload(c.baseline) else less),
        (IN_LINE, "Close to the comparison group"),
        (TOO_FEW, f"Not enough {c.unit} to tell"),
        (HIDDEN, PROTECTED),
        (BEHIND, BEHIND_THEM),
    ):
        if found[verdict] and verdict != first:
            said.append(f"{label}: {_list(found[verdict])}.")
    return tuple(said)


def _kind(row: Mapping) -> str:
    """The verdict on a group; of a hidden one whether it is over-represented whatever is hidden, and else whether its own
    count is hidden or one behind it."""
    if row["verdict"] != HIDDEN:
        return row["verdict"]
    if size(row["rri_least"]) == "over" and row["rri_low_least"] > 1:
        return CERTAIN
    return HIDDEN if pd.isna(row["count"]) else BEHIND


def _within(part: tuple[Mapping, Comparison], whole: tuple[Mapping, Comparison]) -> bool:
    """Whether a group is a part of another of the same characteristic."""
    (one, c), (other, d) = part, whole
    of = dimension(c.by)
    return c.by == d.by and of.cover(one["group"]) < of.cover(other["group"])


def _rows(c: Comparison) -> list[dict]:
    """The groups worth a word: not the reference, nor the mirror image of the only other group."""
    rows = [r for r in c.table.to_dict("records") if r["verdict"] not in _NOT_DRAWN]
    top = [r for r in rows if r["level"] == 1]
    if c.reference != EVERYONE_ELSE or len(top) != 2:
        return rows
    mirror = min(top, key=lambda r: (r["verdict"] != UNDER, r["verdict"] == OVER, -rows.index(r)))
    return [r for r in rows if r is not mirror]


def _list(rows: Sequence[tuple[dict, Comparison]]) -> str:
    return listing((found(row, c) for row, c in rows), "; ")


def _standing_out(verdict: str, rows: Sequence[tuple[dict, Comparison]]) -> str:
    more = "more" if verdict == OVER else "less"
    row, c = rows[0]
    of_children = c.unit == "children"
    of_caseload = f"were {more} of this caseload than of “{c.baseline.name}”" if is_caseload(c.baseline) else ""
    if len(rows) > 1:
        references = {of.reference for _, of in rows}
        than = who(c.reference) if len(references) == 1 else "the children each is compared with"
        what = f"were {more} likely to be in the caseload" if of_children else f"had {more} {c.unit} per child"
        what = f"{of_caseload}, set against {than}" if of_caseload else f"{what} than {than}"
        return f"{len(rows)} groups {what}, by more than chance: {_list(rows)}."
    limits = span(row["rri_low"], row["rri_high"]).replace(" to ", " and ")
    ratios = times(row, c) if isinf(row["rri"]) else f"{times(row, c)}, and between {limits} times"
    ratios += " once chance is allowed for"
    if of_caseload:
        return f"{who(row['group'])} {of_caseload}: {ratios}."
    if of_children:
        return f"{who(row['group'])} were {more} likely to be in the caseload: {ratios}."
    return f"{who(row['group'])} had {ratios}."


def _certain(rows: Sequence[tuple[dict, Comparison]]) -> str:
    """Groups that stand out whatever is hidden; nothing where there are none."""
    each = [
        f"{who(row['group'])} ({ratio(row['rri_least'])} times or more set against {who(c.reference)}; "
        f"{ratio(row['rri_low_least'])} or more once chance is allowed for)"
        for row, c in rows
    ]
    return f"whatever the hidden counts are, these stand out: {listing(each, '; ')}." if each else ""


def _nothing_stands_out(by_verdict: Mapping[str, Sequence], c: Comparison) -> str:
    of = f" from “{c.baseline.name}”" if is_caseload(c.baseline) else ""
    unclear = any(by_verdict[kind] for kind in (TOO_FEW, HIDDEN, BEHIND))
    but = ", but for some the numbers are hidden or too small to tell" if unclear else ""
    return f"no group stands out{of} by more than chance{but}."


def describe(comparisons: Sequence[Comparison], years: Sequence[str]) -> str:
    """The text alternative of the chart of ratios."""
    everything = [
        found(r, c) for c in comparisons for r in c.table.to_dict("records") if r["verdict"] not in _NOT_DRAWN
    ]
    first = comparisons[0]
    ratios = "how many times as likely each group is as its comparison group"
    if is_caseload(first.baseline):
        ratios = "how many times as many each group is, set against its comparison group, as in another caseload"
    return (
        f"Chart of {ratios}, with {_level(first)} intervals, a line at 1 and a band from 0.80 to 1.25. "
        f"{shown(comparisons, years)}. {capital('; '.join(everything))}. The table below holds the same numbers."
    )


def describe_shares(c: Comparison, years: Sequence[str]) -> str:
    """The text alternative of a chart of shares, for groups that no population is known of."""
    rows = [f"{who(r['group'])} {estimate(r, 'share', percent)}" for r in c.table.to_dict("records")]
    return (
        f"Chart of the share of each group in the caseload with {_level(c)} intervals. {shown([c], years)}. "
        f"{capital('; '.join(rows))}. The table below holds the same numbers."
    )


def table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """What the chart shows as a table of texts, with the shares behind it."""
    several = len(comparisons) > 1
    rows = [_line(row, c, several) for c in comparisons for row in c.table.to_dict("records")]
    return pd.DataFrame(rows).astype("str")


def _line(row: Mapping, c: Comparison, several: bool) -> dict[str, str]:
    known = row["group"] != UNKNOWN
    share = estimate(row, "share", percent) if known else NONE
    population_share = percent(row["population_share"]) if pd.notna(row["population_share"]) else NONE
    line = {"Group": row["group"], c.unit.capitalize(): count(row), "Share of the caseload": share}
    line |= {share_name(c): population_share}
    rri = estimate(row, "rri", _two_decimals)
    if row["verdict"] == HIDDEN and pd.notna(row["rri_least"]):
        rri = f"[c] {span(row['rri_least'], row['rri_most'], _two_decimals)}"
    if several:
        line = {"Characteristic": LABELS[c.by]} | line | {ratio_name(c): rri, "Compared with": who(c.reference)}
    else:
        gap = estimate(row, "gap", points)
        line |= {"Gap, percentage points": gap, ratio_heading(c): rri}
    return line | {"Finding": finding(row, c) if known else NOT_COMPARED}


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def estimate(row: Mapping, name: str, number) -> str:
    """A figure with its interval, where it has one."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return NONE if pd.isna(low) else with_interval(row[name], low, high, number)


def with_interval(value: float, low: float, high: float, number=ratio) -> str:
    """A figure with its interval, or at least its lower end where it has no upper one: 4.3 (3.0 to 6.2)."""
    if isfinite(value) and isfinite(high):
        return f"{number(value)} ({span(low, high, number)})"
    return f"at least {number(low)}"


def finding(row: Mapping, c: Comparison) -> str:
    """A verdict in the words of what is counted."""
    if row["verdict"] == HIDDEN and pd.notna(row["count"]):
        return BEHIND
    return row["verdict"].replace("children", c.unit) if row["verdict"] == TOO_FEW else row["verdict"]


def steps(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    c = comparisons[0]
    ratios = RATIOS.format(rate="children" if c.unit == "children" else f"{c.unit} per child")
    return (
        SHARES.format(unit=c.unit, other=share_name(c)),
        CASELOAD_RATIOS.format(unit=c.unit, name=c.baseline.name) if is_caseload(c.baseline) else ratios,
        INTERVALS.format(level=_level(c), method=_METHODS[c.method]),
        FINDINGS,
    )


def compared_with(comparisons: Sequence[Comparison]) -> str:
    """Who the caseload is compared with, where that comes from and what to know of it."""
    named = dict.fromkeys(f"{x.baseline.label}. Source: {x.baseline.source}." for x in comparisons)
    return " ".join(
        ["**Compared with**:", *named, *dict.fromkeys(x.baseline.note for x in comparisons if x.baseline.note)]
    )


def caveats(comparisons: Sequence[Comparison], years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    c = comparisons[0]
    said = []
    if any(x.table["symbol"].ne("").any() for x in comparisons):
        said.append(HIDDEN_NOTE)
    said += [_unknowns(x) for x in comparisons if x.unknown != 0]
    said += child_years(c.where, years) if c.unit == "children" else ()
    names = {x.by: x.baseline.name for x in comparisons}
    if only(c.where):
        said.append(NARROWED.format(only=listing(map(who, only(c.where)))))
    if "send" in names:
        said.append(SEND_DENOMINATOR)
    if "care" in names:
        said.append(LOOKED_AFTER_DENOMINATOR)
    said += [CASELOAD_BASELINE.format(name=x.baseline.name) for x in comparisons if is_caseload(x.baseline)]
    if any("Census" in name for name in names.values()):
        said.append(CENSUS_PERTURBED)
    if any((x.table["verdict"] == MORE_THAN_POPULATION).any() for x in comparisons):
        said.append(MISFIT)
    said += at_once(sum(row["verdict"] in VERDICTS for x in comparisons for row in _rows(x)))
    return (*said, CHANCE)


def _unknowns(c: Comparison) -> str:
    label = LABELS[c.by].lower()
    if c.unknown is None:
        return UNKNOWNS_HIDDEN.format(unit=c.unit, label=label)
    return UNKNOWNS.format(count=f"{c.unknown:,}", unit=c.unit, label=label)


def _level(c: Comparison) -> str:
    return f"{100 * c.confidence:g}%"


_METHODS = {"midp": "conditional mid-P", "exact": "exact, Clopper–Pearson"}
_NOT_DRAWN = (REFERENCE, NO_BASELINE, OVERLAPS)

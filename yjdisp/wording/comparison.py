"""Plain English from a comparison: the answer with its uncertainty, caveats, steps, table, description of its chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, isinf

import pandas as pd

from yjdisp import at_once, wording
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

NOT_COMPARED = "not compared"
CERTAIN = "over-represented whatever is hidden"
BEHIND_THEM = "Cannot be worked out, as a number behind them is hidden"
WHATEVER = "{least} times or more whatever the hidden count is, before chance is allowed for"
LOOKED_AFTER_DENOMINATOR = (
    "Children looked after are counted on one day by the authority that looks after them, wherever they are placed; a "
    "caseload counts everybody during a year."
)
CASELOAD_BASELINE = (
    "“{name}” is a national caseload, not a population: it says whether this caseload differs from others, not whether "
    "these children are more often in one."
)
OF_A_CASELOAD = {OVER: "more of this caseload than of that", UNDER: "less of this caseload than of that"}
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
LIKELY = "Times as likely"
TIMES_A_CASELOAD = "Times as many as in that caseload"
RATIOS = (
    "**{name}** is the relative rate index (RRI): the group's {unit} for its numbers in the population, over the same of "
    "the comparison group. 1 is equal."
)
CASELOAD_RATIOS = (
    f"**{TIMES_A_CASELOAD}** sets the group's {{unit}} against those of the comparison group, here and in "
    "“{name}”, and divides the first by the second. 1 is the same as there."
)
INTERVALS = "**Intervals** hold {level} confidence ({method}): how far chance alone could move the number."
FINDINGS = (
    "**Finding**: over- or under-represented needs both a size (below 0.80 or above 1.25) and certainty (an interval "
    "that excludes 1). From 0.80 to 1.25 is in line. Everything else is not enough to tell."
)
ALL_STAND = "Allowing for how many they are (Benjamini and Hochberg), every group that stands out still does."
NONE_OUTSIDE = "none is outside 0.80 to 1.25 times by more than chance"
CANNOT_TELL = "whether a group stands out cannot be told from what is published."
FALLEN = (
    "Allowing for how many they are (Benjamini and Hochberg), these no longer stand out by more than chance: {groups}."
)
OTHERWISE = (
    "Findings set a group against {reference}; the share and the gap set it against everybody. By these, {groups} would not "
    "stand out."
)
MISFIT = "Where there are more children than the population has, the baseline does not fit and nothing is compared."
_METHODS = {"midp": "conditional mid-P", "exact": "exact, Clopper–Pearson"}
_NOT_DRAWN = (REFERENCE, NO_BASELINE, OVERLAPS)


def ratio_name(c: Comparison) -> str:
    """What the ratios of a comparison are called, at the head of a column or an axis."""
    return ratios(c.unit, c.baseline.is_caseload)


def ratios(unit: str, of_caseloads: bool) -> str:
    """What ratios of a unit are called, set against another caseload or a population."""
    if of_caseloads:
        return TIMES_A_CASELOAD
    return LIKELY if unit == "children" else f"Times as many {unit} per resident child"


def ratio_heading(c: Comparison) -> str:
    """The same with the comparison group."""
    return f"{ratio_name(c)}{', against' if c.baseline.is_caseload else ' as'} {wording.who(c.reference)}"


def share_name(c: Comparison) -> str:
    """What a group's share of those it is compared with is called."""
    return f"Share of {'that caseload' if c.baseline.is_caseload else 'the population'}"


def shown(comparisons: Sequence[Comparison], years: Sequence[str]) -> str:
    """What is counted, when, where and against whom, in one line."""
    c = comparisons[0]
    names = dict.fromkeys(x.baseline.name for x in comparisons)
    areas = dict.fromkeys(x.baseline.area for x in comparisons)
    parts = [c.unit.capitalize(), *wording.only(c.where), wording.period(c.where, years), c.where.get("area", "")]
    return " · ".join(filter(None, [*parts, f"compared with {listing(names)}, {listing(areas)}"]))


def times(row: Mapping, c: Comparison) -> str:
    """How many times as likely as the reference, or as many beside it as in another caseload."""
    least = "at least " if isinf(row["rri"]) else ""
    what = "as likely as" if c.unit == "children" else f"as many {c.unit} per resident child as"
    if c.baseline.is_caseload:
        what = "as many, set against"
    return f"{least}{wording.ratio(row['rri_low'] if least else row['rri'])} times {what} {wording.who(c.reference)}"


def found(row: Mapping) -> str:
    """A group with its ratio and interval, for use in a list."""
    subject = wording.who(row["group"])
    if row["verdict"] == HIDDEN:
        least = row["rri_least"]
        return f"{subject} ({WHATEVER.format(least=wording.no_less(least))})" if least > 1 else subject
    if pd.isna(row["rri_low"]):
        return f"{subject} (no comparison)"
    if row["count"] == 0:
        fits = f"; anything up to {wording.ratio(row['rri_high'])} times fits" if isfinite(row["rri_high"]) else ""
        return f"{subject} (none{fits})"
    least = "at least " if isinf(row["rri"]) else ""
    limits = "" if least else f"; {wording.span(row['rri_low'], row['rri_high'])}"
    return f"{subject} ({least}{wording.ratio(row['rri_low'] if least else row['rri'])} times{limits})"


def _drawn(row: Mapping, c: Comparison) -> str:
    """What the chart shows of a group, and what is found of it."""
    if row["verdict"] != HIDDEN:
        return f"{found(row)}: {finding(row, c)}" if row["verdict"] in VERDICTS else found(row)
    what = f"hidden count {wording.bounds(row)}".strip() if pd.isna(row["count"]) else wording.BEHIND
    if pd.notna(row["rri_least"]):
        what += f"; {wording.possible(row['rri_least'], row['rri_most'])} times whatever it is"
    return f"{wording.who(row['group'])} ({what})"


def answer(comparisons: Sequence[Comparison], years: Sequence[str]) -> tuple[str, ...]:
    """The answer in one sentence, then one each for what it leaves open. Sizes and certainty are the verdicts'.

    Groups that are part of a group already named (Black, of all other ethnic groups combined) come after it.
    """
    c = comparisons[0]
    rows = [(row, c) for c in comparisons for row in _rows(c)]
    found = {k: [(r, c) for r, c in rows if _kind(r) == k] for k in (*VERDICTS, CERTAIN, HIDDEN, wording.BEHIND)}
    first = next((v for v in (OVER, UNDER) if found[v]), None)
    standing_out = found.get(first, [])
    parts = [pair for pair in standing_out if any(_within(pair, other) for other in standing_out)]
    named = [pair for pair in standing_out if pair not in parts]
    certain = _certain(found[CERTAIN])
    begin = _standing_out(first, named) if first else certain or _nothing_stands_out(found, c)
    said = [wording.opening(c.where, years) + begin]
    if first and certain:
        said.append(wording.capital(certain))
    if c.baseline.is_caseload:
        said.append(CASELOAD_BASELINE.format(name=c.baseline.name))
    if c.unit != "children":
        said.append(wording.SEVERAL_EACH.format(unit=c.unit))
    if parts:
        said.append(f"Among them: {_list(parts)}.")
    less = "Less likely" if c.unit == "children" else f"Fewer {c.unit} per resident child"
    close = [pair for pair in found[IN_LINE] if wording.rules_out_more(pair[0])]
    perhaps = [pair for pair in found[IN_LINE] if not wording.rules_out_more(pair[0])]
    for rows, label in (
        (found[UNDER] if first != UNDER else [], "Less of this caseload" if c.baseline.is_caseload else less),
        (close, "Close to the comparison group"),
        (perhaps, f"Close to the comparison group, but with too few {c.unit} to rule out a large difference"),
        (found[TOO_FEW], f"Not enough {c.unit} to tell"),
        (found[HIDDEN], wording.PROTECTED),
        (found[wording.BEHIND], BEHIND_THEM),
    ):
        if rows:
            said.append(f"{label}: {_list(rows)}.")
    return tuple(said)


def _kind(row: Mapping) -> str:
    """The verdict on a group; of a hidden one whether it is over-represented whatever is hidden, and else whether its own
    count is hidden or one behind it."""
    if row["verdict"] != HIDDEN:
        return row["verdict"]
    if size(row["rri_least"]) == "over" and row["rri_low_least"] > 1:
        return CERTAIN
    return HIDDEN if pd.isna(row["count"]) else wording.BEHIND


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
    mirror = min(top, key=lambda r: (_kind(r) != UNDER, _kind(r) in (OVER, CERTAIN), -rows.index(r)))
    return [r for r in rows if r is not mirror]


def _list(rows: Sequence[tuple[dict, Comparison]]) -> str:
    return listing((found(row) for row, _ in rows), "; ")


def _standing_out(verdict: str, rows: Sequence[tuple[dict, Comparison]]) -> str:
    more, many = ("more", "more") if verdict == OVER else ("less", "fewer")
    row, c = rows[0]
    of_children = c.unit == "children"
    of_caseload = f"were {more} of this caseload than of “{c.baseline.name}”" if c.baseline.is_caseload else ""
    if len(rows) > 1:
        references = {of.reference for _, of in rows}
        than = wording.who(c.reference) if len(references) == 1 else "the children each is compared with"
        what = f"were {more} likely to be in the caseload" if of_children else f"had {many} {c.unit} per resident child"
        what = f"{of_caseload}, set against {than}" if of_caseload else f"{what} than {than}"
        return f"{len(rows)} groups {what}, by more than chance: {_list(rows)}."
    limits = wording.between(row["rri_low"], row["rri_high"])
    ratios = times(row, c) if isinf(row["rri"]) else f"{times(row, c)}, and between {limits} times"
    ratios += " once chance is allowed for"
    if of_caseload:
        return f"{wording.who(row['group'])} {of_caseload}: {ratios}."
    if of_children:
        return f"{wording.who(row['group'])} were {more} likely to be in the caseload: {ratios}."
    return f"{wording.who(row['group'])} had {ratios}."


def _certain(rows: Sequence[tuple[dict, Comparison]]) -> str:
    """Groups that stand out whatever is hidden; nothing where there are none."""
    each = [
        f"{wording.who(row['group'])} ({wording.no_less(row['rri_least'])} times or more set against {wording.who(c.reference)}; "
        f"{wording.no_less(row['rri_low_least'])} or more once chance is allowed for)"
        for row, c in rows
    ]
    return f"whatever the hidden counts are, these stand out: {listing(each, '; ')}." if each else ""


def _nothing_stands_out(by_verdict: Mapping[str, Sequence], c: Comparison) -> str:
    of = f" from “{c.baseline.name}”" if c.baseline.is_caseload else ""
    if not any(by_verdict[kind] for kind in VERDICTS):
        return CANNOT_TELL
    unclear = any(by_verdict[kind] for kind in (TOO_FEW, HIDDEN, wording.BEHIND))
    but = ", but for some the numbers are hidden or too small to tell" if unclear else ""
    certain = wording.small_but_certain([row for row, _ in by_verdict[IN_LINE]], "rri_low", "rri_high")
    return f"no group stands out{of}{f': {NONE_OUTSIDE}' if certain else ' by more than chance'}{but}."


def describe(comparisons: Sequence[Comparison], years: Sequence[str]) -> str:
    """The text alternative of the chart of ratios."""
    everything = [
        _drawn(r, c) for c in comparisons for r in c.table.to_dict("records") if r["verdict"] not in _NOT_DRAWN
    ]
    first = comparisons[0]
    ratios = "how many times as likely each group is as its comparison group"
    if first.baseline.is_caseload:
        ratios = "how many times as many each group is, set against its comparison group, as in another caseload"
    return (
        f"Chart of {ratios}, with {_level(first)} intervals, a line at 1 and a band from 0.80 to 1.25. "
        f"{shown(comparisons, years)}. {wording.capital('; '.join(everything))}. The table below holds the same numbers."
    )


def describe_shares(c: Comparison, years: Sequence[str]) -> str:
    """The text alternative of a chart of shares, for groups that no population is known of."""
    rows = [
        f"{wording.who(r['group'])} {wording.estimate(r, 'share', wording.percent)}" for r in c.table.to_dict("records")
    ]
    return (
        f"Chart of the share of each group in the caseload with {_level(c)} intervals. {shown([c], years)}. "
        f"{wording.capital('; '.join(rows))}. The table below holds the same numbers."
    )


def table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """What the chart shows as a table of texts, with the shares behind it."""
    several = len(comparisons) > 1
    rows = [_line(row, c, several) for c in comparisons for row in c.table.to_dict("records")]
    return pd.DataFrame(rows).astype("str")


def _line(row: Mapping, c: Comparison, several: bool) -> dict[str, str]:
    known = row["group"] != UNKNOWN
    hidden = known and row["verdict"] == HIDDEN
    share = wording.estimate(row, "share", wording.percent, hidden) if known else wording.NONE
    population_share = wording.percent(row["population_share"]) if pd.notna(row["population_share"]) else wording.NONE
    line = {"Group": row["group"], c.unit.capitalize(): wording.count(row), "Share of the caseload": share}
    line |= {share_name(c): population_share}
    rri = wording.estimate(row, "rri", wording.two_decimals, hidden)
    if hidden and pd.notna(row["rri_least"]):
        rri = f"[c] {wording.possible(row['rri_least'], row['rri_most'], 2)}"
    if several:
        line = {"Characteristic": LABELS[c.by]} | line | {ratio_name(c): rri, "Compared with": wording.who(c.reference)}
    else:
        gap = wording.estimate(row, "gap", wording.points, hidden)
        line |= {"Gap, percentage points": gap, ratio_heading(c): rri}
    return line | {"Finding": finding(row, c) if known else NOT_COMPARED}


def finding(row: Mapping, c: Comparison) -> str:
    """A verdict in the words of what is counted."""
    if row["verdict"] == HIDDEN and pd.notna(row["count"]):
        return wording.BEHIND
    if c.baseline.is_caseload and row["verdict"] in OF_A_CASELOAD:
        return OF_A_CASELOAD[row["verdict"]]
    return row["verdict"].replace("children", c.unit) if row["verdict"] == TOO_FEW else row["verdict"]


def steps(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    c = comparisons[0]
    ratios = RATIOS.format(name=ratio_name(c), unit=c.unit)
    return (
        SHARES.format(unit=c.unit, other=share_name(c)),
        CASELOAD_RATIOS.format(unit=c.unit, name=c.baseline.name) if c.baseline.is_caseload else ratios,
        INTERVALS.format(level=_level(c), method=_METHODS[c.method]),
        FINDINGS,
    )


def caveats(comparisons: Sequence[Comparison], years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    c = comparisons[0]
    said = []
    if any(x.table["symbol"].ne("").any() for x in comparisons):
        said.append(wording.HIDDEN_NOTE)
    said += [_unknowns(x) for x in comparisons if x.unknown != 0]
    said += wording.child_years(c.where, years) if c.unit == "children" else ()
    names = {x.by: x.baseline.name for x in comparisons}
    if wording.only(c.where):
        said.append(wording.NARROWED.format(only=listing(map(wording.who, wording.only(c.where)))))
    if "send" in names:
        said.append(wording.SEND_DENOMINATOR)
    if "care" in names:
        said.append(LOOKED_AFTER_DENOMINATOR)
    said += wording.perturbed(x.baseline for x in comparisons)
    if any((x.table["verdict"] == MORE_THAN_POPULATION).any() for x in comparisons):
        said.append(MISFIT)
    said += [text for x in comparisons for text in _against_everybody(x)]
    said += _at_once([(row, x) for x in comparisons for row in _rows(x) if row["verdict"] in VERDICTS])
    return (*said, wording.CHANCE)


def _against_everybody(c: Comparison) -> Iterator[str]:
    """Where a finding is against one group and the gap, which is against everybody, does not say the same."""
    rows = c.table.to_dict("records")
    other = [
        r
        for r in rows
        if (r["verdict"] == OVER and r["gap_low"] <= 0) or (r["verdict"] == UNDER and r["gap_high"] >= 0)
    ]
    if other:
        who = listing(wording.who(row["group"]) for row in other)
        yield OTHERWISE.format(groups=who, reference=wording.who(c.reference))


def _at_once(groups: Sequence[tuple[Mapping, Comparison]]) -> Iterator[str]:
    """That of many comparisons some stand out by chance, and which findings would stand all the same."""
    many = wording.at_once(len(groups))
    yield from many
    found = [row["verdict"] in (OVER, UNDER) for row, _ in groups]
    if many and any(found):
        stands = at_once.adjusted(groups) <= 1 - groups[0][1].confidence
        fallen = [row["group"] for (row, _), is_one, so in zip(groups, found, stands, strict=True) if is_one and not so]
        yield FALLEN.format(groups=listing(map(wording.who, fallen))) if fallen else ALL_STAND


def _unknowns(c: Comparison) -> str:
    return wording.not_recorded(c.unknown, c.unit, wording.recorded(c.by))


def _level(c: Comparison) -> str:
    return f"{100 * c.confidence:g}%"

"""Plain English from two groups inside the system, each out of its own caseload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isinf

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import HIDDEN, IN_LINE, NOBODY, OVER, TOO_FEW, UNDER
from yjdisp.contrast import SIDES, Division
from yjdisp.vocabulary import LABELS, UNKNOWN, listing
from yjdisp.wording.views import View, got, label, subject

NO_TABLE = "This release does not publish this for two groups of children."
NO_TABLE_REMEDY = "Its numbers are too small, or its plan leaves the table out."
NOT_IN_RELEASE = (
    "Not in this release by {by} for {unit}, because the numbers are too small or the plan leaves it out: {views}."
)
MOST_SERIOUS = "Each child counts once a year, by the most serious offence and the most serious outcome of that year."
GRAVITY = (
    "Gravity is the Youth Justice Board's seriousness score, from 1 (least) to 8. It is not the police chiefs' Child "
    "Gravity Matrix, which runs from 1 to 5 and means something else."
)
SERIOUS = "Serious violence is robbery, drugs or violence against the person with a gravity of 5 or more."
WITHIN = (
    "Every share is out of the group's own caseload, so this says nothing about who comes into it: a group can have few "
    "grave offences in its caseload because many of its children are there for slight ones."
)
SHARES = "**Share**: the group's {unit} with this value out of all its own {unit}, with Wilson's 95% interval."
TIMES = (
    "**Times as often**: the group's share over the reference group's, with a skewness-corrected score interval (SCAS, "
    "Laud 2017). **Gap**: the first less the second, in percentage points (Newcombe's interval). Both hold 95% confidence."
)
FINDINGS = (
    "**Finding**: more or less often needs both a size (below 0.80 or above 1.25) and certainty (an interval that excludes "
    "1). From 0.80 to 1.25 is in line. Everything else is not enough to tell."
)
NONE_HERE, NEITHER = "none in this group", wording.NEITHER
LEFT_OF_RATIO = partial(wording.possible, decimals=2)
LEFT_OF_GAP = partial(wording.span, number=wording.points)
UNCERTAIN = "in line, but with too few to rule out a large difference: "
FINDING = {OVER: "more often", UNDER: "less often", IN_LINE: "in line", TOO_FEW: "not enough {unit} to tell"}
FINDING |= {name: name for name in (NONE_HERE, NEITHER, NOBODY)}
_LISTS = {OVER: "More often, by more than chance", UNDER: "Less often, by more than chance", IN_LINE: "In line"}
_LISTS |= {TOO_FEW: "Not enough {unit} to tell", HIDDEN: f"{wording.PROTECTED} (before chance)"}
_LISTS |= {name: wording.capital(name) for name in (NONE_HERE, NEITHER, NOBODY)}


def scope(unit: str, where: Mapping[str, str], years: Sequence[str], *rest: str) -> str:
    """What is counted, when and where, in one line."""
    parts = [unit.capitalize(), *wording.only(where), wording.period(where, years), where.get("area", ""), *rest]
    return " · ".join(filter(None, parts))


def beside(of) -> str:
    """The two groups, to end a line with."""
    return f"{wording.who(of.group)} beside {wording.who(of.reference)}"


def chosen(of: Division, view: View) -> list[dict]:
    """The rows that a view shows: not what is not known, where nobody is."""
    rows = of.rows.to_dict("records")
    if view.values:
        return [row for row in rows if row["value"] in view.values]
    return [
        row
        for row in rows
        if (row["group_high"] or row["reference_high"] if row["value"] == UNKNOWN else row["level"] == view.level)
    ]


def standing(row: Mapping) -> str:
    """The verdict on a row; where a group has none at all, which is never called more than chance, just that."""
    if row["verdict"] != TOO_FEW:
        return row["verdict"]
    if pd.isna(row["rri_low"]):
        return NOBODY
    if row["group"] == 0:
        return NONE_HERE if row["reference"] else NEITHER
    return TOO_FEW


def times(row: Mapping) -> str:
    """How many times as often, with what chance leaves open, or with what a hidden count does."""
    if row["verdict"] == HIDDEN:
        if row["rri_least"] == 0 and isinf(row["rri_most"]):
            return "any ratio is possible"
        return f"{wording.possible(row['rri_least'], row['rri_most'])} times, whatever the hidden count is"
    if standing(row) in (NEITHER, NOBODY):
        return standing(row)
    if standing(row) == NONE_HERE:
        return f"none; anything up to {wording.ratio(row['rri_high'])} times fits"
    if isinf(row["rri"]):
        return f"at least {wording.ratio(row['rri_low'])} times"
    return f"{wording.ratio(row['rri'])} times; {wording.span(row['rri_low'], row['rri_high'])}"


def answer(of: Division, view: View, years: Sequence[str]) -> tuple[str, ...]:
    """The focus of a view in one sentence, then the size of the gap and what the other values show."""
    rows = chosen(of, view)
    focus = next((row for row in of.rows.to_dict("records") if row["value"] == view.focus), rows[0])
    said = [wording.opening(of.where, years) + view.among + _sentence(focus, of)]
    if pd.notna(focus["gap"]):
        limits = wording.span(focus["gap_low"], focus["gap_high"], wording.points)
        said.append(
            f"The gap is {wording.points(focus['gap'])} percentage points ({limits} once chance is allowed for)."
        )
    if of.unit != "children":
        said.append(wording.SEVERAL_EACH.format(unit=of.unit))
    others = [row for row in rows if row is not focus and row["value"] not in (focus["value"], UNKNOWN)]
    if len(others) > 1 or view.values:
        for verdict, title in _LISTS.items():
            found = [f"{label(of.of, row['value'])}{_bracket(row)}" for row in others if standing(row) == verdict]
            if found:
                said.append(f"{title.format(unit=of.unit)}: {listing(found, '; ')}.")
    return tuple(said)


def _bracket(row: Mapping) -> str:
    return "" if standing(row) in (NEITHER, NOBODY) else f" ({times(row)})"


def _sentence(row: Mapping, of: Division) -> str:
    mine, theirs = share(row, "group"), share(row, "reference")
    what = f"{mine} of {subject(of.group, of.unit)} {got(of.of, row['value'], of.unit)}, against {theirs} of "
    what += wording.who(of.reference) if of.unit == "children" else f"those of {wording.who(of.reference)}"
    if row["verdict"] == HIDDEN:
        return f"{what}: {left_possible(row['rri_least'], row['rri_most'])}."
    if standing(row) in (NONE_HERE, NEITHER, NOBODY):
        return f"{what} ({times(row)})."
    if row["verdict"] == TOO_FEW:
        return f"{what}: not enough {of.unit} to tell whether that is more than chance ({times(row)})."
    limits = wording.between(row["rri_low"], row["rri_high"])
    size = f"{wording.ratio(row['rri'])} times as often, and between {limits} times once chance is allowed for"
    if isinf(row["rri"]):
        size = f"at least {wording.ratio(row['rri_low'])} times as often once chance is allowed for"
    close = "close to equal, " if wording.rules_out_more(row) else UNCERTAIN
    return f"{what}: {close if row['verdict'] == IN_LINE else ''}{size}."


def left_possible(least: float, most: float) -> str:
    """What hidden counts leave of a ratio, to end a sentence with; never what is more than chance."""
    limits = f"{wording.possible(least, most)} times"
    if most < 1 or least > 1:
        way = "less" if most < 1 else "more"
        return f"{way} often whatever the hidden counts are ({limits}); whether that is more than chance is not worked out here"
    ways = "both more and less often" if least < 1 < most else f"as often and {'more' if most > 1 else 'less'} often"
    return f"hidden counts, each by itself, leave {ways} possible ({limits}), before chance is allowed for"


def share(row: Mapping, side: str) -> str:
    """A share, or what a hidden count leaves of it."""
    if pd.notna(row[f"{side}_share"]):
        return wording.percent(row[f"{side}_share"])
    least, most = row[f"{side}_share_least"], row[f"{side}_share_most"]
    if pd.isna(most):
        return "none" if pd.isna(least) else wording.BEHIND
    return "between {} and {}".format(*_outward(least, most))


def _outward(least: float, most: float) -> tuple[str, str]:
    """The ends of what hidden counts leave of a share, rounded so that neither says more than is so."""
    return f"{wording.no_less(100 * least, 1)}%", f"{wording.no_more(100 * most, 1)}%"


def _left_of_share(least: float, most: float) -> str:
    return " to ".join(_outward(least, most))


def count(row: Mapping, name: str) -> str:
    """A count, or the mark of a hidden one with what anyone can work out."""
    ends = {"count": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
    return wording.count({end: pd.NA if pd.isna(n) or n == float("inf") else int(n) for end, n in ends.items()})


def shown(of: Division, view: View, years: Sequence[str]) -> str:
    """What is counted, when, where and of whom, in one line."""
    return scope(of.unit, of.where, years, view.title, beside(of))


def describe(of: Division, view: View, years: Sequence[str]) -> str:
    """The text alternative of the chart of shares."""
    rows = [
        f"{label(of.of, row['value'])}: {share(row, 'group')} against {share(row, 'reference')}"
        for row in chosen(of, view)
    ]
    return (
        f"Chart of shares with 95% intervals. {shown(of, view, years)}. {'; '.join(rows)}. "
        "The table below holds the same numbers."
    )


def table(of: Division, view: View) -> pd.DataFrame:
    """What the chart shows as a table of texts, a row a value and group."""
    lines = []
    for row in chosen(of, view):
        for side, group in zip(SIDES, (of.group, of.reference), strict=True):
            first = side == "group"
            line = {LABELS[of.of]: row["value"], "Group": group}
            line |= {of.unit.capitalize(): count(row, side), "Out of": count(row, f"{side}_base")}
            line |= {"Share": _cell(row, f"{side}_share", wording.percent, _left_of_share)}
            gap = _cell(row, "gap", wording.points, LEFT_OF_GAP) if first else wording.NONE
            line |= {"Gap, percentage points": gap}
            line |= {f"Times as often as {wording.who(of.reference)}": times_as_often(row) if first else wording.NONE}
            lines.append(line | {"Finding": finding(row, of.unit) if first else "reference group"})
    return pd.DataFrame(lines).astype("str")


def times_as_often(row: Mapping) -> str:
    """A ratio with two decimals, for a table."""
    return _cell(row, "rri", wording.two_decimals, LEFT_OF_RATIO)


def _cell(row: Mapping, name: str, number, left) -> str:
    """A figure with its interval, or what hidden counts leave of it."""
    ends = [row.get(f"{name}{end}", float("nan")) for end in ("", "_low", "_high", "_least", "_most")]
    if row["verdict"] != HIDDEN:
        ends[3:] = None, None
    return figure(*ends, number, left)


def figure(value: float, low: float, high: float, least: float | None, most: float | None, number, left) -> str:
    """A figure with its interval, at least its lower end where it has no upper one, or what is left of a hidden one; where
    it is not hidden, `least` and `most` are None."""
    if pd.isna(low):
        return wording.NONE if least is None else wording.HIDDEN if pd.isna(least) else f"[c] {left(least, most)}"
    if pd.isna(value):
        return wording.NONE
    return wording.with_interval(value, low, high, number)


def finding(row: Mapping, unit: str) -> str:
    """A verdict in the words of what is counted."""
    if row["verdict"] == HIDDEN:
        return wording.BEHIND if pd.notna(row["group"]) else HIDDEN
    return FINDING[standing(row)].format(unit=unit)


def worked_out(of: Division) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    return (SHARES.format(unit=of.unit), TIMES, FINDINGS)


def caveats(of: Division, view: View, years: Sequence[str], missing: Sequence[View]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    rows = chosen(of, view)
    said = [wording.HIDDEN_NOTE] if any(row["verdict"] == HIDDEN for row in rows) else []
    said += [WITHIN] if of.of in ("gravity", "serious_violence") else []
    said += [SERIOUS] if of.of == "serious_violence" else []
    said += [GRAVITY] if of.of == "gravity" else []
    said += wording.at_once(len(rows))
    return (*said, *common(of.unit, of, years, missing))


def common(unit: str, of, years: Sequence[str], missing: Sequence[View] = ()) -> tuple[str, ...]:
    """What holds for every page about the system: unknowns, how children count, what is not published, chance."""
    by = wording.recorded(of.by)
    said = []
    if of.unknown != 0:
        said.append(wording.not_recorded(of.unknown, unit, by))
    if unit == "children":
        said.append(MOST_SERIOUS)
        said += wording.child_years(of.where, years)
    if missing:
        views = listing(f"“{view.title}”" for view in missing)
        said.append(NOT_IN_RELEASE.format(by=by, unit=unit, views=views))
    return (*said, wording.CHANCE)

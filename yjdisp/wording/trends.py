"""Plain English from a trend: what changed and whether that is more than chance, gaps, targets, table, description."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from math import isinf
from operator import itemgetter

import pandas as pd

from yjdisp import change, comparison, wording
from yjdisp.baselines import Baseline
from yjdisp.change import Change, Course
from yjdisp.trends import PER, Trend
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, listing
from yjdisp.wording.comparison import CASELOAD_BASELINE, LOOKED_AFTER_DENOMINATOR, ratios

EVERY = {"year": "Years", "quarter": "Quarters", "rolling_year": "Rolling four quarters"}
CAUSES = {
    "Above UCL": "above the upper limit",
    "Below LCL": "below the lower limit",
    "7 Point Trend (Increasing)": "seven points that rise",
    "7 Point Trend (Decreasing)": "seven points that fall",
    "2 in 3 Above CL": "two of three points near the upper limit",
    "2 in 3 Below CL": "two of three points near the lower limit",
    "7 Points Above CL": "seven points or more above the centre",
    "7 Points Below CL": "seven points or more below the centre",
}
VERDICTS = {
    change.CERTAIN: "more than chance",
    change.CHANCE: "within chance",
    change.WELL_WITHIN_CHANCE: "well within chance",
    change.CANNOT_TELL: "chance cannot be judged",
}
OPENINGS = {
    change.CERTAIN: "A change by more than chance",
    change.CHANCE: "No clear change",
    change.WELL_WITHIN_CHANCE: "No clear change",
    change.CANNOT_TELL: "Whether it changed cannot be told",
}
NOTHING_SHOWN = "No figure can be shown: every count that it needs is hidden or not published."
ONE_SHOWN = "Only one period can be shown, so there is no change to judge."
TOO_FEW_FOR_A_TREND = "Whether there is a trend cannot be tested: that takes three points, and this has {points}."
TOO_FEW_APART = (
    "Whether there is a trend cannot be tested: that takes three rolling years that share no quarter, and this has "
    "{points}."
)
POPULATIONS_MOVE = "The trend is not tested, because the populations compared with differ from period to period."
NO_LIMITS = "No control limits are drawn: they need 12 points, and this has {points}."
NO_LIMITS_ROLLING = "No control limits are drawn: neighbouring rolling years share three of their four quarters."
NO_SIGN = "Every point lies where chance alone would put it (control chart, NHS rules)."
GAPS = "{periods} is left out as a gap, because a count is hidden; the grey bar is what anyone can work out."
LEANING = (
    "What is hidden is mostly small, so the points that are shown lean towards larger values: compare them with care."
)
UNDEFINED = "{periods}: left out as a gap, because there is nobody to set the number against."
SEVERAL_GAPS = "{periods} are left out as gaps, because counts are hidden; the grey bars are what anyone can work out."
OTHER_PERIODS = "{periods}: not shown here, because periods of different kinds make no trend."
PUBLISHED_CAVEAT = (
    "The dashed lines are published shares of the population at their own dates: what part of all children or pupils the "
    "group is. They are not figures of a caseload."
)
ROLLING_CAVEAT = (
    "A rolling year is the four quarters that end with the one named. Neighbours share three quarters, so they move "
    "slowly, and only years that share none are compared or tested."
)
RECOMPUTED = "Changes are worked out from the published counts, never from rounded percentages."
WORKED_OUT = (
    (
        "**Change**: of shares, the difference in percentage points with Newcombe's interval, and beside it the same change "
        "in per cent of the first figure; of counts and rates, the ratio with a conditional mid-P interval; of a relative rate "
        "index, the ratio of the two with an interval from both (Donner and Zou). *Within chance* means that the interval "
        "includes no change; *well within chance* that a change as large would come about by chance more often than not."
    ),
    (
        "**Trend**: Cochran–Armitage for shares and relative rate indices (exact where no more than 100 are in the group, or "
        "no more than 100 are not), an exact Poisson trend for counts and rates. *No evidence of change* is not evidence of no change."
    ),
    (
        "**Control limits**: a p-chart for shares, an XmR chart for the rest, read by the NHS rules (Making Data Count), where "
        "there are 12 points."
    ),
    (
        "**Target**: the straight line from the baseline at the start to the target at its date. *On course*: the whole "
        "interval of the latest figure is on the line or better. *Not on course*: all of it is worse. Otherwise: cannot tell yet."
    ),
)


def number(measure: str, value: float) -> str:
    """A value of a measure in its own decimals."""
    if measure == "share":
        return wording.percent(value)
    if measure == "rri":
        return wording.ratio(value)
    return f"{value:,.1f}" if measure == "rate" else f"{value:,.0f}"


def group(by: str | None, name: str) -> str:
    """A group as the subject of a line."""
    if by is None or name == ALL:
        return "everybody"
    return wording.who(name) if by in CHARACTERISTICS else f"{LABELS[by].lower()}: {name.lower()}"


def about(of: Trend) -> str:
    """Whose figure it is, and which."""
    who = group(of.by, of.group)
    ratio = "times as likely as" if of.unit == "children" else f"{of.unit} per resident child, times those of"
    if caseloads(of):
        ratio = "times as many as in another caseload, set against"
    what = {
        "share": f"share of the {of.unit}" + " in the caseload" * (of.unit == "children"),
        "rri": f"{ratio} {wording.who(of.reference)}",
        "rate": f"{of.unit} per {PER:,} of the population",
        "count": f"number of {of.unit}",
    }
    return wording.capital(f"{who}, {what[of.measure]}")


def heading(of: Trend) -> str:
    """What the values are called, at the head of a column or an axis."""
    return _HEADINGS.get(of.measure) or ratios(of.unit, bool(caseloads(of)))


def against(of: Trend) -> tuple[Baseline, ...]:
    """Whom the periods are set against, each once."""
    return tuple({b.name: b for b in of.against.values()}.values())


def caseloads(of: Trend) -> list[str]:
    """Those of them that are caseloads rather than populations."""
    return [b.name for b in against(of) if b.is_caseload]


def shown(of: Trend) -> str:
    """What is counted, by what periods, where and against whom, in one line."""
    names, areas = ([getattr(b, part) for b in against(of)] for part in ("name", "area"))
    compared = f"compared with {listing(names)}, {listing(dict.fromkeys(areas))}" if names else ""
    periods = of.points["period"].tolist()
    when = f"{EVERY[of.every]} {wording.first_to_last(periods)}" if periods else EVERY[of.every]
    return " · ".join(filter(None, [about(of), when, of.where.get("area", ""), compared]))


def compared_with(of: Trend) -> str:
    """Whom each period is set against, where that comes from and what to know of it; nothing for a share or a number."""
    said = []
    for b in against(of):
        periods = [period for period, other in of.against.items() if other.name == b.name]
        when = f" ({listing(periods)})" if len(periods) < len(of.against) else ""
        said.append(f"{b.label}{when}. Source: {b.source}.")
    notes = dict.fromkeys(b.note for b in against(of) if b.note)
    return " ".join(["**Compared with**:", *said, *notes]) if said else ""


def moved(of: Trend, c: Change) -> str:
    """A change in words: 30.0% to 25.0%, down 5.0 percentage points (16.7% less), well within chance."""
    both = f"{number(of.measure, c.before)} to {number(of.measure, c.after)}"
    way, than = ("up", "more") if c.after > c.before else ("down", "less")
    relative = "" if pd.isna(c.percent) else wording.percent(abs(c.percent))
    if c.before == c.after:
        size = "no change"
    elif c.points is None:
        size = f"{way} {relative}" if relative else way
    else:
        size = f"{way} {wording.points(abs(c.points))} percentage points" + (
            f" ({relative} {than})" if relative else ""
        )
    return f"{both}, {size}, {VERDICTS[c.verdict]}"


def uncertainty(of: Trend, c: Change) -> str:
    """What chance leaves open of a change, with its p."""
    if c.points is not None:
        limits = f"from {_signed(c.points_low, wording.points)} to {_signed(c.points_high, wording.points)} percentage points"
    elif pd.isna(c.percent_low):
        return "Its interval cannot be worked out, because one of the figures is 0."
    else:
        high = "any size" if isinf(c.percent_high) else _signed(c.percent_high, _percent)
        limits = f"from {_signed(c.percent_low, _percent)} to {high}"
    return f"Once chance is allowed for, the change may be anything {limits} ({probability(c.p)})."


def _percent(value: float) -> str:
    return wording.percent(value).replace("-", "−")


def _signed(value: float, text) -> str:
    return f"+{text(value)}" if value > 0 else text(value)


def probability(p: float) -> str:
    """A p-value with the decimals that it needs."""
    if f"{p:.3f}" == "0.050":  # on which side of one in twenty is what matters
        return f"p = {p:.5f}"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def answer(of: Trend) -> tuple[str, ...]:
    """The change in one sentence, then what it leaves open: its interval, the trend, the limits, the gaps."""
    found = change.change(of)
    if found is None:
        first = (NOTHING_SHOWN if of.shown.empty else ONE_SHOWN,)
    else:
        opening = "No change" if found.before == found.after else OPENINGS[found.verdict]
        said = f"{opening}. {about(of)}, {found.first} to {found.last}: {moved(of, found)}."
        first = (said, uncertainty(of, found))
    several = (wording.SEVERAL_EACH.format(unit=of.unit),) if of.unit != "children" else ()
    return (*first, direction(of), control(of), *gaps(of), *several)


def direction(of: Trend) -> str:
    """The test of the trend in words."""
    found = change.direction(of)
    if found is not None:
        return f"Over {found.points} points: {found.verdict}, {probability(found.p)} ({found.method})."
    points = len(change.apart(of))
    if points >= change.FEWEST:
        return POPULATIONS_MOVE
    return (TOO_FEW_APART if of.every == "rolling_year" else TOO_FEW_FOR_A_TREND).format(points=points)


def control(of: Trend) -> str:
    """What the control chart says, or why there is none."""
    if of.every == "rolling_year":
        return NO_LIMITS_ROLLING
    made = change.chart(of)
    if made is None:
        return NO_LIMITS.format(points=len(of.shown))
    runs = [
        (c, [p for p, _ in run]) for c, run in groupby(zip(of.points["period"], made[1], strict=True), itemgetter(1))
    ]
    signs = [f"{CAUSES[c]}: {p[0]}{f' to {p[-1]}' if len(p) > 1 else ''}" for c, p in runs if c in CAUSES]
    return f"Not what chance alone would give (control chart, NHS rules): {'; '.join(signs)}." if signs else NO_SIGN


def gaps(of: Trend) -> tuple[str, ...]:
    """Which periods are gaps, and why."""
    missing = of.points[of.points["value"].isna()]
    hidden, undefined = (missing.loc[some, "period"].tolist() for some in (missing["hidden"], ~missing["hidden"]))
    said = [wording.capital(UNDEFINED.format(periods=listing(undefined)))] if undefined else []
    if hidden:
        gap = (GAPS if len(hidden) == 1 else SEVERAL_GAPS).format(periods=listing(hidden))
        said += [wording.capital(gap), LEANING]
    return tuple(said)


def course(of: Trend, found: Course) -> str:
    """A measure against its target."""
    if found.expected is None:
        return f"{change.CANNOT_TELL}: that takes a baseline, a target, both dates and a figure after the start"
    last = of.points["period"].iloc[-1]
    return f"{found.verdict}: the line to the target asks for {number(of.measure, found.expected)} at {last}"


def table(of: Trend) -> pd.DataFrame:
    """The points as a table of texts, with the change since the one before and the published lines."""
    rows, before, lines = [], None, beside(of)
    for i, row in enumerate(of.points.to_dict("records")):
        missing = wording.HIDDEN if row["hidden"] and pd.isna(row["value"]) else wording.NONE
        line = {"Period": row["period"], of.unit.capitalize(): wording.count(row)}
        if of.measure == "share":
            line["Of"] = missing if pd.isna(row["total"]) else f"{row['total']:,}"
        line[heading(of)] = value(of, row)
        since = change.change(of, before, row["period"]) if before and pd.notna(row["value"]) else None
        line["Change from the point before"] = moved(of, since).split(", ", 1)[1] if since else missing
        before = row["period"] if pd.notna(row["value"]) else before
        found = {f"Population, {area}": values[i] for area, values in lines}
        texts = {name: wording.NONE if x is None else wording.percent(x) for name, x in found.items()}
        rows.append(line | texts)
    return pd.DataFrame(rows).astype("str")


_HEADINGS = {"share": "Share", "rate": f"Per {PER:,}", "count": "Number"}


def value(of: Trend, row: Mapping) -> str:
    """A value with its interval, or what can be worked out of a hidden one."""

    def text(x: float) -> str:
        return number(of.measure, x)

    least, most = (wording.no_less, wording.no_more) if of.measure == "rri" else (text, text)
    if pd.notna(row["value"]):
        limits = wording.span(row["value_low"], row["value_high"], text)
        return f"{text(row['value'])} ({limits})"
    if not row["hidden"]:
        return comparison.NOBODY
    if pd.isna(row["least"]):
        return "hidden" if row["symbol"] else wording.NONE
    if pd.isna(row["most"]) or isinf(row["most"]):
        return f"hidden: {least(row['least'])} or more"
    return f"hidden: between {least(row['least'])} and {most(row['most'])}"


def beside(of: Trend) -> list[tuple[str, list[float | None]]]:
    """The published shares nearest to each period, at most half a year away, one area after another."""
    lines = []
    for area, line in of.published.groupby("area", sort=False):
        near = [line.loc[(line["at"] - at).abs().idxmin()] for at in of.points["at"]]
        close = [
            row["value"] if abs(row["at"] - at) <= 0.5 else None for row, at in zip(near, of.points["at"], strict=True)
        ]
        lines.append((area, close))
    return lines


def describe(of: Trend) -> str:
    """The text alternative of the chart."""
    points = "; ".join(f"{row['period']}: {value(of, row)}" for row in of.points.to_dict("records"))
    beside = "".join(f" A dashed line shows the published share in {a}." for a in dict.fromkeys(of.published["area"]))
    return f"Chart of {shown(of)}, with {100 * of.confidence:g}% intervals. {points}.{beside} The table below holds the same numbers."


def caveats(of: Trend) -> tuple[str, ...]:
    """What a reader must know so as not to be misled."""
    said = [wording.HIDDEN_NOTE] if of.points["symbol"].ne("").any() else []
    said += _unknowns(of)
    said += [ROLLING_CAVEAT] if of.every == "rolling_year" else []
    said += [OTHER_PERIODS.format(periods=wording.capital(listing(of.left_out)))] if of.left_out else []
    said += [PUBLISHED_CAVEAT] if len(of.published) else []
    said += [CASELOAD_BASELINE.format(name=name) for name in caseloads(of)]
    said += [wording.SEND_DENOMINATOR] if of.by == "send" and (len(of.published) or of.against) else []
    said += [LOOKED_AFTER_DENOMINATOR] if of.by == "care" and of.against else []
    said += wording.perturbed(against(of))
    return (*said, RECOMPUTED, wording.CHANCE)


def _unknowns(of: Trend) -> list[str]:
    if of.measure not in ("share", "rri") or of.unknown == 0:
        return []
    label = wording.recorded(of.by) if of.by in CHARACTERISTICS else LABELS[of.by].lower()
    return [wording.not_recorded(of.unknown, of.unit, label)]

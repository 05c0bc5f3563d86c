"""Has it changed, and will it reach its target? From a trend's counts: changes, tests, control limits and the course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp, log

import numpy as np
import pandas as pd

from yjdisp import comparison, measures
from yjdisp.trends import Trend, made_of, measured, position

RISING, FALLING, NO_EVIDENCE = "rising", "falling", "no evidence of change"
CERTAIN, CHANCE, WELL_WITHIN_CHANCE = "more than chance", "within chance", "well within chance"
ON_COURSE, NOT_ON_COURSE, CANNOT_TELL = "on course", "not on course", "cannot tell yet"

EXACT_UP_TO = 100  # children with the outcome, or without it
LIKELY_CHANCE = 0.5  # a p-value above which a change is well within chance
FEWEST = 3  # points of a trend
HALVINGS = 40
APART = 1.0  # years between two rolling years that share no quarter


@dataclass(frozen=True)
class Change:
    """From one point to a later one, worked out from their counts.

    Attributes:
        first, last: the periods.
        before, after: the values.
        points, points_low, points_high: difference of two shares as a fraction (Newcombe's hybrid); None otherwise.
        percent, percent_low, percent_high: the change as a fraction of `before`; the limits are None for a share,
            whose interval is that of `points`.
        p, verdict: of that interval; one of CERTAIN, CHANCE, WELL_WITHIN_CHANCE.
    """

    first: str
    last: str
    before: float
    after: float
    points: float | None
    points_low: float | None
    points_high: float | None
    percent: float
    percent_low: float | None
    percent_high: float | None
    p: float
    verdict: str


@dataclass(frozen=True)
class Direction:
    """Whether the points rise or fall together: the verdict, p, the method's name and how many points it uses."""

    verdict: str
    p: float
    method: str
    points: int


@dataclass(frozen=True)
class Course:
    """A measure against its target: the verdict, and what the line to the target asks for at the last point."""

    verdict: str
    expected: float | None


def change(of: Trend, first: str | None = None, last: str | None = None) -> Change | None:
    """From one period to another, the first and the last with a value where left out; None where there are no two.

    Two rolling years that share a quarter are not compared.
    """
    shown = of.shown.set_index("period", drop=False)
    if last is None and len(shown):
        last = shown["period"].iloc[-1]
    if first is None and len(shown):
        first = shown["period"].iloc[0]
    if not {first, last} <= set(shown.index) or first == last:
        return None
    one, two = shown.loc[first], shown.loc[last]
    if of.every == "rolling_year" and two["at"] - one["at"] < APART:
        return None
    before, after = float(one["value"]), float(two["value"])
    if of.measure == "share":
        found = measures.risk_difference(two["count"], two["base"], one["count"], one["base"], confidence=of.confidence)
        gap, limits = (float(found.estimate), float(found.low), float(found.high)), (None, None)
        p = float(found.p)
    else:
        gap = (None, None, None)
        low, high, p = _ratio(of, one, two)
        limits = low - 1, high - 1
    percent = after / before - 1 if before else np.nan
    return Change(first, last, before, after, *gap, percent, *limits, p, _certainty(p, of.confidence))


def _ratio(of: Trend, one: pd.Series, two: pd.Series) -> tuple[float, float, float]:
    """Limits and p of the later value over the earlier one."""
    if of.measure == "rri":
        return _ratio_of_ratios(one, two, of.confidence)
    exposures = comparison.A_NATION * two["exposure"], comparison.A_NATION * one["exposure"]
    found = measures.rate_ratio(two["count"], exposures[0], one["count"], exposures[1], confidence=of.confidence)
    return float(found.low), float(found.high), float(found.p)


def _ratio_of_ratios(one: pd.Series, two: pd.Series, confidence: float) -> tuple[float, float, float]:
    """Limits and p of one RRI over another, from the limits of both (Donner and Zou, 2012, on the log scale).

    p is the error at which the interval would just touch 1. An RRI of 0 has no logarithm: no limits, no p.
    """
    if not one["value"] or not two["value"]:
        return np.nan, np.nan, np.nan

    def limits(level: float) -> tuple[float, float]:
        (low1, high1), (low2, high2) = (_log_limits(point, level) for point in (one, two))
        below, above = np.hypot(now - low2, high1 - was), np.hypot(high2 - now, was - low1)
        return now - was - below, now - was + above

    was, now = log(one["value"]), log(two["value"])
    certain, uncertain = 0.0, 1.0
    for _ in range(HALVINGS):
        level = (certain + uncertain) / 2
        low, high = limits(level)
        certain, uncertain = (certain, level) if low <= 0 <= high else (level, uncertain)
    low, high = limits(confidence)
    return exp(low), exp(high), 1 - certain


def _log_limits(point: pd.Series, level: float) -> tuple[float, float]:
    made = (point[name] for name in ("count", "base", "exposure", "base_exposure"))
    found = measured("rri", *made, confidence=level)
    return log(found.low), log(found.high)


def _certainty(p: float, confidence: float) -> str:
    if np.isnan(p):
        return CANNOT_TELL
    if p <= 1 - confidence:
        return CERTAIN
    return WELL_WITHIN_CHANCE if p > LIKELY_CHANCE else CHANCE


def apart(of: Trend) -> pd.DataFrame:
    """The shown points of which no two share a quarter: of rolling years every fourth back from the last."""
    if of.every != "rolling_year":
        return of.shown
    return of.shown[(of.shown["at"].max() - of.shown["at"]) % APART == 0]


def direction(of: Trend) -> Direction | None:
    """Whether the shown points rise or fall: Cochran–Armitage for shares and RRIs, an exact Poisson trend for the rest.

    None with fewer than three points `apart`, and for an RRI whose populations differ from period to period.
    """
    points = apart(of)
    if len(points) < FEWEST:
        return None
    count, base, exposure, base_exposure = made_of(points)
    scores = points["at"].to_numpy(float)
    if of.measure in ("share", "rri"):
        if of.measure == "rri":
            if np.ptp(exposure / base_exposure) > 0:
                return None
            base = base + count
        few = min(count.sum(), (base - count).sum()) <= EXACT_UP_TO
        found = measures.cochran_armitage(count, base, scores=scores, method="exact" if few else "asymptotic")
        name = f"Cochran–Armitage, {found.method}"
    else:
        found = measures.poisson_trend(count, exposure, scores=scores)
        name = "exact Poisson trend, mid-P"
    verdict = RISING if found.p_increasing < found.p_decreasing else FALLING
    return Direction(verdict if found.p <= 1 - of.confidence else NO_EVIDENCE, found.p, name, len(points))


def chart(of: Trend) -> tuple[measures.Chart, np.ndarray] | None:
    """A p-chart (shares) or XmR chart (the rest) of `points` with the NHS rules: the limits, and each point's cause.

    None with fewer than 12 points shown, and for rolling years, whose points share quarters and so follow each other.
    """
    if of.every == "rolling_year":
        return None
    count, base, *_ = made_of(of.points)
    value = of.points["value"].to_numpy(float)
    made = measures.p_chart(count, base) if of.measure == "share" else measures.xmr_chart(value)
    return None if np.isnan(made.centre).all() else (made, measures.nhs_rules(made))


def course(
    of: Trend, *, start: date | None, until: date | None, baseline: float | None, target: float | None
) -> Course:
    """Whether the last point is on the straight line from a baseline to a target, as far as its interval can say.

    On course: the whole interval is on the line or on the target's side of it. Not on course: all of it is on the
    other side. A last point that is hidden, or ended by the start, tells nothing yet. Values as in `Trend.points`.
    """
    nothing = Course(CANNOT_TELL, None)
    if not of.dated or None in (start, until, baseline, target) or baseline == target or start >= until:
        return nothing
    last = of.points.iloc[-1]
    begin, end = position(start), position(until)
    if last["at"] <= begin:
        return nothing
    way = min(1.0, (last["at"] - begin) / (end - begin))
    expected = baseline + way * (target - baseline)
    low, high = last["value_low"], last["value_high"]
    if pd.isna(last["value"]):
        return Course(CANNOT_TELL, expected)
    better, worse = (high <= expected, low > expected) if target < baseline else (low >= expected, high < expected)
    return Course(ON_COURSE if better else NOT_ON_COURSE if worse else CANNOT_TELL, expected)

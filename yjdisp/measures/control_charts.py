"""Is it changing, month by month? The p-chart and the XmR chart, and the NHS rules for reading them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yjdisp.measures._arguments import arrays, possible

LEAST_POINTS = 12
RUN = 7
XMR_LIMIT = 2.66  # 3 / 1.128, the mean range of two normal values in standard deviations
XMR_SCREEN = 3.267

Cause = Literal[
    "Common Cause",
    "Above UCL",
    "Below LCL",
    "7 Point Trend (Increasing)",
    "7 Point Trend (Decreasing)",
    "2 in 3 Above CL",
    "2 in 3 Below CL",
    "7 Points Above CL",
    "7 Points Below CL",
]


@dataclass(frozen=True)
class Chart:
    """Points, centre line, sigma and limits at three sigma, one entry a point; NaN where there is none."""

    value: np.ndarray
    centre: np.ndarray
    sigma: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    method: str


def p_chart(x, n, *, minimum: int = LEAST_POINTS) -> Chart:
    """Shares x/n over time with limits p +- 3 sqrt(p(1 - p)/n), p = sum(x)/sum(n), cut at 0 and 1. All are fractions.

    x and n: one entry a period. A period with an empty base or a missing or impossible count is a gap. With fewer
    points than the minimum there is no centre line and no limits (NaN). Source: Shewhart (1931); Montgomery (2013).
    """
    x, n = arrays(x, n)
    usable = possible(x, n) & (n > 0)
    x, n = np.where(usable, x, np.nan), np.where(usable, n, np.nan)
    with np.errstate(invalid="ignore"):
        centre = np.full(x.shape, np.nansum(x) / np.nansum(n) if usable.sum() >= max(minimum, 1) else np.nan)
        sigma = np.sqrt(centre * (1 - centre) / n)
        lower, upper = np.clip([centre - 3 * sigma, centre + 3 * sigma], 0, 1)
    return Chart(x / n, centre, sigma, lower, upper, "p")


def xmr_chart(y, *, screen: bool = True, minimum: int = LEAST_POINTS) -> Chart:
    """Single values over time with limits mean +- 2.66 times the mean moving range.

    screen: moving ranges above 3.267 times their mean are left out and the mean taken again, once, unless that leaves
    only moves of 0 of a series that does move. y: one entry a period; NaN is a gap. With fewer points than the minimum
    (at least two), or where points differ but none from its neighbour, there is no centre line and no limits (NaN).
    Sources: Wheeler (2000); NHS England, Making Data Count (2019).
    """
    (y,) = arrays(y)
    known, moves = y[~np.isnan(y)], np.abs(np.diff(y))
    moves = moves[~np.isnan(moves)]
    centre = spread = np.nan
    method = "xmr_screened" if screen else "xmr"
    if known.size >= max(minimum, 2) and moves.size and (moves.any() or np.ptp(known) == 0):
        middle = np.median(known)
        centre, spread = middle + np.mean(known - middle), moves.mean()  # so that equal points lie on the line exactly
        if screen:
            screened = moves[moves <= XMR_SCREEN * spread].mean()
            spread, method = (screened, method) if screened > 0 else (spread, "xmr")
    centre, sigma = np.full(y.shape, centre), np.full(y.shape, XMR_LIMIT * spread / 3)
    return Chart(y, centre, sigma, centre - 3 * sigma, centre + 3 * sigma, method)


def nhs_rules(chart: Chart) -> np.ndarray:
    """What each point of a chart is a sign of: one `Cause` a point, the first that applies of these.

    Outside the limits; part of seven points in a row that rise or fall; one of two in three beyond two sigma (and
    within the limits) with all three on that side; part of seven in a row on one side of the centre line. A point
    where a rise turns into a fall, or the reverse, bears the name of what follows. A chart without limits shows only
    common cause. Source: NHS England, Making Data Count (2019), as in NHSRplotthedots.
    """
    y, centre, sigma = chart.value, chart.centre, chart.sigma
    above, below = y > centre, y < centre
    outside_above, outside_below = y > chart.upper, y < chart.lower
    near_above = (y > centre + 2 * sigma) & ~outside_above
    near_below = (y < centre - 2 * sigma) & ~outside_below
    limited = ~np.isnan(centre)
    step = np.diff(y)
    rising, falling = _in_run(step > 0, RUN - 1, 1) & limited, _in_run(step < 0, RUN - 1, 1) & limited
    turning, rises_next = rising & falling, np.append(step > 0, False)
    signs: list[tuple[np.ndarray, Cause]] = [
        (outside_above, "Above UCL"),
        (outside_below, "Below LCL"),
        (rising & ~(turning & ~rises_next), "7 Point Trend (Increasing)"),
        (falling, "7 Point Trend (Decreasing)"),
        (near_above & _in_pair(near_above, above), "2 in 3 Above CL"),
        (near_below & _in_pair(near_below, below), "2 in 3 Below CL"),
        (_in_run(above, RUN), "7 Points Above CL"),
        (_in_run(below, RUN), "7 Points Below CL"),
    ]
    return np.select([where for where, _ in signs], [cause for _, cause in signs], "Common Cause")


def _in_run(flags: np.ndarray, length: int, extra: int = 0) -> np.ndarray:
    """True for each member of a run of at least so many flags; for steps, extra = 1 counts the points at both ends."""
    return _spread(_windows(flags, length).all(-1), length + extra, flags.size + extra)


def _in_pair(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    hits = (_windows(near, 3).sum(-1) >= 2) & _windows(side, 3).all(-1)
    return _spread(hits, 3, near.size)


def _windows(flags: np.ndarray, length: int) -> np.ndarray:
    if flags.size < length:
        return np.zeros((0, length), dtype=bool)
    return np.lib.stride_tricks.sliding_window_view(flags, length)


def _spread(hits: np.ndarray, length: int, size: int) -> np.ndarray:
    """Marks every member of each window that was hit."""
    members = np.zeros(size, dtype=bool)
    for start in np.flatnonzero(hits):
        members[start : start + length] = True
    return members

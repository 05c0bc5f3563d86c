"""Is it changing, year by year? A trend in shares, and an exact one in rates at small counts."""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

import numpy as np
from scipy.special import ndtr, xlog1py, xlogy

from yjdisp.measures._arguments import arrays, one_of, populations, possible
from yjdisp.measures.risks import log_choose

FINEST_SCORE = 10_000
NEVER = 1e-250  # a chance that no p-value needs
TIES = 1e-9  # scores to within this are the same
BAD_SCORES = "scores must be whole numbers or simple fractions, one for each period, and not all the same"


@dataclass(frozen=True)
class Trend:
    """p is two-sided; p_increasing and p_decreasing are the chances of a trend at least so far up, or down."""

    statistic: float
    p: float
    p_increasing: float
    p_decreasing: float
    method: str


def cochran_armitage(x, n, *, scores=None, method: Literal["asymptotic", "exact"] = "asymptotic") -> Trend:
    """A trend in the shares x/n over ordered periods with scores (0, 1, 2, ... unless given), one entry a period.

    "asymptotic": the statistic is (sum s(x - np))^2 / (p(1 - p)(sum n s^2 - (sum n s)^2/N)), chi-squared on 1.
    "exact": the statistic is sum(s x), its distribution that of the x given their total; p is twice the smaller tail.
    All or none with the outcome: p = 1. A missing or impossible count gives NaN.
    Raises ValueError for an unknown method or for scores that are not a simple scale.
    Sources: Cochran (1954); Armitage (1955).
    """
    one_of(method, ("asymptotic", "exact"))
    x, n, scores = _series(x, n, scores)
    if not np.all(possible(x, n)):
        return Trend(np.nan, np.nan, np.nan, np.nan, method)
    if method == "exact":
        return _from_tails(*_exact_tails(x, n, _steps(scores)), float(scores @ x), 1.0, method)
    share = x.sum() / n.sum() if n.sum() else 0.0
    spread = share * (1 - share) * (n @ scores**2 - (n @ scores) ** 2 / max(n.sum(), 1.0))
    z = scores @ (x - n * share) / np.sqrt(spread) if spread > 0 else 0.0
    return Trend(float(z * z), float(2 * ndtr(-abs(z))), float(ndtr(-z)), float(ndtr(z)), method)


def poisson_trend(x, exposure, *, scores=None, method: Literal["midp", "exact"] = "midp") -> Trend:
    """An exact trend in the rates x/exposure over ordered periods with scores (0, 1, 2, ... unless given).

    Given the total, the counts are multinomial with the exposures' shares if nothing changes; the statistic is sum(s
    x). p is twice the smaller tail, at most 1, with half of the observed value's chance ("midp") or all of it
    ("exact"); p_increasing and p_decreasing always hold all of it. No event at all: p = 1. A missing or negative count
    gives NaN. Raises ValueError for an exposure of 0 or less, an unknown method, or scores that are not a simple
    scale. Source: Cox and Lewis (1966), in its conditional form for counts.
    """
    one_of(method, ("midp", "exact"))
    x, exposure, scores = _series(x, exposure, scores)
    populations(exposure)
    if not np.all(x >= 0):
        return Trend(np.nan, np.nan, np.nan, np.nan, method)
    steps = _steps(scores)
    one_event = np.bincount(steps, weights=exposure / exposure.sum())
    start, distribution = _power(one_event, int(x.sum()))
    tails = _tails(distribution, np.clip(steps @ x - start, 0, len(distribution) - 1))
    return _from_tails(*tails, float(scores @ x), 0.5 if method == "midp" else 1.0, method)


def _series(x, n, scores):
    x, n = arrays(x, n)
    scores = np.arange(x.size, dtype=float) if scores is None else np.asarray(scores, dtype=float)
    if scores.shape != x.shape or x.ndim != 1 or not np.all(np.isfinite(scores)) or np.ptp(scores) == 0:
        raise ValueError(BAD_SCORES)
    return x, n, scores


def _steps(scores: np.ndarray) -> np.ndarray:
    """The scores as whole numbers from 0 on their own finest scale: 0, 0.5, 1.5 become 0, 1, 3."""
    fractions = [Fraction(score - scores.min()).limit_denominator(FINEST_SCORE) for score in scores]
    scale = lcm(*(fraction.denominator for fraction in fractions))
    if scale > FINEST_SCORE or any(abs(f - (s - scores.min())) > TIES for f, s in zip(fractions, scores, strict=True)):
        raise ValueError(BAD_SCORES)
    whole = [int(fraction * scale) for fraction in fractions]
    return np.array(whole) // gcd(*whole)


def _power(one: np.ndarray, times: int) -> tuple[int, np.ndarray]:
    """The least value, and the distribution from there, of the sum of so many independent draws.

    From positive terms only, so that small tails are accurate; ends that are less likely than `NEVER` are left out.
    """
    total, square = (0, np.ones(1)), (0, one)
    while times:
        if times & 1:
            total = _sum_of(total, square)
        times >>= 1
        square = _sum_of(square, square) if times else square
    return total


def _sum_of(one: tuple[int, np.ndarray], other: tuple[int, np.ndarray]) -> tuple[int, np.ndarray]:
    both = np.convolve(one[1], other[1])
    likely = np.flatnonzero(both > NEVER)
    return one[0] + other[0] + int(likely[0]), both[likely[0] : likely[-1] + 1]


def _exact_tails(x, n, steps) -> tuple[float, float, float]:
    """Of those with the outcome or those without, whichever are fewer: what rises in one falls in the other."""
    without = n - x
    if without.sum() < x.sum():
        down, up, here = _tails(_shares_null(without, n, steps), steps @ without)
        return up, down, here
    return _tails(_shares_null(x, n, steps), steps @ x)


def _shares_null(x, n, steps) -> np.ndarray:
    """The distribution of sum(steps x) given sum(x), each x binomial with the pooled share."""
    total = int(x.sum())
    share = total / n.sum() if n.sum() else 0.0
    joint = np.zeros((total + 1, total * int(steps.max()) + 1))
    joint[0, 0] = 1.0
    for size, step in zip(n, steps, strict=True):
        counts = np.arange(min(int(size), total) + 1)
        chances = np.exp(log_choose(size, counts) + xlogy(counts, share) + xlog1py(size - counts, -share))
        grown = np.zeros_like(joint)
        for count, chance in zip(counts, chances, strict=True):
            right = joint.shape[1] - count * step
            grown[count:, count * step :] += chance * joint[: joint.shape[0] - count, :right]
        joint = grown
    return joint[total] / joint[total].sum()


def _tails(distribution: np.ndarray, observed: float) -> tuple[float, float, float]:
    at = int(observed)
    return float(distribution[at:].sum()), float(distribution[: at + 1].sum()), float(distribution[at])


def _from_tails(up: float, down: float, here: float, statistic: float, weight: float, method: str) -> Trend:
    p = min(1.0, 2 * (min(up, down) - (1 - weight) * here))
    return Trend(statistic, p, min(1.0, up), min(1.0, down), method)

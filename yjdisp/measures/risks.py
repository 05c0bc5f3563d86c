"""Two shares inside the system (court of caseload, custody of court): their ratio, their difference, an exact test."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import betaln, ndtr, ndtri

from yjdisp.measures._arguments import alpha_of, arrays, one_of, possible
from yjdisp.measures._binomial import wilson
from yjdisp.measures._roots import root
from yjdisp.measures.ratios import Ratio

RiskRatioMethod = Literal["scas", "mn"]
FARTHEST = 40.0  # a ratio beyond exp(40) either way is 0 or inf; a z beyond 40 has no p-value in floating point


@dataclass(frozen=True)
class Difference:
    """A difference of two shares, in fractions, with its limits and p-value; they exclude 0 exactly when p says so."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    confidence: float
    method: str


@dataclass(frozen=True)
class PValue:
    """A p-value and the test it comes from."""

    p: np.ndarray
    method: str


def risk_ratio(x1, n1, x0, n0, *, confidence: float = 0.95, method: RiskRatioMethod = "scas") -> Ratio:
    """The share x1/n1 over the share x0/n0, from the score at each value of the ratio.

    "mn": Miettinen and Nurminen's score, (p1 - ratio * p0)/sqrt(V), V at the constrained maximum likelihood and with
    N/(N - 1). "scas": the same with Laud's correction for skewness, better at small counts. Limits are the ratios
    whose score is z and -z, and p is that of the score at 1. x1 = 0: lower limit 0. x0 = 0: estimate and upper limit
    inf. Where no limit is left on the side that the score at 1 speaks for, p = 1: the correction can find 0 of 1 to be
    more than 1 of 83. 0 against 0: NaN, limits 0 and inf, p = 1. An empty base, a missing count and a count above its
    base: NaN throughout. Two flaws of "scas" are its own: where z exceeds sqrt(1 + 6N/(N - 1)), N = n1 + n0 (from a
    confidence of 0.9918, more for small N), a single child is too little for a limit on its side (0 or inf), and where
    nearly all of the reference have the outcome its limits need not rise with x1.
    Raises ValueError for an unknown method or a bad confidence. Sources: Miettinen and Nurminen (1985); Laud (2017).
    """
    one_of(method, ("scas", "mn"))
    z = -ndtri(alpha_of(confidence) / 2)
    x1, n1, x0, n0 = two_shares(x1, n1, x0, n0)

    def score(ratio):
        difference, variance, third = score_parts(ratio, x1, n1, x0, n0)
        return standardised(difference, variance, third if method == "scas" else None)

    low, high = score_limits(score, z, x1.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = x1 / n1 / (x0 / n0)
    missing = np.isnan(x1)
    low = np.select([missing, x1 == 0], [np.nan, 0.0], low)[()]
    high = np.select([missing, x0 == 0], [np.nan, np.inf], high)[()]
    at_1 = np.clip(score(1.0), np.where(x0 == 0, 0, -np.inf), np.where(x1 == 0, 0, np.inf))
    return Ratio(estimate, low, high, 2 * ndtr(-np.abs(at_1)), confidence, method)


def score_parts(ratio, x1, n1, x0, n0):
    """p1 - ratio * p0, its variance and its third central moment at the most likely shares with that ratio.

    The discriminant is written as a sum of two terms that are never negative, and the root without cancellation.
    """
    total = n1 + n0
    a, b = (n1 + x0) * ratio, x1 + n0
    surd = np.sqrt((a - b) ** 2 + 4 * ratio * (n1 - x1) * (n0 - x0))
    with np.errstate(divide="ignore", invalid="ignore"):
        share0 = np.clip(2 * (x1 + x0) / (a + b + surd), 0, np.minimum(1, 1 / ratio))
        share1 = ratio * share0
        spread1, spread0 = share1 * (1 - share1) / n1, ratio**2 * share0 * (1 - share0) / n0
        variance = (spread1 + spread0) * total / (total - 1)
        third = spread1 * (1 - 2 * share1) / n1 - ratio * spread0 * (1 - 2 * share0) / n0
        return x1 / n1 - ratio * x0 / n0, variance, third


def standardised(difference, variance, third=None):
    """The score in standard deviations; with the third moment, the z for which z + skew(z^2 - 1) is that score."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = np.where(difference == 0, 0.0, difference / np.sqrt(variance))
        if third is None:
            return score
        skew = np.where(third == 0, 0.0, third / (6 * variance**1.5))
        return np.where(
            skew == 0, score, 2 * (score + skew) / (1 + np.sqrt(np.maximum(0, 1 + 4 * skew * (score + skew))))
        )


def score_limits(score, z, shape):
    """The ratios at which a falling score is z and -z; 0 or inf where it never is."""
    target = np.array([z, -z]).reshape(2, *(1 for _ in shape))
    ends = np.broadcast_to(-FARTHEST, (2, *shape)), np.broadcast_to(FARTHEST, (2, *shape))
    found = root(lambda log_ratio: score(np.exp(log_ratio)) - target, *ends)
    return np.select([found <= -FARTHEST, found >= FARTHEST], [0.0, np.inf], np.exp(found))


def risk_difference(
    x1, n1, x0, n0, *, confidence: float = 0.95, method: Literal["newcombe"] = "newcombe"
) -> Difference:
    """The share x1/n1 minus the share x0/n0, as a fraction, with Newcombe's hybrid of two Wilson intervals.

    Lower limit d - sqrt((p1 - l1)^2 + (u0 - p0)^2), upper limit d + sqrt((u1 - p1)^2 + (p0 - l0)^2). The p-value is the
    error at which the interval would just touch 0. An empty base, a missing count and a count above its base give NaN.
    Raises ValueError for an unknown method or a bad confidence. Source: Newcombe (1998), method 10.
    """
    one_of(method, ("newcombe",))
    z = -ndtri(alpha_of(confidence) / 2)
    x1, n1, x0, n0 = two_shares(x1, n1, x0, n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        below, above = _newcombe_reach(x1, n1, x0, n0, z), _newcombe_reach(x0, n0, x1, n1, z)
        estimate = x1 / n1 - x0 / n0
        swap = estimate < 0
        more, less = (np.where(swap, x0, x1), np.where(swap, n0, n1)), (np.where(swap, x1, x0), np.where(swap, n1, n0))
        size = np.abs(estimate)
        zs = np.zeros(size.shape)
        touching = root(lambda at: size - _newcombe_reach(*more, *less, at), zs, zs + FARTHEST)
    p = 2 * ndtr(-np.where(size == 0, 0.0, touching))
    return Difference(estimate, estimate - below, estimate + above, p, confidence, method)


def _newcombe_reach(x1, n1, x0, n0, z):
    """How far the lower limit of p1 - p0 lies below the estimate."""
    return np.hypot(x1 / n1 - wilson(x1, n1, z)[0], wilson(x0, n0, z)[1] - x0 / n0)


def fisher_test(x1, n1, x0, n0) -> PValue:
    """Whether two shares differ, given both bases and x1 + x0: twice the smaller hypergeometric mid-P tail, at most 1.

    No ratio belongs to it: it is the exact check on `risk_ratio`. NaN as there. Source: Lancaster (1961).
    """
    x1, n1, x0, n0 = two_shares(x1, n1, x0, n0)
    return PValue(np.vectorize(_fisher_midp, otypes=[float])(x1, n1, x0, n0)[()], "midp")


def _fisher_midp(x1, n1, x0, n0):
    if np.isnan(x1):
        return np.nan
    if x1 * n0 < x0 * n1:
        x1, n1, x0, n0 = x0, n0, x1, n1
    both = x1 + x0
    log_observed = log_choose(n1, x1) + log_choose(n0, x0) - log_choose(n1 + n0, both)
    k = np.arange(x1, min(n1, both))
    more_extreme = np.cumprod((n1 - k) * (both - k) / ((k + 1) * (n0 - both + k + 1)))
    tail = np.exp(log_observed) * (0.5 + more_extreme.sum())
    return min(1.0, 2 * tail, 2 * (1 - tail))


def log_choose(n, k):
    return -np.log1p(n) - betaln(n - k + 1, k + 1)


def two_shares(x1, n1, x0, n0):
    """The four arrays, with NaN for both counts where either is impossible or either base is empty."""
    x1, n1, x0, n0 = arrays(x1, n1, x0, n0)
    ok = possible(x1, n1) & possible(x0, n0) & (n1 > 0) & (n0 > 0)
    return np.where(ok, x1, np.nan), n1, np.where(ok, x0, np.nan), n0

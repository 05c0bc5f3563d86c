"""One group's rate over another's, and a count over what was expected."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import alpha_of, arrays, one_of, populations, possible
from yjdisp.measures.intervals import RateMethod, rate_interval
from yjdisp.measures.representation import ExactMethod


@dataclass(frozen=True)
class Ratio:
    """A ratio with its limits and p-value; the limits exclude 1 exactly when p is at most 1 - confidence."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    confidence: float
    method: str | np.ndarray


@dataclass(frozen=True)
class Excess:
    """Children beyond what the reference's rate would give: expected, excess, and the excess as a fraction of x1."""

    expected: np.ndarray
    excess: np.ndarray
    fraction: np.ndarray


def rate_ratio(x1, t1, x0, t0, *, confidence: float = 0.95, method: ExactMethod = "midp") -> Ratio:
    """A group's rate over a named reference's, (x1/t1)/(x0/t0): the RRI against the reference.

    Given x1 + x0 in all, x1 is Binomial(x1 + x0, p) with p/(1 - p) = ratio * t1/t0: the limits of p are those of
    `representation`, and so is the p-value. x1 = 0: 0 with a finite upper limit. x0 = 0: inf with a finite lower limit.
    0 against 0: NaN with limits 0 and inf, p = 1. A count that is missing or larger than its population (more children
    than there are: the baseline is wrong) gives NaN throughout. All four broadcast; t1 and t0 are in the same unit.
    Raises ValueError for a population of 0 or less, an unknown method, or a bad confidence.
    Sources: Przyborowski and Wilenski (1940); Lancaster (1961).
    """
    one_of(method, _binomial.WEIGHTS)
    alpha = alpha_of(confidence)
    x1, t1, x0, t0 = arrays(x1, t1, x0, t0)
    populations(t1, t0)
    x1 = np.where(possible(x1, t1) & possible(x0, t0), x1, np.nan)
    n = x1 + x0
    low, high = _binomial.limits(x1, n, alpha, method)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = x1 / x0 * (t0 / t1)
    p = _binomial.central_p(x1, n, t1 / (t1 + t0), method)
    return Ratio(estimate, np.exp(low) * (t0 / t1), np.exp(high) * (t0 / t1), p, confidence, method)


def standardised_ratio(observed, expected, *, confidence: float = 0.95, method: RateMethod = "auto") -> Ratio:
    """Observed over expected children, expected being a fixed number (from the rates of a standard, say).

    Limits as in `rate_interval` with the expected number as exposure. The p-value belongs to them: twice the smaller
    Poisson tail ("exact"), or Byar's limits solved for the z at which they touch 1 ("byar"). Raises ValueError for an
    expected number of 0 or less, an unknown method, or a bad confidence; a missing count is NaN. Sources: Garwood
    (1936); Breslow and Day (1987).
    """
    interval = rate_interval(observed, expected, confidence=confidence, method=method)
    x, expected = arrays(observed, expected)
    x = np.where(x >= 0, x, np.nan)
    p = np.where(np.equal(interval.method, "exact"), _poisson_p(x, expected), _byar_p(x, expected))
    return Ratio(interval.estimate, interval.low, interval.high, p[()], confidence, interval.method)


def _poisson_p(x, expected):
    upper = np.where(x == 0, 1.0, gammainc(x, expected))
    return np.minimum(1.0, 2 * np.minimum(upper, gammaincc(x + 1, expected)))


def _byar_p(x, expected):
    above = x + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        over = 3 * np.sqrt(x) * (1 - 1 / (9 * x) - np.cbrt(expected / x))
    under = 3 * np.sqrt(above) * (np.cbrt(expected / above) - 1 + 1 / (9 * above))
    return 2 * ndtr(-np.maximum(0, np.fmax(over, under)))


def excess(x1, n1, x0, n0) -> Excess:
    """How many of a group's x1 children there would not be at the reference's rate: x1 - n1 * x0/n0.

    The fraction is excess/x1: of the group's children, the part beyond the reference's rate (-inf where x1 = 0).
    Raises ValueError for a population of 0 or less; a missing or impossible count gives NaN.
    """
    x1, n1, x0, n0 = arrays(x1, n1, x0, n0)
    populations(n1, n0)
    x1 = np.where(possible(x1, n1) & possible(x0, n0), x1, np.nan)
    expected = n1 * x0 / n0
    with np.errstate(divide="ignore", invalid="ignore"):
        return Excess(expected, x1 - expected, (x1 - expected) / x1)

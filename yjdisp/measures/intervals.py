"""Intervals for one share and for one rate."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, gammainccinv, gammaincinv, ndtri

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import alpha_of, arrays, one_of, populations, possible

ProportionMethod = Literal["midp", "exact", "wilson"]
RateMethod = Literal["auto", "exact", "byar"]
BYAR_FROM = 10


@dataclass(frozen=True)
class Interval:
    """An estimate, its limits, and the method that made them (an array where methods differ by row)."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: str | np.ndarray


def proportion_interval(x, n, *, confidence: float = 0.95, method: ProportionMethod = "midp") -> Interval:
    """The share x/n, as a fraction, with its interval.

    "midp": the p at which P(X > x) + P(X = x)/2 (below) or P(X < x) + P(X = x)/2 (above) is half of 1 - confidence.
    "exact": the same with the whole of P(X = x). "wilson": the score interval, for a bare share.
    x and n are counts of any shapes that broadcast. An empty base (n = 0), a missing count and x > n give NaN.
    Raises ValueError for an unknown method or a confidence outside 0 to 1.
    Sources: Lancaster (1961); Clopper and Pearson (1934); Wilson (1927); Newcombe (1998).
    """
    one_of(method, (*_binomial.WEIGHTS, "wilson"))
    alpha = alpha_of(confidence)
    x, n = arrays(x, n)
    x = np.where(possible(x, n) & (n > 0), x, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "wilson":
            low, high = _binomial.wilson(x, n, -ndtri(alpha / 2))
        else:
            low, high = (expit(limit) for limit in _binomial.limits(x, n, alpha, method))
        return Interval(x / n, low, high, method)


def rate_interval(x, exposure, *, confidence: float = 0.95, method: RateMethod = "auto") -> Interval:
    """The rate x/exposure with its interval, per one unit of exposure: multiply by 1,000 or 100,000 to show it.

    "exact": Garwood's, from the chi-squared quantiles. "byar": Byar's approximation, x(1 - 1/9x - z/3 sqrt(x))^3 and
    the same with x + 1 and + z; a lower limit below 0 is 0. "auto": exact below a count of 10 and Byar's from 10; the
    result's method then says which, row by row. The count may exceed the exposure (several offences a child, a part of
    a year). A missing or negative count gives NaN. Raises ValueError for an exposure of 0 or less, an unknown method,
    or a confidence outside 0 to 1. Sources: Garwood (1936); Breslow and Day (1987); Public Health England, Technical
    Guide: Confidence Intervals (2018).
    """
    one_of(method, ("auto", "exact", "byar"))
    alpha = alpha_of(confidence)
    x, exposure = arrays(x, exposure)
    populations(exposure)
    x = np.where(x >= 0, x, np.nan)
    if method == "auto":
        method = np.where(x < BYAR_FROM, "exact", "byar")[()]
    low, high = np.where(np.equal(method, "exact"), _garwood(x, alpha), _byar(x, alpha))
    return Interval(x / exposure, low / exposure, high / exposure, method)


def _garwood(x, alpha):
    return np.where(x == 0, 0.0, gammaincinv(x, alpha / 2)), gammainccinv(x + 1, alpha / 2)


def _byar(x, alpha):
    z = -ndtri(alpha / 2)
    above = x + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        low = x * np.maximum(0, 1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    return np.where(x == 0, 0.0, low), above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3

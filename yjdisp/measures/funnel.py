"""How far from the average an area may lie by chance alone, given its size."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri

from yjdisp.measures._arguments import alpha_of, arrays, one_of
from yjdisp.measures._binomial import upper_tail
from yjdisp.measures._roots import root


@dataclass(frozen=True)
class FunnelLimits:
    """The lowest and highest share that agree with the average."""

    low: np.ndarray
    high: np.ndarray
    confidence: float
    method: str


@dataclass(frozen=True)
class RatioFunnelLimits:
    """For an observed count: the expected counts at which it would be a limit, and its ratios there."""

    expected_low: np.ndarray
    expected_high: np.ndarray
    ratio_low: np.ndarray
    ratio_high: np.ndarray
    confidence: float
    method: str


def funnel_limits(
    n, average, *, confidence: float = 0.95, method: Literal["wilson_inverse", "midp"] = "wilson_inverse"
) -> FunnelLimits:
    """The shares, as fractions, between which an area with n children lies if its true share is the average.

    "wilson_inverse": average +- z sqrt(average (1 - average)/n), cut at 0 and 1: the shares whose Wilson limit is the
    average. "midp": the shares at which a mid-P tail of Binomial(n, average), drawn through the whole counts by the
    incomplete beta function, is half of what the confidence leaves: an area lies outside just if its mid-P test against
    the average says so; the choice for few children. An empty area gives NaN. Raises ValueError for an unknown method
    or a bad confidence. Sources: Spiegelhalter (2005); Association of Public Health Observatories, Technical Briefing 2
    (2007).
    """
    one_of(method, ("wilson_inverse", "midp"))
    tail = alpha_of(confidence) / 2
    n, average = arrays(n, average)
    n = np.where(n > 0, n, np.nan)
    if method == "midp":
        above = root(lambda x: upper_tail(x, n, average, method) - tail, 0 * n * average, n + 0 * average)
        below = root(lambda x: upper_tail(x, n, average, method) - (1 - tail), 0 * n * average, n + 0 * average)
        return FunnelLimits((below / n)[()], (above / n)[()], confidence, method)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = -ndtri(tail) * np.sqrt(average * (1 - average) / n)
    low, high = np.clip([average - reach, average + reach], 0, 1)
    return FunnelLimits(low, high, confidence, method)


def ratio_funnel_limits(observed, *, confidence: float = 0.95) -> RatioFunnelLimits:
    """Limits for observed/expected ratios, drawn through the expected counts at which an observed one would be a limit.

    expected_low is Garwood's upper limit of the observed count and ratio_low = observed/expected_low; expected_high is
    its lower limit and ratio_high = observed/expected_high (NaN for 0 observed). A missing or negative count gives
    NaN. Sources: Garwood (1936); Association of Public Health Observatories, Technical Briefing 2 (2007).
    """
    alpha = alpha_of(confidence)
    (observed,) = arrays(observed)
    observed = np.where(observed >= 0, observed, np.nan)
    low = gammainccinv(observed + 1, alpha / 2)
    high = np.where(observed == 0, 0.0, gammaincinv(observed, alpha / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return RatioFunnelLimits(low, high[()], observed / low, observed / high, confidence, "exact")

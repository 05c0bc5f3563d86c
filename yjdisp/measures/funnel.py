"""How far from the average an area may lie by chance alone, given its size."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri

from yjdisp.measures._arguments import alpha_of, arrays


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


def funnel_limits(n, average, *, confidence: float = 0.95) -> FunnelLimits:
    """The shares, as fractions, between which an area with n children lies if its true share is the average.

    average +- z sqrt(average (1 - average)/n), cut at 0 and 1: the shares whose Wilson limit is the average. An empty
    area gives NaN. Sources: Spiegelhalter (2005); Association of Public Health Observatories, Technical Briefing 3
    (2008).
    """
    z = -ndtri(alpha_of(confidence) / 2)
    n, average = arrays(n, average)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = z * np.sqrt(average * (1 - average) / np.where(n > 0, n, np.nan))
    low, high = np.clip([average - reach, average + reach], 0, 1)
    return FunnelLimits(low, high, confidence, "wilson_inverse")


def ratio_funnel_limits(observed, *, confidence: float = 0.95) -> RatioFunnelLimits:
    """Limits for observed/expected ratios, drawn through the expected counts at which an observed one would be a limit.

    expected_low is Garwood's upper limit of the observed count and ratio_low = observed/expected_low; expected_high is
    its lower limit and ratio_high = observed/expected_high (NaN for 0 observed). A missing or negative count gives
    NaN. Sources: Garwood (1936); Association of Public Health Observatories, Technical Briefing 3 (2008).
    """
    alpha = alpha_of(confidence)
    (observed,) = arrays(observed)
    observed = np.where(observed >= 0, observed, np.nan)
    low = gammainccinv(observed + 1, alpha / 2)
    high = np.where(observed == 0, 0.0, gammaincinv(observed, alpha / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return RatioFunnelLimits(low, high[()], observed / low, observed / high, confidence, "exact")

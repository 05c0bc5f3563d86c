"""Could we have seen it? The RRI that a caseload of this size would show four times in five."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaln, xlogy

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import BAD_CONFIDENCE, alpha_of, arrays, one_of, populations
from yjdisp.measures._roots import first_true, root
from yjdisp.measures.representation import ExactMethod

WIDEST = 12  # standard deviations of the reference's count that are summed over
LARGEST_LOG_RATIO = 30.0


@dataclass(frozen=True)
class Detectable:
    """The smallest RRI above 1 that would be found significant with this power."""

    ratio: np.ndarray
    power: float
    confidence: float
    method: str


def detectable_ratio(
    t1, t0, expected_reference, *, confidence: float = 0.95, power: float = 0.8, method: ExactMethod = "midp"
) -> Detectable:
    """The RRI against a reference that would be called significantly above 1 with the given power.

    t1, t0: populations of the group and the reference; expected_reference: children the reference is expected to have.
    Both counts are Poisson, the group's with mean RRI * expected_reference * t1/t0, and the chance that `rate_ratio`'s
    interval lies above 1 is summed exactly. Arrays broadcast; an expected number that is missing or not above 0 gives
    NaN. Raises ValueError for a population of 0, an unknown method, or a power or confidence outside 0 to 1. Source:
    Gu, Ng, Tang and Schucany (2008), on power for two Poisson rates.
    """
    one_of(method, _binomial.WEIGHTS)
    alpha = alpha_of(confidence)
    if not 0 < power < 1:
        raise ValueError(BAD_CONFIDENCE.replace("confidence", "power"))
    t1, t0, expected = arrays(t1, t0, expected_reference)
    populations(t1, t0)
    one = np.vectorize(_detectable, otypes=[float], excluded={3, 4, 5})
    return Detectable(one(t1, t0, expected, alpha, power, method)[()], power, confidence, method)


def _detectable(t1, t0, expected, alpha, power, method):
    if not (expected > 0 and np.isfinite(t1 + t0)):
        return np.nan
    reach = WIDEST * np.sqrt(expected) + WIDEST
    x0 = np.arange(max(0, np.floor(expected - reach)), np.ceil(expected + reach))
    chance = np.exp(xlogy(x0, expected) - expected - gammaln(x0 + 1))
    needed = _least_significant(x0, t1 / (t1 + t0), alpha, method)

    def shortfall(log_ratio):
        mean = np.exp(log_ratio) * expected * t1 / t0
        return power - chance @ gammainc(needed, mean)

    return np.exp(root(shortfall, 0.0, LARGEST_LOG_RATIO))


def _least_significant(x0, q, alpha, method):
    """The least count of the group that is significant beside each count of the reference."""

    def significant(x1):
        return _binomial.upper_tail(x1, x1 + x0, q, method) <= alpha / 2

    most = np.ones(x0.shape)
    while not np.all(significant(most)):
        most *= 2
    return first_true(significant, np.ones(x0.shape), most)

"""A group's place in the caseload beside its place in the population: everything from one interval."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import BAD_SHARE, alpha_of, arrays, one_of, possible
from yjdisp.measures.intervals import Interval

ExactMethod = Literal["midp", "exact"]
MEASURES = ("share", "gap", "index", "rri", "parity_removal", "parity_replacement")
WHOLE = 1e-9  # a count this near to a whole number is that number


@dataclass(frozen=True)
class Representation:
    """What `representation` found. Shares and gaps are fractions (a gap of 0.05 is 5 percentage points)."""

    share: np.ndarray
    share_low: np.ndarray
    share_high: np.ndarray
    gap: np.ndarray
    gap_low: np.ndarray
    gap_high: np.ndarray
    index: np.ndarray
    index_low: np.ndarray
    index_high: np.ndarray
    rri: np.ndarray
    rri_low: np.ndarray
    rri_high: np.ndarray
    parity_removal: np.ndarray
    parity_removal_low: np.ndarray
    parity_removal_high: np.ndarray
    parity_replacement: np.ndarray
    parity_replacement_low: np.ndarray
    parity_replacement_high: np.ndarray
    p: np.ndarray
    confidence: float
    method: str

    def measure(self, name: str) -> Interval:
        """One of the measures by itself, as an Interval. ValueError for a name that is not in MEASURES."""
        one_of(name, MEASURES)
        return Interval(*(getattr(self, name + end) for end in ("", "_low", "_high")), self.method)


@dataclass(frozen=True)
class WholeChildren:
    """Children to parity in whole children."""

    removal: np.ndarray
    replacement: np.ndarray


def representation(x, n, q, *, confidence: float = 0.95, method: ExactMethod = "midp") -> Representation:
    """How a group's share of a caseload, x of n, compares with its share q of the population.

    With the population taken as fixed, x is Binomial(n, p). One interval for p maps, monotonically, to all of: share
    p; gap p - q; index p/q; RRI against everyone else p/(1 - p) * (1 - q)/q; children to parity by removal, n(p -
    q)/(1 - q), and by replacement, n(p - q). The p-value is that of p = q: twice the smaller tail, counted as the
    method counts it, so that the interval for the RRI excludes 1 exactly when the p-value is at most 1 - confidence. x
    = 0: RRI 0 with a finite upper limit. x = n: RRI inf with a finite lower limit ("at least"). An empty base (n = 0),
    a missing count and x > n: NaN throughout. x, n and q broadcast; q is a fraction, from counts or from a percentage.
    Raises ValueError where q is not between 0 and 1 (a population of 0), for an unknown method, for a bad confidence.
    Sources: Lancaster (1961); Clopper and Pearson (1934); Fay (2010) for intervals that agree with their tests.
    """
    one_of(method, _binomial.WEIGHTS)
    alpha = alpha_of(confidence)
    x, n, q = arrays(x, n, q)
    if np.any((q <= 0) | (q >= 1)):
        raise ValueError(BAD_SHARE)
    x = np.where(possible(x, n) & (n > 0), x, np.nan)
    low, high = _binomial.limits(x, n, alpha, method)
    odds = (1 - q) / q
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {"": x / n, "_low": expit(low), "_high": expit(high)}
        rri = {"": x / (n - x) * odds, "_low": np.exp(low) * odds, "_high": np.exp(high) * odds}
    fields = {}
    for end, share in shares.items():
        fields["share" + end] = share
        fields["gap" + end] = share - q
        fields["index" + end] = share / q
        fields["rri" + end] = rri[end]
        fields["parity_removal" + end] = n * (share - q) / (1 - q)
        fields["parity_replacement" + end] = n * (share - q)
    return Representation(**fields, p=_binomial.central_p(x, n, q, method), confidence=confidence, method=method)


def whole_children(x, n, q) -> WholeChildren:
    """Children to parity in whole children, for a group with x of n children and share q of the population.

    Removal: the fewest of the group's children who would have to be out of the caseload for its share to be q or less,
    rounded up, and 0 where it is so already. Replacement: the nearest whole number to x - nq, halves upwards.
    Raises ValueError where q is not between 0 and 1; a missing count gives NaN.
    """
    x, n, q = arrays(x, n, q)
    if np.any((q <= 0) | (q >= 1)):
        raise ValueError(BAD_SHARE)
    extra = np.where(possible(x, n), x - n * q, np.nan)
    removal = np.maximum(0, np.ceil(extra / (1 - q) - WHOLE))
    return WholeChildren(removal, np.floor(extra + 0.5 + WHOLE))

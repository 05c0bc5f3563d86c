"""What if: the unknown ethnicities, and the counts that are hidden."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import alpha_of, arrays
from yjdisp.measures._roots import first_true
from yjdisp.measures.intervals import Interval
from yjdisp.measures.ratios import Ratio, rate_ratio
from yjdisp.measures.representation import ExactMethod


@dataclass(frozen=True)
class UnknownBounds:
    """Share and RRI among the known, and with every unknown child outside (low) or inside (high) the group.

    `low` and `high` are the lower limit of the lowest RRI and the upper limit of the highest. `tipping` is the least
    number of the unknown children who would have to be in the group for it to have significantly more than its share;
    NaN: no number.
    """

    share: np.ndarray
    share_low: np.ndarray
    share_high: np.ndarray
    rri: np.ndarray
    rri_low: np.ndarray
    rri_high: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tipping: np.ndarray
    confidence: float
    method: str


@dataclass(frozen=True)
class HiddenBounds:
    """The range of an estimate, the lowest lower and the highest upper limit, over all that hidden counts could be."""

    estimate_low: np.ndarray
    estimate_high: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: str | np.ndarray


def unknown_bounds(
    group, reference, unknown, pop_group, pop_reference, *, confidence: float = 0.95, method: ExactMethod = "midp"
) -> UnknownBounds:
    """How far the children of unknown group could move a group's share and its RRI against the reference.

    The reference is everyone known who is not in the group (or the named reference, if it and the group are all there
    is). At one end all unknown children belong to the reference, at the other all to the group; sharing them out in
    proportion to the known ones leaves the RRI as it is among the known. Counts and populations broadcast; shares are
    fractions. Zero rules as in `rate_ratio`. Raises ValueError for a population of 0, an unknown method, a bad
    confidence. Source: Manski (1995), bounds without assumptions.
    """
    group, reference, unknown, pop_group, pop_reference = arrays(group, reference, unknown, pop_group, pop_reference)
    options = {"confidence": confidence, "method": method}
    known = rate_ratio(group, pop_group, reference, pop_reference, **options)
    out = rate_ratio(group, pop_group, reference + unknown, pop_reference, **options)
    inside = rate_ratio(group + unknown, pop_group, reference, pop_reference, **options)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = group + reference + unknown
        shares = group / (group + reference), group / total, (group + unknown) / total
    tipping = _tipping(group, total, unknown, pop_group / (pop_group + pop_reference), alpha_of(confidence), method)
    ratios = known.estimate, out.estimate, inside.estimate
    return UnknownBounds(*shares, *ratios, out.low, inside.high, tipping, confidence, method)


def _tipping(group, total, unknown, q, alpha, method):
    possible = (group >= 0) & (total >= group + unknown) & (unknown >= 0)
    most = np.where(possible, unknown, 0.0)

    def significant(more):
        return _binomial.upper_tail(group + more, total, q, method) <= alpha / 2

    least = first_true(significant, np.zeros(most.shape), most)
    return np.where(possible & (least <= most), least, np.nan)[()]


def hidden_bounds(measure: Callable[..., Interval | Ratio], *counts) -> HiddenBounds:
    """Bounds on a measure whose counts are hidden, each known only to lie from low to high.

    measure: a function of as many counts as are hidden that gives an estimate with limits; counts: a pair (low, high)
    of arrays for each. All estimates here, and the limits of `rate_ratio` and `representation`, rise or fall steadily
    with each count, so their extremes lie at the corners: hidden_bounds(lambda x: rate_ratio(x, 300, 24, 13200), (0,
    4)). What is undefined at a corner (0 against 0) does not narrow the bounds. A corner that cannot be (a count above
    its base) would be no extreme: it makes all of them NaN, and a caller that knows what can be gives that.
    """
    corners = [measure(*corner) for corner in product(*counts)]
    estimates, lows, highs = (np.stack([getattr(c, name) for c in corners]) for name in ("estimate", "low", "high"))
    low, high = lows.min(axis=0), highs.max(axis=0)
    least, most = (np.where(np.isnan(low), np.nan, extreme.reduce(estimates))[()] for extreme in (np.fmin, np.fmax))
    return HiddenBounds(least, most, low, high, corners[0].method)

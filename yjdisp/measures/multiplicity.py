"""Many groups at once: which of several small p-values still stand."""

from dataclasses import dataclass

import numpy as np

from yjdisp.measures import _binomial
from yjdisp.measures._arguments import BAD_SHARE, alpha_of, arrays, one_of
from yjdisp.measures.representation import ExactMethod


@dataclass(frozen=True)
class Adjusted:
    """p-values adjusted for the number of groups tested (NaN outside the family), and which were tested."""

    p: np.ndarray
    tested: np.ndarray
    method: str


def benjamini_hochberg(p, *, attainable=None, confidence: float = 0.95) -> Adjusted:
    """p-values, one a group, adjusted so that at most 1 - confidence of those below it are expected to be chance.

    The k-th smallest of m becomes the least of p m/k from there on, at most 1. attainable: the smallest p-value that
    each group could ever have (see `smallest_p`); groups that could not come down to 1 - confidence are left out of
    the family, as are missing p-values, and theirs become NaN. One axis. Raises ValueError for a bad confidence.
    Sources: Benjamini and Hochberg (1995); Tarone (1990) for the family of attainable tests.
    """
    alpha = alpha_of(confidence)
    p, attainable = arrays(p, 0.0 if attainable is None else attainable)
    tested = ~np.isnan(p) & (attainable <= alpha)
    raw = p[tested]
    order = np.argsort(raw)[::-1]
    scaled = raw[order] * (raw.size / np.arange(raw.size, 0, -1))
    adjusted = np.full(p.shape, np.nan)
    family = np.empty(raw.size)
    family[order] = np.minimum(1.0, np.minimum.accumulate(scaled))
    adjusted[tested] = family
    return Adjusted(adjusted[()], tested, "benjamini_hochberg")


def smallest_p(n, q, *, method: ExactMethod = "midp") -> np.ndarray:
    """The smallest p-value that a group with share q of the population could have in a caseload of n.

    A count of 0 is never called significant, so this is the smaller of the p-values at 1 and at n; 1 for an empty
    caseload. Raises ValueError where q is not between 0 and 1, or for an unknown method.
    """
    one_of(method, _binomial.WEIGHTS)
    n, q = arrays(n, q)
    if np.any((q <= 0) | (q >= 1)):
        raise ValueError(BAD_SHARE)
    ends = np.minimum(_binomial.central_p(np.minimum(n, 1.0), n, q, method), _binomial.central_p(n, n, q, method))
    return np.where(n == 0, 1.0, ends)[()]

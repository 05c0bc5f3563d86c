"""Is a ratio far enough from 1 to matter? The four-fifths band, and the adverse-impact check it comes from."""

from dataclasses import dataclass

import numpy as np

from yjdisp.measures._arguments import arrays
from yjdisp.measures.risks import two_shares

FOUR_FIFTHS, FIVE_QUARTERS = 0.8, 1.25
ROUNDING = 1e-12  # a ratio that is 0.8 but for the last bit is within the band


@dataclass(frozen=True)
class AdverseImpact:
    """Two shares, the lower over the higher, and whether that is less than four fifths."""

    share: np.ndarray
    reference_share: np.ndarray
    ratio: np.ndarray
    adverse: np.ndarray


def size(rri) -> np.ndarray:
    """Each ratio as "under" (below 0.80), "within", "over" (above 1.25) or "undefined" (NaN), whatever its limits."""
    (rri,) = arrays(rri)
    under, over = rri < FOUR_FIFTHS * (1 - ROUNDING), rri > FIVE_QUARTERS * (1 + ROUNDING)
    return np.select([np.isnan(rri), under, over], ["undefined", "under", "over"], "within")[()]


def adverse_impact(x1, n1, x0, n0) -> AdverseImpact:
    """The four-fifths rule for a favourable outcome: is the lower of x1/n1 and x0/n0 less than 0.8 of the higher?

    An empty base, a missing or impossible count and 0 against 0 give a NaN ratio, which is not adverse.
    Source: Equal Employment Opportunity Commission, Uniform Guidelines (1978) and questions and answers (1979).
    """
    x1, n1, x0, n0 = two_shares(x1, n1, x0, n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, reference = x1 / n1, x0 / n0
        ratio = np.minimum(share, reference) / np.maximum(share, reference)
    return AdverseImpact(share, reference, ratio, size(ratio) == "under")

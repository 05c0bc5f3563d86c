"""Several comparisons at once: whose finding still stands when their number is allowed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yjdisp import measures
from yjdisp.comparison import Comparison


def adjusted(groups: Sequence[tuple[Mapping, Comparison]]) -> NDArray[np.float64]:
    """p-values of several groups, adjusted for how many of them could be significant at all.

    Args:
        groups: rows of comparisons, each with its comparison; all have a ratio.

    Returns:
        (n,) as `measures.benjamini_hochberg` gives them; NaN for a group whose p could not have come down to 1 -
        confidence, whatever its count.
    """
    first = groups[0][1]
    names = ("count", "others", "population_share", "others_share", "p")
    count, others, share, others_share, p = (np.array([row[name] for row, _ in groups], float) for name in names)
    least = measures.smallest_p(count + others, share / (share + others_share), method=first.method)
    return measures.benjamini_hochberg(p, attainable=least, confidence=first.confidence).p

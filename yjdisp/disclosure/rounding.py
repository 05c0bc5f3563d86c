"""What is printed of a count, and which counts a printed number can stand for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.policy import Policy


def printed(count: NDArray[np.int64], policy: Policy) -> NDArray[np.int64]:
    """(n,) int: the number that is printed for a count: itself, or the nearest multiple of the rounding base."""
    base = policy.rounding
    count = np.asarray(count, dtype=np.int64)
    return (2 * count + base) // (2 * base) * base if base else count


def interval(count: NDArray[np.int64], children: NDArray[np.int64], policy: Policy
             ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest count for which the same number would be printed, (n,) float each.

    A cell is only printed with at least `threshold` children behind it, except where it is exempt, so that a 5 that
    stands for 5 to 7 is not taken for a 3.
    """
    value = printed(count, policy).astype(float)
    half = policy.rounding // 2
    low = np.maximum(value - half, np.where(np.asarray(children) >= policy.threshold, policy.threshold, 0))
    return (np.minimum(low, count), value + half) if half else (value, value)

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


def interval(
    count: NDArray[np.int64], exempt: NDArray[np.bool_], policy: Policy
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest count for which the same number would be printed, (n,) float each.

    At least `threshold` children are behind a cell that is printed, so that a 5 that stands for 5 to 7 is not taken for
    a 3; nor a 0, where zeros are shown, for anything else. Of an exempt cell nobody knows that, and its interval must not
    tell.
    """
    value = printed(count, policy).astype(float)
    half = policy.rounding // 2
    low = np.maximum(value - half, np.where(exempt, 0, policy.threshold))
    none = (value == 0) & ~exempt & (policy.zeros == "shown") & (policy.threshold > half)
    return (np.minimum(low, count), np.where(none, 0, value + half)) if half else (value, value)

"""Two vectorised searches: where a function crosses zero, and the first whole number at which something is true."""

from collections.abc import Callable

import numpy as np

TOLERANCE = 1e-13
MOST_STEPS = 200


def root(f: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where f, falling from left to right, crosses zero between low and high, elementwise, to 1e-13 absolute.

    If f is nowhere above zero the answer is low; if nowhere below, high; NaN stays NaN. Each step is inverse quadratic
    interpolation where that is safe and bisection elsewhere. Source: Chandrupatla (1997).
    """
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    at_low, at_high = f(low), f(high)
    crosses = (at_low > 0) & (at_high < 0)
    x1, x2, f1, f2 = low, high, at_low, at_high
    fraction = 0.5
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(MOST_STEPS):
            x = x1 + fraction * (x2 - x1)
            fx = f(x)
            same_side = np.sign(fx) == np.sign(f1)
            x3, f3 = np.where(same_side, x1, x2), np.where(same_side, f1, f2)
            x2, f2 = np.where(same_side, x2, x1), np.where(same_side, f2, f1)
            x1, f1 = x, fx
            width = np.abs(x2 - x1)
            if not np.any(crosses & (width > 2 * TOLERANCE) & (f1 != 0)):
                break
            xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
            smooth = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            interpolated = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
            least = np.minimum(TOLERANCE / width, 0.5)
            fraction = np.clip(np.where(smooth, interpolated, 0.5), least, 1 - least)
    crossing = np.where(np.abs(f1) <= np.abs(f2), x1, x2)
    missing = np.isnan(at_low) | np.isnan(at_high)
    return np.select([missing, at_low <= 0, at_high >= 0], [np.nan, low, high], crossing)


def first_true(condition: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The least whole number from low to high from which on a condition is true; high + 1 if there is none."""
    low, high = np.array(low, dtype=float), np.array(high, dtype=float) + 1
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        found = condition(middle) | (low >= high)
        low, high = np.where(found, low, middle + 1), np.where(found, middle, high)
    return high

"""The one likelihood behind a page: x of n is Binomial(n, p). Tail probabilities, the central test, the limits of p.

The weight is how much of P(X = x) counts as "at least as extreme": one half for the mid-P, all of it for the exact
method. Limits are log odds, because on that scale they are accurate at both ends and turn into a rate ratio by one
multiplication.
"""

import numpy as np
from scipy.special import betainc, betaincinv, expit, logit, ndtri

WEIGHTS = {"midp": 0.5, "exact": 1.0}
LAST_STEP = 1e-5  # the iteration is cubic: a step below this leaves an error near 1e-15
LONGEST_STEP = 3.0
MOST_STEPS = 60


def at_least(k, n, p):
    """P(X >= k), between whole k drawn by the incomplete beta function."""
    return np.where(k <= 0, 1.0, np.where(k >= n + 1, 0.0, betainc(k, n - k + 1, p)))


def upper_tail(x, n, p, method):
    """P(X > x) plus the weighted P(X = x)."""
    weight = WEIGHTS[method]
    return weight * at_least(x, n, p) + (1 - weight) * at_least(x + 1, n, p)


def central_p(x, n, p, method):
    """Twice the smaller tail, at most 1; the tail away from the mean is summed, so that 1e-16 is accurate."""
    below = x < n * p
    x, p = np.where(below, n - x, x), np.where(below, 1 - p, p)
    weight, with_x, beyond_x = WEIGHTS[method], at_least(x, n, p), at_least(x + 1, n, p)
    outer = weight * with_x + (1 - weight) * beyond_x
    inner = 1 - weight * beyond_x - (1 - weight) * with_x
    return np.minimum(1.0, 2 * np.minimum(outer, inner))


def limits(x: np.ndarray, n: np.ndarray, alpha: float, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of the lower and upper limit of p: where the upper and the lower tail equal alpha/2.

    The upper limit for x is the lower limit for n - x turned round, so that swapping two groups inverts a ratio
    exactly. -inf for x = 0, inf for x = n; NaN where x or n is missing.
    """
    k, n = np.stack([x, n - x]), np.stack([n, n])
    found = np.where(k == 0, -np.inf, np.nan)
    lower_limit = _lower_midp if method == "midp" else _lower_exact
    inside = (k > 0) & (k <= n)
    found[inside] = lower_limit(k[inside], n[inside], alpha / 2)
    return found[0], -found[1]


def _lower_exact(k, n, tail):
    return logit(betaincinv(k, n - k + 1, tail))


def _lower_midp(k, n, tail):
    everyone = logit((2 * tail) ** (1 / n))
    some = k < n
    everyone[some] = _lower_midp_inside(k[some], n[some], tail)
    return everyone


def _lower_midp_inside(k, n, tail):
    """Halley's iteration on the log of the tail, which is concave in the log odds, from the Wilson limit."""
    y = logit(wilson(k, n, -ndtri(tail))[0])
    for _ in range(MOST_STEPS):
        p = expit(y)
        with_x, beyond_x = betainc(k, n - k + 1, p), betainc(k + 1, n - k, p)
        middle = (with_x + beyond_x) / 2
        pull = k + (n - 2 * k) * p
        slope = (with_x - beyond_x) / 2 * pull / middle
        newton = np.log(middle / tail) / slope
        bend = k - n * p + (n - 2 * k) * p * (1 - p) / pull - slope
        step = np.clip(newton / np.maximum(1 - newton * bend / 2, 0.5), -LONGEST_STEP, LONGEST_STEP)
        y -= step
        if np.all(np.abs(step) < LAST_STEP):
            break
    return y


def wilson(x, n, z):
    """Wilson's score limits of p. The lower one comes from the product of the two, which cancels nothing."""
    top = 2 * x + z * z + z * np.sqrt(z * z + 4 * x * (n - x) / n)
    return 2 * x * x / (n * top), np.minimum(1, top / (2 * (n + z * z)))

"""What every measure asks of its arguments, and what it says when it does not get it. No message holds a value."""

import numpy as np

BAD_CONFIDENCE = "confidence is a fraction between 0 and 1, such as 0.95"
BAD_METHOD = "unknown method; choose one of: {}"
NO_POPULATION = "a population (or exposure, or expected count) must be more than 0"
BAD_SHARE = "a population share must lie between 0 and 1, and be neither"


def arrays(*values) -> list[np.ndarray]:
    """The arguments as arrays of floats of one shape. None and NaN (a hidden count) are NaN from here on."""
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))


def alpha_of(confidence: float) -> float:
    """The total error outside an interval of this confidence. ValueError unless 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(BAD_CONFIDENCE)
    return 1 - confidence


def one_of(method: str, allowed) -> str:
    """The method itself. ValueError with the allowed list unless it is among them."""
    if method not in allowed:
        raise ValueError(BAD_METHOD.format(", ".join(allowed)))
    return method


def populations(*values: np.ndarray) -> None:
    """ValueError if any population is 0 or less; NaN passes and makes NaN."""
    if any(np.any(value <= 0) for value in values):
        raise ValueError(NO_POPULATION)


def possible(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """True where a count lies between 0 and its base; False also where either is missing."""
    return (x >= 0) & (x <= n)

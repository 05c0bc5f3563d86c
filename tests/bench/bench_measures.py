"""Run by hand: python tests/bench/bench_measures.py. Exits 1 if a figure is over its limit.

1. How often is a group called over-represented when it is not? Summed exactly, at an RRI of 1, over group shares and
   caseloads: for caseloads of fixed size and for Poisson ones.
2. How long do the measures take, beside scipy and statsmodels in the same run?
"""

import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from yjdisp import measures as m

SHARES = [0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40]
CASELOADS = [10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 120, 150, 200, 250, 300, 350, 400]
LARGEST = 550
ALLOWED = 0.025


def false_alarms(method: str) -> tuple[np.ndarray, np.ndarray]:
    """The chance of a false "over-represented" by share (rows) and caseload: of fixed size, of Poisson size."""
    from scipy import stats

    sizes = np.arange(LARGEST + 1)
    by_size = np.zeros((len(SHARES), sizes.size))
    for n in sizes[1:]:
        x = np.arange(n + 1)[:, None]
        found = m.representation(x, n, SHARES, method=method)
        over = (x > 0) & (m.size(found.rri) == "over") & (found.rri_low > 1)
        by_size[:, n] = (stats.binom.pmf(x, n, SHARES) * over).sum(axis=0)
    poisson = stats.poisson.pmf(sizes, np.array(CASELOADS)[:, None])
    assert np.all(poisson.sum(axis=1) > 1 - 1e-9)
    return by_size[:, CASELOADS], by_size @ poisson.T


def show_false_alarms(method: str) -> float:
    fixed, mixed = false_alarms(method)
    print(f'\nFalse "over-represented", per cent, {method}, Poisson caseloads (rows: group share, columns: caseload)')
    print("        " + "".join(f"{n:6d}" for n in CASELOADS))
    for share, row in zip(SHARES, mixed, strict=True):
        print(f"{share:6.0%}  " + "".join(f"{100 * rate:6.2f}" for rate in row))
    row, column = np.unravel_index(mixed.argmax(), mixed.shape)
    print(
        f"largest: {mixed.max():.2%} at a share of {SHARES[row]:.0%} of {CASELOADS[column]}; mean {mixed.mean():.2%}; "
        f"above 2.5% at {np.sum(mixed > ALLOWED)} of {mixed.size} points, above 2.6% at {np.sum(mixed > 0.026)}; "
        f"caseloads of fixed size: largest {fixed.max():.2%}"
    )
    return mixed.max()


def milliseconds(work, repeats: int = 7) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def import_milliseconds() -> float:
    """In a fresh interpreter: the best of five."""
    code = "import time; t = time.perf_counter(); import yjdisp.measures; print(time.perf_counter() - t)"
    root = Path(__file__).resolve().parents[2]
    runs = [subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True) for _ in range(5)]
    return 1000 * min(map(float, runs))


def random_tables(size: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(20)
    n1, n0 = rng.integers(10, 400, size), rng.integers(10, 400, size)
    return rng.binomial(n1, rng.uniform(0.01, 0.6, size)), n1, rng.binomial(n0, rng.uniform(0.01, 0.6, size)), n0


def show_speed() -> bool:
    from scipy import optimize, stats
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    x1, n1, x0, n0 = random_tables(10_000)
    q = np.random.default_rng(21).uniform(0.02, 0.4, x1.size)
    few = 200
    page = x1[:600], n1[:600], q[:600]
    exact_shares = partial(m.proportion_interval, method="exact")

    def scipy_midp():
        for x, n in zip(x1[:few], n1[:few], strict=True):
            for tail in (scipy_upper_tail, scipy_lower_tail):
                if tail(1e-12, x, n) * tail(1 - 1e-12, x, n) < 0:
                    optimize.brentq(tail, 1e-12, 1 - 1e-12, args=(x, n))

    def scipy_upper_tail(p, x, n):
        return stats.binom.sf(x, n, p) + stats.binom.pmf(x, n, p) / 2 - 0.025

    def scipy_lower_tail(p, x, n):
        return stats.binom.cdf(x, n, p) - stats.binom.pmf(x, n, p) / 2 - 0.025

    def statsmodels_score():
        for table in zip(x1[:few], n1[:few], x0[:few], n0[:few], strict=True):
            confint_proportions_2indep(*map(int, table), compare="ratio", method="score")

    def scipy_exact():
        for x, n in zip(x1[:few], n1[:few], strict=True):
            stats.binomtest(int(x), int(n)).proportion_ci()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each = {
            "scipy brentq, mid-P": milliseconds(scipy_midp, 2) / few,
            "statsmodels, score": milliseconds(statsmodels_score, 2) / few,
            "scipy binomtest, exact": milliseconds(scipy_exact, 2) / few,
        }
        beta = milliseconds(lambda: proportion_confint(x1, n1, method="beta"))
    rows = [
        ("600 intervals of one page", 15, 600, "scipy brentq, mid-P", lambda: m.representation(*page)),
        ("10,000 mid-P RRI", 80, 10_000, "scipy brentq, mid-P", lambda: m.representation(x1, n1, q)),
        ("10,000 mid-P rate ratios", 80, 10_000, "scipy brentq, mid-P", lambda: m.rate_ratio(x1, n1 * 50, x0, n0 * 90)),
        ("10,000 SCAS risk ratios", 100, 10_000, "statsmodels, score", lambda: m.risk_ratio(x1, n1, x0, n0)),
        ("10,000 exact shares", 80, 10_000, "scipy binomtest, exact", lambda: exact_shares(x1, n1)),
    ]
    print("\nSpeed (best of several runs)")
    well = True
    for name, limit, size, rival, work in rows:
        took = milliseconds(work)
        well &= took < limit
        print(f"{name:28s}{took:8.1f} ms (limit {limit}), {each[rival] * size / took:6.0f} times as fast as {rival}")
    print(f"{'(statsmodels, 10,000 exact)':28s}{beta:8.1f} ms, vectorised")
    took = import_milliseconds()
    print(f"{'import yjdisp.measures':28s}{took:8.1f} ms (limit 400)")
    return well and took < 400


if __name__ == "__main__":
    largest = show_false_alarms("midp")
    show_false_alarms("exact")
    fast = show_speed()
    print(f"\nfalse alarms {'within' if largest <= ALLOWED else 'ABOVE'} 2.5%")
    print(f"speed {'within' if fast else 'ABOVE'} its limits")
    sys.exit(0 if fast and largest <= ALLOWED else 1)

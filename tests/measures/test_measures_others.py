"""The same numbers from other programs (scipy.stats, statsmodels) and from definitions summed by brute force."""

import itertools

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson

from yjdisp import measures as m

COUNTS = [
    (0, 1),
    (0, 45),
    (1, 1),
    (1, 2),
    (1, 29),
    (3, 8),
    (5, 100_000),
    (16, 45),
    (45, 45),
    (399, 400),
    (5_000, 10**6),
]
LEVELS = [0.9, 0.95, 0.99, 0.998]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("level", LEVELS)
def test_shares(count, level):
    x, n = count
    for method, theirs in (("exact", "beta"), ("wilson", "wilson")):
        found = m.proportion_interval(x, n, confidence=level, method=method)
        expected = proportion_confint(x, n, 1 - level, theirs)
        np.testing.assert_allclose([found.low, found.high], expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_mid_p_limit_is_where_the_tail_is_half_of_what_is_left(count, level):
    x, n = count
    found, tail = m.proportion_interval(x, n, confidence=level), (1 - level) / 2
    if x > 0:
        upper = stats.binom.sf(x, n, found.low) + stats.binom.pmf(x, n, found.low) / 2
        np.testing.assert_allclose(upper, tail, rtol=1e-8)
    else:
        assert found.low == 0
    if x < n:
        lower = stats.binom.cdf(x - 1, n, found.high) + stats.binom.pmf(x, n, found.high) / 2
        np.testing.assert_allclose(lower, tail, rtol=1e-8)
    else:
        assert found.high == 1


@pytest.mark.parametrize("x", [0, 1, 9, 10, 45, 1045, 100_000])
def test_rates(x):
    np.testing.assert_allclose(
        [getattr(m.rate_interval(x, 100, method="exact"), end) for end in ("low", "high")],
        confint_poisson(x, 100, method="exact-c"),
        rtol=1e-10,
        atol=1e-15,
    )


def test_p_values_of_rate_ratios():
    x1, t1, x0, t0 = np.array(
        [(16, 1047, 29, 14717), (3, 500, 2, 400), (200, 90_000, 1000, 900_000), (40, 50, 3, 70)]
    ).T
    q = t1 / (t1 + t0)
    upper = stats.binom.sf(x1, x1 + x0, q) + stats.binom.pmf(x1, x1 + x0, q) / 2
    lower = stats.binom.cdf(x1 - 1, x1 + x0, q) + stats.binom.pmf(x1, x1 + x0, q) / 2
    np.testing.assert_allclose(m.rate_ratio(x1, t1, x0, t0).p, 2 * np.minimum(upper, lower), rtol=1e-10)
    exact = np.minimum(1, 2 * np.minimum(stats.binom.sf(x1 - 1, x1 + x0, q), stats.binom.cdf(x1, x1 + x0, q)))
    np.testing.assert_allclose(m.rate_ratio(x1, t1, x0, t0, method="exact").p, exact, rtol=1e-10)


TABLES = [(16, 45, 5, 30), (3, 8, 2, 37), (29, 55, 10, 11), (200, 9000, 1000, 90_000), (1, 3, 2, 900), (9, 10, 3, 10)]


@pytest.mark.parametrize("table", TABLES)
def test_two_shares(table):
    ratio = m.risk_ratio(*table, method="mn")
    expected = confint_proportions_2indep(*table, compare="ratio", method="score", correction=True)
    np.testing.assert_allclose([ratio.low, ratio.high], expected, rtol=1e-6)
    difference = m.risk_difference(*table)
    expected = confint_proportions_2indep(*table, compare="diff", method="newcomb")
    np.testing.assert_allclose([difference.low, difference.high], expected, rtol=1e-9)


@pytest.mark.parametrize("table", [table for table in TABLES if table[1] < 1000])
def test_the_p_value_of_a_difference_is_where_its_limit_meets_0(table):
    found = m.risk_difference(*table)
    touching = m.risk_difference(*table, confidence=1 - found.p)
    np.testing.assert_allclose(
        touching.low if found.estimate > 0 else touching.high, 0, atol=1e-4 * abs(found.estimate)
    )


def laud_score(ratio, x1, n1, x0, n0):
    """Laud's score from its definition, with shares by brute maximisation of the likelihood."""

    def loss(share):
        return -(stats.binom.logpmf(x1, n1, min(1, ratio * share)) + stats.binom.logpmf(x0, n0, share))

    p0 = optimize.minimize_scalar(loss, bounds=(1e-12, min(1, 1 / ratio) - 1e-12), options={"xatol": 1e-13}).x
    p1 = ratio * p0
    variance = (p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1)
    third = p1 * (1 - p1) * (1 - 2 * p1) / n1**2 - ratio**3 * p0 * (1 - p0) * (1 - 2 * p0) / n0**2
    skew = third / (6 * variance**1.5)
    plain = (x1 / n1 - ratio * x0 / n0) / variance**0.5
    return optimize.brentq(lambda z: z + skew * (z * z - 1) - plain, -1 / (2 * abs(skew)), 1 / (2 * abs(skew)))


@pytest.mark.parametrize("table", [(16, 45, 5, 30), (9, 20, 3, 31), (29, 55, 10, 15)])
def test_scas_limits_have_the_score_they_should(table):
    found = m.risk_ratio(*table)
    np.testing.assert_allclose(laud_score(float(found.low), *table), stats.norm.ppf(0.975), rtol=1e-5)
    np.testing.assert_allclose(laud_score(float(found.high), *table), stats.norm.ppf(0.025), rtol=1e-5)
    np.testing.assert_allclose(found.p, 2 * stats.norm.sf(abs(laud_score(1.0, *table))), rtol=1e-5)


@pytest.mark.parametrize("table", [*TABLES, (0, 10, 3, 20), (10, 10, 1, 20), (5, 10, 10, 20)])
def test_fisher_mid_p(table):
    x1, n1, x0, n0 = table
    null = stats.hypergeom(n1 + n0, x1 + x0, n1)
    here = null.pmf(x1) / 2
    expected = min(1, 2 * min(null.sf(x1) + here, null.cdf(x1 - 1) + here))
    np.testing.assert_allclose(m.fisher_test(*table).p, expected, rtol=1e-9)


def test_strata():
    a, n1, c, n0 = np.array([[4, 2, 4, 1], [16, 16, 18, 15], [5, 3, 10, 3], [79, 87, 90, 82]])
    tables = StratifiedTable(np.array([[a, n1 - a], [c, n0 - c]]))
    theirs = tables.test_equal_odds(adjust=True)
    found = m.tarone(a, n1, c, n0)
    np.testing.assert_allclose([found.statistic, found.p], [theirs.statistic, theirs.pvalue], rtol=1e-9)
    np.testing.assert_allclose(m.mantel_haenszel(a, n1, c, n0).estimate, tables.riskratio_pooled, rtol=1e-12)


def test_one_stratum_is_a_plain_risk_ratio_and_equal_strata_pool():
    alone, plain = m.stratified_risk_ratio([9], [20], [3], [31]), m.risk_ratio(9, 20, 3, 31, method="mn")
    np.testing.assert_allclose([alone.low, alone.high, alone.p], [plain.low, plain.high, plain.p], rtol=1e-10)


@pytest.mark.parametrize("x", [[1, 0, 2, 3], [4, 4, 4, 1], [4, 3, 5, 4]])
def test_a_trend_in_shares_by_enumeration(x):
    n, scores = [5, 4, 6, 4], [0, 0.5, 1.5, 4]
    weights = {}
    for each in itertools.product(*(range(size + 1) for size in n)):
        if sum(each) == sum(x):
            at = round(np.dot(scores, each), 9)
            weights[at] = weights.get(at, 0) + np.prod(
                [stats.binom.pmf(k, size, 0.5) for k, size in zip(each, n, strict=True)]
            )
    total, here = sum(weights.values()), np.dot(scores, x)
    up = sum(chance for at, chance in weights.items() if at >= here - 1e-9) / total
    down = sum(chance for at, chance in weights.items() if at <= here + 1e-9) / total
    found = m.cochran_armitage(x, n, scores=scores, method="exact")
    np.testing.assert_allclose([found.p_increasing, found.p_decreasing], [up, down], rtol=1e-10)
    np.testing.assert_allclose(found.p, min(1, 2 * min(up, down)), rtol=1e-10)


def test_an_exact_trend_in_what_nearly_all_have_is_that_of_the_few_without_turned_round():
    have, n = np.array([81, 80, 80, 79, 79, 78, 78, 76, 75, 74, 73, 71]), np.full(12, 83)
    found, without = (m.cochran_armitage(x, n, method="exact") for x in (have, n - have))
    assert (found.p, found.p_increasing) == (without.p, without.p_decreasing)
    assert found.statistic == np.arange(12) @ have and found.p_decreasing < 0.05 < found.p_increasing


def test_a_trend_in_rates_by_enumeration():
    x, exposure, scores = [0, 1, 4], np.array([1.0, 2.0, 1.5]), [0, 1, 2]
    tails = {"up": 0.0, "down": 0.0, "here": 0.0}
    for each in itertools.product(range(6), repeat=3):
        if sum(each) == 5:
            chance = stats.multinomial.pmf(each, 5, exposure / exposure.sum())
            at = np.dot(scores, each)
            tails["up"] += chance * (at >= 9)
            tails["down"] += chance * (at <= 9)
            tails["here"] += chance * (at == 9)
    found = m.poisson_trend(x, exposure)
    np.testing.assert_allclose([found.p_increasing, found.p_decreasing], [tails["up"], tails["down"]], rtol=1e-10)
    np.testing.assert_allclose(found.p, 2 * (tails["up"] - tails["here"] / 2), rtol=1e-10)


def test_benjamini_hochberg():
    p = np.random.default_rng(4).random(40) ** 3
    np.testing.assert_allclose(m.benjamini_hochberg(p).p, multipletests(p, method="fdr_bh")[1], rtol=1e-12)


@pytest.mark.parametrize("case", [(1047, 14717, 29.0, 0.8), (500, 1000, 4.5, 0.9), (300, 300, 60.0, 0.5)])
def test_the_detectable_ratio_has_the_power_it_claims(case):
    t1, t0, expected, power = case
    ratio = m.detectable_ratio(t1, t0, expected, power=power).ratio
    x1, x0 = np.meshgrid(np.arange(260), np.arange(160))
    significant = m.rate_ratio(x1, 1000 * t1, x0, 1000 * t0).low > 1
    chance = stats.poisson.pmf(x1, ratio * expected * t1 / t0) * stats.poisson.pmf(x0, expected)
    np.testing.assert_allclose(chance[significant].sum(), power, atol=1e-6)


@pytest.mark.parametrize("confidence", [0.95, 0.998])
@pytest.mark.parametrize("average", [0.01, 0.3, 0.97])
def test_an_area_is_outside_of_the_midp_limits_just_if_the_midp_test_says_so(average, confidence):
    for n in (1, 10, 20, 300):
        count = np.arange(n + 1)
        found = m.funnel_limits(n, average, confidence=confidence, method="midp")
        half = stats.binom.pmf(count, n, average) / 2
        tails = stats.binom.sf(count, n, average) + half, stats.binom.cdf(count, n, average) - half
        outside = (count / n > found.high) | (count / n < found.low)
        np.testing.assert_array_equal(outside, np.minimum(*tails) < (1 - confidence) / 2)


def test_an_empty_area_has_no_midp_limits():
    found = m.funnel_limits([0, 20, np.nan], [0.3, np.nan, 0.3], method="midp")
    assert np.isnan([found.low, found.high]).all()


def test_funnel_limits_are_the_shares_whose_wilson_limit_is_the_average():
    found = m.funnel_limits(50, 0.3)
    for share, end in ((found.low, "high"), (found.high, "low")):
        limit = getattr(m.proportion_interval(share * 50, 50, method="wilson"), end)
        np.testing.assert_allclose(limit, 0.3, rtol=1e-10)

"""For any counts: intervals agree with tests, swaps invert, limits rise with counts and nest, parts add up."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from yjdisp import measures as m

settings.register_profile("measures", max_examples=120)
settings.load_profile("measures")

levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.998])
exact_methods = st.sampled_from(["midp", "exact"])
shares = st.floats(1e-4, 1 - 1e-4)
populations = st.integers(1, 100_000)
NEAR_TIE = 1e-9


@st.composite
def counts(draw, most=400, least=1):
    """A count and its base."""
    n = draw(st.integers(least, most))
    return draw(st.integers(0, n)), n


@st.composite
def two_counts(draw):
    return (*draw(counts()), *draw(counts()))


@st.composite
def two_rates(draw):
    """x1, t1, x0, t0 with counts of at most some hundreds."""
    t1, t0 = draw(populations), draw(populations)
    return draw(st.integers(0, min(t1, 300))), t1, draw(st.integers(0, min(t0, 300))), t0


def excludes(result, value):
    return bool((result.low > value) | (result.high < value))


def assert_agrees(result, value, confidence):
    assume(abs(result.p - (1 - confidence)) > NEAR_TIE)
    assert excludes(result, value) == (result.p <= 1 - confidence)


@given(two_rates(), levels, exact_methods)
def test_a_rate_ratio_excludes_1_exactly_when_p_says_so(rates, confidence, method):
    assert_agrees(m.rate_ratio(*rates, confidence=confidence, method=method), 1, confidence)


@given(two_counts(), levels, st.sampled_from(["scas", "mn"]))
@example((0, 1, 1, 83), 0.5, "scas")
@example((1, 103, 0, 1), 0.5, "scas")
def test_a_risk_ratio_excludes_1_exactly_when_p_says_so(pair, confidence, method):
    assert_agrees(m.risk_ratio(*pair, confidence=confidence, method=method), 1, confidence)


@given(two_counts(), levels)
def test_a_risk_difference_excludes_0_exactly_when_p_says_so(pair, confidence):
    assert_agrees(m.risk_difference(*pair, confidence=confidence), 0, confidence)


@given(st.integers(0, 300), st.floats(0.1, 300), levels, st.sampled_from(["exact", "byar", "auto"]))
def test_a_standardised_ratio_excludes_1_exactly_when_p_says_so(observed, expected, confidence, method):
    assert_agrees(m.standardised_ratio(observed, expected, confidence=confidence, method=method), 1, confidence)


@given(st.lists(two_counts(), min_size=1, max_size=5), levels)
def test_a_stratified_ratio_excludes_1_exactly_when_p_says_so(strata, confidence):
    assert_agrees(m.stratified_risk_ratio(*np.array(strata).T, confidence=confidence), 1, confidence)


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95, 0.99, 0.998])
@pytest.mark.parametrize("method", ["scas", "mn", "newcombe"])
def test_every_small_table_agrees_with_its_p_value(confidence, method):
    x1, n1, x0, n0 = (axis.ravel() for axis in np.meshgrid(*(range(12), range(1, 12)) * 2))
    fits = (x1 <= n1) & (x0 <= n0)
    table = x1[fits], n1[fits], x0[fits], n0[fits]
    if method == "newcombe":
        found, null = m.risk_difference(*table, confidence=confidence), 0
    else:
        found, null = m.risk_ratio(*table, confidence=confidence, method=method), 1
    clear = np.abs(found.p - (1 - confidence)) > NEAR_TIE
    np.testing.assert_array_equal(((found.low > null) | (found.high < null))[clear], (found.p <= 1 - confidence)[clear])
    assert np.all(found.low <= found.high)


@given(counts(), shares, levels, exact_methods)
def test_everything_on_a_page_comes_from_one_interval(count, q, confidence, method):
    x, n = count
    found = m.representation(x, n, q, confidence=confidence, method=method)
    for end in ("_low", "_high"):
        share, rri = getattr(found, "share" + end), getattr(found, "rri" + end)
        np.testing.assert_allclose(getattr(found, "gap" + end), share - q, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(getattr(found, "index" + end), share / q, rtol=1e-12)
        np.testing.assert_allclose(getattr(found, "parity_replacement" + end), n * (share - q), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(getattr(found, "parity_removal" + end) * (1 - q), n * (share - q), atol=1e-9)
        if np.isfinite(rri):
            np.testing.assert_allclose(rri * q / (1 - q + rri * q), share, rtol=1e-9)
    assume(abs(found.p - (1 - confidence)) > NEAR_TIE)
    significant = found.p <= 1 - confidence
    for name, null in {
        "share": q,
        "gap": 0,
        "index": 1,
        "rri": 1,
        "parity_removal": 0,
        "parity_replacement": 0,
    }.items():
        part = found.measure(name)
        assert excludes(part, null) == significant, name
        assert part.low <= part.estimate <= part.high, name


@given(counts(), shares, levels, exact_methods)
def test_everyone_else_is_a_reference_like_any_other(count, q, confidence, method):
    x, n = count
    rest = m.representation(x, n, q, confidence=confidence, method=method)
    named = m.rate_ratio(x, 1e9 * q, n - x, 1e9 * (1 - q), confidence=confidence, method=method)
    found = [rest.rri, rest.rri_low, rest.rri_high, rest.p]
    np.testing.assert_allclose(found, [named.estimate, named.low, named.high, named.p], rtol=1e-8)


def inverted(result):
    with np.errstate(divide="ignore"):
        return [1 / np.float64(result.estimate), 1 / np.float64(result.high), 1 / np.float64(result.low), result.p]


def straight(result):
    return [result.estimate, result.low, result.high, result.p]


@given(two_rates(), levels, exact_methods)
def test_swapping_group_and_reference_inverts_a_rate_ratio(rates, confidence, method):
    x1, t1, x0, t0 = rates
    one = m.rate_ratio(x1, t1, x0, t0, confidence=confidence, method=method)
    other = m.rate_ratio(x0, t0, x1, t1, confidence=confidence, method=method)
    np.testing.assert_allclose(straight(one), inverted(other), rtol=1e-9)


@given(two_counts(), levels, st.sampled_from(["scas", "mn"]))
def test_swapping_group_and_reference_inverts_a_risk_ratio(pair, confidence, method):
    x1, n1, x0, n0 = pair
    one = m.risk_ratio(x1, n1, x0, n0, confidence=confidence, method=method)
    other = m.risk_ratio(x0, n0, x1, n1, confidence=confidence, method=method)
    np.testing.assert_allclose(straight(one), inverted(other), rtol=1e-9)


@given(two_counts(), levels)
def test_swapping_group_and_reference_turns_a_difference_round(pair, confidence):
    x1, n1, x0, n0 = pair
    one = m.risk_difference(x1, n1, x0, n0, confidence=confidence)
    other = m.risk_difference(x0, n0, x1, n1, confidence=confidence)
    np.testing.assert_allclose(
        straight(one), [-other.estimate, -other.high, -other.low, other.p], rtol=1e-9, atol=1e-12
    )


@given(st.integers(1, 300), shares, levels, exact_methods)
def test_a_representation_rises_with_the_count(n, q, confidence, method):
    found = m.representation(np.arange(n + 1), n, q, confidence=confidence, method=method)
    for name in m.MEASURES:
        part = found.measure(name)
        assert np.all(np.diff(part.low) > 0) and np.all(part.high[1:] > part.high[:-1]), name


@given(counts(100), st.integers(2, 100), levels, st.sampled_from(["scas", "mn"]))
def test_a_risk_ratio_rises_with_the_count(reference, n, confidence, method):
    assume(0 < reference[0] < reference[1])
    assume(method == "mn" or confidence < 0.99)
    found = m.risk_ratio(np.arange(n + 1), n, *reference, confidence=confidence, method=method)
    assert np.all(np.diff(found.low) > 0) and np.all(np.diff(found.high) > 0)


@pytest.mark.parametrize(
    "interval",
    [
        lambda c: m.proportion_interval([0, 1, 3, 45], [45, 2, 45, 45], confidence=c),
        lambda c: m.proportion_interval([0, 1, 3, 45], [45, 2, 45, 45], confidence=c, method="exact"),
        lambda c: m.proportion_interval([0, 1, 3, 45], [45, 2, 45, 45], confidence=c, method="wilson"),
        lambda c: m.rate_interval([0, 1, 9, 10, 400], 1000, confidence=c),
        lambda c: m.rate_ratio([0, 1, 16, 3], 1047, [29, 1, 29, 0], 14717, confidence=c),
        lambda c: m.risk_ratio([0, 1, 16, 10, 3], 20, [5, 1, 20, 10, 0], 30, confidence=c),
        lambda c: m.risk_ratio([0, 1, 16, 10, 3], 20, [5, 1, 20, 10, 0], 30, confidence=c, method="mn"),
        lambda c: m.risk_difference([0, 1, 16, 10, 3], 20, [5, 1, 20, 10, 0], 30, confidence=c),
        lambda c: m.stratified_risk_ratio([[0, 1, 2], [3, 4, 5]], 20, [[1, 2, 3], [4, 4, 4]], 30, confidence=c),
        lambda c: m.mantel_haenszel([[0, 1, 2], [3, 4, 5]], 20, [[1, 2, 3], [4, 4, 4]], 30, confidence=c),
        lambda c: m.funnel_limits([5, 50, 500], 0.3, confidence=c),
    ],
)
def test_a_higher_confidence_contains_a_lower_one(interval):
    inner, outer = interval(0.8), interval(0.8)
    for confidence in (0.9, 0.95, 0.99, 0.998):
        inner, outer = outer, interval(confidence)
        assert np.all(outer.low <= inner.low) and np.all(outer.high >= inner.high)
        assert np.any(outer.low < inner.low) and np.any(outer.high > inner.high)


@st.composite
def falling(draw, steps=4):
    """A population and the stages after it, none larger than the one before and none empty."""
    return sorted(draw(st.lists(st.integers(1, 5000), min_size=steps, max_size=steps)), reverse=True)


@given(falling(), falling())
def test_stage_ratios_multiply_to_the_cumulative_one(group, reference):
    found = m.stage_ratios(group, reference)
    np.testing.assert_allclose(np.cumprod(found.ratio), found.cumulative, rtol=1e-12)
    np.testing.assert_allclose(found.log_ratio.sum(), np.log(found.cumulative[-1]), atol=1e-12)
    assume(abs(np.log(found.cumulative[-1])) > 1e-6)
    np.testing.assert_allclose(found.log_share.sum(), 1, atol=1e-6)


@given(falling(), falling())
def test_a_favourable_stage_is_read_the_other_way_round(group, reference):
    found = m.stage_ratios(group, reference, favourable=[False, True, False])
    np.testing.assert_allclose(found.disadvantage, found.ratio ** [1, -1, 1], rtol=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(found.disadvantage_low[1], 1 / found.high[1])
        np.testing.assert_allclose(found.disadvantage_high[1], 1 / found.low[1])
    np.testing.assert_array_equal(found.disadvantage_low[[0, 2]], found.low[[0, 2]])


@given(st.lists(st.tuples(counts(least=0), counts(least=0)), min_size=1, max_size=8))
def test_kitagawa_parts_add_up_to_the_gap(strata):
    (xa, na), (xb, nb) = (np.array([pair[side] for pair in strata]).T for side in (0, 1))
    assume(na.sum() > 0 and nb.sum() > 0)
    found = m.kitagawa(na, xa, nb, xb)
    np.testing.assert_allclose(found.gap, xa.sum() / na.sum() - xb.sum() / nb.sum(), atol=1e-12)
    np.testing.assert_allclose(found.composition + found.rate, found.gap, atol=1e-12)
    np.testing.assert_allclose(found.endowments + found.coefficients + found.interaction, found.gap, atol=1e-12)


@given(two_rates(), st.integers(1, 30), levels, exact_methods)
def test_hidden_bounds_hold_whatever_the_count_is(rates, width, confidence, method):
    x1, t1, x0, t0 = rates
    assume(x1 + width <= t1)

    def ratio(x):
        return m.rate_ratio(x, t1, x0, t0, confidence=confidence, method=method)

    found, all_of_them = m.hidden_bounds(ratio, (x1, x1 + width)), ratio(np.arange(x1, x1 + width + 1))
    extremes = all_of_them.low.min(), all_of_them.high.max()
    np.testing.assert_allclose([found.low, found.high], extremes, rtol=1e-12)
    if x0 > 0:
        assert found.estimate_low == all_of_them.estimate.min() and found.estimate_high == all_of_them.estimate.max()


@given(st.integers(0, 40), st.integers(0, 80), st.integers(0, 30), exact_methods)
def test_the_tipping_count_is_where_the_verdict_flips(group, reference, unknown, method):
    found = m.unknown_bounds(group, reference, unknown, 500, 4000, method=method)
    inside = np.arange(unknown + 1)
    each = m.rate_ratio(group + inside, 500, reference + unknown - inside, 4000, method=method)
    over = inside[each.low > 1]
    np.testing.assert_equal(found.tipping, over[0] if over.size else np.nan)
    np.testing.assert_allclose([found.low, found.high], [each.low.min(), each.high.max()], rtol=1e-12)


@given(st.lists(st.floats(0, 1), max_size=12), st.lists(st.floats(0, 0.2), min_size=12, max_size=12))
def test_groups_that_could_never_be_significant_are_left_out_of_the_family(p, attainable):
    attainable = np.array(attainable[: len(p)])
    found = m.benjamini_hochberg(p, attainable=attainable)
    inside = attainable <= 1 - 0.95
    np.testing.assert_array_equal(found.tested, inside)
    np.testing.assert_array_equal(found.p[inside], m.benjamini_hochberg(np.array(p)[inside]).p)
    assert np.all(np.isnan(found.p[~inside])) and np.all(found.p[inside] >= np.array(p)[inside])


@given(st.integers(1, 60), shares, exact_methods)
def test_the_smallest_p_is_the_smallest_of_all_counts_but_0(n, q, method):
    p = m.representation(np.arange(1, n + 1), n, q, method=method).p
    assert m.smallest_p(n, q, method=method) == p.min()

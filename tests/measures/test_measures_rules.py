"""Zeros, gaps, refusals, bands, charts, and what may not be imported."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from yjdisp import measures as m

RATIOS = [
    lambda x1, n1, x0, n0: m.rate_ratio(x1, n1, x0, n0),
    lambda x1, n1, x0, n0: m.rate_ratio(x1, n1, x0, n0, method="exact"),
    lambda x1, n1, x0, n0: m.risk_ratio(x1, n1, x0, n0),
    lambda x1, n1, x0, n0: m.risk_ratio(x1, n1, x0, n0, method="mn"),
    lambda x1, n1, x0, n0: m.stratified_risk_ratio([x1], [n1], [x0], [n0]),
]


@pytest.mark.parametrize("ratio", RATIOS)
def test_zeros(ratio):
    none = ratio(0, 40, 5, 90)
    assert none.estimate == 0 and none.low == 0 and 0 < none.high < np.inf
    no_reference = ratio(5, 40, 0, 90)
    assert no_reference.estimate == np.inf and 0 < no_reference.low < np.inf and no_reference.high == np.inf
    neither = ratio(0, 40, 0, 90)
    assert np.isnan(neither.estimate) and neither.low == 0 and neither.high == np.inf and neither.p == 1


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(
    "table", [(41, 40, 5, 90), (5, 40, 91, 90), (np.nan, 40, 5, 90), (5, 40, np.nan, 90), (-1, 40, 5, 90)]
)
def test_more_children_than_there_are_and_missing_counts_have_no_measure(ratio, table):
    found = ratio(*table)
    assert np.all(np.isnan([found.low, found.high, found.p]))


def test_zeros_of_a_representation():
    none, all_of_them = m.representation(0, 45, 0.07), m.representation(45, 45, 0.07)
    assert none.rri == 0 and none.rri_low == 0 and 0 < none.rri_high < np.inf
    assert all_of_them.rri == np.inf and 1 < all_of_them.rri_low < np.inf and all_of_them.rri_high == np.inf
    for x, n in ((0, 0), (46, 45), (np.nan, 45), (3, np.nan)):
        found = m.representation(x, n, 0.07)
        values = [v for f, v in dataclasses.asdict(found).items() if f not in ("confidence", "method")]
        assert np.all(np.isnan(values))


def test_a_mantel_haenszel_ratio_without_outcomes_has_no_finite_limit():
    found = m.mantel_haenszel([0, 0], [10, 20], [3, 4], [30, 40])
    assert found.estimate == 0 and found.low == 0 and found.high == np.inf and np.isnan(found.p)


def test_an_empty_stratum_changes_nothing():
    with_it = [4, 0, 3], [16, 0, 9], [5, 7, 2], [79, 30, 80]
    without = [4, 3], [16, 9], [5, 2], [79, 80]
    for function in (m.mantel_haenszel, m.stratified_risk_ratio):
        np.testing.assert_allclose(
            [getattr(function(*with_it), name) for name in ("estimate", "low", "high", "p")],
            [getattr(function(*without), name) for name in ("estimate", "low", "high", "p")],
            rtol=1e-10,
        )
    assert m.tarone(*with_it).df == m.tarone(*without).df == 1
    assert m.tarone(*with_it).statistic == pytest.approx(m.tarone(*without).statistic)


def test_kitagawa_needs_both_groups_and_takes_the_other_rate_in_an_empty_stratum():
    assert np.all(np.isnan(list(dataclasses.asdict(m.kitagawa([0, 0], [0, 0], [1, 2], [1, 1])).values())[:-1]))
    found = m.kitagawa([10, 0], [3, 0], [0, 20], [0, 5])
    assert found.rate == 0 and found.composition == pytest.approx(0.05) == found.gap


REFUSED = [
    lambda: m.rate_ratio(1, 0, 2, 50),
    lambda: m.rate_ratio(1, 50, 2, 0),
    lambda: m.rate_interval(1, 0),
    lambda: m.standardised_ratio(1, 0),
    lambda: m.representation(1, 5, 0.0),
    lambda: m.representation(1, 5, 1.0),
    lambda: m.whole_children(1, 5, 0.0),
    lambda: m.stage_ratios([0, 3], [10, 4]),
    lambda: m.detectable_ratio(0, 10, 4),
    lambda: m.rate_ratio(1, 5, 2, 50, confidence=95),
    lambda: m.rate_ratio(1, 5, 2, 50, method="wald"),
    lambda: m.risk_ratio(1, 5, 2, 50, method="katz"),
    lambda: m.proportion_interval(1, 5, method="wald"),
    lambda: m.detectable_ratio(10, 10, 4, power=80),
    lambda: m.poisson_trend([1, 2], [1, 1], scores=[1, 1]),
    lambda: m.poisson_trend([1, 2], [1, 1], scores=[1, np.pi]),
]


@pytest.mark.parametrize("call", REFUSED)
def test_refusals_name_no_value(call):
    with pytest.raises(ValueError) as refusal:
        call()
    assert not any(digits in str(refusal.value) for digits in ("95 ", "80", "3.14", "wald", "katz"))


def test_an_unknown_method_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="midp, exact, wilson"):
        m.proportion_interval(1, 5, method="wald")


def test_scalars_and_shapes():
    assert np.ndim(m.risk_ratio(1, 5, 2, 50).low) == 0
    found = m.representation(np.zeros((3, 1)), 45, [0.1, 0.2])
    assert found.rri_high.shape == found.p.shape == (3, 2)
    assert m.stratified_risk_ratio(np.ones((4, 3)), 10, np.ones((4, 3)), 30).low.shape == (4,)


def test_rates_say_which_method_made_each():
    assert m.rate_interval([0, 9, 10, 45], 1000).method.tolist() == ["exact", "exact", "byar", "byar"]


def test_the_band_is_not_moved_by_rounding():
    assert m.size([0.8, 4 * 0.2, 1 - 0.2 - 1e-16, 1.25, 0.1 * 12.5, 0.7999, 1.2501]).tolist() == [
        *["within"] * 5,
        "under",
        "over",
    ]
    assert m.size(np.nan) == "undefined" and m.size(np.inf) == "over"


def test_hidden_bounds_over_two_hidden_counts():
    found = m.hidden_bounds(lambda x1, x0: m.rate_ratio(x1, 300, x0, 9000), (0, 4), (5, 9))
    assert found.low == 0 and found.high == pytest.approx(m.rate_ratio(4, 300, 5, 9000).high)
    assert found.estimate_low == 0 and found.estimate_high == pytest.approx(24)


def test_hidden_bounds_that_could_be_anything_say_so():
    found = m.hidden_bounds(lambda x0: m.rate_ratio(0, 300, x0, 9000), (0, 4))
    assert found.low == 0 and found.high == np.inf and found.estimate_low == found.estimate_high == 0


def test_hidden_bounds_do_not_end_where_a_count_cannot_be():
    """0 to 3 of 3 are possible, and 3 of 3 over 24 of 13,200 is 550; 4 are not, so their end is not known here."""
    found = m.hidden_bounds(lambda x: m.rate_ratio(x, 3, 24, 13200), ([0, 0], [4, 3]))
    np.testing.assert_allclose(found.estimate_low, [np.nan, 0])
    np.testing.assert_allclose(found.estimate_high, [np.nan, 550])


STEADY = [5, 7, 6, 8, 7, 9, 3, 6, 7, 8, 6, 5]


def test_fewer_than_twelve_points_have_no_limits_and_no_signs():
    few = m.xmr_chart([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    assert np.all(np.isnan([few.centre, few.lower, few.upper]))
    assert set(m.nhs_rules(few)) == {"Common Cause"}
    assert np.all(np.isnan(m.p_chart([3] * 11, [10] * 11).upper))
    assert np.all(np.isfinite(m.p_chart([3] * 12, [10] * 12).upper))
    assert np.all(np.isfinite(m.xmr_chart(STEADY).upper))
    assert np.all(np.isnan(m.xmr_chart([*STEADY[:11], np.nan]).upper))


def test_a_gap_is_not_a_zero():
    with_gap = m.p_chart([*[3] * 12, 0, np.nan], [*[10] * 12, 0, 10])
    assert with_gap.centre[0] == pytest.approx(0.3)
    assert np.all(np.isnan(with_gap.value[-2:])) and np.all(np.isnan(with_gap.upper[-2:]))


@pytest.mark.parametrize("value", [4, 0, 0.1, 0.3, 0.7, 2.3, 1000 / 3])
def test_nothing_moves_nothing_is_special(value):
    assert set(m.nhs_rules(m.xmr_chart([value] * 12))) == {"Common Cause"}


def test_a_screen_that_takes_every_move_away_is_not_used():
    """Eleven moves, one of them by 1: limits of 148/12 +- 2.66/11."""
    found = m.xmr_chart([12] * 8 + [13] * 4)
    np.testing.assert_allclose([found.lower[0], found.upper[0]], [148 / 12 - 2.66 / 11, 148 / 12 + 2.66 / 11])
    assert found.method == "xmr"
    assert m.xmr_chart([*STEADY, 90]).method == "xmr_screened"


def test_points_that_differ_only_across_gaps_have_no_limits():
    found = m.xmr_chart([12] * 6 + [np.nan] + [13] * 6)
    assert np.isnan(found.upper).all() and set(m.nhs_rules(found)) == {"Common Cause"}


def test_rises_falls_and_turning_points():
    y = np.array([50, 50, 50, 50, 50, 50, 51, 52, 53, 54, 55, 56, 55, 54, 53, 52, 51, 50, 50, 20, 80.0])
    rules = m.nhs_rules(m.xmr_chart(y, screen=False))
    assert rules[5:11].tolist() == ["7 Point Trend (Increasing)"] * 6
    assert rules[11:18].tolist() == ["7 Point Trend (Decreasing)"] * 7
    assert rules[19:].tolist() == ["Below LCL", "Above UCL"]
    other_way = m.nhs_rules(m.xmr_chart(-y, screen=False))
    assert other_way[11:18].tolist() == ["7 Point Trend (Increasing)"] * 7


def test_a_run_of_six_is_not_a_run_of_seven():
    base = [9, 3, 9, 3, 9, 3, 9, 3]
    six, seven = m.xmr_chart([*base, *[7] * 6, 3, 9]), m.xmr_chart([*base, *[7] * 7, 3])
    assert not any("7 Points" in cause for cause in m.nhs_rules(six))
    assert m.nhs_rules(seven)[8:15].tolist() == ["7 Points Above CL"] * 7


def test_the_import_is_light():
    code = "import sys, yjdisp.measures; print([m for m in ('scipy.stats', 'pandas', 'streamlit') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )

"""Every worked value of the golden file, through the public functions.

YJDISP_GOLDEN names another file of the same measures and methods. A (measure, method) without a call fails.
"""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from yjdisp import measures as m

GOLDEN = Path(os.environ.get("YJDISP_GOLDEN") or Path(__file__).with_name("measures.csv"))
MISSING = (None, "NA")
ROUNDING = 1e-12


def options(i):
    return {"confidence": i.get("level", 0.95)}


def limits(result):
    return {"low": result.low, "high": result.high}


def interval(result):
    return {"est": result.estimate, **limits(result)}


def with_p(result):
    return {"p": result.p, **interval(result)}


def share_of_population(i):
    return i["pop_share"] if "pop_share" in i else i["pop_group"] / i["pop_total"]


def representation(method):
    return lambda i: m.representation(i["x"], i["n"], share_of_population(i), **options(i), method=method)


def measure(found, name, shown, scale=1):
    part = found.measure(name)
    return {shown: part.estimate * scale, "low": part.low * scale, "high": part.high * scale}


def parity(name, method):
    return lambda i: measure(representation(method)(i), name, "excess")


def index(method):
    def call(i):
        found = representation(method)(i)
        return measure(found, "index", "index") | {"gap_pp": found.gap * 100, "excess": found.parity_replacement}

    return call


def gap(method):
    def call(i):
        found = representation(method)(i)
        return measure(found, "gap", "gap_pp", 100) | {"share": found.share, "pop_share": share_of_population(i)}

    return call


def against_the_rest(method):
    return lambda i: measure(representation(method)(i), "rri", "rri") | {"p": representation(method)(i).p}


def against_reference(method):
    def call(i):
        return with_p(m.rate_ratio(i["x1"], i["n1"], i["x0"], i["n0"], **options(i), method=method))

    return lambda i: {"rri": call(i)["est"], **call(i)}


def rates(method):
    return lambda i: with_p(m.rate_ratio(i["x1"], i["t1"], i["x0"], i["t0"], **options(i), method=method))


def risks(function, **method):
    return lambda i: with_p(function(i["x1"], i["n1"], i["x0"], i["n0"], **options(i), **method))


def share(method):
    return lambda i: interval(m.proportion_interval(i["x"], i["n"], **options(i), method=method))


def rate(method):
    return lambda i: interval(m.rate_interval(i["x"], i["exposure"], **options(i), method=method))


def standardised(method):
    return lambda i: with_p(m.standardised_ratio(i["obs"], i["exp"], **options(i), method=method))


def strata(function):
    return lambda i: with_p(function(i["a"], i["n1"], i["c"], i["n0"], **options(i)))


def excess(i):
    found = m.excess(i["x1"], i["n1"], i["x0"], i["n0"])
    return {"expected": found.expected, "excess": found.excess, "excess_fraction": found.fraction}


def whole_children(i):
    found = m.whole_children(i["x"], i["n"], share_of_population(i))
    return {
        "replacement_round_half_up": found.replacement,
        "removal_min_to_reach_at_or_below_parity": found.removal,
    }


def trend(i):
    found = m.cochran_armitage(i["x"], i["n"], scores=i.get("score"))
    return {"chi2": found.statistic, "p": found.p}


def exact_trend(i):
    return {"p": m.cochran_armitage(i["x"], i["n"], scores=i.get("score"), method="exact").p_increasing}


def poisson_trend(i):
    both = {way: m.poisson_trend(i["y"], i["exposure"], scores=i.get("score"), method=way) for way in ("exact", "midp")}
    return {
        "p_up": both["exact"].p_increasing,
        "p_low": both["exact"].p_decreasing,
        "p_two_central": both["exact"].p,
        "p_two_midp": both["midp"].p,
    }


def adverse(i):
    found = m.adverse_impact(i["x1"], i["n1"], i["x0"], i["n0"])
    return {
        "rate1": found.share,
        "rate0": found.reference_share,
        "impact_ratio": found.ratio,
        "adverse": found.adverse,
    }


def funnel(i):
    scale = i.get("multiplier", 1)
    found = {}
    for name, level in (("95", 0.95), ("998", 0.998)):
        part = m.funnel_limits(i["n"], i["average"], confidence=level)
        found |= {"lower" + name: part.low * scale, "upper" + name: part.high * scale}
    return found


def ratio_funnel(i):
    """The published values come from a program that halves v = E/(1 + O + E) down to 2^-23 and gives the middle of the
    last interval: 3949.775 where the exact limit is 3949.789. Ours are exact; to compare, they are put into the same
    interval.
    """
    observed = i["observed"]
    exact = m.ratio_funnel_limits(observed, **options(i))
    np.testing.assert_allclose(exact.ratio_low * exact.expected_low, observed)

    def as_published(expected):
        v = (np.floor(expected / (1 + observed + expected) * 2**23) + 0.5) / 2**23
        return (1 + observed) * v / (1 - v)

    low, high = as_published(exact.expected_low), as_published(exact.expected_high)
    return {
        "exp_events_lower": low,
        "exp_events_upper": high,
        "isr_lower": observed / low * 100,
        "isr_upper": observed / high * 100,
    }


def homogeneity(i):
    found = m.tarone(i["a"], i["n1"], i["c"], i["n0"])
    return {"stat": found.statistic, "df": found.df, "p": found.p}


def kitagawa(i):
    found = m.kitagawa(i["na"], i["xa"], i["nb"], i["xb"])
    threefold = {name: getattr(found, name) for name in ("endowments", "coefficients", "interaction")}
    return {"gap": found.gap, "composition": found.composition, "rate": found.rate, "three_fold": threefold}


def adjusted(i):
    return {"adj": m.benjamini_hochberg(i["p"]).p}


def one_sample(i):
    return {"p": m.representation(i["x"], i["n"], i["p0"]).p}


def fisher(i):
    return {"p": m.fisher_test(i["x1"], i["n1"], i["x0"], i["n0"]).p}


def detectable(i):
    found = m.detectable_ratio(
        i["t1"], i["t0"], i["expected_ref"], confidence=1 - i.get("alpha", 0.05), power=i.get("power", 0.8)
    )
    return {"rri": found.ratio}


def rate_per(i):
    found = m.rate_interval(i["x"], i["n"]).estimate * i["per"]
    return {"rate": found, "rate_unrounded": found}


def p_chart(i):
    chart = m.p_chart(i["y"], i["n"], minimum=2)
    return {"cl": chart.centre[0], "lcl": chart.lower, "ucl": chart.upper}


def xmr(screen):
    def call(i):
        chart = m.xmr_chart(i["y"], screen=screen, minimum=2)
        return {"mean": chart.centre[0], "lpl": chart.lower[0], "upl": chart.upper[0]}

    return call


def rules(i):
    return {"type": m.nhs_rules(m.xmr_chart(i["y"], screen=False, minimum=2))}


def one_stage(i):
    """Published ratios come from counts that are given here to the nearest 100: each must be a ratio that counts behind
    those could have, so what is compared with it is the nearest of these.
    """
    counts = [i[name] for name in ("x1", "n1", "x0", "n0")]
    found = m.risk_ratio(*counts).estimate
    spread = sum(50 / count for count in counts)
    possible = found * (1 - spread), found * (1 + spread)
    return {"rri": np.clip(i["published"], *possible), "rri_unrounded": found}


def stages(i):
    found = m.stage_ratios(i["group"], i["reference"], **options(i), method="mn")
    return {
        "stage_rri": found.ratio,
        "cumulative_rri": found.cumulative,
        "log_share": found.log_share,
        **limits(found),
    }


def unknowns(i):
    counts = (i[name] for name in ("group", "reference", "unknown", "pop_group", "pop_reference"))
    found = m.unknown_bounds(*counts, **options(i))
    return {
        "share_low": found.share_low,
        "share_high": found.share_high,
        "share_known": found.share,
        "rri_low": found.rri_low,
        "rri_high": found.rri_high,
        "rri_known": found.rri,
        "rri_proportional": found.rri,
        "ci_union_low": found.low,
        "ci_union_high": found.high,
        "min_unknown_to_group_for_significance": found.tipping,
    }


CALLS = {
    ("children_to_parity", "removal_equal_rate_clopper-pearson"): parity("parity_removal", "exact"),
    ("children_to_parity", "removal_equal_rate_midp"): parity("parity_removal", "midp"),
    ("children_to_parity", "replacement_fixed_total_clopper-pearson"): parity("parity_replacement", "exact"),
    ("children_to_parity", "replacement_fixed_total_midp"): parity("parity_replacement", "midp"),
    ("children_to_parity", "vs_reference_rate"): excess,
    ("children_to_parity", "whole_children"): whole_children,
    ("cochran_armitage", "asymptotic"): trend,
    ("cochran_armitage", "exact_onesided_increasing"): exact_trend,
    ("disproportionality_index", "clopper-pearson"): index("exact"),
    ("disproportionality_index", "midp"): index("midp"),
    ("disproportionality_index", "midp_known_share"): index("midp"),
    ("four_fifths", "adverse_outcome_rri_band"): lambda i: {"flag": m.size(i["rri"])},
    ("four_fifths", "favourable_outcome"): adverse,
    ("funnel_limits", "proportion_wilson_inverse_PHE"): funnel,
    ("funnel_limits", "ratio_exact_poisson_PHE"): ratio_funnel,
    ("homogeneity", "tarone"): homogeneity,
    ("kitagawa", "two_component"): kitagawa,
    ("mantel_haenszel", "MH_RR"): strata(m.mantel_haenszel),
    ("multiple_comparison", "BH"): adjusted,
    ("one_sample_test", "binomial_midp_central"): one_sample,
    ("poisson_rate_ci", "byar"): rate("byar"),
    ("poisson_rate_ci", "exact_garwood"): rate("exact"),
    ("poisson_trend", "exact_conditional"): poisson_trend,
    ("power", "detectable_rri_midp_80"): detectable,
    ("proportion_ci", "clopper-pearson"): share("exact"),
    ("proportion_ci", "midp"): share("midp"),
    ("proportion_ci", "wilson"): share("wilson"),
    ("rate_per", "ojjdp_2020_females"): rate_per,
    ("rate_per", "ojjdp_2020_males"): rate_per,
    ("rate_ratio_ci", "conditional_exact"): rates("exact"),
    ("rate_ratio_ci", "conditional_midp"): rates("midp"),
    ("rate_ratio_test", "conditional_exact"): rates("exact"),
    ("rate_ratio_test", "conditional_midp"): rates("midp"),
    ("risk_difference_ci", "newcombe_hybrid"): risks(m.risk_difference),
    ("risk_ratio_ci", "miettinen_nurminen"): risks(m.risk_ratio, method="mn"),
    ("risk_ratio_ci", "scas"): risks(m.risk_ratio),
    ("rri_vs_everyone_else", "clopper-pearson_conditional"): against_the_rest("exact"),
    ("rri_vs_everyone_else", "midp_conditional"): against_the_rest("midp"),
    ("rri_vs_reference", "exact_conditional"): against_reference("exact"),
    ("rri_vs_reference", "midp_conditional"): against_reference("midp"),
    ("share_gap_pp", "clopper-pearson"): gap("exact"),
    ("share_gap_pp", "midp"): gap("midp"),
    ("smr_ci", "byar"): standardised("byar"),
    ("smr_ci", "exact"): standardised("exact"),
    ("spc_p_chart", "p"): p_chart,
    ("spc_rules", "nhs_making_data_count"): rules,
    ("spc_xmr", "limits_2.66"): xmr(False),
    ("spc_xmr", "limits_2.66_screened_3.267"): xmr(True),
    ("stage_rri", "conditional_and_cumulative"): stages,
    ("stage_rri", "ojjdp_2020_females"): one_stage,
    ("stage_rri", "ojjdp_2020_males"): one_stage,
    ("stage_rri", "stage_CIs_midp_then_MN"): stages,
    ("stratified_risk_ratio", "score_MN_MHweights"): strata(m.stratified_risk_ratio),
    ("two_sample_test", "fisher_midp_central"): fisher,
    ("unknown_ethnicity_bounds", "manski_extremes_midp_union"): unknowns,
}


def read_rows():
    with GOLDEN.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(value):
    """A number as the file writes it (inf and nan may be words, a missing one null), or None if it is none."""
    if value in MISSING:
        return math.nan
    try:
        return float(value)
    except ValueError:
        return None


def assert_same(found, expected, tolerance, kind, where):
    if isinstance(expected, dict):
        assert set(expected) <= set(found), f"{where}: {set(expected) - set(found)} is not computed"
        for name, value in expected.items():
            assert_same(found[name], value, tolerance, kind, f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for at, value in enumerate(expected):
            assert_same(found[at], value, tolerance, kind, f"{where}[{at}]")
    elif isinstance(expected, bool) or number(expected) is None:
        assert found == expected, where
    else:
        near_zero = ROUNDING if number(expected) == 0 else 0.0
        slack = {"rel": {"rtol": tolerance, "atol": near_zero}, "abs": {"rtol": 0.0, "atol": tolerance + ROUNDING}}[
            kind
        ]
        np.testing.assert_allclose(float(found), number(expected), **slack, err_msg=where)


ROWS = read_rows()


def test_the_file_is_there():
    assert len(ROWS) > 0


@pytest.mark.parametrize("row", ROWS, ids=[f"{at}-{row['measure']}-{row['method']}" for at, row in enumerate(ROWS, 2)])
def test_golden(row):
    call = CALLS.get((row["measure"], row["method"]))
    assert call is not None, "no call for this measure and method"
    inputs, expected = json.loads(row["inputs"]), json.loads(row["expected"])
    if row["method"].startswith("ojjdp") and row["measure"] == "stage_rri":
        inputs["published"] = expected["rri"]
    found = call(inputs)
    assert_same(found, expected, float(row["tolerance"]), row["tol_type"], row["measure"])

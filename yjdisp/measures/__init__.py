"""Measures of disproportionality: arrays in, arrays out.

Counts are whole numbers in floats, NaN where hidden; populations and exposures share one unit; shares, gaps and
differences are fractions; confidence is a fraction, keyword-only. Scalars in give scalars out. Nothing here rounds.
"""

from yjdisp.measures.bands import AdverseImpact, adverse_impact, size
from yjdisp.measures.bounds import HiddenBounds, UnknownBounds, hidden_bounds, unknown_bounds
from yjdisp.measures.control_charts import Chart, nhs_rules, p_chart, xmr_chart
from yjdisp.measures.funnel import FunnelLimits, RatioFunnelLimits, funnel_limits, ratio_funnel_limits
from yjdisp.measures.intervals import Interval, proportion_interval, rate_interval
from yjdisp.measures.multiplicity import Adjusted, benjamini_hochberg, smallest_p
from yjdisp.measures.power import Detectable, detectable_ratio
from yjdisp.measures.ratios import Excess, Ratio, excess, rate_ratio, standardised_ratio
from yjdisp.measures.representation import MEASURES, Representation, WholeChildren, representation, whole_children
from yjdisp.measures.risks import Difference, PValue, fisher_test, risk_difference, risk_ratio
from yjdisp.measures.stages import Stages, stage_ratios
from yjdisp.measures.strata import Decomposition, Homogeneity, kitagawa, mantel_haenszel, stratified_risk_ratio, tarone
from yjdisp.measures.trends import Trend, cochran_armitage, poisson_trend

__all__ = [
    "MEASURES",
    "Adjusted",
    "AdverseImpact",
    "Chart",
    "Decomposition",
    "Detectable",
    "Difference",
    "Excess",
    "FunnelLimits",
    "HiddenBounds",
    "Homogeneity",
    "Interval",
    "PValue",
    "Ratio",
    "RatioFunnelLimits",
    "Representation",
    "Stages",
    "Trend",
    "UnknownBounds",
    "WholeChildren",
    "adverse_impact",
    "benjamini_hochberg",
    "cochran_armitage",
    "detectable_ratio",
    "excess",
    "fisher_test",
    "funnel_limits",
    "hidden_bounds",
    "kitagawa",
    "mantel_haenszel",
    "nhs_rules",
    "p_chart",
    "poisson_trend",
    "proportion_interval",
    "rate_interval",
    "rate_ratio",
    "ratio_funnel_limits",
    "representation",
    "risk_difference",
    "risk_ratio",
    "size",
    "smallest_p",
    "stage_ratios",
    "standardised_ratio",
    "stratified_risk_ratio",
    "tarone",
    "unknown_bounds",
    "whole_children",
    "xmr_chart",
]

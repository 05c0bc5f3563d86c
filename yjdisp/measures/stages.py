"""Where does it arise? From the population through each stage of the system, one ratio a stage."""

from dataclasses import dataclass

import numpy as np

from yjdisp.measures._arguments import arrays
from yjdisp.measures.ratios import rate_ratio
from yjdisp.measures.risks import RiskRatioMethod, risk_ratio


@dataclass(frozen=True)
class Stages:
    """One entry a step from a stage to the next, along the last axis.

    `ratio` with `low`, `high` and `p` is the RRI of the step; `log_ratio` adds up over the steps to the log of the
    last `cumulative`; `log_share` is the step's part of that sum. `disadvantage` is the ratio the way round in which
    more than 1 is worse for the group: turned over at favourable steps.
    """

    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    cumulative: np.ndarray
    log_ratio: np.ndarray
    log_share: np.ndarray
    disadvantage: np.ndarray
    disadvantage_low: np.ndarray
    disadvantage_high: np.ndarray
    confidence: float
    method: tuple[str, ...]


def stage_ratios(
    group, reference, *, favourable=False, confidence: float = 0.95, method: RiskRatioMethod = "scas"
) -> Stages:
    """The RRI at each step, with the stage that feeds it as denominator.

    group and reference: counts along the last axis, first the population, then each stage in order (population,
    caseload, court, custody). A step's ratio is (group[i+1]/group[i]) / (reference[i+1]/reference[i]); their product
    is the cumulative one. The first step is a rate, with the conditional mid-P interval of `rate_ratio`; the later
    ones are risks, with the interval of `risk_ratio`. favourable marks the steps (one flag, or one a step) that are
    good for a child, such as diversion: there a ratio below 1 is the disadvantage. Zero rules as in those two
    functions; a cumulative ratio of 1, 0 or inf has no log shares (NaN). Raises ValueError for a population of 0, an
    unknown method, a bad confidence. Source: Office of Juvenile Justice and Delinquency Prevention, relative rate
    index (Feyerherm, Snyder and Villarruel, 2009).
    """
    group, reference = arrays(group, reference)
    counts = group[..., 1:], group[..., :-1], reference[..., 1:], reference[..., :-1]
    first = rate_ratio(*(count[..., :1] for count in counts), confidence=confidence)
    later = risk_ratio(*(count[..., 1:] for count in counts), confidence=confidence, method=method)
    ratio, low, high, p = (
        np.concatenate([getattr(first, name), getattr(later, name)], axis=-1)
        for name in ("estimate", "low", "high", "p")
    )
    favourable = np.broadcast_to(favourable, ratio.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        cumulative = group[..., 1:] / group[..., :1] / (reference[..., 1:] / reference[..., :1])
        log_ratio, log_cumulative = np.log(ratio), np.log(cumulative[..., -1:])
        log_share = np.where(np.isfinite(log_cumulative) & (log_cumulative != 0), log_ratio / log_cumulative, np.nan)
        turned = [np.where(favourable, 1 / theirs, ours) for ours, theirs in ((ratio, ratio), (low, high), (high, low))]
    methods = (first.method, *(later.method for _ in range(ratio.shape[-1] - 1)))
    return Stages(ratio, low, high, p, cumulative, log_ratio, log_share, *turned, confidence, methods)

"""Is the gap in outcomes explained by gravity? Comparisons within bands, put together; strata are the last axis."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from yjdisp.measures._arguments import alpha_of, arrays, one_of, possible
from yjdisp.measures.ratios import Ratio
from yjdisp.measures.risks import score_limits, score_parts, standardised


@dataclass(frozen=True)
class Homogeneity:
    """A chi-squared statistic for the odds ratio being the same in every stratum, its degrees of freedom and p."""

    statistic: np.ndarray
    df: np.ndarray
    p: np.ndarray
    method: str


@dataclass(frozen=True)
class Decomposition:
    """A gap between two shares, in fractions: gap = composition + rate = endowments + coefficients + interaction."""

    gap: np.ndarray
    composition: np.ndarray
    rate: np.ndarray
    endowments: np.ndarray
    coefficients: np.ndarray
    interaction: np.ndarray
    method: str


def mantel_haenszel(
    a, n1, c, n0, *, confidence: float = 0.95, method: Literal["greenland_robins"] = "greenland_robins"
) -> Ratio:
    """The risk ratio common to all strata, sum(a n0/N) / sum(c n1/N), a of n1 against c of n0 in each, N = n1 + n0.

    The interval is on the log scale with Greenland and Robins' variance; `stratified_risk_ratio` has the same estimate
    and better limits at small counts. No child with the outcome on one side: estimate 0 or inf (NaN on both), limits 0
    and inf, p NaN: this method has no finite limit there. An empty stratum adds nothing; a missing or impossible count
    gives NaN. Strata are the last axis, the others broadcast. Raises ValueError for an unknown method, a bad
    confidence. Sources: Mantel and Haenszel (1959); Greenland and Robins (1985).
    """
    one_of(method, ("greenland_robins",))
    z = -ndtri(alpha_of(confidence) / 2)
    a, n1, c, n0 = _strata(a, n1, c, n0)
    total = np.where(n1 + n0 > 0, n1 + n0, 1.0)
    group, reference = (a * n0 / total).sum(-1), (c * n1 / total).sum(-1)
    spread = (((a + c) * n1 * n0 / total - a * c) / total).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = group / reference
        error = np.sqrt(spread / (group * reference))
        low, high = estimate * np.exp(-z * error), estimate * np.exp(z * error)
        p = 2 * ndtr(-np.abs(np.log(estimate)) / error)
    none = (group == 0) | (reference == 0)
    low, high, p = np.where(none, 0.0, low), np.where(none, np.inf, high), np.where(none, np.nan, p)
    return Ratio(estimate, low[()], high[()], p[()], confidence, method)


def stratified_risk_ratio(a, n1, c, n0, *, confidence: float = 0.95, method: Literal["score"] = "score") -> Ratio:
    """The risk ratio common to all strata with its score interval: a of n1 against c of n0 in each, strata last.

    Each stratum's difference a/n1 - ratio * c/n0 is weighted by n1 n0/N and divided by the root of the weighted sum of
    Miettinen and Nurminen's variances; the limits are the ratios that make this z and -z, the estimate (Mantel and
    Haenszel's) makes it 0, p is that of a ratio of 1. No child with the outcome in the group: 0 and a finite upper
    limit; in the reference: inf and a finite lower limit; in neither: NaN, 0, inf, p = 1. A stratum with an empty base
    adds nothing; a missing or impossible count, or no stratum with both bases, gives NaN. Raises ValueError for an
    unknown method or a bad confidence. Sources: Miettinen and Nurminen (1985); Laud (2017).
    """
    one_of(method, ("score",))
    z = -ndtri(alpha_of(confidence) / 2)
    a, n1, c, n0 = _strata(a, n1, c, n0)
    used = (n1 > 0) & (n0 > 0)
    a, c = np.where(used | np.isnan(a), a, 0.0), np.where(used | np.isnan(c), c, 0.0)
    n1, n0 = np.where(used, n1, 1.0), np.where(used, n0, 1.0)
    weight = np.where(used, n1 * n0 / (n1 + n0), 0.0)
    with np.errstate(invalid="ignore"):
        weight = weight / weight.sum(-1, keepdims=True)

    def score(ratio):
        difference, variance, _ = score_parts(np.asarray(ratio)[..., None], a, n1, c, n0)
        return standardised((weight * difference).sum(-1), (weight**2 * variance).sum(-1))

    group, reference = (weight * a / n1).sum(-1), (weight * c / n0).sum(-1)
    low, high = score_limits(score, z, group.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = group / reference
    low, high = np.where(group == 0, 0.0, low), np.where(reference == 0, np.inf, high)
    p = np.where((group == 0) & (reference == 0), 1.0, 2 * ndtr(-np.abs(score(1.0))))
    return Ratio(estimate, low[()], high[()], p[()], confidence, method)


def tarone(a, n1, c, n0) -> Homogeneity:
    """Do the strata tell one story? Breslow and Day's test of equal odds ratios with Tarone's correction.

    With E and V the mean and variance of a at Mantel and Haenszel's common odds ratio, given both margins, the
    statistic is sum((a - E)^2/V) - (sum(a - E))^2/sum(V), chi-squared on one fewer than the informative strata (those
    where neither all nor none have the outcome and neither base is empty). Fewer than two of them, or a common odds
    ratio of 0 or inf, give NaN. Strata are the last axis. Sources: Breslow and Day (1980); Tarone (1985).
    """
    a, n1, c, n0 = _strata(a, n1, c, n0)
    both, total = a + c, n1 + n0
    informative = (n1 > 0) & (n0 > 0) & (both > 0) & (both < total)
    with np.errstate(divide="ignore", invalid="ignore"):
        per = 1 / np.where(total > 0, total, 1.0)
        odds_ratio = (a * (n0 - c) * per).sum(-1, keepdims=True) / (c * (n1 - a) * per).sum(-1, keepdims=True)
        b = n0 - both + odds_ratio * (n1 + both)
        product = odds_ratio * n1 * both
        mean = 2 * product / (b + np.sqrt(b * b + 4 * (1 - odds_ratio) * product))
        variance = 1 / (1 / mean + 1 / (n1 - mean) + 1 / (both - mean) + 1 / (n0 - both + mean))
        miss = np.where(informative, a - mean, 0.0)
        known = np.where(informative, variance, 0.0)
        squares = np.where(informative, miss**2 / variance, 0.0)
        statistic = np.maximum(0.0, squares.sum(-1) - miss.sum(-1) ** 2 / known.sum(-1))
    df = informative.sum(-1) - 1
    undefined = (df < 1) | ~np.isfinite(odds_ratio[..., 0]) | (odds_ratio[..., 0] == 0) | np.isnan(both.sum(-1))
    statistic = np.where(undefined, np.nan, statistic)
    p = np.where(undefined, np.nan, chdtrc(np.maximum(df, 1), statistic))
    return Homogeneity(statistic[()], df, p[()], "tarone")


def kitagawa(na, xa, nb, xb) -> Decomposition:
    """The gap between two shares, sum(xa)/sum(na) - sum(xb)/sum(nb), split into mix and treatment; strata last.

    With s a group's share of its children in a stratum and r its rate there: composition (mix) is sum((sa - sb)(ra +
    rb)/2) and rate (treatment) sum((ra - rb)(sa + sb)/2). Threefold: endowments sum((sa - sb) rb), coefficients
    sum((ra - rb) sb), interaction sum((sa - sb)(ra - rb)). All are fractions and add up to the gap. A stratum that is
    empty on one side takes the other's rate, so that it counts as mix; an empty group, a missing or an impossible
    count gives NaN. Sources: Kitagawa (1955); Oaxaca (1973).
    """
    xa, na, xb, nb = _strata(xa, na, xb, nb)
    with np.errstate(divide="ignore", invalid="ignore"):
        sa, sb = na / na.sum(-1, keepdims=True), nb / nb.sum(-1, keepdims=True)
        ra, rb = xa / na, xb / nb
    sa, sb = sa + 0 * sb, sb + 0 * sa  # one empty group leaves nothing to compare
    ra, rb = np.where(na > 0, ra, rb), np.where(nb > 0, rb, ra)
    ra, rb = np.where((na == 0) & (nb == 0), 0.0, [ra, rb])
    gap = (sa * ra).sum(-1) - (sb * rb).sum(-1)
    mix, treatment = sa - sb, ra - rb
    return Decomposition(
        gap=gap,
        composition=(mix * (ra + rb) / 2).sum(-1),
        rate=(treatment * (sa + sb) / 2).sum(-1),
        endowments=(mix * rb).sum(-1),
        coefficients=(treatment * sb).sum(-1),
        interaction=(mix * treatment).sum(-1),
        method="kitagawa",
    )


def _strata(x1, n1, x0, n0):
    """The four arrays with at least one axis, and NaN in place of impossible counts."""
    x1, n1, x0, n0 = (np.atleast_1d(value) for value in arrays(x1, n1, x0, n0))
    return np.where(possible(x1, n1), x1, np.nan), n1, np.where(possible(x0, n0), x0, np.nan), n0

"""Services side by side: each area's RRI, and how far from the common one it may lie by chance alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import baselines, comparison, measures, release
from yjdisp.baselines import Baseline
from yjdisp.comparison import Comparison
from yjdisp.release import Release, ReleaseError

INSIDE, BEYOND_95, BEYOND_998 = "as expected", "beyond 95% limits", "beyond 99.8% limits"
CANNOT_TELL = "cannot be told"
CONFIDENCES = (0.95, 0.998)


@dataclass(frozen=True)
class Areas:
    """One group against the reference group in every area of a release.

    Attributes:
        table: one row an area: area, count, low and high (what anyone can work out of it), reference_count with
            reference_low and reference_high, rri, rri_low, rri_high, rri_least and rri_most (as in a comparison), size
            (children of both groups, the funnel's horizontal axis), limit_low and limit_high (95% limits around the
            common RRI), limit_low_998 and limit_high_998, place (where the area stands among them; "" where that
            is not known), untold (why not: nobody to compare, the verdict of a comparison that gives no ratio, or cannot
            be told, because the areas have no finite RRI in common; "" where there is a place).
        common: the RRI that the areas shown have in common (Mantel–Haenszel, with a score interval); None with fewer
            than two of them.
        elsewhere: what published shares of other caseloads amount to (the nation's, a region's).
        by, group, reference, where: who is compared.
        against: the baseline of each area.
    """

    table: pd.DataFrame = field(repr=False)
    common: measures.Ratio | None
    elsewhere: tuple[Elsewhere, ...]
    by: str
    group: str
    reference: str
    where: Mapping[str, str]
    against: tuple[Baseline, ...]


@dataclass(frozen=True)
class Elsewhere:
    """The RRI that a published caseload of an area and its population amount to, by their shares alone."""

    area: str
    rri: float
    caseload: Baseline
    population: Baseline


def areas(
    source: Release,
    *,
    group: str,
    by: str = "ethnicity",
    where: Mapping[str, str] | None = None,
    reference: str | None = None,
) -> Areas:
    """Compare a group with the reference group in every area, each against its own population.

    Raises:
        ReleaseError, BaselineError, ComparisonError: as `comparison.compare`; or an area does not publish the group.
    """
    held = release.held(source, where)
    compared = [
        comparison.compare(source, by=by, where=held | {"area": area}, reference=reference) for area in source.areas
    ]
    table = pd.DataFrame([_row(c, area, group) for c, area in zip(compared, source.areas, strict=True)])
    count, reference_count = (table[c].to_numpy(float, na_value=np.nan) for c in ("count", "reference_count"))
    exposure, base = table.pop("exposure").to_numpy(float), table.pop("base").to_numpy(float)
    shown = table["rri_low"].notna().to_numpy()
    common = None
    if shown.sum() > 1:
        common = measures.stratified_risk_ratio(count[shown], exposure[shown], reference_count[shown], base[shown])
    table["size"] = pd.Series(count + reference_count).astype("Int64")
    centre = float(common.estimate) if common and np.isfinite(common.estimate) else np.nan
    for level, end in zip(CONFIDENCES, ("", "_998"), strict=True):
        limits = _limits(centre, np.where(shown, count + reference_count, np.nan), exposure, base, level)
        table[f"limit_low{end}"], table[f"limit_high{end}"] = limits
    table["place"] = [_place(row) for row in table.to_dict("records")]
    table["untold"] = [_untold(row) for row in table.to_dict("records")]
    table = table.drop(columns="verdict")
    against = compared[0].reference
    elsewhere = tuple(_elsewhere(source, by, group, against))
    return Areas(table, common, elsewhere, by, group, against, held, tuple(c.baseline for c in compared))


def _row(compared: Comparison, area: str, group: str) -> dict:
    groups = compared.table.set_index("group")
    if group not in groups.index:
        raise ReleaseError(f"{group} is not published for {area}; choose another group")
    one, nothing = groups.loc[group], {"low": 0, "high": pd.NA}
    of_reference = groups.loc[compared.reference] if compared.reference in groups.index else nothing
    return {
        "area": area,
        **one[["count", "low", "high", "rri", "rri_low", "rri_high", "rri_least", "rri_most", "verdict"]],
        "reference_count": one["others"],
        "reference_low": of_reference["low"],
        "reference_high": of_reference["high"],
        "exposure": one["population_share"] * comparison.A_NATION,
        "base": one["others_share"] * comparison.A_NATION,
    }


def _limits(centre: float, n: np.ndarray, exposure: np.ndarray, base: np.ndarray, confidence: float):
    """The RRIs between which an area of n children lies if its own is the common one."""
    odds = centre * exposure / base
    share = measures.funnel_limits(n, odds / (1 + odds), confidence=confidence, method="midp")
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple(limit / (1 - limit) * base / exposure for limit in (share.low, share.high))


def _place(row: Mapping) -> str:
    if pd.isna(row["rri"]) or pd.isna(row["limit_low"]):
        return ""
    if not row["limit_low_998"] <= row["rri"] <= row["limit_high_998"]:
        return BEYOND_998
    return INSIDE if row["limit_low"] <= row["rri"] <= row["limit_high"] else BEYOND_95


def _untold(row: Mapping) -> str:
    if row["place"]:
        return ""
    if pd.notna(row["size"]) and row["size"] == 0:
        return comparison.NOBODY
    return row["verdict"] if pd.isna(row["rri_low"]) else CANNOT_TELL


def _elsewhere(source: Release, by: str, group: str, reference: str) -> Iterator[Elsewhere]:
    """The published shares of other areas' caseloads over those of their populations; the nation's first."""
    rows = source.baselines
    of = rows[(rows["characteristic"] == by) & ~rows["area"].isin(source.areas)]
    for area in sorted(of["area"].unique(), key=lambda a: (a not in baselines.NATIONAL, a)):
        names = set(of.loc[of["area"] == area, "baseline"])
        caseloads = set(filter(baselines.is_caseload, names))
        if not caseloads or caseloads == names:
            continue
        caseload, population = (
            baselines.choose(rows, characteristic=by, area=area, name=max(kind))
            for kind in (caseloads, names - caseloads)
        )
        ratio = _ratio(caseload.shares, population.shares, group, reference)
        if ratio is not None:
            yield Elsewhere(area, ratio, caseload, population)


def _ratio(caseload: Mapping[str, float], population: Mapping[str, float], group: str, reference: str) -> float | None:
    pair = [group] if reference == comparison.EVERYONE_ELSE else [group, reference]
    if any(g not in caseload or g not in population for g in pair):
        return None
    if reference == comparison.EVERYONE_ELSE:
        odds = [shares[group] / (1 - shares[group]) for shares in (caseload, population)]
        return odds[0] / odds[1]
    return caseload[group] / caseload[reference] / (population[group] / population[reference])

"""Once in the system, are outcomes proportionate for the gravity? The raw gap, the gap within bands, and the split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import comparison, measures, release
from yjdisp.contrast import division
from yjdisp.release import Release, ReleaseError
from yjdisp.vocabulary import ALL, UNKNOWN

COUNTS = ("group", "group_base", "reference", "reference_base")


@dataclass(frozen=True)
class Treatment:
    """One group's outcomes beside the reference group's, raw and at the same gravity.

    Attributes:
        overall: the outcome at all gravities, as a row of `contrast.contrasts`.
        strata: one row a gravity band: band, then the columns of `contrast.contrasts`; empty where not published.
        raw: ratio of the shares that got the outcome; None where a count is hidden.
        adjusted: ratio within the bands, put together (Mantel–Haenszel); None where a band has a hidden count.
        possible: the least and the greatest that the adjusted ratio can be, whatever the hidden counts; None where
            nothing bounds it.
        homogeneity: whether the bands tell one story.
        split: the gap divided into mix (how serious the offences are) and treatment (what follows at the same gravity).
        unknown_gravity: how many have no gravity score and are left out of `adjusted`; None where hidden.
        outcome, group, reference, by, unit, where: what is compared.
        unknown: how many have no known group, None where hidden.
    """

    overall: Mapping = field(repr=False)
    strata: pd.DataFrame = field(repr=False)
    raw: measures.Ratio | None
    adjusted: measures.Ratio | None
    possible: tuple[float, float] | None
    homogeneity: measures.Homogeneity | None
    split: measures.Decomposition | None
    unknown_gravity: int | None
    outcome: str
    group: str
    reference: str
    by: str
    unit: str
    where: Mapping[str, str]
    unknown: int | None


def treatment(
    source: Release,
    *,
    group: str,
    reference: str = "White",
    by: str = "ethnicity",
    outcome: str = "Court",
    unit: str = "outcomes",
    where: Mapping[str, str] | None = None,
) -> Treatment:
    """Compare how often two groups get an outcome, raw and within gravity bands.

    Raises:
        ReleaseError: the release does not publish the outcome by group.
    """
    where = release.held(source, where)
    asked = {"of": "outcome", "group": group, "reference": reference, "by": by, "unit": unit}
    whole = division(source, where=where, **asked)
    overall = _row(whole.rows, outcome)
    raw = None
    if not any(pd.isna(overall[name]) for name in COUNTS):
        raw = measures.risk_ratio(*(overall[name] for name in COUNTS))
    strata = unknown = None
    if source.offers(unit, by, "gravity", "outcome", *where):
        bands = [b for b in source.dimensions["gravity"].children(ALL) if b != UNKNOWN]
        rows = [_row(division(source, where=where | {"gravity": band}, **asked).rows, outcome) for band in bands]
        strata = pd.DataFrame(rows).assign(value=bands).rename(columns={"value": "band"})
        unknown = _unknown_gravity(source, by, (group, reference), unit, where)
    adjusted = homogeneity = split = possible = None
    if strata is not None:
        possible = _possible(strata)
        a, n1, c, n0 = (strata[name].to_numpy(float) for name in COUNTS)
        if strata[[*COUNTS]].notna().all(axis=None):
            adjusted = measures.stratified_risk_ratio(a, n1, c, n0)
            homogeneity = measures.tarone(a, n1, c, n0)
            split = measures.kitagawa(n1, a, n0, c)
    return Treatment(
        overall=overall,
        strata=pd.DataFrame(columns=["band", *COUNTS]) if strata is None else strata,
        raw=raw,
        adjusted=adjusted,
        possible=possible,
        homogeneity=homogeneity,
        split=split,
        unknown_gravity=unknown,
        outcome=outcome,
        group=group,
        reference=reference,
        by=by,
        unit=unit,
        where=where,
        unknown=whole.unknown,
    )


def _row(rows: pd.DataFrame, outcome: str) -> dict:
    found = rows[rows["value"] == outcome].to_dict("records")
    if not found:
        raise ReleaseError(f"{outcome} is not published by group; choose another outcome")
    return found[0]


def _unknown_gravity(
    source: Release, by: str, pair: tuple[str, str], unit: str, where: Mapping[str, str]
) -> int | None:
    cells = release.table(source, by=[by, "gravity"], unit=unit, where=where).set_index([by, "gravity"])["count"]
    counts = [cells.get((name, UNKNOWN), pd.NA) for name in pair]
    return None if any(pd.isna(n) for n in counts) else int(sum(counts))


def _possible(strata: pd.DataFrame) -> tuple[float, float] | None:
    """The least and the greatest of Mantel and Haenszel's ratio over all that hidden counts can be.

    It rises with the group's count and the reference's base, and falls with the other two.
    """

    def ratio(end: str, other: str) -> float:
        group, reference_base = strata[f"group_{end}"], strata[f"reference_base_{end}"]
        group_base, reference = strata[f"group_base_{other}"], strata[f"reference_{other}"]
        total = (group_base + reference_base).replace(0, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            worse, better = group * reference_base / total, reference * group_base / total
            return float(np.divide(worse.to_numpy().sum(), better.to_numpy().sum()))  # NaN where a count has no bound

    found = ratio("low", "high"), ratio("high", "low")
    return None if np.isnan(found).any() else found


def verdict(found: Treatment) -> str:
    """The verdict on the ratio at the same gravity, or on the raw one where that cannot be shown."""
    ratio = found.adjusted or found.raw
    if ratio is None:
        return comparison.HIDDEN
    count = found.strata["group"].sum() if found.adjusted else found.overall["group"]
    return comparison.verdict(float(ratio.estimate), float(ratio.low), float(ratio.high), count)

"""Once in the system, are outcomes proportionate for the gravity? The raw gap, the gap within bands, and the split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import comparison, measures, release
from yjdisp.release import Release
from yjdisp.vocabulary import ALL, UNKNOWN


@dataclass(frozen=True)
class Treatment:
    """One group's outcomes beside the reference group's, raw and at the same gravity.

    Attributes:
        strata: one row a gravity band: band, group, group_base, reference, reference_base; counts null where hidden.
        raw: ratio of the shares that got the outcome; None where a count is hidden.
        difference: the same as a difference of shares.
        adjusted: ratio within the bands, put together (Mantel–Haenszel); None where a band has a hidden count.
        homogeneity: whether the bands tell one story.
        split: the gap divided into mix (how serious the offences are) and treatment (what follows at the same gravity).
        unknown_gravity: how many have no gravity score and are left out of `adjusted`; None where hidden.
        outcome, group, reference: what is compared.
    """

    strata: pd.DataFrame = field(repr=False)
    raw: measures.Ratio | None
    difference: measures.Difference | None
    adjusted: measures.Ratio | None
    homogeneity: measures.Homogeneity | None
    split: measures.Decomposition | None
    unknown_gravity: int | None
    outcome: str
    group: str
    reference: str


def treatment(
    source: Release,
    *,
    group: str,
    reference: str = "White",
    by: str = "ethnicity",
    outcome: str = "Court",
    unit: str = "outcomes",
    where: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Treatment:
    """Compare how often two groups get an outcome, raw and within gravity bands.

    Raises:
        ReleaseError: the release does not publish the outcome by group.
    """
    by_outcome = release.table(source, by=[by, "outcome"], unit=unit, where=where).set_index([by, "outcome"])["count"]
    four = [by_outcome.get((g, o), pd.NA) for g in (group, reference) for o in (outcome, ALL)]
    raw = difference = None
    if not any(pd.isna(n) for n in four):
        raw = measures.risk_ratio(*four, confidence=confidence)
        difference = measures.risk_difference(*four, confidence=confidence)
    strata, unknown = _strata(source, by, group, reference, outcome, unit, where)
    adjusted = homogeneity = split = None
    if len(strata) and strata.notna().all(axis=None):
        a, n1, c, n0 = (strata[name].to_numpy(float) for name in strata.columns[1:])
        adjusted = measures.stratified_risk_ratio(a, n1, c, n0, confidence=confidence)
        homogeneity = measures.tarone(a, n1, c, n0)
        split = measures.kitagawa(n1, a, n0, c)
    return Treatment(strata, raw, difference, adjusted, homogeneity, split, unknown, outcome, group, reference)


def _strata(
    source: Release, by: str, group: str, reference: str, outcome: str, unit: str, where: Mapping[str, str] | None
) -> tuple[pd.DataFrame, int | None]:
    columns = ["band", "group", "group_base", "reference", "reference_base"]
    if not source.offers(unit, by, "gravity", "outcome", *(where or {})):
        return pd.DataFrame(columns=columns), None
    table = release.table(source, by=[by, "gravity", "outcome"], unit=unit, where=where)
    count = table.set_index([by, "gravity", "outcome"])["count"]
    bands = [b for b in source.dimensions["gravity"].children(ALL) if b != UNKNOWN]
    cells = [[count.get((g, b, o), pd.NA) for g in (group, reference) for o in (outcome, ALL)] for b in bands]
    strata = pd.DataFrame([[b, *four] for b, four in zip(bands, cells, strict=True)], columns=columns)
    unknown = [count.get((g, UNKNOWN, ALL), pd.NA) for g in (group, reference)]
    known = not any(pd.isna(n) for n in unknown)
    return strata.astype(dict.fromkeys(columns[1:], "Int64")), int(np.sum(unknown)) if known else None


def explained(found: Treatment) -> float | None:
    """The part of the gap that the mix of gravity accounts for, as a fraction of the gap; None where it is not shown."""
    if found.split is None or not found.split.gap:
        return None
    return float(found.split.composition / found.split.gap)


def verdict(found: Treatment) -> str:
    """The verdict on the ratio at the same gravity, or on the raw one where that cannot be shown."""
    ratio = found.adjusted or found.raw
    if ratio is None:
        return comparison.HIDDEN
    return comparison.verdict(float(ratio.estimate), float(ratio.low), float(ratio.high), 1)

"""Where does a disparity arise? From the population through each stage, every stage with the one that feeds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import comparison, measures, release
from yjdisp.baselines import Baseline
from yjdisp.contrast import SIDES, between, ratio_between
from yjdisp.release import Release
from yjdisp.vocabulary import ALL


@dataclass(frozen=True)
class Stage:
    """A stage of the system: the outcomes that reach it, and whether reaching it is good for a child."""

    name: str
    outcomes: tuple[str, ...]
    favourable: bool = False


CASELOAD = Stage("caseload", (ALL,))
STAGES = (
    CASELOAD,
    Stage("statutory outcome", ("Statutory pre-court", "Court")),
    Stage("court", ("Court",)),
    Stage("custody", ("Custody",)),
)
DIVERSION = Stage("diverted", ("Diversion", "Informal"), favourable=True)
PAIR = ["group", "group_base", "reference", "reference_base"]
RATIOS = ["rri", "rri_low", "rri_high", "p", "disadvantage", "disadvantage_low", "disadvantage_high"]
TOTALS = ["cumulative", "cumulative_low", "cumulative_high", "log_share"]
STEP = ["stage", "out_of", "favourable", *PAIR, *RATIOS, *TOTALS, "verdict"]
ENDS = ["group_low", "group_high", "reference_low", "reference_high"]
GAP = ["stage", "out_of", "favourable", "published", *ENDS, "group_base", "reference_base", "least", "most"]


@dataclass(frozen=True)
class Pathway:
    """One group beside the reference group, stage by stage.

    Attributes:
        steps: one row a step: stage, out_of (the stage that feeds it), favourable, group, group_base, reference,
            reference_base (counts), rri, rri_low, rri_high, p, disadvantage, disadvantage_low, disadvantage_high
            (the ratio the way round in which more than 1 is worse for the group), cumulative with its limits (from the
            population to here: the stages multiplied), log_share (the step's part of the whole), verdict (in the sense
            of `disadvantage`). The favourable step stands last, outside the chain: its cumulative and log_share are
            null.
        gaps: one row a stage that cannot be shown: stage, out_of, favourable, published (or only hidden), group_low,
            group_high, group_base, reference_low, reference_high, reference_base, least and most (of `disadvantage`,
            whatever the hidden counts are; NaN where nothing is published).
        group, reference, baseline: who is compared, and the source of the populations.
        by, where: what was asked for.
        unknown: how many children have no known group, None where hidden.
    """

    steps: pd.DataFrame = field(repr=False)
    gaps: pd.DataFrame = field(repr=False)
    group: str
    reference: str
    baseline: Baseline
    by: str
    where: Mapping[str, str]
    unknown: int | None


def pathway(
    source: Release,
    *,
    group: str,
    by: str = "ethnicity",
    where: Mapping[str, str] | None = None,
    baseline: str | None = None,
    reference: str | None = None,
) -> Pathway:
    """The RRI of every stage that the release publishes for both groups, children counted once a year.

    A stage whose count is hidden for either group is left out, and the next one is set against the stage before it.
    Over several years the population counts once for each; without a population there is no ratio to it.

    Raises:
        ReleaseError, BaselineError, ComparisonError: as `comparison.compare`; or the group is not published.
    """
    compared = comparison.compare(source, by=by, where=where, baseline=baseline, reference=reference)
    rows = compared.table.set_index("group")
    if compared.reference == comparison.EVERYONE_ELSE or group not in rows.index:
        raise comparison.ComparisonError("a pathway compares two groups of the release; choose a group and a reference")
    counts = _counts(source, by, compared.where)
    pair = [group, compared.reference]
    base = _bases(rows, pair, comparison.years(source, compared.where))
    shown = [s for s in STAGES if _printed(counts, pair, s)]
    chain = _chain(counts, pair, base, shown)
    found = measures.stage_ratios(*chain)
    steps = [_step(found, i, shown, chain) for i in range(len(shown))]
    gaps = [_gap(counts, pair, base, s) for s in STAGES if s not in shown]
    if not (_printed(counts, pair, CASELOAD) and _printed(counts, pair, DIVERSION)):
        gaps.append(_gap(counts, pair, base, DIVERSION))
    else:
        aside = [CASELOAD, DIVERSION]
        chain = _chain(counts, pair, base, aside)
        found = measures.stage_ratios(*chain, favourable=[False, True])
        steps.append(_step(found, 1, aside, chain) | dict.fromkeys(TOTALS, np.nan))
    return Pathway(
        steps=pd.DataFrame(steps, columns=STEP),
        gaps=pd.DataFrame(gaps, columns=GAP),
        group=group,
        reference=compared.reference,
        baseline=compared.baseline,
        by=by,
        where=compared.where,
        unknown=compared.unknown,
    )


def _counts(source: Release, by: str, where: Mapping[str, str]) -> pd.DataFrame:
    """Count, low and high by group and outcome; only the caseload where outcomes are not published."""
    if source.offers("children", by, "outcome", *where):
        table = release.table(source, by=[by, "outcome"], where=where)
    else:
        table = release.table(source, by=[by], where=where).assign(outcome=ALL)
    return table.set_index([by, "outcome"])


def _of(counts: pd.DataFrame, group: str, stage: Stage) -> int | None:
    """How many of a group reach a stage; None where a count that it needs is not printed."""
    parts = [counts["count"].get((group, outcome), pd.NA) for outcome in stage.outcomes]
    return None if any(pd.isna(part) for part in parts) else int(sum(parts))


def _printed(counts: pd.DataFrame, pair: list[str], stage: Stage) -> bool:
    return all(_of(counts, group, stage) is not None for group in pair)


def _chain(counts: pd.DataFrame, pair: list[str], base: list[float], stages: Sequence[Stage]) -> np.ndarray:
    """(2, stages + 1): for the group and the reference, the population and each stage."""
    return np.array([[b, *(_of(counts, g, s) for s in stages)] for g, b in zip(pair, base, strict=True)], dtype=float)


def _gap(counts: pd.DataFrame, pair: list[str], base: list[float], stage: Stage) -> dict:
    """What can be said of a stage that is not shown, out of the nearest one before it that is."""
    before = STAGES[: STAGES.index(stage)] if stage in STAGES else ()
    feeding = next((s for s in reversed(before) if _printed(counts, pair, s)), CASELOAD if stage is DIVERSION else None)
    gap = {"stage": stage.name, "out_of": feeding.name if feeding else "population", "favourable": stage.favourable}
    shares = []
    for side, group, population in zip(SIDES, pair, base, strict=True):
        _, low, high = _span(counts, group, stage)
        count, least, most = _span(counts, group, feeding) if feeding else (population,) * 3
        gap |= {f"{side}_low": low, f"{side}_high": min(high, most), f"{side}_base": count}
        shares.append((low / most if most else 0.0, min(high / least, 1.0) if least else 1.0))
    published = not any(np.isnan(gap[end]) for end in ENDS)
    worse, better = reversed(shares) if stage.favourable else shares
    least, most = ratio_between(worse, better) if published else (np.nan, np.nan)
    return gap | {"published": published, "least": float(least), "most": float(most)}


def _span(counts: pd.DataFrame, group: str, stage: Stage) -> np.ndarray:
    """Count of a stage with the least and the greatest that it can be; NaN where nothing is published."""
    keys = [(group, outcome) for outcome in stage.outcomes]
    if not all(key in counts.index for key in keys):
        return np.full(3, np.nan)
    return between(counts, keys).sum(axis=1)


def _bases(rows: pd.DataFrame, pair: list[str], years: int) -> list[float]:
    """The populations of both, once for each year, or where one of them is a share only, numbers in their proportion;
    NaN where nobody of a group lives there."""
    population, share = rows.loc[pair, "population"], rows.loc[pair, "population_share"]
    base = (population * years if population.notna().all() else share * comparison.A_NATION).astype(float)
    return list(base.where(base > 0))


def _step(found: measures.Stages, i: int, stages: Sequence[Stage], chain: np.ndarray) -> dict:
    whole = measures.rate_ratio(chain[0, i + 1], chain[0, 0], chain[1, i + 1], chain[1, 0])
    worse = (found.disadvantage[i], found.disadvantage_low[i], found.disadvantage_high[i])
    return {
        "stage": stages[i].name,
        "out_of": stages[i - 1].name if i else "population",
        "favourable": stages[i].favourable,
        "group": int(chain[0, i + 1]),
        "group_base": chain[0, i],
        "reference": int(chain[1, i + 1]),
        "reference_base": chain[1, i],
        "rri": found.ratio[i],
        "rri_low": found.low[i],
        "rri_high": found.high[i],
        "p": found.p[i],
        "disadvantage": worse[0],
        "disadvantage_low": worse[1],
        "disadvantage_high": worse[2],
        "cumulative": found.cumulative[i],
        "cumulative_low": float(whole.low),
        "cumulative_high": float(whole.high),
        "log_share": found.log_share[i],
        "verdict": comparison.verdict(*worse, chain[int(stages[i].favourable), i + 1]),
    }

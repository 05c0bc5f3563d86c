"""The figures that inspectors and the nation print: a caseload beside others, and national indicators by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import baselines, comparison, measures, release
from yjdisp.baselines import NATIONAL, is_caseload
from yjdisp.comparison import HIDDEN
from yjdisp.release import Release, ReleaseError
from yjdisp.vocabulary import ALL, CHARACTERISTICS, FURTHER, UNKNOWN, starts_in

INSPECTED = ("age", "ethnicity", "sex")
HIGHER, LOWER, SAME = "higher", "lower", "no difference beyond chance"
NOT_PUBLISHED, NO_CHILD = "no published figure", "no child, which may be chance"


@dataclass(frozen=True)
class Indicator:
    """A national indicator.

    Attributes:
        name: its key.
        dimension, value: the children it is about.
        per: of how many children of the population a year; 0 for a share of the children whose value is known.
        unit: what is counted; where that is not children, the indicator is how many of it there are for each of them.
    """

    name: str
    dimension: str
    value: str
    per: int
    unit: str = "children"


INDICATORS = (
    Indicator("first-time entrants", "first_time_entrant", "Yes", 100_000),
    Indicator("custody", "outcome", "Custody", 1_000),
    Indicator("reoffending", "reoffended", "Yes", 0),
    Indicator("frequency of reoffending", "reoffended", "Yes", 0, FURTHER),
)


@dataclass(frozen=True)
class Facts:
    """A caseload as inspectors print it.

    Attributes:
        table: one row a group: characteristic, group, count, symbol, low, high, share (of everybody, unknown
            included), share_low, share_high, then a column an other caseload with its share; verdict (against the
            first of them that has the group).
        others: the other caseloads: what each is called, and its source.
        total: children in all, None where hidden.
        where: what was asked for.
    """

    table: pd.DataFrame = field(repr=False)
    others: Mapping[str, str]
    total: int | None
    where: Mapping[str, str]


def facts(source: Release, *, where: Mapping[str, str] | None = None) -> Facts:
    """Age, ethnicity and sex of the caseload beside published national and regional caseloads.

    Shares are of all children, those of unknown group included, because the published ones are. A characteristic that
    is not published is left out.

    Raises:
        ReleaseError: none of them is published.
    """
    where = release.held(source, where)
    others = _others(source, where)
    rows, total, refused = [], None, None
    for by in INSPECTED:
        try:
            cells = release.table(source, by=[by], where=where)
        except ReleaseError as why:
            refused = refused or why
            continue
        everybody = cells.set_index(by)["count"].get(ALL, pd.NA)
        total = total if pd.isna(everybody) else int(everybody)
        kept = cells[[source.dimensions[by].level(g) == 1 for g in cells[by]]].rename(columns={by: "group"})
        rows.append(kept.assign(characteristic=by, total=everybody))
    if not rows:
        raise refused
    table = pd.concat(rows, ignore_index=True)
    x, n = (table[c].to_numpy(float, na_value=np.nan) for c in ("count", "total"))
    share = measures.proportion_interval(x, n)
    table = table.drop(columns="total").assign(share=share.estimate, share_low=share.low, share_high=share.high)
    for name, (shares, _) in others.items():
        keys = zip(table["characteristic"], table["group"], strict=True)
        table[name] = [shares.get(key, np.nan) for key in keys]
    table["verdict"] = [_verdict(row, list(others)) for row in table.to_dict("records")]
    return Facts(table, {name: text for name, (_, text) in others.items()}, total, where)


def _others(source: Release, where: Mapping[str, str]) -> dict[str, tuple[dict[tuple[str, str], float], str]]:
    """By area and year: the shares of the published caseload nearest in time, the nation's first."""
    rows = source.baselines
    rows = rows[rows["baseline"].map(is_caseload) & ~rows["area"].isin(source.areas)]
    asked = starts_in(where.get("year", source.years[-1]))
    found = {}
    for area in sorted(rows["area"].unique(), key=lambda a: (a not in NATIONAL, a)):
        of_area = rows[rows["area"] == area]
        year = min(of_area["year"].unique(), key=lambda y: (abs(starts_in(y) - asked), y))
        nearest = of_area[of_area["year"] == year]
        keys = zip(nearest["characteristic"], nearest["group"], strict=True)
        shares = dict(zip(keys, nearest["percentage"] / 100, strict=True))
        found[f"{area}, {year}"] = shares, nearest["source"].iloc[0]
    return found


def _verdict(row: Mapping, others: list[str]) -> str:
    published = next((row[name] for name in others if pd.notna(row[name])), None)
    if published is None:
        return NOT_PUBLISHED
    if pd.isna(row["share_low"]):
        return HIDDEN
    if row["share_low"] > published:
        return HIGHER
    if row["share_high"] >= published:
        return SAME
    return LOWER if row["count"] else NO_CHILD


@dataclass(frozen=True)
class Rates:
    """A national indicator of everybody and, where it is published, of each group.

    Attributes:
        table: one row a group ("All" first): group, count, symbol, low, high, base (children of the population times
            years; or children whose value is known; or those of whom further offences are counted), rate, rate_low,
            rate_high (per `indicator.per` a year, or fractions, or a mean without an interval), least and most (what a
            hidden count leaves possible).
        indicator, by, where: what is shown; by is None for everybody alone.
        baseline: whom a rate is of; None for a share.
    """

    table: pd.DataFrame = field(repr=False)
    indicator: Indicator
    by: str | None
    where: Mapping[str, str]
    baseline: baselines.Baseline | None


def offered(source: Release, *more: str) -> dict[Indicator, list[str | None]]:
    """The indicators that a release publishes, each with the characteristics it is published by (None: everybody).

    Args:
        more: dimensions that are held at a value.
    """

    def holds(indicator: Indicator, *names: str) -> bool:
        cells = source.cells
        if not source.offers("children", indicator.dimension, *names, *more):
            return False
        if not source.offers(indicator.unit, *names, *more):
            return False
        named = cells[(cells["unit"] == "children") & (cells[indicator.dimension] == indicator.value)]
        return bool(named[[*names, *more]].notna().all(axis=1).any())

    found = {}
    for indicator in INDICATORS:
        by = [name for name in CHARACTERISTICS if name in source.dimensions and holds(indicator, name)]
        if by or holds(indicator):
            found[indicator] = [*by, None]
    return found


def rates(
    source: Release,
    indicator: Indicator,
    *,
    by: str | None = None,
    where: Mapping[str, str] | None = None,
) -> Rates:
    """A national indicator with its interval, of everybody and of each group of a characteristic.

    Rates are per year: over several years the population counts once for each. Their intervals are exact (Garwood)
    below 10 children and Byar's from 10; those of shares are mid-P. A mean of further offences has none: those of one
    child depend on each other, and how much is not in a release.

    Raises:
        ReleaseError: not published. BaselineError: nothing to relate it to.
    """
    where = release.held(source, where)
    cells = _by_group(source, "children", by, where, indicator.dimension).set_index(["group", indicator.dimension])
    groups = [g for g in dict.fromkeys(cells.index.get_level_values(0)) if g != UNKNOWN]
    kept = [g for g in groups if (g, indicator.value) in cells.index]
    table = cells.loc[[(g, indicator.value) for g in kept]].reset_index(drop=True).assign(group=kept)
    chosen = None
    if indicator.unit != "children":
        counted = _by_group(source, indicator.unit, by, where).set_index("group")
        table = table[table["group"].isin(counted.index)]
        base = table["count"].to_numpy(float, na_value=np.nan)
        table = counted.loc[table["group"]].reset_index()
    elif indicator.per:
        chosen = _population(source, by, where)
        base = _exposure(chosen, kept) * comparison.years(source, where)
    else:
        base = _known(cells["count"], kept)
    x, least, most = (table[c].to_numpy(float, na_value=np.nan) for c in ("count", "low", "high"))
    scale = indicator.per or 1
    with np.errstate(divide="ignore", invalid="ignore"):
        table = table.assign(
            base=base,
            **_estimate(indicator, x, base, scale),
            least=scale * least / base,
            most=scale * most / base,
        )
    return Rates(table, indicator, by, where, chosen)


def _by_group(source: Release, unit: str, by: str | None, where: Mapping[str, str], *more: str) -> pd.DataFrame:
    """A table of a unit with a column "group"; everybody is one where it is not divided by a characteristic."""
    cells = release.table(source, by=[*([by] if by else []), *more], unit=unit, where=where)
    return cells.rename(columns={by: "group"}) if by else cells.assign(group=ALL)


def _estimate(indicator: Indicator, x: np.ndarray, base: np.ndarray, scale: int) -> dict:
    if indicator.unit != "children":
        nothing = np.full_like(base, np.nan)
        return {"rate": np.where(base > 0, x / base, np.nan), "rate_low": nothing, "rate_high": nothing}
    interval = measures.rate_interval if indicator.per else measures.proportion_interval
    found = interval(x, base)
    return {"rate": scale * found.estimate, "rate_low": scale * found.low, "rate_high": scale * found.high}


def _population(source: Release, by: str | None, where: Mapping[str, str]) -> baselines.Baseline:
    return baselines.choose(
        source.baselines,
        characteristic=by or "ethnicity",
        area=source.area_of(where),
        year=where.get("year", source.years[-1]),
    )


def _exposure(chosen: baselines.Baseline, groups: list[str]) -> np.ndarray:
    """Children of each group, and of all; NaN where only a percentage is published, or nobody lives there."""
    total = next((n / chosen.shares[g] for g, n in chosen.populations.items() if chosen.shares.get(g)), np.nan)
    found = np.array([total if g == ALL else chosen.populations.get(g, np.nan) for g in groups])
    return np.where(found > 0, found, np.nan)


def _known(count: pd.Series, groups: list[str]) -> np.ndarray:
    """Children of each group whose value is known: those with it and those without."""
    both = [[count.get((g, value), pd.NA) for value in ("Yes", "No")] for g in groups]
    return np.array([np.nan if pd.isna(y) or pd.isna(n) else float(y + n) for y, n in both])

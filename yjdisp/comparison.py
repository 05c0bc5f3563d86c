"""A release and a baseline become one tidy table of measures with verdicts. Pages, exports and commands show this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from yjdisp import baselines, measures, release
from yjdisp.baselines import Baseline
from yjdisp.release import Release
from yjdisp.vocabulary import ALL, PERIODS, UNKNOWN, Dimension, normalise

OVER = "over-represented"
UNDER = "under-represented"
IN_LINE = "in line"
TOO_FEW = "not enough children to tell"
REFERENCE = "reference group"
HIDDEN = "hidden"
NO_BASELINE = "no baseline"
MORE_THAN_POPULATION = "more children than the population"
OVERLAPS = "overlaps the reference group"
NOBODY = "nobody to compare"
VERDICTS = (OVER, UNDER, IN_LINE, TOO_FEW)

EVERYONE_ELSE = "everyone else"
_REFERENCES = {"ethnicity": "White"}

ORDINARY_LEVEL = 2  # of 2 and 5 ethnic groups; the 19 are shown where they are asked for
A_NATION = 1e7  # children: more than any caseload, so that no count exceeds its share of it

COLUMNS = [
    "group", "count", "symbol", "total", "share", "share_low", "share_high", "population", "population_share",
    "gap", "gap_low", "gap_high", "index", "index_low", "index_high", "rri", "rri_low", "rri_high",
    "rri_rest", "rri_rest_low", "rri_rest_high", "p", "parity_removal", "parity_replacement", "verdict", "method",
    "baseline",
]  # fmt: skip


class ComparisonError(ValueError):
    """A comparison that cannot be made: the text says what to choose instead."""


@dataclass(frozen=True)
class Comparison:
    """One unit by one characteristic against a baseline.

    Attributes:
        table: one row a group in display order: `COLUMNS`, then `low` and `high` (what anyone can work out of the
            count), `level` (of the group in its hierarchy), `rri_least` and `rri_most` (the least and the greatest
            that the RRI itself can be, whatever the hidden counts are), `rri_low_least` (the least that the lower end of
            its interval can be), `others` and `others_share` (the children that the group is compared with: how many,
            missing where that is hidden, and their share of the population).
        by, unit, where: what was compared.
        baseline: what it was compared with.
        reference: the reference group, or "everyone else".
        total: how many there are of the unit with a known group, None where that is hidden.
        unknown: how many have no known group, None where that is hidden.
        confidence, method: of the intervals.
    """

    table: pd.DataFrame = field(repr=False)
    by: str
    unit: str
    where: Mapping[str, str]
    baseline: Baseline
    reference: str
    total: int | None
    unknown: int | None
    confidence: float
    method: str


def compare(
    source: Release,
    *,
    by: str,
    unit: str = "children",
    where: Mapping[str, str] | None = None,
    baseline: str | None = None,
    reference: str | None = None,
    confidence: float = 0.95,
    method: str = "midp",
) -> Comparison:
    """Compare every published group of a characteristic with its share of the population.

    Args:
        by: the characteristic.
        where: values that other dimensions are held at, such as {"year": "2021/22", "area": "…"}.
        baseline: its name or a part of it; the area's own nearest in time where it is left out.
        reference: a group of the characteristic or "everyone else"; White for ethnicity, else everyone else.
        confidence: of the intervals, a fraction.
        method: "midp" (conditional mid-P) or "exact" (Clopper–Pearson).

    Raises:
        ReleaseError: the table is not published, or of several areas none is chosen. BaselineError: no such baseline.
        ComparisonError: no such reference.
    """
    where = release.held(source, where)
    cells = release.table(source, by=[by], unit=unit, where=where).set_index(by)
    area = source.area_of(where)
    chosen = baselines.choose(
        source.baselines,
        characteristic=by,
        area=area,
        year=where.get("year", source.years[-1]),
        name=baseline,
    )
    groups = sorted((g for g in cells.index if g != ALL), key=lambda g: g == UNKNOWN)
    reference = _reference(by, groups, reference)
    total, unknown = known_total(source, by, cells["count"])
    rows = cells.loc[groups, ["count", "symbol", "low", "high"]].rename_axis("group").reset_index()
    rows["level"] = [source.dimensions[by].level(g) for g in groups]
    rows["total"] = pd.array([None if g == UNKNOWN else total for g in groups], dtype="Int64")
    rows["population"] = pd.array([_whole(chosen.populations.get(g)) for g in groups], dtype="Int64")
    rows["population_share"] = [chosen.shares.get(g, np.nan) for g in groups]
    rows["child_years"] = _numbers(rows["population"]) * years(source, where) if unit == "children" else np.nan
    options = {"confidence": confidence, "method": method}
    rows = rows.assign(**_against_everyone_else(rows, **options))
    if reference == EVERYONE_ELSE:
        overlaps = np.zeros(len(rows), dtype=bool)
        rows = rows.assign(**_as_reference(rows))
    else:
        overlaps = _overlaps(source, by, groups, reference)
        rows = rows.assign(**_against_reference(rows, reference, overlaps, **options))
    rows = rows.assign(**_others(rows, reference))
    rows["verdict"] = [_verdict(row, reference, o) for row, o in zip(rows.to_dict("records"), overlaps, strict=True)]
    own = normalise(chosen.area) == normalise(area)
    rows["method"], rows["baseline"] = method, chosen.name if own else f"{chosen.name}, {chosen.area}"
    beside = ["low", "high", "level", "rri_least", "rri_most", "rri_low_least", "others", "others_share"]
    table = rows[[*COLUMNS, *beside]]
    return Comparison(table, by, unit, where, chosen, reference, total, unknown, confidence, method)


def at_level(c: Comparison, dimension: Dimension, level: int | None) -> Comparison:
    """The same comparison with fewer groups, its numbers unchanged.

    Args:
        dimension: the characteristic in the release.
        level: keep the groups that divide everybody once at that level of detail, as far as they are published; None
            keeps those of the first two levels, one inside the other.
    """
    rows = c.table[c.table["level"] <= (level or ORDINARY_LEVEL)]
    if level:
        there = set(rows["group"])
        rows = rows[[not there & set(dimension.children(group)) for group in rows["group"]]]
        rows = rows.iloc[sorted(range(len(rows)), key=lambda i: _place(dimension, rows["group"].iloc[i]))]
    return replace(c, table=rows.reset_index(drop=True))


def _place(dimension: Dimension, group: str) -> tuple[bool, bool, str]:
    """Groups of one level in alphabetical order of what they belong to; Other, then Unknown last."""
    while dimension.level(group) > ORDINARY_LEVEL:
        group = dimension.parents[dimension.values.index(group)]
    return group == UNKNOWN, group == "Other", group


def usual_reference(by: str) -> str:
    """Whom the groups of a characteristic are compared with in the population, where nobody asks for others."""
    return _REFERENCES.get(by, EVERYONE_ELSE)


def _reference(by: str, groups: list[str], asked: str | None) -> str:
    reference = asked or usual_reference(by)
    reference = next((g for g in (EVERYONE_ELSE, *groups) if normalise(g) == normalise(reference)), reference)
    if reference != EVERYONE_ELSE and reference not in groups:
        raise ComparisonError(
            f"{reference!r} is not a published group; choose {EVERYONE_ELSE!r} or {', '.join(groups)}"
        )
    return reference


def known_total(source: Release, by: str, count: pd.Series) -> tuple[int | None, int | None]:
    """All with a known group, and all without, of the printed counts by group; never made up from parts of which one
    is hidden."""
    everyone = count.get(ALL, pd.NA)
    unknown = count.get(UNKNOWN, 0 if UNKNOWN not in source.dimensions[by].values else pd.NA)
    if pd.isna(everyone) or pd.isna(unknown):
        top = [g for g in source.dimensions[by].children(ALL) if g != UNKNOWN]
        known = int(count[top].sum()) if set(top) <= set(count.index) and count[top].notna().all() else None
        return known, None if pd.isna(unknown) else int(unknown)
    return int(everyone - unknown), int(unknown)


def years(source: Release, where: Mapping[str, str]) -> int:
    """How many years the children of what is held at these values can be counted in: each once a year."""
    return 1 if set(PERIODS) & set(where) else len(source.years)


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _numbers(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=float, na_value=np.nan)


def _against_everyone_else(rows: pd.DataFrame, **options) -> dict[str, np.ndarray]:
    """Share, gap, index, RRI against everyone else, parity and p: all from one interval."""
    total, share, child_years = (_numbers(rows[c]) for c in ("total", "population_share", "child_years"))
    share = np.where((share > 0) & (share < 1), share, np.nan)

    def measure(count: np.ndarray) -> measures.Representation:
        possible = (count <= total) & ~(count > child_years)
        return measures.representation(np.where(possible, count, np.nan), total, share, **options)

    found = measure(_numbers(rows["count"]))
    bounds = measures.hidden_bounds(lambda count: measure(count).measure("rri"), _between(rows))
    limits = {f"{name}{end}": f"{name}{end}" for name in ("share", "gap", "index") for end in ("", "_low", "_high")}
    limits |= {f"rri_rest{end}": f"rri{end}" for end in ("", "_low", "_high")}
    limits |= {name: name for name in ("p", "parity_removal", "parity_replacement")}
    out = {column: getattr(found, name) for column, name in limits.items()}
    return out | _possible(bounds)


def _possible(bounds: measures.HiddenBounds) -> dict[str, np.ndarray]:
    return {"rri_least": bounds.estimate_low, "rri_most": bounds.estimate_high, "rri_low_least": bounds.low}


def _between(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest that each count can be; never more than there are in all, nor children than live there."""
    most = np.fmin(_numbers(rows["total"]), _numbers(rows["child_years"]))
    return _numbers(rows["low"]), np.fmin(_numbers(rows["high"]), most)


def _as_reference(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {f"rri{end}": rows[f"rri_rest{end}"] for end in ("", "_low", "_high")}


def _overlaps(source: Release, by: str, groups: list[str], reference: str) -> np.ndarray:
    """Which groups have children in common with the reference group, or none that are known."""
    of = source.dimensions[by]
    return np.array([g == UNKNOWN or bool(of.cover(g) & of.cover(reference)) for g in groups])


def _against_reference(rows: pd.DataFrame, reference: str, overlaps: np.ndarray, **options) -> dict[str, np.ndarray]:
    """RRI and p against the reference group, and what an RRI can be where a count is hidden."""
    exposure = np.where(overlaps, np.nan, _exposure(rows))
    of_reference = (rows["group"] == reference).to_numpy()
    base = _exposure(rows)[of_reference][0]

    def measure(count: np.ndarray, reference_count: float) -> measures.Ratio:
        return measures.rate_ratio(count, exposure, reference_count, base, **options)

    count, (low, high) = _numbers(rows["count"]), _between(rows)
    found = measure(count, count[of_reference][0])
    bounds = measures.hidden_bounds(measure, (low, high), (low[of_reference][0], high[of_reference][0]))
    return {
        "rri": found.estimate,
        "rri_low": found.low,
        "rri_high": found.high,
        "p": found.p,
    } | _possible(bounds)


def _others(rows: pd.DataFrame, reference: str) -> dict[str, pd.Series | float]:
    if reference == EVERYONE_ELSE:
        return {"others": rows["total"] - rows["count"], "others_share": 1 - rows["population_share"]}
    of_reference = rows[rows["group"] == reference].iloc[0]
    count = pd.Series(of_reference["count"], rows.index, dtype="Int64")
    return {"others": count, "others_share": of_reference["population_share"]}


def _exposure(rows: pd.DataFrame) -> np.ndarray:
    """Child-years, or where one of them is not known or bounds no count, numbers in the proportion of the populations:
    a ratio of rates needs no more."""
    child_years, share = _numbers(rows["child_years"]), _numbers(rows["population_share"])
    exposure = share * A_NATION if np.isnan(child_years[~np.isnan(share)]).any() else child_years
    return np.where(exposure > 0, exposure, np.nan)


def _verdict(row: Mapping, reference: str, overlaps: bool) -> str:
    if row["group"] == reference:
        return REFERENCE
    if row["group"] == UNKNOWN or pd.isna(row["population_share"]):
        return NO_BASELINE
    if overlaps:
        return OVERLAPS
    if pd.isna(row["count"]):
        return HIDDEN
    if row["count"] > row["child_years"]:
        return MORE_THAN_POPULATION
    if pd.isna(row["rri_low"]):
        hidden = pd.isna(row["total"]) or pd.notna(row["rri_least"]) or row["count"] > row["total"]
        return HIDDEN if hidden else NO_BASELINE
    return verdict(row["rri"], row["rri_low"], row["rri_high"], row["count"])


def verdict(ratio: float, low: float, high: float, count: float) -> str:
    """One of `VERDICTS`: size (outside 0.80 to 1.25) and certainty (the interval excludes 1), both or not at all.

    A group without a single child is never called under-represented, and what is undefined cannot be told.
    """
    size = measures.size(ratio)
    if size == "within":
        return IN_LINE
    if not (low > 1 or high < 1) or count == 0:
        return TOO_FEW
    return OVER if size == "over" else UNDER

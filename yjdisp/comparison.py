"""A release and a baseline become one tidy table of measures with verdicts. Pages, exports and commands show this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import baselines, measures, release
from yjdisp.baselines import Baseline
from yjdisp.release import Release
from yjdisp.vocabulary import ALL, UNKNOWN

OVER = "over-represented"
UNDER = "under-represented"
IN_LINE = "in line"
TOO_FEW = "not enough children to tell"
REFERENCE = "reference group"
HIDDEN = "hidden"
NO_BASELINE = "no baseline"
MORE_THAN_POPULATION = "more children than the population"
VERDICTS = (OVER, UNDER, IN_LINE, TOO_FEW)

EVERYONE_ELSE = "everyone else"
REFERENCES = {"ethnicity": "White"}

COLUMNS = (
    "group count symbol total share share_low share_high population population_share gap gap_low gap_high "
    "index index_low index_high rri rri_low rri_high rri_rest rri_rest_low rri_rest_high p "
    "parity_removal parity_replacement verdict method baseline"
).split()


class ComparisonError(ValueError):
    """A comparison that cannot be made: the text says what to choose instead."""


@dataclass(frozen=True)
class Comparison:
    """One unit by one characteristic against a baseline.

    Attributes:
        table: one row a group in display order: `COLUMNS`, then `low` and `high` (what anyone can work out of the
            count), `level` (of the group in its hierarchy), `rri_least` and `rri_most` (for a hidden count: the
            least lower and the greatest upper limit of the RRI whatever the count is).
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
        ReleaseError: the table is not published. BaselineError: no such baseline. ComparisonError: no such reference.
    """
    where = dict(where or {})
    cells = release.table(source, by=[by], unit=unit, where=where).set_index(by)
    chosen = baselines.choose(
        source.baselines,
        characteristic=by,
        area=where.get("area", source.areas[0]),
        year=where.get("year", source.years[-1]),
        name=baseline,
    )
    groups = [g for g in cells.index if g != ALL]
    reference = _reference(by, groups, reference)
    total, unknown = _known_total(source, by, cells)
    rows = cells.loc[groups, ["count", "symbol", "low", "high"]].rename_axis("group").reset_index()
    rows["level"] = [source.dimensions[by].level(g) for g in groups]
    shares = np.array([chosen.shares.get(g, np.nan) for g in groups])
    rows["total"] = pd.array([total] * len(rows), dtype="Int64")
    rows["population"] = [chosen.populations.get(g, np.nan) for g in groups]
    rows["population_share"] = shares
    rows = rows.assign(**_against_everyone_else(rows, shares, confidence, method))
    comparable = _comparable(source, by, groups, reference)
    rows = rows.assign(**_against_reference(rows, shares, reference, comparable, confidence, method))
    rows["verdict"] = [_verdict(row, reference) for row in rows.to_dict("records")]
    rows["method"], rows["baseline"] = method, chosen.name
    extra = ["low", "high", "level", "rri_least", "rri_most"]
    return Comparison(
        rows[[*COLUMNS, *extra]], by, unit, where, chosen, reference, total, unknown, confidence, method
    )


def _reference(by: str, groups: list[str], asked: str | None) -> str:
    reference = asked or REFERENCES.get(by, EVERYONE_ELSE)
    if reference != EVERYONE_ELSE and reference not in groups:
        raise ComparisonError(f"{reference!r} is not a published group; choose {EVERYONE_ELSE!r} or {', '.join(groups)}")
    return reference


def _known_total(source: Release, by: str, cells: pd.DataFrame) -> tuple[int | None, int | None]:
    """All with a known group, and all without; never made up from parts of which one is hidden."""
    count = cells["count"]
    everyone = count.get(ALL, pd.NA)
    unknown = count.get(UNKNOWN, 0 if UNKNOWN not in source.dimensions[by].values else pd.NA)
    if pd.isna(everyone) or pd.isna(unknown):
        top = [g for g in source.dimensions[by].children(ALL) if g != UNKNOWN and g in count]
        known = count[top].sum() if top and count[top].notna().all() else None
        return known, None if pd.isna(unknown) else int(unknown)
    return int(everyone - unknown), int(unknown)


def _against_everyone_else(rows: pd.DataFrame, shares: np.ndarray, confidence: float, method: str) -> dict:
    """Share, gap, index, RRI against everyone else, parity and p: all from one interval."""
    x = rows["count"].to_numpy(dtype=float, na_value=np.nan)
    n = rows["total"].to_numpy(dtype=float, na_value=np.nan)
    usable = ~np.isnan(x) & ~np.isnan(n) & (x <= n) & (shares > 0) & (shares < 1) & (n > 0) & _possible(rows, x)
    usable &= (rows["group"] != UNKNOWN).to_numpy()
    result = measures.representation(x[usable], n[usable], shares[usable], confidence=confidence, method=method)
    names = ["share", "gap", "index", "rri"]
    fields = {f"{name}{end}": f"{name}{end}" for name in names for end in ("", "_low", "_high")}
    fields |= {"parity_removal": "parity_removal", "parity_replacement": "parity_replacement", "p": "p"}
    out = {name: _spread(usable, getattr(result, attribute)) for name, attribute in fields.items()}
    return {name.replace("rri", "rri_rest"): values for name, values in out.items()}


def _possible(rows: pd.DataFrame, x: np.ndarray) -> np.ndarray:
    population = rows["population"].to_numpy(dtype=float)
    return ~(x > population)


def _spread(usable: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = np.full(len(usable), np.nan)
    out[usable] = values
    return out


def _comparable(source: Release, by: str, groups: list[str], reference: str) -> np.ndarray:
    """Which groups do not overlap with the reference group."""
    if reference == EVERYONE_ELSE:
        return np.array([g != UNKNOWN for g in groups])
    dimension = source.dimensions[by]
    covers = dict(zip(dimension.values, dimension.covers, strict=True))
    return np.array([g != UNKNOWN and not covers[g] & covers[reference] for g in groups])


def _against_reference(
    rows: pd.DataFrame, shares: np.ndarray, reference: str, comparable: np.ndarray, confidence: float, method: str
) -> dict:
    """RRI and p against the reference group, and for hidden counts the limits that hold whatever they are."""
    least = most = np.full(len(rows), np.nan)
    if reference == EVERYONE_ELSE:
        out = {f"rri{end}": rows[f"rri_rest{end}"].to_numpy() for end in ("", "_low", "_high")}
        return {**out, "rri_least": least, "rri_most": most}
    counts = rows["count"].to_numpy(dtype=float, na_value=np.nan)
    is_reference = (rows["group"] == reference).to_numpy()
    x0, t0 = counts[is_reference][0], _exposure(shares)[is_reference][0]
    t1 = _exposure(shares)
    base = comparable & (t1 > 0) & bool(t0 > 0) & ~np.isnan(x0)
    shown = base & ~np.isnan(counts) & _possible(rows, counts)
    ratio = measures.rate_ratio(counts[shown], t1[shown], x0, t0, confidence=confidence, method=method)
    hidden = base & np.isnan(counts) & rows["high"].notna().to_numpy()
    low = rows["low"].to_numpy(dtype=float, na_value=np.nan)[hidden]
    high = rows["high"].to_numpy(dtype=float, na_value=np.nan)[hidden]
    ends = [measures.rate_ratio(x, t1[hidden], x0, t0, confidence=confidence, method=method) for x in (low, high)]
    return {
        "rri": _spread(shown, ratio.estimate),
        "rri_low": _spread(shown, ratio.low),
        "rri_high": _spread(shown, ratio.high),
        "p": _spread(shown, ratio.p),
        "rri_least": _spread(hidden, ends[0].low),
        "rri_most": _spread(hidden, ends[1].high),
    }


def _exposure(shares: np.ndarray) -> np.ndarray:
    """Children at risk, up to a common factor, which a ratio of rates does not see: so large that no count exceeds it."""
    return shares * 1e9


def _verdict(row: Mapping, reference: str) -> str:
    """Size (outside 0.80 to 1.25) and certainty (the interval excludes 1), both or not at all."""
    if row["group"] == reference:
        return REFERENCE
    if pd.isna(row["count"]):
        return HIDDEN
    if row["group"] == UNKNOWN or pd.isna(row["population_share"]):
        return NO_BASELINE
    if row["count"] > row["population"]:
        return MORE_THAN_POPULATION
    if pd.isna(row["rri_low"]):
        return HIDDEN if pd.isna(row["total"]) else TOO_FEW
    size = measures.size(row["rri"])
    if size == "within":
        return IN_LINE
    certain = row["rri_low"] > 1 or row["rri_high"] < 1
    if not certain or row["count"] == 0:
        return TOO_FEW
    return OVER if size == "over" else UNDER

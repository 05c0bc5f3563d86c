"""Two groups inside the system: how often each gets something out of its own caseload, and what hidden counts leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import comparison, measures, release
from yjdisp.release import Release, ReleaseError
from yjdisp.vocabulary import ALL, UNKNOWN

USUAL = {
    "ethnicity": comparison.usual_reference("ethnicity"),
    "sex": "Boys",
    "age": "15–17",
    "send": "No SEN",
    "care": "Not looked after",
}
SIDES = ("group", "reference")


@dataclass(frozen=True)
class Division:
    """How what is counted of two groups divides over the values of a dimension.

    Attributes:
        rows: one row a value in display order: value, level, parent, then the columns of `contrasts`.
        by, of: the characteristic, and the dimension whose values are set side by side.
        unit, where, group, reference: what was asked for.
        unknown: how many have no known group, None where that is hidden.
    """

    rows: pd.DataFrame = field(repr=False)
    by: str
    of: str
    unit: str
    where: Mapping[str, str]
    group: str
    reference: str
    unknown: int | None


def division(
    source: Release,
    *,
    of: str,
    group: str,
    reference: str = "White",
    by: str = "ethnicity",
    unit: str = "children",
    where: Mapping[str, str] | None = None,
) -> Division:
    """Set two groups side by side in every published value of a dimension, each out of its own whole.

    Raises:
        ReleaseError: the table or one of the two groups is not published.
    """
    where = release.held(source, where)
    cells = release.table(source, by=[by, of], unit=unit, where=where).set_index([by, of])
    for name in (group, reference):
        if (name, ALL) not in cells.index:
            raise ReleaseError(f"{name} is not published by {of}; choose another group")
    dimension = source.dimensions[of]
    values = [v for v in dimension.values if v != ALL and all((g, v) in cells.index for g in (group, reference))]
    four = [between(cells, [(g, v) for v in cut]) for g in (group, reference) for cut in (values, [ALL] * len(values))]
    place = {v: (dimension.level(v), p) for v, p in zip(dimension.values, dimension.parents, strict=True)}
    rows = contrasts(*four)
    rows.insert(0, "value", values)
    rows.insert(1, "level", [place[v][0] for v in values])
    rows.insert(2, "parent", [place[v][1] for v in values])
    unknown = 0 if UNKNOWN not in source.dimensions[by].values else cells["count"].get((UNKNOWN, ALL), pd.NA)
    return Division(rows, by, of, unit, where, group, reference, None if pd.isna(unknown) else int(unknown))


def between(cells: pd.DataFrame, keys: Sequence) -> np.ndarray:
    """(3, keys): each count (NaN where hidden), and the least and the greatest that it can be."""
    found = cells.loc[list(keys), ["count", "low", "high"]].to_numpy(float, na_value=np.nan).T
    found[2] = np.where(np.isnan(found[2]), np.inf, found[2])
    return found


def contrasts(
    group: np.ndarray,
    group_base: np.ndarray,
    reference: np.ndarray,
    reference_base: np.ndarray,
) -> pd.DataFrame:
    """One row a column of the four arrays (each as `between` gives it): both shares, their ratio and difference.

    Columns, for `group` and `reference` alike: group, group_low, group_high (the count and what anyone can work out),
    group_base, group_base_low, group_base_high, group_share with group_share_low and group_share_high (Wilson) and
    group_share_least and group_share_most (what hidden counts leave possible); then rri (SCAS) and gap (Newcombe) with
    their limits, rri_least, rri_most, p and verdict. What needs a hidden count is NaN and its verdict "hidden".
    """
    out: dict[str, np.ndarray] = {}
    for side, count, base in zip(SIDES, (group, reference), (group_base, reference_base), strict=True):
        out |= {f"{side}{end}": values for end, values in zip(("", "_low", "_high"), count, strict=True)}
        out |= {f"{side}_base{end}": values for end, values in zip(("", "_low", "_high"), base, strict=True)}
        share = measures.proportion_interval(count[0], base[0], method="wilson")
        out |= {f"{side}_share": share.estimate, f"{side}_share_low": share.low, f"{side}_share_high": share.high}
        with np.errstate(divide="ignore", invalid="ignore"):
            least, most = count[1] / base[2], count[2] / base[1]
        out |= {f"{side}_share_least": np.minimum(least, 1), f"{side}_share_most": np.minimum(most, 1)}
    four = group[0], group_base[0], reference[0], reference_base[0]
    ratio = measures.risk_ratio(*four)
    gap = measures.risk_difference(*four)
    out |= {"rri": ratio.estimate, "rri_low": ratio.low, "rri_high": ratio.high, "p": ratio.p}
    out |= {"gap": gap.estimate, "gap_low": gap.low, "gap_high": gap.high}
    out["rri_least"], out["rri_most"] = ratio_between(
        (out["group_share_least"], out["group_share_most"]), (out["reference_share_least"], out["reference_share_most"])
    )
    rows = pd.DataFrame(out)
    rows["verdict"] = [_verdict(row) for row in rows.to_dict("records")]
    return rows


def ratio_between(numerator, denominator) -> tuple[np.ndarray, np.ndarray]:
    """The least and the greatest ratio of two numbers that are each known to lie from low to high."""
    with np.errstate(divide="ignore", invalid="ignore"):
        least, most = np.divide(numerator[0], denominator[1]), np.divide(numerator[1], denominator[0])
    return np.where(np.isnan(least), 0.0, least), np.where(np.isnan(most), np.inf, most)


def _verdict(row: Mapping) -> str:
    if any(pd.isna(row[name]) for side in SIDES for name in (side, f"{side}_base")):
        return comparison.HIDDEN
    return comparison.verdict(row["rri"], row["rri_low"], row["rri_high"], row["group"])

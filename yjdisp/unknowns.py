"""What if: the children whose group nobody recorded, all in a group or all outside it, and when a finding would turn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from yjdisp import measures
from yjdisp.comparison import A_NATION, Comparison
from yjdisp.vocabulary import UNKNOWN


@dataclass(frozen=True)
class Unknowns:
    """A comparison with its unknowns shared out.

    Attributes:
        table: one row a group that can be compared: group, verdict, share (of the known), share_low and share_high
            (of everybody, with none and with all of the unknown in the group), rri, rri_low, rri_high, low, high
            (likewise, and the outer ends of their intervals), over_from (the fewest of the unknown in the group that
            make it over-represented), under_up_to (the most that leave it under-represented), within_from and
            within_up_to (the fewest and the most with which it is in line); NaN: no number does.
        number: how many are unknown; where that is hidden, the most that they can be.
        hidden: whether it is hidden.
    """

    table: pd.DataFrame = field(repr=False)
    number: int
    hidden: bool


def unknowns(c: Comparison) -> Unknowns | None:
    """Share out the unknown of a comparison; None where there are none, or nothing bounds their number.

    Those who are not in the group are taken to be in the reference. Findings mean what they mean everywhere: over- and
    under-represented take size (outside 0.80 to 1.25) and certainty (the interval excludes 1); within is in line.
    """
    rows = c.table.set_index("group", drop=False)
    number = rows["high"].get(UNKNOWN, pd.NA) if c.unknown is None else c.unknown
    if pd.isna(number) or number == 0 or c.total is None:
        return None
    number = int(number)
    rows = rows[rows["rri_low"].notna() & ~rows["group"].isin([UNKNOWN, c.reference])]
    found = [_shared_out(row, number, c) for row in rows.to_dict("records")]
    return Unknowns(pd.DataFrame(found), number, c.unknown is None) if found else None


def _shared_out(row: dict, number: int, c: Comparison) -> dict:
    options = {"confidence": c.confidence, "method": c.method}
    others, exposures = row["others"], (row["population_share"] * A_NATION, row["others_share"] * A_NATION)
    bounds = measures.unknown_bounds(row["count"], others, number, *exposures, **options)
    inside = np.arange(number + 1)
    ratio = measures.rate_ratio(row["count"] + inside, exposures[0], others + number - inside, exposures[1], **options)
    size = measures.size(ratio.estimate)
    over = inside[(size == "over") & (ratio.low > 1)]
    under = inside[(size == "under") & (ratio.high < 1) & (row["count"] + inside > 0)]
    within = inside[size == "within"]
    return {
        "group": row["group"],
        "verdict": row["verdict"],
        "share": row["share"],
        "share_low": row["count"] / (c.total + number),
        "share_high": (row["count"] + number) / (c.total + number),
        "rri": float(bounds.rri),
        "rri_low": float(bounds.rri_low),
        "rri_high": float(bounds.rri_high),
        "low": float(bounds.low),
        "high": float(bounds.high),
        "over_from": over.min() if over.size else np.nan,
        "under_up_to": under.max() if under.size else np.nan,
        "within_from": within.min() if within.size else np.nan,
        "within_up_to": within.max() if within.size else np.nan,
    }

"""A finding in children: how many it is about, and how large a disparity would have to be for so few to show it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yjdisp import measures
from yjdisp.comparison import OVER, TOO_FEW, Comparison

ENDS = ("", "_low", "_high")


def parity(c: Comparison) -> pd.DataFrame:
    """Children to parity of each group that is over-represented, also set against everybody.

    Returns:
        One row a group: group, count, and in whole children, never below 0, removal and replacement with their limits
        (removal_low …), as `measures.whole_children` rounds them. Groups of which a number behind that is hidden are
        left out.
    """
    rows = c.table[(c.table["verdict"] == OVER) & (c.table["gap_low"] > 0)]
    total, share = rows["total"].to_numpy(float), rows["population_share"].to_numpy(float)
    found = {end: measures.whole_children(rows[f"share{end}"].to_numpy(float) * total, total, share) for end in ENDS}
    whole = {
        f"{name}{end}": np.maximum(getattr(found[end], name), 0).astype(int)
        for name in ("removal", "replacement")
        for end in ENDS
    }
    return rows[["group", "count"]].assign(**whole).reset_index(drop=True)


def detectable(c: Comparison) -> pd.DataFrame:
    """The RRI that each group with not enough children to tell would have to have to be found four times in five.

    Returns:
        One row a group: group, count, rri, rri_low, rri_high (what was found), ratio (`measures.detectable_ratio`, with
        as many children in the comparison group as there are). Groups without a child to be compared with are left out.
    """
    rows = c.table[c.table["verdict"] == TOO_FEW]
    share, others_share = rows["population_share"].to_numpy(float), rows["others_share"].to_numpy(float)
    others = rows["others"].to_numpy(float, na_value=np.nan)
    options = {"confidence": c.confidence, "method": c.method}
    found = measures.detectable_ratio(share, others_share, others, **options)
    rows = rows[["group", "count", "rri", "rri_low", "rri_high"]].assign(ratio=np.atleast_1d(found.ratio))
    return rows[rows["ratio"].notna()].reset_index(drop=True)

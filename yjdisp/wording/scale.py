"""Plain English from the scale of a finding: how many children it is, and what would have been too small to see."""

from __future__ import annotations

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import Comparison
from yjdisp.wording import comparison as wording_comparison

PARITY = "How many children is that?"
PARITY_TABLE = (
    "How many fewer of the group's children there would be if their share of the caseload were their share of the "
    "population: with nobody in their place (rounded up), or with other children in it. In brackets, how large the gap "
    "in a caseload of this size could be once chance is allowed for, which can be more than there were. It is the size of a gap, not a "
    "number of wrong decisions"
)
DETECTABLE = "Could we have seen it?"
DETECTABLE_TABLE = (
    "How many times as likely as {reference} each of these groups would have to be for a caseload of this size to show "
    "it four times in five. A smaller disparity is easily missed: that none was found does not show that there is none"
)


def parity(found: pd.DataFrame) -> pd.DataFrame:
    """Each over-represented group with its children to parity."""
    return pd.DataFrame(
        {
            "Group": row["group"],
            "Children": wording.count(row),
            "Fewer, nobody in their place": wording.estimate(row, "removal", _whole),
            "Fewer, others in their place": wording.estimate(row, "replacement", _whole),
        }
        for row in found.to_dict("records")
    ).astype("str")


def detectable(found: pd.DataFrame, c: Comparison) -> pd.DataFrame:
    """Each group with not enough children to tell, with what was found and what would have been seen."""
    name = wording_comparison.ratio_name(c)
    return pd.DataFrame(
        {
            "Group": row["group"],
            "Children": wording.count(row),
            f"{name}, as found": wording.estimate(row, "rri", wording.ratio),
            f"{name}, to be seen": f"{wording.ratio(row['ratio'])} or more",
        }
        for row in found.to_dict("records")
    ).astype("str")


def detectable_caption(c: Comparison) -> str:
    """What the table of groups with not enough children says."""
    return DETECTABLE_TABLE.format(reference=wording.who(c.reference))


def _whole(number: int) -> str:
    return f"{number:,}"

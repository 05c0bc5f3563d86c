"""Make bathavon.csv, a SYNTHETIC case file whose 2021/22 has the margins that Bath and North East Somerset published.

Run `python data_samples/make_bathavon.py`; it writes the same file every time. No row describes a real child.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yjdisp.sample import ALL_OTHER, UNKNOWN, WHITE, Margin, Year, case_file, save

AREA = "Bath and North East Somerset"
SEED = 2021
NONE = Margin(children=0, court=0, outcomes=0, offences=0)

INVENTED_BEFORE = Year(
    2020,
    {WHITE: Margin(31, 13, 35, 98), ALL_OTHER: Margin(13, 5, 15, 26), UNKNOWN: Margin(3, 0, 3, 4)},
    {
        "sex": {"F": 7},
        "care": {"local": 4, "placed": 1},
        "send": {"EHC plan": 15, "SEN support": 8, "Not known": 3},
    },
)
# Published: 45 children (29 and 16), 122 offences (95 and 27), 50 outcomes in all (their split is invented), a court
# order for 41% of 29 and 25% of 16, an EHC plan for 36% of 45 and SEN support for 16%. Sex and care are invented.
PUBLISHED = Year(
    2021,
    {WHITE: Margin(29, 12, 33, 95), ALL_OTHER: Margin(16, 4, 17, 27), UNKNOWN: NONE},
    {"sex": {"F": 6}, "care": {"local": 4, "placed": 1}, "send": {"EHC plan": 16, "SEN support": 7}},
)
INVENTED_AFTER = Year(
    2022,
    {WHITE: Margin(27, 9, 30, 84), ALL_OTHER: Margin(14, 5, 16, 30), UNKNOWN: Margin(2, 0, 2, 3)},
    {
        "sex": {"F": 8},
        "care": {"local": 5, "placed": 2},
        "send": {"EHC plan": 17, "SEN support": 8, "Not known": 2},
    },
)


def make(path: str | Path) -> None:
    """Write the case file."""
    years = (INVENTED_BEFORE, PUBLISHED, INVENTED_AFTER)
    save(case_file(np.random.default_rng(SEED), years, AREA), path)


if __name__ == "__main__":
    make(Path(__file__).with_name("bathavon.csv"))

"""A small release written by hand: two years, hidden cells, a zero, unknowns; no case file behind it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd

from yjdisp import baselines, release
from yjdisp.release import HIDDEN
from yjdisp.vocabulary import ALL, dimension, period_dimensions

AREA = "Bath and North East Somerset"
YEARS = ("2020/21", "2021/22")
POLICY = 'name = "caseload"\nthreshold = 5\nzeros = "hidden"\nrounding = 0\nexempt = ["Unknown"]\nsensitive = []\n'
PLAN = 'name = "small"\n'

# count, or (low, high) of a hidden one; the true numbers behind the hidden ones are not written down anywhere
CHILDREN = {
    "ethnicity": {
        "White": (31, 29),
        "All other ethnic groups combined": (13, 16),
        "Unknown": (3, 0),
        "Asian": ((0, 8), (0, 9)),
        "Black": ((0, 8), 5),
        "Mixed": (5, 6),
        "Other": ((0, 8), (0, 9)),
    },
    "sex": {"Boys": (38, 37), "Girls": (9, 8), "Unknown": (0, 0)},
    "send": {
        "EHC plan or SEN support": (23, 23),
        "EHC plan": (15, 16),
        "SEN support": (8, 7),
        "No SEN": (21, 22),
        "Unknown": (3, 0),
    },
    "care": {"Looked after": ((0, 9), (0, 9)), "Not looked after": ((38, 47), (36, 45)), "Unknown": (0, 0)},
}
OFFENCES = {
    "ethnicity": {"White": (98, 95), "All other ethnic groups combined": (26, 27), "Unknown": (4, 0)},
}
BY_SEX = {  # ethnicity by sex, both years together
    ("All", "All"): 92, ("All", "Boys"): 75, ("All", "Girls"): 17,
    ("White", "All"): 60, ("White", "Boys"): 50, ("White", "Girls"): 10,
    ("All other ethnic groups combined", "All"): 29, ("All other ethnic groups combined", "Boys"): 23,
    ("All other ethnic groups combined", "Girls"): 6,
    ("Unknown", "All"): 3, ("Unknown", "Boys"): 2, ("Unknown", "Girls"): 1,
}  # fmt: skip
TOTALS = {"children": (47, 45), "offences": (128, 122)}


def write(
    path: Path,
    *,
    children: dict = CHILDREN,
    total: tuple[int, int] = TOTALS["children"],
    times: int = 1,
    depth: int = 2,
    synthetic: bool = True,
) -> str:
    """Write the release and return its id.

    Args:
        children: by characteristic and group, the two years' counts, or (low, high) of a hidden one.
        total: of the children, in the two years.
        times: by how much the populations are multiplied.
        depth: how many levels its dimensions have.
    """
    published = baselines.read(baselines.default_file())
    published["population"] *= times
    quarters = tuple(f"{year} Q{quarter}" for year, quarter in product(YEARS, range(1, 5)))
    rows = [*_rows("children", children, total), *_rows("offences", OFFENCES, TOTALS["offences"])]
    if children is CHILDREN:
        pair = {"unit": "children", "table": "ethnicity × sex"}
        rows += [pair | {"ethnicity": e, "sex": s} | _cell(n) for (e, s), n in BY_SEX.items()]
    cells = pd.DataFrame(rows).astype({"count": "Int64", "low": "Int64", "high": "Int64"})
    used = [dimension(name).cut(depth) for name in children]
    return release.write(
        path,
        cells=cells[["unit", "table", "year", *children, "count", "symbol", "low", "high"]],
        dimensions=(period_dimensions(quarters)[0], *used),
        baselines=published,
        policy=POLICY,
        plan=PLAN,
        manifest={
            "service": AREA,
            "areas": [AREA],
            "period": {"first": quarters[0], "last": quarters[-1], "years": list(YEARS)},
            "synthetic": synthetic,
            "rows": {"used": 250, "left_out": {"wrong date": "fewer than 10"}},
            "policy": "caseload",
            "plan": "small",
            "left_out": [
                {
                    "unit": "children",
                    "table": "year × gravity",
                    "reason": "The numbers of children by year and gravity are too small to publish.",
                }
            ],
            "sources": [],
            "suppression": [],
            "attack": {"cells": len(cells), "hidden": int((cells["symbol"] == HIDDEN).sum()), "narrowed": 0},
            "software": {},
        },
    )


def _rows(unit: str, counts: dict, total: tuple[int, int]) -> list[dict]:
    rows = []
    for characteristic, groups in counts.items():
        everyone = {ALL: total, **groups}
        for group, of_years in everyone.items():
            cells = dict(zip(YEARS, of_years, strict=True)) | {ALL: _sum(of_years)}
            rows += [
                {"unit": unit, "table": f"year × {characteristic}", "year": year, characteristic: group, **_cell(n)}
                for year, n in cells.items()
            ]
    return rows


def _sum(numbers: tuple) -> int | tuple[int, int]:
    ends = [n if isinstance(n, tuple) else (n, n) for n in numbers]
    low, high = (sum(end) for end in zip(*ends, strict=True))
    return low if low == high else (low, high)


def _cell(n: int | tuple[int, int]) -> dict:
    if isinstance(n, tuple):
        return {"count": None, "symbol": HIDDEN, "low": n[0], "high": n[1]}
    return {"count": n, "symbol": "", "low": n, "high": n}

"""Small made-up releases in memory: any counts, in any tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yjdisp import baselines
from yjdisp.release import Release
from yjdisp.vocabulary import dimension, flat_dimension

HERE = "Bath and North East Somerset"
OTHER = "All other ethnic groups combined"
SHIPPED = baselines.read(baselines.default_file())


def made_up(
    *tables: tuple[tuple[str, ...], dict[tuple[str, ...], int | None]],
    unit: str = "children",
    years: tuple[str, ...] = ("2021/22",),
    areas: tuple[str, ...] = (HERE,),
    bounds: tuple[int, int] = (0, 9),
) -> Release:
    """A release of these tables: dimensions, and a count for each combination of values (None is hidden)."""
    frames = []
    for names, counts in tables:
        frame = pd.DataFrame(list(counts), columns=list(names))
        frame["count"] = pd.array(list(counts.values()), dtype="Int64")
        frames.append(frame.assign(unit=unit, table=" × ".join(names)))
    cells = pd.concat(frames, ignore_index=True)
    hidden = cells["count"].isna()
    cells = cells.assign(
        symbol=np.where(hidden, "[c]", ""),
        low=cells["count"].fillna(bounds[0]),
        high=cells["count"].fillna(bounds[1]),
    )
    own = {
        "year": flat_dimension("year", years, axis="period"),
        "area": flat_dimension("area", areas),
    }
    for name in ("quarter", "rolling_year"):
        if name in cells:
            own[name] = flat_dimension(name, tuple(cells[name].dropna().unique()), axis="period")
    names = dict.fromkeys(name for table, _ in tables for name in table)
    return Release(
        manifest={"id": "made-up", "synthetic": True, "areas": list(areas), "period": {"years": list(years)}},
        cells=cells,
        dimensions={name: own.get(name) or dimension(name) for name in names},
        baselines=SHIPPED,
        policy="",
        plan="",
    )

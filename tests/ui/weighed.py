"""The sample release with every record weighed: the same cells are hidden, but no two counts are alike any more.

Each child, outcome and offence counts for a large random number instead of 1, in every table alike. So tables still add
up, what is hidden cannot be worked out from what is printed, and a hidden count would be recognised wherever it came out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from yjdisp import cases, counting, release
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import ALL

LEAST, MOST = 100_000, 200_000
CEILING = 10**9  # of a hidden count


@dataclass(frozen=True)
class Weighed:
    """A release, and what is hidden in it.

    Attributes:
        hidden: the hidden counts, those left out that are printed elsewhere.
        shares: these counts over each printed total of their own table.
    """

    hidden: frozenset[int]
    shares: np.ndarray


def write(path: Path, sample: Release, case_file: Path) -> Weighed:
    """Write the release and return what nobody may see."""
    names = list(sample.dimensions)
    true, hides = _weigh(sample, case_file), sample.cells["symbol"] == HIDDEN
    frame = sample.cells.assign(count=true.mask(hides))
    frame["low"], frame["high"] = frame["count"].fillna(0), frame["count"].fillna(CEILING)
    baselines = sample.baselines.assign(population=sample.baselines["population"] * MOST)
    kept = {k: v for k, v in sample.manifest.items() if k not in ("id", "created", "files", "seal")}
    release.write(
        path,
        cells=frame,
        dimensions=tuple(sample.dimensions.values()),
        baselines=baselines,
        policy=sample.policy,
        plan=sample.plan,
        manifest=kept | {"rows": kept["rows"] | {"used": None}},
    )
    secret = frozenset(true[hides].tolist()) - frozenset(true[~hides].tolist()) - {0}
    return Weighed(secret, _shares(frame.assign(true=true), names, secret))


def _weigh(sample: Release, case_file: Path) -> pd.Series:
    """The weights behind every cell."""
    coded = counting.encode(cases.read(case_file).rows)
    units, draw = counting.count_units(coded), np.random.default_rng(7)
    weights = {unit: draw.integers(LEAST, MOST, len(one.child)) * one.number for unit, one in units.items()}
    inside = {
        (unit, name, value): np.isin(np.asarray(coded.axes[d.axis])[units[unit].at[d.axis]], list(covers))
        for unit in units
        for name, d in sample.dimensions.items()
        for value, covers in zip(d.values, d.covers, strict=True)
    }
    true = []
    for row in sample.cells.to_dict("records"):
        unit = row["unit"]
        parts = [inside[unit, name, row[name]] for name in sample.dimensions if pd.notna(row[name])]
        true.append(int(weights[unit][np.logical_and.reduce(parts)].sum()))
    return pd.Series(true, index=sample.cells.index, dtype="Int64")


def _shares(frame: pd.DataFrame, names: list[str], secret: frozenset[int]) -> np.ndarray:
    """Each hidden count over every printed count of which it is a part in its table."""
    found = []
    for (_, table), rows in frame.groupby(["unit", "table"]):
        divided = [name for name in table.split(" × ") if name in names]
        hidden = rows[rows["true"].isin(secret)]
        for name in divided:
            others = [n for n in divided if n != name]
            whole = rows[rows[name] == ALL].rename(columns={"true": "whole"})
            whole = whole[whole["count"].notna()]
            pairs = (
                hidden.merge(whole[[*others, "whole"]], on=others)
                if others
                else hidden.merge(whole[["whole"]], how="cross")
            )
            found.append((pairs["true"] / pairs["whole"]).to_numpy(float))
    return np.unique(np.concatenate(found))

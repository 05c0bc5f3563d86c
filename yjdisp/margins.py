"""Whether counts from elsewhere agree with each other, as protection takes for granted.

A value of a dimension is the sum of those right below it, all years the sum of the years of the file, and in the same
cell children are at most outcomes, and outcomes at most offences. Areas are left alone: a file need not have all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yjdisp.problems import Finding
from yjdisp.vocabulary import ALL, CHARACTERISTICS, PERIODS, UNITS, dimension, flat_dimension

PARTS = "the rows right below it in the list add up to another count; correct it, or them"
ORDER = "in one cell there are at most as many children as outcomes, and as many outcomes as offences"


def findings(rows: pd.DataFrame, dimensions: tuple[str, ...], good: NDArray[np.bool_]) -> list[Finding]:
    """The rows whose count does not fit those of other rows; without them, the others fit each other.

    Args:
        rows: as `counts_file.CountsFile.rows`; n of them.
        dimensions: those of the file.
        good: (n,) bool, the rows that nothing else is wrong with.
    """
    cell = ["year", "area", *(d for d in dimensions if d != "area")]
    listed = ["year", *(d for d in dimensions if d not in ("area", *PERIODS))]
    known = rows["count"].to_numpy(dtype=float, na_value=np.nan)
    wrong = {column: np.zeros(len(rows), dtype=bool) for column in ("unit", *listed)}
    left = np.flatnonzero(good)
    while True:
        table, count = rows.iloc[left], known[left]
        found = {"unit": _more_than_a_larger_unit(table, count, cell)}
        found |= {d: _unlike_its_parts(table, count, d, ["unit", *(c for c in cell if c != d)]) for d in listed}
        for column, bad in found.items():
            wrong[column][left[bad]] = True
        bad = np.any(list(found.values()), axis=0)
        if not bad.any():
            break
        left = left[~bad]
    return [Finding("does not add up", c, bad, ORDER if c == "unit" else PARTS) for c, bad in wrong.items()]


def _unlike_its_parts(rows: pd.DataFrame, count: NDArray, name: str, others: list[str]) -> NDArray[np.bool_]:
    """Counts less than what is given of the values below, or more than that where all of them are given.

    A value that is not given stands for the sum of those below it. Counts are nan where there is a mark.
    """
    of = dimension(name) if name != "year" else flat_dimension("year", tuple(sorted({*rows["year"]} - {ALL})))
    place = pd.Index(of.values).get_indexer(rows[name])
    group = rows.groupby(others, sort=False).ngroup().to_numpy()
    least = np.full((group.max(initial=-1) + 1, len(of.values)), np.nan)
    least[group, place] = count
    given = ~np.isnan(least)
    whole, least = given.copy(), np.nan_to_num(least)
    wrong = np.zeros_like(given)
    for i in reversed(range(len(of.values))):
        parts = [j for j, parent in enumerate(of.parents) if parent == of.values[i]]
        if not parts:
            continue
        total, complete = least[:, parts].sum(axis=1), whole[:, parts].all(axis=1)
        wrong[:, i] = given[:, i] & ((total > least[:, i]) | (complete & (total < least[:, i])))
        least[:, i] = np.where(given[:, i], least[:, i], total)
        whole[:, i] |= complete
    return wrong[group, place]


def _more_than_a_larger_unit(rows: pd.DataFrame, count: NDArray, cell: list[str]) -> NDArray[np.bool_]:
    """Counts of cells that only year, area and the child decide, and that are more than those of a larger unit."""
    decides = ("year", "area", *CHARACTERISTICS)
    comparable = (rows[[c for c in cell if c not in decides]] == ALL).all(axis=1).to_numpy()
    unit = pd.Index(UNITS).get_indexer(rows["unit"])
    group = rows.groupby(cell, sort=False).ngroup().to_numpy()
    by_unit = np.full((group.max(initial=-1) + 1, len(UNITS)), np.inf)
    by_unit[group, unit] = np.where(np.isnan(count), np.inf, count)
    at_most = np.minimum.accumulate(by_unit[:, ::-1], axis=1)[:, ::-1]
    return comparable & (count > at_most[group, unit])

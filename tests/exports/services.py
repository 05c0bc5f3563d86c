"""Random services whose hidden numbers are known and distinctive: six digits that nothing else in the release has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from yjdisp import baselines, release
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import ALL, Dimension, dimension, period_dimensions

AREA = "Bath and North East Somerset"
YEARS = ("2020/21", "2021/22")
POLICY = 'name = "caseload"\nthreshold = 5\nzeros = "hidden"\nrounding = 0\nexempt = ["Unknown"]\nsensitive = []\n'
MINORITIES = ("Asian", "Black", "Mixed", "Other")
TABLES = (("year", "ethnicity"), ("year", "sex"), ("ethnicity", "sex"))


@dataclass(frozen=True)
class Service:
    """A release and the true counts behind its hidden cells: (table, values) -> count."""

    release: Release
    hidden: dict[tuple[tuple[str, ...], tuple[str, ...]], int]
    populations: dict[str, int]


def service(folder: Path, seed: int) -> Service:
    """A service of millions of children, of whom two minorities, and in every second service two sexes, are hidden everywhere."""
    random = np.random.default_rng(seed)
    quarters = tuple(f"{year} Q{quarter}" for year, quarter in product(YEARS, range(1, 5)))
    dimensions = {"year": period_dimensions(quarters)[0], "ethnicity": dimension("ethnicity").cut(2)}
    dimensions["sex"] = dimension("sex")
    leaves = {name: _leaves(d) for name, d in dimensions.items()}
    atoms = {at: int(random.integers(110_000, 990_000)) for at in product(*leaves.values())}
    secret = {("ethnicity", str(value)) for value in random.choice(MINORITIES, 2, replace=False)}
    if seed % 2:
        secret |= {("sex", str(value)) for value in random.choice(leaves["sex"], 2, replace=False)}
    rows, hidden = [], {}
    for table, (values, count) in _cells(dimensions, atoms):
        everyone = sum(n for at, n in atoms.items() if table[0] != "year" or values[0] in (ALL, at[0]))
        cell = {"unit": "children", "table": " × ".join(table), **dict(zip(table, values, strict=True))}
        if secret & set(zip(table, values, strict=True)):
            hidden[table, values] = count
            rows.append(cell | {"count": None, "symbol": HIDDEN, "low": 0, "high": everyone})
        else:
            rows.append(cell | {"count": count, "symbol": "", "low": count, "high": count})
    populations = {group: int(random.integers(15_000_000, 90_000_000)) for group in ("White", *MINORITIES)}
    populations["All other ethnic groups combined"] = sum(populations[m] for m in MINORITIES)
    path = folder / f"service-{seed}"
    write(path, rows, list(dimensions.values()), populations)
    return Service(release.read(path), hidden, populations)


def _leaves(d: Dimension) -> list[str]:
    return [value for value in d.values if not d.children(value)]


def _below(d: Dimension, value: str) -> set[str]:
    """The leaves that a value stands for."""
    children = d.children(value)
    return {value} if not children else set().union(*(_below(d, child) for child in children))


def _cells(dimensions: dict[str, Dimension], atoms: dict) -> Iterator[tuple[tuple[str, ...], tuple[tuple, int]]]:
    names = list(dimensions)
    for table in TABLES:
        for values in product(*(dimensions[name].values for name in table)):
            within = {name: _below(dimensions[name], value) for name, value in zip(table, values, strict=True)}
            inside = (n for at, n in atoms.items() if all(at[names.index(k)] in v for k, v in within.items()))
            yield table, (values, sum(inside))


def write(
    path: Path,
    rows: list[dict],
    dimensions: list[Dimension],
    populations: dict[str, int],
    *,
    service: str = AREA,
    areas: tuple[str, ...] = (AREA,),
    synthetic: bool = True,
    source: str = "invented for a test",
) -> str:
    """Write a release of some cells; returns its id."""
    cells = pd.DataFrame(rows).astype({"count": "Int64", "low": "Int64", "high": "Int64"})
    compared = [
        ["Census 2021", "ethnicity", group, area, "2021", "10–17", float(population), None, source]
        for area in areas
        for group, population in populations.items()
        if group != "All"
    ]
    whole = sum(n for group, n in populations.items() if group in ("White", "All other ethnic groups combined"))
    compared += [["Census 2021", "ethnicity", ALL, area, "2021", "10–17", float(whole), None, source] for area in areas]
    return release.write(
        path,
        cells=cells[["unit", "table", *(d.name for d in dimensions), "count", "symbol", "low", "high"]],
        dimensions=dimensions,
        baselines=pd.DataFrame(compared, columns=list(baselines.COLUMNS)).astype({"percentage": float}),
        policy=POLICY,
        plan='name = "small"\n',
        manifest={
            "service": service,
            "areas": list(areas),
            "period": {"years": list(YEARS)},
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

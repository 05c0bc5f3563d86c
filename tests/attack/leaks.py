"""Everything else that is public in a release folder: columns, manifest, metadata, order, files; whatever narrows a cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, groupby, product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from .attacker import UNBOUNDED, Target, attack
from .folder import ALL, Cell, Folder

FILES = {"manifest.json", "tables.parquet", "dimensions.json", "baselines.parquet", "policy.toml", "plan.toml"}
SCALES = (1, 100, 1_000, 100_000)
HARMLESS_METADATA = {b"ARROW:schema", b"pandas"}
ENOUGH = 3
SAMPLE = 50


def with_derived(folder: Folder) -> Folder:
    """The folder as somebody reads it who multiplies rates and percentages back.

    How a further column was worked out is learned from the printed cells: a denominator (a baseline's population, or a
    printed margin) and a scale that explain all of them. Then the same formula bounds the hidden ones.
    """
    populations = {(b.get("group"), b.get("year")): b["population"] for b in folder.baselines if b.get("population")}
    by_at = {(c.unit, c.table, c.at): c for c in folder.cells}
    cells = {c: c for c in folder.cells}
    for name in sorted({name for c in folder.cells for name, _ in c.extra}):
        column = {c: dict(c.extra)[name] for c in folder.cells if name in dict(c.extra)}
        for divisor in _divisors(column, populations, by_at):
            for scale in SCALES:
                bounds = _multiplied_back(column, divisor, scale)
                cells |= {c: _tightened(cells[c], *bounds[c]) for c in bounds if c.count is None}
    return replace(folder, cells=tuple(cells[c] for c in folder.cells))


def _divisors(column: dict[Cell, float], populations: dict, by_at: dict) -> Iterable[dict[Cell, float]]:
    """For each way of choosing a denominator, the denominator of every cell."""
    years = {year for _, year in populations}
    for year in years:
        of_group = {c: next((populations[v, year] for _, v in c.at if (v, year) in populations), None) for c in column}
        yield {c: n for c, n in of_group.items() if n}
    width = max(len(c.at) for c in column)
    for size in range(1, width + 1):
        for dropped in combinations(range(width), size):
            margins = {c: by_at.get((c.unit, c.table, _margin(c.at, dropped))) for c in column}
            yield {c: m.count for c, m in margins.items() if m is not None and m.count}


def _margin(at: tuple[tuple[str, str], ...], dropped: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((d, ALL if i in dropped else v) for i, (d, v) in enumerate(at))


def _multiplied_back(
    column: dict[Cell, float], divisor: dict[Cell, float], scale: int
) -> dict[Cell, tuple[float, float]]:
    """Bounds of the counts behind a column, where enough printed cells bear the formula out and none denies it."""
    half = 0.5 * 10.0 ** -max(_decimals(value) for value in column.values())
    ends = {
        c: ((column[c] - half) * n / scale - 1e-6, (column[c] + half) * n / scale + 1e-6) for c, n in divisor.items()
    }
    printed = [c for c in ends if c.count]
    if len(printed) < ENOUGH or any(not ends[c][0] <= c.count <= ends[c][1] for c in printed):
        return {}
    return ends


def _decimals(value: float) -> int:
    return len(f"{value:.9f}".rstrip("0").split(".")[1])


def _tightened(cell: Cell, low: float, high: float) -> Cell:
    least = -int(-low // 1)
    return replace(
        cell,
        low=least if cell.low is None else max(cell.low, least),
        high=int(high // 1) if cell.high is None else min(cell.high, int(high // 1)),
    )


def numbers(value: object, path: str = "") -> dict[str, float]:
    """Every number in a JSON value, by the path that leads to it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return {}
    if isinstance(value, (int, float)):
        return {path: value}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for key, inner in pairs for k, v in numbers(inner, f"{path}/{key}").items()}


def stray_files(path: Path) -> list[str]:
    """Files in a release folder that the format does not know."""
    return sorted(str(f.relative_to(path)) for f in path.rglob("*") if f.is_file() and f.name not in FILES)


def parquet_leftovers(path: Path) -> list[str]:
    """What a Parquet file holds beside its rows: unused dictionary entries, statistics out of range, further metadata."""
    file = pq.ParquetFile(path)
    found = [f"{path.name}: metadata {k.decode()}" for k in file.metadata.metadata or {} if k not in HARMLESS_METADATA]
    names = [
        name
        for name, kind in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)
        if "string" in str(kind)
    ]
    for name in names:
        for chunk in pq.read_table(path, columns=[name], read_dictionary=[name])[name].chunks:
            unused = set(chunk.dictionary.to_pylist()) - set(chunk.to_pylist())
            found += [f"{path.name}: {name} keeps unused values {sorted(unused)}"] if unused else []
    for group, column in product(range(file.num_row_groups), range(file.metadata.num_columns)):
        chunk = file.metadata.row_group(group).column(column)
        values = [v for v in file.read_row_group(group, columns=[chunk.path_in_schema])[0].to_pylist() if v is not None]
        stats = chunk.statistics
        if stats is not None and stats.has_min_max and values and (stats.min < min(values) or stats.max > max(values)):
            found.append(f"{path.name}: statistics of {chunk.path_in_schema} reach beyond its values")
    return found


def missing_cells(folder: Folder) -> list[str]:
    """Tables that leave out combinations of their values: which ones are left out may depend on the counts."""
    found = []
    for unit, table in sorted({(c.unit, c.table) for c in folder.cells}):
        present = {c.at for c in folder.cells if (c.unit, c.table) == (unit, table)}
        values = {
            d: [v for v in folder.dimensions[d].covers if any((d, v) in at for at in present)] for d, _ in min(present)
        }
        full = {tuple(zip(values, at, strict=True)) for at in product(*values.values())}
        lacking = [at for at in full - present if folder.region(Cell(unit, table, at, None, None, None)) is not None]
        found += [f"{unit}: {table} lacks {len(lacking)} cells, such as {min(lacking)}"] if lacking else []
    return found


def order_by_counts(folder: Folder) -> list[str]:
    """Runs of a table's rows that are not in the order of their dimensions' values: the order may tell the counts."""
    rank = {d: {v: i for i, v in enumerate(dimension.covers)} for d, dimension in folder.dimensions.items()}
    found = []
    for (unit, table), run in groupby(folder.cells, key=lambda c: (c.unit, c.table)):
        rows = [tuple(rank[d][v] for d, v in c.at) for c in run]
        found += [f"{unit}: {table}"] if rows != sorted(rows) else []
    return found


def sharper_numbers(folder: Folder) -> list[str]:
    """Totals of the manifest that are more exact than the same totals in the tables."""
    used = numbers(folder.manifest).get("/rows/used")
    totals = [c for c in folder.cells if c.unit == "offences" and all(v == ALL for _, v in c.at)]
    if used is None or any(c.count == used for c in totals):
        return []
    low, high = max((folder.interval(c) for c in totals), default=(0, float("inf")))
    return [f"manifest/rows/used is {used:g}, the tables say {low:g} to {high:g}"]


def sharper_columns(folder: Folder, sample: int = SAMPLE) -> list[str]:
    """Bounds in the columns `low` and `high` that cannot be worked out from counts, marks, rules and definitions.

    Of the cells with bounds that their own number does not tell, so many at random.
    """
    rules = {c: folder.interval(c, claims=False) for c in folder.cells if folder.region(c) is not None}
    claimed = {
        (c, end): value
        for c, (least, most) in rules.items()
        for end, value, plain in (("low", c.low, least), ("high", c.high, most))
        if value is not None and (value > plain if end == "low" else value < plain)
    }
    asked = list(dict.fromkeys(c for c, _ in claimed))
    asked = [asked[i] for i in sorted(np.random.default_rng(0).permutation(len(asked))[:sample])]
    aims = [Target(0, c, claimed.get((c, "low"), 0) - 1, claimed.get((c, "high"), UNBOUNDED) + 1) for c in asked]
    worked_out = (
        {(n.cell, n.end) for n in attack([folder], aims, claims=False, extended=True).narrowed} if aims else set()
    )
    return [f"{cell}: at {'least' if end == 'low' else 'most'} {value:g} is more than the numbers tell"
            for (cell, end), value in claimed.items() if cell in asked and (cell, end) not in worked_out]  # fmt: skip

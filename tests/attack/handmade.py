"""Release folders made by hand in the documented format, by protectors that are known to be good or bad."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .folder import ALL, Cell, Folder, dimension_of, read
from .services import COURT, GROUPS, PRE_COURT
from .truth import BROAD, CARE, ETHNICITY, SEX, Truth

POLICY = {"name": "caseload", "threshold": 5, "zeros": "hidden", "rounding": 0, "exempt": ["Unknown"], "sensitive": []}


def flat(values: Iterable[str]) -> list[dict]:
    """The records of a dimension of one level."""
    return [{"value": ALL, "level": 0, "parent": None}, *({"value": v, "level": 1, "parent": ALL} for v in values)]


def grid_cells(counts: dict[tuple[str, ...], int], names: tuple[str, ...], unit: str = "children") -> list[Cell]:
    """All cells of a table with its margins, each printed."""
    values = [[ALL, *dict.fromkeys(key[i] for key in counts)] for i in range(len(names))]
    cells = []
    for at in product(*values):
        n = sum(c for key, c in counts.items() if all(a in (ALL, k) for a, k in zip(at, key, strict=True)))
        cells.append(Cell(unit, " × ".join(names), tuple(zip(names, at, strict=True)), n, n, n))
    return cells


def hide(cells: Iterable[Cell], hidden: Callable[[Cell], bool]) -> list[Cell]:
    """The same cells with a mark in place of some."""
    return [Cell(c.unit, c.table, c.at, None, None, None) if hidden(c) else c for c in cells]


def folder_of(cells: Iterable[Cell], records: dict[str, list[dict]], **policy) -> Folder:
    """A folder in memory."""
    dimensions = {name: dimension_of(name, values) for name, values in records.items()}
    return Folder(dimensions, tuple(cells), POLICY | policy)


def write(
    path: Path, cells: Iterable[Cell], records: dict[str, list[dict]], baselines: list[dict] = (), **policy
) -> Folder:
    """A folder on disk, as an outsider then reads it."""
    path.mkdir(parents=True)
    rows = []
    for cell in cells:
        at = {name: None for name in records} | dict(cell.at)
        mark = "[c]" if cell.count is None else ""
        low = 0 if cell.low is None else cell.low
        rows.append(
            {
                "unit": cell.unit,
                "table": cell.table,
                **at,
                "count": cell.count,
                "symbol": mark,
                "low": low,
                "high": cell.high,
            }
            | dict(cell.extra)
        )
    pq.write_table(pa.Table.from_pylist(rows), path / "tables.parquet")
    (path / "dimensions.json").write_text(json.dumps(records), encoding="utf-8")
    (path / "policy.toml").write_text(
        "".join(f"{k} = {json.dumps(v)}\n" for k, v in (POLICY | policy).items()), encoding="utf-8"
    )
    if baselines:
        pq.write_table(pa.Table.from_pylist(list(baselines)), path / "baselines.parquet")
    return read(path)


def level(axis: str, covers: dict[str, Iterable[str]], above: dict[str, str] | None = None) -> list[dict]:
    """The records of a dimension whose values cover positions of an axis."""
    above = above or {}
    everything = sorted({p for kept in covers.values() for p in kept})
    rest = [{"value": v, "parent": above.get(v, ALL), "axis": axis, "covers": sorted(k)} for v, k in covers.items()]
    return [{"value": ALL, "parent": None, "axis": axis, "covers": everything}, *rest]


def service_dimensions(quarters: Iterable[str]) -> dict[str, list[dict]]:
    """The dimensions of a service's release, coarse as in a plan for small numbers."""
    quarters = list(quarters)
    years = {y: [q for q in quarters if q.startswith(y)] for y in dict.fromkeys(q[:7] for q in quarters)}
    windows = {f"year to {quarters[i]}": quarters[i - 3 : i + 1] for i in range(3, len(quarters))}
    groups: dict[str, list[str]] = {}
    for code, name in ETHNICITY.items():
        groups.setdefault(BROAD.get(code[:1], "Unknown"), []).append(name)
    other = sorted({n for g, names in groups.items() if g not in ("White", "Unknown") for n in names})
    offences = [f"{g}|{n}" for g in GROUPS for n in range(1, 9)]
    disposals = [f"{o}|{'Court' if o in COURT else who}" for o in (*PRE_COURT, *COURT) for who in ("Police", "Panel")]
    return {
        "year": level("period", years),
        "quarter": level("period", years | {q: [q] for q in quarters}, {q: q[:7] for q in quarters}),
        "rolling_year": level("period", windows or {"none": quarters}),
        "ethnicity": level(
            "ethnicity",
            {"All other ethnic groups combined": other} | groups,
            dict.fromkeys(("Asian", "Black", "Mixed", "Other"), "All other ethnic groups combined"),
        ),
        "sex": flat(SEX.values()),
        "age": level("age", {"10–14": map(str, range(10, 15)), "15–17": map(str, range(15, 18))}),
        "reoffended": flat(("No", "Yes", "Unknown")),
        "send": level("send", {"EHC plan or SEN support": ["EHC plan", "SEN support"], "No SEN": ["No SEN"], "Unknown": ["Unknown"]}),
        "care": level("care", {"Looked after": [v for k, v in CARE.items() if k in ("Looked after", "placed")]} | {"Not looked after": [CARE["no"]], "Unknown": ["Unknown"]}),
        "gravity": level("offence", {"1–4": [p for p in offences if int(p[-1]) < 5], "5–8": [p for p in offences if int(p[-1]) > 4]}),
        "offence_group": level("offence", {g: [p for p in offences if p.startswith(f"{g}|")] for g in GROUPS}),
        "outcome": level("disposal", {"Pre-court": [d for d in disposals if "Court" not in d.split("|")], "Court": [d for d in disposals if d.endswith("|Court")]}),
    }  # fmt: skip


def counted(
    rows: list[dict[str, str]], tables: Iterable[tuple[str, ...]], records: dict[str, list[dict]], **policy
) -> Folder:
    """The true cells of tables, each given as (unit, dimension, …): everything printed, nothing protected."""
    cells = []
    for unit, *names in tables:
        values = [[v["value"] for v in records[name]] for name in names]
        cells += [
            Cell(unit, " × ".join(names), tuple(zip(names, at, strict=True)), None, None, None)
            for at in product(*values)
        ]
    blank = folder_of(cells, records, **policy)
    truth = Truth(rows, blank)
    return folder_of([Cell(c.unit, c.table, c.at, truth.cell(c).high, None, None) for c in cells], records, **policy)


def primary_only(folder: Folder, truth: Truth) -> Folder:
    """The bad protector that hides small counts and nothing else."""
    return replace(folder, cells=tuple(hide(folder.cells, truth.kept_back)))


def lines(folder: Folder) -> list[list[Cell]]:
    """The lines of each table: a value with the values right below it along one dimension, all else fixed."""
    found = []
    by_at = {(c.unit, c.table, c.at): c for c in folder.cells}
    for (unit, table, at), cell in by_at.items():
        for i, (name, value) in enumerate(at):
            below = [v for v, parent in folder.dimensions[name].parents.items() if parent == value]
            parts = [by_at[unit, table, (*at[:i], (name, v), *at[i + 1 :])] for v in below]
            if parts and sum(len(folder.dimensions[name].covers[v]) for v in below) == len(
                folder.dimensions[name].covers[value]
            ):
                found.append([cell, *parts])
    return found


def lone_marks(folder: Folder) -> list[list[Cell]]:
    """Lines with exactly one hidden cell, which a subtraction gives away."""
    return [line for line in lines(folder) if sum(c.count is None for c in line) == 1]


def row_and_column(folder: Folder) -> Folder:
    """The usual protector: in each table by itself, hide the smallest other cell of a line with a lone mark, until none is left."""
    while lone := lone_marks(folder):
        least = {min((c for c in line if c.count), key=lambda c: c.count, default=min(line, key=str)) for line in lone}
        folder = replace(folder, cells=tuple(hide(folder.cells, least.__contains__)))
    return folder


def gauss_only(folder: Folder, truth: Truth) -> Folder:
    """The protector by linear algebra alone: print a cell, larger ones first, unless a primary cell gets into the span."""
    regions = {c: folder.region(c) for c in folder.cells}
    atoms = sorted({r.at for r in truth.records["children"]}, key=str)
    atoms = [
        dict(a, period=frozenset({q})) for a in atoms for q in sorted(folder.positions["period"]) if q.endswith("Q1")
    ]

    def row(cell: Cell) -> np.ndarray:
        return np.array([all(min(a[axis]) in kept for axis, kept in regions[cell]) for a in atoms], float)

    primary = [row(c) for c in folder.cells if truth.primary(c)]
    basis = np.zeros((0, len(atoms)))
    printed = set()
    for cell in sorted(folder.cells, key=lambda c: -c.count):
        if truth.kept_back(cell):
            continue
        rest = row(cell) - basis.T @ (basis @ row(cell))
        longer = np.vstack([basis, rest / np.linalg.norm(rest)]) if np.linalg.norm(rest) > 1e-8 else basis
        if not any(np.linalg.norm(p) > 0 and np.linalg.norm(p - longer.T @ (longer @ p)) < 1e-8 for p in primary):
            basis = longer
            printed.add(cell)
    return replace(folder, cells=tuple(hide(folder.cells, lambda c: c not in printed)))

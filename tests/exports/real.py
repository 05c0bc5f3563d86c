"""Real releases of random services whose true counts are known, and what would give their hidden ones away."""

from __future__ import annotations

import csv
import html
import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
from attack import folder as folders
from attack.services import service, write_cases
from attack.truth import Truth

from exports.reading import RATIOS, SHARES, charts, everything, numbers, stray_across, stray_upwards
from yjdisp import exports, publish, release, wording
from yjdisp.comparison import Comparison, ComparisonError, compare
from yjdisp.exports import counts
from yjdisp.release import HIDDEN, Release, ReleaseError
from yjdisp.trends import trend
from yjdisp.vocabulary import ALL, CHARACTERISTICS

AREA = "Bath and North East Somerset"
FIGURES = {
    "share": ("share", "share_low", "share_high"),
    "gap": ("gap", "gap_low", "gap_high"),
    "rri": ("rri", "rri_low", "rri_high"),
    "rri_rest": ("rri_rest", "rri_rest_low", "rri_rest_high"),
    "index": ("index", "index_low", "index_high"),
}
FORMS = {"share": wording.percent, "gap": wording.points, "rri": lambda x: f"{x:.2f}"}
ENDS = ("rri", "rri_low", "rri_high", "rri_least", "rri_most")
EXACT = 1e-7  # two different figures of such a service are never as close


@dataclass(frozen=True)
class Known:
    """A release as it is published, and the same with every true count in it."""

    public: Release
    true: Release


def made(seed: int, children: int, quarters: int, place: Path, plan: Path | None = None) -> Known:
    """The release of a random service of so many children a year after so many quarters, by the real means."""
    rows = service(seed, children=children).extract(quarters - 1)
    path = place / f"release-{seed}"
    cases = write_cases(place / f"cases-{seed}.csv", rows)
    publish.publish(cases, path, made_with=publish.rules(plan=plan), area=AREA)
    public, folder = release.read(path), folders.read(path)
    truth = Truth(rows, folder)
    true = [truth.cell(cell).high for cell in folder.cells]
    filled = public.cells.assign(count=pd.array(true, dtype="Int64"), symbol="", low=true, high=true)
    fields = {name: getattr(public, name) for name in public.__dataclass_fields__}
    return Known(public, type(public)(**fields | {"cells": filled}))


def comparisons(of: Release) -> Iterator[Comparison]:
    """Every comparison that the pages can show of it, by year and of all years together."""
    for by in CHARACTERISTICS:
        for unit in ("children", "outcomes", "offences"):
            for where in ({}, *({"year": year} for year in of.years)):
                try:
                    yield compare(of, by=by, unit=unit, where=where)
                except (ReleaseError, ComparisonError):
                    continue


def figures(of: Release) -> dict[tuple, float]:
    """Every figure of every comparison by where it stands."""
    return {
        (c.by, c.unit, *c.where.values(), row["group"], name): float(row[name])
        for c in comparisons(of)
        for row in c.table.to_dict("records")
        for names in FIGURES.values()
        for name in names
        if pd.notna(row[name]) and math.isfinite(row[name])
    }


def intervals(of: Release) -> set[str]:
    """Every figure with its interval as the pages write it: 8.9% (2.5% to 21.2%)."""
    return {
        f"{form(row[name])} ({wording.span(row[f'{name}_low'], row[f'{name}_high'], form)})"
        for c in comparisons(of)
        for row in c.table.to_dict("records")
        for name, form in FORMS.items()
        if pd.notna(row[f"{name}_low"]) and row[name] > 0
    }


def found_in_exports(known: Known, formats: tuple[str, ...]) -> list[str]:
    """What some byte of some export tells of a hidden count: figures and intervals that only the true counts give."""
    public, true = figures(known.public), figures(known.true)
    shown = np.array(sorted(public.values()))
    secrets = [x for key, x in true.items() if key not in public and not _near(shown, x) and 0 < abs(x) != 1]
    secrets = np.array(sorted({*secrets, *(100 * x for x in secrets)}))
    written = intervals(known.true) - intervals(known.public)
    told = []
    for suffix in formats:
        for path, content in everything(exports.build(known.public, suffix), suffix):
            if path.endswith("//extra"):
                continue
            text = html.unescape(content.decode(errors="replace"))
            told += [f"{path}: {interval}" for interval in written if interval in text]
            if "//object" in path or path == ".pdf":
                continue  # thousands of coordinates, of which one is near a secret by chance; its texts are pages
            long = [n for n in numbers(text) if len(f"{abs(n):.10g}".replace(".", "").strip("0")) >= 6]
            told += [f"{path}: {n}" for n in long if _near(secrets, n)]
    return told


def _near(values: np.ndarray, x: float) -> bool:
    at = np.searchsorted(values, x)
    return any(abs(v - x) <= EXACT * abs(x) for v in values[max(0, at - 1) : at + 1])


def misprinted(known: Known) -> list[str]:
    """Tables of counts in the files that hold another number than the release publishes there, or one where it hides."""
    wrong = []
    book = openpyxl.load_workbook(io.BytesIO(exports.build(known.public, ".xlsx")))
    sheets = {name.casefold(): sheet for sheet in book for name in sheet.tables}
    archive = zipfile.ZipFile(io.BytesIO(exports.build(known.public, ".zip")))
    for table in counts.tables(known.public):
        published = sorted(table.cells["count"].dropna())
        sheet = sheets[table.name.replace("-", "_")]
        in_sheet = [c.value for row in sheet[next(iter(sheet.tables.values())).ref] for c in row]
        hidden = table.cells["count"].isna().sum()
        if sorted(v for v in in_sheet if isinstance(v, int)) != published or in_sheet.count(HIDDEN) < hidden:
            wrong.append(f"{table.name} in the workbook")
        rows = list(csv.DictReader(io.StringIO(archive.read(f"{table.name}.csv").decode())))
        for row, cell in zip(rows, table.cells.to_dict("records"), strict=True):
            there = "" if pd.isna(cell["count"]) else str(cell["count"])
            ends = ["" if pd.isna(cell[end]) else str(cell[end]) for end in ("low", "high")]
            if [row["count"], row["low"], row["high"]] != [there, *ends]:
                wrong.append(f"{table.name} in the archive: {row}")
    parquet = pq.read_table(io.BytesIO(exports.build(known.public, ".parquet"))).to_pandas()
    if not parquet["count"].astype("Int64").equals(known.public.cells["count"].astype("Int64")):
        wrong.append("parquet")
    return wrong


def stray_coordinates(known: Known) -> list[str]:
    """Positions in the charts of the report that stand for nothing published; of ratios and of shares over time."""
    ratios = [x for c in comparisons(known.public) for name in ENDS for x in c.table[name].dropna()]
    shares = [100 * x for x in _over_time(known.public)]
    wrong = []
    for chart in charts(exports.build(known.public, ".html").decode()):
        stray = set()
        if SHARES in chart:
            stray = stray_upwards(chart, shares)
        elif RATIOS in chart:
            stray = stray_across(chart, [*ratios, 0.8, 1.25])
        wrong += [f"{chart[:60]}: {at}" for at in stray]
    return wrong


def _over_time(of: Release) -> Iterator[float]:
    for by in (name for name in CHARACTERISTICS if of.offers("children", "year", name)):
        for group in [g for g in of.dimensions[by].values if g != ALL]:
            with suppress(ReleaseError):
                found = trend(of, by=by, group=group, measure="share")
                names = ("value", "value_low", "value_high", "least", "most")
                yield from (x for name in names for x in found.points[name].dropna())
                yield from found.published["value"]

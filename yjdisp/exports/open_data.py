"""Open data: a CSV file a table with its metadata by the CSV on the Web rules (W3C, 2015), and one Parquet file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from yjdisp.comparison import COLUMNS, Comparison
from yjdisp.exhibits import Exhibit
from yjdisp.exports import content, counts, package
from yjdisp.exports.content import Contents, literal
from yjdisp.release import HIDDEN, MEASURED, Release
from yjdisp.vocabulary import LABELS

METADATA = "csv-metadata.json"
CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": content.LANGUAGE}]

# what each column of the counts and of the comparisons means, and its kind
COUNTS = {
    "unit": ("What is counted", "string"),
    "table": ("The dimensions of the table that the cell belongs to", "string"),
    "count": ("The number of the unit; empty where it is hidden", "integer"),
    "symbol": (f"{HIDDEN} where the count is hidden, else empty", "string"),
    "low": ("The least that the count can be, as far as the tables of the release tell", "integer"),
    "high": (
        "The greatest that the count can be, as far as the tables of the release tell; empty: no limit",
        "integer",
    ),
}
COMPARED = {
    "characteristic": ("What divides the groups", "string"),
    "unit": ("What is counted", "string"),
    "where": ("What else the comparison is held at, such as the year; empty: everything together", "string"),
    "group": ("The group", "string"),
    "total": ("All of the unit whose group is known", "integer"),
    "share": ("The group's share of the caseload, a fraction", "number"),
    "population": ("Children of the group in the population", "number"),
    "population_share": ("The group's share of the population, a fraction", "number"),
    "gap": ("Share of the caseload less share of the population, a fraction", "number"),
    "index": ("Share of the caseload over share of the population", "number"),
    "rri": ("Relative rate index: how many times as likely as the reference; INF: no child of the reference", "number"),
    "rri_rest": ("Relative rate index against everyone else", "number"),
    "p": ("Probability of a difference at least as large by chance alone", "number"),
    "parity_removal": ("Children fewer at parity if they left the caseload", "number"),
    "parity_replacement": ("Children fewer at parity if others took their place", "number"),
    "verdict": ("What size and certainty together say", "string"),
    "method": ("How the intervals were worked out", "string"),
    "baseline": ("What the group was compared with", "string"),
    "reference": ("What the relative rate index compares the group with", "string"),
    "confidence": ("Confidence of the intervals, a fraction", "number"),
}
BASELINES = {
    "baseline": ("Its short name", "string"),
    "characteristic": ("What divides the groups", "string"),
    "group": ("The group, or All", "string"),
    "area": ("The area", "string"),
    "year": ("The year, as published", "string"),
    "age_range": ("The ages", "string"),
    "population": ("Children, where numbers are published", "number"),
    "percentage": ("Per cent of all children, where only that is published", "number"),
    "source": ("Who published it, and where", "string"),
}
DICTIONARY = {
    "dimension": ("The column", "string"),
    "label": ("What the column is called", "string"),
    "value": ("A value of the column", "string"),
    "level": ("Its depth in the hierarchy, 0 for All", "integer"),
    "parent": ("The value that it is a part of; empty for All", "string"),
}


def table(contents: Contents) -> bytes:
    """The table of one view as it is on screen, as a CSV file that spreadsheets open as it is."""
    (view,) = contents.views
    return b"\xef\xbb\xbf" + _csv(view.table)


def archive(contents: Contents) -> bytes:
    """The whole release as CSV files with metadata, a data dictionary and a readme in one zip."""
    release, views, tables = contents.release, contents.views, counts.tables(contents.release)
    shown = [c for view in views for c in view.comparisons]
    by = dict.fromkeys([*(c.by for c in shown), *(d for t in tables for d in t.dimensions)])
    files: dict[str, tuple[pd.DataFrame, Mapping, str]] = {}
    for held in tables:
        described = {d: (LABELS[d], "string") for d in held.dimensions} | {m: COUNTS[m] for m in MEASURED}
        files[f"{held.name}.csv"] = held.cells, described, held.title
    if shown:
        compared = _compared(shown)
        title = "Groups compared with the population, or with another caseload"
        files["comparisons.csv"] = compared, _described(compared), title
    files["baselines.csv"] = release.baselines, BASELINES, "Populations that groups are compared with"
    files["data-dictionary.csv"] = _dictionary(release, by), DICTIONARY, "Values of the columns"
    members = {name: _csv(frame) for name, (frame, _, _) in files.items()}
    members[METADATA] = _metadata(release, views, files)
    return package.packed({"README.txt": _readme(release, views, files), **members})


def parquet(contents: Contents) -> bytes:
    """The cells of the whole release as one Parquet file with what each column means."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    release = contents.release
    described = COUNTS | {d: (LABELS[d], "string") for d in release.dimensions}
    whole = pa.Table.from_pandas(release.cells, preserve_index=False)
    fields = [field.with_metadata({"description": described[field.name][0]}) for field in whole.schema]
    about = {
        "title": content.title(release),
        "language": content.LANGUAGE,
        "about": _about(release, contents.views),
    }
    about = {key: text.encode() for key, text in about.items()}
    target = io.BytesIO()
    pq.write_table(whole.cast(pa.schema(fields, metadata=about)), target)
    return target.getvalue()


def _compared(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """The rows of several comparisons under one another, with what each was held at."""
    frames = [
        c.table[[*COLUMNS, "low", "high"]]
        .assign(reference=c.reference, confidence=c.confidence)
        .assign(where="; ".join(f"{LABELS[name]}: {value}" for name, value in c.where.items()))
        .assign(characteristic=c.by, unit=c.unit)
        for c in comparisons
    ]
    whole = pd.concat(frames, ignore_index=True)
    first = ["characteristic", "unit", "where"]
    return whole[[*first, *(name for name in whole if name not in first)]]


def _described(compared: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """What each column of the comparisons means; an interval's limits after the figure that they belong to."""
    described = {}
    for name in compared:
        figure, _, end = name.rpartition("_")
        if end in ("low", "high") and figure in COMPARED:
            limit = "Lower" if end == "low" else "Upper"
            described[name] = f"{limit} limit of the interval of {figure}", "number"
        else:
            described[name] = (COMPARED | COUNTS)[name]
    return described


def _dictionary(release: Release, by: Iterable[str]) -> pd.DataFrame:
    rows = [
        (name, LABELS[name], value, level, parent or "")
        for name in by
        for value, level, parent in zip(*_hierarchy(release, name), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(DICTIONARY))


def _hierarchy(release: Release, name: str) -> tuple[Sequence, Sequence, Sequence]:
    dimension = release.dimensions[name]
    return dimension.values, dimension.levels, dimension.parents


def _csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8; no text starts a formula."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(map(_cell, frame.columns))
    writer.writerows([_cell(value) for value in row] for row in frame.itertuples(index=False))
    return target.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return literal(value)
    if value is None or pd.isna(value):
        return ""
    return f"{value:.10g}".replace("inf", "INF") if isinstance(value, float) else str(value)


def _metadata(release: Release, views: Sequence[Exhibit], files: Mapping[str, tuple]) -> bytes:
    tables = [
        {
            "url": name,
            "dc:title": title,
            "tableSchema": {"columns": [_column(name, *meaning) for name, meaning in described.items()]},
        }
        for name, (_, described, title) in files.items()
    ]
    whole = {
        "@context": CONTEXT,
        "dc:title": content.title(release),
        "dc:identifier": release.id,
        "dc:publisher": release.manifest["service"],
        "dc:created": release.manifest["created"],
        "dc:description": _about(release, views),
        "tables": tables,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _column(name: str, meaning: str, kind: str) -> dict[str, Any]:
    return {"name": name, "titles": name, "dc:description": meaning, "datatype": kind, "null": ""}


def _about(release: Release, views: Sequence[Exhibit]) -> str:
    """Where the data come from, how figures were worked out and what to keep in mind, a line each."""
    lines = [f"{label}: {text}" for label, text in content.about(release, views)]
    lines += dict.fromkeys(paragraph for view in views for paragraph in view.method)
    lines += dict.fromkeys(caveat for view in views for caveat in view.caveats)
    lines += [f"Not in this release: {text}" for text in content.left_out(release)]
    return "\n".join(lines)


def _readme(release: Release, views: Sequence[Exhibit], files: Mapping[str, tuple]) -> bytes:
    title = content.title(release)
    listed = "\n".join(f"{name}: {text}" for name, (_, _, text) in files.items())
    guard = "A text that would start a formula in a spreadsheet has an apostrophe before it."
    return f"{title}\n\n{_about(release, views)}\n\n{guard}\n\nFiles\n{METADATA}: metadata\n{listed}\n".encode()

"""The counts file: cells that somebody has already counted, for services and public tables without case rows.

Columns: unit, year, count; any other of `vocabulary.LABELS` (area, ethnicity, outcome, …), where an empty cell or "All"
means that the count is not divided by it; source and synthetic, if wished. A count that is not there is a mark, with or
without brackets. [c], [x], [z] and [low] are the Government Analysis Function's, k is how education statistics write
low, * and <5 are what services use:

    [c]  c  *  <5    confidential: the count is hidden to protect people     read as [c]
    [x]  x           not available: nobody has counted it                    read as [x]
    [z]  z           not applicable: there is nothing to count               read as [z]
    [low]  low  k    rounds to zero and is not zero                          read as [low]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from yjdisp import margins
from yjdisp.columns import find_columns, squash, texts, unused
from yjdisp.opening import Grid, open_grid
from yjdisp.problems import Finding, Problem, narrow_or_wide, problems_of, reasons_of
from yjdisp.reading import NOT_AN_AREA, by_value, holds, is_blank, one_spelling, read_area, read_whole
from yjdisp.vocabulary import ALL, LABELS, UNITS, code_list, dimension, financial_year, normalise

REQUIRED = ("unit", "year", "count")
EXTRA = ("source", "synthetic")
MOST = 1_000_000
HIDDEN, NOT_AVAILABLE, NOT_APPLICABLE, LOW = "[c]", "[x]", "[z]", "[low]"
MARKS = {"c": HIDDEN, "*": HIDDEN, "x": NOT_AVAILABLE, "z": NOT_APPLICABLE, "low": LOW, "k": LOW}
_BELOW = re.compile(r"<\s*\d{1,2}", re.ASCII)
_YEAR = re.compile(r"(20\d\d)\s*[-–/]\s*(20)?(\d\d)", re.ASCII)
_QUARTER = re.compile(r"(?P<rolling>year to )?(?P<year>.+?) Q(?P<quarter>[1-4])", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class CountsFile:
    """A counts file that has been read and checked.

    Attributes:
        rows: one row a cell, without those left out: unit, year, area and each of `dimensions` ("All" is the margin),
            count (Int64, null where there is a mark), mark ("", "[c]", "[x]", "[z]" or "[low]").
        problems: everything that is wrong.
        dimensions: the columns beside unit and year that the file has, in the order of `vocabulary.LABELS`.
        unused: the headings that stand for no column.
        read: rows in the file.
        left_out: kind of problem -> rows; each row is counted once.
        sources: the different texts of the column source.
        synthetic: whether the column synthetic says so of any row.
    """

    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    dimensions: tuple[str, ...]
    unused: tuple[str, ...]
    read: int
    left_out: dict[str, int]
    sources: tuple[str, ...]
    synthetic: bool

    @property
    def marks(self) -> int:
        """How many rows have a mark instead of a count."""
        return int((self.rows["mark"] != "").sum())

    def __repr__(self) -> str:
        return f"CountsFile({len(self.rows)} of {self.read} rows, {len(self.problems)} problems)"


def is_counts_file(headings: Iterable[str]) -> bool:
    """Whether these are the headings of a counts file, and not of a case file."""
    keys = set(map(squash, headings))
    return {"unit", "count"} <= keys and "childid" not in keys


def read(source: str | Path | BinaryIO, *, name: str | None = None) -> CountsFile:
    """Read and check a counts file.

    A value may be of any level of its code list, by name or code; where a word is both a group and a code for the lack
    of detail ("Asian"), it is the group. A year is written 2021/22, 2021-22 or 2021/2022; 2023 is a calendar year; a
    period without figures is a name ("latest cohort"). Counts have to agree with each other (`margins`).

    Args:
        source: a path, or an open binary file such as an upload.
        name: the name to use in messages, where the source is not a path.

    Raises:
        CaseFileError: the file cannot be read at all.
    """
    return checked(open_grid(source, name))


def checked(grid: Grid) -> CountsFile:
    """The table of a counts file, checked; for all else see `read`."""
    where, problems = _columns(grid.headings)
    found = tuple(d for d in LABELS if d in where and d != "year")
    n = len(grid.lines)
    if problems:
        empty = _frame({c: [] for c in ("unit", "year", "area", *found)}, [], [])
        return CountsFile(empty, tuple(problems), found, (), n, {problems[0].kind: n}, (), False)
    table = texts(grid, where)
    rows, findings = check(table, found, grid.crooked)
    reasons = reasons_of(findings, n)
    sources = table["source"] if "source" in table else pd.Series(dtype=object)
    said = table["synthetic"] if "synthetic" in table else pd.Series(dtype=object)
    return CountsFile(
        rows[reasons == ""].reset_index(drop=True),
        tuple(problems_of(findings, grid.lines)),
        found,
        unused(grid.headings, where),
        n,
        dict(Counter(reasons[reasons != ""])),
        tuple(dict.fromkeys(text for text in sources if text)),
        any(normalise(text) in ("yes", "y", "true", "1", "synthetic") for text in said.unique()),
    )


def check(table: pd.DataFrame, dimensions: tuple[str, ...], crooked: np.ndarray) -> tuple[pd.DataFrame, list[Finding]]:
    """The cells in the words of the lists, and what is wrong with them; bad rows are still among them."""
    findings = []
    cells: dict[str, np.ndarray] = {}
    for column in dict.fromkeys(("unit", "year", "area", *dimensions)):
        written = table[column] if column in table else pd.Series(ALL, index=table.index, dtype=object)
        values = by_value(written, _reader(column))
        values = one_spelling(values) if column == "area" else values
        bad = pd.isna(values)
        findings.append(_objection(column, bad, written))
        cells[column] = np.where(bad, ALL, values)
    mark = by_value(table["count"], read_mark)
    count = by_value(table["count"], read_whole)
    absent = holds(table["count"], is_blank) & (mark == "")
    wrong = holds(count, lambda c: c is None or not 0 <= c < MOST) & (mark == "")
    findings.append(Finding("missing value", "count", absent, "write a count, or a mark such as [c] or [x]"))
    findings.append(
        Finding(
            "wrong number", "count", wrong & ~absent, f"counts are whole numbers below {MOST:,}, or [c] [x] [z] [low]"
        )
    )
    rows = _frame(cells, np.where(wrong | (mark != ""), pd.NA, count), mark)
    findings = narrow_or_wide(crooked, findings)
    good = reasons_of(findings, len(table)) == ""
    twice = np.zeros(len(table), dtype=bool)
    twice[good] = rows[good].duplicated(subset=list(cells), keep=False)
    findings.append(Finding("same cell twice", "", twice, "keep one row for each cell"))
    return rows, [*findings, *margins.findings(rows, dimensions, good & ~twice)]


def read_mark(text: str) -> str:
    """The mark that stands instead of a count, "" where there is none. See the module."""
    bare = text.casefold().strip("[]() ")
    return HIDDEN if _BELOW.fullmatch(bare) else MARKS.get(bare, "")


def read_year(text: str) -> str | None:
    """A year or a named period as the file has it, a financial year always as 2021/22; None where it cannot be one."""
    found = _YEAR.fullmatch(text)
    if found:
        year = financial_year(int(found[1]))
        return year if year[-2:] == found[3] else None
    if re.fullmatch(r"20\d\d", text, re.ASCII):
        return text
    return None if any(c.isdigit() for c in text) or len(text) > 40 else " ".join(text.split())


def _read_quarter(text: str) -> str | None:
    found = _QUARTER.fullmatch(text)
    year = read_year(found["year"]) if found else None
    return f"{'year to ' if found['rolling'] else ''}{year} Q{found['quarter']}" if year and "/" in year else None


@cache
def _values(column: str) -> dict[str, str]:
    """Normalised text -> value, at every level of a dimension."""
    if column == "unit":
        return {unit: unit for unit in UNITS}
    codes = {} if column == "serious_violence" else code_list(column).codes
    return codes | {normalise(value): value for value in dimension(column).values}


def _reader(column: str) -> Callable[[str], str | None]:
    """A function from a text to the value of a column, None where it is not one; the margin where it is blank."""
    plain = {"year": read_year, "quarter": _read_quarter, "rolling_year": _read_quarter, "area": read_area}
    look = plain.get(column) or (lambda text: _values(column).get(normalise(text)))
    if column == "unit":
        return look
    return lambda text: ALL if text == "" or normalise(text) == normalise(ALL) else look(text)


def _objection(column: str, bad: np.ndarray, written: pd.Series) -> Finding:
    if column in ("year", "quarter", "rolling_year"):
        return Finding("wrong year", column, bad, "write a year as 2021/22, a quarter as 2021/22 Q1")
    if column == "area":
        return Finding("not an area", column, bad, NOT_AN_AREA)
    return Finding("unknown code", column, bad, values=written)


def _frame(cells: dict[str, object], count: object, mark: object) -> pd.DataFrame:
    text = pd.DataFrame(cells).astype("str")
    return text.assign(count=pd.array(count, dtype="Int64"), mark=pd.array(mark, dtype="str"))


def _columns(headings: list[str]) -> tuple[dict[str, int], list[Problem]]:
    known = {c: {squash(c), squash(LABELS.get(c, c))} for c in (*REQUIRED, *EXTRA, *LABELS)}
    return find_columns(headings, known, REQUIRED, twice="keep one", absent="add a column with the heading {}")

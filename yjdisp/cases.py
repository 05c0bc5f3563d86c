"""The case file: open it, find its columns, check every row, and keep nothing that could name a child.

A CSV, XLSX, ODS or Parquet file goes in; what comes out are rows in the words of the code lists, and typed problems.
What is in a file decides how it is read, not its name. No message, log or repr holds anything of a row except its line
number, its column, the kind of problem, and codes that cannot be personal (see `problems.may_be_shown`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from yjdisp.problems import CaseFileError, Finding, Problem, looks_personal, problems_of, reasons_of
from yjdisp.vocabulary import UNKNOWN, code_list, disposal_positions, financial_year, normalise

MAX_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 600_000_000
MAX_ROWS = 1_000_000
MAX_CELLS = 30_000_000
EARLIEST = date(2000, 1, 1)
PLACED = "placed here by another area"

REQUIRED = ("child_id", "outcome_date", "ethnicity", "sex", "outcome")
AGE_OR_BIRTH = ("age", "date_of_birth")
CODED = (
    "ethnicity",
    "sex",
    "send",
    "care",
    "offence_group",
    "decided_by",
    "outcome",
    "recommended_outcome",
    "first_time_entrant",
    "reoffended",
)
OPTIONAL = (
    "area",
    "outcome_id",
    "send",
    "care",
    "offence_group",
    "gravity",
    "decided_by",
    "recommended_outcome",
    "first_time_entrant",
    "reoffended",
    "further_offences",
    "residence",
)
COLUMNS = (*REQUIRED, *AGE_OR_BIRTH, *OPTIONAL)
ROWS = {
    "child": "int64",
    "outcome_id": "int64",
    "day": "int64",
    "quarter": "str",
    "area": "str",
    **dict.fromkeys(("ethnicity", "sex", "age", "send", "care", "offence", "disposal"), "str"),
    **dict.fromkeys(("recommended_outcome", "first_time_entrant", "reoffended"), "str"),
    "further_offences": "Int64",
}
RESIDENCE = {
    **dict.fromkeys(("local", "home", "resident", "own area", "unknown", "not known", "not recorded"), "local"),
    **dict.fromkeys((PLACED, "placed here", "placed", "placed by another area", "other area", "hosted"), PLACED),
}
BLANK = frozenset({"", "null", "nan", "nat", "na", "n a", "none"})
BINARY = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
}
SAVE_AS = "save the table as .csv, .xlsx, .ods or .parquet and load that"


@dataclass(frozen=True, eq=False)
class CaseFile:
    """A case file that has been read and checked.

    Attributes:
        rows: one row an offence, without those left out; columns and types as in `ROWS`. It never holds an identifier
            or a date of birth.
        problems: everything that is wrong, in the order of the columns.
        read: rows in the file.
        left_out: reason -> rows: a kind of problem, or "placed here by another area". Each row is counted once.
        columns: the optional columns that the file has.
        synthetic: whether every child_id starts with "SYNTHETIC".
        sha256: of the file's bytes.
        mapping: the TOML text used, "" for none.
    """

    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    read: int
    left_out: dict[str, int]
    columns: frozenset[str]
    synthetic: bool
    sha256: str
    mapping: str = ""

    def __repr__(self) -> str:
        return f"CaseFile({len(self.rows)} of {self.read} rows, {len(self.problems)} problems)"


@dataclass(frozen=True)
class Mapping:
    """Which heading is which column, and which of a service's own codes stands for which value.

    Attributes:
        sheet: the sheet to read, None for the only one.
        columns: column -> heading.
        values: column -> normalised own code -> value of the code list.
        text: the TOML text.
    """

    sheet: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, repr=False)
class Grid:
    """A table as it stands in a file.

    Attributes:
        headings: the first row that is not blank.
        columns: the cells of each column, as text or typed as the file has them.
        lines: the line of each row.
        crooked: whether each row has more or fewer cells than there are headings.
    """

    headings: list[str]
    columns: list[Sequence[Any]]
    lines: np.ndarray
    crooked: np.ndarray


def read(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    mapping: str | Path | None = None,
    today: date | None = None,
) -> CaseFile:
    """Read and check a case file.

    Dates are read as 2021-04-30 (a time may follow), 30/04/2021 with / - or ., 30 April 2021, a spreadsheet's dates
    or its day number. Day comes before month, always; where a column holds dates that only make sense month first
    and none that only makes sense day first, its other dates of that kind are ambiguous. Two-figure years are wrong.
    An age that is given is used as it stands; where it is blank or there is none, it is the age on the outcome_date.

    Args:
        source: a path, or an open binary file such as an upload.
        name: the name to use in messages, where the source is not a path.
        mapping: a path to a TOML file, or (as a str) its text.
        today: the last date that an outcome can have; today.

    Raises:
        CaseFileError: the file, or the mapping, cannot be read at all.
    """
    used = read_mapping(mapping)
    data, name = load(source, name)
    grid = open_grid(data, name, used.sheet)
    where, problems = find_columns(grid.headings, used.columns)
    digest = hashlib.sha256(data).hexdigest()
    present = frozenset(where) & frozenset(OPTIONAL)
    if problems:
        left_out = {problems[0].kind: len(grid.lines)} if len(grid.lines) else {}
        return CaseFile(_no_rows(), tuple(problems), len(grid.lines), left_out, present, False, digest, used.text)
    table = pd.DataFrame({c: as_text(grid.columns[i]) for c, i in where.items()}, dtype=object)
    ids = table["child_id"]
    away = _placed_elsewhere(table, used)
    lines, crooked = grid.lines[~away], grid.crooked[~away]
    rows, findings = check(table[~away].reset_index(drop=True), crooked, used, today or date.today())
    reasons = reasons_of(findings, len(rows))
    counted = pd.Series(reasons[reasons != ""]).value_counts(sort=False).to_dict()
    return CaseFile(
        rows[reasons == ""].reset_index(drop=True),
        tuple(problems_of(findings, lines, ids[~away].to_numpy())),
        len(table),
        ({PLACED: int(away.sum())} if away.any() else {}) | counted,
        present,
        bool(ids.str.startswith("SYNTHETIC").all()),
        digest,
        used.text,
    )


# ---- opening a file


def load(source: str | Path | BinaryIO, name: str | None = None) -> tuple[bytes, str]:
    """The bytes of a path or of an open binary file, and the name to call it by.

    Raises:
        CaseFileError: it is not there, is empty, or is larger than `MAX_BYTES`, which is checked before it is read.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise CaseFileError(f"{name}: there is no such file; check the path")
        size = path.stat().st_size
        data = _quietly(path.read_bytes) if size <= MAX_BYTES else b""
        if data is None:
            raise CaseFileError(f"{name}: cannot be opened; close it in other programs and check that you may read it")
    else:
        name = Path(name or getattr(source, "name", "") or "the file").name
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        data = source.read() if size <= MAX_BYTES else b""
    if size > MAX_BYTES:
        raise CaseFileError(
            f"{name}: is {size / 1e6:,.0f} MB and the limit is {MAX_BYTES // 1_000_000} MB; "
            "take out the columns and years that are not needed"
        )
    if not data.strip():
        raise CaseFileError(f"{name}: is empty; export it again")
    return data, name


def open_grid(data: bytes, name: str, sheet: str | None = None) -> Grid:
    """The table in a CSV, XLSX, ODS or Parquet file, told apart by content.

    Raises:
        CaseFileError: it is something else, is damaged or protected, has no rows, or has several tables.
    """
    if data.startswith(b"PAR1"):
        grid = _parquet(data, name)
    elif data.startswith(b"PK"):
        rows = _sheet_rows(data, name, sheet)
        grid = _rows_to_grid(rows, range(1, len(rows) + 1))
    else:
        grid = _rows_to_grid(*_text_rows(data, name))
    if not grid.headings:
        raise CaseFileError(f"{name}: is empty; export it again")
    if not len(grid.lines):
        raise CaseFileError(f"{name}: has headings and no rows; export it again, for a period that has cases")
    if len(grid.lines) > MAX_ROWS:
        raise CaseFileError(f"{name}: has more than {MAX_ROWS:,} rows; take out the years that are not needed")
    return grid


def headings(source: str | Path | BinaryIO, *, name: str | None = None) -> list[str]:
    """The headings of a file, to tell a case file from a counts file.

    Raises:
        CaseFileError: as `read`.
    """
    return open_grid(*load(source, name)).headings


def _rows_to_grid(rows: Iterable[Sequence[Any]], lines: Iterable[int]) -> Grid:
    kept = [(line, row) for line, row in zip(lines, rows, strict=True) if any(row) or _width(row)]
    if not kept:
        return Grid([], [], np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
    top = [str(c).strip() for c in kept[0][1][: _width(kept[0][1])]]
    width, body = len(top), kept[1:]
    crooked = [len(row) != width and (len(row) < width or _width(row[width:]) > 0) for _, row in body]
    square = ([*row[:width], *[""] * (width - len(row))] if len(row) != width else row for _, row in body)
    columns = list(zip(*square, strict=True)) or [()] * width
    return Grid(top, columns, np.array([line for line, _ in body], dtype=np.int64), np.array(crooked, dtype=bool))


def _text_rows(data: bytes, name: str) -> tuple[list[list[str]], list[int]]:
    for magic, what in BINARY.items():
        if data.startswith(magic):
            raise CaseFileError(f"{name}: is {what}, not a table; {SAVE_AS}")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        what = "is protected by a password; remove it" if locked else "is in the old Excel format; save it as .xlsx"
        raise CaseFileError(f"{name}: {what} and load it again")
    text = _decode(data)
    if text is None or re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text):
        raise CaseFileError(f"{name}: is not text, a spreadsheet or Parquet, or is damaged; {SAVE_AS}")
    if text.lstrip().startswith("<"):
        raise CaseFileError(f"{name}: is a web page or XML, whatever its name; {SAVE_AS}")
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines, start, broken = [], [], 1, False
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error:
        broken = True
    if broken:
        raise CaseFileError(
            f"{name}: line {start} has a quotation mark that is not closed, or text after one; correct it"
        )
    return rows, lines


def _decode(data: bytes) -> str | None:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _sheet_rows(data: bytes, name: str, sheet: str | None) -> list[list[Any]]:
    import python_calamine as calamine

    _check_archive(data, name)
    book = _quietly(lambda: calamine.load_workbook(io.BytesIO(data)))
    if book is None:
        raise CaseFileError(
            f"{name}: cannot be opened; it is damaged or protected by a password: save it again without"
        )
    visible = [
        s.name
        for s in book.sheets_metadata
        if s.typ == calamine.SheetTypeEnum.WorkSheet and s.visible == calamine.SheetVisibleEnum.Visible
    ]
    if sheet is not None and sheet not in book.sheet_names:
        raise CaseFileError(f"{name}: has no sheet of the name that the mapping gives; correct “sheet” in the mapping")
    tables = {}
    for title in visible if sheet is None else [sheet]:
        rows = _quietly(lambda title=title: book.get_sheet_by_name(title).to_python(skip_empty_area=False))
        if rows is None:
            raise CaseFileError(f"{name}: has a sheet that cannot be read; it is damaged: save it again")
        if rows:
            tables[title] = rows
    if len(tables) > 1:
        raise CaseFileError(
            f"{name}: has {len(tables)} sheets that are not empty; "
            'keep only one, or name the one to read in the mapping: sheet = "…"'
        )
    rows = next(iter(tables.values()), [])
    width = next((_width(row) for row in rows if _width(row)), 0)
    return [row[:width] for row in rows]


def _width(row: Sequence[Any]) -> int:
    return max((i for i, cell in enumerate(row, 1) if cell not in ("", None)), default=0)


def _check_archive(data: bytes, name: str) -> None:
    archive = _quietly(lambda: zipfile.ZipFile(io.BytesIO(data)))
    if archive is None:
        raise CaseFileError(f"{name}: is a damaged spreadsheet or archive; save it again")
    with archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names and "content.xml" not in names and "xl/workbook.bin" not in names:
            raise CaseFileError(f"{name}: is an archive or a document, not a spreadsheet; {SAVE_AS}")
        if b"encryption-data" in (_quietly(lambda: archive.read("META-INF/manifest.xml")) or b""):
            raise CaseFileError(f"{name}: is protected by a password; remove it and load it again")
        sheets = [n for n in names if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        extents = _quietly(lambda: [_extent(archive, sheet) for sheet in sheets])
        if extents is None:
            raise CaseFileError(f"{name}: is a damaged spreadsheet or protected by a password; save it again without")
        if max(extents, default=0) > MAX_CELLS:
            raise CaseFileError(f"{name}: has cells far below or beside the table; delete the empty rows and columns")
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise CaseFileError(
                f"{name}: is too large when unpacked; take out the sheets and years that are not needed"
            )


def _extent(archive: zipfile.ZipFile, sheet: str) -> int:
    """The cells from the first to the last one in use: they would all be allocated, and the process with them."""
    with archive.open(sheet) as file:
        found = re.search(rb'<dimension ref="[A-Z]+\d+:([A-Z]+)(\d+)"', file.read(4096))
    if not found:
        return 0
    columns = 0
    for letter in found[1]:
        columns = columns * 26 + letter - 64
    return columns * int(found[2])


def _parquet(data: bytes, name: str) -> Grid:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = _quietly(lambda: pq.ParquetFile(pa.BufferReader(data)))
    if file is None:
        raise CaseFileError(f"{name}: is a damaged Parquet file; save it again")
    if file.metadata.num_rows > MAX_ROWS:
        raise CaseFileError(f"{name}: has more than {MAX_ROWS:,} rows; take out the years that are not needed")
    if sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)) > MAX_UNPACKED_BYTES:
        raise CaseFileError(f"{name}: is too large when unpacked; take out the columns and years that are not needed")
    columns = _quietly(lambda: [_flat(column) for column in file.read().columns])
    if columns is None:
        raise CaseFileError(f"{name}: is a damaged Parquet file; save it again")
    rows = file.metadata.num_rows
    return Grid(list(file.schema_arrow.names), columns, np.arange(2, rows + 2), np.zeros(rows, dtype=bool))


def _flat(column: Any) -> list[Any]:
    cells = column.to_pylist()
    return [str(cell) for cell in cells] if column.type.num_fields else cells


def _quietly(work: Callable[[], Any]) -> Any:
    """What the work returns, or None where a library fails: its own message could repeat what is in the file."""
    try:
        return work()
    except Exception:  # noqa: BLE001
        return None


# ---- finding the columns


def read_mapping(mapping: str | Path | None) -> Mapping:
    """A mapping from its TOML text or file: `sheet`, `[columns]` of headings, `[values.COLUMN]` of own codes.

    Raises:
        CaseFileError: it cannot be read, or has a key, a column or a value that is not known.
    """
    if not mapping:
        return Mapping()
    if isinstance(mapping, Path) and not mapping.is_file():
        raise CaseFileError(f"the mapping {mapping.name}: there is no such file; check the path")
    text = mapping if isinstance(mapping, str) else mapping.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseFileError(f"the mapping is not TOML: {error}".replace("\n", " ")) from None
    _known(content, ("sheet", "columns", "values"), "a mapping")
    columns, values = content.get("columns", {}), content.get("values", {})
    if not isinstance(content.get("sheet", ""), str) or not isinstance(columns, dict) or not isinstance(values, dict):
        raise CaseFileError(
            "the mapping: sheet is one name, and columns and values are tables: [columns], [values.sex]"
        )
    _known(columns, COLUMNS, "[columns] of a mapping")
    _known(values, (*CODED, "gravity", "residence"), "[values] of a mapping")
    if not all(isinstance(heading, str) for heading in columns.values()):
        raise CaseFileError("the mapping: every line of [columns] gives one heading in quotation marks")
    own = {column: _own_codes(column, codes) for column, codes in values.items()}
    return Mapping(content.get("sheet"), columns, own, text)


def _known(table: dict[str, Any], keys: Sequence[str], what: str) -> None:
    for key in table:
        if key not in keys:
            raise CaseFileError(f"the mapping: {what} has no “{key}”; it can have {', '.join(keys)}")


def _own_codes(column: str, codes: Any) -> dict[str, str]:
    if not isinstance(codes, dict) or not all(isinstance(code, str) for code in codes.values()):
        raise CaseFileError(f'the mapping: [values.{column}] has lines such as OWN = "code of the list"')
    known = {own: _value_of(column, {})(code) for own, code in codes.items()}
    for own, value in known.items():
        if value is None:
            raise CaseFileError(
                f"the mapping: [values.{column}] gives “{codes[own]}” for {own}, which is not in the list"
            )
    return {normalise(own): value for own, value in known.items()}


def squash(heading: str) -> str:
    """A heading without what people vary: case, spacing and punctuation ("Child ID", "child-id" and "ChildID")."""
    return normalise(heading).replace(" ", "")


@cache
def _headings() -> dict[str, str]:
    path = resources.files("yjdisp") / "lists" / "headings.csv"
    synonyms = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {squash(r["heading"]): r["column"] for r in synonyms} | {squash(c): c for c in COLUMNS}


def find_columns(found: Sequence[str], named: dict[str, str]) -> tuple[dict[str, int], list[Problem]]:
    """The position of each known column among the headings, and what is wrong with the headings.

    Args:
        found: the headings of the file.
        named: column -> heading, which go before any other way to tell.
    """
    taken = {squash(heading) for heading in named.values()}
    at: dict[str, list[int]] = {}
    for i, key in enumerate(map(squash, found)):
        column = None if key in taken else _headings().get(key)
        if column and column not in named:
            at.setdefault(column, []).append(i)
    for column, heading in named.items():
        at[column] = [i for i, key in enumerate(map(squash, found)) if key == squash(heading)]
    problems = [
        Problem(
            None, c, "duplicate heading", 0, f"{len(i)} headings stand for it; name one in the mapping, under [columns]"
        )
        for c, i in at.items()
        if len(i) > 1
    ]
    have = {c for c, i in at.items() if i}
    either = [" or ".join(AGE_OR_BIRTH)] if have.isdisjoint(AGE_OR_BIRTH) else []
    lacking = [c for c in (*REQUIRED, *named) if c not in have]
    for column in dict.fromkeys([*lacking, *either]):
        first = column.split()[0]
        remedy = (
            f'headings are the first row; say in the mapping which one it is: [columns] {first} = "heading in the file"'
        )
        problems.append(Problem(None, column, "missing column", 0, remedy))
    return {c: i[0] for c, i in at.items() if i}, problems


def as_text(cells: Sequence[Any]) -> np.ndarray:
    """Cells as text without spaces around: dates as 2021-04-30, whole numbers without a decimal point, blanks as ""."""
    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    return by_value(values, lambda cell: _cell_text(cell).strip())


def _cell_text(cell: Any) -> str:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float | Decimal) and cell == cell // 1:
        return str(int(cell))
    return str(cell)


# ---- checking the rows


def check(table: pd.DataFrame, crooked: np.ndarray, used: Mapping, today: date) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows in the words of the lists, as in `ROWS`, and what is wrong with them; bad rows are still among them.

    Args:
        table: known columns as text, a row an offence.
        crooked: whether a row has another number of cells than the headings.
    """
    ids = table["child_id"]
    when, wrong_dates = _dates(table["outcome_date"], "outcome_date")
    coded, wrong_codes = _coded(table, used)
    age, wrong_ages = _ages(table, when)
    gravity, wrong_gravity = _gravity(table, used)
    area, wrong_areas = _areas(table)
    further, wrong_further = _further_offences(table)
    disposal = _join(coded["outcome"], coded["decided_by"])
    child = np.where(_blank(ids), -1, pd.factorize(ids)[0])
    day = np.array([d.toordinal() if d else 0 for d in when], dtype=np.int64)
    facts = pd.DataFrame({"child": child, "day": day, "outcome": coded["outcome"]})
    facts = facts.mask(facts.isin({"child": [-1], "day": [0], "outcome": [UNKNOWN]}))
    key, wrong_ids = _outcome_ids(facts, table.get("outcome_id"))
    rows = pd.DataFrame(
        {
            "child": child,
            "outcome_id": key,
            "day": day,
            "quarter": by_value(when, lambda d: quarter_of(d) if d else ""),
            "area": area,
            "age": age,
            "offence": _join(coded["offence_group"], gravity),
            "disposal": disposal,
            "further_offences": further,
            **{c: coded[c] for c in ROWS if c in coded},
        }
    )
    findings = [
        Finding("missing value", "child_id", _blank(ids), "every row needs the child's number"),
        *wrong_dates,
        *_implausible(when, today),
        *wrong_codes,
        *wrong_ages,
        *wrong_gravity,
        *_misfits(disposal, coded["outcome"]),
        *wrong_areas,
        *wrong_ids,
        *wrong_further,
    ]
    width = Finding("wrong width", "", crooked, "more or fewer cells than headings; look for a stray separator")
    return rows[list(ROWS)].astype(ROWS), [width, *(replace(f, bad=f.bad & ~crooked) for f in findings)]


def by_value(values: Any, work: Callable[[Any], Any]) -> np.ndarray:
    """What the work makes of each value, worked out once for each different one; what is missing comes as None."""
    codes, different = pd.factorize(np.asarray(values, dtype=object))
    made = np.empty(len(different) + 1, dtype=object)
    made[:] = [*map(work, different), work(None) if -1 in codes else None]
    return made[codes]


def _join(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return first + "|" + second


def is_blank(text: str) -> bool:
    return normalise(text) in BLANK


def _blank(texts: pd.Series) -> np.ndarray:
    return by_value(texts, is_blank).astype(bool)


def _value_of(column: str, own: dict[str, str]) -> Callable[[str], str | None]:
    """A function from a text to the value that it stands for, None where nothing knows it."""
    known = (RESIDENCE if column == "residence" else code_list(column).codes) | own
    blank = {"residence": "local", "outcome": None}.get(column, UNKNOWN)

    def value(text: str) -> str | None:
        key = normalise(text)
        return known.get(key) or (blank if key in BLANK else None)

    return value


def _placed_elsewhere(table: pd.DataFrame, used: Mapping) -> np.ndarray:
    if "residence" not in table:
        return np.zeros(len(table), dtype=bool)
    return by_value(table["residence"], _value_of("residence", used.values.get("residence", {}))) == PLACED


def _coded(table: pd.DataFrame, used: Mapping) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """The value of each column that has a code list; UNKNOWN where it is blank, or where there is no such column."""
    values, findings = {}, []
    for column in (*CODED, *({"residence"} & set(table.columns))):
        if column not in table:
            values[column] = np.full(len(table), UNKNOWN, dtype=object)
            continue
        texts = table[column]
        found = by_value(texts, _value_of(column, used.values.get(column, {})))
        unknown = pd.isna(found)
        if column == "outcome":
            blank = _blank(texts)
            findings.append(Finding("missing value", column, blank, "every row needs an outcome"))
            unknown &= ~blank
        findings.append(Finding("unknown code", column, unknown, values=texts))
        values[column] = np.where(pd.isna(found), UNKNOWN, found)
    return values, findings


def read_date(text: str) -> date | None:
    """A date as people and programs write it, day before month; None for anything else. See `read`."""
    numbers = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _MONTH_NAMED.fullmatch(text)
    if numbers is None:
        return _EPOCH + timedelta(days=int(text)) if _SERIAL.fullmatch(text) else None
    parts = numbers.groupdict()
    month = int(parts["m"]) if parts["m"].isdigit() else _MONTHS.get(parts["m"].casefold()[:3], 0)
    try:
        return date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        return None


_TIME = r"([T ]+[\d:.]+ ?([AaPp][Mm])?(Z|[+-]\d\d:?\d\d)?)?"
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(rf"(?P<d>\d{{1,2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<y>\d{{4}}){_TIME}", re.ASCII)
_MONTH_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[- ](?P<m>[A-Za-z]{{3,9}})[- ,]+(?P<y>\d{{4}}){_TIME}", re.ASCII)
_SERIAL = re.compile(r"[2-6]\d{4}", re.ASCII)
_EPOCH = date(1899, 12, 30)
_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}


def _dates(texts: pd.Series, column: str) -> tuple[np.ndarray, list[Finding]]:
    when = by_value(texts, read_date)
    missing, blank = pd.isna(when), _blank(texts)
    order = by_value(texts, _order_of)
    doubtful = (order == "either") if "month first" in order and "day first" not in order else np.zeros(len(when), bool)
    return when, [
        Finding("missing value", column, blank, "every row needs the date"),
        Finding(
            "wrong date", column, missing & ~blank, "write it as 2021-04-30 or 30/04/2021, the year in four figures"
        ),
        Finding("ambiguous date", column, doubtful, "other dates here have the month first; write them as 2021-04-30"),
    ]


def _order_of(text: str) -> str:
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return ""
    first, second = int(found["d"]), int(found["m"])
    return "day first" if first > 12 else "month first" if second > 12 else "either"


def _implausible(when: np.ndarray, today: date) -> list[Finding]:
    bad = by_value(when, lambda d: d is not None and not EARLIEST <= d <= today).astype(bool)
    return [Finding("implausible date", "outcome_date", bad, f"it is before {EARLIEST.year} or still to come")]


def quarter_of(day: date) -> str:
    """The quarter of the financial year, written 2021/22 Q1."""
    year = day.year - (day.month < 4)
    return f"{financial_year(year)} Q{(day.month - 4) % 12 // 3 + 1}"


def _ages(table: pd.DataFrame, when: np.ndarray) -> tuple[np.ndarray, list[Finding]]:
    """The age as given; where it is blank or there is none, whole years from date_of_birth to the outcome."""
    given = table["age"] if "age" in table else pd.Series("", index=table.index, dtype=object)
    age = by_value(given, read_whole)
    unreadable = pd.isna(age) & ~_blank(given)
    findings = [Finding("wrong number", "age", unreadable, "write a whole number of years")]
    open_ = _blank(given)
    if "date_of_birth" in table:
        texts = table["date_of_birth"].where(open_, "")
        born, wrong = _dates(texts, "date_of_birth")
        pairs = pd.Series(list(zip(born, when, strict=True)), dtype=object)
        age = np.where(open_, by_value(pairs, lambda pair: _years(*pair)), age)
        findings += [Finding(f.kind, f.column, f.bad & open_, f.remedy) for f in wrong]
    else:
        findings.append(Finding("missing value", "age", open_, "every row needs the child's age"))
    outside = by_value(age, lambda a: not pd.isna(a) and not 10 <= a <= 17).astype(bool)
    column = "age" if "age" in table else "date_of_birth"
    remedy = "give the age on the outcome_date, or leave the row out of the file"
    findings.append(Finding("age outside 10–17", column, outside, remedy))
    return by_value(age, lambda a: "" if pd.isna(a) else str(int(a))), findings


def _years(born: date | None, when: date | None) -> int | None:
    if born is None or when is None:
        return None
    return when.year - born.year - ((when.month, when.day) < (born.month, born.day))


def read_whole(text: str) -> int | None:
    """A whole number, also as 3.0 or 1,234; None for anything else."""
    found = re.fullmatch(r"([+-]?(\d{1,9}|\d{1,3}(,\d{3}){1,2}))(\.0*)?", text, re.ASCII)
    return int(found[1].replace(",", "")) if found else None


def _gravity(table: pd.DataFrame, used: Mapping) -> tuple[np.ndarray, list[Finding]]:
    if "gravity" not in table:
        return np.full(len(table), UNKNOWN, dtype=object), []
    known = _value_of("gravity", used.values.get("gravity", {}))
    texts = table["gravity"]
    number = by_value(texts, read_whole)
    found = by_value(texts, lambda text: known(text) if read_whole(text) is None else _score(read_whole(text)))
    outside = pd.isna(found) & ~pd.isna(number)
    return np.where(pd.isna(found), UNKNOWN, found), [
        Finding(
            "gravity outside 1–8", "gravity", outside, "use the Youth Justice Board's score, not the police matrix"
        ),
        Finding("unknown code", "gravity", pd.isna(found) & pd.isna(number), values=texts),
    ]


def _score(number: int) -> str | None:
    return str(number) if 1 <= number <= 8 else UNKNOWN if number == 0 else None


def _misfits(disposal: np.ndarray, outcome: np.ndarray) -> list[Finding]:
    possible = frozenset(disposal_positions())
    bad = by_value(disposal, lambda pair: pair not in possible).astype(bool) & (outcome != UNKNOWN)
    return [Finding("does not fit the outcome", "decided_by", bad, "a court's outcome is a court's, any other is not")]


def _areas(table: pd.DataFrame) -> tuple[np.ndarray, list[Finding]]:
    if "area" not in table:
        return np.full(len(table), "", dtype=object), []
    texts = table["area"]
    names = by_value(texts, lambda text: UNKNOWN if is_blank(text) else " ".join(text.split()))
    bad = by_value(names, lambda n: len(n) > 60 or (looks_personal(n) and not _AREA_CODE.fullmatch(n))).astype(bool)
    return names, [Finding("not an area", "area", bad, "areas are names that can be published, such as a council's")]


_AREA_CODE = re.compile(r"[EWSN]\d{8}", re.ASCII)


def _further_offences(table: pd.DataFrame) -> tuple[Any, list[Finding]]:
    column = "further_offences"
    if column not in table:
        return pd.array([pd.NA] * len(table), dtype="Int64"), []
    number = by_value(table[column], read_whole)
    wrong = by_value(number, lambda n: n is not None and not 0 <= n < 1000).astype(bool)
    unreadable = pd.isna(number) & ~_blank(table[column])
    good = np.where(wrong | pd.isna(number), pd.NA, number)
    return pd.array(good, dtype="Int64"), [
        Finding("wrong number", column, wrong | unreadable, "write a whole number, 0 for none, nothing for not known")
    ]


def _outcome_ids(facts: pd.DataFrame, texts: pd.Series | None) -> tuple[np.ndarray, list[Finding]]:
    """A number for each disposal: by the file's outcome_id; where that is blank or there is none, by child and date.

    Args:
        facts: child, day and outcome of each row, null where they are not known.
        texts: the file's outcome_id.
    """
    pairs = facts.groupby(["child", "day"], dropna=False).ngroup()
    if texts is None:
        return pairs.to_numpy(), []
    own = ~_blank(texts)
    key = pd.factorize(np.where(own, texts, pairs.astype(object)))[0]
    differ = facts.groupby(key).transform("nunique").gt(1).any(axis=1).to_numpy()
    remedy = "the same outcome_id has two outcomes, dates or children; give each outcome its own"
    return key, [Finding("one outcome, two stories", "outcome_id", differ & own, remedy)]


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame({c: [] for c in ROWS}).astype(ROWS)

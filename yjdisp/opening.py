"""Opening a file: the bytes, and the table in them, whether CSV, XLSX, ODS or Parquet.

What is in a file decides how it is read, not its name; only one without rows is held to its name. A file
that is damaged, protected, too large or something else is refused in one line, which never holds what a library said of
it: that could repeat what is in the file.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from yjdisp import sheet_xml
from yjdisp.problems import CaseFileError

MAX_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 600_000_000
MAX_ROWS = 1_000_000
MAX_CELLS = 30_000_000
BINARY = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
}
NAMED = {
    ".parquet": (b"PAR1", "a Parquet file"),
    ".xlsx": (b"PK", "an Excel file"),
    ".ods": (b"PK", "an OpenDocument spreadsheet"),
}
FAR = "has cells far below or beside the table; delete the empty rows and columns"
SAVE_AS = "save the table as .csv, .xlsx, .ods or .parquet and load that"


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


def _load(source: str | Path | BinaryIO, name: str | None) -> tuple[bytes, str]:
    """The bytes of a path or of an open binary file, and the name to call it by; its size is checked before it is read."""
    if isinstance(source, str | Path):
        path = Path(source)
        name = name or path.name or str(path)
        if path.is_dir():
            raise CaseFileError(f"{name}: is a folder; name a file in it")
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


def open_grid(source: str | Path | BinaryIO, name: str | None = None, sheet: str | None = None) -> Grid:
    """The table in a CSV, XLSX, ODS or Parquet file, told apart by content.

    Args:
        source: a path, or an open binary file such as an upload.
        name: the name to use in messages, where the source is not a path.
        sheet: the one to read of a spreadsheet that has several.

    Raises:
        CaseFileError: it is not there, is larger than `MAX_BYTES`, is something else, is damaged or protected, has no
            rows, or has several tables.
    """
    data, name = _load(source, name)
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
        begins, kind = NAMED.get(Path(name).suffix.lower(), (b"", ""))
        if not data.startswith(begins):
            raise CaseFileError(f"{name}: is not {kind}, whatever its name; {SAVE_AS}")
        raise CaseFileError(f"{name}: has headings and no rows; export it again, for a period that has cases")
    _check_size(name, rows=len(grid.lines))
    return grid


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
        rows = _quietly(lambda title=title: _cells(book, data, title))
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
        _check_size(name, unpacked=sum(member.file_size for member in archive.infolist()))
        if "content.xml" in names:
            _check_open_document(_quietly(lambda: archive.read("content.xml")) or b"", name)
        sheets = [n for n in names if n.startswith("xl/worksheets/") and n.endswith(".xml")]
        extents = _quietly(lambda: [_far(archive, sheet) for sheet in sheets])
        if extents is None:
            raise CaseFileError(f"{name}: is a damaged spreadsheet or protected by a password; save it again without")
        if max(extents, default=0) > MAX_CELLS:
            raise CaseFileError(f"{name}: {FAR}")


def _check_open_document(content: bytes, name: str) -> None:
    """Refuse a spreadsheet in which a cell has no value of its own: unlike of an .xlsx, nobody tells which rows these are."""
    if why := sheet_xml.in_open_document(content):
        raise CaseFileError(f"{name}: in some cell {sheet_xml.REMEDIES[why]}")
    if sheet_xml.repeated(content) > MAX_CELLS:
        raise CaseFileError(f"{name}: {FAR}")


def _cells(book: Any, data: bytes, title: str) -> list[list[Any]]:
    """The rows of a sheet, in which a cell that has no value of its own says why: it is not blank. Where a row has nothing
    else, as beside a heading of two rows, it is."""
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" in archive.namelist():
            with archive.open(sheet_xml.part_of(archive, title)) as file:
                found = list(sheet_xml.without_value(file, len(rows), max(map(len, rows), default=0)))
            filled = {row for row, *_ in found if _width(rows[row])}
            for row, column, why in found:
                if why == sheet_xml.ERROR or row in filled:
                    rows[row][column] = why
    return rows


def _far(archive: zipfile.ZipFile, part: str) -> int:
    """The cells from the first to the last one in use: they would all be allocated, and the process with them."""
    with archive.open(part) as file:
        return sheet_xml.extent(file)


def _parquet(data: bytes, name: str) -> Grid:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = _quietly(lambda: pq.ParquetFile(pa.BufferReader(data)))
    if file is None:
        raise CaseFileError(f"{name}: is a damaged Parquet file; save it again")
    rows = file.metadata.num_rows
    groups = (file.metadata.row_group(i) for i in range(file.num_row_groups))
    _check_size(name, rows=rows, unpacked=sum(group.total_byte_size for group in groups))
    columns = _quietly(lambda: [_flat(column) for column in file.read(use_threads=False).columns])
    if columns is None:
        raise CaseFileError(f"{name}: is a damaged Parquet file; save it again")
    return Grid(list(file.schema_arrow.names), columns, np.arange(2, rows + 2), np.zeros(rows, dtype=bool))


def _flat(column: Any) -> list[Any]:
    cells = column.to_pylist()
    return [str(cell) for cell in cells] if column.type.num_fields else cells


def _check_size(name: str, *, rows: int = 0, unpacked: int = 0) -> None:
    if rows > MAX_ROWS:
        raise CaseFileError(f"{name}: has more than {MAX_ROWS:,} rows; take out the years that are not needed")
    if unpacked > MAX_UNPACKED_BYTES:
        raise CaseFileError(f"{name}: is too large when unpacked; take out the columns and years that are not needed")


def _quietly(work: Callable[[], Any]) -> Any:
    """What the work returns, or None where a library fails: its own message could repeat what is in the file."""
    try:
        return work()
    except Exception:  # noqa: BLE001
        return None

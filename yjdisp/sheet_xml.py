"""What calamine does not tell of a sheet of an .xlsx workbook: how far it reaches, and which cells have no value."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import reduce
from itertools import islice, product
from typing import IO
from xml.etree import ElementTree
from zipfile import ZipFile

ERROR, FORMULA, MERGED = "#ERROR", "#FORMULA", "#MERGED"
REMEDIES = {
    ERROR: "an error stands there instead of a value; correct the formula and save it again",
    FORMULA: "a formula stands there without its result; open the file in a spreadsheet, save it and load it again",
    MERGED: "the cell is merged with one that has the value; take the merging off and give each row its own",
}
_PLACE = re.compile(rb'<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r="([A-Z]*)(\d+)"')
_FAILED = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")(?:[^>]*?\s)?r="([A-Z]+)(\d+)"')
_UNWORKED = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</)"
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s(?:[^>]*?\s)?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_IN_OPEN_DOCUMENT = {
    ERROR: re.compile(rb'<table:table-cell\b[^>]*\bcalcext:value-type="error"'),
    FORMULA: re.compile(
        rb"<table:table-cell\b(?=[^>]*\btable:formula=)(?![^>]*\boffice:value-type=)(?![^>]*\bcalcext:value-type=)"
    ),
    MERGED: re.compile(rb"<table:covered-table-cell\b"),
}
_ROWS_AGAIN = re.compile(rb'<table:table-row\b[^>]*\brows-repeated="(\d+)"[^>]*>(.*?)</table:table-row>', re.DOTALL)
_CELL = re.compile(rb"<table:table-cell\b(?=[^>]*\boffice:value-type=)([^>]*)>")
_CELLS_AGAIN = re.compile(rb'columns-repeated="(\d+)"')
_PIECE = 1 << 20
_OVERLAP = 1 << 16  # more than a formula is long


def part_of(archive: ZipFile, title: str) -> str:
    """The name in the archive of the sheet of this title."""
    book, links = (ElementTree.fromstring(archive.read(f"xl/{n}")) for n in ("workbook.xml", "_rels/workbook.xml.rels"))
    sheet = next(s for s in book.iterfind(".//{*}sheet") if s.get("name") == title)
    link = next(value for name, value in sheet.items() if name.endswith("}id"))
    target = next(r.attrib["Target"] for r in links.iterfind("{*}Relationship") if r.get("Id") == link)
    return posixpath.join("/xl", target).lstrip("/")


def extent(file: IO[bytes]) -> int:
    """The cells from the first one of a sheet to the last one that it names, whatever it says its dimension is."""
    columns, rows = {b""}, 0
    for piece in _pieces(file):
        found = _PLACE.findall(piece)
        columns |= {letters for letters, _ in found}
        rows = max(rows, max((int(number) for _, number in found), default=0))
    return rows * max(map(_number, columns))


def without_value(file: IO[bytes], height: int, width: int) -> Iterator[tuple[int, int, str]]:
    """Row and column, from 0, of each cell among the first of a sheet that has no value of its own, and why: `ERROR` (it
    holds #N/A, #REF! or the like), `FORMULA` (whose result was not saved) or `MERGED` (with another cell, which has it)."""
    for piece in _pieces(file):
        for signs, pattern, why in (((b't="e"',), _FAILED, ERROR), ((b"<f", b":f"), _UNWORKED, FORMULA)):
            if any(sign in piece for sign in signs):
                places = ((int(number) - 1, _number(letters) - 1) for letters, number in pattern.findall(piece))
                yield from ((row, column, why) for row, column in places if row < height and column < width)
        for left, top, right, bottom in _MERGED.findall(piece):
            rows = range(int(top) - 1, min(int(bottom), height))
            columns = range(_number(left) - 1, min(_number(right), width))
            yield from ((row, column, MERGED) for row, column in islice(product(rows, columns), 1, None))


def in_open_document(content: bytes) -> str:
    """Why some cell of an .ods file has no value of its own, "" where all have."""
    return next((why for why, pattern in _IN_OPEN_DOCUMENT.items() if pattern.search(content)), "")


def repeated(content: bytes) -> int:
    """The cells of an .ods file that stand in it once and count for many."""

    def times(cell: bytes) -> int:
        found = _CELLS_AGAIN.search(cell)
        return int(found[1]) if found else 1

    rows = ((int(number), sum(map(times, _CELL.findall(row)))) for number, row in _ROWS_AGAIN.findall(content))
    return sum(number * cells for number, cells in rows)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces that end where a tag begins, each with the end of the one before."""
    before, rest = b"", b""
    while piece := file.read(_PIECE):
        whole, start, rest = (rest + piece).rpartition(b"<")
        if len(rest) > _OVERLAP:  # no tag for long: there is nothing to wait for
            whole, start, rest = whole + start + rest, b"", b""
        yield before + whole
        before, rest = whole[-_OVERLAP:], start + rest
    yield before + rest


def _number(letters: bytes) -> int:
    """The number of a column from its letters; A is 1."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)

"""What calamine does not tell of a sheet of an .xlsx workbook: how far it reaches, and where a formula has failed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import reduce
from typing import IO
from xml.etree import ElementTree
from zipfile import ZipFile

_PLACE = re.compile(rb'<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r="([A-Z]*)(\d+)"')
_FAILED = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")(?:[^>]*?\s)?r="([A-Z]+)(\d+)"')
_PIECE = 1 << 20


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


def failed(file: IO[bytes]) -> list[tuple[int, int]]:
    """Row and column, from 0, of each cell of a sheet that holds an error such as #N/A or #REF!."""
    return [
        (int(number) - 1, _number(letters) - 1)
        for piece in _pieces(file)
        if b't="e"' in piece
        for letters, number in _FAILED.findall(piece)
    ]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces that end where a tag begins."""
    rest = b""
    while piece := file.read(_PIECE):
        whole, start, rest = (rest + piece).rpartition(b"<")
        yield whole
        rest = start + rest
    yield rest


def _number(letters: bytes) -> int:
    """The number of a column from its letters; A is 1."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)

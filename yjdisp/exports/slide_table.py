"""A table of texts on slides: columns as wide as their texts, and as many slides as its rows need."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import pandas as pd
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

STYLE = "{3B4B98B0-60AC-42C2-AFA5-B58CD77FA1E5}"  # light style 1, accent 1
BESIDE, ALONE = 6.35, 12.1  # width beside a chart, and of a whole slide, in inches
HIGH = 4.75  # inches
SIZES = (11, 10, 9)  # points, the largest that fits
LONGEST = 26  # characters that a column asks for at most; longer texts wrap


@dataclass(frozen=True)
class Page:
    """Rows that fit on one slide, the widths of the columns in inches and the size of type in points."""

    frame: pd.DataFrame
    widths: tuple[float, ...]
    size: int


def pages(frame: pd.DataFrame, beside: bool) -> list[Page]:
    """A table on one page in the largest type that fits, or in the smallest on several."""
    total = BESIDE if beside else ALONE
    for size in SIZES:
        widths = _widths(frame, total)
        lines = [_lines(row, widths, size) for row in (tuple(frame), *frame.itertuples(index=False))]
        if sum(_height(n, size) for n in lines) <= HIGH:
            return [Page(frame, widths, size)]
    starts, used = [0], _height(lines[0], size)
    for i, n in enumerate(lines[1:]):
        if used + _height(n, size) > HIGH:
            starts.append(i)
            used = _height(lines[0], size)
        used += _height(n, size)
    ends = [*starts[1:], len(frame)]
    return [Page(frame.iloc[a:b], widths, size) for a, b in zip(starts, ends, strict=True)]


def _widths(frame: pd.DataFrame, total: float) -> tuple[float, ...]:
    """Widths in the proportion of the longest texts, and never less than the longest word."""
    asked = []
    for name, texts in frame.items():
        longest = max(map(len, texts), default=0)
        words = [len(word) for text in (name, *texts) for word in text.split()]
        asked.append(max(min(longest, LONGEST), *words, 5) + 2)
    return tuple(total * n / sum(asked) for n in asked)


def _lines(row: tuple, widths: tuple[float, ...], size: int) -> int:
    """How many lines the highest cell of a row takes."""
    fit = (max(1, (inches - 0.16) * 72 / (0.52 * size)) for inches in widths)
    return max(ceil(len(text) / n) for text, n in zip(row, fit, strict=True))


def _height(lines: int, size: int) -> float:
    return max(0.26, (lines * 1.2 * size + 5) / 72)


def add(slide, page: Page, place):
    """The table as a shape of a slide."""
    frame = page.frame
    height = Inches(0.26)
    shape = slide.shapes.add_table(len(frame) + 1, len(frame.columns), *place, Inches(sum(page.widths)), height)
    table = shape.table
    table.first_col = True
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = STYLE
    for column, inches in zip(table.columns, page.widths, strict=True):
        column.width = Inches(inches)
    for i, texts in enumerate([tuple(frame), *frame.itertuples(index=False)]):
        table.rows[i].height = height
        for j, text in enumerate(texts):
            _fill(table.cell(i, j), text, Pt(page.size), right=0 < j < len(texts) - 1)
    return shape


def _fill(cell, text: str, size, *, right: bool) -> None:
    cell.text = text
    cell.margin_left = cell.margin_right = Inches(0.08)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.font.size = size
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT

"""A table of texts on slides: columns as wide as their texts, and as many slides as its rows need."""

from __future__ import annotations

import re
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
LETTER = 0.6 / 72  # inches: the mean width of one, for each point of its size
EDGES, LEAST = 0.16, 0.26  # inches: what a cell has on both sides of its text, and a row's least height


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
        widths = _widths(frame, total, size)
        heights = [_height(row, widths, size) for row in (tuple(frame), *frame.itertuples(index=False))]
        if sum(heights) <= HIGH and sum(widths) <= total + 0.01:
            return [Page(frame, widths, size)]
    starts, used = [0], heights[0]
    for i, height in enumerate(heights[1:]):
        if used + height > HIGH:
            starts.append(i)
            used = heights[0]
        used += height
    ends = [*starts[1:], len(frame)]
    return [Page(frame.iloc[a:b], widths, size) for a, b in zip(starts, ends, strict=True)]


def _widths(frame: pd.DataFrame, total: float, size: int) -> tuple[float, ...]:
    """What the longest word of each column takes, and what is left of the total in proportion to the longest texts."""
    least, asked = [], []
    for name, texts in frame.items():
        words = [len(word) for text in (name, *texts) for word in re.split(r"\s|(?<=-)", text)]
        least.append(max(words) * LETTER * size + EDGES)
        asked.append(max(0.0, min(max(map(len, texts), default=0), LONGEST) * LETTER * size + EDGES - least[-1]))
    spare = max(0.0, total - sum(least))
    return tuple(n + spare * more / (sum(asked) or 1) for n, more in zip(least, asked, strict=True))


def _height(row: tuple, widths: tuple[float, ...], size: int) -> float:
    """The height of a row whose texts wrap, in inches."""
    fit = (max(1.0, (inches - EDGES) / (LETTER * size)) for inches in widths)
    lines = max(ceil(len(text) / n) for text, n in zip(row, fit, strict=True))
    return max(LEAST, (lines * 1.2 * size + 5) / 72)


def add(slide, page: Page, place):
    """The table as a shape of a slide."""
    frame = page.frame
    height = Inches(LEAST)
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

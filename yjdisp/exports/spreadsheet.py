"""A spreadsheet by the rules of the Government Analysis Function ("Releasing statistics in spreadsheets", 2021).

Cover, contents, notes, then one table a sheet from its first cell on: no merged or empty cell, no colour, no filter, no
frozen pane (the rules advise against both), every mark explained above the table.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import ceil

import pandas as pd

from yjdisp import wording
from yjdisp.exhibits import Exhibit
from yjdisp.exports import content, package, sheets
from yjdisp.exports.content import Contents
from yjdisp.exports.sheets import Sheet
from yjdisp.release import Release

A4 = 9  # the number of that paper in the format
LINE = 16  # height of a line of 12 points
COVER_WIDTH, NOTE_WIDTH, LABEL_WIDTH, NUMBER_WIDTH = 100, 110, 45, 15  # in characters


def workbook(contents: Contents) -> bytes:
    """The whole release, or what is on screen, as an Excel workbook."""
    release, views = contents.release, contents.views
    made = sheets.sheets(contents)
    cover = _cover(release, views, contents.missing)
    return _written(release, cover, sheets.notes(release, views, made), made)


def _cover(release: Release, views: Sequence[Exhibit], missing: Sequence[str]):
    from gptables import Cover

    absent = [*missing, *content.left_out(release)]
    intro = [wording.SYNTHETIC] if release.synthetic else []
    about = [f"{label}: {text}" for label, text in content.about(release, views)]
    return Cover(
        title=_plain(content.title(release)),
        intro=[*intro, "Counts are published only where no child can be recognised by them."],
        about=[_plain(text) for text in (*about, *(["Not in this workbook:"] if absent else []), *absent)],
        width=COVER_WIDTH,
    )


def _written(release: Release, cover, notes: Mapping[str, str], made: Sequence[Sheet]) -> bytes:
    """The workbook through gptables, with the widths, heights and properties that gptables leaves out."""
    import gptables

    target = io.BytesIO()
    tables = {str(number): _gptable(sheet) for number, sheet in enumerate(made, start=1)}
    texts = [_plain(text) for text in notes.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        book = gptables.produce_workbook(
            target,
            tables,
            _theme(),
            cover,
            contentsheet_options={"title": "Contents"},
            notes_table=pd.DataFrame({"Note": list(notes), "Note text": texts}),
            auto_width={name: False for name in tables} | {"Notes": False},
            workbook_options={"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )
    _fit_lines(book.get_worksheet_by_name(cover.cover_label), 2, [*cover.intro, "", *cover.about], COVER_WIDTH)
    _fit_lines(book.get_worksheet_by_name("Notes"), 3, texts, NOTE_WIDTH)
    book.get_worksheet_by_name("Notes").set_column(0, 0, NUMBER_WIDTH)
    book.get_worksheet_by_name("Notes").set_column(1, 1, NOTE_WIDTH)
    for name, table in tables.items():
        _fit_columns(book.get_worksheet_by_name(name), table)
    for page in book.worksheets():
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
    book.set_properties(
        {
            "title": content.title(release),
            "author": release.manifest["service"],
            "subject": "Disproportionality in youth justice",
            "comments": content.stamp(release),
        }
    )
    book.close()
    return package.finished(target.getvalue(), release.created)


def _theme():
    """The theme of gptables with every text at the top of its cell."""
    from gptables import gptheme

    theme = deepcopy(gptheme)
    theme.apply_config({part: {"valign": "top"} for part in ("cover_text", "index_1", "index_2", "index_3", "data")})
    return theme


def _fit_lines(page, first: int, texts: Sequence[str], width: int) -> None:
    """Make the rows of wrapped texts as high as they need."""
    for row, text in enumerate(texts, start=first):
        page.set_row(row, LINE * max(1, ceil(len(text) / (0.95 * width))))


def _fit_columns(page, table) -> None:
    """Columns as wide as labels and numbers need, with headings wrapped above them."""
    widths = []
    for position, (heading, values) in enumerate(table.table.items()):
        texts = [len(text) for text in values if isinstance(text, str)]
        longest_word = max(len(word) for word in heading.split())
        widths.append(min(LABEL_WIDTH, max(NUMBER_WIDTH, longest_word + 2, *(1.2 * n for n in texts), 0)))
        page.set_column(position, position, widths[-1])
    lines = (ceil(1.25 * len(heading) / width) for heading, width in zip(table.table, widths, strict=True))
    page.set_row(table.data_range[0], LINE * max(lines))


def _gptable(sheet: Sheet):
    from gptables import GPTable

    notes = "See " + "".join(f"$${key}$$" for key in sheet.notes)
    frame = sheet.frame.copy()
    for column in frame.columns[: sheet.labels]:
        frame[column] = frame[column].astype("str").map(_plain)
    frame.columns = [_plain(c) for c in frame.columns]
    formats = [
        {"column": {"columns": [_plain(c)], "format": {"num_format": f"0.{'0' * places}"}}}
        for c, places in sheet.decimals.items()
    ]
    return GPTable(
        table=frame,
        table_name=sheet.name,
        title=_plain(sheet.title),
        subtitles=[*([_plain(sheet.subtitle)] if sheet.subtitle else []), notes],
        instructions="This worksheet contains one table. Its notes are on the worksheet Notes.",
        legend=list(sheet.marks),
        index_columns={level: level - 1 for level in range(1, min(sheet.labels, 3) + 1)} or {2: 0},
        additional_formatting=formats,
    )


def _plain(text: str) -> str:
    """A text that gptables takes as it is: no note, no link, and never symbols alone."""
    text = text.replace("$$", "$ $").replace("](", "] (")
    return text if any(c.isascii() and c.isalnum() for c in text) else f"named {text}"

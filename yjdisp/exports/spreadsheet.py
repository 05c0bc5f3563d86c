"""A spreadsheet by the rules of the Government Analysis Function ("Releasing statistics in spreadsheets", 2021).

Cover, contents, notes, then one table a sheet from its first cell on: no merged or empty cell, no colour, no filter, no
frozen pane (the rules advise against both), every mark explained above the table.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import ceil, isfinite

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import HIDDEN as HIDDEN_VERDICT
from yjdisp.comparison import REFERENCE, Comparison
from yjdisp.exports import content, counts, package
from yjdisp.exports.content import Contents, Exhibit
from yjdisp.picture import Mark, Picture
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import LABELS, UNKNOWN

WITHOUT_FIGURE, NOT_APPLICABLE = "[x]", "[z]"
WHOLE = re.compile(r"\d{1,3}(,\d{3})*|\d+")
MOST_LETTERS = 200  # of a table's name; Excel takes 255
A4 = 9  # the number of that paper in the format
LINE = 16  # height of a line of 12 points
COVER_WIDTH, NOTE_WIDTH, LABEL_WIDTH, NUMBER_WIDTH = 100, 110, 45, 15  # in characters

# heading, column of a comparison, factor, decimals
FIGURES = (
    ("Share of the caseload (%)", "share", 100, 1),
    ("Share of the caseload, lower limit (%)", "share_low", 100, 1),
    ("Share of the caseload, upper limit (%)", "share_high", 100, 1),
    ("Share of the population (%)", "population_share", 100, 1),
    ("Gap (percentage points)", "gap", 100, 1),
    ("Gap, lower limit (percentage points)", "gap_low", 100, 1),
    ("Gap, upper limit (percentage points)", "gap_high", 100, 1),
    ("Times as likely as {reference}", "rri", 1, 2),
    ("Times as likely as {reference}, lower limit", "rri_low", 1, 2),
    ("Times as likely as {reference}, upper limit", "rri_high", 1, 2),
)


@dataclass(frozen=True)
class Sheet:
    """One table with what stands above it; `notes` are keys of the notes that it refers to."""

    title: str
    subtitle: str
    marks: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)
    labels: int
    notes: tuple[str, ...]
    name: str
    decimals: Mapping[str, int] = field(default_factory=dict)


def workbook(contents: Contents) -> bytes:
    """The whole release, or what is on screen, as an Excel workbook."""
    release, views = contents.release, contents.views
    sheets = [sheet for view in views for sheet in _of_view(release, view)]
    if contents.whole:
        sheets += [_counted(release, table) for table in counts.tables(release)]
    notes = _notes(release, views, sheets)
    return _written(release, _cover(release, views, contents.missing), notes, sheets)


def _of_view(release: Release, view: Exhibit) -> Iterable[Sheet]:
    """A comparison with all its figures as numbers; of any other view the table on screen and the numbers of its chart."""
    if view.comparisons:
        return [_compared(release, view, c) for c in view.comparisons]
    drawn = [_drawn(view, view.picture)] if view.has_chart else []
    return [_shown(view), *drawn]


def _compared(release: Release, view: Exhibit, c: Comparison) -> Sheet:
    frame = pd.DataFrame([_line(row, c) for row in c.table.to_dict("records")])
    return Sheet(
        title=f"{LABELS[c.by]} of {c.unit} compared with the population, {wording.period(c.where, release.years)}",
        subtitle=view.answer[0] if len(view.comparisons) == 1 else view.shown,
        marks=_marks(frame),
        frame=frame,
        labels=2,
        notes=(c.unit, "hidden", "method", f"compared {c.by}", *_with_parts(release, [c.by])),
        name=_name(f"compared {view.name} {c.by}"),
        decimals={_heading(text, c): places for text, _, _, places in FIGURES},
    )


def _shown(view: Exhibit) -> Sheet:
    frame = pd.DataFrame([_cells(row) for row in view.table.to_dict("records")], columns=list(view.table))
    return Sheet(
        title=view.title,
        subtitle=view.answer[0],
        marks=_marks(frame),
        frame=frame,
        labels=1,
        notes=("hidden", f"view {view.name}"),
        name=_name(view.name),
    )


def _cells(row: Mapping[str, str]) -> dict[str, object]:
    """A row of texts with whole numbers as numbers, and a mark where a figure is missing."""
    missing = HIDDEN if any(text.startswith(HIDDEN) for text in row.values()) else WITHOUT_FIGURE
    return {name: missing if text == wording.NONE or not text else _number(text) for name, text in row.items()}


def _number(text: str) -> int | str:
    return int(text.replace(",", "")) if WHOLE.fullmatch(text) else text


def _drawn(view: Exhibit, picture: Picture) -> Sheet:
    """The numbers of a chart: each value with the limits of its interval."""
    headed = any(m.heading for m in picture.marks)
    frame = pd.DataFrame(
        {
            **({"Part": m.heading} if headed else {}),
            "Shown": m.label,
            "Kind": m.look.words,
            picture.axis: _end(m, m.estimate),
            "Lower limit": _end(m, m.low),
            "Upper limit": _end(m, m.high),
        }
        for m in picture.marks
    )
    return Sheet(
        title=f"{view.title}: the numbers of the chart",
        subtitle=view.shown,
        marks=_marks(frame),
        frame=frame,
        labels=3 if headed else 2,
        notes=("hidden", f"view {view.name}"),
        name=_name(f"chart {view.name}"),
    )


def _end(m: Mark, value: float | None) -> float | str:
    """A number of a chart with four significant digits, or the mark that says why there is none."""
    if value is None:
        return HIDDEN if m.low is not None or "hidden" in m.text else WITHOUT_FIGURE
    return float(f"{value:.4g}") if isfinite(value) else NOT_APPLICABLE


def _name(text: str) -> str:
    """The name of a table: letters, digits and underscores, no more than Excel takes."""
    return content.slug(text).replace("-", "_")[:MOST_LETTERS]


def _heading(text: str, c: Comparison) -> str:
    text = text if c.unit == "children" else text.replace("as likely", f"as many {c.unit} per child")
    return text.format(reference=wording.who(c.reference))


def _line(row: Mapping, c: Comparison) -> dict[str, object]:
    """One group: the verdict, its count with what anyone can work out, its figures with their intervals."""
    return {
        "Group": row["group"],
        "Finding": wording.capital(wording.finding(row, c)) if row["group"] != UNKNOWN else WITHOUT_FIGURE,
        c.unit.capitalize(): HIDDEN if pd.isna(row["count"]) else int(row["count"]),
        "Lowest possible count": int(row["low"]),
        "Highest possible count": NOT_APPLICABLE if pd.isna(row["high"]) else int(row["high"]),
        **{_heading(text, c): _figure(row, name, scale, places) for text, name, scale, places in FIGURES},
    }


def _figure(row: Mapping, name: str, scale: float, places: int) -> float | str:
    """A figure, or the mark that says why there is none."""
    value = row[name]
    if row["group"] == UNKNOWN or name == "population_share" and pd.isna(value):
        return WITHOUT_FIGURE
    if pd.notna(value):
        return round(scale * float(value), places) + 0.0 if isfinite(value) else NOT_APPLICABLE
    if row["verdict"] == REFERENCE and name.startswith("rri"):
        return NOT_APPLICABLE
    hidden = pd.isna(row["count"]) or pd.isna(row["total"]) or row["verdict"] == HIDDEN_VERDICT
    return HIDDEN if hidden else WITHOUT_FIGURE


def _counted(release: Release, table: counts.CountTable) -> Sheet:
    frame, labels = counts.wide(release, table)
    return Sheet(
        title=table.title,
        subtitle="",
        marks=_marks(frame),
        frame=frame,
        labels=labels,
        notes=(table.unit, "hidden", *_with_parts(release, table.dimensions)),
        name=_name(table.name),
    )


def _marks(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the marks of a table mean, those that it has."""
    there = set(frame.map(str).to_numpy().ravel())
    meanings = {HIDDEN: wording.HIDDEN_NOTE, WITHOUT_FIGURE: content.NO_FIGURE, NOT_APPLICABLE: content.NO_LIMIT}
    return tuple(meaning.split(". ")[0].rstrip(".") + "." for mark, meaning in meanings.items() if mark in there)


def _with_parts(release: Release, dimensions: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"parts {d}" for d in dimensions if content.hierarchies(release, [d]))


def _notes(release: Release, views: Sequence[Exhibit], sheets: Sequence[Sheet]) -> dict[str, str]:
    """The texts of the notes that some sheet refers to, by key."""
    texts = dict(content.COUNTED) | {"hidden": f"Disclosure policy {content.policy(release)} {content.HIDES_FIGURES}"}
    for view in views:
        if view.comparisons:
            texts["method"] = " ".join(view.method)
        texts |= {f"compared {c.by}": " ".join([view.source, *view.caveats]) for c in view.comparisons}
        texts[f"view {view.name}"] = " ".join([*view.answer, *view.method, view.source, *view.caveats])
    for name in release.dimensions:
        texts[f"parts {name}"] = (
            f"{LABELS[name]}, groups and their parts. {' '.join(content.hierarchies(release, [name]))}"
        )
    return {key: texts[key] for key in dict.fromkeys(key for sheet in sheets for key in sheet.notes)}


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


def _written(release: Release, cover, notes: Mapping[str, str], sheets: Sequence[Sheet]) -> bytes:
    """The workbook through gptables, with the widths, heights and properties that gptables leaves out."""
    import gptables

    target = io.BytesIO()
    tables = {str(number): _gptable(sheet) for number, sheet in enumerate(sheets, start=1)}
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
    return package.finished(target.getvalue(), content.created(release))


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

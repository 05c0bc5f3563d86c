"""A report in one HTML file that opens from a file share and prints on A4, and the same as a tagged PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

import pandas as pd

from yjdisp import wording
from yjdisp.exhibits import Exhibit
from yjdisp.exports import ExportError, content, counts, svg
from yjdisp.exports.content import Contents
from yjdisp.release import Release
from yjdisp.vocabulary import PERIODS

TABLES = "Counts"
TABLES_NOTE = "Tables of one characteristic. The spreadsheet and the open data hold every table of the release."
NOT_SHOWN = "What is not shown"
ABOUT = "About this report"
ALTERNATIVES = re.compile("<title id=[^>]*>[^<]*</title><desc id=[^>]*>([^<]*)</desc>")  # a PDF takes the title alone
NO_PDF = (
    "a PDF needs the library Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0): install it, or export .html and print it"
)


def page(contents: Contents) -> bytes:
    """Views, and the tables of a whole release, as one HTML file without scripts."""
    release, views, missing, tables = contents.release, contents.views, contents.missing, ()
    if contents.whole:
        missing = (*missing, *content.left_out(release))
        tables = tuple(t for t in counts.tables(release) if len(set(t.dimensions) - {*PERIODS, "area"}) <= 1)
    title = content.title(release)
    parts = [
        *_opening(release, title, views),
        *(part for number, view in enumerate(views, start=1) for part in _section(view, f"view-{number}")),
        *_counts(release, tables),
        *_missing(missing),
        *_about(release, views),
    ]
    style = (resources.files("yjdisp.exports") / "report.css").read_text(encoding="utf-8")
    return _document(release, title, style, "\n".join(parts)).encode()


def pdf(contents: Contents) -> bytes:
    """The report as a tagged PDF (PDF/UA-1).

    Raises:
        ExportError: a library that weasyprint needs is not installed.
    """
    try:
        import weasyprint
    except OSError:
        raise ExportError(NO_PDF) from None
    html = ALTERNATIVES.sub(r"<title>\1</title>", page(contents).decode())
    return weasyprint.HTML(string=html, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1")


def _refuse(url: str, *_, **__):
    raise ValueError("a report holds everything itself")


def _document(release: Release, title: str, style: str, body: str) -> str:
    foot = _css_text(f"{content.stamp(release)}")
    return f"""<!DOCTYPE html>
<html lang="{content.LANGUAGE}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="author" content="{escape(release.manifest["service"])}">
<meta name="description" content="{escape(content.stamp(release))}">
<meta name="dcterms.created" content="{release.manifest["created"]}">
<title>{escape(title)}</title>
<style>
{style}
@page {{ @bottom-left {{ content: "{foot}"; }} }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _css_text(text: str) -> str:
    """A text as the inside of a CSS string."""
    return "".join(c if c.isalnum() or c in " ,.:-" else f"\\{ord(c):06x}" for c in text)


def _opening(release: Release, title: str, views: Sequence[Exhibit]) -> Iterable[str]:
    yield f"<header><h1>{escape(title)}</h1>"
    if release.synthetic:
        yield f'<p class="notice">{escape(wording.SYNTHETIC)}</p>'
    yield f"<p>{escape(content.stamp(release).split('. ')[0].rstrip('.'))}.</p></header>"
    if len(views) > 1:
        yield "<section><h2>In short</h2><ul>"
        for number, view in enumerate(views, start=1):
            yield f'<li><a href="#view-{number}">{escape(view.title)}</a>: {escape(view.answer[0])}</li>'
        yield "</ul></section>"


def _section(view: Exhibit, identity: str) -> Iterable[str]:
    """One view: answer, chart, table, what to keep in mind."""
    first, *rest = view.answer
    yield f'<section class="view" id="{identity}"><div class="together"><h2>{escape(view.title)}</h2>'
    if first != view.title:
        yield f'<p class="answer">{escape(first)}</p>'
    yield from (f"<p>{escape(sentence)}</p>" for sentence in rest)
    if view.shown != view.title:
        yield f'<p class="shown">{escape(view.shown)}</p>'
    if view.has_chart:
        yield f"<figure>{_wide(svg.chart(view, identity), view.title)}</figure>"
    yield "</div>"
    yield _table(view.table, view.caption, 1 + ("Characteristic" in view.table))
    if view.caveats:
        yield f'<div class="small"><h3>{escape(wording.CAVEATS)}</h3><ul>'
        yield from (f"<li>{escape(caveat)}</li>" for caveat in view.caveats)
        yield "</ul></div>"
    yield "</section>"


def _counts(release: Release, tables: Sequence[counts.CountTable]) -> Iterable[str]:
    if not tables:
        return
    yield f'<section class="counts"><h2>{TABLES}</h2><p>{TABLES_NOTE} {escape(wording.HIDDEN_NOTE.split(". ")[0])}.</p>'
    yield '<div class="columns">'
    for table in tables:
        frame, labels = counts.wide(release, table)
        yield _table(frame, table.title, labels)
    yield "</div></section>"


def _missing(missing: Sequence[str]) -> Iterable[str]:
    if missing:
        yield f"<section><h2>{NOT_SHOWN}</h2><ul>"
        yield from (f"<li>{escape(text)}</li>" for text in missing)
        yield "</ul></section>"


def _about(release: Release, views: Sequence[Exhibit]) -> Iterable[str]:
    yield f"<section><h2>{escape(wording.HOW)}</h2>"
    for paragraph in dict.fromkeys(p for view in views for p in view.method):
        yield f"<p>{escape(paragraph)}</p>"
    yield f"</section><section><h2>{ABOUT}</h2><dl>"
    previous = None
    for label, text in content.about(release, views):
        if label != previous:
            yield f"<dt>{escape(label)}</dt>"
        yield f"<dd>{escape(text)}</dd>"
        previous = label
    yield "</dl></section>"


def _table(frame: pd.DataFrame, caption: str, labels: int) -> str:
    """A table whose first columns name its rows."""
    head = "".join(f'<th scope="col">{escape(str(heading))}</th>' for heading in frame)
    body = "".join(f"<tr>{''.join(_cells(row, labels))}</tr>" for row in frame.itertuples(index=False))
    table = f"<table><caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return _wide(table, caption)


def _wide(content: str, label: str) -> str:
    """What may be wider than a telephone: it scrolls by itself, by the keyboard, too."""
    return f'<div class="wide" role="group" tabindex="0" aria-label="{escape(label)}">{content}</div>'


def _cells(row: Sequence, labels: int) -> Iterable[str]:
    for position, value in enumerate(row):
        text = f"{value:,}" if isinstance(value, int) else escape(str(value))
        yield f'<th scope="row">{text}</th>' if position < labels else f"<td>{text}</td>"

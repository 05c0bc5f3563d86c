"""Slides: one a view, with a chart that can be edited; or the board pack of the whole release."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from pptx.util import Inches, Pt

from yjdisp import exhibits, wording
from yjdisp.exhibits import Exhibit
from yjdisp.exports import content, native_chart, package, slide_table, template
from yjdisp.exports.content import Contents
from yjdisp.release import Release

SHOWN = (template.EDGE, Inches(1.5), template.WIDTH - 2 * template.EDGE, Inches(0.4))
CHART = (Inches(0.5), Inches(1.95), Inches(5.9), Inches(4.9))
WIDE_CHART = (Inches(0.5), Inches(1.95), Inches(12.3), Inches(4.9))
BESIDE, BELOW = (Inches(6.5), Inches(2.05)), (template.EDGE, Inches(2.05))
A_SLIDE = 950  # characters of text that fit on one
FEW_LABELS = 7  # of a chart that still has room beside a table
TITLE_SIZES = {130: 24, 220: 20, 10_000: 16}  # points, by the number of characters
SHOWN_SIZES = {120: 14, 150: 12, 10_000: 10}


def deck(contents: Contents) -> bytes:
    """What is on screen; or the board pack: cover, every view, method, what is not shown."""
    show, release, views = template.blank(), contents.release, contents.views
    if contents.whole:
        _cover(show, release)
    for view in views:
        for part in _parts(release, view):
            _view(show, release, part)
    if contents.whole:
        method = dict.fromkeys(paragraph for view in views for paragraph in view.method)
        _texts(show, release, wording.HOW, [*method, content.HIDES_FIGURES])
        _texts(show, release, "Where the numbers come from", [f"{a}: {b}" for a, b in content.about(release, views)])
        not_shown = [f"Disclosure policy {content.policy(release)}", *contents.missing, *content.left_out(release)]
        _texts(show, release, "What is not shown", not_shown)
    _set_properties(show.core_properties, release)
    target = io.BytesIO()
    show.save(target)
    return package.finished(template.coloured(target.getvalue()), release.created)


def _parts(release: Release, view: Exhibit) -> Sequence[Exhibit]:
    """A view of several comparisons as one view each: slides have one message."""
    several = len(view.comparisons) > 1
    return [exhibits.compared([c], release.years) for c in view.comparisons] if several else [view]


def _set_properties(properties, release: Release) -> None:
    properties.title = content.title(release)
    properties.author = properties.last_modified_by = release.manifest["service"]
    properties.subject = "Disproportionality in youth justice"
    properties.comments = content.stamp(release)
    properties.language = content.LANGUAGE


def _cover(show, release: Release) -> None:
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Slide"))
    slide.shapes.title.text = content.title(release)
    notice = [wording.SYNTHETIC] if release.synthetic else []
    slide.placeholders[1].text = "\n".join([*notice, f"Release {release.id}"])
    template.add_foot(slide, content.stamp(release))


def _texts(show, release: Release, title: str, paragraphs: Sequence[str]) -> None:
    """Paragraphs under one title, on as many slides as they need."""
    pages: list[list[str]] = [[]]
    for paragraph in paragraphs:
        if pages[-1] and sum(map(len, pages[-1])) + len(paragraph) > A_SLIDE:
            pages.append([])
        pages[-1].append(paragraph)
    for number, texts in enumerate(pages, start=1):
        slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title and Content"))
        slide.shapes.title.text = f"{title} ({number} of {len(pages)})" if len(pages) > 1 else title
        slide.placeholders[1].text = "\n".join(" ".join(text.split()) for text in texts)
        template.add_foot(slide, content.stamp(release))


def _view(show, release: Release, view: Exhibit) -> None:
    """The verdict as title, what is counted below it, chart and table side by side where they fit; the rest in the notes."""
    plot = native_chart.plot(view.picture) if view.has_chart else None
    drawn, tables = bool(plot and plot.series), _pages(view.table, beside=True)
    beside = drawn and len(tables) == 1 and (view.picture.over_time or len(plot.labels) <= FEW_LABELS)
    slides = [_headed(show, release, view)]
    if drawn:
        native_chart.add(slides[0], CHART if beside else WIDE_CHART, release, view, plot)
    if beside:
        _add_table(slides[0], view, tables[0], BESIDE)
    else:
        tables = _pages(view.table, beside=False)
        for number, page in enumerate(tables, start=1):
            if drawn or number > 1:
                slides.append(_headed(show, release, view, f" ({_which(number, len(tables))})"))
            _add_table(slides[-1], view, page, BELOW)
    for slide in slides:
        template.add_foot(slide, content.stamp(release))  # last, as it is read


def _which(number: int, tables: int) -> str:
    return f"table, {number} of {tables}" if tables > 1 else "table"


def _headed(show, release: Release, view: Exhibit, which: str = ""):
    """A slide under the verdict of a view, with what is counted and the notes."""
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    verdict = view.answer[0]
    slide.shapes.title.text = f"{verdict}{which}"
    slide.shapes.title.text_frame.paragraphs[0].font.size = Pt(_size(verdict, TITLE_SIZES))
    if view.shown != verdict:
        shown = slide.shapes.add_textbox(*SHOWN).text_frame
        shown.word_wrap = True
        shown.text = view.shown
        shown.paragraphs[0].font.size = Pt(_size(view.shown, SHOWN_SIZES))
    said = [*view.answer, wording.HOW, *view.method, view.source, wording.CAVEATS, *view.caveats, *_origin(release)]
    slide.notes_slide.notes_text_frame.text = "\n".join(filter(None, said))
    return slide


def _size(text: str, sizes: Mapping[int, int]) -> int:
    """The size of type at which a text fits."""
    return next(size for most, size in sizes.items() if len(text) <= most)


def _origin(release: Release) -> Iterable[str]:
    yield content.stamp(release)
    yield f"Disclosure policy {content.policy(release)}"


def _pages(frame: pd.DataFrame, *, beside: bool) -> list[slide_table.Page]:
    """The table as pages that fit beside a chart, or under a title alone."""
    return slide_table.pages(frame.drop(columns="Gap, percentage points", errors="ignore") if beside else frame, beside)


def _add_table(slide, view: Exhibit, page: slide_table.Page, place) -> None:
    shape = slide_table.add(slide, page, place)
    shape.name = f"Table: {view.title}"
    shape._element.nvGraphicFramePr.cNvPr.set("descr", view.caption)

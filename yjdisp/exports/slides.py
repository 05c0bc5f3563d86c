"""Slides: one a comparison, with a chart that can be edited; or the board pack of the whole release."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from yjdisp import wording
from yjdisp.comparison import Comparison
from yjdisp.exports import content, native_chart, package, template
from yjdisp.exports.content import Exhibit
from yjdisp.release import Release

SHOWN = (template.EDGE, Inches(1.5), template.WIDTH - 2 * template.EDGE, Inches(0.4))
CHART = (Inches(0.5), Inches(1.95), Inches(5.9), Inches(4.9))
TABLE = (Inches(6.5), Inches(2.05))
WIDTHS = (1.35, 0.95, 1.05, 0.9, 1.1, 1.0)  # inches, column by column
TABLE_STYLE = "{3B4B98B0-60AC-42C2-AFA5-B58CD77FA1E5}"  # light style 1, accent 1
FEW_ROWS = 9  # a table of more is set smaller
A_SLIDE = 950  # characters of text that fit on one


def deck(release: Release, comparisons: Sequence[Comparison] | None = None) -> bytes:
    """What is on screen, a slide a comparison; or the board pack: cover, every view, method, what is not shown."""
    show = template.blank()
    if comparisons:
        for c in comparisons:
            _view(show, release, content.exhibit(release, [c]))
    else:
        views, missing = content.exhibits(release)
        _cover(show, release)
        for view in views:
            _view(show, release, view)
        method = dict.fromkeys(paragraph for view in views for paragraph in view.method)
        _texts(show, release, wording.HOW, [*method, content.HIDES_FIGURES])
        _texts(show, release, "Where the numbers come from", [f"{a}: {b}" for a, b in content.about(release, views)])
        _texts(
            show,
            release,
            "What is not shown",
            [f"Disclosure policy {content.policy(release)}", *missing, *content.left_out(release)],
        )
    _set_properties(show.core_properties, release)
    target = io.BytesIO()
    show.save(target)
    return package.finished(template.coloured(target.getvalue()), content.created(release))


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
    """The verdict as title, what is counted below it, chart and table side by side, the rest in the notes."""
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    verdict = view.answer[0]
    slide.shapes.title.text = verdict
    slide.shapes.title.text_frame.paragraphs[0].font.size = Pt(24 if len(verdict) < 130 else 20)
    shown = slide.shapes.add_textbox(*SHOWN).text_frame
    shown.word_wrap = True
    shown.text = view.shown
    shown.paragraphs[0].font.size = Pt(14)
    plot = native_chart.plot(view.comparisons[0])
    if plot.series:
        native_chart.add(slide, CHART, release, view, plot)
    _table(slide, view)
    template.add_foot(slide, content.stamp(release))
    said = [*view.answer, wording.HOW, *view.method, view.source, wording.CAVEATS, *view.caveats, *_origin(release)]
    slide.notes_slide.notes_text_frame.text = "\n".join(said)


def _origin(release: Release) -> Iterable[str]:
    yield content.stamp(release)
    yield f"Disclosure policy {content.policy(release)}"


def _table(slide, view: Exhibit) -> None:
    frame = view.table.drop(columns="Gap, percentage points")
    width = Inches(sum(WIDTHS))
    shape = slide.shapes.add_table(len(frame) + 1, len(frame.columns), *TABLE, width, Inches(0.3))
    shape.name = f"Table: {view.title}"
    shape._element.nvGraphicFramePr.cNvPr.set("descr", f"{view.title}: {view.shown}")
    table = shape.table
    table.first_col = True
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = TABLE_STYLE
    size = Pt(11 if len(frame) <= FEW_ROWS else 9)
    for column, inches in zip(table.columns, WIDTHS, strict=True):
        column.width = Inches(inches)
    for i, texts in enumerate([tuple(frame), *frame.itertuples(index=False)]):
        table.rows[i].height = Inches(0.3)
        for j, text in enumerate(texts):
            _fill(table.cell(i, j), text, size, right=0 < j < len(texts) - 1)


def _fill(cell, text: str, size, *, right: bool) -> None:
    cell.text = text
    cell.margin_left = cell.margin_right = Inches(0.08)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.font.size = size
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT

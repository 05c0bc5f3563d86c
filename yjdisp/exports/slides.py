"""Slides: one a comparison, with a chart that can be edited; or the board pack of the whole release.

The workbook inside a chart holds what the chart shows and nothing else; where there is nothing to show, a gap.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.text import PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from yjdisp import wording
from yjdisp.charts import HIDDEN_FILL, LINES, MARKS
from yjdisp.comparison import HIDDEN, Comparison
from yjdisp.exports import content, package, template
from yjdisp.exports.content import Exhibit
from yjdisp.exports.marks import Mark, marks
from yjdisp.release import Release

SHOWN = (template.EDGE, Inches(1.5), template.WIDTH - 2 * template.EDGE, Inches(0.4))
CHART = (Inches(0.5), Inches(1.95), Inches(5.9), Inches(4.9))
TABLE = (Inches(6.5), Inches(2.05))
WIDTHS = (1.4, 0.8, 1.05, 1.0, 1.1, 1.0)  # inches, column by column
TABLE_STYLE = "{3B4B98B0-60AC-42C2-AFA5-B58CD77FA1E5}"  # light style 1, accent 1
FEW_ROWS = 9  # a table of more is set smaller
LEFT_POSSIBLE = "hidden count: what is left possible, and its upper end"
ABOVE, BELOW = "Up to the upper limit", "Down to the lower limit"
STYLES = {"circle": "CIRCLE", "circle-open": "CIRCLE", "square": "SQUARE", "diamond": "DIAMOND"}
OPEN = "A6A6A6"  # the inside of an open circle: white ones vanish where outlines are not drawn
RATIO_FORMAT = "[<2]0.00;[<10]0.0;0"
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
    plot = _plot(marks(view.comparisons[0]))
    if plot.series:
        _chart(slide, release, view, plot)
    _table(slide, view)
    template.add_foot(slide, content.stamp(release))
    said = [*view.answer, wording.HOW, *view.method, view.source, wording.CAVEATS, *view.caveats, *_origin(release)]
    slide.notes_slide.notes_text_frame.text = "\n".join(said)


def _origin(release: Release) -> Iterable[str]:
    yield content.stamp(release)
    yield f"Disclosure policy {content.policy(release)}"


@dataclass(frozen=True)
class _Plot:
    """What a chart shows, column by column, group by group; None where there is nothing.

    Attributes:
        series: the ratios, one column a verdict; and the upper ends of what is left to hidden counts.
        above, below: how far an interval reaches.
        low, high: the ends of the axis, powers of ten on either side of 1.
    """

    groups: list[str]
    series: dict[str, list[float | None]]
    above: list[float | None]
    below: list[float | None]
    low: float
    high: float


def _plot(drawn: Sequence[Mark]) -> _Plot:
    """Ratios with three significant digits. What a logarithmic axis cannot show, 0 and infinity, is in the table alone."""
    at = [_rounded(m.high if m.verdict == HIDDEN else m.estimate) for m in drawn]
    ends = [x for m, y in zip(drawn, at, strict=True) if y for x in (y, _rounded(m.low), _rounded(m.high)) if x]
    low, high = 10.0 ** floor(log10(min([0.5, *ends]))), 10.0 ** ceil(log10(max([2, *ends])))
    series = {
        name: [y if m.verdict == verdict else None for m, y in zip(drawn, at, strict=True)]
        for verdict, name in [*((v, v) for v in MARKS), (HIDDEN, LEFT_POSSIBLE)]
    }
    return _Plot(
        groups=[m.group for m in drawn],
        series={name: values for name, values in series.items() if any(values)},
        above=[
            _rounded(m.high - y) if y and m.high and isfinite(m.high) else None for m, y in zip(drawn, at, strict=True)
        ],
        below=[_rounded(y - max(m.low or 0, low)) if y else None for m, y in zip(drawn, at, strict=True)],
        low=low,
        high=high,
    )


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.3g}") if value and isfinite(value) else None


def _chart(slide, release: Release, view: Exhibit, plot: _Plot) -> None:
    """A line chart without lines: a mark for each ratio with its interval, on a logarithmic axis that crosses at 1."""
    data = CategoryChartData(number_format="0.00")
    data.categories = plot.groups
    for name, values in plot.series.items():
        data.add_series(name, values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *CHART, data)
    frame.name = f"Chart: {view.title}"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", view.alt)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(release, view, plot))
    chart.font.size = Pt(12)
    chart.has_title = False
    for series in chart.plots[0].series:
        _set_style(series)
        _add_intervals(series, plot)
    _set_axes(chart, plot, view)
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False


def _set_style(series) -> None:
    colour, shape = MARKS.get(series.name, (HIDDEN_FILL, None))
    rgb = _rgb(colour)
    series.format.line.fill.background()
    series.smooth = False
    marker = series.marker
    marker.style = getattr(XL_MARKER_STYLE, STYLES[shape]) if shape else XL_MARKER_STYLE.DASH
    marker.size = 11
    marker.format.line.color.rgb = rgb
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(OPEN) if shape == "circle-open" else rgb
    if shape:
        labels = series.data_labels
        labels.show_value = True
        labels.position = XL_LABEL_POSITION.RIGHT
        labels.number_format, labels.number_format_is_linked = RATIO_FORMAT, False


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _add_intervals(series, plot: _Plot) -> None:
    """Error bars from the last two columns of the workbook; python-pptx has none of its own."""
    colour, shape = MARKS.get(series.name, (HIDDEN_FILL, None))
    column = len(plot.series) + 1
    bars = parse_xml(
        f"<c:errBars {nsdecls('c', 'a')}><c:errDir val='y'/><c:errBarType val='both'/><c:errValType val='cust'/>"
        f"<c:noEndCap val='0'/>{_reference('plus', column, plot.above)}{_reference('minus', column + 1, plot.below)}"
        f"<c:spPr><a:ln w='{25400 if shape else 76200}'><a:solidFill><a:srgbClr val='{_rgb(colour)}'/></a:solidFill></a:ln>"
        "</c:spPr></c:errBars>"
    )
    series._element.find(qn("c:cat")).addprevious(bars)


def _reference(name: str, column: int, values: Sequence[float | None]) -> str:
    """A column of the workbook as the chart refers to it, with the values that it has."""
    letter = xl_col_to_name(column)
    points = "".join(f"<c:pt idx='{i}'><c:v>{v}</c:v></c:pt>" for i, v in enumerate(values) if v is not None)
    where = f"Sheet1!${letter}$2:${letter}${len(values) + 1}"
    return (
        f"<c:{name}><c:numRef><c:f>{where}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f"<c:ptCount val='{len(values)}'/>{points}</c:numCache></c:numRef></c:{name}>"
    )


def _set_axes(chart, plot: _Plot, view: Exhibit) -> None:
    values, groups = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = plot.low, plot.high
    values._element.find(qn("c:scaling")).insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    values.crosses_at = 1
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "General", False
    values.major_gridlines.format.line.color.rgb = _rgb("E5E6E7")
    values.has_title = True
    title = values.axis_title.text_frame
    title.text = view.axis
    title.paragraphs[0].font.size = Pt(12)
    title.paragraphs[0].font.bold = False
    groups.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    groups.format.line.color.rgb = _rgb(LINES)


def _workbook(release: Release, view: Exhibit, plot: _Plot) -> bytes:
    """The workbook behind a chart: its groups and values and nothing else, texts as texts."""
    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.set_properties(
        {"title": view.title, "author": release.manifest["service"], "comments": content.stamp(release)}
    )
    sheet = book.add_worksheet("Sheet1")
    for row, group in enumerate(plot.groups, start=1):
        sheet.write_string(row, 0, group)
    columns = plot.series | {ABOVE: plot.above, BELOW: plot.below}
    for column, (name, values) in enumerate(columns.items(), start=1):
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return package.finished(target.getvalue(), content.created(release))


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

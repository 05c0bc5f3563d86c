"""A picture as slides have it: a native chart, to be edited in place.

Its workbook holds what the chart shows and nothing else; where there is nothing to show, a gap.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, groupby
from math import ceil, floor, isfinite, log10
from operator import itemgetter

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from yjdisp.charts import LINES
from yjdisp.exhibits import Exhibit
from yjdisp.exports import content, package
from yjdisp.picture import Look, Mark, Picture
from yjdisp.release import Release

ABOVE, BELOW = "{words}: up to the upper limit", "{words}: down to the lower limit"
STYLES = {
    "circle": "CIRCLE",
    "circle-open": "CIRCLE",
    "square": "SQUARE",
    "diamond": "DIAMOND",
    "line": "NONE",
    None: "DASH",
}
OPEN = "A6A6A6"  # the inside of an open circle: white ones vanish where outlines are not drawn
FEW = 5  # labels that have room for larger type
RATIO_FORMAT = "[<2]0.00;[<10]0.0;0"
DASHES = (MSO_LINE.DASH, MSO_LINE.ROUND_DOT, MSO_LINE.DASH_DOT)


@dataclass(frozen=True)
class Series:
    """The marks of one look, label by label; None where there is nothing.

    Attributes:
        values: the estimates; for a hidden value, the upper end of what is left possible.
        above, below: how far the interval reaches.
    """

    look: Look
    values: tuple[float | None, ...]
    above: tuple[float | None, ...]
    below: tuple[float | None, ...]


@dataclass(frozen=True)
class Plot:
    """What a chart shows: its labels (each heading and label, no heading where all are the same), a series a look, and
    the ends of its axis (powers of ten on a logarithmic one)."""

    labels: tuple[tuple[str, str], ...]
    series: tuple[Series, ...]
    low: float
    high: float

    @property
    def depth(self) -> int:
        """How many columns of the workbook name the rows."""
        return 2 if any(heading for heading, _ in self.labels) else 1


def plot(shown: Picture) -> Plot:
    """Values with three significant digits. What a logarithmic axis cannot show, 0 and infinity, is in the table alone."""
    headed = len({m.heading for m in shown.marks}) > 1
    named = [((m.heading if headed else "", m.label), m) for m in shown.marks]
    labels = tuple(dict(named))
    by_look = {look: {name: m for name, m in named if m.look == look} for look in shown.looks}
    low, high = _ends(shown)
    series = (_series(look, [marks.get(label) for label in labels], shown.log, low) for look, marks in by_look.items())
    return Plot(labels, tuple(s for s in series if any(v is not None for v in s.values)), low, high)


def _ends(shown: Picture) -> tuple[float, float]:
    if not shown.log:
        return shown.limits
    ends = [x for m in shown.marks for x in map(_rounded, (m.estimate, m.low, m.high)) if x]
    return 10.0 ** floor(log10(min([0.5, *ends]))), 10.0 ** ceil(log10(max([2, *ends])))


def _series(look: Look, marks: Sequence[Mark | None], log: bool, least: float) -> Series:
    values, above, below = [], [], []
    for m in marks:
        at = None if m is None else _rounded(m.high if m.estimate is None else m.estimate)
        at = None if log and not at else at
        values.append(at)
        high, low = (None, None) if at is None else (m.high, m.low)
        above.append(_rounded(high - at) if high is not None and isfinite(high) else None)
        below.append(_rounded(at - max(low, least)) if low is not None else None)
    return Series(look, tuple(values), tuple(above), tuple(below))


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.3g}") if value is not None and isfinite(value) else None


def add(slide, place: tuple[int, int, int, int], release: Release, view: Exhibit, shown: Plot) -> None:
    """A line chart: a mark for each value with its interval. Marks are joined over time alone."""
    data = CategoryChartData(number_format="0.00")
    for heading, labels in groupby(shown.labels, itemgetter(0)):
        into = data.add_category(heading.partition(",")[0]).add_sub_category if heading else data.add_category
        for _, label in labels:
            into(label)
    for series in shown.series:
        data.add_series(series.look.words, series.values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    frame.name = f"Chart: {view.title}"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", view.alt)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(release, view, shown))
    chart.font.size = Pt(12)
    chart.has_title = False
    dashes = cycle(DASHES)
    for number, (drawn, series) in enumerate(zip(chart.plots[0].series, shown.series, strict=True)):
        _set_style(drawn, series.look, view.picture)
        if series.look.shape == "line":
            drawn.format.line.dash_style = next(dashes)
        _add_intervals(drawn, series, shown.depth + len(shown.series) + 2 * number)
    _set_axes(chart, shown, view.picture)
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False


def _set_style(drawn, look: Look, shown: Picture) -> None:
    colour, shape = look.colour, look.shape
    if shown.over_time and shape:
        drawn.format.line.color.rgb = _rgb(colour)
        drawn.format.line.width = Pt(2)
    else:
        drawn.format.line.fill.background()
    drawn.smooth = False
    marker = drawn.marker
    marker.style = getattr(XL_MARKER_STYLE, STYLES[shape])
    marker.size = 11
    marker.format.line.color.rgb = _rgb(colour)
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(OPEN if shape == "circle-open" else colour)
    if shape and not shown.over_time:
        labels = drawn.data_labels
        labels.show_value = True
        labels.position = XL_LABEL_POSITION.RIGHT
        labels.number_format, labels.number_format_is_linked = RATIO_FORMAT if shown.log else "General", False


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _add_intervals(drawn, series: Series, column: int) -> None:
    """Error bars from two columns of the workbook; python-pptx has none of its own."""
    if not any(v is not None for v in (*series.above, *series.below)):
        return
    width, colour = 25400 if series.look.shape else 76200, _rgb(series.look.colour)
    bars = parse_xml(
        f"<c:errBars {nsdecls('c', 'a')}><c:errDir val='y'/><c:errBarType val='both'/><c:errValType val='cust'/>"
        f"<c:noEndCap val='0'/>{_reference('plus', column, series.above)}{_reference('minus', column + 1, series.below)}"
        f"<c:spPr><a:ln w='{width}'><a:solidFill><a:srgbClr val='{colour}'/></a:solidFill></a:ln></c:spPr></c:errBars>"
    )
    drawn._element.find(qn("c:cat")).addprevious(bars)


def _reference(name: str, column: int, values: Sequence[float | None]) -> str:
    """A column of the workbook as the chart refers to it, with the values that it has."""
    letter = xl_col_to_name(column)
    points = "".join(f"<c:pt idx='{i}'><c:v>{v}</c:v></c:pt>" for i, v in enumerate(values) if v is not None)
    where = f"Sheet1!${letter}$2:${letter}${len(values) + 1}"
    return (
        f"<c:{name}><c:numRef><c:f>{where}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f"<c:ptCount val='{len(values)}'/>{points}</c:numCache></c:numRef></c:{name}>"
    )


def _set_axes(chart, shown: Plot, picture: Picture) -> None:
    values, labels = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = shown.low, shown.high
    if picture.log:
        values._element.find(qn("c:scaling")).insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    else:
        values.major_unit = picture.ticks[1] - picture.ticks[0]
    if picture.equal is not None:
        values.crosses_at = picture.equal
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "General", False
    values.major_gridlines.format.line.color.rgb = _rgb("E5E6E7")
    values.has_title = True
    title = values.axis_title.text_frame
    title.text = picture.axis
    title.paragraphs[0].font.size = Pt(12)
    title.paragraphs[0].font.bold = False
    labels.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    labels.tick_labels.font.size = Pt(11 if len(shown.labels) <= FEW else 9)
    labels._element.find(qn("c:txPr")).find(qn("a:bodyPr")).set("rot", "0")
    labels.format.line.color.rgb = _rgb(LINES)


def _workbook(release: Release, view: Exhibit, shown: Plot) -> bytes:
    """The workbook behind a chart: its labels and values and nothing else, texts as texts."""
    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.set_properties(
        {"title": view.title, "author": release.manifest["service"], "comments": content.stamp(release)}
    )
    sheet = book.add_worksheet("Sheet1")
    above = ""
    for row, (heading, label) in enumerate(shown.labels, start=1):
        if heading != above:
            sheet.write_string(row, 0, heading.partition(",")[0])
            above = heading
        sheet.write_string(row, shown.depth - 1, label)
    columns = [(s.look.words, s.values) for s in shown.series]
    for s in shown.series:
        columns += [(ABOVE.format(words=s.look.words), s.above), (BELOW.format(words=s.look.words), s.below)]
    for column, (name, values) in enumerate(columns, start=shown.depth):
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return package.finished(target.getvalue(), release.created)

"""The chart of ratios as slides have it: native, to be edited in place.

Its workbook holds what the chart shows and nothing else; where there is nothing to show, a gap.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
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
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from yjdisp.charts import LINES
from yjdisp.comparison import HIDDEN, Comparison
from yjdisp.exports import content, package
from yjdisp.exports.content import Exhibit
from yjdisp.exports.marks import ESTIMATED, marks, style, words
from yjdisp.release import Release

ABOVE, BELOW = "Up to the upper limit", "Down to the lower limit"
STYLES = {"circle": "CIRCLE", "circle-open": "CIRCLE", "square": "SQUARE", "diamond": "DIAMOND"}
OPEN = "A6A6A6"  # the inside of an open circle: white ones vanish where outlines are not drawn
RATIO_FORMAT = "[<2]0.00;[<10]0.0;0"


@dataclass(frozen=True)
class Plot:
    """What a chart shows, column by column, group by group; None where there is nothing.

    Attributes:
        series: the ratios, one column a verdict; for hidden counts, the upper ends of what they leave possible.
        names: what the columns are called.
        above, below: how far an interval reaches.
        low, high: the ends of the axis, powers of ten on either side of 1.
    """

    groups: list[str]
    series: dict[str, list[float | None]]
    names: dict[str, str]
    above: list[float | None]
    below: list[float | None]
    low: float
    high: float


def plot(c: Comparison) -> Plot:
    """Ratios with three significant digits. What a logarithmic axis cannot show, 0 and infinity, is in the table alone."""
    drawn = marks(c)
    at = [_rounded(m.high if m.verdict == HIDDEN else m.estimate) for m in drawn]
    ends = [x for m, y in zip(drawn, at, strict=True) if y for x in (y, _rounded(m.low), _rounded(m.high)) if x]
    low, high = 10.0 ** floor(log10(min([0.5, *ends]))), 10.0 ** ceil(log10(max([2, *ends])))
    series = {
        verdict: [y if m.verdict == verdict else None for m, y in zip(drawn, at, strict=True)]
        for verdict in (*ESTIMATED, HIDDEN)
    }
    return Plot(
        groups=[m.group for m in drawn],
        series={verdict: values for verdict, values in series.items() if any(values)},
        names={verdict: words(verdict, c) for verdict in series},
        above=[
            _rounded(m.high - y) if y and m.high and isfinite(m.high) else None for m, y in zip(drawn, at, strict=True)
        ],
        below=[_rounded(y - max(m.low or 0, low)) if y else None for m, y in zip(drawn, at, strict=True)],
        low=low,
        high=high,
    )


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.3g}") if value and isfinite(value) else None


def add(slide, place: tuple[int, int, int, int], release: Release, view: Exhibit, shown: Plot) -> None:
    """A line chart without lines: a mark for each ratio with its interval, on a logarithmic axis that crosses at 1."""
    data = CategoryChartData(number_format="0.00")
    data.categories = shown.groups
    for verdict, values in shown.series.items():
        data.add_series(shown.names[verdict], values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    frame.name = f"Chart: {view.title}"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", view.alt)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(release, view, shown))
    chart.font.size = Pt(12)
    chart.has_title = False
    for series, verdict in zip(chart.plots[0].series, shown.series, strict=True):
        _set_style(series, *style(verdict))
        _add_intervals(series, shown, *style(verdict))
    _set_axes(chart, shown, view)
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False


def _set_style(series, colour: str, shape: str | None) -> None:
    series.format.line.fill.background()
    series.smooth = False
    marker = series.marker
    marker.style = getattr(XL_MARKER_STYLE, STYLES[shape]) if shape else XL_MARKER_STYLE.DASH
    marker.size = 11
    marker.format.line.color.rgb = _rgb(colour)
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(OPEN if shape == "circle-open" else colour)
    if shape:
        labels = series.data_labels
        labels.show_value = True
        labels.position = XL_LABEL_POSITION.RIGHT
        labels.number_format, labels.number_format_is_linked = RATIO_FORMAT, False


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _add_intervals(series, shown: Plot, colour: str, shape: str | None) -> None:
    """Error bars from the last two columns of the workbook; python-pptx has none of its own."""
    column = len(shown.series) + 1
    bars = parse_xml(
        f"<c:errBars {nsdecls('c', 'a')}><c:errDir val='y'/><c:errBarType val='both'/><c:errValType val='cust'/>"
        f"<c:noEndCap val='0'/>{_reference('plus', column, shown.above)}{_reference('minus', column + 1, shown.below)}"
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


def _set_axes(chart, shown: Plot, view: Exhibit) -> None:
    values, groups = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = shown.low, shown.high
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


def _workbook(release: Release, view: Exhibit, shown: Plot) -> bytes:
    """The workbook behind a chart: its groups and values and nothing else, texts as texts."""
    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.set_properties(
        {"title": view.title, "author": release.manifest["service"], "comments": content.stamp(release)}
    )
    sheet = book.add_worksheet("Sheet1")
    for row, group in enumerate(shown.groups, start=1):
        sheet.write_string(row, 0, group)
    columns = {shown.names[verdict]: values for verdict, values in shown.series.items()}
    columns |= {ABOVE: shown.above, BELOW: shown.below}
    for column, (name, values) in enumerate(columns.items(), start=1):
        sheet.write_string(0, column, name)
        for row, value in enumerate(values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return package.finished(target.getvalue(), content.created(release))

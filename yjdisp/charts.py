"""Plotly figures from comparisons. Every chart of a ratio shows intervals, and a hidden count as what is known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10

import pandas as pd
import plotly.graph_objects as go

from yjdisp import wording
from yjdisp.comparison import HIDDEN, IN_LINE, NO_BASELINE, OVER, REFERENCE, TOO_FEW, UNDER, Comparison
from yjdisp.vocabulary import LABELS

INK, LINES, BAND_FILL, HIDDEN_FILL = "#0b0c0c", "#767676", "#eef2f6", "#949494"
MARKS = {
    OVER: ("#801650", "circle", "●"),
    UNDER: ("#00626e", "diamond", "◆"),
    IN_LINE: ("#12436D", "square", "■"),
    TOO_FEW: ("#3D3D3D", "circle-open", "○"),
    HIDDEN: (HIDDEN_FILL, "line-ew", "┅"),
}
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
LEAST, MOST = 0.1, 20
LABEL_WIDTH = 32
LINE, BAR, GAP, SPACE, HEADING, AXIS = 18, 14, 16, 10, 34, 52


@dataclass(frozen=True)
class _Mark:
    """One row of the chart: texts, and where its bar lies, in units of the axis and pixels from the top."""

    label: str
    text: str
    verdict: str
    at: float
    estimate: float
    low: float
    high: float


def ratios(comparisons: Sequence[Comparison]) -> go.Figure:
    """Every group's ratio as a dot with its interval on a log axis; a hidden count as the range that is left to it.

    The height grows with the rows and labels stand above their bars, so that it reads on a phone as on a wall.
    """
    figure = go.Figure()
    marks, height = [], 8
    for c in comparisons:
        if len(comparisons) > 1:
            height += SPACE
            _text(figure, 0, height + 14, f"<b>{LABELS[c.by]}</b>, against {wording.who(c.reference)}", "left")
            height += HEADING
        for row in c.table.to_dict("records"):
            if row["verdict"] == NO_BASELINE:
                continue
            label = textwrap.wrap(row["group"], LABEL_WIDTH)
            bar = height + LINE * len(label) + BAR / 2
            _text(figure, 0, height + LINE * len(label), "<br>".join(label), "left")
            _text(figure, 1, height + LINE * len(label), _value(row), "right")
            marks.append(_mark(row, bar))
            height += LINE * len(label) + BAR + GAP
    left, right = _limits(marks)
    for verdict in MARKS:
        _draw(figure, [m for m in marks if m.verdict == verdict], verdict, left, right)
    unit = comparisons[0].unit
    title = "Times as likely" if unit == "children" else f"Times as many {unit} per child"
    return _finished(figure, f"{title}: less ← 1 → more", left, right, height)


def key(comparisons: Sequence[Comparison]) -> tuple[tuple[str, str, str], ...]:
    """What the marks of the chart mean: sign, colour and words of each verdict that it shows."""
    unit = comparisons[0].unit
    there = {verdict for c in comparisons for verdict in c.table["verdict"]}
    words = {HIDDEN: "hidden count: what it leaves possible", TOO_FEW: TOO_FEW.replace("children", unit)}
    return tuple((sign, colour, words.get(v, v)) for v, (colour, _, sign) in MARKS.items() if v in there)


def _mark(row: Mapping, at: float) -> _Mark:
    if row["verdict"] == HIDDEN:
        low, high = row["rri_least"], row["rri_most"]
    else:
        low, high = row["rri_low"], row["rri_high"]
    return _Mark(row["group"], _value(row), row["verdict"], at, row["rri"], low, high)


def _value(row: Mapping) -> str:
    """The direct label of a row."""
    if row["verdict"] == REFERENCE:
        return "compared with"
    if row["verdict"] == HIDDEN and pd.notna(row["count"]):
        return "a number behind it is hidden"
    if row["verdict"] == HIDDEN:
        return f"hidden count: {wording.bounds(row)}" if wording.bounds(row) else "hidden count"
    if pd.isna(row["rri_low"]):
        return "no comparison"
    low, high = row["rri_low"], row["rri_high"]
    if not isfinite(high):
        return f"at least {wording.ratio(low)}"
    if row["count"] == 0:
        return f"none; up to {wording.ratio(high)}"
    bold = ("<b>", "</b>") if row["verdict"] in (OVER, UNDER) else ("", "")
    return f"{bold[0]}{wording.ratio(row['rri'])}{bold[1]} ({wording.span(low, high)})"


def _limits(marks: Sequence[_Mark]) -> tuple[float, float]:
    """The ends of the axis: ticks around everything that is drawn, but never beyond what can still be read."""
    ends = [x for m in marks for x in (m.estimate, m.low, m.high) if isfinite(x) and x > 0]
    low, high = max(LEAST, min(ends, default=1)), min(MOST, max(ends, default=1))
    return (
        max((t for t in TICKS if t <= min(low, 0.5)), default=LEAST) * 0.9,
        min((t for t in TICKS if t >= max(high, 2)), default=MOST) * 1.1,
    )


def _draw(figure: go.Figure, marks: Sequence[_Mark], verdict: str, left: float, right: float) -> None:
    """The bars of one verdict as one trace, their dots and the arrows of open or cut ends as two others."""
    marks = [m for m in marks if not pd.isna(m.low)]
    if not marks:
        return
    colour, symbol, _ = MARKS[verdict]
    ends = [(max(m.low, left), min(m.high, right)) for m in marks]
    figure.add_scatter(
        x=[x for low, high in ends for x in (low, high, None)],
        y=[y for m in marks for y in (m.at, m.at, None)],
        mode="lines",
        line={"color": colour, "width": 6, "dash": "3px,3px"} if verdict == HIDDEN else {"color": colour, "width": 2},
        hoverinfo="skip",
    )
    if verdict == HIDDEN:
        return
    dots = [m for m in marks if left <= m.estimate <= right]
    figure.add_scatter(
        x=[m.estimate for m in dots] or [None],
        y=[m.at for m in dots] or [None],
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 12, "line": {"color": colour, "width": 2}},
        text=[f"{m.label}: {m.text}" for m in dots],
        hovertemplate="%{text}<extra></extra>",
    )
    arrows = list(_arrows(marks, left, right))
    if arrows:
        figure.add_scatter(
            x=[x for x, _, _ in arrows],
            y=[y for _, y, _ in arrows],
            mode="markers",
            marker={"color": colour, "symbol": [s for _, _, s in arrows], "size": 10},
            hoverinfo="skip",
            cliponaxis=False,
        )


def _arrows(marks: Sequence[_Mark], left: float, right: float) -> Iterator[tuple[float, float, str]]:
    for m in marks:
        if m.low < left:
            yield left, m.at, "triangle-left"
        if m.high > right:
            yield right, m.at, "triangle-right"


def _text(figure: go.Figure, x: float, y: float, text: str, side: str) -> None:
    figure.add_annotation(
        x=x, y=y, xref="paper", yref="y", text=text, showarrow=False, xanchor=side, yanchor="bottom", align=side
    )


def _finished(figure: go.Figure, title: str, left: float, right: float, height: float) -> go.Figure:
    band = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    figure.add_shape(type="rect", x0=wording.BAND[0], x1=wording.BAND[1], fillcolor=BAND_FILL, line_width=0, **band)
    figure.add_shape(type="line", x0=1, x1=1, line={"color": LINES, "width": 2}, **band)
    ticks = [t for t in TICKS if left <= t <= right]
    return figure.update_layout(
        height=height + AXIS,
        margin={"l": 4, "r": 4, "t": 4, "b": AXIS - 4},
        font={"family": "Source Sans, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        dragmode=False,
        showlegend=False,
        xaxis={
            "type": "log",
            "range": [log10(left), log10(right)],
            "tickvals": ticks,
            "ticktext": [f"{t:g}" for t in ticks],
            "title": {"text": title, "font": {"size": 14}, "standoff": 4},
            "gridcolor": "#e5e6e7",
            "fixedrange": True,
            "zeroline": False,
        },
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
    )

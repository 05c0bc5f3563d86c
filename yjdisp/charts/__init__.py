"""Plotly figures of pictures. Every chart of a ratio shows intervals, and a hidden count as what is known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10

import pandas as pd
import plotly.graph_objects as go

from yjdisp import wording
from yjdisp.comparison import HIDDEN, IN_LINE, NO_BASELINE, OVER, OVERLAPS, REFERENCE, TOO_FEW, UNDER, Comparison
from yjdisp.picture import Look, Mark, Picture
from yjdisp.vocabulary import LABELS
from yjdisp.wording import comparison as wording_comparison

INK, LINES, BAND_FILL, HIDDEN_FILL = "#0b0c0c", "#767676", "#eef2f6", "#949494"
MARKS = {
    OVER: ("#801650", "circle", "●"),
    UNDER: ("#00626e", "diamond", "◆"),
    IN_LINE: ("#12436D", "square", "■"),
    TOO_FEW: ("#3D3D3D", "circle-open", "○"),
    HIDDEN: (HIDDEN_FILL, "line-ew", "┅"),
}
SIGNS = {shape: sign for _, shape, sign in MARKS.values()} | {None: MARKS[HIDDEN][2]}
BAND_WORDS = "from {:.2f} to {:.2f} times: in line"
LABEL_WIDTH, ROW_WIDTH, SHORTEST_LABEL = 32, 50, 16  # letters: a label, a label and its text on a phone
LINE, BAR, GAP, SPACE, HEADING, AXIS = 18, 14, 16, 10, 34, 52


def picture(comparisons: Sequence[Comparison]) -> Picture:
    """What the chart of ratios shows; what has no baseline, or children of the reference group, is not drawn."""
    first = comparisons[0]
    several = len(comparisons) > 1
    marks = [
        mark(row, wording_comparison.finding(row, c), f"{LABELS[c.by]}, against {wording.who(c.reference)}" * several)
        for c in comparisons
        for row in c.table.to_dict("records")
        if row["verdict"] not in (NO_BASELINE, OVERLAPS)
    ]
    of_children = first.unit == "children" and not first.baseline.is_caseload
    axis = f"{wording_comparison.ratio_name(first)} (1 = equally {'likely' if of_children else 'many'})"
    return Picture(tuple(marks), axis, band=wording.BAND)


def mark(row: Mapping, finding: str, heading: str = "") -> Mark:
    """A row of a comparison as a mark: its ratio with its interval; the range that is left to a hidden one.

    Args:
        finding: its verdict in words.
    """
    hidden = row["verdict"] == HIDDEN
    low, high = (row["rri_least"], row["rri_most"]) if hidden else (row["rri_low"], row["rri_high"])
    ends = (None if pd.isna(x) else float(x) for x in (row["rri"], low, high))
    strong = row["verdict"] in (OVER, UNDER)
    drawn = look(row["verdict"], finding)
    return Mark(row["group"], value(row), drawn, *ends, heading=heading, strong=strong, hidden=hidden)


def look(verdict: str, finding: str = "") -> Look:
    """How a verdict is drawn, and what the mark stands for."""
    colour, shape, _ = MARKS.get(verdict, (HIDDEN_FILL, None, ""))
    if verdict == HIDDEN:
        return Look("hidden count: what it leaves possible", colour, None)
    return Look(finding or verdict, colour, shape)


def signs(shown: Picture) -> tuple[tuple[str, str, str], ...]:
    """What the marks of a picture and its band mean: sign, colour and words of each that it shows."""
    band = [("▒", LINES, BAND_WORDS.format(*shown.band))] if shown.band else []
    return (*((SIGNS[look.shape], look.colour, look.words) for look in shown.looks), *band)


def value(row: Mapping) -> str:
    """The ratio of a row in words, to stand beside its mark."""
    if row["verdict"] == REFERENCE:
        return "compared with"
    if row["verdict"] == HIDDEN and pd.notna(row["count"]):
        return "a number behind it is hidden"
    if row["verdict"] == HIDDEN:
        return f"hidden count: {wording.bounds(row)}" if wording.bounds(row) else "hidden count"
    if pd.isna(row["rri_low"]):
        return "no comparison"
    low, high = row["rri_low"], row["rri_high"]
    if row["count"] == 0 and isfinite(high):
        return f"none; up to {wording.ratio(high)}"
    return wording.with_interval(row["rri"], low, high)


@dataclass(frozen=True)
class _Row:
    """A mark and where its bar lies, in pixels from the top."""

    mark: Mark
    at: float


def rows(shown: Picture) -> go.Figure:
    """A picture as a mark a row, under its heading if it has one.

    The height grows with the rows and labels stand above their bars, so that it reads on a phone as on a wall.
    """
    figure = go.Figure()
    placed, height, heading = [], 8, ""
    for m in shown.marks:
        if m.heading != heading:
            height += SPACE
            first, comma, rest = m.heading.partition(",")
            _text(figure, 0, height + 14, f"<b>{first}</b>{comma}{rest}", "left")
            height, heading = height + HEADING, m.heading
        label = textwrap.wrap(m.label, max(min(LABEL_WIDTH, ROW_WIDTH - len(m.text)), SHORTEST_LABEL))
        _text(figure, 0, height + LINE * len(label), "<br>".join(label), "left")
        _text(figure, 1, height + LINE * len(label), _emphasised(m), "right")
        placed.append(_Row(m, height + LINE * len(label) + BAR / 2))
        height += LINE * len(label) + BAR + GAP
    left, right = _margins(shown)
    for kind in shown.looks:
        _draw(figure, [row for row in placed if row.mark.look == kind], kind, left, right)
    return _finished(figure, shown, left, right, height)


def _emphasised(m: Mark) -> str:
    """The text of a mark with its figure in bold where it stands out."""
    figure, bracket, rest = m.text.partition(" (")
    return f"<b>{figure}</b>{bracket}{rest}" if m.strong and bracket else m.text


def _margins(shown: Picture) -> tuple[float, float]:
    """The ends of the axis, a little beyond its ticks."""
    left, right = shown.limits
    if shown.log:
        return left * 0.9, right * 1.1
    room = 0.03 * (right - left)
    return left - room, right + room


def _draw(figure: go.Figure, placed: Sequence[_Row], kind: Look, left: float, right: float) -> None:
    """The bars of one kind as one trace, their dots and the arrows of open or cut ends as two others."""
    barred = [row for row in placed if row.mark.low is not None]
    ends = [[min(max(end, left), right) for end in (row.mark.low, row.mark.high)] for row in barred]
    figure.add_scatter(
        x=[x for low, high in ends for x in (low, high, None)],
        y=[y for row in barred for y in (row.at, row.at, None)],
        mode="lines",
        line={"color": kind.colour, "width": 2}
        if kind.shape
        else {"color": kind.colour, "width": 6, "dash": "3px,3px"},
        hoverinfo="skip",
    )
    if kind.shape:
        dots = [row for row in placed if row.mark.estimate is not None and left <= row.mark.estimate <= right]
        figure.add_scatter(
            x=[row.mark.estimate for row in dots] or [None],
            y=[row.at for row in dots] or [None],
            mode="markers",
            marker={"color": kind.colour, "symbol": kind.shape, "size": 12, "line": {"color": kind.colour, "width": 2}},
            text=[f"{row.mark.label}: {row.mark.text}" for row in dots],
            hovertemplate="%{text}<extra></extra>",
        )
    arrows = list(_arrows(barred, left, right))
    if arrows:
        figure.add_scatter(
            x=[x for x, _, _ in arrows],
            y=[y for _, y, _ in arrows],
            mode="markers",
            marker={"color": kind.colour, "symbol": [s for _, _, s in arrows], "size": 10},
            hoverinfo="skip",
            cliponaxis=False,
        )


def _arrows(placed: Sequence[_Row], left: float, right: float) -> Iterator[tuple[float, float, str]]:
    for row in placed:
        at_left, at_right = row.mark.cut(left, right)
        if at_left:
            yield left, row.at, "triangle-left"
        if at_right:
            yield right, row.at, "triangle-right"


def _text(figure: go.Figure, x: float, y: float, text: str, side: str) -> None:
    figure.add_annotation(
        x=x, y=y, xref="paper", yref="y", text=text, showarrow=False, xanchor=side, yanchor="bottom", align=side
    )


def _finished(figure: go.Figure, shown: Picture, left: float, right: float, height: float) -> go.Figure:
    across = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    if shown.band:
        low, high = shown.band
        edge = {"color": HIDDEN_FILL, "width": 1, "dash": "2px,3px"}
        figure.add_shape(type="rect", x0=low, x1=high, fillcolor=BAND_FILL, line=edge, **across)
    if shown.equal is not None:
        line = {"color": LINES, "width": 2}
        figure.add_shape(type="line", x0=shown.equal, x1=shown.equal, line=line, **across)
    title = f"{shown.axis.split(' (')[0]}: less ← 1 → more" if shown.log else shown.axis
    return figure.update_layout(
        height=height + AXIS,
        margin={"l": 4, "r": 4, "t": 4, "b": AXIS - 4},
        font={"family": "Source Sans, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        dragmode=False,
        showlegend=False,
        xaxis={
            "type": "log" if shown.log else "linear",
            "range": [log10(left), log10(right)] if shown.log else [left, right],
            "tickvals": shown.ticks,
            "ticktext": [f"{t:g}" for t in shown.ticks],
            "title": {"text": title, "font": {"size": 14}, "standoff": 4},
            "gridcolor": "#e5e6e7",
            "fixedrange": True,
            "zeroline": False,
        },
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
    )

"""The figure of a trend: points with their intervals, hidden ones as what is left possible, published lines, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from yjdisp import change
from yjdisp.charts import HIDDEN_FILL, INK, LINES
from yjdisp.picture import Look, Mark, Picture
from yjdisp.trends import Trend
from yjdisp.wording import trends as wording_trends

LINE, SIGN, ACTION, TARGET = "#12436D", "#801650", "#28A197", "#B3420B"
AXES = {"share": "Share, %", "rate": "Per 1,000 of the population"}
LIMITS = ("centre", "upper control limit", "lower control limit")
DASHES = ("dash", "dot", "dashdot")
PLOT, TICKS, ACTION_ROW, LEGEND_ROW = 380, 44, 38, 24  # heights in pixels
MARGIN = 0.3  # of the distance between two points, left free at both ends
MOST_TICKS = 8


@dataclass(frozen=True)
class Drawn:
    """An action on the chart: its label, and its dates (in years) and values in the terms of the trend, or None."""

    label: str
    start: float | None
    until: float | None
    baseline: float | None = None
    target: float | None = None


def line(of: Trend, actions: Sequence[Drawn] = ()) -> go.Figure:
    """The trend of one measure. Lines are broken at gaps; actions are bands from start to target date below the points."""
    figure = go.Figure()
    left, right = _ends(of)
    _published(figure, of)
    _limits(figure, of)
    _hidden(figure, of)
    _points(figure, of)
    _actions(figure, actions, left, right)
    return _finished(figure, of, left, right, sum(_drawable(a, right) for a in actions))


def picture(of: Trend) -> Picture:
    """The same points, published lines and control limits as files draw them: hidden points as what is left possible."""
    own = Look(f"this service, with {100 * of.confidence:g}% intervals", LINE, "circle")
    hidden = Look("hidden count: what is left possible", HIDDEN_FILL, None)
    rows = of.points.to_dict("records")
    marks = [_mark(of, row, own, hidden) for row in rows]
    for name, values in wording_trends.beside(of):
        marks += _line_of(f"share of the population, {name}", of, values)
    made = change.chart(of)
    for name, values in zip(LIMITS, (made[0].centre, made[0].upper, made[0].lower) if made else (), strict=False):
        marks += _line_of(name, of, values)
    return Picture(tuple(marks), _axis(of), log=False, equal=None, over_time=True)


def _axis(of: Trend) -> str:
    return AXES.get(of.measure) or wording_trends.heading(of)


def _mark(of: Trend, row: Mapping, own: Look, hidden: Look) -> Mark:
    known = pd.notna(row["value"])
    names = ("value", "value_low", "value_high") if known else ("least", "most")
    ends = [_scale(of) * float(row[name]) for name in names]
    if not np.isfinite(ends[-1]) and not known:
        ends = [None, None]
    text = wording_trends.value(of, row)
    unseen = bool(row["hidden"]) and not known
    look = hidden if unseen else own
    return Mark(_short(row["period"]), text, look, *(ends if known else (None, *ends)), hidden=unseen)


def _short(period: str) -> str:
    return period.removeprefix("year to ")


def _line_of(name: str, of: Trend, values: Sequence[float]) -> list[Mark]:
    look = Look(name, LINES, "line")
    return [
        Mark(_short(period), "", look, _scale(of) * float(value))
        for period, value in zip(of.points["period"], values, strict=True)
        if pd.notna(value)
    ]


def _ends(of: Trend) -> tuple[float, float]:
    at = of.points["at"]
    step = (at.max() - at.min()) / max(len(at) - 1, 1) or 1.0
    return at.min() - MARGIN * step, at.max() + MARGIN * step


def _scale(of: Trend) -> float:
    return 100 if of.measure == "share" else 1


def _published(figure: go.Figure, of: Trend) -> None:
    for (area, rows), dash in zip(of.published.groupby("area", sort=False), cycle(DASHES), strict=False):
        figure.add_scatter(
            x=rows["at"],
            y=_scale(of) * rows["value"],
            mode="lines",
            line={"color": LINES, "width": 2, "dash": dash},
            name=f"share of the population, {area}",
            hovertemplate="%{y:.1f}<extra>" + area + "</extra>",
        )


def _limits(figure: go.Figure, of: Trend) -> None:
    made = change.chart(of)
    if made is None:
        return
    for ends, name, width in (
        (made[0].centre, "centre", 1.5),
        (made[0].lower, "control limits", 1),
        (made[0].upper, "", 1),
    ):
        figure.add_scatter(
            x=of.points["at"],
            y=_scale(of) * ends,
            mode="lines",
            line={"color": LINES, "width": width, "shape": "hvh" if name != "centre" else "linear"},
            name=name,
            showlegend=bool(name),
            hoverinfo="skip",
        )


def _hidden(figure: go.Figure, of: Trend) -> None:
    rows = of.points[of.points["value"].isna() & np.isfinite(of.points["least"]) & np.isfinite(of.points["most"])]
    if rows.empty:
        return
    figure.add_scatter(
        x=[x for at in rows["at"] for x in (at, at, None)],
        y=[y for ends in rows[["least", "most"]].to_numpy() for y in (*(_scale(of) * ends), None)],
        mode="lines",
        line={"color": HIDDEN_FILL, "width": 8},
        name="hidden count: what is left possible",
        hoverinfo="skip",
    )


def _points(figure: go.Figure, of: Trend) -> None:
    rows, scale = of.points, _scale(of)
    made = change.chart(of)
    signs = [cause in wording_trends.CAUSES for cause in made[1]] if made else [False] * len(rows)
    figure.add_scatter(
        x=rows["at"],
        y=[None if pd.isna(v) else scale * v for v in rows["value"]],
        mode="lines+markers",
        connectgaps=False,
        line={"color": LINE, "width": 2},
        marker={
            "color": [SIGN if sign else LINE for sign in signs],
            "symbol": ["diamond" if sign else "circle" for sign in signs],
            "size": 11,
        },
        error_y={
            "array": (scale * (rows["value_high"] - rows["value"])).fillna(0).tolist(),
            "arrayminus": (scale * (rows["value"] - rows["value_low"])).fillna(0).tolist(),
            "color": LINE,
            "thickness": 1.5,
            "width": 5,
        },
        name=f"this service, with {100 * of.confidence:g}% intervals",
        text=[f"{row['period']}: {wording_trends.value(of, row)}" for row in rows.to_dict("records")],
        hovertemplate="%{text}<extra></extra>",
    )


def _drawable(action: Drawn, right: float) -> bool:
    return action.start is not None and action.start <= right


def _actions(figure: go.Figure, actions: Sequence[Drawn], left: float, right: float) -> None:
    """Each action as a bar below the axis under its label, a thin line where it starts, and its line to the target."""
    for i, action in enumerate(a for a in actions if _drawable(a, right)):
        start, until = max(action.start, left), max(min(action.until or right, right), left)
        y = -(TICKS + (i + 1) * ACTION_ROW) / PLOT
        here = {"xref": "x", "yref": "paper", "type": "line"}
        figure.add_shape(x0=start, x1=until, y0=y, y1=y, line={"color": ACTION, "width": 6}, **here)
        if action.start >= left:
            mark = {"color": ACTION, "width": 1, "dash": "dot"}
            figure.add_shape(x0=start, x1=start, y0=y, y1=1, line=mark, layer="below", **here)
        figure.add_annotation(
            x=left, y=y, xref="x", yref="paper", text=action.label, showarrow=False, xanchor="left", yanchor="bottom"
        )
    targets = [a for a in actions if None not in (a.start, a.until, a.baseline, a.target)]
    if targets:
        figure.add_scatter(
            x=[x for a in targets for x in (a.start, a.until, None)],
            y=[y for a in targets for y in (a.baseline, a.target, None)],
            mode="lines",
            line={"color": TARGET, "width": 2, "dash": "longdash"},
            name="from baseline to target",
            hoverinfo="skip",
        )


def _finished(figure: go.Figure, of: Trend, left: float, right: float, actions: int) -> go.Figure:
    rows = of.points.iloc[:: -(-len(of.points) // MOST_TICKS)]
    below = TICKS + actions * ACTION_ROW + 16 + LEGEND_ROW * sum(trace.showlegend is not False for trace in figure.data)
    return figure.update_layout(
        height=PLOT + below + 8,
        margin={"l": 4, "r": 4, "t": 8, "b": below},
        font={"family": "Source Sans, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        showlegend=True,
        xaxis={
            "range": [left, right],
            "tickvals": rows["at"].tolist(),
            "ticktext": [_short(p) for p in rows["period"]],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "linecolor": LINES,
        },
        yaxis={
            "rangemode": "tozero",
            "title": {"text": _axis(of), "font": {"size": 14}},
            "automargin": True,
            "gridcolor": "#e5e6e7",
            "fixedrange": True,
            "zeroline": False,
        },
    )

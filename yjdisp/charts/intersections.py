"""The figure of two characteristics at once: tiles, coloured only where size and certainty agree."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from yjdisp import wording
from yjdisp.charts import BAND_FILL, INK, LINES, mark
from yjdisp.comparison import HIDDEN, IN_LINE, NOBODY, OVER, TOO_FEW, UNDER
from yjdisp.intersections import Intersections
from yjdisp.picture import Picture
from yjdisp.vocabulary import LABELS
from yjdisp.wording import intersections as wording_intersections

MORE, LESS = ("#d3adc3", "#a8527f", "#801650"), ("#a9d2d6", "#4f979f", "#00626e")
STEPS = (2, 4)  # ratios (or one over them) from which a tint is stronger
WHITE = "white"
CELL, ROW, LETTER = 64, 24, 15  # pixels: a cell, the label above a row, the line height of a column's name
COLUMN_WIDTH = {1: 40, 2: 22, 3: 14, 4: 11}  # characters that the name of one of so many columns has in a line


def picture(found: Intersections) -> Picture:
    """The tiles as rows with their intervals, for files."""
    marks = (
        mark(row | {"group": row["value"]}, wording_intersections.finding(row), row["group"])
        for row in found.table.to_dict("records")
    )
    return Picture(tuple(marks), "Times as often as among all others (1 = equally often)", band=wording.BAND)


def heat_map(found: Intersections) -> go.Figure:
    """Every pair as a tile: coloured only where size and certainty agree, hatched where hidden, with its interval.

    The names of the rows stand above their tiles, so that it reads on a phone as on a wall.
    """
    groups, values = (list(dict.fromkeys(found.table[c])) for c in ("group", "value"))
    names = [textwrap.wrap(value, COLUMN_WIDTH.get(len(values), 9)) for value in values]
    head = LETTER * max(map(len, names)) + 8
    figure = go.Figure()
    tops = {group: head + i * (ROW + CELL) for i, group in enumerate(groups)}
    for group, top in tops.items():
        _text(figure, -0.5, top + ROW, group, "left", "bottom")
    for i, name in enumerate(names):
        _text(figure, i, 0, "<br>".join(name), "center", "top")
    for row in found.table.to_dict("records"):
        at, top = values.index(row["value"]), tops[row["group"]] + ROW
        _tile(figure, row, at, top, found)
        _text(figure, at, top + CELL / 2, _words(row), "center", "middle", _ink(row))
    height = head + len(groups) * (ROW + CELL)
    return figure.update_layout(
        height=height + 8,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        font={"family": "Source Sans, sans-serif", "size": 14, "color": INK},
        paper_bgcolor=WHITE,
        plot_bgcolor=WHITE,
        dragmode=False,
        showlegend=False,
        barmode="overlay",
        xaxis={"range": [-0.5, len(values) - 0.5], "visible": False, "fixedrange": True},
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
    )


def heat_key(found: Intersections) -> tuple[tuple[str, str, str], ...]:
    """What the colours of the heat map mean: sign, colour and words of each that it shows."""
    there = set(found.table["verdict"])
    signs = {
        OVER: ("■", MORE[2], "more often together (darker: from 2 and from 4 times)"),
        UNDER: ("■", LESS[2], "less often together (darker: to a half and to a quarter)"),
        IN_LINE: ("□", LINES, "in line"),
        TOO_FEW: ("□", LINES, TOO_FEW),
        HIDDEN: ("▨", LINES, "hidden count: what it leaves possible"),
    }
    kept = {verdict: sign for verdict, sign in signs.items() if verdict in there}
    if IN_LINE in kept and TOO_FEW in kept:
        kept[IN_LINE] = ("□", LINES, f"in line, or {TOO_FEW}")
        del kept[TOO_FEW]
    return tuple(kept.values())


def _tile(figure: go.Figure, row: Mapping, at: float, top: float, found: Intersections) -> None:
    hidden = row["verdict"] == HIDDEN
    text = f"{row['group']}, {LABELS[found.columns].lower()} {row['value']}: {wording_intersections.numbers(row)}"
    figure.add_bar(
        x=[at],
        y=[CELL],
        base=[top],
        width=0.98,
        marker={
            "color": _fill(row),
            "line": {"color": LINES, "width": 1},
            "pattern": {"shape": "/" if hidden else "", "fgcolor": "#d0d0d0", "size": 9, "solidity": 0.2},
        },
        hovertext=[text],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _strength(row: Mapping) -> int:
    ratio = row["rri"] if row["verdict"] == OVER else 1 / max(row["rri"], 1e-9)
    return sum(ratio >= step for step in STEPS)


def _fill(row: Mapping) -> str:
    if row["verdict"] not in (OVER, UNDER):
        return BAND_FILL if row["verdict"] == IN_LINE else WHITE
    return (MORE if row["verdict"] == OVER else LESS)[_strength(row)]


def _ink(row: Mapping) -> str:
    return WHITE if row["verdict"] in (OVER, UNDER) and _strength(row) == len(STEPS) else INK


def _words(row: Mapping) -> str:
    """What a tile says: the ratio above its interval, or the hidden count above what it leaves possible."""
    if row["verdict"] == HIDDEN:
        count = wording.bounds(row).replace("between ", "").replace(" and ", "–") if pd.isna(row["count"]) else ""
        possible = "" if pd.isna(row["rri_least"]) else wording.possible(row["rri_least"], row["rri_most"])
        return f"[c] {count}<br>{possible}" if pd.isna(row["count"]) else "a number behind<br>it is hidden"
    if pd.isna(row["rri_low"]):
        return NOBODY
    interval = wording.span(row["rri_low"], row["rri_high"])
    if pd.isna(row["rri"]) or row["rri"] == float("inf"):
        return f"at least {wording.ratio(row['rri_low'])}"
    bold = ("<b>", "</b>") if row["verdict"] in (OVER, UNDER) else ("", "")
    return f"{bold[0]}{wording.ratio(row['rri'])}{bold[1]}<br>{interval}"


def _text(figure: go.Figure, x: float, y: float, text: str, side: str, stand: str, colour: str = INK) -> None:
    figure.add_annotation(
        x=x, y=y, text=text, showarrow=False, xanchor=side, yanchor=stand, align=side, font={"color": colour}
    )

"""Pictures of shares, of services side by side, of a caseload beside others and of rates; and the funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

import pandas as pd
import plotly.graph_objects as go

from yjdisp import charts, comparison, wording
from yjdisp.areas import BEYOND_95, BEYOND_998, INSIDE, Areas
from yjdisp.charts import HIDDEN_FILL
from yjdisp.comparison import Comparison
from yjdisp.indicators import Facts, Rates
from yjdisp.picture import Look, Mark, Picture
from yjdisp.vocabulary import LABELS, UNKNOWN
from yjdisp.wording import indicators as wording_indicators
from yjdisp.wording import places as wording_places

SHARE = Look("this caseload, with its 95% interval", "#12436D", "square")
MEAN = replace(SHARE, words="this caseload")
HIDDEN = Look("hidden count: what it leaves possible", HIDDEN_FILL, None)
PUBLISHED = Look("a published caseload", "#801650", "diamond")
PLACES = {
    INSIDE: Look("within what chance allows", "#12436D", "square"),
    BEYOND_95: Look(f"{BEYOND_95} of chance", "#801650", "circle-open"),
    BEYOND_998: Look(f"{BEYOND_998} of chance", "#801650", "circle"),
    "": Look("not compared", "#3D3D3D", "circle-open"),
}
BANDS = (("_998", "#e3e7ec"), ("", "#c3cbd4"))  # the limits of chance, the wider first
BAND_WIDTH = 12


def shares(c: Comparison) -> Picture:
    """The share of each known group in the caseload, for groups that no population is known of."""
    rows = [row for row in c.table.to_dict("records") if row["group"] != UNKNOWN]
    return Picture(tuple(map(_share, rows)), f"Share of the {c.unit}, %", log=False, equal=None)


def _share(row: Mapping) -> Mark:
    if pd.isna(row["share_low"]):
        text = f"hidden count: {wording.bounds(row)}" if pd.isna(row["count"]) else ""
        return Mark(row["group"], text, HIDDEN, hidden=True)
    ends = (100 * row[name] for name in ("share", "share_low", "share_high"))
    text = f"{wording.percent(row['share'])} ({wording.span(row['share_low'], row['share_high'], wording.percent)})"
    return Mark(row["group"], text, SHARE, *ends)


def areas(found: Areas) -> Picture:
    """Services from the largest to the smallest, then published caseloads elsewhere."""
    rows = found.table.sort_values("size", ascending=False, na_position="last", kind="stable").to_dict("records")
    elsewhere = [
        Mark(f"{other.area}, published shares", wording.ratio(other.rri), PUBLISHED, other.rri)
        for other in found.elsewhere
    ]
    return Picture((*map(_area, rows), *elsewhere), "Times as likely (1 = equally likely)", band=wording.BAND)


def _area(row: Mapping) -> Mark:
    size = "" if pd.isna(row["size"]) else f" ({row['size']:,} {'child' if row['size'] == 1 else 'children'})"
    hidden = pd.isna(row["rri"]) and pd.notna(row["rri_least"])
    names = ("rri", "rri_least", "rri_most") if hidden else ("rri", "rri_low", "rri_high")
    ends = (None if pd.isna(row[name]) else float(row[name]) for name in names)
    look = HIDDEN if hidden else PLACES[row["place"]]
    strong, unseen = row["place"] in (BEYOND_95, BEYOND_998), hidden or row["untold"] == comparison.HIDDEN
    text = wording_places.area_text(row)
    return Mark(f"{row['area']}{size}", text, look, *ends, strong=strong, hidden=unseen)


def funnel(found: Areas) -> go.Figure:
    """Services in order of size over what chance allows each: the smaller, the wider."""
    figure = charts.rows(areas(found))
    rows = found.table.sort_values("size", ascending=False, na_position="last", kind="stable").to_dict("records")
    labels = [a for a in figure.layout.annotations if a.xanchor == "left"]
    left, right = (10**end for end in figure.layout.xaxis.range)
    for end, colour in BANDS:
        x, y = [], []
        for row, label in zip(rows, labels, strict=False):
            low, high = row[f"limit_low{end}"], row[f"limit_high{end}"]
            if pd.notna(low):
                x += [max(low, left), min(high, right) if isfinite(high) else right, None]
                y += [label.y + charts.BAR / 2] * 2 + [None]
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": colour, "width": BAND_WIDTH}, hoverinfo="skip")
    behind = len(BANDS)
    figure.data = (*figure.data[-behind:], *figure.data[:-behind])
    return figure


def funnel_key(found: Areas) -> tuple[tuple[str, str, str], ...]:
    """What the marks and the bands of the funnel mean."""
    bands = (("▬", "#767676", "limits of chance for a service of its size: 95% dark, 99.8% light"),)
    return (*charts.signs(areas(found)), *(bands if found.common else ()))


def facts(found: Facts, service: str) -> Picture:
    """Each share of this caseload above the published ones; groups that no other caseload has are not drawn."""
    marks = [m for row in found.table.to_dict("records") for m in _fact(row, found, service)]
    return Picture(tuple(marks), "Share of the caseload, %", log=False, equal=None)


def _fact(row: Mapping, found: Facts, service: str) -> Sequence[Mark]:
    others = [name for name in found.others if pd.notna(row[name])]
    heading = f"{LABELS[row['characteristic']]}: {row['group']}"
    published = (Mark(o, wording.percent(row[o]), PUBLISHED, 100 * row[o], heading=heading) for o in others)
    text = wording_indicators.fact_text(row)
    if pd.isna(row["share_low"]):
        own = Mark(service, text, HIDDEN, heading=heading, hidden=True)
    else:
        ends = (100 * row[name] for name in ("share", "share_low", "share_high"))
        own = Mark(service, text, SHARE, *ends, heading=heading)
    return [own, *published] if others else []


def rates(found: Rates) -> Picture:
    """A rate, share or mean with what interval it has for everybody and each group; a hidden one as what is left possible."""
    scale = 100 if wording_indicators.is_share(found) else 1
    return Picture(
        tuple(_rate(row, found, scale) for row in found.table.to_dict("records")),
        wording_indicators.axis(found),
        log=False,
        equal=None,
    )


def _rate(row: Mapping, found: Rates, scale: float) -> Mark:
    label, text = wording_indicators.group_name(row), wording_indicators.rate_text(row, found)
    if pd.notna(row["rate"]):
        drawn = (None if pd.isna(row[name]) else scale * row[name] for name in ("rate", "rate_low", "rate_high"))
        return Mark(label, text, MEAN if pd.isna(row["rate_low"]) else SHARE, *drawn)
    ends = (None if pd.isna(row["most"]) else scale * row[name] for name in ("least", "most"))
    return Mark(label, text, HIDDEN, None, *ends, hidden=pd.isna(row["count"]) or pd.notna(row["most"]))

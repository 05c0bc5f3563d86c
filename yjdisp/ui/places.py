"""The pages about two characteristics at once and about areas: their filters, and results kept for everybody."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from yjdisp import exhibits, indicators, wording
from yjdisp.areas import areas
from yjdisp.charts import intersections as charts_intersections
from yjdisp.charts import places as charts_places
from yjdisp.comparison import EVERYONE_ELSE, usual_reference
from yjdisp.indicators import Indicator, facts, rates
from yjdisp.intersections import intersections
from yjdisp.release import Release, table
from yjdisp.ui import blocks, filters
from yjdisp.ui.filters import pick
from yjdisp.ui.results import Result, drawn
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNKNOWN
from yjdisp.wording import indicators as wording_indicators
from yjdisp.wording import intersections as words
from yjdisp.wording import places as wording_places

NOT_BY_AREA = wording_places.NOT_BY_AREA, wording_places.NOT_BY_AREA_REMEDY


@dataclass(frozen=True)
class Pair:
    """Which two characteristics are asked for."""

    rows: str
    columns: str
    where: tuple[tuple[str, str], ...]


def intersections_page(source: Release) -> None:
    """The whole page about two characteristics."""
    pair = _pair(source)
    if pair is None:
        blocks.nothing(words.NO_PAIR, words.NO_PAIR_REMEDY)
        return
    blocks.show(_intersections(source.id, pair, source))


def _pair(source: Release) -> Pair | None:
    """The two characteristics, each offering what the release publishes with what is chosen above it."""
    area = ["area"] if len(source.areas) > 1 else []

    def together(one: str, other: str, *more: str) -> bool:
        return one != other and source.offers("children", one, other, *area, *more)

    firsts = [a for a in CHARACTERISTICS if any(together(a, b) for b in CHARACTERISTICS)]
    if not firsts:
        return None
    rows = pick("Characteristic", "pair_rows", firsts, LABELS.get)
    columns = pick("And", f"pair_{rows}", [b for b in CHARACTERISTICS if together(rows, b)], LABELS.get)
    where = filters.period(source, "children", [(rows, columns)], filters.area(source))
    return Pair(rows, columns, tuple(where.items()))


@st.cache_resource(max_entries=500, show_spinner=False)
def _intersections(release_id: str, pair: Pair, _source: Release) -> Result:
    where = dict(pair.where)
    found = intersections(_source, rows=pair.rows, columns=pair.columns, where=where)
    view = exhibits.crossed(found, _source.years)
    return Result(view, charts_intersections.heat_map(found), charts_intersections.heat_key(found))


def areas_page(source: Release) -> None:
    """The whole page about areas: services side by side, inspection facts, national indicators."""
    several = len(source.areas) > 1
    views = [wording_places.SIDE_BY_SIDE] * several + [wording_places.INSPECTION, wording_places.NATIONAL]
    view = pick(wording_places.SHOW, "areas_show", views)
    if not several and view == wording_places.INSPECTION:
        st.info(f"**{wording_places.ONE_AREA}** {wording_places.ONE_AREA_REMEDY}", icon=":material/info:")
    if view == wording_places.SIDE_BY_SIDE:
        _side_by_side(source)
    elif view == wording_places.INSPECTION:
        where = filters.period(source, "children", [(by,) for by in indicators.INSPECTED], filters.area(source))
        blocks.show(_facts(source.id, tuple(where.items()), source))
    else:
        _national(source)


def _side_by_side(source: Release) -> None:
    published = {by: _in_all_areas(source, by) for by in CHARACTERISTICS}
    offered = [by for by, found in published.items() if found]
    if not offered:
        return blocks.nothing(*NOT_BY_AREA)
    by = pick("Characteristic", "areas_by", offered, LABELS.get)
    where = filters.within(published[by], {})
    reference = usual_reference(by)
    first, *others = (list(table(source, by=[by], where=where | {"area": area})[by]) for area in source.areas)
    in_all = [g for g in first if all(g in found for found in others)]
    groups = [g for g in in_all if g not in (ALL, UNKNOWN, reference)]
    if not groups or reference not in (EVERYONE_ELSE, *in_all):
        return blocks.nothing(*NOT_BY_AREA)
    group = pick("Group", f"areas_{by}", groups)
    blocks.show(_areas(source.id, by, group, tuple(where.items()), source))


def _in_all_areas(source: Release, by: str) -> list[str]:
    """The periods in which a characteristic is published for every area."""
    first, *others = (filters.periods(source.id, "children", ((by,),), (("area", a),), source) for a in source.areas)
    return [one for one in first if all(one in found for found in others)]


@st.cache_resource(max_entries=500, show_spinner=False)
def _areas(release_id: str, by: str, group: str, held: tuple[tuple[str, str], ...], _source: Release) -> Result:
    where = dict(held)
    found = areas(_source, by=by, group=group, where=where)
    view = exhibits.side_by_side(found, _source.years)
    return Result(view, charts_places.funnel(found), charts_places.funnel_key(found))


@st.cache_resource(max_entries=500, show_spinner=False)
def _facts(release_id: str, held: tuple[tuple[str, str], ...], _source: Release) -> Result:
    where = dict(held)
    area = where.get("area", _source.areas[0])
    return drawn(exhibits.inspected(facts(_source, where=where), area, _source.years))


def _national(source: Release) -> None:
    area = ["area"] if len(source.areas) > 1 else []
    published = indicators.offered(source, *area)
    missing = tuple(i.name for i in indicators.INDICATORS if i not in published)
    if not published:
        blocks.nothing(wording_indicators.NO_INDICATOR, " ".join(wording_indicators.MISSING.values()))
        return
    indicator = pick("Indicator", "indicator", list(published), lambda i: wording.capital(i.name))
    by = pick("By", "indicator_by", [b or ALL for b in published[indicator]], _by_what)
    by = None if by == ALL else by
    where = filters.period(source, "children", [(indicator.dimension, *([by] if by else []))], filters.area(source))
    blocks.show(_rates(source.id, indicator, by, tuple(where.items()), missing, source))


def _by_what(by: str) -> str:
    return wording.EVERY_CHILD if by == ALL else LABELS[by]


@st.cache_resource(max_entries=500, show_spinner=False)
def _rates(
    release_id: str,
    indicator: Indicator,
    by: str | None,
    held: tuple[tuple[str, str], ...],
    missing: tuple[str, ...],
    _source: Release,
) -> Result:
    where = dict(held)
    return drawn(exhibits.rates(rates(_source, indicator, by=by, where=where), _source.years, missing))

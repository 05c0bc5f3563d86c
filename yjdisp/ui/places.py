"""The pages about two characteristics at once and about areas: their filters, and results kept for everybody."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from yjdisp import charts_places, wording
from yjdisp import wording_intersections as words
from yjdisp.intersections import intersections
from yjdisp.release import Release
from yjdisp.ui import blocks
from yjdisp.ui.filters import pick
from yjdisp.ui.results import Result
from yjdisp.vocabulary import CHARACTERISTICS, LABELS


@dataclass(frozen=True)
class Pair:
    """Which two characteristics are asked for."""

    rows: str
    columns: str
    where: tuple[tuple[str, str], ...]


def intersections_page(source: Release | None) -> None:
    """The whole page about two characteristics."""
    if source is None:
        blocks.trouble(wording.NO_RELEASE, wording.NO_RELEASE_REMEDY)
        return
    pair = _pair(source)
    if pair is None:
        blocks.trouble(words.NO_PAIR, words.NO_PAIR_REMEDY)
        blocks.status(words.NO_PAIR)
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
    columns = pick("And", "pair_columns", [b for b in CHARACTERISTICS if together(rows, b)], LABELS.get)
    where = {"area": pick("Area", "area", list(source.areas))} if area else {}
    years = source.years if len(source.years) > 1 and together(rows, columns, "year") else ()
    period = pick("Period", "year", [wording.ALL_YEARS, *years])
    if period != wording.ALL_YEARS:
        where["year"] = period
    return Pair(rows, columns, tuple(where.items()))


@st.cache_resource(max_entries=500, show_spinner=False)
def _intersections(release_id: str, pair: Pair, _source: Release) -> Result:
    where, years = dict(pair.where), _source.years
    found = intersections(_source, rows=pair.rows, columns=pair.columns, where=where)
    return Result(
        answer=words.answer(found, where, years),
        shown=words.shown(found, where, years),
        chart=charts_places.heat_map(found),
        key=charts_places.heat_key(found),
        alt=words.describe(found, where, years),
        table=words.table(found),
        worked_out=words.WORKED_OUT,
        caveats=words.caveats(found, where, years),
        name="-".join(["intersections", pair.rows, pair.columns, *where.values()]),
    )

"""The page that follows one figure of one group over time, with the actions that should move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from yjdisp import change, exhibits, wording
from yjdisp.actions import Action, StoreError, status_on
from yjdisp.charts import trends as charts_trends
from yjdisp.charts.trends import Drawn
from yjdisp.comparison import usual_reference
from yjdisp.contrast import USUAL
from yjdisp.release import Release
from yjdisp.trends import Trend, has_rate, position, trend
from yjdisp.ui import actions, blocks, filters
from yjdisp.ui.filters import pick
from yjdisp.ui.results import Result
from yjdisp.vocabulary import ALL, LABELS, PERIODS, UNITS, UNKNOWN
from yjdisp.wording import trends as wording_trends

NO_TREND = "This release has no figure by year or quarter."
NO_TREND_REMEDY = "Make a release of two years or more, or with a plan that counts by quarter."
EVERYBODY = "Everybody"
MEASURE_LABELS = {"share": "Share", "rri": "Relative rate index", "rate": "Rate per 1,000", "count": "Number"}
NO_ACTIONS = "No action of the plan is meant to move this figure."
PLANNED = "Actions of the plan that should move this figure"
LONGEST_LABEL = 48


@dataclass(frozen=True)
class Figure:
    """Which trend is asked for."""

    by: str | None
    group: str
    measure: str
    unit: str
    every: str
    where: tuple[tuple[str, str], ...]


def page(source: Release) -> None:
    """The whole page."""
    figure = _choose(source)
    if figure is None:
        blocks.nothing(NO_TREND, NO_TREND_REMEDY)
        return
    planned = _planned(figure)
    blocks.show(_result(source.id, figure, planned, source))
    blocks.section(PLANNED)
    if planned:
        blocks.table_to_take(_courses(_trend(source.id, figure, source), planned), PLANNED, "planned-actions")
    else:
        st.markdown(NO_ACTIONS)


def _choose(source: Release) -> Figure | None:
    """The filters, each offering what the release publishes together with what is chosen above it."""
    tables = {
        (u, every, by)
        for u in UNITS
        for every in PERIODS
        for by in _dimensions(source)
        if _offered(source, u, every, by)
    }
    if not tables:
        return None
    dimensions = [by or ALL for by in _dimensions(source) if any(t[2] == by for t in tables)]
    by = pick("Characteristic", "trend_by", dimensions, lambda d: EVERYBODY if d == ALL else LABELS[d])
    by = None if by == ALL else by
    unit = pick("Counted", "unit", [u for u in UNITS if any(t[0] == u and t[2] == by for t in tables)], str.capitalize)
    every = pick("Periods", "trend_every", [e for e in PERIODS if (unit, e, by) in tables], wording_trends.EVERY.get)
    where = filters.area(source)
    group = pick("Group", f"trend_{by}_group", _groups(source, unit, every, by)) if by else ALL
    key = "trend_measure" if by else "trend_of_everybody"
    measure = pick("Measure", key, _measures(source, unit, every, by, group, where), MEASURE_LABELS.get)
    return Figure(by, group, measure, unit, every, tuple(where.items()))


def _dimensions(source: Release) -> list[str | None]:
    held = [name for name in LABELS if name in source.dimensions and name not in (*PERIODS, "area")]
    return [*held, None]


def _offered(source: Release, unit: str, every: str, by: str | None) -> bool:
    area = ["area"] if len(source.areas) > 1 else []
    return every in source.dimensions and source.offers(unit, every, *filter(None, [by]), *area)


def _groups(source: Release, unit: str, every: str, by: str) -> list[str]:
    """The groups of a table; the reference of the characteristic and "No" last: the others are followed more often."""
    cells = source.cells
    there = set(cells.loc[(cells["unit"] == unit) & cells[every].notna(), by].dropna()) - {ALL, UNKNOWN}
    groups = [value for value in source.dimensions[by].values if value in there]
    return sorted(groups, key=lambda g: g in (USUAL.get(by), "No"))


def _measures(
    source: Release, unit: str, every: str, by: str | None, group: str, where: Mapping[str, str]
) -> list[str]:
    """The measures; without a published whole, nothing is a share of it."""
    rate = ["rate"] if _has_rate(source.id, by, group, tuple(where.items()), source) else []
    if by is None:
        return ["count", *rate]
    known = source.cells[(source.cells["unit"] == unit) & source.cells["count"].notna()]
    known = known[known[every].notna() & (known[every] != ALL) & known[by].notna()]
    places = pd.MultiIndex.from_frame(known[[every, *(["area"] if "area" in known else [])]].astype(str))
    whole = (known[by] == ALL).to_numpy()
    divided = by in set(source.baselines["characteristic"])
    if not divided:
        return [*(["share"] if len(places[whole].intersection(places[~whole])) else []), "count", *rate]
    return ["share", *(["rri"] if group != usual_reference(by) else []), *rate, "count"]


@st.cache_data(max_entries=500, show_spinner=False)
def _has_rate(release_id: str, by: str | None, group: str, where: tuple, _source: Release) -> bool:
    return has_rate(_source, by, group, dict(where), _source.years)


@st.cache_resource(max_entries=500, show_spinner=False)
def _trend(release_id: str, figure: Figure, _source: Release) -> Trend:
    return trend(
        _source,
        by=figure.by,
        group=figure.group,
        measure=figure.measure,
        unit=figure.unit,
        every=figure.every,
        where=dict(figure.where),
    )


@st.cache_resource(max_entries=500, show_spinner=False)
def _result(release_id: str, figure: Figure, planned: tuple[Action, ...], _source: Release) -> Result:
    of = _trend(release_id, figure, _source)
    chart = charts_trends.line(of, [_drawn(action) for action in planned] if of.dated else ())
    return Result(exhibits.over_time(of), chart)


def _planned(figure: Figure) -> tuple[Action, ...]:
    """The plan's actions for this figure; none where the plan cannot be read, which its own page says."""
    try:
        plan = actions.plan()
    except StoreError:
        return ()
    wanted = (figure.by or "", figure.group, figure.measure, figure.unit)
    return tuple(a for a in plan if (a.by, a.group, a.measure, a.unit) == wanted)


def _in_terms_of(of: Trend, value: float | None) -> float | None:
    """A baseline or target of the plan (shares in per cent) in the terms of a trend (fractions)."""
    return value / 100 if value is not None and of.measure == "share" else value


def _drawn(action: Action) -> Drawn:
    label = action.action.splitlines()[0]
    label = label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL].rstrip()}…"
    start, until = (position(day) if day else None for day in (action.start, action.target_date))
    return Drawn(label, start, until, action.baseline_value, action.target_value)


def _courses(of: Trend, planned: Sequence[Action]) -> pd.DataFrame:
    rows = []
    for action in planned:
        found = change.course(
            of,
            start=action.start,
            until=action.target_date,
            baseline=_in_terms_of(of, action.baseline_value),
            target=_in_terms_of(of, action.target_value),
        )
        rows.append(
            {
                "Action": action.action,
                "Start": actions.day(action.start),
                "Target date": actions.day(action.target_date),
                "Status": wording.capital(status_on(action, date.today())),
                "Target": actions.figure(action.target_value),
                "Course": wording.capital(wording_trends.course(of, found)),
            }
        )
    return pd.DataFrame(rows)

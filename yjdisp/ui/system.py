"""The pages about what happens inside the system: their filters, and results kept for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from yjdisp import baselines, exhibits, wording
from yjdisp.contrast import USUAL, division
from yjdisp.pathway import pathway
from yjdisp.release import Release, ReleaseError, table
from yjdisp.treatment import treatment
from yjdisp.ui import blocks, filters
from yjdisp.ui.filters import pick
from yjdisp.ui.results import Result, drawn
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNITS, UNKNOWN
from yjdisp.wording import system as wording_system
from yjdisp.wording.views import GRAVITY_VIEWS, OUTCOME_VIEWS, PROPORTIONATE, View


@dataclass(frozen=True)
class Asked:
    """What a page is asked to show.

    Attributes:
        view: of the page; None for the pathway.
        missing: the views that the release does not publish for this unit and characteristic.
        baseline: of the pathway; None for the usual one.
    """

    by: str
    unit: str
    group: str
    reference: str
    where: tuple[tuple[str, str], ...]
    view: View | None = None
    missing: tuple[View, ...] = ()
    baseline: str | None = None


def gravity_page(source: Release) -> None:
    """The whole page about gravity."""
    _page(source, lambda: _choose(source, "gravity_view", GRAVITY_VIEWS), _divided)


def outcomes_page(source: Release) -> None:
    """The whole page about outcomes."""
    _page(source, lambda: _choose(source, "outcome_view", OUTCOME_VIEWS), _outcomes)


def pathway_page(source: Release) -> None:
    """The whole page about the pathway."""
    _page(source, lambda: _choose_pathway(source), _pathway)


def _page(source: Release, choose: Callable[[], Asked | None], result: Callable) -> None:
    asked = choose()
    if asked is None:
        blocks.nothing(wording_system.NO_TABLE, wording_system.NO_TABLE_REMEDY)
        return
    blocks.show(result(source.id, asked, source))


def _choose(source: Release, key: str, views: Sequence[View]) -> Asked | None:
    """The filters of a page of several views, each offering what the release publishes with what is chosen above it."""
    area = {"area": source.areas[0]} if len(source.areas) > 1 else {}
    pairs = {
        (by, unit): shown
        for by in CHARACTERISTICS
        for unit in UNITS
        if (shown := [v for v in views if _periods(source.id, by, unit, v, tuple(area.items()), source)])
    }
    if not pairs:
        return None
    by = pick("Characteristic", "system_by", list(dict.fromkeys(by for by, _ in pairs)), LABELS.get)
    unit = pick("Counted", "unit", [unit for other, unit in pairs if other == by], str.capitalize)
    titles = {view.title: view for view in pairs[by, unit]}
    view = titles[pick("Shown", key, list(titles))]
    area = filters.area(source)
    where = filters.within(_periods(source.id, by, unit, view, tuple(area.items()), source), dict(view.held) | area)
    where |= filters.further(source, unit, by, view.of, *where)
    groups = _published(source.id, by, unit, view, tuple(where.items()), source)
    if not groups:
        return None
    group, reference = _pair(source, by, groups)
    missing = tuple(v for v in views if v not in pairs[by, unit])
    return Asked(by, unit, group, reference, tuple(where.items()), view, missing)


def _pair(source: Release, by: str, groups: Sequence[str]) -> tuple[str, str]:
    """The group and the reference group, which have no children in common."""
    dimension = source.dimensions[by]

    def apart(group: str) -> list[str]:
        others = [other for other in groups if not dimension.cover(group) & dimension.cover(other)]
        return sorted(others, key=lambda other: other != USUAL.get(by))

    others = [group for group in groups if apart(group) and group != USUAL.get(by)]
    group = pick("Group", f"{by}_group", others)
    return group, pick("Reference group", f"{by}_beside", apart(group))


@st.cache_data(max_entries=500, show_spinner=False)
def _periods(release_id: str, by: str, unit: str, view: View, area: tuple, _source: Release) -> list[str]:
    """As `filters.among`, of those in which a view is published."""

    def published(year: Mapping[str, str]) -> bool:
        where = (*area, *view.held, *year.items())
        return bool(_published(release_id, by, unit, view, where, _source))

    return filters.among(_source, published)


@st.cache_data(max_entries=500, show_spinner=False)
def _published(release_id: str, by: str, unit: str, view: View, where: tuple, _source: Release) -> list[str]:
    """The groups for which a view is published; none where it is not published for two."""
    try:
        cells = table(_source, by=[by, view.of], unit=unit, where=dict(where))
    except ReleaseError:
        return []
    levels = dict(zip(_source.dimensions[view.of].values, _source.dimensions[view.of].levels, strict=True))
    shown = [v in view.values if view.values else levels[v] == view.level and v != UNKNOWN for v in cells[view.of]]
    groups = [g for g in dict.fromkeys(cells.loc[shown, by]) if g not in (ALL, UNKNOWN)]
    return groups if len(groups) > 1 else []


@st.cache_resource(max_entries=500, show_spinner=False)
def _divided(release_id: str, asked: Asked, _source: Release) -> Result:
    found = division(
        _source,
        of=asked.view.of,
        group=asked.group,
        reference=asked.reference,
        by=asked.by,
        unit=asked.unit,
        where=dict(asked.where),
    )
    return drawn(exhibits.divided(found, asked.view, _source.years, asked.missing))


def _outcomes(release_id: str, asked: Asked, source: Release) -> Result:
    return (_proportionate if asked.view == PROPORTIONATE else _divided)(release_id, asked, source)


@st.cache_resource(max_entries=500, show_spinner=False)
def _proportionate(release_id: str, asked: Asked, _source: Release) -> Result:
    found = treatment(
        _source, group=asked.group, reference=asked.reference, by=asked.by, unit=asked.unit, where=dict(asked.where)
    )
    return drawn(exhibits.proportionate(found, _source.years, asked.missing))


def _choose_pathway(source: Release) -> Asked | None:
    """The filters of the pathway: characteristics whose groups have a population, with outcomes if there are any."""
    area = source.areas[0]
    having = [by for by in CHARACTERISTICS if baselines.names(source.baselines, characteristic=by, area=area)]
    stages = [by for by in having if source.offers("children", by, "outcome")]
    found = [by for by in stages or having if len(_peopled(source, by, "outcome" if stages else by)) > 1]
    if not found:
        return None
    by = pick("Characteristic", "system_by", found, LABELS.get)
    of = "outcome" if stages else by
    where = filters.period(source, "children", [tuple(dict.fromkeys([by, of]))], filters.area(source))
    where |= filters.further(source, "children", by, of, *where)
    groups = _peopled(source, by, of, where)
    if len(groups) < 2:
        return None
    names = baselines.names(source.baselines, characteristic=by, area=where.get("area", area))
    populations = [name for name in names if not baselines.is_caseload(name)]
    chosen = pick("Compared with", f"{by}_baseline", [wording.NEAREST, *populations])
    baseline = None if chosen == wording.NEAREST else chosen
    group, reference = _pair(source, by, groups)
    return Asked(by, "children", group, reference, tuple(where.items()), baseline=baseline)


def _peopled(source: Release, by: str, of: str, where: Mapping[str, str] | None = None) -> list[str]:
    """The groups that a table has, in some place and time or in one, and that have a population."""
    together = list(dict.fromkeys([by, of]))
    if where is not None:
        cells = table(source, by=together, where=where)
    elif source.offers("children", *together):
        cells = source.cells[(source.cells["unit"] == "children") & source.cells[together].notna().all(axis=1)]
    else:
        return []
    area = (where or {}).get("area", source.areas[0])
    chosen = baselines.choose(source.baselines, characteristic=by, area=area)
    return [group for group in source.dimensions[by].values if group in set(cells[by]) & set(chosen.shares)]


@st.cache_resource(max_entries=500, show_spinner=False)
def _pathway(release_id: str, asked: Asked, _source: Release) -> Result:
    found = pathway(
        _source,
        group=asked.group,
        by=asked.by,
        where=dict(asked.where),
        baseline=asked.baseline,
        reference=asked.reference,
    )
    return drawn(exhibits.stages(found, _source.years))

"""The filters in the sidebar. They live in the address, are shared by all pages and offer what the release publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from yjdisp import baselines, wording
from yjdisp.comparison import EVERYONE_ELSE, usual_reference
from yjdisp.release import Release, ReleaseError, table
from yjdisp.ui.library import Found, name
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNITS, UNKNOWN

MADE = "release made just now"


@dataclass(frozen=True)
class Choice:
    """What a page is asked to show.

    Attributes:
        by: the characteristics.
        where: values that other dimensions are held at.
        baseline, reference: None for the usual ones.
        level: of detail of the groups; None for the usual ones.
    """

    by: tuple[str, ...]
    unit: str
    where: tuple[tuple[str, str], ...] = ()
    baseline: str | None = None
    reference: str | None = None
    level: int | None = None


def release(found: Sequence[Found]) -> Release | None:
    """The release on show: the newest, unless another is chosen or was made just now."""
    good = {entry.release.id: entry.release for entry in found if entry.release}
    if not good:
        return None
    if MADE in st.session_state:
        st.session_state["release"] = st.session_state.pop(MADE)
    source = good[pick("Release", "release", list(good))]
    st.sidebar.caption(name(source))
    return source


def choose(source: Release, *by: str) -> Choice:
    """Draw the filters of a page about some characteristics and return what is chosen.

    Baseline, reference and a further characteristic can be chosen on pages about one characteristic.
    """
    unit = pick("Counted", "unit", units(source, by), str.capitalize)
    where = period(source, unit, [(b,) for b in by], area(source))
    if len(by) > 1:
        return Choice(by, unit, tuple(where.items()))
    baseline = _baseline(source, by[0], where.get("area", source.areas[0]))
    where |= further(source, unit, by[0], *where)
    reference = _reference(source, unit, by[0], where)
    level = _level(source, unit, by[0], where)
    return Choice(by, unit, tuple(where.items()), baseline, reference, level)


def usual(source: Release, *by: str) -> Choice:
    """What a page shows before anything is chosen."""
    where = (("area", source.areas[0]),) if len(source.areas) > 1 else ()
    reference = usual_reference(by[0]) if len(by) == 1 else None
    return Choice(by, units(source, by)[0], where, None, reference)


def units(source: Release, by: Sequence[str]) -> list[str]:
    """The units in which some of the characteristics are published; children where none is."""
    return [u for u in UNITS if any(source.offers(u, b) for b in by)] or ["children"]


def area(source: Release) -> dict[str, str]:
    """Draw the filter of the area, and give what it holds; nothing where there is only one."""
    return {"area": pick("Area", "area", list(source.areas))} if len(source.areas) > 1 else {}


def period(source: Release, unit: str, views: Sequence[tuple[str, ...]], where: Mapping[str, str]) -> dict[str, str]:
    """Draw the filter of the period, for a page that shows some dimensions together; what is held, with the year chosen.

    Args:
        views: dimensions that are shown together; any of them will do.
        where: values that other dimensions are held at.
    """
    return within(periods(source.id, unit, tuple(views), tuple(where.items()), source), where)


def within(found: Sequence[str], where: Mapping[str, str]) -> dict[str, str]:
    """Draw the filter of these periods; what is held, with the year chosen."""
    chosen = pick("Period", "year", found or [wording.ALL_YEARS])
    return {**where} if chosen == wording.ALL_YEARS else {**where, "year": chosen}


@st.cache_data(max_entries=500, show_spinner=False)
def periods(
    release_id: str, unit: str, views: tuple[tuple[str, ...], ...], where: tuple, _source: Release
) -> list[str]:
    """As `among`, of those in which some of the views are published."""

    def published(view: tuple[str, ...], year: Mapping[str, str]) -> bool:
        try:
            cells = table(_source, by=view, unit=unit, where={**dict(where), **year})
        except ReleaseError:
            return False
        return not any(set(cells[name]) <= {ALL, UNKNOWN} for name in view)

    return among(_source, lambda year: any(published(view, year) for view in views))


def among(source: Release, published: Callable[[Mapping[str, str]], bool]) -> list[str]:
    """All years together and each year, as far as something is published in them; without them, newest first.

    The year of a release of one year is the same as all years together, and is on offer only where they are not.

    Args:
        published: whether it is with these values held: a year, or none.
    """
    years = {wording.ALL_YEARS: {}} | {year: {"year": year} for year in source.years}
    found = [year for year, held in years.items() if published(held)]
    if wording.ALL_YEARS not in found:
        return found[::-1]
    return found if len(source.years) > 1 else [wording.ALL_YEARS]


def _baseline(source: Release, by: str, area: str) -> str | None:
    names = baselines.names(source.baselines, characteristic=by, area=area)
    chosen = pick("Compared with", f"{by}_baseline", [wording.NEAREST, *names])
    return None if chosen == wording.NEAREST else chosen


def further(source: Release, unit: str, by: str, *held: str) -> dict[str, str]:
    """One further characteristic, where the release publishes it together with the first and what else is held."""
    values = {
        f"{LABELS[name]}: {value}": {name: value}
        for name in CHARACTERISTICS
        if name != by and source.offers(unit, by, name, *held)
        for value in _beside(source.id, unit, name, (by, *held), source)
    }
    return values.get(pick("Only", f"{by}_only", [wording.EVERY_CHILD, *values]), {})


@st.cache_data(max_entries=500, show_spinner=False)
def _beside(release_id: str, unit: str, name: str, others: tuple[str, ...], _source: Release) -> list[str]:
    """The values of a dimension that are published together with some others."""
    cells = _source.cells[_source.cells["unit"] == unit]
    there = set(cells.loc[cells[list(others)].notna().all(axis=1), name].dropna())
    return [value for value in _source.dimensions[name].values if value in there - {ALL, UNKNOWN}]


def _reference(source: Release, unit: str, by: str, where: dict[str, str]) -> str:
    usual = usual_reference(by)
    groups = _groups(source.id, unit, by, tuple(where.items()), source)
    others = [g for g in (EVERYONE_ELSE, *groups) if g != usual]
    return pick("Reference group", f"{by}_reference", [usual, *others], wording.capital)


def _level(source: Release, unit: str, by: str, where: dict[str, str]) -> int | None:
    """How finely the groups are divided, where the release publishes more than one way."""
    groups = _groups(source.id, unit, by, tuple(where.items()), source) if by in wording.LEVELS else []
    there = {source.dimensions[by].level(group) for group in groups}
    if len(there) < 2:
        return None
    names = {wording.LEVELS_TOGETHER: None} | {wording.LEVELS[by][level]: level for level in sorted(there)}
    return names[pick("Groups", f"{by}_groups", list(names))]


@st.cache_data(max_entries=500, show_spinner=False)
def _groups(release_id: str, unit: str, by: str, where: tuple, _source: Release) -> list[str]:
    """The groups that a table has."""
    cells = table(_source, by=[by], unit=unit, where=dict(where))
    return [group for group in cells[by] if group not in (ALL, UNKNOWN)]


def pick(label: str, key: str, options: Sequence, shown=str):
    """A filter bound to the address. What is asked for and not on offer falls back to the first option, and says so.

    Where there is nothing to choose, no filter is drawn. What was chosen comes back with the pages that offer it, by
    the menu or by the browser's back; what a page showed instead of it was never chosen.
    """
    texts = [shown(option) for option in options]
    chosen, back, instead = f"chosen {key}", f"back to {key}", f"instead of {key}"
    asked, state = st.query_params.get(key), st.session_state
    if back in state:
        state[key] = state.pop(back)
    kept = state.get(key, None if asked else state.get(chosen))  # Streamlit forgets it on pages that do not draw it
    before = state.pop(instead, None)
    if before is not None and kept == before:
        kept = state[chosen]
    if kept in options:
        if state.get(key) != kept:
            state[key] = kept
    elif kept is not None:
        asked = shown(kept)
        state[chosen] = kept
        if len(options) > 1:
            state[key] = state[instead] = options[0]
    if asked and asked not in texts:
        st.info(wording.FELL_BACK.format(asked=asked, label=label, used=texts[0]), icon=":material/info:")
    if len(options) == 1:
        return options[0]
    value = st.sidebar.selectbox(label, options, format_func=shown, key=key, bind="query-params", filter_mode=None)
    if instead not in state:
        state[chosen] = value
    if kept in options and value != kept and not asked:
        state[back] = kept  # the browser went back, to an address that Streamlit had cleared
        st.rerun()
    return value

"""The filters in the sidebar. They live in the address, are shared by all pages and offer what the release publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from yjdisp import baselines, wording
from yjdisp.comparison import EVERYONE_ELSE, REFERENCES
from yjdisp.release import Release, table
from yjdisp.ui.library import Found, name
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNITS, UNKNOWN

MADE = "release made just now"


@dataclass(frozen=True)
class Choice:
    """What a page is asked to show. Everything in it is published or the page says that it is not."""

    by: tuple[str, ...]
    unit: str
    where: tuple[tuple[str, str], ...]
    baseline: str | None = None
    reference: str | None = None


def release(found: Sequence[Found]) -> Release | None:
    """The release on show: the newest, unless another is chosen."""
    good = {entry.release.id: entry.release for entry in found if entry.release}
    if not good:
        return None
    if MADE in st.session_state:
        st.session_state["release"] = st.session_state.pop(MADE)
    with st.sidebar:
        source = good[_choose("Release", "release", list(good))]
        st.caption(name(source))
    return source


def choose(source: Release, *by: str, compared: bool = True) -> Choice:
    """Draw the filters of a page about some characteristics and return what is chosen.

    Args:
        compared: whether baseline and reference can be chosen, on pages about one characteristic.
    """
    with st.sidebar:
        unit = _choose("Counted", "unit", [u for u in UNITS if _offered(source, u, by)], str.capitalize)
        where = {}
        if len(source.areas) > 1:
            where["area"] = _choose("Area", "area", list(source.areas))
        years = source.years if _offered(source, unit, by, "year") and len(source.years) > 1 else ()
        period = _choose("Period", "year", [wording.ALL_YEARS, *years])
        if period != wording.ALL_YEARS:
            where["year"] = period
        baseline = reference = None
        if compared:
            baseline = _baseline(source, by[0], where.get("area", source.areas[0]))
            where |= _further(source, unit, by[0], where)
            reference = _reference(source, unit, by[0], where)
    return Choice(by, unit, tuple(where.items()), baseline, reference)


def _offered(source: Release, unit: str, by: Sequence[str], *also: str) -> bool:
    return any(source.offers(unit, b, *also) for b in by)


def _baseline(source: Release, by: str, area: str) -> str | None:
    names = baselines.names(source.baselines, characteristic=by, area=area)
    chosen = _choose("Compared with", f"{by}_baseline", [wording.NEAREST, *names])
    return None if chosen == wording.NEAREST else chosen


def _reference(source: Release, unit: str, by: str, where: dict[str, str]) -> str:
    usual = REFERENCES.get(by, EVERYONE_ELSE)
    groups = _groups(source.id, unit, by, tuple(where.items()), source)
    others = [g for g in (EVERYONE_ELSE, *groups) if g != usual]
    return _choose("Reference group", f"{by}_reference", [usual, *others], wording.capital)


@st.cache_data(max_entries=500, show_spinner=False)
def _groups(release_id: str, unit: str, by: str, where: tuple, _source: Release) -> list[str]:
    """The groups that a table has."""
    cells = table(_source, by=[by], unit=unit, where=dict(where))
    return [group for group in cells[by] if group not in (ALL, UNKNOWN)]


def _further(source: Release, unit: str, by: str, where: dict[str, str]) -> dict[str, str]:
    """One further characteristic, where the release publishes it together with the first."""
    values = {
        f"{LABELS[name]}: {value}": {name: value}
        for name in CHARACTERISTICS
        if name != by and source.offers(unit, by, name, *where)
        for value in source.dimensions[name].values
        if value not in (ALL, UNKNOWN)
    }
    chosen = _choose("Only", f"{by}_only", [wording.EVERY_CHILD, *values])
    return values.get(chosen, {})


def _choose(label: str, key: str, options: Sequence[str], shown=str) -> str:
    """A filter bound to the address. What is asked for and not on offer falls back to the first option, and says so.

    Where there is nothing to choose, no filter is drawn.
    """
    texts = [shown(option) for option in options]
    asked = st.query_params.get(key)
    stale = st.session_state.get(key)
    if stale is not None and stale not in options:
        asked = shown(stale)
        st.session_state[key] = options[0]
    if asked and asked not in texts:
        st.info(wording.FELL_BACK.format(asked=asked, label=label.lower(), used=texts[0]), icon=":material/info:")
    if len(options) == 1:
        return options[0]
    return st.selectbox(label, options, format_func=shown, key=key, bind="query-params", filter_mode=None)

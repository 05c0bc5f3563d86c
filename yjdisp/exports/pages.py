"""What each page shows before anything is chosen, as views: the first that the release publishes of everything it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from yjdisp import exhibits, indicators
from yjdisp.areas import areas
from yjdisp.comparison import ORDINARY_LEVEL, compare
from yjdisp.contrast import USUAL, division
from yjdisp.exhibits import Exhibit
from yjdisp.intersections import intersections
from yjdisp.pathway import pathway
from yjdisp.release import Release, ReleaseError
from yjdisp.treatment import treatment
from yjdisp.trends import trend
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNITS, UNKNOWN
from yjdisp.wording import trends as wording_trends
from yjdisp.wording.views import GRAVITY_VIEWS, OUTCOME_VIEWS, PROPORTIONATE, View

Where = Mapping[str, str]
Maker = Callable[[], Exhibit]


def pages(release: Release) -> Iterator[tuple[str, Maker]]:
    """What each view is called and what makes it, area by area; a maker raises where nothing of it is published."""
    several = len(release.areas) > 1
    for area in release.areas:
        where = {"area": area} if several else {}
        for name, make in _of_area(release, where):
            yield f"{name} in {area}" if several else name, make
    for by in CHARACTERISTICS if several else ():
        yield f"{LABELS[by]}, areas side by side", partial(side_by_side, release, by)


def _of_area(release: Release, where: Where) -> Iterator[tuple[str, Maker]]:
    for by in CHARACTERISTICS:
        yield LABELS[by], partial(compared, release, by, where)
    yield "Two characteristics at once", partial(two_at_once, release, where)
    yield "Gravity", partial(divided, release, GRAVITY_VIEWS, where)
    yield "Outcomes", partial(divided, release, OUTCOME_VIEWS[1:], where)
    yield PROPORTIONATE.title, partial(proportionate, release, where)
    yield "Pathway", partial(stages, release, where)
    for by in CHARACTERISTICS if len(release.years) > 1 else ():
        yield f"{LABELS[by]} over time", partial(over_time, release, by, where)
    yield "Facts that inspectors print", partial(inspected, release, where)


def compared(release: Release, by: str, where: Where) -> Exhibit:
    """A characteristic against the population, without the finest groups for which none is published."""
    c = compare(release, by=by, unit=_unit(release, by, *where), where=where)
    keep = c.table["population_share"].notna() | (c.table["level"] <= ORDINARY_LEVEL) | (c.table["group"] == UNKNOWN)
    shown = replace(c, table=c.table[keep].reset_index(drop=True))
    return exhibits.compared([shown], release.years)


def over_time(release: Release, by: str, where: Where) -> Exhibit:
    """The share, year by year, of the group of a characteristic that is usually asked about."""
    unit = _unit(release, "year", by, *where)
    found = trend(release, by=by, group=_group(release, by), measure="share", unit=unit, where=where)
    if found.shown.empty:
        raise ReleaseError(wording_trends.NOTHING_SHOWN)
    return exhibits.over_time(found)


def divided(release: Release, views: Sequence[View], where: Where) -> Exhibit:
    """How two groups divide over the values of a dimension: the first view that is published."""
    by, unit, view = _first_published(release, [(v, v.of, *dict(v.held)) for v in views], where)
    held = {**where, **dict(view.held)}
    found = division(release, of=view.of, group=_group(release, by), reference=USUAL[by], by=by, unit=unit, where=held)
    return exhibits.divided(found, view, release.years)


def proportionate(release: Release, where: Where) -> Exhibit:
    """Whether two groups go to court as often at the same gravity."""
    by, unit, _ = _first_published(release, [(PROPORTIONATE, "outcome", "gravity")], where)
    found = treatment(release, group=_group(release, by), reference=USUAL[by], by=by, unit=unit, where=where)
    return exhibits.proportionate(found, release.years)


def stages(release: Release, where: Where) -> Exhibit:
    """Where on the way through the system a disparity arises."""
    by, _, _ = _first_published(release, [(PROPORTIONATE, "outcome")], where, units=("children",))
    found = pathway(release, group=_group(release, by), by=by, where=where, reference=USUAL[by])
    return exhibits.stages(found, release.years)


def two_at_once(release: Release, where: Where) -> Exhibit:
    """Two characteristics at once: the first pair that is published."""
    pairs = [(a, b) for a in CHARACTERISTICS for b in CHARACTERISTICS if a != b]
    rows, columns = next((p for p in pairs if release.offers("children", *p, *where)), (None, None))
    if rows is None:
        raise ReleaseError("no two characteristics are published at once")
    return exhibits.crossed(intersections(release, rows=rows, columns=columns, where=where), release.years)


def inspected(release: Release, where: Where) -> Exhibit:
    """The facts about a caseload that inspectors print, beside those of others."""
    area = where.get("area", release.areas[0])
    return exhibits.inspected(indicators.facts(release, where=where), area, release.years)


def side_by_side(release: Release, by: str) -> Exhibit:
    """One group in every area of the release."""
    return exhibits.side_by_side(areas(release, by=by, group=_group(release, by), where={}), release.years)


def _group(release: Release, by: str) -> str:
    """The group of a characteristic that is usually asked about: the first that the others are not compared with."""
    if by not in release.dimensions:
        raise ReleaseError(f"this release is not divided by {by}")
    return next(g for g in release.dimensions[by].children(ALL) if g not in (UNKNOWN, USUAL[by]))


def _unit(release: Release, *dimensions: str) -> str:
    """The first unit in which some dimensions are published; children where they are in none."""
    return next((unit for unit in UNITS if release.offers(unit, *dimensions)), "children")


def _first_published(
    release: Release, asked: Sequence[tuple], where: Where, units: Sequence[str] = UNITS
) -> tuple[str, str, View]:
    """Characteristic, unit and view of the first table that is published, each given as its view and its dimensions."""
    for by in CHARACTERISTICS:
        for unit in units:
            for view, *dimensions in asked:
                if release.offers(unit, by, *dimensions, *where):
                    return by, unit, view
    raise ReleaseError("no such table is published")

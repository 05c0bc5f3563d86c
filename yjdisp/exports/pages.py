"""What each page shows before anything is chosen, as views: the first that the release publishes of everything it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from yjdisp import (
    charts_intersections,
    charts_places,
    charts_system,
    charts_trends,
    indicators,
    wording,
    wording_indicators,
    wording_intersections,
    wording_pathway,
    wording_places,
    wording_system,
    wording_treatment,
    wording_trends,
)
from yjdisp.areas import areas
from yjdisp.comparison import Comparison, compare
from yjdisp.contrast import USUAL, division
from yjdisp.exports.content import Exhibit, exhibit, plain, slug
from yjdisp.intersections import intersections
from yjdisp.pathway import pathway
from yjdisp.release import Release, ReleaseError
from yjdisp.treatment import treatment
from yjdisp.trends import Trend, trend
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNITS, UNKNOWN
from yjdisp.wording_views import GRAVITY_VIEWS, OUTCOME_VIEWS, PROPORTIONATE, View

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
    c = compare(release, by=by, where=where)
    keep = c.table["population_share"].notna() | (c.table["level"] <= 2) | (c.table["group"] == UNKNOWN)
    return exhibit(release, [Comparison(**{**vars(c), "table": c.table[keep].reset_index(drop=True)})])


def over_time(release: Release, by: str, where: Where) -> Exhibit:
    """The share, year by year, of the group of a characteristic that is usually asked about."""
    found = trend(release, by=by, group=_group(release, by), measure="share", where=where)
    if found.shown.empty:
        raise ReleaseError(wording_trends.NOTHING_SHOWN)
    return of_trend(found)


def of_trend(of: Trend) -> Exhibit:
    """A trend as a view."""
    return Exhibit(
        title=wording_trends.about(of),
        shown=wording_trends.shown(of),
        answer=wording_trends.answer(of),
        table=wording_trends.table(of),
        picture=charts_trends.picture(of),
        alt=wording_trends.describe(of),
        method=tuple(map(plain, wording_trends.WORKED_OUT)),
        caveats=wording_trends.caveats(of),
        name=slug(" ".join(["trend", of.by or "all", of.group, of.measure, of.unit, of.every, *of.where.values()])),
    )


def divided(release: Release, views: Sequence[View], where: Where) -> Exhibit:
    """How two groups divide over the values of a dimension: the first view that is published."""
    by, unit, view = _first_published(release, [(v, v.of, *dict(v.held)) for v in views], where)
    held, years = {**where, **dict(view.held)}, release.years
    found = division(release, of=view.of, group=_group(release, by), reference=USUAL[by], by=by, unit=unit, where=held)
    return Exhibit(
        title=view.title,
        shown=wording_system.shown(found, view, years),
        answer=wording_system.answer(found, view, years),
        table=wording_system.table(found, view),
        picture=charts_system.shares(found, view),
        alt=wording_system.describe(found, view, years),
        method=tuple(map(plain, wording_system.worked_out(found))),
        caveats=wording_system.caveats(found, view, years, ()),
        name=slug(" ".join([view.title, by, unit, *held.values()])),
    )


def proportionate(release: Release, where: Where) -> Exhibit:
    """Whether two groups go to court as often at the same gravity."""
    by, unit, _ = _first_published(release, [(PROPORTIONATE, "outcome", "gravity")], where)
    years = release.years
    found = treatment(release, group=_group(release, by), reference=USUAL[by], by=by, unit=unit, where=where)
    return Exhibit(
        title=PROPORTIONATE.title,
        shown=wording_treatment.shown(found, years),
        answer=wording_treatment.answer(found, years),
        table=wording_treatment.table(found),
        picture=charts_system.proportion(found),
        alt=wording_treatment.describe(found, years),
        method=tuple(map(plain, wording_treatment.worked_out(found))),
        caveats=wording_treatment.caveats(found, years, ()),
        name=slug(" ".join(["proportionate", by, unit, *where.values()])),
    )


def stages(release: Release, where: Where) -> Exhibit:
    """Where on the way through the system a disparity arises."""
    by, _, _ = _first_published(release, [(PROPORTIONATE, "outcome")], where, units=("children",))
    found, years = pathway(release, group=_group(release, by), by=by, where=where, reference=USUAL[by]), release.years
    return Exhibit(
        title="Pathway",
        shown=wording_pathway.shown(found, years),
        answer=wording_pathway.answer(found, years),
        table=wording_pathway.table(found),
        picture=charts_system.stages(found),
        alt=wording_pathway.describe(found, years),
        method=tuple(map(plain, wording_pathway.worked_out(found))),
        caveats=wording_pathway.caveats(found, years),
        name=slug(" ".join(["pathway", by, *where.values()])),
    )


def two_at_once(release: Release, where: Where) -> Exhibit:
    """Two characteristics at once: the first pair that is published. Where the screen has tiles, a file has rows."""
    pairs = [(a, b) for a in CHARACTERISTICS for b in CHARACTERISTICS if a != b]
    rows, columns = next((p for p in pairs if release.offers("children", *p, *where)), (None, None))
    if rows is None:
        raise ReleaseError("no two characteristics are published at once")
    found, years = intersections(release, rows=rows, columns=columns, where=where), release.years
    return Exhibit(
        title=f"{LABELS[rows]} and {LABELS[columns].lower()}",
        shown=wording_intersections.shown(found, where, years),
        answer=wording_intersections.answer(found, where, years),
        table=wording_intersections.table(found),
        picture=charts_intersections.picture(found),
        alt=wording_intersections.describe(found, where, years),
        method=tuple(map(plain, wording_intersections.WORKED_OUT)),
        caveats=wording_intersections.caveats(found, where, years),
        name=slug(" ".join(["intersections", rows, columns, *where.values()])),
    )


def inspected(release: Release, where: Where) -> Exhibit:
    """The facts about a caseload that inspectors print, beside those of others."""
    found, years = indicators.facts(release, where=where), release.years
    return Exhibit(
        title="Facts that inspectors print",
        shown=wording_indicators.facts_shown(found, where, years),
        answer=wording_indicators.facts_answer(found, where, years),
        table=wording_indicators.facts_table(found),
        picture=charts_places.facts(found, where.get("area", release.areas[0])),
        alt=wording_indicators.facts_describe(found, where, years),
        method=tuple(map(plain, wording_indicators.facts_worked_out(found))),
        caveats=wording_indicators.facts_caveats(found, where, years),
        name=slug(" ".join(["inspection", *where.values()])),
    )


def side_by_side(release: Release, by: str) -> Exhibit:
    """One group in every area of the release."""
    group = _group(release, by)
    found, years = areas(release, by=by, group=group, where={}), release.years
    return Exhibit(
        title=f"{LABELS[by]}, areas side by side",
        shown=wording_places.areas_shown(found, {}, years),
        answer=wording_places.areas_answer(found, {}, years),
        table=wording_places.areas_table(found),
        picture=charts_places.areas(found),
        alt=wording_places.areas_describe(found, {}, years),
        method=tuple(map(plain, (wording.RATIOS.format(rate="children"), wording_places.LIMITS))),
        caveats=wording_places.areas_caveats(found, {}, years),
        name=slug(f"areas {by} {group}"),
    )


def _group(release: Release, by: str) -> str:
    """The group of a characteristic that is usually asked about: the first that the others are not compared with."""
    if by not in release.dimensions:
        raise ReleaseError(f"this release is not divided by {by}")
    return next(g for g in release.dimensions[by].children(ALL) if g not in (UNKNOWN, USUAL[by]))


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

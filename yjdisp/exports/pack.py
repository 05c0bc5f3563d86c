"""The whole release as views, page by page: what the board pack, the report and the workbook hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from yjdisp import charts_trends, wording, wording_trends
from yjdisp.baselines import BaselineError
from yjdisp.comparison import REFERENCES, Comparison, ComparisonError, compare
from yjdisp.exports.content import Contents, Exhibit, exhibit, plain, slug
from yjdisp.release import Release, ReleaseError
from yjdisp.trends import Trend, trend
from yjdisp.vocabulary import ALL, CHARACTERISTICS, LABELS, UNKNOWN

Progress = Callable[[float, str], None]
TREND = "{label} over time"


def contents(release: Release, progress: Progress) -> Contents:
    """What every page shows before anything is chosen, area by area; and what cannot be shown, and why."""
    pages = list(_pages(release))
    views, missing = [], []
    for done, (label, make) in enumerate(pages):
        progress(done / len(pages), label)
        try:
            views.append(make())
        except ReleaseError:
            missing.append(wording.TOO_SMALL.format(label=label))
        except (BaselineError, ComparisonError):
            missing.append(wording.NO_POPULATION.format(label=label))
    return Contents(release, tuple(views), tuple(missing), whole=True)


def _pages(release: Release) -> Iterator[tuple[str, Callable[[], Exhibit]]]:
    """What each view is called, and what makes it."""
    for area in release.areas:
        several = len(release.areas) > 1
        where = {"area": area} if several else {}
        suffix = f" in {area}" if several else ""
        for by in CHARACTERISTICS:
            yield f"{LABELS[by]}{suffix}", partial(_compared, release, by, where)
        for by in CHARACTERISTICS if len(release.years) > 1 else ():
            yield TREND.format(label=f"{LABELS[by]}{suffix}"), partial(_over_time, release, by, where)


def _compared(release: Release, by: str, where: Mapping[str, str]) -> Exhibit:
    """A characteristic, without the finest groups for which no population is published."""
    c = compare(release, by=by, where=where)
    keep = c.table["population_share"].notna() | (c.table["level"] <= 2) | (c.table["group"] == UNKNOWN)
    return exhibit(release, [Comparison(**{**vars(c), "table": c.table[keep].reset_index(drop=True)})])


def _over_time(release: Release, by: str, where: Mapping[str, str]) -> Exhibit:
    """The share, year by year, of the first group of a characteristic that is not the one compared with."""
    if by not in release.dimensions:
        raise ReleaseError(f"this release is not divided by {by}")
    groups = release.dimensions[by].children(ALL)
    group = next(g for g in groups if g not in (UNKNOWN, REFERENCES.get(by), "Boys"))
    found = trend(release, by=by, group=group, measure="share", where=where)
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

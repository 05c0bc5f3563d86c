"""Is it getting better? One group and one measure over the periods of a release, with what chance could do to it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from yjdisp import baselines, comparison, measures, release
from yjdisp.baselines import NATIONAL, POPULATION, Baseline, BaselineError, is_caseload
from yjdisp.release import Release, ReleaseError
from yjdisp.vocabulary import ALL, PERIODS

MEASURES = ("share", "rri", "rate", "count")
PER = 1_000  # children of the group's population, of a rate
REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and The Humber",
    "Wales",
)
_YEAR = re.compile(r"(?:year to )?(?P<start>(?:19|20)\d\d)(?P<financial>/\d\d)?(?: Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True)
class Trend:
    """One measure of one group over time.

    Attributes:
        points: one row a period that has a cell: period, at (its end in years, or its place where periods are not
            dates), count, symbol, low, high (what anyone can work out of the count), total (of the unit with a known
            group), value, value_low, value_high, least, most (what the value can be, whatever the hidden counts
            are), hidden (whether the count or one that the value needs is); and what the value is made of: base (what
            the count is set against: the total, the reference's count or 1), exposure and base_exposure (populations,
            or numbers in their proportion). A share is a fraction, a rate is per 1,000 of the group's population. Null
            where hidden or not defined.
        published: published shares of the population in the same years: area, at, value.
        dated: whether `at` is a date.
        against: by period, whom an RRI or a rate is set against; empty for a share and a number.
        unknown: (of the periods with a value) how many have no known group; None where that is hidden.
        left_out: periods of another kind than most (a cohort or a calendar year among financial years).
        by, group, measure, unit, every, where, reference, confidence: what is shown. `by` is None for everybody.
    """

    points: pd.DataFrame = field(repr=False)
    published: pd.DataFrame = field(repr=False)
    dated: bool
    against: Mapping[str, Baseline]
    unknown: int | None
    left_out: tuple[str, ...]
    by: str | None
    group: str
    measure: str
    unit: str
    every: str
    where: Mapping[str, str]
    reference: str
    confidence: float

    @property
    def shown(self) -> pd.DataFrame:
        """The points that have a value."""
        return self.points[self.points["value"].notna()]


def trend(
    source: Release,
    *,
    by: str | None,
    group: str,
    measure: str,
    unit: str = "children",
    every: str = "year",
    where: Mapping[str, str] | None = None,
    baseline: str | None = None,
    reference: str | None = None,
    confidence: float = 0.95,
) -> Trend:
    """A measure of a group for every period that the release publishes.

    Args:
        by: a dimension of the release; None (with the group "All") for everybody.
        measure: one of `MEASURES`. A share needs the total; an RRI and a rate need a baseline.
        every: "year", "quarter" or "rolling_year".
        baseline: its name; each period's nearest in time where it is left out.

    Raises:
        ReleaseError: the table is not published, no such group in it, or an RRI of the group that is compared with.
            BaselineError, ComparisonError: as
            `comparison.compare`. ValueError: an unknown measure or kind of period.
    """
    if measure not in MEASURES or every not in PERIODS:
        raise ValueError(f"a measure is one of {', '.join(MEASURES)}; a kind of period is one of {', '.join(PERIODS)}")
    by = None if group == ALL else by
    if by is None and measure in ("share", "rri"):
        raise ReleaseError("everybody together has no share and no RRI; choose a count or a rate")
    reference = reference or comparison.usual_reference(by)
    if measure == "rri" and group == reference:
        raise ReleaseError(f"{group} is the group that others are compared with; choose another group or measure")
    where = release.held(source, where)
    cells = release.table(source, by=[every, *filter(None, [by])], unit=unit, where=where)
    cells = cells[cells[every] != ALL].assign(group=cells[by] if by else ALL)
    points = cells[cells["group"] == group].rename(columns={every: "period"}).reset_index(drop=True)
    if points.empty:
        raise ReleaseError(f"there is no {group!r} by {every.replace('_', ' ')} in this release; choose another group")
    points, left_out = _of_one_kind(points[["period", "group", "count", "symbol", "low", "high"]])
    known = {
        period: comparison.known_total(source, by, rows.set_index("group")["count"]) if by else (None, 0)
        for period, rows in cells.groupby(every)
    }
    points["total"] = pd.array([known[p][0] for p in points["period"]], dtype="Int64")
    points["at"], dated = _positions(points["period"])
    held = {period: where | {every: period} for period in points["period"]}
    against = {p: _against(source, by, held[p], baseline) for p in held} if measure in ("rri", "rate") else {}
    parts = pd.DataFrame(
        _parts_of(source, measure, by, unit, held[row["period"]], against.get(row["period"]), reference, row)
        for row in points.to_dict("records")
    )
    points = pd.concat([points, parts], axis=1).sort_values("at", ignore_index=True)
    points = points.assign(**_values(points, measure, confidence))
    return Trend(
        points,
        _published(source, by, group, where, points) if measure == "share" and dated and by else _no_line(),
        dated,
        against,
        _unknown(known[period][1] for period in points.loc[points["value"].notna(), "period"]),
        left_out,
        by,
        group,
        measure,
        unit,
        every,
        where,
        reference,
        confidence,
    )


def has_rate(source: Release, by: str | None, group: str, where: Mapping[str, str], years: Sequence[str]) -> bool:
    """Whether a number of children is published that a rate of a group can be set against, in each of some years."""
    try:
        against = [_against(source, by, {**where, "year": year}, None) for year in years]
        return all(_population(source, by, group, where, b) for b in against)
    except BaselineError:
        return False


def _unknown(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if None in found else sum(found)


def _of_one_kind(points: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The points of the kind of period that most have, and the periods of the others."""
    found = points["period"].map(_YEAR.fullmatch)
    kind = found.map(lambda match: "other" if match is None else "financial" if match["financial"] else "calendar")
    of_kind = kind == kind.value_counts(sort=False).idxmax()
    return points[of_kind].reset_index(drop=True), tuple(points.loc[~of_kind, "period"])


def _positions(periods: pd.Series) -> tuple[list[float], bool]:
    ends = [period_end(p) for p in periods]
    dated = None not in ends
    return (ends, True) if dated else ([float(i) for i in range(len(ends))], False)


def period_end(period: str) -> float | None:
    """When a period ends, in years: 2022.25 for 2021/22, 2025 for the calendar year 2024; None for any other text."""
    found = _YEAR.fullmatch(period)
    if not found:
        return None
    start, quarter = int(found["start"]), int(found["quarter"] or 4)
    return start + 0.25 + quarter / 4 if found["financial"] else start + quarter / 4


def position(day: date) -> float:
    """When a day begins, in years, on the scale of `period_end`: 1 April 2022 is 2022.25, when 2021/22 has ended."""
    return day.year + (day.month - 1 + (day.day - 1) / monthrange(day.year, day.month)[1]) / 12


def _parts_of(source, measure, by, unit, where, against, reference, row) -> dict[str, float]:
    """What the value of one period is made of besides the count, and what it can be where a count is hidden."""
    hidden = pd.isna(row["count"])
    if measure == "share":
        hidden |= pd.isna(row["total"])
        total = np.nan if pd.isna(row["total"]) or row["total"] == 0 else float(row["total"])
        return _parts(total, 1, 1, row["low"] / total, np.fmin(_number(row["high"]), total) / total, hidden=hidden)
    if measure == "count":
        return _parts(1, 1, 1, row["low"], row["high"], hidden=hidden)
    if measure == "rate":
        population = _population(source, by, row["group"], where, against)
        return _parts(
            1, population, 1, PER * row["low"] / population, PER * _number(row["high"]) / population, hidden=hidden
        )
    compared = comparison.compare(source, by=by, unit=unit, where=where, baseline=against.name, reference=reference)
    one = compared.table.set_index("group").loc[row["group"]]
    base = np.nan if pd.isna(one["rri_low"]) else one["others"]
    exposures = comparison.A_NATION * one["population_share"], comparison.A_NATION * one["others_share"]
    return _parts(base, *exposures, one["rri_least"], one["rri_most"], hidden=one["verdict"] == comparison.HIDDEN)


def _parts(*parts, hidden: bool) -> dict[str, float | bool]:
    names = ("base", "exposure", "base_exposure", "least", "most")
    return dict(zip(names, map(_number, parts), strict=True)) | {"hidden": bool(hidden)}


def _number(value) -> float:
    return np.nan if pd.isna(value) else float(value)


def _against(source: Release, by: str | None, where: Mapping[str, str], name: str | None) -> Baseline:
    """Whom a period is set against: all children of the area where the baselines do not divide them by that."""
    period = next(where[kind] for kind in PERIODS if kind in where)
    year = period.removeprefix("year to ")[:7] if period_end(period) else source.years[-1]
    area, rows = source.area_of(where), source.baselines
    if by not in set(rows["characteristic"]):
        of_area = baselines.everybody(rows, area)
        if of_area.empty:
            raise BaselineError(f"no number of children is published for {area}; choose a share, an RRI or a count")
        by, name = of_area["characteristic"].iloc[0], POPULATION
    return baselines.choose(rows, characteristic=by, area=area, year=year, name=name)


def _population(source: Release, by: str | None, group: str, where: Mapping[str, str], against: Baseline) -> float:
    """The children of a group, or all of the area."""
    if by == against.characteristic:
        population = against.populations.get(group)
    else:
        population = baselines.everybody(source.baselines, source.area_of(where))["population"].max()
    if not population or np.isnan(population):
        raise BaselineError(f"no number of children is published for {group}; choose a share, an RRI or a count")
    return float(population)


def _values(points: pd.DataFrame, measure: str, confidence: float) -> dict[str, np.ndarray]:
    found = measured(measure, *made_of(points), confidence)
    scale = PER if measure == "rate" else 1
    ends = {"value": found.estimate, "value_low": found.low, "value_high": found.high}
    return {name: scale * np.where(np.isfinite(found.estimate), end, np.nan) for name, end in ends.items()}


def made_of(points: pd.DataFrame) -> list[np.ndarray]:
    """Count, base, exposure and base exposure of some points."""
    columns = ("count", "base", "exposure", "base_exposure")
    return [points[name].to_numpy(dtype=float, na_value=np.nan) for name in columns]


def measured(measure: str, count, base, exposure, base_exposure, confidence: float):
    """Estimate and limits of a measure of anything that `Trend.points` is made of."""
    if measure == "share":
        return measures.proportion_interval(count, base, confidence=confidence)
    if measure == "rri":
        return measures.rate_ratio(count, exposure, base, base_exposure, confidence=confidence)
    return measures.rate_interval(count, exposure, confidence=confidence)


def _published(source: Release, by: str, group: str, where: Mapping[str, str], points: pd.DataFrame) -> pd.DataFrame:
    """What is published of the group's share of the population in those years, where there are several."""
    own = source.area_of(where)
    rows = source.baselines
    rows = rows[(rows["characteristic"] == by) & ~rows["baseline"].map(is_caseload)]
    found = []
    for area in (own, *REGIONS, *NATIONAL):
        of_area = rows[rows["area"] == area].drop_duplicates("baseline")
        for name, year in zip(of_area["baseline"], of_area["year"], strict=True):
            end = period_end(year)
            at = end - 0.75 if end and "/" not in year else end  # in January or March of a calendar year
            if at is None or not points["at"].min() <= at <= points["at"].max():
                continue
            share = _published_share(source, by, area, name, group)
            if share is not None:
                found.append((area, at, share))
    line = pd.DataFrame(found, columns=list(_no_line())).drop_duplicates(["area", "at"]).sort_values(["area", "at"])
    return line[line.groupby("area")["at"].transform("size") > 1].reset_index(drop=True)


def _published_share(source: Release, by: str, area: str, name: str, group: str) -> float | None:
    """A group's share of an area's own baseline; None where the area has none, or no total to set the group against."""
    try:
        chosen = baselines.choose(source.baselines, characteristic=by, area=area, name=name)
    except BaselineError:
        return None
    return chosen.shares.get(group) if chosen.area == area else None


def _no_line() -> pd.DataFrame:
    return pd.DataFrame({"area": [], "at": [], "value": []})

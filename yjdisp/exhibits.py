"""One view of a finding: its words, its table and its picture, the same on a page and in a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from yjdisp import charts, wording
from yjdisp.areas import Areas
from yjdisp.baselines import Baseline
from yjdisp.charts import intersections as charts_intersections
from yjdisp.charts import places as charts_places
from yjdisp.charts import system as charts_system
from yjdisp.charts import trends as charts_trends
from yjdisp.comparison import Comparison
from yjdisp.contrast import Division
from yjdisp.indicators import Facts, Rates
from yjdisp.intersections import Intersections
from yjdisp.pathway import Pathway
from yjdisp.picture import Picture
from yjdisp.treatment import Treatment
from yjdisp.trends import Trend
from yjdisp.vocabulary import LABELS
from yjdisp.wording import comparison as wording_comparison
from yjdisp.wording import indicators as wording_indicators
from yjdisp.wording import intersections as wording_intersections
from yjdisp.wording import pathway as wording_pathway
from yjdisp.wording import places as wording_places
from yjdisp.wording import system as wording_system
from yjdisp.wording import treatment as wording_treatment
from yjdisp.wording import trends as wording_trends
from yjdisp.wording.views import PROPORTIONATE, View

Years = Sequence[str]


@dataclass(frozen=True)
class Exhibit:
    """One view: a chart with its table, and what is said of them.

    Attributes:
        title, shown: what it is about, and what exactly is counted, in one line each.
        answer: the answer in one sentence, then what it leaves open.
        table: the view as a table of texts.
        picture: what its chart shows; None for a table alone.
        alt: the text alternative of its chart.
        steps, compared_with: how it was worked out, a paragraph a step, and who it is compared with; Markdown.
        caveats: what a reader must know so as not to be misled.
        name: what a file or a table of this view is called.
        against: whom it is compared with; empty for a view that does not say.
        comparisons: those that it shows, of one unit, period and area; empty for a view of anything else.
    """

    title: str
    shown: str
    answer: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    picture: Picture | None
    alt: str
    steps: tuple[str, ...]
    caveats: tuple[str, ...]
    name: str
    compared_with: str = ""
    against: tuple[Baseline, ...] = field(default=(), repr=False)
    comparisons: tuple[Comparison, ...] = field(default=(), repr=False)

    @property
    def has_chart(self) -> bool:
        """Whether there is something to draw."""
        return self.picture is not None and bool(self.picture.marks)

    @property
    def caption(self) -> str:
        """What it is about and what exactly is counted, for a table that stands alone."""
        return self.shown if self.shown.startswith(self.title) else f"{self.title}: {self.shown}"

    @property
    def worked_out(self) -> tuple[str, ...]:
        """How it was worked out and who it is compared with, in Markdown."""
        return (*self.steps, *filter(None, [self.compared_with]))

    @property
    def method(self) -> tuple[str, ...]:
        """How it was worked out, without emphasis marks."""
        return tuple(map(_plain, self.steps))

    @property
    def source(self) -> str:
        """Who it is compared with, without emphasis marks."""
        return _plain(self.compared_with)


def compared(comparisons: Sequence[Comparison], years: Years) -> Exhibit:
    """Comparisons that share unit, period and area."""
    first, against = comparisons[0], tuple(c.baseline for c in comparisons)
    title = " and ".join(LABELS[c.by] for c in comparisons)
    if "area" in first.where:
        title = f"{title}, {first.where['area']}"
    return Exhibit(
        title=title,
        shown=wording_comparison.shown(comparisons, years),
        answer=wording_comparison.answer(comparisons, years),
        table=wording_comparison.table(comparisons),
        picture=charts.picture(comparisons),
        alt=wording_comparison.describe(comparisons, years),
        steps=wording_comparison.steps(comparisons),
        compared_with=wording.compared_with(against),
        caveats=tuple(filter(None, wording_comparison.caveats(comparisons, years))),
        name=slug(*(c.by for c in comparisons), first.unit, *first.where.values()),
        against=against,
        comparisons=tuple(comparisons),
    )


def over_time(of: Trend) -> Exhibit:
    """One figure of one group over time."""
    return Exhibit(
        title=wording_trends.about(of),
        shown=wording_trends.shown(of),
        answer=wording_trends.answer(of),
        table=wording_trends.table(of),
        picture=charts_trends.picture(of),
        alt=wording_trends.describe(of),
        steps=wording_trends.WORKED_OUT,
        compared_with=wording_trends.compared_with(of),
        against=wording_trends.against(of),
        caveats=wording_trends.caveats(of),
        name=slug("trend", of.by or "all", of.group, of.measure, of.unit, of.every, *of.where.values()),
    )


def divided(found: Division, view: View, years: Years, missing: Sequence[View] = ()) -> Exhibit:
    """How two groups divide over the values of a dimension; `missing` are views that are not published."""
    return Exhibit(
        title=view.title,
        shown=wording_system.shown(found, view, years),
        answer=wording_system.answer(found, view, years),
        table=wording_system.table(found, view),
        picture=charts_system.shares(found, view),
        alt=wording_system.describe(found, view, years),
        steps=wording_system.worked_out(found),
        caveats=wording_system.caveats(found, view, years, missing),
        name=slug(view.title, found.by, found.unit, found.group, *found.where.values()),
    )


def proportionate(found: Treatment, years: Years, missing: Sequence[View] = ()) -> Exhibit:
    """Whether two groups go to court as often at the same gravity; `missing` are views that are not published."""
    return Exhibit(
        title=PROPORTIONATE.title,
        shown=wording_treatment.shown(found, years),
        answer=wording_treatment.answer(found, years),
        table=wording_treatment.table(found),
        picture=charts_system.proportion(found),
        alt=wording_treatment.describe(found, years),
        steps=wording_treatment.worked_out(found),
        caveats=wording_treatment.caveats(found, years, missing),
        name=slug("proportionate", found.by, found.unit, found.group, *found.where.values()),
    )


def stages(found: Pathway, years: Years) -> Exhibit:
    """Where on the way through the system a disparity arises."""
    return Exhibit(
        title="Pathway",
        shown=wording_pathway.shown(found, years),
        answer=wording_pathway.answer(found, years),
        table=wording_pathway.table(found),
        picture=charts_system.stages(found),
        alt=wording_pathway.describe(found, years),
        steps=wording_pathway.worked_out(found),
        caveats=wording_pathway.caveats(found, years),
        against=(found.baseline,),
        name=slug("pathway", found.by, found.group, *found.where.values()),
    )


def crossed(found: Intersections, years: Years) -> Exhibit:
    """Two characteristics at once. Where the screen has tiles, a file has rows."""
    return Exhibit(
        title=f"{LABELS[found.rows]} and {LABELS[found.columns].lower()}",
        shown=wording_intersections.shown(found, years),
        answer=wording_intersections.answer(found, years),
        table=wording_intersections.table(found),
        picture=charts_intersections.picture(found),
        alt=wording_intersections.describe(found, years),
        steps=wording_intersections.WORKED_OUT,
        caveats=wording_intersections.caveats(found, years),
        name=slug("intersections", found.rows, found.columns, *found.where.values()),
    )


def inspected(found: Facts, area: str, years: Years) -> Exhibit:
    """The facts about an area's caseload that inspectors print, beside those of others."""
    return Exhibit(
        title="Facts that inspectors print",
        shown=wording_indicators.facts_shown(found, years),
        answer=wording_indicators.facts_answer(found, years),
        table=wording_indicators.facts_table(found),
        picture=charts_places.facts(found, area),
        alt=wording_indicators.facts_describe(found, years),
        steps=wording_indicators.facts_worked_out(found),
        caveats=wording_indicators.facts_caveats(found, years),
        name=slug("inspection", *found.where.values()),
    )


def rates(found: Rates, years: Years, missing: Sequence[str]) -> Exhibit:
    """A national indicator, for everybody or by a characteristic; `missing` are indicators that are not published."""
    return Exhibit(
        title=wording.capital(found.indicator.name),
        shown=wording_indicators.rates_shown(found, years),
        answer=wording_indicators.rates_answer(found, years),
        table=wording_indicators.rates_table(found),
        picture=charts_places.rates(found),
        alt=wording_indicators.rates_describe(found, years),
        steps=wording_indicators.rates_worked_out(found),
        caveats=wording_indicators.rates_caveats(found, years, missing),
        against=tuple(filter(None, [found.baseline])),
        name=slug(found.indicator.name, found.by or "", *found.where.values()),
    )


def side_by_side(found: Areas, years: Years) -> Exhibit:
    """One group of a characteristic in every area."""
    against = wording_places.areas_against(found)
    return Exhibit(
        title=f"{LABELS[found.by]}, areas side by side",
        shown=wording_places.areas_shown(found, years),
        answer=wording_places.areas_answer(found, years),
        table=wording_places.areas_table(found),
        picture=charts_places.areas(found),
        alt=wording_places.areas_describe(found, years),
        steps=(
            wording_comparison.RATIOS.format(name=wording_comparison.LIKELY, unit="children"),
            wording_places.LIMITS,
        ),
        compared_with=wording.compared_with(against),
        against=against,
        caveats=wording_places.areas_caveats(found, years),
        name=slug("areas", found.by, found.group, *found.where.values()),
    )


def tabulated(caption: str, table: pd.DataFrame, name: str) -> Exhibit:
    """A view that is a table alone."""
    return Exhibit(caption, caption, (caption,), table, None, "", (), (), slug(name))


def slug(*words: str) -> str:
    """Words as a part of a file's or a table's name."""
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


def _plain(text: str) -> str:
    return text.replace("*", "")

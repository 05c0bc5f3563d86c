"""What a page shows, worked out once for each release and choice and kept for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from yjdisp import charts, charts_places, wording, wording_unknowns
from yjdisp.baselines import BaselineError
from yjdisp.comparison import NO_BASELINE, REFERENCE, Comparison, at_level, compare
from yjdisp.exports import content
from yjdisp.exports.content import Exhibit
from yjdisp.picture import Picture
from yjdisp.release import Release, ReleaseError
from yjdisp.ui.filters import Choice
from yjdisp.unknowns import unknowns as shared_out
from yjdisp.vocabulary import LABELS


@dataclass(frozen=True)
class Result:
    """One chart with everything around it: the same numbers in words, as a picture and as a table.

    Attributes:
        key: what the marks of the chart mean: sign, colour, words.
        title: what files of it are headed with; `shown` where it is left out.
        picture: what the chart shows, for files that draw it themselves; without one they have the table alone.
        comparisons: those that it shows, if it shows comparisons.
    """

    answer: tuple[str, ...]
    shown: str
    chart: go.Figure
    alt: str
    table: pd.DataFrame
    worked_out: tuple[str, ...]
    caveats: tuple[str, ...]
    name: str
    key: tuple[tuple[str, str, str], ...] = ()
    title: str = ""
    picture: Picture | None = None
    comparisons: tuple[Comparison, ...] = ()

    def exhibit(self, source: Release) -> Exhibit:
        """The same as files hold it."""
        shown = Exhibit(
            title=self.title or self.shown,
            shown=self.shown,
            answer=self.answer,
            table=self.table,
            picture=self.picture,
            alt=self.alt,
            method=tuple(map(content.plain, self.worked_out)),
            caveats=self.caveats,
            name=content.slug(self.name),
            comparisons=self.comparisons,
        )
        if not self.comparisons:
            return shown
        usual = content.exhibit(source, self.comparisons)
        return replace(shown, title=usual.title, method=usual.method, source=usual.source)


def compared(source: Release, choice: Choice) -> Result:
    """The groups of one or several characteristics against their baselines.

    Raises:
        ReleaseError, BaselineError: none of the characteristics can be compared.
    """
    return _compared(source.id, choice, source)


@st.cache_resource(max_entries=500, show_spinner=False)
def _compared(release_id: str, choice: Choice, _source: Release) -> Result:
    comparisons, left_out, refused = [], [], None
    for by in choice.by:
        try:
            c = _compare(_source, by, choice)
        except ReleaseError as why:
            left_out.append(wording.TOO_SMALL.format(label=LABELS[by]))
            refused = refused or why
        except BaselineError as why:
            left_out.append(wording.NO_POPULATION.format(label=LABELS[by]))
            refused = refused or why
        else:
            if len(choice.by) > 1 and wording.is_caseload(c.baseline):
                left_out.append(wording.NO_POPULATION.format(label=LABELS[by]))
            else:
                comparisons.append(c)
    if not comparisons:
        raise refused
    years = _source.years
    picture = charts.picture(comparisons)
    result = Result(
        answer=(*wording.answer(comparisons, years), *(_what_if(comparisons[0]) if len(choice.by) == 1 else ())),
        shown=wording.shown(comparisons, years),
        chart=charts.rows(picture),
        picture=picture,
        key=charts.key(comparisons),
        alt=wording.describe(comparisons, years),
        table=wording.table(comparisons),
        worked_out=wording.worked_out(comparisons),
        caveats=(*wording.caveats(comparisons, years), *left_out),
        name="-".join([*choice.by, choice.unit, *(value for _, value in choice.where)]),
        comparisons=tuple(comparisons),
    )
    nothing_to_compare = set(comparisons[0].table["verdict"]) <= {NO_BASELINE, REFERENCE}
    return _of_shares(result, comparisons[0], years) if nothing_to_compare else result


def _of_shares(result: Result, c: Comparison, years: Sequence[str]) -> Result:
    """The same where no population is known of any group: shares of the caseload, without a comparison."""
    picture = charts_places.shares(c)
    return replace(
        result,
        answer=(wording.UNCOMPARED.format(unit=c.unit),),
        chart=charts.rows(picture),
        picture=picture,
        key=charts_places.key(picture),
        alt=wording.describe_shares(c, years),
    )


def unknowns(source: Release, choice: Choice) -> tuple[pd.DataFrame, str] | None:
    """What the unknown of a page about one characteristic could do, as a table with its caption; None without any."""
    return _unknowns(source.id, choice, source)


@st.cache_resource(max_entries=500, show_spinner=False)
def _unknowns(release_id: str, choice: Choice, _source: Release) -> tuple[pd.DataFrame, str] | None:
    c = _compare(_source, choice.by[0], choice)
    found = shared_out(c)
    return found and (wording_unknowns.table(found, c), wording_unknowns.caption(found, c))


def _what_if(c: Comparison) -> tuple[str, ...]:
    found = shared_out(c)
    return (wording_unknowns.sentence(found, c),) if found else ()


def _compare(source: Release, by: str, choice: Choice) -> Comparison:
    found = compare(
        source,
        by=by,
        unit=choice.unit,
        where=dict(choice.where),
        baseline=choice.baseline,
        reference=choice.reference,
    )
    return at_level(found, source.dimensions[by], choice.level)

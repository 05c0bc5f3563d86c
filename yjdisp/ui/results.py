"""What a page shows, worked out once for each release and choice and kept for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from yjdisp import charts, exhibits, scale
from yjdisp.baselines import BaselineError
from yjdisp.charts import places as charts_places
from yjdisp.comparison import NO_BASELINE, REFERENCE, Comparison, at_level, compare
from yjdisp.exhibits import Exhibit
from yjdisp.release import Release, ReleaseError
from yjdisp.ui.filters import Choice
from yjdisp.unknowns import unknowns as shared_out
from yjdisp.vocabulary import LABELS
from yjdisp.wording import comparison as wording_comparison
from yjdisp.wording import scale as wording_scale
from yjdisp.wording import unknowns as wording_unknowns


@dataclass(frozen=True)
class Result:
    """A view with its chart as a page draws it, and what the marks of the chart mean: sign, colour, words."""

    view: Exhibit
    chart: go.Figure
    key: tuple[tuple[str, str, str], ...] = ()


def drawn(view: Exhibit) -> Result:
    """A view whose chart is its picture in rows."""
    return Result(view, charts.rows(view.picture), charts.signs(view.picture))


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
            if len(choice.by) > 1 and c.baseline.is_caseload:
                raise BaselineError(f"no population for {by}; add rows to the baseline file and release again")
            comparisons.append(c)
        except ReleaseError as why:
            left_out.append(wording_comparison.TOO_SMALL.format(label=LABELS[by]))
            refused = refused or why
        except BaselineError as why:
            left_out.append(wording_comparison.NO_POPULATION.format(label=LABELS[by]))
            refused = refused or why
    if not comparisons:
        raise refused
    years = _source.years
    view = exhibits.compared(comparisons, years)
    what_if = _what_if(comparisons[0]) if len(choice.by) == 1 else ()
    view = replace(view, answer=(*view.answer, *what_if), caveats=(*view.caveats, *left_out))
    if set(comparisons[0].table["verdict"]) <= {NO_BASELINE, REFERENCE}:
        return _of_shares(view, comparisons[0], years)
    return drawn(view)


def _of_shares(view: Exhibit, c: Comparison, years: Sequence[str]) -> Result:
    """The same where no population is known of any group: shares of the caseload, without a comparison."""
    answer, alt = (wording_comparison.UNCOMPARED.format(unit=c.unit),), wording_comparison.describe_shares(c, years)
    return drawn(replace(view, answer=answer, picture=charts_places.shares(c), alt=alt))


@dataclass(frozen=True)
class Further:
    """A question that a finding raises, answered by a table.

    Attributes:
        title, caption: its heading, and what the table says.
        table: texts.
        name: what a file of it is called.
    """

    title: str
    caption: str
    table: pd.DataFrame
    name: str


def unknowns(source: Release, choice: Choice) -> Sequence[Further]:
    """What the unknown of a page about one characteristic could do, where there are any."""
    return _unknowns(source.id, choice, source)


@st.cache_resource(max_entries=500, show_spinner=False)
def _unknowns(release_id: str, choice: Choice, _source: Release) -> Sequence[Further]:
    c = compared(_source, choice).view.comparisons[0]
    found = shared_out(c)
    if not found:
        return ()
    table, caption = wording_unknowns.table(found, c), wording_unknowns.caption(found, c)
    return (Further(wording_unknowns.SECTION, caption, table, f"{c.by}-unknown"),)


def in_children(source: Release, choice: Choice) -> Sequence[Further]:
    """How many children the findings of a page about one characteristic are, and what could not have been seen."""
    return _in_children(source.id, choice, source)


@st.cache_resource(max_entries=500, show_spinner=False)
def _in_children(release_id: str, choice: Choice, _source: Release) -> Sequence[Further]:
    c = compared(_source, choice).view.comparisons[0]
    if c.unit != "children" or c.baseline.is_caseload:
        return ()
    parity, detectable = scale.parity(c), scale.detectable(c)
    found = []
    if len(parity):
        table = wording_scale.parity(parity)
        found.append(Further(wording_scale.PARITY, wording_scale.PARITY_TABLE, table, f"{c.by}-parity"))
    if len(detectable):
        table, caption = wording_scale.detectable(detectable, c), wording_scale.detectable_caption(c)
        found.append(Further(wording_scale.DETECTABLE, caption, table, f"{c.by}-detectable"))
    return found


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

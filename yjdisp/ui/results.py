"""What a page shows, worked out once for each release and choice and kept for everybody."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from yjdisp import charts, wording
from yjdisp.baselines import BaselineError
from yjdisp.comparison import Comparison, compare
from yjdisp.release import Release, ReleaseError
from yjdisp.ui.filters import Choice
from yjdisp.vocabulary import LABELS


@dataclass(frozen=True)
class Result:
    """One chart with everything around it: the same numbers in words, as a picture and as a table."""

    answer: tuple[str, ...]
    shown: str
    chart: go.Figure
    alt: str
    table: pd.DataFrame
    worked_out: tuple[str, ...]
    caveats: tuple[str, ...]
    name: str
    key: tuple[tuple[str, str, str], ...] = ()


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
    return Result(
        answer=wording.answer(comparisons, years),
        shown=wording.shown(comparisons, years),
        chart=charts.ratios(comparisons),
        key=charts.key(comparisons),
        alt=wording.describe(comparisons, years),
        table=wording.table(comparisons),
        worked_out=wording.worked_out(comparisons),
        caveats=(*wording.caveats(comparisons, years), *left_out),
        name="-".join([*choice.by, choice.unit, *(value for _, value in choice.where)]),
    )


def _compare(source: Release, by: str, choice: Choice) -> Comparison:
    return compare(
        source,
        by=by,
        unit=choice.unit,
        where=dict(choice.where),
        baseline=choice.baseline,
        reference=choice.reference,
    )

"""The pictures of the pages about the system: shares of two groups, ratios at each gravity, stages of the pathway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yjdisp import charts, comparison, wording
from yjdisp.comparison import HIDDEN, OVER, UNDER
from yjdisp.contrast import SIDES, Division
from yjdisp.pathway import Pathway
from yjdisp.picture import Look, Mark, Picture
from yjdisp.treatment import Treatment
from yjdisp.wording import pathway as wording_pathway
from yjdisp.wording import system as wording_system
from yjdisp.wording import treatment as wording_treatment
from yjdisp.wording.pathway import NOT_PUBLISHED
from yjdisp.wording.views import View, label

STYLES = {"group": ("#12436D", "circle"), "reference": ("#767676", "diamond")}


def shares(of: Division, view: View) -> Picture:
    """Under each value the share of each group with its interval; a hidden one as the range that is left to it."""
    marks = []
    for row in wording_system.chosen(of, view):
        for side, group in zip(SIDES, (of.group, of.reference), strict=True):
            marks.append(_share(row, side, group, label(of.of, row["value"])))
    return Picture(tuple(marks), f"Share of the group's {of.unit}, %", log=False, equal=None)


def _share(row: Mapping, side: str, group: str, heading: str) -> Mark:
    hidden = pd.isna(row[f"{side}_share"])
    ends = ("_least", "_most") if hidden else ("", "_low", "_high")
    values = [100 * row[f"{side}_share{end}"] for end in ends]
    if pd.isna(values[0]):
        return Mark(group, "none to take a share of", charts.look(HIDDEN), heading=heading)
    text = wording.span(*(value / 100 for value in values[-2:]), wording.percent)
    if hidden:
        return Mark(group, f"hidden: {text}", charts.look(HIDDEN), None, *values, heading=heading, hidden=True)
    look = Look(wording.who(group), *STYLES[side])
    return Mark(group, f"{wording.percent(values[0] / 100)} ({text})", look, *values, heading=heading)


def proportion(of: Treatment) -> Picture:
    """The ratio as it is, in every gravity band, and at the same gravity."""
    marks = [_ratio(row, row["label"], of.unit) for row in wording_treatment.rows(of)]
    return Picture(tuple(marks), "Times as often (1 = equally often)", band=wording.BAND)


def _ratio(row: Mapping, name: str, unit: str) -> Mark:
    if row["verdict"] == HIDDEN:
        return _left(name, row["rri_least"], row["rri_most"])
    ends = [row[f"rri{end}"] for end in ("", "_low", "_high")]
    return _mark(name, _text(*ends), row["verdict"], wording_system.finding(row, unit), ends)


def stages(of: Pathway) -> Picture:
    """Each stage by itself, out of the one that feeds it; below, the stages so far multiplied, out of the population."""
    marks = [_stage(row) for row in wording_pathway.rows(of)]
    chain = wording_pathway.chain(of)
    marks += [_so_far(row) for row in chain] if len(chain) > 1 else []
    return Picture(tuple(marks), "Worse by how many times (1 = the same)", band=wording.BAND)


def _stage(row: Mapping) -> Mark:
    name, heading = wording_pathway.name(row), wording_pathway.EACH
    if row["verdict"] == NOT_PUBLISHED:
        return Mark(name, NOT_PUBLISHED, charts.look(NOT_PUBLISHED), heading=heading)
    if row["verdict"] == HIDDEN:
        return _left(name, row["least"], row["most"], heading)
    ends = [row[f"disadvantage{end}"] for end in ("", "_low", "_high")]
    return _mark(
        name, wording_pathway.times(row), row["verdict"], wording_pathway.FINDING[row["verdict"]], ends, heading
    )


def _so_far(row: Mapping) -> Mark:
    ends = [row[f"cumulative{end}"] for end in ("", "_low", "_high")]
    found = comparison.verdict(*ends, row["group"])
    name = wording.capital(row["stage"])
    return _mark(name, _text(*ends), found, wording_pathway.FINDING[found], ends, wording_pathway.TOGETHER)


def _text(estimate: float, low: float, high: float) -> str:
    return comparison.NOBODY if pd.isna(low) else wording.with_interval(estimate, low, high)


def _mark(name: str, text: str, verdict: str, words: str, ends: Sequence[float], heading: str = "") -> Mark:
    """A ratio with its limits in the look of its verdict."""
    look = Look(words, *charts.MARKS[verdict][:2])
    return Mark(name, text, look, *map(_number, ends), heading=heading, strong=verdict in (OVER, UNDER))


def _left(name: str, least: float, most: float, heading: str = "") -> Mark:
    """The range that is left to a hidden ratio."""
    text = "hidden count" if pd.isna(least) else f"hidden: {wording.possible(least, most)}"
    return Mark(name, text, charts.look(HIDDEN), None, _number(least), _number(most), heading=heading, hidden=True)


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)

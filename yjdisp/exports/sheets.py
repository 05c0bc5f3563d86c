"""What the worksheets of a spreadsheet hold: views with their figures as numbers, and tables of counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import HIDDEN as HIDDEN_VERDICT
from yjdisp.comparison import REFERENCE, Comparison
from yjdisp.exhibits import Exhibit, slug
from yjdisp.exports import content, counts
from yjdisp.exports.content import Contents
from yjdisp.picture import Mark, Picture
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import LABELS, UNKNOWN
from yjdisp.wording import comparison as wording_comparison

WITHOUT_FIGURE, NOT_APPLICABLE = "[x]", "[z]"
WHOLE = re.compile(r"\d{1,3}(,\d{3})*|\d+")
MOST_LETTERS = 200  # of a table's name; Excel takes 255

# heading, column of a comparison, factor, decimals
FIGURES = (
    ("Share of the caseload (%)", "share", 100, 1),
    ("Share of the caseload, lower limit (%)", "share_low", 100, 1),
    ("Share of the caseload, upper limit (%)", "share_high", 100, 1),
    ("{share} (%)", "population_share", 100, 1),
    ("Gap (percentage points)", "gap", 100, 1),
    ("Gap, lower limit (percentage points)", "gap_low", 100, 1),
    ("Gap, upper limit (percentage points)", "gap_high", 100, 1),
    ("{ratio}", "rri", 1, 2),
    ("{ratio}, lower limit", "rri_low", 1, 2),
    ("{ratio}, upper limit", "rri_high", 1, 2),
)


@dataclass(frozen=True)
class Sheet:
    """One table with what stands above it; `notes` are keys of the notes that it refers to."""

    title: str
    subtitle: str
    marks: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)
    labels: int
    notes: tuple[str, ...]
    name: str
    decimals: Mapping[str, int] = field(default_factory=dict)


def sheets(contents: Contents) -> list[Sheet]:
    """The worksheets of the whole release, or of what is on screen."""
    release = contents.release
    made = [sheet for view in contents.views for sheet in _of_view(release, view)]
    return made + ([_counted(release, table) for table in counts.tables(release)] if contents.whole else [])


def _of_view(release: Release, view: Exhibit) -> Iterable[Sheet]:
    """A comparison with all its figures as numbers; of any other view the table on screen and the numbers of its chart."""
    if view.comparisons:
        return [_compared(release, view, c) for c in view.comparisons]
    drawn = [_drawn(view, view.picture)] if view.has_chart else []
    return [_shown(view), *drawn]


def _compared(release: Release, view: Exhibit, c: Comparison) -> Sheet:
    frame = pd.DataFrame([_line(row, c) for row in c.table.to_dict("records")])
    other = "another caseload" if c.baseline.is_caseload else "the population"
    return Sheet(
        title=f"{LABELS[c.by]} of {c.unit} compared with {other}, {wording.period(c.where, release.years)}",
        subtitle=view.answer[0] if len(view.comparisons) == 1 else view.shown,
        marks=_marks(frame),
        frame=frame,
        labels=2,
        notes=(c.unit, "hidden", "method", f"compared {c.by}", *_with_parts(release, [c.by])),
        name=_name(f"compared {view.name} {c.by}"),
        decimals={_heading(text, c): places for text, _, _, places in FIGURES},
    )


def _shown(view: Exhibit) -> Sheet:
    frame = pd.DataFrame([_cells(row) for row in view.table.to_dict("records")], columns=list(view.table))
    return Sheet(
        title=view.caption,
        subtitle=view.answer[0],
        marks=_marks(frame),
        frame=frame,
        labels=1,
        notes=("hidden", f"view {view.name}"),
        name=_name(view.name),
    )


def _cells(row: Mapping[str, str]) -> dict[str, object]:
    """A row of texts with whole numbers as numbers, and a mark where a figure is missing."""
    missing = NOT_APPLICABLE if REFERENCE in row.values() else WITHOUT_FIGURE
    return {name: missing if text == wording.NONE or not text else _number(text) for name, text in row.items()}


def _number(text: str) -> int | str:
    return int(text.replace(",", "")) if WHOLE.fullmatch(text) else text


def _drawn(view: Exhibit, picture: Picture) -> Sheet:
    """The numbers of a chart: each value with the limits of its interval."""
    headed = any(m.heading for m in picture.marks)
    frame = pd.DataFrame(
        {
            **({"Part": m.heading} if headed else {}),
            "Shown": m.label,
            "Kind": m.look.words,
            picture.axis: _end(m, m.estimate),
            "Lower limit": _end(m, m.low),
            "Upper limit": _end(m, m.high),
        }
        for m in picture.marks
    )
    return Sheet(
        title=f"{view.caption}: the numbers of the chart",
        subtitle="",
        marks=_marks(frame),
        frame=frame,
        labels=3 if headed else 2,
        notes=("hidden", f"view {view.name}"),
        name=_name(f"chart {view.name}"),
    )


def _end(m: Mark, value: float | None) -> float | str:
    """A number of a chart with four significant digits, or the mark that says why there is none."""
    if value is None:
        return HIDDEN if m.hidden else WITHOUT_FIGURE
    return float(f"{value:.4g}") if isfinite(value) else NOT_APPLICABLE


def _name(text: str) -> str:
    """The name of a table: letters, digits and underscores, no more than Excel takes."""
    return slug(text).replace("-", "_")[:MOST_LETTERS]


def _heading(text: str, c: Comparison) -> str:
    return text.format(ratio=wording_comparison.ratio_heading(c), share=wording_comparison.share_name(c))


def _line(row: Mapping, c: Comparison) -> dict[str, object]:
    """One group: the verdict, its count with what anyone can work out, its figures with their intervals."""
    return {
        "Group": row["group"],
        "Finding": wording.capital(wording_comparison.finding(row, c)) if row["group"] != UNKNOWN else WITHOUT_FIGURE,
        c.unit.capitalize(): HIDDEN if pd.isna(row["count"]) else int(row["count"]),
        "Lowest possible count": int(row["low"]),
        "Highest possible count": NOT_APPLICABLE if pd.isna(row["high"]) else int(row["high"]),
        **{_heading(text, c): _figure(row, name, scale, places) for text, name, scale, places in FIGURES},
    }


def _figure(row: Mapping, name: str, scale: float, places: int) -> float | str:
    """A figure, or the mark that says why there is none."""
    value = row[name]
    if row["group"] == UNKNOWN or name == "population_share" and pd.isna(value):
        return WITHOUT_FIGURE
    if pd.notna(value):
        return round(scale * float(value), places) + 0.0 if isfinite(value) else NOT_APPLICABLE
    if row["verdict"] == REFERENCE and name.startswith("rri"):
        return NOT_APPLICABLE
    hidden = pd.isna(row["count"]) or pd.isna(row["total"]) or row["verdict"] == HIDDEN_VERDICT
    return HIDDEN if hidden else WITHOUT_FIGURE


def _counted(release: Release, table: counts.CountTable) -> Sheet:
    frame, labels = counts.wide(release, table)
    return Sheet(
        title=table.title,
        subtitle="",
        marks=_marks(frame),
        frame=frame,
        labels=labels,
        notes=(table.unit, "hidden", *_with_parts(release, table.dimensions)),
        name=_name(table.name),
    )


def _marks(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the marks of a table mean, those that it has."""
    there = set(frame.map(str).to_numpy().ravel())
    meanings = {HIDDEN: wording.HIDDEN_NOTE, WITHOUT_FIGURE: content.NO_FIGURE, NOT_APPLICABLE: content.NO_LIMIT}
    return tuple(meaning.split(". ")[0].rstrip(".") + "." for mark, meaning in meanings.items() if mark in there)


def _with_parts(release: Release, dimensions: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"parts {d}" for d in dimensions if content.hierarchies(release, [d]))


def notes(release: Release, views: Sequence[Exhibit], made: Sequence[Sheet]) -> dict[str, str]:
    """The texts of the notes that some sheet refers to, by key."""
    texts = dict(content.COUNTED) | {"hidden": f"Disclosure policy {content.policy(release)} {content.HIDES_FIGURES}"}
    for view in views:
        if view.comparisons:
            texts["method"] = " ".join(view.method)
        texts |= {f"compared {c.by}": " ".join([view.source, *view.caveats]) for c in view.comparisons}
        texts[f"view {view.name}"] = " ".join([*view.answer, *view.method, view.source, *view.caveats])
    for name in release.dimensions:
        texts[f"parts {name}"] = (
            f"{LABELS[name]}, groups and their parts. {' '.join(content.hierarchies(release, [name]))}"
        )
    return {key: texts[key] for key in dict.fromkeys(key for sheet in made for key in sheet.notes)}

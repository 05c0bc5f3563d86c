"""What every export carries, whatever its form: the views, where they come from, and what their marks mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from yjdisp import charts, wording
from yjdisp.baselines import NATIONAL, Baseline
from yjdisp.comparison import Comparison
from yjdisp.picture import Picture
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import ALL, FURTHER, LABELS

LANGUAGE = "en-GB"
COUNTED = {
    "children": "Children are counted once in each year.",
    "outcomes": "Outcomes (disposals) are counted each; one child can have several.",
    "offences": "Offences are counted each; one child can have several.",
    FURTHER: "Further offences are those of children who reoffended; one child can have several.",
}
NO_FIGURE = "[x] marks a figure that cannot be given, because there is nothing to compare with."
NO_LIMIT = "[z] marks a figure that does not apply: the group compared with, or a limit without an end."
HIDES_FIGURES = (
    "Figures are worked out from the published counts alone. A hidden count hides every figure that is made from it."
)
ALSO = "and for any other count from which such a one could be worked out"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Exhibit:
    """One view: a chart with its table, and what is said of them.

    Attributes:
        title, shown: what it is about, and what exactly is counted, in one line each.
        answer: the answer in one sentence, then what it leaves open.
        table: the view as a table of texts.
        picture: what its chart shows; None for a table alone.
        alt: the text alternative of its chart.
        method, source: how it was worked out, a paragraph a step; and who it is compared with.
        caveats: what a reader must know so as not to be misled.
        name: what a file or a table of this view is called.
        comparisons: those that it shows, of one unit, period and area; empty for a view of anything else.
    """

    title: str
    shown: str
    answer: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    picture: Picture | None
    alt: str
    method: tuple[str, ...]
    caveats: tuple[str, ...]
    name: str
    source: str = ""
    comparisons: tuple[Comparison, ...] = field(default=(), repr=False)

    @property
    def has_chart(self) -> bool:
        """Whether there is something to draw."""
        return self.picture is not None and bool(self.picture.marks)


@dataclass(frozen=True)
class Contents:
    """What one export holds.

    Attributes:
        views: in their order.
        missing: what cannot be shown, and why.
        whole: whether it is the whole release, with its tables of counts, rather than what is on screen.
    """

    release: Release
    views: tuple[Exhibit, ...]
    missing: tuple[str, ...] = ()
    whole: bool = False


def exhibit(release: Release, comparisons: Sequence[Comparison]) -> Exhibit:
    """A view of some comparisons that share unit, period and area."""
    years, first = release.years, comparisons[0]
    title = " and ".join(LABELS[c.by] for c in comparisons)
    if "area" in first.where:
        title = f"{title}, {first.where['area']}"
    return Exhibit(
        title=title,
        shown=wording.shown(comparisons, years),
        answer=wording.answer(comparisons, years),
        table=wording.table(comparisons),
        picture=charts.picture(comparisons),
        alt=wording.describe(comparisons, years),
        method=tuple(map(plain, wording.steps(comparisons))),
        source=f"Compared with: {wording.sources(comparisons)}",
        caveats=tuple(filter(None, wording.caveats(comparisons, years))),
        name=slug(" ".join([*(c.by for c in comparisons), first.unit, *first.where.values()])),
        comparisons=tuple(comparisons),
    )


def tabulated(caption: str, table: pd.DataFrame, name: str) -> Exhibit:
    """A view that is a table alone."""
    return Exhibit(caption, caption, (caption,), table, None, "", (), (), slug(name))


def title(release: Release) -> str:
    """What an export is called."""
    return f"Disproportionality in youth justice: {release.manifest['service']}, {period(release)}"


def period(release: Release) -> str:
    """The years that a release covers."""
    years = release.years
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def created(release: Release) -> datetime:
    """When the release was made: the date of every export, so that the same release gives the same file."""
    return datetime.fromisoformat(release.manifest["created"])


def stamp(release: Release) -> str:
    """Release, policy and notice in one line, for the foot of a page."""
    line = f"Release {release.id}, disclosure policy “{release.manifest['policy']}”"
    return f"{line}. {wording.SYNTHETIC}" if release.synthetic else f"{line}."


def about(release: Release, views: Iterable[Exhibit]) -> tuple[tuple[str, str], ...]:
    """Where an export comes from, as pairs of label and text."""
    pairs = [
        ("Service", release.manifest["service"]),
        ("Period", f"Financial years {period(release)}"),
        ("Release", f"{release.id}, made on {created(release):%d %B %Y}".replace("on 0", "on ")),
        ("Data", wording.SYNTHETIC if release.synthetic else ""),
        ("Records", _records(release)),
        ("Disclosure policy", policy(release)),
        *(("Compared with", source) for source in _sources(release, views)),
        ("Hidden figures", HIDES_FIGURES),
    ]
    return tuple(pair for pair in pairs if pair[1])


def _sources(release: Release, views: Iterable[Exhibit]) -> Iterable[str]:
    """Whom the views are compared with; every baseline of the release where they do not say."""
    named = dict.fromkeys(f"{LABELS[c.by]}: {_source(c.baseline)}" for view in views for c in view.comparisons)
    rows = release.baselines[release.baselines["area"].isin([*release.areas, *NATIONAL])]
    columns = rows[["characteristic", "baseline", "area", "source"]].drop_duplicates().itertuples(index=False)
    return named or dict.fromkeys(f"{LABELS[by]}: {name}, {area}. Source: {source}." for by, name, area, source in columns)


def _source(baseline: Baseline) -> str:
    return f"{baseline.label}. Source: {baseline.source}. {baseline.note}".strip()


def _records(release: Release) -> str:
    left_out = release.manifest["rows"]["left_out"]
    if not left_out:
        return ""
    return f"Left out when the records were read: {'; '.join(f'{reason}, {n}' for reason, n in left_out.items())}."


def policy(release: Release) -> str:
    """The disclosure policy in words: what is hidden, and what a mark tells."""
    rules = tomllib.loads(release.policy)
    zeros_hidden = rules["zeros"] == "hidden"
    least, most = 0 if zeros_hidden else 1, rules["threshold"] - 1
    said = [
        f"“{rules['name']}”. {HIDDEN} stands for a count behind which there are {least} to {most} children, {ALSO}."
    ]
    if not zeros_hidden:
        said.append("Zeros are printed.")
    if rules.get("rounding"):
        said.append(f"All other counts are rounded to the nearest {rules['rounding']}.")
    if rules.get("exempt"):
        said.append(
            f"A value that says nothing about a child ({', '.join(rules['exempt'])}) is not hidden for being small."
        )
    return " ".join(said)


def left_out(release: Release) -> tuple[str, ...]:
    """The tables that the release leaves out, each with the reason, which may be a sentence by itself."""
    tables = release.manifest["left_out"]
    named = {t["reason"]: f"{t['unit'].capitalize()} by {by(t['table'].split(' × '))}: {t['reason']}." for t in tables}
    return tuple(reason if reason.endswith(".") else sentence for reason, sentence in named.items())


def by(dimensions: Sequence[str]) -> str:
    """Dimensions in a phrase: year, ethnicity and sex."""
    return wording.listing(LABELS.get(name, name).lower() for name in dimensions)


def plain(text: str) -> str:
    """A paragraph without its emphasis marks."""
    return text.replace("*", "")


def slug(text: str) -> str:
    """A text as a part of a file's or a table's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def literal(text: str) -> str:
    """A text that a spreadsheet reads as text where a file cannot say so: never the start of a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def hierarchies(release: Release, dimensions: Iterable[str]) -> tuple[str, ...]:
    """Which values of some dimensions are parts of which, one sentence a value that has parts."""
    said = []
    for name in dimensions:
        dimension = release.dimensions[name]
        for value in dimension.values[1:]:
            parts = dimension.children(value)
            if parts and value != ALL:
                said.append(f"{value}: {wording.listing(parts, '; ')}.")
    return tuple(said)

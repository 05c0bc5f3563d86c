"""What every export carries, whatever its form: the views, where they come from, and what their marks mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from yjdisp import wording
from yjdisp.baselines import NATIONAL
from yjdisp.exhibits import Exhibit
from yjdisp.release import HIDDEN, Release
from yjdisp.vocabulary import ALL, FURTHER, LABELS, listing

LANGUAGE = "en-GB"
COUNTED = {
    "children": "Children are counted once in each year.",
    "outcomes": "Outcomes (disposals) are counted each; one child can have several.",
    "offences": "Offences are counted each; one child can have several.",
    FURTHER: "Further offences are those of children who reoffended; one child can have several.",
}
NO_FIGURE = "[x] marks a figure that cannot be given: there is nothing to compare with, or it is not published."
NO_LIMIT = "[z] marks a figure that does not apply: the group compared with, or a limit without an end."
HIDES_FIGURES = (
    "Figures are worked out from the published counts alone. A hidden count hides every figure that is made from it."
)
ALSO = "and for any other count from which such a one could be worked out"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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


def title(release: Release) -> str:
    """What an export is called."""
    return f"Disproportionality in youth justice: {release.manifest['service']}, {wording.first_to_last(release.years)}"


def stamp(release: Release) -> str:
    """Release, policy and notice in one line, for the foot of a page."""
    line = f"Release {release.id}, disclosure policy “{release.manifest['policy']}”"
    return f"{line}. {wording.SYNTHETIC}" if release.synthetic else f"{line}."


def about(release: Release, views: Iterable[Exhibit]) -> tuple[tuple[str, str], ...]:
    """Where an export comes from, as pairs of label and text."""
    pairs = [
        ("Service", release.manifest["service"]),
        ("Period", f"Financial years {wording.first_to_last(release.years)}"),
        ("Release", f"{release.id}, made on {release.created:%d %B %Y}".replace("on 0", "on ")),
        ("Data", wording.SYNTHETIC if release.synthetic else ""),
        ("Records", _records(release)),
        ("Disclosure policy", policy(release)),
        *(("Compared with", source) for source in _sources(release, views)),
        ("Hidden figures", HIDES_FIGURES),
    ]
    return tuple(pair for pair in pairs if pair[1])


def _sources(release: Release, views: Iterable[Exhibit]) -> Iterable[str]:
    """Whom the views are compared with; every baseline of the release where there is no view."""
    views = tuple(views)
    if views:
        return dict.fromkeys(f"{LABELS[b.characteristic]}: {b.citation}" for view in views for b in view.against)
    rows = release.baselines[release.baselines["area"].isin([*release.areas, *NATIONAL])]
    columns = rows[["characteristic", "baseline", "area", "source"]].drop_duplicates().itertuples(index=False)
    return [f"{LABELS[by]}: {name}, {area}. Source: {source}." for by, name, area, source in columns]


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
    if release.rounding:
        said.append(f"All other counts are rounded to the nearest {release.rounding}.")
    if rules.get("exempt"):
        said.append(
            f"A value that says nothing about a child ({', '.join(rules['exempt'])}) is not hidden for being small."
        )
    return " ".join(said)


def left_out(release: Release) -> tuple[str, ...]:
    """Why the release leaves out which tables, each reason once."""
    return tuple(dict.fromkeys(table["reason"] for table in release.manifest["left_out"]))


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
                said.append(f"{value}: {listing(parts, '; ')}.")
    return tuple(said)

"""The views of the pages about the system, and what their values are called."""

from __future__ import annotations

from dataclasses import dataclass

from yjdisp import wording
from yjdisp.vocabulary import LABELS, UNKNOWN

_GOT = {
    ("gravity", "children"): "had an offence of gravity {value} as their most serious",
    ("gravity", "outcomes"): "were for an offence of gravity {value}",
    ("gravity", "offences"): "were of gravity {value}",
    ("serious_violence", "children"): "had {value} as their most serious offence",
    ("serious_violence", "outcomes"): "were for {value}",
    ("serious_violence", "offences"): "were {value}",
    ("outcome", "children"): "had {value} as their most serious outcome",
    ("outcome", "outcomes"): "were {value}",
    ("outcome", "offences"): "ended in {value}",
    ("decided_by", "children"): "had their most serious outcome decided by {value}",
    ("decided_by", "outcomes"): "were decided by {value}",
    ("decided_by", "offences"): "were decided by {value}",
}
_NOUNS = {
    ("serious_violence", "Serious violence"): ("serious violence", "serious violence"),
    ("serious_violence", "Not serious violence"): ("something other than serious violence",) * 2,
    ("decided_by", "Police"): ("the police", "the police"),
    ("decided_by", "Panel"): ("a panel", "a panel"),
    ("decided_by", "Court"): ("a court", "a court"),
    ("outcome", "Court"): ("a court outcome", "court outcomes"),
    ("outcome", "Pre-court"): ("a pre-court outcome", "pre-court outcomes"),
    ("outcome", "Community resolution"): ("a community resolution", "community resolutions"),
}


@dataclass(frozen=True)
class View:
    """One way of looking at a page's subject.

    Attributes:
        title: its name in the filter.
        of: the dimension that it divides by.
        focus: the value that the answer is about.
        values: those that it shows; none for all at the level of `focus`.
        level: of the values that it shows, where it is not that of `focus`.
        held: values that other dimensions are held at, and how that is said.
        among: the same in words.
    """

    title: str
    of: str
    focus: str
    values: tuple[str, ...] = ()
    level: int = 1
    held: tuple[tuple[str, str], ...] = ()
    among: str = ""


PROPORTIONATE = View("Proportionate for the gravity?", "outcome", "Court")
GRAVITY_VIEWS = (
    View("Gravity in two bands", "gravity", "5–8"),
    View("Gravity, scores 1 to 8", "gravity", "5–8", level=2),
    View("Serious violence", "serious_violence", "Serious violence"),
)
OUTCOME_VIEWS = (
    PROPORTIONATE,
    View("Pre-court or court", "outcome", "Court"),
    View("Tiers of outcomes", "outcome", "Court", level=2),
    View("Outcome 22 and community resolution", "outcome", "Outcome 22", values=("Outcome 22", "Community resolution")),
    View("Who decided", "decided_by", "Panel"),
    View(
        "Pre-court was recommended: what was decided",
        "outcome",
        "Court",
        held=(("recommended_outcome", "Pre-court"),),
        among="where a pre-court outcome was recommended, ",
    ),
    View(
        "Court was recommended: what was decided",
        "outcome",
        "Pre-court",
        held=(("recommended_outcome", "Court"),),
        among="where a court outcome was recommended, ",
    ),
)


def label(of: str, value: str) -> str:
    """A value as the heading of a row."""
    if value == UNKNOWN:
        return f"{LABELS[of]} not known"
    return f"Gravity {value}" if of == "gravity" else value


def got(of: str, value: str, unit: str) -> str:
    """What happened to a share of the unit: had an offence of gravity 5–8 as their most serious."""
    return _GOT[of, unit].format(value=noun(of, value, unit))


def noun(of: str, value: str, unit: str) -> str:
    """A value inside a sentence about a unit: a court outcome; court outcomes."""
    one, several = _NOUNS.get((of, value), (value, value))
    return several if unit == "outcomes" else one


def subject(group: str, unit: str) -> str:
    """A share of whom: of White children in the caseload; of the offences of White children."""
    who = wording.who(group)
    return f"{who} in the caseload" if unit == "children" else f"the {unit} of {who}"

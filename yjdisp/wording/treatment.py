"""Plain English for one question: once in the system, are outcomes proportionate for the gravity?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf, isnan

import pandas as pd

from yjdisp import treatment, wording
from yjdisp.comparison import HIDDEN, IN_LINE, TOO_FEW
from yjdisp.measures import Ratio
from yjdisp.treatment import Treatment
from yjdisp.wording import system as wording_system
from yjdisp.wording.trends import probability
from yjdisp.wording.views import View, label, noun

RAW = "All gravities, as they are (raw)"
ADJUSTED = "At the same gravity (adjusted)"
DIFFERENT = 0.05

ANY = "whatever the gravity (raw): "
CANNOT_TELL = "Whether outcomes were proportionate for the gravity cannot be told"
NO_BANDS = "this release does not publish outcomes at the same gravity for the two groups"
HIDDEN_BAND = "a count in a gravity band is hidden"
NOTHING_TO_COMPARE = "one of the two groups has nobody in it, or nobody of either had this outcome"
SAME = "at the same gravity"
SPLIT = (
    "Of the gap of {gap} percentage points{among}, {mix} come from how grave the offences are (mix) and {rest} from different "
    "outcomes at the same gravity (treatment)."
)
ONE_STORY = "There is no evidence that the gravity bands differ from each other (Tarone's test, {p})."
MANY_STORIES = (
    "The gravity bands differ from each other by more than chance (Tarone's test, {p}): one ratio does not sum them up, so "
    "read each band."
)
NO_TEST = "Whether the gravity bands tell one story cannot be tested on these numbers."
NOTHING_PROVED = "An adjusted gap, or none, proves nothing either way: see what to keep in mind."
NEITHER_WAY = (
    "An adjusted gap proves nothing either way. Gravity is scored and charged inside the system, so adjusting for it can "
    "hide a disparity; and what is not recorded here (earlier offences, whether the offence was admitted, the child's "
    "needs) can make one. The bands are wide, so offences within a band can still differ."
)
NO_SCORE = "{count} of the {unit} of the two groups {have} no gravity score and {are} left out of the adjusted ratio."
NO_SCORE_HIDDEN = "How many {unit} have no gravity score is hidden; they are left out of the adjusted ratio."
RATIO = (
    "**Raw**: the share of each group's {unit} that {got}, one over the other, with a skewness-corrected score interval "
    "(SCAS, Laud 2017)."
)
ADJUSTING = (
    "**At the same gravity**: the two groups are compared within each gravity band, and the bands are put together into one "
    "ratio (Mantel–Haenszel, with the stratified score interval)."
)
TESTING = "**Do the bands agree?** Tarone's test asks whether they differ from each other by more than chance."
SPLITTING = (
    "**Mix and treatment** (Kitagawa): the gap in percentage points divided into what comes from how grave the offences are "
    "and what comes from different outcomes at the same gravity."
)


def answer(of: Treatment, years: Sequence[str]) -> tuple[str, ...]:
    """The ratio at the same gravity in one sentence; then the raw one, the split, the test, and what it does not prove.
    The raw one comes first where nothing is known at the same gravity."""
    start = wording.opening(of.where, years)
    if of.adjusted is not None and not isnan(of.adjusted.estimate):
        said = [f"{start}{SAME} {_sentence(of, of.adjusted, treatment.verdict(of))}.", wording.capital(ANY + _raw(of))]
    else:
        said = [start + ANY + _raw(of), f"{CANNOT_TELL}: {_why(of)}."]
    said += [*_split(of), *_one_story(of)]
    if of.unit != "children":
        said.append(wording.SEVERAL_EACH.format(unit=of.unit))
    return (*said, NOTHING_PROVED)


def _why(of: Treatment) -> str:
    if of.strata.empty:
        return NO_BANDS
    if of.adjusted is not None:
        return NOTHING_TO_COMPARE
    return f"{SAME}, {wording_system.left_possible(*of.possible)}" if of.possible else HIDDEN_BAND


def _pair(of: Treatment) -> tuple[str, str]:
    """Whose outcomes, and whose beside them."""
    group, reference = wording.who(of.group), wording.who(of.reference)
    return (group, reference) if of.unit == "children" else (f"the {of.unit} of {group}", f"those of {reference}")


def _got(of: Treatment) -> str:
    return f"{'had' if of.unit == 'children' else 'were'} {noun('outcome', of.outcome, of.unit)}"


def _raw(of: Treatment) -> str:
    row = of.overall
    mine, theirs = (wording_system.share(row, side) for side in ("group", "reference"))
    if of.unit == "children":
        what = f"{mine} of {wording.who(of.group)} had {noun('outcome', of.outcome, of.unit)}, against {theirs} of "
        what += wording.who(of.reference)
    else:
        what = f"{mine} of the {of.unit} of {wording.who(of.group)} were {noun('outcome', of.outcome, of.unit)}, against {theirs} "
        what += f"of those of {wording.who(of.reference)}"
    if row["verdict"] == HIDDEN:
        return f"{what}: {wording_system.left_possible(row['rri_least'], row['rri_most'])}."
    return f"{what} ({wording_system.times(row)})."


def _sentence(of: Treatment, ratio: Ratio, verdict: str) -> str:
    got, (whose, than) = _got(of), _pair(of)
    low, high = float(ratio.low), float(ratio.high)
    if isinf(ratio.estimate):
        return f"{whose} {got} at least {wording.ratio(low)} times as often as {than}, once chance is allowed for"
    size = f"{whose} {got} {wording.ratio(float(ratio.estimate))} times as often as {than}"
    if ratio.estimate == 0:
        return f"{size}, with none in this group (up to {wording.ratio(high)} times once chance is allowed for)"
    if verdict == TOO_FEW:
        return f"{size}, but there are not enough {of.unit} to tell that from chance ({wording.span(low, high)} times)"
    limits = wording.between(low, high)
    close = ", which counts as in line (0.80 to 1.25)," if verdict == IN_LINE else ","
    return f"{size}{close} and between {limits} times once chance is allowed for"


def _split(of: Treatment) -> list[str]:
    if of.split is None or isnan(of.split.gap):
        return []
    parts = {"gap": of.split.gap, "mix": of.split.composition, "rest": of.split.rate}
    among = f" among the {of.unit} whose gravity is known" if of.unknown_gravity != 0 else ""
    return [SPLIT.format(among=among, **{name: wording.points(float(value)) for name, value in parts.items()})]


def _one_story(of: Treatment) -> list[str]:
    if of.homogeneity is None:
        return []
    p = float(of.homogeneity.p)
    if isnan(p):
        return [NO_TEST]
    return [(MANY_STORIES if p < DIFFERENT else ONE_STORY).format(p=probability(p))]


def rows(of: Treatment) -> list[dict]:
    """The rows of table and chart: raw, each band, adjusted; each with label, ratio, limits and verdict."""
    found = [dict(of.overall) | {"label": RAW}]
    found += [row | {"label": label("gravity", row["band"])} for row in of.strata.to_dict("records")]
    if of.strata.empty:
        return found
    nothing = float("nan")
    adjusted = {"label": ADJUSTED, "group": nothing, "verdict": HIDDEN, "rri": nothing, "rri_low": nothing}
    adjusted |= {"rri_high": nothing}
    least, most = of.possible or (nothing, nothing)
    if of.adjusted is not None:
        ends = {"rri": of.adjusted.estimate, "rri_low": of.adjusted.low, "rri_high": of.adjusted.high}
        adjusted |= {name: float(value) for name, value in ends.items()}
        adjusted |= {side: of.strata[side].sum() for side in ("group", "reference")} | {
            "verdict": treatment.verdict(of)
        }
    return [*found, adjusted | {"rri_least": least, "rri_most": most}]


def table(of: Treatment) -> pd.DataFrame:
    """What the chart shows as a table of texts, with the counts behind it."""
    lines = []
    for row in rows(of):
        line = {"Gravity": row["label"]}
        for side, group in (("group", of.group), ("reference", of.reference)):
            line[f"{group}: {of.outcome.lower()}"] = _part(row, side)
        line[f"Times as often as {wording.who(of.reference)}"] = wording_system.times_as_often(row)
        lines.append(line | {"Finding": wording_system.finding(row, of.unit)})
    return pd.DataFrame(lines).astype("str")


def _part(row: Mapping, side: str) -> str:
    """A count out of its base, with its share: 9 of 16 (56.3%)."""
    if f"{side}_base" not in row:
        return wording.NONE
    counts = f"{wording_system.count(row, side)} of {wording_system.count(row, f'{side}_base')}"
    return f"{counts} ({wording_system.share(row, side)})"


def shown(of: Treatment, years: Sequence[str]) -> str:
    """What is counted, when, where and of whom, in one line."""
    parts = f"{of.outcome} out of all {of.unit}", wording_system.beside(of)
    return wording_system.scope(of.unit, of.where, years, *parts)


def describe(of: Treatment, years: Sequence[str]) -> str:
    """The text alternative of the chart."""
    each = "; ".join(f"{row['label']}: {wording_system.times(row)}" for row in rows(of))
    return (
        f"Chart of how many times as often the outcome was {noun('outcome', of.outcome, of.unit)}, raw, in each gravity band and at "
        f"the same gravity, with 95% intervals, a line at 1 and a band from 0.80 to 1.25. {shown(of, years)}. {each}. "
        "The table below holds the same numbers."
    )


def worked_out(of: Treatment) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    raw = RATIO.format(unit=of.unit, got=_got(of))
    return (raw, ADJUSTING, TESTING, SPLITTING, wording_system.FINDINGS)


def caveats(of: Treatment, years: Sequence[str], missing: Sequence[View]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    said = [NEITHER_WAY]
    said += [wording.HIDDEN_NOTE] if any(row["verdict"] == HIDDEN for row in rows(of)) else []
    if not of.strata.empty and of.unknown_gravity != 0:
        hidden = of.unknown_gravity is None
        have, are = wording.verbs(of.unknown_gravity)
        no_score = NO_SCORE_HIDDEN if hidden else NO_SCORE
        said.append(no_score.format(count=of.unknown_gravity, unit=of.unit, have=have, are=are))
    return (*said, wording_system.GRAVITY, *wording_system.common(of.unit, of, years, missing))

"""Plain English from a pathway: at which stage a disparity arises, what is hidden, and how the stages multiply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import pandas as pd

from yjdisp import wording
from yjdisp.comparison import HIDDEN, IN_LINE, NOBODY, OVER, TOO_FEW, UNDER
from yjdisp.pathway import DIVERSION, STAGES, Pathway
from yjdisp.vocabulary import listing
from yjdisp.wording import system as wording_system
from yjdisp.wording.system import NEITHER

NOT_PUBLISHED = "not published"
NO_POPULATION = "no population is known of one of the two groups"
FINDING = {OVER: "worse for the group", UNDER: "better for the group", IN_LINE: "in line", TOO_FEW: TOO_FEW}
FINDING |= {HIDDEN: HIDDEN, NOT_PUBLISHED: NOT_PUBLISHED}
EACH = "Each stage, out of the one that feeds it"
TOGETHER = "All stages so far, out of the population"
WORSE = "The way round in which more than 1 is worse"
MANY = 3
STAGE = {
    "caseload": "in the caseload",
    "statutory outcome": "given a statutory outcome",
    "court": "sent to court",
    "custody": "sentenced to custody",
    "diverted": "diverted",
}
ONCE = {
    "population": "",
    "caseload": " once in the caseload",
    "statutory outcome": " once given a statutory outcome",
    "court": " once at court",
}
LISTS = {
    UNDER: "Better, by more than chance",
    IN_LINE: "In line",
    TOO_FEW: "Not enough children to tell",
}
HIDDEN_STAGES = f"{wording.PROTECTED}: {{stages}}. Ranges are what hidden counts leave, before chance."
JUDGED = " Only {told} of the {stages} stages can be judged: of the others a count is hidden or not published."
LEFT_OUT = "Not published for these two groups: {stages}."
MULTIPLIED = "The stages multiply: {factors}, which makes {product} times from the population to {last}."
PARTS = "On the logarithmic scale, on which stages add up, that is made up of {parts}."
TURNED = (
    "Being diverted is good for a child. It is turned round here: the reference group's chance of it over this group's, so "
    "that more than 1 is worse everywhere."
)
SKIPPED = (
    "A stage that is hidden or not published is left out, and the next one is set against the stage before it: “out of” says "
    "which."
)
SURVIVORS = (
    "Each stage looks only at children who reached the one before it. If one group comes into the caseload for slighter "
    "offences, its later stages look milder than its treatment is."
)
STEPS = (
    "**Times as likely**: the group's share of the stage that feeds this one, over the reference group's share (the relative "
    "rate index, RRI). Coming into the caseload is a rate out of the population (conditional mid-P interval); the later stages "
    "are shares of children (score interval with skewness correction, Laud 2017). Intervals hold 95% confidence."
)
CHAIN = (
    "**Multiplied**: the RRIs of the stages multiply to the RRI from the population to the last stage, so on a logarithmic "
    "axis their distances add up. Its own interval comes from the counts at that stage out of the population."
)
VERDICTS = (
    "**Finding**: worse or better needs both a size (below 0.80 or above 1.25) and certainty (an interval that excludes 1). "
    "From 0.80 to 1.25 is in line. Everything else is not enough to tell."
)
OUTCOMES = (
    "**Stages**: the caseload; a youth caution, youth conditional caution or court outcome (statutory outcome); a court "
    "outcome; custody. Diverted is no further action, Outcome 21, Outcome 22 or a community resolution."
)


def name(row: Mapping) -> str:
    """A stage and what it is out of, as the label of a row."""
    turned = " (turned round)" if row["favourable"] else ""
    return f"{wording.capital(row['stage'])}, of {article(row['out_of'])}{turned}"


def article(stage: str) -> str:
    """A stage as what others are out of."""
    return {"court": "court outcomes", "statutory outcome": "statutory outcomes"}.get(stage, f"the {stage}")


def times(row: Mapping) -> str:
    """The disadvantage of a stage with what chance leaves open: 4.3 (3.0 to 6.2)."""
    if row["out_of"] == "population" and (pd.isna(row["group_base"]) or pd.isna(row["reference_base"])):
        return NO_POPULATION
    if pd.isna(row["disadvantage_low"]):
        return NOBODY
    if row["group"] == 0 and row["reference"] == 0:
        return NEITHER
    return wording.estimate(row, "disadvantage", wording.ratio)


def likely(row: Mapping, of: Pathway) -> str:
    """A stage inside a sentence about the group: 4.3 (3.0 to 6.2) times as likely to be in the caseload."""
    turned = f"{wording.who(of.reference)} were " if row["favourable"] else ""
    if times(row) in (NEITHER, NO_POPULATION, NOBODY):
        return f"{STAGE[row['stage']]}{ONCE[row['out_of']]} ({times(row)})"
    return f"{turned}{times(row)} times as likely to be {STAGE[row['stage']]}{ONCE[row['out_of']]}"


def left(row: Mapping) -> str:
    """What a hidden stage leaves of its disadvantage."""
    return f"{wording.possible(row['least'], row['most'])} times"


def answer(of: Pathway, years: Sequence[str]) -> tuple[str, ...]:
    """Where the disparity arises in one sentence; then the other stages, the gaps, and how the stages multiply."""
    steps = of.steps.to_dict("records")
    found = {verdict: [s for s in steps if s["verdict"] == verdict] for verdict in (OVER, *LISTS)}
    pair = f"{wording.who(of.group)} stood worse than {wording.who(of.reference)}"
    open_ = JUDGED.format(told=len(steps), stages=len(steps) + len(of.gaps)) if len(of.gaps) else ""
    if found[OVER]:
        said = f"{pair} at {_stages(len(found[OVER]))} by more than chance: {_briefly(found[OVER], of)}.{open_}"
    elif steps:
        open_ = " For some the numbers are too small to tell." * bool(found[TOO_FEW]) + open_
        certain = any(step["disadvantage_low"] > 1 for step in found[IN_LINE])
        said = f"there is no stage at which {pair} by more than {'1.25 times' if certain else 'chance'}.{open_}"
    else:
        said = f"whether {pair} at any stage cannot be told, because the counts are hidden."
    rest = [f"{title}: {_listed(found[verdict], of)}." for verdict, title in LISTS.items() if found[verdict]]
    return (wording.opening(of.where, years) + said, *rest, *_gaps(of), *_multiplied(of))


def _stages(number: int) -> str:
    return "one stage" if number == 1 else f"{number} stages"


def _briefly(steps: Sequence[Mapping], of: Pathway) -> str:
    """Stages in a sentence; many of them by name, so that it can still be read."""
    if len(steps) < MANY:
        return _listed(steps, of)
    turned = {True: " (turned round)", False: ""}
    return listing(f"{s['stage']}{turned[s['favourable']]} {times(s)}" for s in steps) + " times"


def _listed(steps: Sequence[Mapping], of: Pathway) -> str:
    return listing((likely(step, of) for step in steps), "; ")


def _gaps(of: Pathway) -> list[str]:
    gaps = of.gaps.to_dict("records")
    hidden = [f"{STAGE[g['stage']]}{ONCE[g['out_of']]} ({left(g)})" for g in gaps if g["published"]]
    absent = [g["stage"] for g in gaps if not g["published"]]
    said = [HIDDEN_STAGES.format(stages=listing(hidden, "; "))] if hidden else []
    return said + ([LEFT_OUT.format(stages=listing(absent))] if absent else [])


def chain(of: Pathway) -> list[dict]:
    """The steps from the population on, without the favourable one that stands aside."""
    return [step for step in of.steps.to_dict("records") if not step["favourable"]]


def _multiplied(of: Pathway) -> list[str]:
    steps = chain(of)
    if len(steps) < 2 or not all(isfinite(s["rri"]) and s["rri"] > 0 for s in steps):
        return []
    factors = listing(f"{s['stage']} {wording.ratio(s['rri'])}" for s in steps)
    last = steps[-1]
    said = MULTIPLIED.format(factors=factors, product=wording.ratio(last["cumulative"]), last=last["stage"])
    if not all(s["log_share"] > 0 for s in steps):
        return [said]
    parts = listing(f"{wording.percent(s['log_share'])} {s['stage']}" for s in steps)
    return [said, PARTS.format(parts=parts)]


def rows(of: Pathway) -> list[dict]:
    """Every stage in order, shown or not; those that are not have the verdict "hidden" or "not published"."""
    gaps = [g | {"verdict": HIDDEN if g["published"] else NOT_PUBLISHED} for g in of.gaps.to_dict("records")]
    by_stage = {row["stage"]: row for row in [*of.steps.to_dict("records"), *gaps]}
    return [by_stage[stage.name] for stage in (*STAGES, DIVERSION)]


def table(of: Pathway) -> pd.DataFrame:
    """What the chart shows as a table of texts, with the counts behind it."""
    found = rows(of)
    turned = any(row["favourable"] and row["verdict"] != NOT_PUBLISHED for row in found)
    lines = []
    for row in found:
        line = {"Stage": wording.capital(row["stage"]), "Out of": article(row["out_of"])}
        line |= {
            f"{of.group}: children": _part(of, row, "group"),
            f"{of.reference}: children": _part(of, row, "reference"),
        }
        line[f"Times as likely as {wording.who(of.reference)}"] = _ratio(row, "rri", *_range(row))
        if turned:
            line[WORSE] = _ratio(row, "disadvantage", *_left(row))
        unseen = row["verdict"] == HIDDEN and not row["favourable"]  # which is no part of what is multiplied
        line[TOGETHER] = wording.HIDDEN if unseen else _ratio(row, "cumulative")
        lines.append(line | {"Finding": FINDING[row["verdict"]]})
    return pd.DataFrame(lines).astype("str")


def _range(row: Mapping) -> tuple[float | None, float | None]:
    """What a hidden stage leaves of its RRI: the way round in which it is not turned; None for one that is not hidden."""
    least, most = _left(row)
    if not row["favourable"] or least is None:
        return least, most
    return 1 / most if most else float("inf"), 1 / least if least else float("inf")


def _left(row: Mapping) -> tuple[float | None, float | None]:
    return (row["least"], row["most"]) if row["verdict"] == HIDDEN else (None, None)


def _ratio(row: Mapping, measure: str, least: float | None = None, most: float | None = None) -> str:
    """A ratio of a stage with its interval, or what is left of a hidden one."""
    ends = (row.get(f"{measure}{end}", float("nan")) for end in ("", "_low", "_high"))
    return wording_system.figure(*ends, least, most, wording.two_decimals, wording_system.LEFT_OF_RATIO)


def _part(of: Pathway, row: Mapping, side: str) -> str:
    """A count out of its base, where a base is published as a number."""
    if row["verdict"] == NOT_PUBLISHED:
        return wording.NONE
    if row["verdict"] == HIDDEN:
        low, high = int(row[f"{side}_low"]), int(row[f"{side}_high"])
        text = wording.count({"count": low if low == high else pd.NA, "low": low, "high": high})
    else:
        text = f"{row[side]:,}"
    base = row[f"{side}_base"]
    # where the population of one of them is only a share, so is the base of both, and no number of children
    counted = {of.group, of.reference} <= set(of.baseline.populations)
    if row["out_of"] == "population" and (not counted or pd.isna(base)):
        return text
    return f"{text} of {'[c]' if pd.isna(base) else f'{base:,.0f}'}"


def shown(of: Pathway, years: Sequence[str]) -> str:
    """What is counted, when, where, of whom and against which population, in one line."""
    against = f"populations of {of.baseline.name}, {of.baseline.area}"
    return wording_system.scope("children", of.where, years, wording_system.beside(of), against)


def describe(of: Pathway, years: Sequence[str]) -> str:
    """The text alternative of the chart."""
    each = []
    for row in rows(of):
        what = {HIDDEN: f"hidden, {left(row)}" if row["verdict"] == HIDDEN else "", NOT_PUBLISHED: NOT_PUBLISHED}
        each.append(f"{name(row)}: {what.get(row['verdict']) or times(row)}")
    return (
        "Chart of how much worse the group stands at each stage, with 95% intervals, a line at 1 and a band from 0.80 to "
        f"1.25. {shown(of, years)}. {'; '.join(each)}. The table below holds the same numbers."
    )


def worked_out(of: Pathway) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    return (OUTCOMES, STEPS, CHAIN, TURNED, VERDICTS, f"**Population**: {of.baseline.citation}")


def caveats(of: Pathway, years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    said = [wording.HIDDEN_NOTE] if of.gaps["published"].any() else []
    said += [SKIPPED] if len(of.gaps) else []
    said += [SURVIVORS]
    only = wording.only(of.where)
    said += [wording.NARROWED.format(only=listing(map(wording.who, only)))] if only else []
    said += wording.perturbed([of.baseline])
    return (*said, *wording_system.common("children", of, years))

"""Plain English of a caseload beside published ones, and of national indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yjdisp import wording
from yjdisp.indicators import HIDDEN, HIGHER, LOWER, NO_CHILD, NOT_PUBLISHED, SAME, Facts, Rates
from yjdisp.vocabulary import ALL, LABELS, UNKNOWN, listing
from yjdisp.wording.places import OTHER_CASELOADS, shown

NO_INDICATOR = "This release publishes none of the national indicators."
ALONE = "This view sets no figure of other areas or the nation beside this one."
MISSING = {
    "first-time entrants": (
        "First-time entrants are not in this release. That takes a case file that says who is one, and a table of them "
        "in the plan."
    ),
    "custody": "Custody is not in this release. That takes a table of outcomes down to custody in the plan.",
    "reoffending": (
        "Reoffending is not in this release. That takes a case file that says who reoffended, and a table of them in "
        "the plan."
    ),
    "frequency of reoffending": (
        "The frequency of reoffending is not in this release. That takes a case file that says how many further offences "
        "each child who reoffended had, and a table of further offences in the plan; the plan that ships has none."
    ),
}
NO_INTERVAL = (
    "There is no interval: several further offences are often one child's, and how many is not published. With few "
    "children, one of them can move this figure a long way."
)
NOT_TOLD = "Whether the groups differ by more than chance cannot be told from what is published."
_OF = {
    "first-time entrants": "first-time entrants to the youth justice system",
    "custody": "children whose most serious outcome of the year was custody",
    "reoffending": "children who reoffended",
    "frequency of reoffending": "further offences of children who reoffended",
}
_DID = {
    "first-time entrants": "entered the youth justice system for the first time",
    "custody": "had custody as their most serious outcome",
}
FIRST_TIME = "A **first-time entrant** has a first youth caution, youth conditional caution or conviction."
UNKNOWN_INCLUDED = (
    "These shares are of all children, those of unknown group included, because the published ones are. The other pages "
    "leave the unknown out, so their shares are a little larger."
)
A_SAMPLE = "The published shares are taken as fixed: intervals are of this caseload alone."
PER_YEAR = "Over several years the population counts once for each year, so that a rate is always that of a year."


def facts_shown(found: Facts, years: Sequence[str]) -> str:
    """What is shown, when and beside whom, in one line."""
    return shown(found.where, years, "age, ethnicity and sex") + f" · beside {listing(found.others or ['none'])}"


def facts_answer(found: Facts, years: Sequence[str]) -> tuple[str, ...]:
    """Which shares differ from the published ones by more than chance; then the others."""
    of = {v: [r for r in found.table.to_dict("records") if r["verdict"] == v] for v in _FACTS}
    if not found.others:
        first = "there is no published caseload to set beside this one: the baselines of this release hold none."
    elif of[HIDDEN] and not any(of[v] for v in (HIGHER, LOWER, SAME, NO_CHILD)):
        first = "whether any share differs from the published one cannot be told: all of them are hidden."
    elif not of[HIGHER] and not of[LOWER]:
        first = "no share differs from the published one by more than chance"
        first += ", but some are hidden." if of[HIDDEN] else "."
    else:
        parts = [
            f"{wording.who(r['group'])} were a {'larger' if v == HIGHER else 'smaller'} part of this caseload than of the "
            f"published one, by more than chance: {fact_text(r)} against {_published(r, found)}"
            for v in (HIGHER, LOWER)
            for r in of[v]
        ]
        first = f"{'; '.join(parts)}."
    said = [wording.opening(found.where, years) + first]
    for verdict, label in ((SAME, "No difference beyond chance"), (NO_CHILD, "No child"), (HIDDEN, "Hidden")):
        if of[verdict]:
            listed = (f"{_named(r)} ({fact_text(r)}; {_published(r, found)})" for r in of[verdict])
            said.append(f"{label}: {listing(listed, '; ')}.")
    return tuple(said)


_FACTS = (HIGHER, LOWER, SAME, NO_CHILD, HIDDEN, NOT_PUBLISHED)


def _named(row: Mapping) -> str:
    return f"{LABELS[row['characteristic']].lower()} unknown" if row["group"] == UNKNOWN else wording.who(row["group"])


def fact_text(row: Mapping) -> str:
    """A share with its interval, or what can be worked out of the count behind it."""
    if pd.isna(row["share_low"]):
        return f"hidden count: {wording.bounds(row)}" if pd.isna(row["count"]) else "a number behind it is hidden"
    return f"{wording.percent(row['share'])} ({wording.span(row['share_low'], row['share_high'], wording.percent)})"


def _published(row: Mapping, found: Facts) -> str:
    published = [f"{wording.percent(row[o])} in {o}" for o in found.others if pd.notna(row[o])]
    return listing(published) if published else ""


def facts_table(found: Facts) -> pd.DataFrame:
    """The table that inspectors print: shares of this caseload and of published ones."""
    return pd.DataFrame(
        {
            "Characteristic": LABELS[row["characteristic"]],
            "Group": row["group"],
            "Children": wording.count(row),
            "Share of this caseload": wording.HIDDEN if pd.isna(row["share_low"]) else fact_text(row),
            **{o: wording.NONE if pd.isna(row[o]) else wording.percent(row[o]) for o in found.others},
            "Finding": row["verdict"],
        }
        for row in found.table.to_dict("records")
    ).astype("str")


def facts_describe(found: Facts, years: Sequence[str]) -> str:
    """The text alternative of the chart of shares."""
    rows = [
        f"{_named(r)} {fact_text(r)}, published {_published(r, found)}"
        for r in found.table.to_dict("records")
        if _published(r, found)
    ]
    return (
        f"Chart of shares of this caseload with 95% intervals beside published caseloads. "
        f"{facts_shown(found, years)}. {wording.capital('; '.join(rows))}. The table below holds the same numbers."
    )


def facts_caveats(found: Facts, years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    said = [wording.HIDDEN_NOTE] if found.table["count"].isna().any() else []
    said += [OTHER_CASELOADS, UNKNOWN_INCLUDED, A_SAMPLE, *wording.child_years(found.where, years)]
    said += wording.at_once(int(found.table["verdict"].isin([HIGHER, LOWER, SAME]).sum()))
    return (*said, wording.CHANCE)


def facts_worked_out(found: Facts) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    sources = [f"{name}: {source}" for name, source in found.others.items()]
    return (
        "**Share of this caseload**: the group's children out of all children in it, with a mid-P interval of 95%.",
        "**Finding**: higher or lower where the interval leaves the first published share out.",
        f"**Published caseloads**: {'. '.join(sources) or 'none'}. A group without a figure has none published there.",
    )


def _is_mean(found: Rates) -> bool:
    return found.indicator.unit != "children"


def is_share(found: Rates) -> bool:
    """Whether an indicator is a share of children, to be shown in per cent."""
    return not (_is_mean(found) or found.indicator.per)


def _per(found: Rates) -> str:
    if _is_mean(found):
        return "per child who reoffended"
    return f"per {found.indicator.per:,} a year" if found.indicator.per else "of those whose result is known"


def rate(value: float, found: Rates) -> str:
    """A rate or mean with the decimals that a reader needs, or a share in per cent."""
    if _is_mean(found):
        return f"{value:.2f}"
    if not found.indicator.per:
        return wording.percent(value)
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def rate_text(row: Mapping, found: Rates) -> str:
    """A rate with its interval, or what a hidden count leaves possible."""

    def number(value: float) -> str:
        return rate(value, found)

    if _is_mean(found) and pd.notna(row["rate"]):
        return number(row["rate"])
    if pd.notna(row["rate_low"]):
        return f"{number(row['rate'])} ({wording.span(row['rate_low'], row['rate_high'], number)})"
    if pd.isna(row["least"]) or pd.isna(row["most"]):
        return "hidden" if pd.isna(row["count"]) else "cannot be worked out"
    return f"hidden: {wording.span(row['least'], row['most'], number)}"


def axis(found: Rates) -> str:
    """What the axis of a chart of rates says."""
    if _is_mean(found):
        return "Further offences per child who reoffended"
    return f"Children per {found.indicator.per:,} a year" if found.indicator.per else "Children who reoffended, %"


def rates_shown(found: Rates, years: Sequence[str]) -> str:
    """What is shown, when and of whom, in one line."""
    per = f"{found.indicator.name} {_per(found)}"
    by = f"by {LABELS[found.by].lower()}" if found.by else ""
    of = f" · {found.baseline.label}" if found.baseline else ""
    return shown(found.where, years, per, by, unit=found.indicator.unit) + of


def rates_answer(found: Rates, years: Sequence[str]) -> tuple[str, ...]:
    """The rate of everybody, then of each group."""
    rows = found.table.to_dict("records")
    of_all = next((r for r in rows if r["group"] == ALL), rows[0])
    said = [f"{wording.opening(found.where, years)}{_of_all(of_all, found)}."]
    groups = [f"{wording.who(r['group'])} {rate_text(r, found)}" for r in rows if r["group"] != ALL]
    if groups:
        said.append(f"By group: {'; '.join(groups)}." + (f" {NOT_TOLD}" if _is_mean(found) else ""))
    return tuple(said)


def _of_all(row: Mapping, found: Rates) -> str:
    who, text = _OF[found.indicator.name], rate_text(row, found)
    if _is_mean(found) and pd.notna(row["rate"]):
        return f"children who reoffended had {text} further offences each on average"
    if pd.isna(row["count"]):
        return f"the number of {who} is hidden: {wording.bounds(row)}".rstrip(": ") + _leaves(row, found)
    if found.indicator.per:
        return f"in a year, {text} of every {found.indicator.per:,} children {_DID[found.indicator.name]}"
    return f"{text} of the children whose result is known reoffended"


def _leaves(row: Mapping, found: Rates) -> str:
    """What a hidden count leaves possible of a rate."""
    if pd.isna(row["most"]):
        return ""
    return f", which is {wording.span(row['least'], row['most'], lambda v: rate(v, found))} {_per(found)}"


def group_name(row: Mapping) -> str:
    """A group as a label; everybody by name."""
    return wording.EVERY_CHILD if row["group"] == ALL else row["group"]


def rates_table(found: Rates) -> pd.DataFrame:
    """What the chart shows as a table of texts, with what it is worked out from."""
    base = "Children who reoffended" if _is_mean(found) else "Out of"
    return pd.DataFrame(
        {
            "Group": group_name(row),
            wording.capital(found.indicator.unit): wording.count(row),
            base: wording.HIDDEN if pd.isna(row["base"]) else f"{row['base']:,.0f}",
            wording.capital(_per(found).removeprefix("of those ")): rate_text(row, found),
        }
        for row in found.table.to_dict("records")
    ).astype("str")


def rates_describe(found: Rates, years: Sequence[str]) -> str:
    """The text alternative of the chart of rates."""
    rows = [f"{group_name(r)} {rate_text(r, found)}" for r in found.table.to_dict("records")]
    what = _OF[found.indicator.name] + (" per child, without intervals" if _is_mean(found) else " with 95% intervals")
    return f"Chart of {what}. {rates_shown(found, years)}. {'; '.join(rows)}. The table below holds the same numbers."


def rates_worked_out(found: Rates) -> tuple[str, ...]:
    """How the numbers come about: one paragraph a step."""
    if _is_mean(found):
        return (
            "**Mean**: the further offences of children who reoffended over the number of these children.",
            NO_INTERVAL,
        )
    if not found.indicator.per:
        return ("**Share**: those who reoffended out of those of whom it is known, with a mid-P interval of 95%.",)
    return (
        f"**Rate**: {_OF[found.indicator.name]} for each {found.indicator.per:,} children of the group. {PER_YEAR}",
        *([FIRST_TIME] if found.indicator.name == "first-time entrants" else []),
        "**Intervals** hold 95% confidence: exact (Garwood) below 10 children, Byar's method from 10.",
        f"**Population**: {found.baseline.citation}",
    )


def rates_caveats(found: Rates, years: Sequence[str], missing: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first; then what is not published."""
    said = [wording.HIDDEN_NOTE] if found.table["count"].isna().any() else []
    said += [NO_INTERVAL] if _is_mean(found) else wording.child_years(found.where, years)
    said += [ALONE, *(MISSING[name] for name in missing)]
    return tuple(said) if _is_mean(found) else (*said, wording.CHANCE)

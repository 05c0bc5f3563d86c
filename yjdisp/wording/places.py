"""Plain English of services side by side; and the words that the views of the Areas page share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf, isnan

import pandas as pd

from yjdisp import baselines, comparison, wording
from yjdisp.areas import CANNOT_TELL, INSIDE, Areas
from yjdisp.baselines import Baseline
from yjdisp.release import HIDDEN
from yjdisp.vocabulary import listing

SIDE_BY_SIDE, INSPECTION, NATIONAL = "Services side by side", "Inspection facts", "National indicators"
SHOW = "What to show"
ONE_AREA = "This release covers one area, so there are no services to set side by side."
ONE_AREA_REMEDY = (
    "Here is the area beside published caseloads instead. A release made from a file with several areas shows them "
    "side by side, with a funnel of what chance allows."
)
NOT_BY_AREA = "This release publishes nothing by area that all its areas have in the same period."
NOT_BY_AREA_REMEDY = "Its numbers are too small for that, or its plan has no table with the dimension “area”."
NO_RATIO_IN_COMMON = "they have no finite ratio in common to be set against."
NO_REGION = "No region is shown: the baselines of this release hold no published caseload and population of one."
LIMITS = (
    "**Limits**: if every service had the ratio that they have in common (Mantel–Haenszel), 95% of services of its size "
    "and population would lie within the dark band, 99.8% within the light one (mid-P of the binomial). A service "
    "outside is different by more than chance; that says nothing about why."
)
OTHER_CASELOADS = (
    "Published caseloads are of children cautioned or sentenced, in their own year. This caseload can hold other outcomes "
    "too, such as community resolutions, and other years: part of a difference can come from that."
)


def shown(where: Mapping[str, str], years: Sequence[str], *parts: str, unit: str = "children") -> str:
    """What is shown in one line: what is counted, parts, period and area."""
    return " · ".join(
        filter(None, [wording.capital(unit), *parts, wording.period(where, years), where.get("area", "")])
    )


def areas_shown(found: Areas, years: Sequence[str]) -> str:
    """What is compared, when, in one line."""
    return shown(found.where, years, f"{found.group} compared with {found.reference}, by area")


def areas_answer(found: Areas, years: Sequence[str]) -> tuple[str, ...]:
    """Whether services differ by more than chance; then the nation, and what is hidden."""
    rows = found.table.to_dict("records")
    beyond = [r for r in rows if r["place"] not in ("", INSIDE)]
    if found.common is None:
        first = "fewer than two services can be shown, so they cannot be compared with each other."
    elif beyond:
        named = listing(f"{r['area']} ({_times(r)} times, {r['place']})" for r in beyond)
        differs = "differs" if len(beyond) == 1 else "differ"
        first = f"{named} {differs} from what the services have in common by more than chance. {_together(found)}"
    elif not any(r["place"] for r in rows):
        first = f"whether services differ by more than chance cannot be told: {NO_RATIO_IN_COMMON} {_together(found)}"
    else:
        first = f"no service differs from the others by more than chance. {_together(found)}"
    said = [wording.opening(found.where, years) + first]
    said += [
        f"In {e.area}, the published shares of caseload ({e.caseload.name}) and population ({e.population.name}) amount to "
        f"{wording.ratio(e.rri)} times."
        for e in found.elsewhere
    ]
    for why in dict.fromkeys(r["untold"] for r in rows if r["untold"] not in ("", CANNOT_TELL)):
        title = wording.PROTECTED if why == comparison.HIDDEN else wording.capital(why)
        said.append(f"{title}: {listing(r['area'] for r in rows if r['untold'] == why)}.")
    return tuple(said)


def _together(found: Areas) -> str:
    estimate, low, high = (float(x) for x in (found.common.estimate, found.common.low, found.common.high))
    if isnan(estimate):
        return "Together, they have nobody of either group."
    ends = "" if isinf(estimate) else f", and between {wording.between(low, high)} times"
    return (
        f"Together, {wording.who(found.group)} were {_times({'rri': estimate, 'rri_low': low})} times as likely as "
        f"{wording.who(found.reference)} to be in a caseload{ends} once chance is allowed for."
    )


def area_text(row: Mapping) -> str:
    """The ratio of an area with its interval, or what a hidden count leaves possible."""
    if pd.isna(row["rri"]):
        possible = pd.notna(row["rri_least"])
        return f"{HIDDEN} {wording.possible(row['rri_least'], row['rri_most'])}" if possible else row["untold"]
    return wording.estimate(row, "rri", wording.ratio)


def _times(row: Mapping) -> str:
    return f"at least {wording.ratio(row['rri_low'])}" if isinf(row["rri"]) else wording.ratio(row["rri"])


def areas_table(found: Areas) -> pd.DataFrame:
    """What the chart shows as a table of texts: every service, then published caseloads elsewhere."""
    as_likely = f"Times as likely as {wording.who(found.reference)}"
    lines = [
        {
            "Area": row["area"],
            found.group: wording.count(row),
            wording.capital(found.reference): wording.count(_of_reference(row)),
            as_likely: area_text(row),
            "95% limits of chance": _limits(row, ""),
            "99.8% limits of chance": _limits(row, "_998"),
            "Finding": row["place"] or row["untold"],
        }
        for row in found.table.to_dict("records")
    ]
    for other in found.elsewhere:
        line = dict.fromkeys(lines[0], wording.NONE)
        lines.append(line | {"Area": f"{other.area} (published shares)", as_likely: wording.ratio(other.rri)})
    return pd.DataFrame(lines).astype("str")


def _of_reference(row: Mapping) -> dict:
    return {name: row[f"reference_{name}"] for name in ("count", "low", "high")}


def _limits(row: Mapping, end: str) -> str:
    low, high = row[f"limit_low{end}"], row[f"limit_high{end}"]
    if pd.isna(low):
        return wording.HIDDEN if row["untold"] == comparison.HIDDEN else wording.NONE
    return wording.span(low, high)


def areas_describe(found: Areas, years: Sequence[str]) -> str:
    """The text alternative of the funnel."""
    rows = [f"{r['area']} {area_text(r)}, {r['place'] or r['untold']}" for r in found.table.to_dict("records")]
    return (
        f"Chart of services in order of size, with 95% intervals and the limits that chance allows. "
        f"{areas_shown(found, years)}. {'; '.join(rows)}. The table below holds the same numbers."
    )


def areas_against(found: Areas) -> tuple[Baseline, ...]:
    """Whom the areas are compared with, then what the published shares elsewhere are made from."""
    return (*found.against, *(b for e in found.elsewhere for b in (e.caseload, e.population)))


def areas_caveats(found: Areas, years: Sequence[str]) -> tuple[str, ...]:
    """What a reader must know so as not to be misled, most important first."""
    said = [wording.HIDDEN_NOTE] if found.table["count"].isna().any() else []
    said += [OTHER_CASELOADS] if found.elsewhere else []
    said += [] if any(e.area not in baselines.NATIONAL for e in found.elsewhere) else [NO_REGION]
    said += wording.perturbed(areas_against(found))
    said += wording.at_once(int(found.table["limit_low"].notna().sum()))
    return (*said, *wording.child_years(found.where, years), wording.CHANCE)

"""Synthetic case files: invented children whose attributes hang together the way those of a real caseload do.

A year of an area is described by its margins (`Year`) and then filled so that they come out exactly. `write` draws
plausible margins; `data_samples/make_bathavon.py` gives published ones. The shares below are plausible, not evidence.
Only uniform numbers are drawn, so that a seed gives the same file with every version of NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from yjdisp.vocabulary import UNKNOWN

WHITE = "White"
ALL_OTHER = "All other ethnic groups combined"
LAST_YEAR = 2022
RETURNING = 0.15
FEWEST_IN_A_GROUP_RETURN = 5

AREAS = {
    "Bath and North East Somerset": 0.33,
    "Bristol, City of": 0.52,
    "Gloucestershire": 0.18,
    "North Somerset": 0.10,
    "South Gloucestershire": 0.21,
}
ELSEWHERE = 0.26
UNKNOWN_ETHNICITY = 0.04
COURT = {WHITE: 0.38, ALL_OTHER: 0.43, UNKNOWN: 0.20}

ETHNICITIES = {
    WHITE: {"W1": 90, "W2": 1, "W3": 2, "W9": 7},
    ALL_OTHER: {
        "M1": 22,
        "M2": 7,
        "M3": 8,
        "M9": 14,
        "B1": 10,
        "B2": 12,
        "B9": 7,
        "A1": 2,
        "A2": 4,
        "A3": 3,
        "A4": 1,
        "A9": 4,
        "O2": 2,
        "O9": 4,
    },
    UNKNOWN: {"NS": 1},
}
AGES = {10: 1, 11: 2, 12: 4, 13: 8, 14: 14, 15: 20, 16: 24, 17: 27}
TRAITS = {
    "sex": {"F": 0.16},
    "care": {"local": 0.13, "placed": 0.03},
    "send": {"EHC plan": 0.30, "SEN support": 0.18, "Not known": 0.04},
}
OTHERWISE = {"sex": "M", "care": "No", "send": "No SEN"}

LIGHT = {1: 8, 2: 30, 3: 42, 4: 20}
SERIOUS = {5: 35, 6: 45, 7: 14, 8: 6}
OFFENCE_GROUPS = {
    1: {"Motoring": 45, "Public order": 30, "Breach of bail": 10, "Breach of conditional discharge": 5, "Other": 10},
    2: {
        "Violence against the person": 12,
        "Public order": 24,
        "Criminal damage": 26,
        "Theft and handling": 22,
        "Drugs": 20,
        "Fraud and forgery": 4,
        "Breach of statutory order": 4,
    },
    3: {
        "Violence against the person": 75,
        "Theft and handling": 10,
        "Criminal damage": 8,
        "Drugs": 8,
        "Racially aggravated": 5,
        "Motoring": 3,
        "Breach of statutory order": 4,
    },
    4: {
        "Violence against the person": 62,
        "Vehicle theft": 18,
        "Non-domestic burglary": 16,
        "Racially aggravated": 8,
        "Drugs": 8,
    },
    5: {"Violence against the person": 48, "Sexual offences": 16, "Drugs": 20, "Arson": 8, "Vehicle theft": 8},
    6: {"Robbery": 52, "Domestic burglary": 20, "Violence against the person": 20, "Arson": 8},
    7: {"Violence against the person": 50, "Drugs": 25, "Robbery": 15, "Sexual offences": 10},
    8: {"Violence against the person": 50, "Sexual offences": 45, "Death or injury by dangerous driving": 5},
}
OUTCOMES = {
    "pre-court, light": {
        "Outcome 22": 40,
        "Community resolution": 32,
        "YC": 12,
        "YCC": 10,
        "Outcome 21": 3,
        "No further action": 3,
    },
    "pre-court, serious": {"Outcome 22": 38, "YCC": 38, "YC": 14, "Community resolution": 10},
    "court, light": {
        "Referral order": 66,
        "Conditional discharge": 10,
        "YRO": 9,
        "Fine": 4,
        "Compensation order": 3,
        "Absolute discharge": 3,
        "Reparation order": 4,
        "Bind-over": 1,
    },
    "court, serious": {"Referral order": 52, "YRO": 36, "DTO": 9, "Section 250": 3},
}
PANEL = {"Outcome 22": 0.85, "YCC": 0.85, "YC": 0.65, "Community resolution": 0.35}
STATUTORY = ("YC", "YCC")
FURTHER_OFFENCES = {1: 42, 2: 27, 3: 15, 4: 10, 6: 6}

COLUMNS = (
    *("child_id", "outcome_id", "outcome_date", "area", "ethnicity", "sex", "age", "send", "care"),
    *("offence_group", "gravity", "outcome", "decided_by", "recommended_outcome"),
    *("first_time_entrant", "reoffended", "further_offences"),
)


@dataclass(frozen=True)
class Margin:
    """What a year holds of one ethnic group: children, of them with a court order, outcomes, offences."""

    children: int
    court: int
    outcomes: int
    offences: int


@dataclass(frozen=True)
class Year:
    """The margins of one financial year: by ethnic group, and how many children have each code of `traits`.

    `start` is the calendar year in which the financial year begins; children without a code have `OTHERWISE`.
    """

    start: int
    groups: Mapping[str, Margin]
    traits: Mapping[str, Mapping[str, int]]


def write(path: str | Path, *, children: int = 45, years: int = 3, areas: int = 1, seed: int = 0) -> None:
    """Write a synthetic case file (CSV): exactly `children` children a year in each of `areas` areas.

    The last year is 2022/23. The same arguments give the same file.

    Raises:
        ValueError: children, years or areas is below 1.
    """
    if min(children, years, areas) < 1:
        raise ValueError("children, years and areas must each be at least 1")
    rng = np.random.default_rng(seed)
    starts = range(LAST_YEAR - years + 1, LAST_YEAR + 1)
    files, known = [], 0
    for name, share in _areas(areas):
        file = case_file(rng, [plausible_year(rng, start, children, share) for start in starts], name, known)
        known = int(file["child"].max())
        files.append(file)
    save(pd.concat(files, ignore_index=True), path)


def plausible_year(rng: np.random.Generator, start: int, children: int, other_share: float) -> Year:
    """Draw the margins of a year for so many children, of whom about `other_share` are not White."""
    unknown = _binomial(rng, children, UNKNOWN_ETHNICITY)
    other = _binomial(rng, children - unknown, other_share)
    sizes = {WHITE: children - unknown - other, ALL_OTHER: other, UNKNOWN: unknown}
    groups = {}
    for group, size in sizes.items():
        outcomes = size + _binomial(rng, size, 0.11)
        offences = outcomes + _binomial(rng, 4 * outcomes, 0.36)
        groups[group] = Margin(size, _binomial(rng, size, COURT[group]), outcomes, offences)
    traits = {
        column: {code: _binomial(rng, children, share) for code, share in codes.items()}
        for column, codes in TRAITS.items()
    }
    return Year(start, groups, traits)


def case_file(rng: np.random.Generator, years: Sequence[Year], area: str, known: int = 0) -> pd.DataFrame:
    """Fill consecutive years of one area: one row an offence, children numbered from `known` + 1.

    Every margin of each `Year` comes out exactly, unless children who return have already more of a trait than the
    year is to have.
    """
    people = pd.DataFrame()
    child_years = []
    for year in years:
        people = _people(rng, year, people, known)
        known = max(known, int(people["child"].max()))
        child_years.append(people)
    everyone = pd.concat(child_years, ignore_index=True)
    everyone = everyone.assign(**_reoffending(rng, everyone))
    extra = {(year.start, group): m.outcomes - m.children for year in years for group, m in year.groups.items()}
    outcomes = _outcomes(rng, everyone, extra)
    offences = {(year.start, group): m.offences for year in years for group, m in year.groups.items()}
    return _offences(rng, outcomes, offences).assign(area=area)


def save(rows: pd.DataFrame, path: str | Path) -> None:
    """Write the rows of case files in order of date, the way a case-management system exports them."""
    rows = rows.sort_values(["day", "child"], kind="stable")
    first = ~rows.duplicated(["child", "day"])
    exported = rows.assign(
        child_id="SYNTHETIC-" + rows["child"].astype(str).str.zfill(6),
        outcome_id="OUTCOME-" + first.cumsum().astype(str).str.zfill(6),
        outcome_date=rows["day"].astype(str),
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    exported.to_csv(path, columns=list(COLUMNS), index=False, lineterminator="\n", encoding="utf-8")


def _areas(number: int) -> list[tuple[str, float]]:
    """So many areas with the share of their caseload that is not White, those with published baselines first."""
    return [*AREAS.items(), *((f"Area {i}", ELSEWHERE) for i in range(len(AREAS) + 1, number + 1))][:number]


def _people(rng: np.random.Generator, year: Year, before: pd.DataFrame, known: int) -> pd.DataFrame:
    """The children of a year, one row each: some return from the year before, the others are new."""
    people = pd.concat(
        [_group(rng, group, margin.children, before) for group, margin in year.groups.items()], ignore_index=True
    )
    new = people["child"].eq(0)
    people.loc[new, "child"] = known + np.arange(1, new.sum() + 1)
    for column, codes in year.traits.items():
        for code, total in codes.items():
            people = _give(rng, people, column, code, total)
        people[column] = people[column].replace("", OTHERWISE[column])
    people["gravity"] = _gravities(rng, people)
    people["court"] = _chosen_by_group(rng, people, {g: m.court for g, m in year.groups.items()}, _court_weight(people))
    return people.assign(year=year.start)


def _group(rng: np.random.Generator, group: str, size: int, before: pd.DataFrame) -> pd.DataFrame:
    """The children of one ethnic group: who returns, a year older, and new ones with traits still to be given."""
    back = _returning(rng, group, size, before)
    new = size - len(back)
    ethnicity = _pick(rng, ETHNICITIES[group], new)
    fresh = pd.DataFrame({"child": 0, "ethnicity": ethnicity, "age": _pick(rng, AGES, new), "returning": False})
    return pd.concat([back, fresh.assign(group=group, sex="", care="", send="")], ignore_index=True)


def _returning(rng: np.random.Generator, group: str, size: int, before: pd.DataFrame) -> pd.DataFrame:
    """Those of the year before, all attributes known, who are in the caseload again; nobody who has turned 18."""
    if before.empty:
        return pd.DataFrame()
    known = before["group"].eq(group) & before["send"].ne("Not known") & (group != UNKNOWN)
    able = before[known & before["age"].lt(17)]
    total = int(RETURNING * min(size, known.sum())) if size >= FEWEST_IN_A_GROUP_RETURN else 0
    back = able[_chosen(rng, 1.0 + able["court"], total)]
    return back.assign(age=back["age"] + 1, returning=True)[
        ["child", "group", "ethnicity", "sex", "age", "send", "care", "returning"]
    ]


def _give(rng: np.random.Generator, people: pd.DataFrame, column: str, code: str, total: int) -> pd.DataFrame:
    """Give a code to as many of those who have none in that column yet as makes `total` children with it."""
    free = people.index[people[column].eq("")]
    missing = max(0, total - int(people[column].eq(code).sum()))
    gets = free[_chosen(rng, _trait_weight(people.loc[free], code), missing)]
    return people.assign(**{column: people[column].mask(people.index.isin(gets), code)})


def _trait_weight(people: pd.DataFrame, code: str) -> pd.Series:
    """How likely a trait is beside the others: boys and looked-after children more often have an EHC plan."""
    if code == "EHC plan":
        return 1.0 + 1.5 * _looked_after(people) + 0.4 * people["sex"].eq("M")
    if code in ("local", "placed"):
        return 1.0 + 0.5 * people["sex"].eq("F")
    return pd.Series(1.0, people.index)


def _gravities(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """The gravity of each child's most serious offence: 5 to 8 for somewhat more boys and older children."""
    chance = 0.10 + 0.10 * people["sex"].eq("M") + 0.08 * people["age"].ge(15) + 0.07 * people["returning"]
    serious = rng.random(len(people)) < chance
    return np.where(serious, _pick(rng, SERIOUS, len(people)), _pick(rng, LIGHT, len(people)))


def _court_weight(people: pd.DataFrame) -> pd.Series:
    """How likely court is beside the others: mostly gravity, then an earlier year, care and age."""
    serious = 1.0 + 4.0 * people["gravity"].ge(5)
    return serious * (1 + people["returning"]) * (1 + 0.4 * _looked_after(people)) * (1 + 0.4 * people["age"].ge(16))


def _reoffending(rng: np.random.Generator, people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Whether each child reoffended within a year, as those did who return, and how many further offences."""
    key = people["child"] * 10_000 + people["year"]
    chance = 0.11 + 0.10 * people["court"] + 0.10 * _looked_after(people) + 0.08 * people["returning"]
    chance += 0.10 * people["year"].eq(people["year"].max())
    again = (key + 1).isin(key) | (rng.random(len(people)) < chance)
    return {
        "reoffended": np.where(again, "Yes", "No"),
        "further_offences": np.where(again, _pick(rng, FURTHER_OFFENCES, len(people)), 0),
    }


def _outcomes(rng: np.random.Generator, people: pd.DataFrame, extra: Mapping[tuple, int]) -> pd.DataFrame:
    """One row an outcome: each child's most serious one, and for so many of each year and group a lesser one."""
    day = _pick(rng, dict.fromkeys(range(365), 1), len(people))
    main = people.assign(day=day)
    twice = _chosen_by_group(rng, people, extra, 1.0 + people["court"] + people["returning"], by=["year", "group"])
    lesser = main[twice]
    count = len(lesser)
    lesser = lesser.assign(
        day=(lesser["day"] + 30 + _pick(rng, dict.fromkeys(range(300), 1), count)) % 365,
        gravity=np.minimum(lesser["gravity"], _pick(rng, LIGHT, count)),
        court=False,
    )
    outcomes = pd.concat([main, lesser], ignore_index=True)
    starts = pd.to_datetime(outcomes["year"].astype(str) + "-04-01")
    outcomes["day"] = starts + pd.to_timedelta(outcomes["day"], unit="D")
    outcomes = outcomes.sort_values(["day", "child"], kind="stable", ignore_index=True)
    return outcomes.assign(**_decisions(rng, outcomes)).pipe(_first_time, rng)


def _decisions(rng: np.random.Generator, outcomes: pd.DataFrame) -> dict[str, np.ndarray]:
    """What was decided, by whom, and what had been recommended (by reports to court and to panels only)."""
    where = np.where(outcomes["court"], "court, ", "pre-court, ")
    kinds = where + np.where(outcomes["gravity"].ge(5), "serious", "light").astype(object)
    outcome = _pick_by(rng, OUTCOMES, kinds)
    panel = rng.random(len(outcomes)) < pd.Series(outcome).map(PANEL).fillna(0).to_numpy()
    decided_by = np.where(outcomes["court"], "Court", np.where(panel, "Panel", "Police"))
    advice = np.where(rng.random(len(outcomes)) < 0.75, outcome, _pick_by(rng, OUTCOMES, kinds))
    return {
        "outcome": outcome,
        "decided_by": decided_by,
        "recommended_outcome": np.where(decided_by == "Police", "Not recorded", advice),
    }


def _first_time(outcomes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """First-time entrants: the first caution or conviction of a child without one before the file begins."""
    formal = outcomes["court"] | outcomes["outcome"].isin(STATUTORY)
    no_history = rng.random(len(outcomes)) < 0.8 - RETURNING * outcomes["year"].eq(outcomes["year"].min())
    first = formal & ~outcomes.assign(formal=formal).duplicated(["child", "formal"]) & no_history
    return outcomes.assign(first_time_entrant=np.where(first, "Yes", "No"))


def _offences(rng: np.random.Generator, outcomes: pd.DataFrame, totals: Mapping[tuple, int]) -> pd.DataFrame:
    """One row an offence: the gravest of each outcome first, then lesser ones up to the totals by year and group."""
    number = pd.Series(1, outcomes.index)
    weight = rng.random(len(outcomes)) ** 2 * (1 + outcomes["court"])
    for key, rows in outcomes.groupby(["year", "group"]).indices.items():
        ends = np.cumsum(weight.to_numpy()[rows])
        landed = np.searchsorted(ends / ends[-1], rng.random(totals[key] - len(rows)), side="right")
        number.iloc[rows] += np.bincount(landed, minlength=len(rows))
    offences = outcomes.loc[outcomes.index.repeat(number)]
    gravest = ~offences.index.duplicated()
    lesser = np.minimum(offences["gravity"], _pick(rng, LIGHT, len(offences)))
    gravity = np.where(gravest, offences["gravity"], lesser)
    offence_group = _pick_by(rng, OFFENCE_GROUPS, gravity)
    return offences.reset_index(drop=True).assign(gravity=gravity, offence_group=offence_group)


def _looked_after(people: pd.DataFrame) -> pd.Series:
    return people["care"].isin(["local", "placed"])


def _binomial(rng: np.random.Generator, trials: int, chance: float) -> int:
    return int((rng.random(trials) < chance).sum())


def _pick(rng: np.random.Generator, weights: Mapping, size: int) -> np.ndarray:
    """So many draws of the keys, each as likely as its weight says."""
    ends = np.cumsum(list(weights.values()))
    place = np.searchsorted(ends, rng.random(size) * ends[-1], side="right")
    return np.array(list(weights))[place]


def _pick_by(rng: np.random.Generator, tables: Mapping, keys: np.ndarray) -> np.ndarray:
    """For each key a draw from the table of that key."""
    drawn = np.empty(len(keys), dtype=object)
    for key, weights in tables.items():
        rows = keys == key
        drawn[rows] = _pick(rng, weights, int(rows.sum()))
    return drawn


def _chosen(rng: np.random.Generator, weight: pd.Series, total: int) -> np.ndarray:
    """A mask of exactly `total` places, or all there are, by weight and without replacement (Efraimidis 2006)."""
    waits = -np.log1p(-rng.random(len(weight))) / weight.to_numpy()
    mask = np.zeros(len(weight), dtype=bool)
    mask[np.argsort(waits, kind="stable")[:total]] = True
    return mask


def _chosen_by_group(
    rng: np.random.Generator, people: pd.DataFrame, totals: Mapping, weight: pd.Series, by: str | list[str] = "group"
) -> np.ndarray:
    """A mask with exactly the total of each group chosen."""
    mask = np.zeros(len(people), dtype=bool)
    for key, rows in people.groupby(by).indices.items():
        mask[rows] = _chosen(rng, weight.iloc[rows], totals[key])
    return mask

"""Who the caseload is compared with: published populations and percentages, read, checked and chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from yjdisp.project import project_folder
from yjdisp.vocabulary import ALL, UNKNOWN, code_list, normalise, starts_in

COLUMNS = ("baseline", "characteristic", "group", "area", "year", "age_range", "population", "percentage", "source")
NATIONAL = ("England and Wales", "England")
PERCENTAGES_OFF, POPULATIONS_OFF, PERTURBED = 1.0, 0.01, 20  # points, share and children that published sums may be off
MOST = 100_000_000  # people of an area
POPULATION = "Census 2021"  # whose total stands in where a baseline counts one group only


class BaselineError(ValueError):
    """A baseline file or choice that cannot be used: the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Baseline:
    """One characteristic of one area's children, as published.

    Attributes:
        name: its short name, such as "Census 2021".
        characteristic, area, year, age_range, source: as published.
        shares: each group's share of all, as a fraction.
        populations: each group's number of children; empty where only percentages are published.
        note: what a reader must know of how it was put together, or "".
    """

    name: str
    characteristic: str
    area: str
    year: str
    age_range: str
    source: str
    shares: Mapping[str, float]
    populations: Mapping[str, float]
    note: str

    @property
    def is_caseload(self) -> bool:
        """Whether it is another caseload rather than a population."""
        return is_caseload(self.name)

    @property
    def label(self) -> str:
        """Name, area and age range in one phrase."""
        return f"{self.name}, {self.area}, {self.age_range}"

    @property
    def cited(self) -> str:
        """Its label and who published it."""
        return f"{self.label}. Source: {self.source}."

    @property
    def citation(self) -> str:
        """The same with its note."""
        return f"{self.cited} {self.note}".strip()

    @property
    def of_census(self) -> bool:
        """Whether some of its numbers are those of a census of everybody."""
        return "Census" in f"{self.name} {self.note}"


def default_file() -> Path:
    """The published baselines that come with the project."""
    return project_folder() / "data_samples" / "baselines.csv"


def read(path: Path) -> pd.DataFrame:
    """A baseline file as a frame of `COLUMNS`.

    Headings match whatever their case and spacing; `baseline` may be left out (the source stands in for it).

    Raises:
        BaselineError: not a CSV file, a missing column, an unknown characteristic or group, a population or
            percentage that cannot be, both or neither of them filled, two rows for one group.
    """
    try:
        rows = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
    except FileNotFoundError:
        raise BaselineError(f"baselines: there is no file {Path(path).name}; check the path") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise BaselineError(f"baselines: {Path(path).name} is not a CSV file in UTF-8; save it as one") from None
    headings = {normalise(c).replace(" ", "_"): c for c in rows.columns}
    rows = rows.rename(columns={headings[c]: c for c in COLUMNS if c in headings})
    if "baseline" not in rows and "source" in rows:
        rows["baseline"] = rows["source"]
    for column in ("population", "percentage"):
        if column not in rows:
            rows[column] = None
    missing = [c for c in COLUMNS if c not in rows]
    if missing:
        raise BaselineError(f"baselines: no column {missing[0]!r} between commas; it needs {', '.join(COLUMNS)}")
    if rows.empty:
        raise BaselineError("baselines: the file has headings and no rows; add the populations, or leave the file out")
    return _checked(rows[list(COLUMNS)])


def _checked(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.fillna({c: "" for c in COLUMNS if c not in ("population", "percentage")})
    for column in ("population", "percentage"):
        number = pd.to_numeric(rows[column].str.replace(",", ""), errors="coerce")
        wrong = (number.isna() & rows[column].notna()).to_numpy()
        if wrong.any():
            raise BaselineError(f"baselines, line {wrong.argmax() + 2}: a {column} is a number, or blank")
        rows[column] = number
    rows["characteristic"] = rows["characteristic"].str.strip().str.lower()
    for line, row in enumerate(rows.to_dict("records"), start=2):
        try:
            groups = {normalise(group): group for group in (ALL, *code_list(row["characteristic"]).values)}
        except KeyError:
            raise BaselineError(f"baselines, line {line}: no characteristic is called so; see the code lists") from None
        if normalise(row["group"]) not in groups:
            raise BaselineError(f"baselines, line {line}: no such group of {row['characteristic']}; see the code list")
        rows.loc[rows.index[line - 2], "group"] = groups[normalise(row["group"])]
        if pd.isna(row["population"]) == pd.isna(row["percentage"]):
            raise BaselineError(f"baselines, line {line}: fill either population or percentage")
        if not pd.isna(row["population"]) and not (0 <= row["population"] < MOST and row["population"] % 1 == 0):
            raise BaselineError(f"baselines, line {line}: a population is a whole number from 0 to {MOST:,}")
        if not (pd.isna(row["percentage"]) or 0 <= row["percentage"] <= 100):
            raise BaselineError(f"baselines, line {line}: a percentage is 0 to 100")
        if not row["source"].strip():
            raise BaselineError(f"baselines, line {line}: no source; say who published the number, and where")
    key = ["baseline", "characteristic", "group", "area"]
    twice = rows.duplicated(key)
    if twice.any():
        raise BaselineError(
            f"baselines, line {twice.argmax() + 2}: this group of this baseline and area is there twice"
        )
    _check_sums(rows)
    return rows.reset_index(drop=True)


def _check_sums(rows: pd.DataFrame) -> None:
    """Raises BaselineError where the groups of a baseline are more than everybody, by more than rounding or perturbation."""
    place = ["characteristic", "baseline", "area"]
    lists = {name: code_list(name) for name in rows["characteristic"].unique()}
    above = {(name, g): parent for name, of in lists.items() for g, parent in zip(of.values, of.parents, strict=True)}
    places = list(zip(*(rows[name] for name in place), strict=True))
    named = set(zip(places, rows["group"], strict=True))
    top = [
        group != ALL and ((parent := above.get((at[0], group), ALL)) == ALL or (at, parent) not in named)
        for at, group in zip(places, rows["group"], strict=True)
    ]
    together = rows[top].groupby(place, sort=False)[["population", "percentage"]].sum()
    everybody = rows[rows["group"] == ALL].set_index(place)["population"].reindex(together.index)
    too_many = together["population"] > everybody * (1 + POPULATIONS_OFF) + PERTURBED
    for characteristic, name, area in together.index[(together["percentage"] > 100 + PERCENTAGES_OFF) | too_many]:
        groups = f"baselines: the groups of {characteristic} in {name}, {area}, are more"
        if not too_many[(characteristic, name, area)]:
            raise BaselineError(f"{groups} than 100% together; correct the percentages")
        all_of_them = f"{everybody[(characteristic, name, area)]:,.0f}"
        raise BaselineError(
            f"{groups} children than all of them ({all_of_them}); correct the row of group All or the groups"
        )


def is_caseload(name: str) -> bool:
    """Whether a baseline of that name is another caseload rather than a population."""
    return "caseload" in name


def names(rows: pd.DataFrame, *, characteristic: str, area: str) -> tuple[str, ...]:
    """The baselines on offer for a characteristic: the area's own first, then national ones."""
    here = rows[rows["characteristic"] == characteristic]
    own = here[here["area"] == area]["baseline"]
    national = here[here["area"].isin(NATIONAL)]["baseline"]
    return tuple(dict.fromkeys([*own, *national]))


def choose(
    rows: pd.DataFrame, *, characteristic: str, area: str, year: str | None = None, name: str | None = None
) -> Baseline:
    """The baseline of that name, or the area's own one nearest in time to a financial year (its end).

    `name` may be any part of a name that only one baseline on offer has ("2011"). Where the area has none of its
    own, the national one is used and the note says so.

    Raises:
        BaselineError: nothing on offer, or `name` fits none or several.
    """
    offered = names(rows, characteristic=characteristic, area=area)
    if not offered:
        raise BaselineError(f"no baseline for {characteristic}; add rows to the baseline file and release again")
    if name is not None:
        exact = [n for n in offered if normalise(name) in {normalise(f"{n} {of}") for of in ("", area, *NATIONAL)}]
        fits = exact or [n for n in offered if normalise(name) in normalise(n)]
        if len(fits) != 1:
            raise BaselineError(f"baseline {name!r} fits {len(fits)} of: {', '.join(offered)}; give one in full")
        return _assemble(rows, characteristic, area, fits[0])
    of = rows[rows["characteristic"] == characteristic].drop_duplicates("baseline").set_index("baseline")["year"]
    local = set(rows[(rows["characteristic"] == characteristic) & (rows["area"] == area)]["baseline"])
    end = starts_in(year or "") + 1

    def unsuited(candidate: str) -> tuple[bool, bool, float]:
        return candidate not in local, is_caseload(candidate), abs(starts_in(of[candidate]) - end)

    return _assemble(rows, characteristic, area, min(offered, key=unsuited))


def _assemble(rows: pd.DataFrame, characteristic: str, area: str, name: str) -> Baseline:
    chosen = rows[(rows["characteristic"] == characteristic) & (rows["baseline"] == name)]
    of_area = next(a for a in (area, *NATIONAL) if (chosen["area"] == a).any())
    chosen = chosen[chosen["area"] == of_area].set_index("group")
    first, notes = chosen.iloc[0], []
    if of_area != area and not is_caseload(name):
        notes.append(f"No baseline of this kind for {area or 'the area'}: {of_area} stands in for it.")
    populations = chosen["population"].dropna().to_dict()
    borrowed = bool(populations) and ALL not in populations
    if borrowed:
        everybody_there = _everybody(rows, name, of_area)
        populations |= {ALL: float(everybody_there["population"])}
        notes.append(f"Set against all children aged 10–17 in {POPULATION} (source: {everybody_there['source']}).")
    unrecorded = populations.pop(UNKNOWN, 0)
    total = populations.pop(ALL, 0) - unrecorded
    shares = {group: number / total for group, number in populations.items() if total}
    percentages = chosen["percentage"].dropna().to_dict()
    known = 100 - percentages.pop(UNKNOWN, 0)
    shares |= {group: percentage / known for group, percentage in percentages.items()}
    if known < 100 or unrecorded:
        notes.append("Its shares are of those whose group is known.")
    missing = None if is_caseload(name) else _the_rest(characteristic, shares)
    if missing:
        shares[missing] = 1 - sum(shares[g] for g in _top(characteristic) if g in shares)
        if populations and not borrowed:  # numbers of two tables are never subtracted from each other
            populations[missing] = total * shares[missing]
    return Baseline(
        name,
        characteristic,
        of_area,
        first["year"],
        first["age_range"],
        first["source"],
        shares,
        populations,
        " ".join(notes),
    )


def everybody(rows: pd.DataFrame, area: str) -> pd.DataFrame:
    """The rows that say how many children an area has in all."""
    return rows[(rows["baseline"] == POPULATION) & (rows["area"] == area) & (rows["group"] == ALL)]


def _everybody(rows: pd.DataFrame, name: str, area: str) -> pd.Series:
    census = everybody(rows, area)
    if census.empty:
        raise BaselineError(
            f"{name} does not say how many children {area} has; add a row of group All and release again"
        )
    return census.iloc[0]


def _top(characteristic: str) -> list[str]:
    codes = code_list(characteristic)
    return [v for v, parent in zip(codes.values, codes.parents, strict=True) if parent == ALL and v != UNKNOWN]


def _the_rest(characteristic: str, shares: Mapping[str, float]) -> str | None:
    """The one top group that a population leaves out: it is what the others leave. (In a caseload some are unknown.)"""
    left_out = [group for group in _top(characteristic) if group not in shares]
    return left_out[0] if len(left_out) == 1 and len(_top(characteristic)) == 2 else None

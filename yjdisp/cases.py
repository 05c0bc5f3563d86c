"""The case file: check every row, and keep nothing that could name a child.

A CSV, XLSX, ODS or Parquet file goes in; what comes out are rows in the words of the code lists, and typed problems.
No message, log or repr holds anything of a row except its line number, its column, the kind of problem, and codes that
cannot be personal (see `problems.may_be_shown`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yjdisp import sheet_xml
from yjdisp.columns import CODED, OPTIONAL, Mapping, case_columns, read_mapping, texts, unused
from yjdisp.opening import Grid, open_grid
from yjdisp.problems import Finding, Problem, narrow_or_wide, problems_of, reasons_of
from yjdisp.reading import (
    NOT_AN_AREA,
    by_value,
    date_order,
    holds,
    is_area_code,
    is_blank,
    one_spelling,
    quarter_of,
    read_area,
    read_date,
    read_whole,
    value_of,
)
from yjdisp.vocabulary import UNKNOWN, disposal_positions, normalise

EARLIEST = date(2000, 1, 1)
SPOILT = re.compile(
    rf"-?\d([.,]\d+)?E\+\d+|#+|#N/A|#DIV/0!|#[A-Z_]+[!?]|Err:\d+|{'|'.join(sheet_xml.REMEDIES)}", re.ASCII
)
AN_AREA = 5  # children: where one has so many, another of a single child is doubted
ONE_CHILD = "one child alone has it, and it would be published; correct it, or leave the child out of this file"
PLACED = "placed here by another area"
ROWS = {
    "child": "int64",
    "outcome_id": "int64",
    "day": "int64",
    "quarter": "str",
    "area": "str",
    **dict.fromkeys(("ethnicity", "sex", "age", "send", "care", "offence", "disposal"), "str"),
    **dict.fromkeys(("recommended_outcome", "first_time_entrant", "reoffended"), "str"),
    "further_offences": "Int64",
}


@dataclass(frozen=True, eq=False)
class CaseFile:
    """A case file that has been read and checked.

    Attributes:
        rows: one row an offence, without those left out; columns and types as in `ROWS`. It never holds an identifier
            or a date of birth; `child` is a number made from the identifier.
        problems: everything that is wrong, in the order of the columns.
        read: rows in the file.
        left_out: reason -> rows: a kind of problem, or "placed here by another area". Each row is counted once.
        whose: reason -> children that these rows are of.
        columns: the optional columns that the file has.
        unused: the headings that stand for no column.
        synthetic: whether every child_id starts with "SYNTHETIC".
        mapping: the TOML text used, "" for none.
    """

    rows: pd.DataFrame
    problems: tuple[Problem, ...]
    read: int
    left_out: dict[str, int]
    whose: dict[str, int]
    columns: frozenset[str]
    unused: tuple[str, ...]
    synthetic: bool
    mapping: str = ""

    @property
    def merged(self) -> int:
        """Outcomes of which the rows name several kinds: where there is no outcome_id, all of a child's day are one."""
        kinds = self.rows["disposal"].str.split("|").str[0].groupby(self.rows["outcome_id"]).nunique()
        return int((kinds > 1).sum())

    def __repr__(self) -> str:
        return f"CaseFile({len(self.rows)} of {self.read} rows, {len(self.problems)} problems)"


def read(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    mapping: str | Path | None = None,
    today: date | None = None,
) -> CaseFile:
    """Read and check a case file.

    Dates are read as `reading.read_date` does, day before month; where a column holds dates that only make sense month
    first and none that only makes sense day first, its other dates of that kind are ambiguous. An age that is given is
    used as it stands; where it is blank or there is none, it is the age on the outcome_date.

    Args:
        source: a path, or an open binary file such as an upload.
        name: the name to use in messages, where the source is not a path.
        mapping: a path to a TOML file, or (as a str) its text.
        today: the last date that an outcome can have; today.

    Raises:
        CaseFileError: the file, or the mapping, cannot be read at all.
    """
    used = read_mapping(mapping)
    return checked(open_grid(source, name, used.sheet), used, today)


def checked(grid: Grid, used: Mapping, today: date | None = None) -> CaseFile:
    """The table of a case file, checked with a mapping; for all else see `read`."""
    where, problems = case_columns(grid.headings, used.columns)
    present = frozenset(where) & frozenset(OPTIONAL)
    if problems:
        left_out = {problems[0].kind: len(grid.lines)} if len(grid.lines) else {}
        none = pd.DataFrame(columns=list(ROWS)).astype(ROWS)
        return CaseFile(none, tuple(problems), len(grid.lines), left_out, {}, present, (), False, used.text)
    table = texts(grid, where)
    table = table.assign(**{c: "" for c in OPTIONAL if c not in where and c != "area"})
    ids = table["child_id"]
    away = by_value(table["residence"], value_of("residence", used.values)) == PLACED
    lines, crooked = grid.lines[~away], grid.crooked[~away]
    rows, findings = check(table[~away].reset_index(drop=True), crooked, used.values, today or date.today())
    reasons = reasons_of(findings, len(rows))
    why = np.full(len(table), PLACED, dtype=object)
    why[~away] = reasons
    whose = ids[why != ""].groupby(why[why != ""]).nunique()
    return CaseFile(
        rows[reasons == ""].reset_index(drop=True),
        tuple(problems_of(findings, lines, ids[~away].to_numpy())),
        len(table),
        dict(Counter(why[why != ""])),
        {str(reason): int(children) for reason, children in whose.items()},
        present,
        unused(grid.headings, where),
        bool(ids.str.startswith("SYNTHETIC").all()),
        used.text,
    )


def check(
    table: pd.DataFrame, crooked: np.ndarray, own: dict[str, dict[str, str]], today: date
) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows in the words of the lists, as in `ROWS`, and what is wrong with them; bad rows are still among them.

    Args:
        table: known columns as text, a row an offence; of the optional ones, only area can be absent.
        crooked: whether a row has another number of cells than the headings.
        own: column -> normalised own code -> value.
        today: the last date that an outcome can have.
    """
    ids = table["child_id"]
    when, wrong_dates = _dates(table["outcome_date"], "outcome_date")
    coded, wrong_codes = _coded(table, own)
    age, wrong_ages = _ages(table, when)
    gravity, wrong_gravity = _gravity(table["gravity"], own)
    area, wrong_areas = _areas(table, ids)
    further, wrong_further = _further_offences(table["further_offences"])
    disposal = coded["outcome"] + "|" + coded["decided_by"]
    own_number, names = pd.factorize(ids)
    child = np.where(holds(ids, is_blank), -1, own_number)
    day = np.array([d.toordinal() if d else 0 for d in when], dtype=np.int64)
    facts = pd.DataFrame({"child": child, "day": day, "outcome": coded["outcome"]})
    facts = facts.mask(facts.isin({"child": [-1], "day": [0], "outcome": [UNKNOWN]}))
    key, wrong_ids = _outcome_ids(facts, table["outcome_id"])
    rows = pd.DataFrame(
        {
            "child": np.where(child < 0, -1, _lasting(names)[own_number]),
            "outcome_id": key,
            "day": day,
            "quarter": by_value(when, lambda d: quarter_of(d) if d else ""),
            "area": area,
            "age": age,
            "offence": coded["offence_group"] + "|" + gravity,
            "disposal": disposal,
            "further_offences": further,
            **{c: coded[c] for c in ROWS if c in coded},
        }
    )
    findings = [
        Finding("missing value", "child_id", holds(ids, is_blank), "every row needs the child's number"),
        *_spoilt(table),
        *wrong_dates,
        *_implausible(when, today),
        *wrong_codes,
        *wrong_ages,
        *wrong_gravity,
        *_misfits(disposal, coded["outcome"]),
        *wrong_areas,
        *wrong_ids,
        *wrong_further,
    ]
    return rows[list(ROWS)].astype(ROWS), narrow_or_wide(crooked, findings)


def _spoilt(table: pd.DataFrame) -> list[Finding]:
    """Identifiers that a spreadsheet has cut short or put an error in the place of: different ones now look the same."""
    remedy = "a spreadsheet has cut the number short or put an error in its place; make it text there, export again"
    return [
        Finding("wrong number", column, holds(table[column], lambda text: bool(SPOILT.fullmatch(text))), remedy)
        for column in ("child_id", "outcome_id")
    ]


def _lasting(names: pd.Index) -> NDArray[np.int64]:
    """A number for each child, made from their identifier: the same in every file, since whoever knows their own record
    knows it in earlier releases too. Who has identifiers to try could find it again: it stays on the analyst's side."""
    digests = (hashlib.blake2b(str(name).encode(), digest_size=8, person=b"yjdisp child").digest() for name in names)
    return np.array([int.from_bytes(digest) >> 1 for digest in digests], dtype=np.int64)


def _coded(table: pd.DataFrame, own: dict[str, dict[str, str]]) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """The value of each column that has a code list; UNKNOWN where it is blank or not known."""
    values, findings = {}, []
    for column in CODED:
        found = by_value(table[column], value_of(column, own))
        unknown = pd.isna(found)
        if column == "outcome":
            blank = holds(table[column], is_blank)
            findings.append(Finding("missing value", column, blank, "every row needs an outcome"))
            unknown &= ~blank
        findings.append(Finding("unknown code", column, unknown, values=table[column]))
        values[column] = np.where(pd.isna(found), UNKNOWN, found)
    return values, findings


def _dates(texts: pd.Series, column: str) -> tuple[np.ndarray, list[Finding]]:
    when, blank = by_value(texts, read_date), holds(texts, is_blank)
    wrong = pd.isna(when) & ~blank
    order = by_value(texts, date_order)
    doubtful = (order == "either") if "month first" in order and "day first" not in order else np.zeros(len(when), bool)
    return when, [
        Finding("missing value", column, blank, "every row needs the date"),
        Finding("wrong date", column, wrong, "write it as 2021-04-30 or 30/04/2021, the year in four figures"),
        Finding("ambiguous date", column, doubtful, "other dates here have the month first; write them as 2021-04-30"),
    ]


def _implausible(when: np.ndarray, today: date) -> list[Finding]:
    bad = holds(when, lambda d: d is not None and not EARLIEST <= d <= today)
    return [Finding("implausible date", "outcome_date", bad, f"it is before {EARLIEST.year} or still to come")]


def _ages(table: pd.DataFrame, when: np.ndarray) -> tuple[np.ndarray, list[Finding]]:
    """The age as given; where it is blank or there is none, whole years from date_of_birth to the outcome."""
    given = table["age"] if "age" in table else pd.Series("", index=table.index, dtype=object)
    age, blank = by_value(given, read_whole), holds(given, is_blank)
    findings = [Finding("wrong number", "age", pd.isna(age) & ~blank, "write a whole number of years")]
    if "date_of_birth" in table:
        born, wrong = _dates(table["date_of_birth"].where(blank, ""), "date_of_birth")
        pairs = pd.Series(list(zip(born, when, strict=True)), dtype=object)
        age = np.where(blank, by_value(pairs, lambda pair: _years(*pair)), age)
        findings += [replace(f, bad=f.bad & blank) for f in wrong]
    else:
        findings.append(Finding("missing value", "age", blank, "every row needs the child's age"))
    outside = holds(age, lambda a: not pd.isna(a) and not 10 <= a <= 17)
    column = "age" if "age" in table else "date_of_birth"
    remedy = "give the age on the outcome_date, or leave the row out of the file"
    findings.append(Finding("age outside 10–17", column, outside, remedy))
    return by_value(age, lambda a: "" if pd.isna(a) else str(int(a))), findings


def _years(born: date | None, when: date | None) -> int | None:
    if born is None or when is None:
        return None
    return when.year - born.year - ((when.month, when.day) < (born.month, born.day))


def _gravity(texts: pd.Series, own: dict[str, dict[str, str]]) -> tuple[np.ndarray, list[Finding]]:
    known, mapped = value_of("gravity", own), own.get("gravity", {})

    def score(text: str) -> str | None:
        number = None if normalise(text) in mapped else read_whole(text)
        return known(text) if number is None else UNKNOWN if number == 0 else str(number) if 1 <= number <= 8 else None

    found = by_value(texts, score)
    wrong, number = pd.isna(found), holds(texts, lambda text: read_whole(text) is not None)
    remedy = "use the Youth Justice Board's score, not the police matrix"
    return np.where(wrong, UNKNOWN, found), [
        Finding("gravity outside 1–8", "gravity", wrong & number, remedy),
        Finding("unknown code", "gravity", wrong & ~number, values=texts),
    ]


def _misfits(disposal: np.ndarray, outcome: np.ndarray) -> list[Finding]:
    possible = frozenset(disposal_positions())
    bad = holds(disposal, lambda pair: pair not in possible) & (outcome != UNKNOWN)
    return [Finding("does not fit the outcome", "decided_by", bad, "a court's outcome is a court's, any other is not")]


def _areas(table: pd.DataFrame, ids: pd.Series) -> tuple[np.ndarray, list[Finding]]:
    """The area of each row. A name that only one child has, beside an area of many, may be the child's."""
    if "area" not in table:
        return np.full(len(table), "", dtype=object), []
    names = one_spelling(by_value(table["area"], lambda text: UNKNOWN if is_blank(text) else read_area(text)))
    bad = pd.isna(names)
    children = ids.groupby(np.where(bad, "", names)).nunique()
    children = children.drop(["", UNKNOWN], errors="ignore")
    lone = set(children.index[children == 1]) if children.max() >= AN_AREA else set()
    alone = holds(names, lambda name: name in lone and not is_area_code(name))
    return np.where(bad, UNKNOWN, names), [
        Finding("not an area", "area", bad, NOT_AN_AREA),
        Finding("not an area", "area", alone, ONE_CHILD),
    ]


def _further_offences(texts: pd.Series) -> tuple[Any, list[Finding]]:
    number = by_value(texts, read_whole)
    good = holds(number, lambda n: n is not None and 0 <= n < 1000)
    wrong = ~good & ~holds(texts, is_blank)
    remedy = "write a whole number, 0 for none, nothing for not known"
    return pd.array(np.where(good, number, pd.NA), dtype="Int64"), [
        Finding("wrong number", "further_offences", wrong, remedy)
    ]


def _outcome_ids(facts: pd.DataFrame, texts: pd.Series) -> tuple[np.ndarray, list[Finding]]:
    """A number for each disposal: by the file's outcome_id; where that is blank or there is none, by child and date.

    Args:
        facts: child, day and outcome of each row, null where they are not known.
        texts: the file's outcome_id, blank where it has none.
    """
    pairs = facts.groupby(["child", "day"], dropna=False).ngroup()
    own = ~holds(texts, is_blank)
    if not own.any():
        return pairs.to_numpy(), []
    key = pd.factorize(np.where(own, texts, pairs.astype(object)))[0]
    differ = facts.groupby(key).transform("nunique").gt(1).any(axis=1).to_numpy()
    remedy = "the same outcome_id has two outcomes, dates or children; give each outcome its own"
    return key, [Finding("one outcome, two stories", "outcome_id", differ & own, remedy)]

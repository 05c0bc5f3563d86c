"""Which column of a file is which: headings, their synonyms, and the mapping in which a service says its own."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from yjdisp.opening import Grid
from yjdisp.problems import CaseFileError, Problem, looks_personal
from yjdisp.reading import as_text, value_of
from yjdisp.vocabulary import normalise

REQUIRED = ("child_id", "outcome_date", "ethnicity", "sex", "outcome", "age or date_of_birth")
CODED = (
    "ethnicity",
    "sex",
    "send",
    "care",
    "offence_group",
    "decided_by",
    "outcome",
    "recommended_outcome",
    "first_time_entrant",
    "reoffended",
    "residence",
)
OPTIONAL = (
    "area",
    "outcome_id",
    "send",
    "care",
    "offence_group",
    "gravity",
    "decided_by",
    "recommended_outcome",
    "first_time_entrant",
    "reoffended",
    "further_offences",
    "residence",
)
COMMENT = re.compile(r"""("(?:\\.|[^"\\])*"|'[^']*')|[ \t]*#[^\n]*""")  # a string, which is kept, or a comment
COLUMNS = (*REQUIRED[:-1], "age", "date_of_birth", *OPTIONAL)


@dataclass(frozen=True)
class Mapping:
    """Which heading is which column, and which of a service's own codes stands for which value.

    Attributes:
        sheet: the sheet to read, None for the only one.
        columns: column -> heading.
        values: column -> normalised own code -> value of the code list.
        text: the TOML text, without comments: it is published, and they are for those who write it.
    """

    sheet: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    text: str = ""


def read_mapping(mapping: str | Path | None) -> Mapping:
    """A mapping from its TOML text or file: `sheet`, `[columns]` of headings, `[values.COLUMN]` of own codes.

    Raises:
        CaseFileError: it cannot be read, or has a key, a column or a value that is not known.
    """
    if not mapping:
        return Mapping()
    if isinstance(mapping, Path) and not mapping.is_file():
        raise CaseFileError(f"the mapping {mapping.name}: there is no such file; check the path")
    text = mapping if isinstance(mapping, str) else mapping.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseFileError(f"the mapping is not TOML: {error}".replace("\n", " ")) from None
    _known(content, ("sheet", "columns", "values"), "a mapping")
    columns, values = content.get("columns", {}), content.get("values", {})
    if not isinstance(content.get("sheet", ""), str) or not isinstance(columns, dict) or not isinstance(values, dict):
        raise CaseFileError(
            "the mapping: sheet is one name, and columns and values are tables: [columns], [values.sex]"
        )
    _known(columns, COLUMNS, "[columns] of a mapping")
    _known(values, (*CODED, "gravity"), "[values] of a mapping")
    if not all(isinstance(heading, str) for heading in columns.values()):
        raise CaseFileError("the mapping: every line of [columns] gives one heading in quotation marks")
    headings = {squash(heading): column for column, heading in columns.items()}
    for column, heading in columns.items():
        if (other := headings[squash(heading)]) != column:
            raise CaseFileError(
                f"the mapping: [columns] has one heading for both {column} and {other}; give each its own"
            )
    own = {column: _own_codes(column, codes) for column, codes in values.items()}
    return Mapping(content.get("sheet"), columns, own, COMMENT.sub(r"\1", text))


def _known(table: dict[str, Any], keys: Sequence[str], what: str) -> None:
    for key in table:
        if key not in keys:
            raise CaseFileError(f"the mapping: {what} has no “{key}”; it can have {', '.join(keys)}")


def _own_codes(column: str, codes: Any) -> dict[str, str]:
    if not isinstance(codes, dict) or not all(isinstance(code, str) for code in codes.values()):
        raise CaseFileError(f'the mapping: [values.{column}] has lines such as OWN = "code of the list"')
    read = value_of(column, {})
    known = {own: read(code) for own, code in codes.items()}
    for own, value in known.items():
        if value is None:
            raise CaseFileError(
                f"the mapping: [values.{column}] gives “{codes[own]}” for {own}, which is not in the list"
            )
    read_as: dict[str, str | None] = {}
    for own, value in known.items():
        if read_as.setdefault(normalise(own), value) != value:
            raise CaseFileError(
                f"the mapping: [values.{column}] has {own} twice with different values (case and punctuation do not count)"
            )
    return read_as


def squash(heading: str) -> str:
    """A heading without what people vary: case, spacing and punctuation ("Child ID", "child-id" and "ChildID")."""
    return normalise(heading).replace(" ", "")


@cache
def _synonyms() -> dict[str, frozenset[str]]:
    """The squashed headings by which each column of a case file is known."""
    path = resources.files("yjdisp") / "lists" / "headings.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return {c: frozenset(map(squash, [c, *(r["heading"] for r in rows if r["column"] == c)])) for c in COLUMNS}


def case_columns(headings: Sequence[str], named: dict[str, str]) -> tuple[dict[str, int], list[Problem]]:
    """The position of each known column of a case file, and what is wrong with the headings.

    Args:
        headings: those of the file.
        named: column -> heading, which go before any other way to tell.
    """
    taken = frozenset(map(squash, named.values()))
    known = {c: {squash(named[c])} if c in named else names - taken for c, names in _synonyms().items()}
    return find_columns(
        headings,
        known,
        (*REQUIRED, *named),
        twice="name one in the mapping, under [columns]",
        absent='say in the mapping which one it is: [columns] {} = "heading in the file"',
    )


def find_columns(
    headings: Sequence[str], known: dict[str, Collection[str]], required: Iterable[str], *, twice: str, absent: str
) -> tuple[dict[str, int], list[Problem]]:
    """The position of each known column among the headings, and what is wrong with the headings.

    Args:
        headings: those of the file.
        known: column -> the squashed headings that stand for it.
        required: columns that have to be there; of "age or date_of_birth", one of the two.
        twice: what to do about two headings for one column.
        absent: what to do about a missing column, with {} for its name.
    """
    keys = [squash(heading) for heading in headings]
    at = {column: [i for i, key in enumerate(keys) if key in names] for column, names in known.items()}
    problems = [
        Problem(None, column, "duplicate heading", 0, f"{len(places)} headings stand for it; {twice}")
        for column, places in at.items()
        if len(places) > 1
    ]
    for column in dict.fromkeys(required):
        either = column.split(" or ")
        if not any(at[c] for c in either):
            remedy = f"headings are the first row; {absent.format(either[0])}"
            problems.append(Problem(None, column, "missing column", 0, remedy))
    return {column: places[0] for column, places in at.items() if places}, problems


def unused(headings: Sequence[str], where: dict[str, int]) -> tuple[str, ...]:
    """The headings that stand for no column; one that could be somebody's is not repeated."""
    used = set(where.values())
    others = [" ".join(heading.split()) for i, heading in enumerate(headings) if i not in used]
    return tuple(heading for heading in others if heading and not looks_personal(heading))


def texts(grid: Grid, where: dict[str, int]) -> pd.DataFrame:
    """The cells of the known columns as text.

    Args:
        where: column -> its position in the grid.
    """
    return pd.DataFrame({column: as_text(grid.columns[i]) for column, i in where.items()}, dtype=object)

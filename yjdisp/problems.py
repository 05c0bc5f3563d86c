"""What can be wrong with an input file, said without ever repeating what the file holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from yjdisp import sheet_xml
from yjdisp.vocabulary import normalise

LISTED = 20
CODE_LENGTH = 20
NOT_A_CODE = "a value that is not a code"

Kind = Literal[
    "missing column",
    "duplicate heading",
    "wrong width",
    "missing value",
    "wrong date",
    "ambiguous date",
    "implausible date",
    "wrong number",
    "age outside 10–17",
    "gravity outside 1–8",
    "unknown code",
    "not an area",
    "does not fit the outcome",
    "one outcome, two stories",
    "wrong year",
    "same cell twice",
    "does not add up",
]

MANY_OWNERS = 5
_ONE_WORD = re.compile(r"\w{1,3}|(?=\w*\d)\w{1,10}")
_PERSONAL = re.compile(
    r"@"
    r"|\d{1,4}\s*[-/.]\s*(\d{1,2}|[a-z]{3,9})\s*[-/.]\s*\d{1,4}"
    r"|\b\d{1,2}(st|nd|rd|th)?\s+[a-z]{3,9}\s+\d{2,4}\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b",
    re.IGNORECASE,
)


class CaseFileError(ValueError):
    """A file that cannot be read at all: one line that says what is wrong and what to do, and nothing of the rows."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a file, without anything of its rows except codes that cannot be personal.

    Attributes:
        line: the line of the file (a spreadsheet's row number; the headings are usually line 1), the first one for a
            code that occurs more than once, None for what concerns the whole file or many lines.
        column: the name of the column as the design has it, not the file's heading; "" for a whole row.
        kind: what kind of thing is wrong.
        count: the number of rows concerned, 0 where the whole file is.
        remedy: what to do.
    """

    line: int | None
    column: str
    kind: Kind
    count: int
    remedy: str

    def __str__(self) -> str:
        if self.line is None:
            where = f"and {self.count:,} more" if self.count else "the file"
        else:
            where = f"line {self.line}" if self.count == 1 else f"line {self.line} and {self.count - 1:,} more"
        return ": ".join(filter(None, (where, self.column, self.kind, self.remedy)))


@dataclass(frozen=True, repr=False)
class Finding:
    """The rows that one check objects to.

    Attributes:
        bad: (n,) bool, the rows concerned.
        values: (n,) for unknown codes only, what the column holds.
    """

    kind: Kind
    column: str
    bad: np.ndarray
    remedy: str = ""
    values: Sequence[str] = ()


def listed(kind: Kind, column: str, lines: Sequence[int], remedy: str) -> list[Problem]:
    """One problem a line for the first `LISTED` lines, then one without a line that counts the rest."""
    problems = [Problem(int(line), column, kind, 1, remedy) for line in lines[:LISTED]]
    rest = len(lines) - len(problems)
    return [*problems, Problem(None, column, kind, rest, remedy)] if rest else problems


def looks_personal(text: str) -> bool:
    """Whether a text could be more than a code or a name of a place: a date, a number, an address."""
    return sum(c.isdigit() for c in text) >= 6 or not text.isprintable() or bool(_PERSONAL.search(text))


def may_be_shown(code: str, *, owners: int) -> bool:
    """Whether an unknown code may be repeated to the analyst: short, and neither a number, a date nor an address.

    What only one child has could be a name typed in the wrong column: then it has to be three letters, or have a figure
    in it. Of several words, it could be brothers and sisters.

    Args:
        owners: how many children have it.
    """
    short = bool(_ONE_WORD.fullmatch(code)) if owners < 2 else 0 < len(code) <= CODE_LENGTH
    several_words = owners < MANY_OWNERS and re.search(r"[\s'’]", code)
    return short and not several_words and not looks_personal(code)


def unknown_codes(
    column: str,
    values: Sequence[str],
    lines: Sequence[int],
    owners: Sequence[Any],
    private: frozenset[Any],
    mapped: bool,
) -> list[Problem]:
    """Each unknown code once with its count; by line only, where it may not be shown or there are too many of them.

    Args:
        values: the unknown value of each row concerned.
        lines: the line of each of these rows.
        owners: whose each of these rows is.
        private: values that are never shown, such as the file's own child_ids.
        mapped: whether a mapping can say what a code stands for.
    """
    remedy = "correct it" + mapped * f", or say in the mapping what it stands for, under [values.{column}]"
    at: dict[str, list[int]] = {}
    whose: dict[str, set[Any]] = {}
    for value, line, owner in zip(values, lines, owners, strict=True):
        at.setdefault(value, []).append(int(line))
        whose.setdefault(value, set()).add(owner)
    if len(at) > LISTED:
        remedy = (
            f"{len(at):,} different values are not codes: is this the right column?"
            + mapped * " Name its heading in the mapping"
        )
        return listed("unknown code", column, lines, remedy)
    without = {code: at.pop(code) for code in sheet_xml.REMEDIES if code in at}
    hidden = {normalise(str(value)) for value in private}
    shown = {code for code in at if normalise(code) not in hidden and may_be_shown(code, owners=len(whose[code]))}
    unshown = sorted(line for code in at.keys() - shown for line in at[code])
    return [
        *(
            Problem(at[code][0], column, "unknown code", len(at[code]), f"“{code}” is not a known code: {remedy}")
            for code in at
            if code in shown
        ),
        *(
            Problem(lines[0], column, "unknown code", len(lines), sheet_xml.REMEDIES[code])
            for code, lines in without.items()
        ),
        *listed("unknown code", column, unshown, f"{NOT_A_CODE}: {remedy}"),
    ]


def narrow_or_wide(crooked: np.ndarray, findings: Sequence[Finding]) -> list[Finding]:
    """The findings after that of rows with another number of cells than the headings, of which nothing else is said."""
    width = Finding("wrong width", "", crooked, "more or fewer cells than headings; look for a stray separator")
    return [width, *(replace(finding, bad=finding.bad & ~crooked) for finding in findings)]


def reasons_of(findings: Sequence[Finding], n: int) -> np.ndarray:
    """For each of n rows, the first kind of problem that it has, "" for a good row."""
    reasons = np.full(n, "", dtype=object)
    for finding in reversed(findings):
        reasons[finding.bad] = finding.kind
    return reasons


def problems_of(findings: Sequence[Finding], lines: np.ndarray, owners: np.ndarray | None = None) -> list[Problem]:
    """The findings as problems that name lines.

    Args:
        lines: (n,) the line of each row.
        owners: (n,) whose each row is, where it is a child's. See `unknown_codes`.
    """
    whose = lines if owners is None else owners
    problems: list[Problem] = []
    for finding in findings:
        at = lines[finding.bad]
        if finding.kind == "unknown code":
            values = np.asarray(finding.values, dtype=object)[finding.bad]
            problems += unknown_codes(
                finding.column, values, at, whose[finding.bad], frozenset(whose), owners is not None
            )
        else:
            problems += listed(finding.kind, finding.column, at, finding.remedy)
    return problems

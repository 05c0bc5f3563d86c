"""Reading single cells: what a text stands for, be it a date, a whole number, a place or a value of a code list."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from dateutil.tz import gettz

from yjdisp.problems import looks_personal
from yjdisp.vocabulary import ALL, UNKNOWN, code_list, financial_year, normalise

NOT_AN_AREA = "areas are names that can be published, such as a council's"
BLANK = frozenset({"", "null", "nan", "nat", "na", "n a", "none"})
_OFFSET = r"(Z|[+-]\d\d:?\d\d)"
_TIME = rf"([T ]+[\d:.]+ ?([AaPp][Mm])?{_OFFSET}?)?"
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/](?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(rf"(?P<d>\d{{1,2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<y>\d{{4}}){_TIME}", re.ASCII)
_MONTH_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[- ](?P<m>[A-Za-z]{{3,9}})[- ,]+(?P<y>\d{{4}}){_TIME}", re.ASCII)
_WITH_OFFSET = re.compile(rf"\d{{4}}-\d\d-\d\d[T ][\d:.]+{_OFFSET}", re.ASCII)
_SERIAL = re.compile(r"[2-6]\d{4}", re.ASCII)
_AREA_CODE = re.compile(r"[EWSN]\d{8}", re.ASCII)
HERE = gettz("Europe/London")
INEXACT = 1e15  # a number of so many figures may have lost its last ones
_EPOCH = date(1899, 12, 30)
_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}


def as_text(cells: Sequence[Any]) -> np.ndarray:
    """Cells as text without spaces around: dates as 2021-04-30, whole numbers without a decimal point, blanks as ""."""
    values = np.empty(len(cells), dtype=object)
    values[:] = cells
    return by_value(values, lambda cell: _cell_text(cell).strip())


def _cell_text(cell: Any) -> str:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, datetime):
        return (cell.astimezone(HERE) if cell.tzinfo else cell).date().isoformat()
    if isinstance(cell, float) and abs(cell) >= INEXACT:
        return f"{cell:.15E}"
    if isinstance(cell, float | Decimal) and cell == cell // 1:
        return str(int(cell))
    return str(cell)


def holds(values: Any, test: Callable[[Any], bool]) -> np.ndarray:
    """Whether a test holds of each value, as bool."""
    return by_value(values, test).astype(bool)


def by_value(values: Any, work: Callable[[Any], Any]) -> np.ndarray:
    """What the work makes of each value, worked out once for each different one; what is missing comes as None."""
    codes, different = pd.factorize(np.asarray(values, dtype=object))
    made = np.empty(len(different) + 1, dtype=object)
    made[:] = [*map(work, different), work(None) if -1 in codes else None]
    return made[codes]


def is_blank(text: str) -> bool:
    """Whether a text is what people and programs write for nothing; "#N/A" is not: there, a look-up has failed."""
    return normalise(text) in BLANK and not text.startswith("#")


def value_of(column: str, own: dict[str, dict[str, str]]) -> Callable[[str], str | None]:
    """A function from a text to the value of a code list that it stands for, None where nothing knows it.

    Args:
        own: column -> normalised own code -> value, as in a mapping.
    """
    known = code_list(column).codes | own.get(column, {})
    blank = {"residence": "local", "outcome": None}.get(column, UNKNOWN)

    def value(text: str) -> str | None:
        return known.get(normalise(text)) or (blank if is_blank(text) else None)

    return value


def read_date(text: str) -> date | None:
    """A date as people and programs write it, day before month; None for anything else, also a two-figure year.

    That is 2021-04-30 (a time may follow), 30/04/2021 with / - or ., 30 April 2021, or a spreadsheet's day number.
    """
    if _WITH_OFFSET.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text).astimezone(HERE).date()
    numbers = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _MONTH_NAMED.fullmatch(text)
    if numbers is None:
        return _EPOCH + timedelta(days=int(text)) if _SERIAL.fullmatch(text) else None
    parts = numbers.groupdict()
    month = int(parts["m"]) if parts["m"].isdigit() else _MONTHS.get(parts["m"].casefold()[:3], 0)
    try:
        return date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        return None


def date_order(text: str) -> str:
    """Whether a date in figures is "day first", "month first", or could be "either"; "" for any other text."""
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return ""
    first, second = int(found["d"]), int(found["m"])
    return "day first" if first > 12 else "month first" if second > 12 else "either"


def quarter_of(day: date) -> str:
    """The quarter of the financial year, written 2021/22 Q1."""
    year = day.year - (day.month < 4)
    return f"{financial_year(year)} Q{(day.month - 4) % 12 // 3 + 1}"


def read_whole(text: str) -> int | None:
    """A whole number, also as 3.0 or 1,234; None for anything else."""
    found = re.fullmatch(r"([+-]?(\d{1,9}|\d{1,3}(,\d{3}){1,2}))(\.0*)?", text, re.ASCII)
    return int(found[1].replace(",", "")) if found else None


def read_area(text: str) -> str | None:
    """The name or code of an area without stray spaces; None for "All", an error of a spreadsheet such as #N/A, what is
    too long or could be somebody's."""
    name = " ".join(text.split())
    return (
        None
        if normalise(name) == normalise(ALL)
        or name.startswith("#")
        or len(name) > 60
        or (looks_personal(name) and not is_area_code(name))
        else name
    )


def is_area_code(name: str) -> bool:
    """Whether a name is a code of the Office for National Statistics or of Scotland's and Northern Ireland's: E06000022."""
    return bool(_AREA_CODE.fullmatch(name))


def one_spelling(names: Any) -> np.ndarray:
    """Names that differ only in case, spacing or punctuation, as they are written most often; None stays."""
    times = Counter(name for name in names if name is not None)
    best = {normalise(name): name for name in sorted(times, key=lambda name: (times[name], name))}
    return by_value(names, lambda name: None if name is None else best[normalise(name)])

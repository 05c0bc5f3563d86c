"""Free text that looks like a child's identifier is refused: what each kind looks like, and nothing of the text."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import chain

BIRTH_DATE = "a date of birth"
EMAIL = "an e-mail address"
NUMBER = "a case, health, pupil or telephone number"

YOUNGEST, OLDEST = 8, 26  # years before today in which somebody known to a youth justice service may have been born

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"'?(?P<year>(?:19|20)?\d\d)(?!\d)"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_DAY}\s*[./-]\s*(?P<month>\d{{1,2}})\s*[./-]\s*{_YEAR}",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[./-]\s*(?P<month>\d{1,2})\s*[./-]\s*(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d){_DAY}(?:\s+of)?[\s.,-]*{_MONTH}[\s,-]*{_YEAR}",
        rf"\b{_MONTH}\s*{_DAY}[\s,]+{_YEAR}",
    )
]
_BORN = re.compile(r"\b(?:born|d\.?\s?o\.?\s?b|date of birth|birth\s?da(?:y|te))\b.{0,15}\d", re.IGNORECASE)
_EMAIL = re.compile(r"\w\s?@\s?\w+[\w-]*\s?\.\s?\w|\w@\w")
_WHAT = r"urn|upn|pnc|nhs|id|ref|(?:case|child|client|pupil|person|record|yp)[ -]?(?:id|no|nr|number|ref|reference)"
_NUMBERS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![£\d])(?<!\d[.,])\d{6,}",  # any long number that is not money or a fraction
        r"(?<!\d)\d{3}[ -]\d{3}[ -]\d{4}(?!\d)",  # health service
        r"(?:\+\s?44|\b0)[\s()-]*\d(?:[\s()-]*\d){8,9}(?!\d)",  # telephone
        r"(?<!\d)\d{2,4}/(?:\d{4,}[a-z]|\d{5,})\b",  # police national computer
        r"\b[a-z]{1,5}[-/ ]?\d{5,}[a-z]?\b",  # pupil numbers, case-management systems
        r"\b[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b",  # national insurance
        rf"\b(?:{_WHAT})\b[\s.:#-]*(?:(?:no|number|is)\b[\s.:#-]*)?(?!(?:19|20)\d\d\b)[a-z]{{0,4}}[-/]?\d{{3,}}",
    )
]


def kind(text: str, *, today: date | None = None) -> str | None:
    """What the text seems to hold: one of the constants above, or None.

    Dates that are too recent or too old to be the birthday of anybody known to a service (today's plans and reports)
    are allowed, unless the text says that somebody was born; so are years, quarters, money and shares.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    if _EMAIL.search(plain):
        return EMAIL
    if _BORN.search(plain) or any(_is_birth_date(match, today or date.today()) for match in _dates(plain)):
        return BIRTH_DATE
    if any(pattern.search(plain) for pattern in _NUMBERS):
        return NUMBER
    return None


def _dates(text: str):
    return chain.from_iterable(pattern.finditer(text) for pattern in _DATES)


def _is_birth_date(match: re.Match, today: date) -> bool:
    found = match.groupdict()
    year, day = int(found["year"]), int(found["day"])
    month = int(found["month"]) if found.get("month") else 1 + _MONTHS.index(found["name"].lower()[:3])
    if year < 100:
        year += 2000 if 2000 + year <= today.year else 1900
    possible = 1 <= day <= 31 and 1 <= month <= 12 or 1 <= month <= 31 and 1 <= day <= 12
    return possible and today.year - OLDEST <= year <= today.year - YOUNGEST

"""The action plan's words: what an action is, what may stand in it, and what can go wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from yjdisp.actions import identifiers
from yjdisp.vocabulary import LABELS, PERIODS, UNITS

NOT_STARTED, IN_PROGRESS, COMPLETED = STATUSES = ("not started", "in progress", "completed")
OVERDUE = "overdue"
MEASURES = {"share": "Share, %", "rri": "Relative rate index", "rate": "Rate per 1,000", "count": "Count"}
LONGEST = 4_000  # characters
LARGEST, DECIMALS = 10**9, 6  # of a baseline or target: spreadsheets keep 15 digits

LOOKS_LIKE = "it looks as if it held {kind}; leave out whatever points to one child"
TOO_LONG = f"it is longer than {LONGEST:,} characters; shorten it"
EMPTY = "it is empty; say what is to be done"
BACKWARDS = "it is before the start; choose a later date"
NOT_ONE_OF = "it is not one of {known}"
NO_DATE = "it is not a date; write it as 2026-04-01"
NO_NUMBER = "it is not a number that can be kept; write digits, such as 25.0"
NEGATIVE = "it is below 0, which no measure can be; write 0 or more"
NO_SHARE = "it is not a share in per cent; write a number from 0 to 100"
INCOMPLETE = "it is needed to say which figure should move; fill it or clear all of the measure"


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action of the plan.

    Attributes:
        recommendation, action, owner, notes: free text; nothing in them may look like a child's identifier.
        start, target_date: None where not set.
        status: one of `STATUSES`; being overdue follows from the date and is never stored.
        by, group, measure, unit: the figure that the action should move, such as ethnicity, Black, rri, children;
            all four are empty where there is none. `by` is a dimension of a release.
        baseline_value, target_value: in the terms of `MEASURES` (shares in per cent), to six decimals.
        id, version: given by the store; a version of 0 has not been stored. Each change makes the next version.
    """

    recommendation: str = ""
    action: str
    owner: str = ""
    start: date | None = None
    target_date: date | None = None
    status: str = NOT_STARTED
    by: str = ""
    group: str = ""
    measure: str = ""
    unit: str = ""
    baseline_value: float | None = None
    target_value: float | None = None
    notes: str = ""
    id: str = ""
    version: int = 0


HEADINGS = {
    "recommendation": "Recommendation",
    "action": "Action",
    "owner": "Owner",
    "start": "Start",
    "target_date": "Target date",
    "status": "Status",
    "by": "Characteristic",
    "group": "Group",
    "measure": "Measure",
    "unit": "Counted",
    "baseline_value": "Baseline",
    "target_value": "Target",
    "notes": "Notes",
}
CONTENT = tuple(HEADINGS)
FREE_TEXT = ("recommendation", "action", "owner", "notes")
MEASURED = ("by", "group", "measure", "unit")
DATES = ("start", "target_date")
NUMBERS = ("baseline_value", "target_value")
assert set(CONTENT) | {"id", "version"} == {f.name for f in fields(Action)}


@dataclass(frozen=True)
class Change:
    """One field of one action that somebody changed; all that one edit changed have the same version.

    `old` and `new` are texts; a date is written 2026-04-01.
    """

    action_id: str
    version: int
    at: datetime
    who: str
    field: str
    old: str
    new: str


class ActionError(ValueError):
    """Something about an action that cannot be done: the text says what and what to do."""


class NotAllowed(ActionError):
    """A field that may not hold what it holds. `reason` never repeats the text itself."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{HEADINGS.get(field, field)}: {reason}")
        self.field, self.reason = field, reason


class Conflict(ActionError):
    """Somebody else changed the action first; nothing was written.

    Attributes:
        current: the action as it is now.
        mine: the action as it was to be written.
    """

    def __init__(self, current: Action, mine: Action) -> None:
        super().__init__("somebody else changed this action while you did; nothing of yours was saved over it")
        self.current, self.mine = current, mine


class Missing(ActionError):
    """There is no such action."""


class StoreError(RuntimeError):
    """The store cannot be used: the text says why and what to do, and holds no address, password or content."""


def status_on(action: Action, day: date) -> str:
    """The status as people see it: overdue where the target date has passed and the action is not completed."""
    late = action.target_date is not None and action.target_date < day
    return OVERDUE if late and action.status != COMPLETED else action.status


def differences(old: Action, new: Action) -> dict[str, tuple[str, str]]:
    """The fields whose content differs, each with the old and the new text."""
    pairs = {name: (as_text(getattr(old, name)), as_text(getattr(new, name))) for name in CONTENT}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def as_text(value: str | date | float | None) -> str:
    """A value of an action as the history writes it."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def checked(action: Action) -> Action:
    """The action with tidy texts.

    Raises:
        NotAllowed: a text that looks like a child's identifier or is too long, no action at all, an unknown status,
            measure or unit, a target date before the start, a measure that is only half there or can never have its
            baseline or target.
    """
    texts = {name: tidy(getattr(action, name)) for name in (*FREE_TEXT, *MEASURED)}
    action = replace(action, **texts)
    for name, text in texts.items():
        _check_text(name, text)
    if not action.action:
        raise NotAllowed("action", EMPTY)
    if action.start and action.target_date and action.target_date < action.start:
        raise NotAllowed("target_date", BACKWARDS)
    _check_choice("status", action.status, STATUSES)
    measured = [name for name in MEASURED if texts[name]]
    if measured:
        for name in MEASURED:
            if not texts[name]:
                raise NotAllowed(name, INCOMPLETE)
        _check_choice("by", action.by, [name for name in LABELS if name not in PERIODS])
        _check_choice("measure", action.measure, MEASURES)
        _check_choice("unit", action.unit, UNITS)
    return replace(action, **{name: _number(name, getattr(action, name), action.measure) for name in NUMBERS})


def date_of(field: str, value: str | date) -> date | None:
    """A date as people write it: 2026-04-01, 01/04/2026, or nothing. Raises NotAllowed."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not str(value).strip():
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(value).strip(), form).date()
        except ValueError:
            continue
    raise NotAllowed(field, NO_DATE)


def number_of(field: str, value: str | float) -> float | None:
    """A number as people write it: 25, 25.0, 25%, or nothing. Raises NotAllowed."""
    text = str(value).strip()
    try:
        return float(text.removesuffix("%")) if text else None
    except ValueError:
        raise NotAllowed(field, NO_NUMBER) from None


def check_name(who: str) -> str:
    """The name of whoever makes a change. Raises NotAllowed where it is empty or too long."""
    who = tidy(who)
    if not who:
        raise NotAllowed("Your name", "it is empty; the history needs to say who made the change")
    if len(who) > LONGEST:
        raise NotAllowed("Your name", TOO_LONG)
    return who


def tidy(text: str) -> str:
    """A text without control characters (except new lines) and without blanks at its ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def _check_text(name: str, text: str) -> None:
    if len(text) > LONGEST:
        raise NotAllowed(name, TOO_LONG)
    kind = identifiers.kind(text)
    if kind:
        raise NotAllowed(name, LOOKS_LIKE.format(kind=kind))


def _check_choice(name: str, value: str, known) -> None:
    if value not in known:
        raise NotAllowed(name, NOT_ONE_OF.format(known=", ".join(known)))


def _number(name: str, value: float | None, measure: str) -> float | None:
    if value is None:
        return None
    if not abs(value) <= LARGEST:
        raise NotAllowed(name, NO_NUMBER)
    value = round(float(value), DECIMALS)
    if measure and value < 0:
        raise NotAllowed(name, NEGATIVE)
    if measure == "share" and value > 100:
        raise NotAllowed(name, NO_SHARE)
    return value

"""The action plan as a spreadsheet and back. What comes back is checked like anything typed, and is taken whole or not.

The history goes out for reading and never comes back: nobody can rewrite it in a spreadsheet.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy import Engine

from yjdisp.actions import store
from yjdisp.actions.model import (
    CONTENT,
    DATES,
    HEADINGS,
    MEASURES,
    NOT_STARTED,
    NUMBERS,
    Action,
    ActionError,
    Change,
    NotAllowed,
    checked,
    date_of,
    differences,
    number_of,
)
from yjdisp.vocabulary import LABELS, normalise

SHEET, HISTORY = "Actions", "History"
IDENTITY = {"id": "Id", "version": "Version"}
TEXTS_OF = {"by": LABELS, "measure": MEASURES}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LARGEST = 50_000_000  # bytes, unpacked
WIDTH = 30  # characters

NO_SPREADSHEET = "this is not a spreadsheet that can be read; save it as .xlsx and try again"
NO_SHEET = f"there is no sheet called {SHEET}; export the plan and fill in what comes"
NO_COLUMN = "the sheet has no such column; export the plan and fill in what comes"
NO_ID = "this is not an id of an action; leave it empty for a new action"
TWICE = "this id is there twice; keep one of the two rows"
STALE = "somebody changed this action after the spreadsheet was made; export the plan again and make the change there"


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken in: its number in the sheet and its column. Nothing of its content."""

    row: int
    column: str
    reason: str


class ImportRefused(ActionError):
    """A spreadsheet that was not taken in, for these problems; nothing was written."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("nothing was imported; put right what is listed and import again")
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: tuple[Action, ...]
    changed: tuple[Action, ...]
    unchanged: int


def to_workbook(actions: Sequence[Action], history: Sequence[Change] = ()) -> bytes:
    """The plan and its history as an Excel workbook. No text in it is taken for a formula, there or after saving as CSV."""
    target = BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        _write(book, SHEET, (IDENTITY | HEADINGS).values(), map(_cells, actions))
        _write(book, HISTORY, ("Id", "Version", "When (UTC)", "Who", "What", "From", "To"), map(_history, history))
        book.set_properties({"title": "Action plan"})
    return target.getvalue()


def _write(book: xlsxwriter.Workbook, name: str, headings, rows) -> None:
    sheet = book.add_worksheet(name)
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, headings, bold)
    sheet.set_column(2, len(headings), WIDTH)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, _harmless(value), wrapped)


def _cells(action: Action) -> list:
    return [action.id, action.version, *(_shown(name, getattr(action, name)) for name in CONTENT)]


def _shown(name: str, value):
    return TEXTS_OF[name].get(value, value) if name in TEXTS_OF else value


def _history(change: Change) -> list:
    at = change.at.strftime("%Y-%m-%d %H:%M:%S")
    return [change.action_id, change.version, at, change.who, HEADINGS[change.field], change.old, change.new]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def _as_written(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text


def take_in(engine: Engine, content: bytes, *, who: str) -> Imported:
    """Add the new rows of a spreadsheet and change the changed ones, all or none.

    A row without an id, or with one that this plan does not know, is new. A row whose action has changed since the
    spreadsheet was made is refused.

    Raises:
        ImportRefused: with every row that is in the way. NotAllowed: no name. StoreError.
    """
    rows = read(content)
    with store.writing(engine) as connection:
        current = store.read_actions(connection)
        changed = {row: a for row, a in rows.items() if a.id in current and differences(current[a.id], a)}
        stale = [row for row, action in changed.items() if current[action.id].version != action.version]
        if stale:
            raise ImportRefused(*(Problem(row, IDENTITY["version"], STALE) for row in stale))
        new = [action for action in rows.values() if action.id not in current]
        return Imported(
            tuple(store.insert_action(connection, store.with_id(action), who=who) for action in new),
            tuple(store.update_action(connection, action, who=who) for action in changed.values()),
            len(rows) - len(new) - len(changed),
        )


def read(content: bytes) -> dict[int, Action]:
    """The actions of a spreadsheet by their row. Raises ImportRefused."""
    headings, *rows = _grid(content)
    known = {normalise(text): name for name, text in (IDENTITY | HEADINGS).items()}
    columns = {known[normalise(h)]: i for i, h in enumerate(headings) if normalise(h) in known}
    if "action" not in columns:
        raise ImportRefused(Problem(1, HEADINGS["action"], NO_COLUMN))
    actions, problems = {}, []
    for number, row in enumerate(rows, start=2):
        values = {name: row[i] for name, i in columns.items()}
        if all(value == "" for value in values.values()):
            continue
        try:
            actions[number] = checked(Action(**{name: _value(name, value) for name, value in values.items()}))
        except NotAllowed as refused:
            problems.append(Problem(number, (IDENTITY | HEADINGS)[refused.field], refused.reason))
    problems += [Problem(n, IDENTITY["id"], NO_ID) for n, a in actions.items() if not re.fullmatch(store.IDS, a.id)]
    problems += [Problem(number, IDENTITY["id"], TWICE) for number in _repeated(actions)]
    if problems:
        raise ImportRefused(*problems)
    return actions


def _grid(content: bytes) -> list[list]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            small = sum(part.file_size for part in archive.infolist()) <= LARGEST
        book = CalamineWorkbook.from_filelike(BytesIO(content)) if small else None
    except (zipfile.BadZipFile, CalamineError):
        book = None
    if book is None:
        raise ImportRefused(Problem(1, "", NO_SPREADSHEET))
    if SHEET not in book.sheet_names:
        raise ImportRefused(Problem(1, "", NO_SHEET))
    return book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False) or [[]]


def _value(name: str, value):
    """A cell as the field of an action. Raises NotAllowed."""
    if name in DATES:
        return date_of(name, value)
    if name in NUMBERS:
        return number_of(name, value)
    if name == "version":
        return int(value) if isinstance(value, float) and value.is_integer() else 0
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else _as_written(str(value))
    if name == "status":
        return normalise(text) or NOT_STARTED
    known = {normalise(shown): key for key, shown in TEXTS_OF.get(name, {}).items()}
    return known.get(normalise(text), text)


def _repeated(actions: Mapping[int, Action]) -> Iterator[int]:
    seen = set()
    for number, action in actions.items():
        if action.id in seen:
            yield number
        seen.add(action.id or object())

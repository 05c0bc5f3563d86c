"""The action plan: what was recommended, who does what by when, and which figure it should move."""

from yjdisp.actions.exchange import Imported, ImportRefused, Problem, take_in, to_workbook
from yjdisp.actions.model import (
    CONTENT,
    HEADINGS,
    MEASURES,
    OVERDUE,
    STATUSES,
    Action,
    ActionError,
    Change,
    Conflict,
    Missing,
    NotAllowed,
    StoreError,
    differences,
    status_on,
)
from yjdisp.actions.store import add, connect, edit, history, plan

__all__ = [
    "CONTENT",
    "HEADINGS",
    "MEASURES",
    "OVERDUE",
    "STATUSES",
    "Action",
    "ActionError",
    "Change",
    "Conflict",
    "ImportRefused",
    "Imported",
    "Missing",
    "NotAllowed",
    "Problem",
    "StoreError",
    "add",
    "connect",
    "differences",
    "edit",
    "history",
    "plan",
    "status_on",
    "take_in",
    "to_workbook",
]

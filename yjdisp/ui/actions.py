"""The action plan's page: read, filter, change with a word about conflicts, history, spreadsheet out and in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from yjdisp import actions, wording
from yjdisp.actions import HEADINGS, MEASURES, OVERDUE, STATUSES, Action
from yjdisp.release import Release
from yjdisp.ui import blocks, library
from yjdisp.vocabulary import ALL, LABELS, PERIODS, UNITS, UNKNOWN, listing

ADDRESS = "YJDISP_ACTIONS_URL"
EVERY_STATUS, EVERY_OWNER, NEW, NO_FIGURE = "Every status", "Every owner", "A new action", "No figure"
INTRODUCTION = "Do not name or describe a child here. What looks like a child's identifier is refused."
EMPTY = "The plan has no action yet. Add the first one below, or import a spreadsheet."
NONE_FITS = "No action fits these filters."
SOME_FIT = "{fits} of {actions} actions fit the filters."
NAME_HELP = "It stands in the history beside what you change."
DATE_EXAMPLE = "01/04/2026"
DATE_HELP = f"For example 2026-04-01 or {DATE_EXAMPLE}."
FIGURE_HELP = "The action is then drawn on the Trends page of this figure."
VALUE_HELP = "In the measure's own terms; shares in per cent."
SAVED = "Saved."
NOT_SAVED = "Not saved."
UNREACHABLE = "The action plan cannot be shown."
UNCHANGED = "There was nothing to change."
MERGED = (
    "Somebody else changed this action while you were writing; nothing of theirs or yours is lost. Their changes are "
    "below, together with yours. Look at both, then save again."
)
BOTH = "You both changed: {fields}. The form holds your text; theirs is in the history below."
HISTORY = "Every change, the latest first"
NO_HISTORY = "Choose an action above to see everything that was changed in it."
IMPORTED = "Imported: {added} new, {changed} changed, {unchanged} as they were."
IN_THE_WAY = "What is in the way, by row of the spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(source: Release | None) -> None:
    """The whole page."""
    try:
        whole = plan()
        said = f"{_summary(whole)} {_list(whole)}"
        who = _edit(whole, source)
        _history()
        _exchange(whole, who)
    except actions.StoreError as failed:
        said = UNREACHABLE
        blocks.trouble(said, f"{wording.capital(str(failed))}.")
    blocks.status(said)


def address() -> str:
    """Where the plan is kept: what YJDISP_ACTIONS_URL says, else a file beside the folder of releases."""
    return os.environ.get(ADDRESS) or f"sqlite:///{library.folder().absolute().parent / 'action-plan.db'}"


def plan() -> tuple[Action, ...]:
    """All actions. Raises StoreError."""
    return actions.plan(_store(address()))


@st.cache_resource(show_spinner=False)
def _store(url: str) -> Engine:
    return actions.connect(url)


def day(value: date | None) -> str:
    """A date as people read it: 1 April 2026."""
    return f"{value.day} {value:%B %Y}" if value else wording.NONE


def figure(value: float | None) -> str:
    """A baseline or target with the decimals that it was given."""
    return wording.NONE if value is None else f"{value:,g}" if value != round(value, 1) else f"{value:,.1f}"


def _summary(whole: Sequence[Action]) -> str:
    """How many actions there are and how they stand, which it returns."""
    today = date.today()
    found = Counter(actions.status_on(action, today) for action in whole)
    counted = listing(f"{found[status]} {status}" for status in (*STATUSES, OVERDUE) if found[status]) if whole else ""
    said = f"{len(whole)} {'action' if len(whole) == 1 else 'actions'}: {counted}." if whole else EMPTY
    blocks.answer([said, INTRODUCTION])
    return said


def _list(whole: Sequence[Action]) -> str:
    """The filters and the actions that fit them; returns how many do."""
    if not whole:
        return ""
    today = date.today()
    status = st.sidebar.selectbox("Status", [EVERY_STATUS, *STATUSES, OVERDUE], bind="query-params", key="plan_status")
    owners = sorted({action.owner for action in whole if action.owner})
    owner = st.sidebar.selectbox("Owner", [EVERY_OWNER, *owners], bind="query-params", key="plan_owner")
    fits = [
        action
        for action in whole
        if status in (EVERY_STATUS, actions.status_on(action, today)) and owner in (EVERY_OWNER, action.owner)
    ]
    if not fits:
        st.markdown(NONE_FITS)
        return NONE_FITS
    blocks.table(pd.DataFrame([_row(action, today) for action in fits]), "The action plan")
    return SOME_FIT.format(fits=len(fits), actions=len(whole)) if len(fits) < len(whole) else ""


def _row(action: Action, today: date) -> dict[str, str]:
    measured = wording.NONE
    if action.measure:
        measured = f"{LABELS[action.by]}, {action.group}, {MEASURES[action.measure]}, {action.unit}"
        if action.baseline_value is not None or action.target_value is not None:
            measured += f": {figure(action.baseline_value)} to {figure(action.target_value)}"
    texts = {
        "Recommendation": action.recommendation,
        "Action": action.action,
        "Owner": action.owner,
        "Start": day(action.start),
        "Target date": day(action.target_date),
        "Status": wording.capital(actions.status_on(action, today)),
        "Figure that should move": measured,
        "Notes": action.notes,
    }
    return {heading: blocks.plain(text) for heading, text in texts.items()}


def _edit(whole: Sequence[Action], source: Release | None) -> str:
    """The name of whoever makes changes, which it returns, and the form for one action."""
    blocks.section("Change or add an action")
    who = st.text_input("Your name", key="plan_who", help=NAME_HELP, persist_state="session")
    by_id = {action.id: action for action in whole}
    chosen = st.selectbox(
        "Action to change",
        ["", *by_id],
        format_func=lambda key: _title(by_id[key]) if key in by_id else NEW,
        key="plan_chosen",
        filter_mode=None,
        persist_state="session",
    )
    if st.session_state.get("plan_base", Action(action="")).id != chosen or "plan_base" not in st.session_state:
        _open(by_id.get(chosen, Action(action="")))
    for kind, text in st.session_state.pop("plan_said", ()):
        getattr(st, kind)(text)
    base, draft = st.session_state["plan_base"], st.session_state["plan_draft"]
    with st.form(f"action {base.id} {base.version}", clear_on_submit=False):
        typed = _fields(draft, source)
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        _save(base, typed, who)
    return who


def _title(action: Action) -> str:
    first = action.action.splitlines()[0]
    return first if len(first) <= 80 else f"{first[:80]}…"


def _open(action: Action, draft: Action | None = None) -> None:
    """Begin to change an action as it is now. What was read stays with the form, whatever others save meanwhile."""
    st.session_state["plan_base"], st.session_state["plan_draft"] = action, draft or action
    st.session_state["plan_form"] = st.session_state.get("plan_form", 0) + 1


def _fields(draft: Action, source: Release | None) -> dict[str, str]:
    """The form's fields with what is typed into them, which stays there while the plan cannot be reached."""
    form = st.session_state["plan_form"]
    typed = {}

    def kept(name: str) -> dict[str, str]:
        return {"key": f"{name} {form}", "persist_state": "session"}

    for name in ("recommendation", "action", "owner"):
        area = st.text_area if name == "action" else st.text_input
        label = f"{HEADINGS[name]} (needed)" if name == "action" else HEADINGS[name]
        typed[name] = area(label, getattr(draft, name), **kept(name))
    columns = st.columns(3)
    for column, name in zip(columns, ("start", "target_date"), strict=False):
        value = getattr(draft, name)
        typed[name] = column.text_input(
            HEADINGS[name], str(value or ""), **kept(name), placeholder=DATE_EXAMPLE, help=DATE_HELP
        )
    typed["status"] = columns[2].selectbox(
        HEADINGS["status"], STATUSES, STATUSES.index(draft.status), format_func=wording.capital, **kept("status")
    )
    groups = _groups(source, draft)
    measured = st.columns(3)
    pair = measured[0].selectbox(
        "Figure that should move",
        list(groups),
        list(groups).index((draft.by, draft.group)),
        format_func=groups.get,
        **kept("group"),
        help=FIGURE_HELP,
    )
    typed["measure"] = measured[1].selectbox(
        HEADINGS["measure"], list(MEASURES), _at(MEASURES, draft.measure), format_func=MEASURES.get, **kept("measure")
    )
    typed["unit"] = measured[2].selectbox(
        HEADINGS["unit"], UNITS, _at(UNITS, draft.unit), format_func=wording.capital, **kept("unit")
    )
    typed["by"], typed["group"] = pair
    if not typed["by"]:
        typed["measure"] = typed["unit"] = ""
    values = st.columns(3)
    for column, name in zip(values, ("baseline_value", "target_value"), strict=False):
        value = getattr(draft, name)
        typed[name] = column.text_input(
            HEADINGS[name], "" if value is None else f"{value:g}", **kept(name), help=VALUE_HELP
        )
    typed["notes"] = st.text_area(HEADINGS["notes"], draft.notes, **kept("notes"))
    return typed


def _at(options, value: str) -> int:
    return list(options).index(value) if value in options else 0


def _groups(source: Release | None, draft: Action) -> dict[tuple[str, str], str]:
    """Every group of the release, and the one that the action has."""
    pairs = [("", ""), (draft.by, draft.group)]
    for name, dimension in (source.dimensions if source else {}).items():
        if name not in (*PERIODS, "area"):
            pairs += [(name, value) for value in dimension.values if value not in (ALL, UNKNOWN)]
    return {(by, group): f"{LABELS[by]}: {group}" if by else NO_FIGURE for by, group in pairs}


def _save(base: Action, typed: dict[str, str], who: str) -> None:
    """Store what was typed; where somebody was faster, put both together and ask again."""
    try:
        values = {name: actions.date_of(name, typed[name]) for name in ("start", "target_date")}
        values |= {name: actions.number_of(name, typed[name]) for name in ("baseline_value", "target_value")}
        mine = replace(base, **typed | values)
        store = _store(address())
        stored = actions.edit(store, mine, who=who) if base.version else actions.add(store, mine, who=who)
    except actions.Conflict as conflict:
        _merge(base, conflict)
    except actions.ActionError as refused:
        st.error(f"**{NOT_SAVED}** {wording.capital(str(refused))}.", icon=":material/error:")
        return
    else:
        st.session_state["plan_said"] = [("success", SAVED if stored != base else UNCHANGED)]
        _open(stored if base.version else Action(action=""))
    st.rerun()


def _merge(base: Action, conflict: actions.Conflict) -> None:
    """The action as it is now with what I changed of it, and a word about fields that both of us changed."""
    mine, theirs = (actions.differences(base, after) for after in (conflict.mine, conflict.current))
    merged = replace(conflict.current, **{name: getattr(conflict.mine, name) for name in mine})
    both = [HEADINGS[name] for name in mine if name in theirs]
    said = [("warning", MERGED), *([("warning", BOTH.format(fields=listing(both)))] if both else [])]
    st.session_state["plan_said"] = said
    _open(conflict.current, merged)


def _history() -> None:
    blocks.section("History")
    base = st.session_state["plan_base"]
    if not base.version:
        st.markdown(NO_HISTORY)
        return
    rows = [
        {
            "When": f"{day(change.at.date())}, {change.at:%H:%M} UTC",
            "Who": change.who,
            "What": HEADINGS[change.field],
            "From": change.old or wording.NONE,
            "To": change.new or wording.NONE,
        }
        for change in actions.history(_store(address()), base.id)
    ]
    blocks.table_to_take(pd.DataFrame(rows), HISTORY, "history")


def _exchange(whole: Sequence[Action], who: str) -> None:
    blocks.section("Spreadsheet")
    st.download_button(
        "Export the plan and its history (.xlsx)",
        data=lambda: actions.to_workbook(whole, actions.history(_store(address()))),
        file_name=f"action-plan-{date.today():%Y-%m-%d}.xlsx",
        mime=XLSX,
        on_click="ignore",
    )
    with st.form("import", clear_on_submit=True):
        file = st.file_uploader("Import a changed export (.xlsx)", type=["xlsx"], key="plan_file")
        asked = st.form_submit_button("Import")
    for kind, text in st.session_state.pop("plan_imported", ()):
        getattr(st, kind)(text)
    if asked and not file:
        blocks.trouble(NOT_SAVED, blocks.FILE_FIRST)
    elif asked:
        _import(file.getvalue(), who)


def _import(content: bytes, who: str) -> None:
    try:
        done = actions.take_in(_store(address()), content, who=who)
    except actions.ActionError as refused:
        blocks.trouble(NOT_SAVED, f"{wording.capital(str(refused))}.")
        rows = [
            {"Row": str(p.row), "Column": p.column or wording.NONE, "Why": wording.capital(p.reason)}
            for p in getattr(refused, "problems", ())
        ]
        if rows:
            blocks.table(pd.DataFrame(rows), IN_THE_WAY)
        return
    said = IMPORTED.format(added=len(done.added), changed=len(done.changed), unchanged=done.unchanged)
    st.session_state["plan_imported"] = [("success", said)]
    _open(Action(action=""))
    st.rerun()

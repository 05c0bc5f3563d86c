"""The plan as a spreadsheet: there and back without loss, and nothing in it is run or slipped past the checks."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import builds, floats, none, sampled_from

from yjdisp import actions
from yjdisp.actions import exchange, identifiers
from yjdisp.actions.model import NEGATIVE, NO_SHARE, Action, checked, tidy

MENTORING = Action(
    action="Offer mentoring before court",
    owner="Head of service",
    start=date(2026, 4, 1),
    target_date=date(2028, 3, 31),
    status="in progress",
    by="ethnicity",
    group="All other ethnic groups combined",
    measure="share",
    unit="children",
    baseline_value=35.6,
    target_value=20.0,
)
texts = st.text(max_size=30)


def nothing_looks_personal(written: Action) -> bool:
    """Whether no text looks like an identifier once it is tidied."""
    every = (written.recommendation, written.action, written.owner, written.notes)
    return all(identifiers.kind(tidy(text)) is None for text in every)


plans = builds(
    Action,
    recommendation=texts,
    action=texts.map(lambda text: f"=1+1 {text}"),
    owner=texts | st.sampled_from(["=A1", "'=A1", "''", "+", "-1", "@x", "'", "7", "1.0", "true", "#N/A", "_x0041_"]),
    start=none() | st.dates(date(2019, 1, 1), date(2030, 1, 1)),
    status=sampled_from(["not started", "completed"]),
    baseline_value=none() | floats(-1e6, 1e6),
    notes=texts.map(lambda text: f"one\n\n{text}"),
).filter(nothing_looks_personal)


@pytest.fixture
def plan(tmp_path):
    engine = actions.connect(f"sqlite:///{tmp_path / 'plan.db'}")
    yield engine
    engine.dispose()


def exported(plan) -> bytes:
    return actions.to_workbook(actions.plan(plan), actions.history(plan))


def changed(content: bytes, **cells) -> bytes:
    """The workbook after somebody typed into its first sheet: cells by address."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for address, value in cells.items():
        book["Actions"][address] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def typed(*rows) -> bytes:
    """A workbook with these rows, made elsewhere."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Actions")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(plans, min_size=1, max_size=4))
def test_there_and_back_keeps_everything(written):
    written = [replace(checked(a), id=f"a{i:010x}", version=i + 1) for i, a in enumerate(written)]
    assert list(exchange.read(actions.to_workbook(written)).values()) == written


def test_into_another_plan_and_back_again(plan, tmp_path):
    stored = [actions.add(plan, MENTORING, who="Ann"), actions.add(plan, Action(action="Train"), who="Ann")]
    other = actions.connect(f"sqlite:///{tmp_path / 'other.db'}")
    done = actions.take_in(other, exported(plan), who="Ben")
    assert (done.added, done.changed, done.unchanged) == (tuple(stored), (), 0)
    assert actions.plan(other) == actions.plan(plan)
    again = actions.take_in(other, exported(plan), who="Ben")
    assert (again.added, again.changed, again.unchanged) == ((), (), 2)
    assert {c.who for c in actions.history(other)} == {"Ben"}
    other.dispose()


def test_a_changed_and_a_new_row(plan):
    stored = actions.add(plan, MENTORING, who="Ann")
    content = changed(exported(plan), H2="Completed", E2="Board", D3="Train", F3=datetime(2027, 1, 4), G3="30/06/2027")
    done = actions.take_in(plan, content, who="Ben")
    assert done.changed == (replace(stored, status="completed", owner="Board", version=2),)
    (new,) = done.added
    assert (new.action, new.start, new.target_date, new.version) == ("Train", date(2027, 1, 4), date(2027, 6, 30), 1)
    assert {c.field for c in actions.history(plan) if c.who == "Ben" and c.version == 2} == {"status", "owner"}


def test_an_edit_made_meanwhile_is_not_lost(plan):
    stored = actions.add(plan, MENTORING, who="Ann")
    content = changed(exported(plan), E2="Board", D3="Train")
    newer = actions.edit(plan, replace(stored, notes="seen by the board"), who="Cem")
    with pytest.raises(actions.ImportRefused) as told:
        actions.take_in(plan, content, who="Ben")
    assert told.value.problems == (actions.Problem(2, "Version", exchange.STALE),)
    assert actions.plan(plan) == (newer,)


def test_people_may_write_less_than_the_export_does(plan):
    content = typed(
        ["action", "STATUS", "Characteristic", "group", "measure", "counted", "target"],
        [],
        ["Train"],
        [
            "Divert",
            "",
            "ethnicity",
            "Black",
            "relative rate index",
            "children",
            "25%",
        ],
    )
    actions.take_in(plan, content, who="Ann")
    train, divert = actions.plan(plan)
    assert (train.status, train.measure) == ("not started", "")
    assert (divert.by, divert.measure, divert.target_value) == ("ethnicity", "rri", 25.0)


@pytest.mark.parametrize(
    "row, column",
    [
        (["", "", "Born on 3 May 2011"], "Action"),
        (["", "", "", "only notes"], "Action"),
        (["482913", "", "Train"], "Id"),
        (["", "", "Train", "", "late"], "Status"),
        (["", "", "Train", "", "", "soon"], "Start"),
        (["", "", "Train", "", "", "", "a third"], "Target"),
    ],
)
def test_what_may_not_be_typed_may_not_be_imported(plan, row, column):
    content = typed(["Id", "Version", "Action", "Notes", "Status", "Start", "Target"], ["", "", "Good"], row)
    with pytest.raises(actions.ImportRefused) as told:
        actions.take_in(plan, content, who="Ann")
    assert [(p.row, p.column) for p in told.value.problems] == [(3, column)]
    assert "2011" not in str(told.value.problems) and "482913" not in str(told.value.problems)
    assert actions.plan(plan) == ()


def test_values_that_no_measure_can_have_are_not_imported(plan):
    actions.add(plan, MENTORING, who="Ann")
    with pytest.raises(actions.ImportRefused) as told:
        actions.take_in(plan, changed(exported(plan), M2=150), who="Ann")
    assert told.value.problems == (actions.Problem(2, "Baseline", NO_SHARE),)
    with pytest.raises(actions.ImportRefused) as told:
        actions.take_in(plan, changed(exported(plan), N2=-20), who="Ann")
    assert told.value.problems == (actions.Problem(2, "Target", NEGATIVE),)


def test_the_same_id_twice(plan):
    actions.add(plan, MENTORING, who="Ann")
    (identity,) = (a.id for a in actions.plan(plan))
    with pytest.raises(actions.ImportRefused) as told:
        actions.take_in(plan, changed(exported(plan), A3=identity, B3=1, D3="Train"), who="Ann")
    assert [p.row for p in told.value.problems] == [3]


def test_what_is_not_a_plan(plan):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (exchange.LARGEST + 1))
    empty = io.BytesIO()
    xlsxwriter.Workbook(empty).close()
    for content in (b"", b"action\nTrain", bomb.getvalue(), empty.getvalue(), typed(), typed(["Notes"], ["Train"])):
        with pytest.raises(actions.ImportRefused):
            actions.take_in(plan, content, who="Ann")


def test_nothing_in_the_file_is_a_formula_there_or_as_csv(plan):
    for text in ("=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"):
        actions.add(plan, Action(action=text, notes=text, owner=text), who=text)
    book = openpyxl.load_workbook(io.BytesIO(exported(plan)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert not any(str(cell.value).startswith(exchange.FORMULA) for cell in cells if cell.data_type == "s")


def test_the_history_goes_out_for_reading(plan):
    stored = actions.add(plan, MENTORING, who="Ann")
    actions.edit(plan, replace(stored, owner="Board"), who="Ben")
    rows = list(openpyxl.load_workbook(io.BytesIO(exported(plan)))["History"].iter_rows(values_only=True))
    assert rows[0] == ("Id", "Version", "When (UTC)", "Who", "What", "From", "To")
    assert rows[1][:2] == (stored.id, 2) and rows[1][3:] == ("Ben", "Owner", "Head of service", "Board")


def test_no_start_of_a_formula_is_left_in_a_plan():
    made = exchange.to_workbook([Action(action=f"{c}SUM(A1)", id="a0123456789", version=1) for c in "=+-@"])
    sheet = openpyxl.load_workbook(io.BytesIO(made))["Actions"]
    texts = [str(cell.value) for row in sheet for cell in row]
    assert sum("SUM(A1)" in text for text in texts) == 4
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)

"""The action plan's store: the same tests on a SQLite file and on a real PostgreSQL."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import create_engine, make_url, text

from yjdisp import actions
from yjdisp.actions import migrations, store
from yjdisp.actions.model import LONGEST, MEASURES, NEGATIVE, NO_SHARE, OVERDUE, Action, checked, status_on

POSTGRES = "YJDISP_TEST_POSTGRES"
MENTORING = Action(
    recommendation="3.2",
    action="Offer mentoring before court to every child\nfrom all other ethnic groups combined",
    owner="Head of service",
    start=date(2026, 4, 1),
    target_date=date(2028, 3, 31),
    by="ethnicity",
    group="All other ethnic groups combined",
    measure="share",
    unit="children",
    baseline_value=35.6,
    target_value=20.0,
    notes="=reported to the board",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty store, without a trace of other tests."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'plan.db'}"
        return
    server = os.environ.get(POSTGRES)
    if not server:
        if os.environ.get("CI"):
            pytest.fail(f"{POSTGRES} does not name a PostgreSQL, and these tests must run on one")
        pytest.skip(f"{POSTGRES} is not set")
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield make_url(server).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def plan(url):
    """An empty store."""
    engine = actions.connect(url)
    yield engine
    engine.dispose()


def test_an_action_comes_back_as_it_was_written(plan):
    first = actions.add(plan, MENTORING, who="Ann")
    second = actions.add(plan, Action(action="Train the panel"), who="Ben")
    assert first == replace(MENTORING, id=first.id, version=1)
    assert actions.plan(plan) == (first, second)


def test_a_plan_outlives_its_connection(plan, url):
    stored = actions.add(plan, MENTORING, who="Ann")
    again = actions.connect(url)
    assert actions.plan(again) == (stored,)
    again.dispose()


def test_history_has_every_change_and_nothing_else(plan):
    before = datetime.now(UTC) - timedelta(seconds=1)
    stored = actions.add(plan, Action(action="Train the panel"), who="Ann")
    edited = actions.edit(plan, replace(stored, status="in progress", start=date(2026, 4, 1)), who=" Ben ")
    actions.edit(plan, edited, who="Cem")
    edited = actions.edit(plan, replace(edited, target_value=0.1 + 0.2, start=None), who="Cem")
    seen = [(c.version, c.who, c.field, c.old, c.new) for c in actions.history(plan, stored.id)]
    assert seen == [
        (3, "Cem", "start", "2026-04-01", ""),
        (3, "Cem", "target_value", "", "0.3"),
        (2, "Ben", "start", "", "2026-04-01"),
        (2, "Ben", "status", "not started", "in progress"),
        (1, "Ann", "action", "", "Train the panel"),
        (1, "Ann", "status", "", "not started"),
    ]
    assert all(before < c.at <= datetime.now(UTC) for c in actions.history(plan))
    assert actions.plan(plan) == (edited,)


def test_the_second_of_two_editors_is_told_and_loses_nothing(plan):
    read = actions.add(plan, MENTORING, who="Ann")
    hers = actions.edit(plan, replace(read, owner="Ann"), who="Ann")
    mine = replace(read, owner="Ben", status="completed")
    with pytest.raises(actions.Conflict) as told:
        actions.edit(plan, mine, who="Ben")
    assert (told.value.current, told.value.mine) == (hers, mine)
    assert actions.plan(plan) == (hers,)
    assert "Ben" not in {c.who for c in actions.history(plan)}
    merged = actions.edit(plan, replace(mine, version=told.value.current.version), who="Ben")
    assert merged.owner == "Ben" and merged.version == 3


def test_an_edit_of_a_version_that_the_store_has_lost_is_told(plan):
    """A store that was put back from a copy knows less than who had it open."""
    stored = actions.add(plan, MENTORING, who="Ann")
    with pytest.raises(actions.Conflict):
        actions.edit(plan, replace(stored, owner="Ben", version=stored.version + 1), who="Ben")
    assert actions.plan(plan) == (stored,)


def test_an_edit_that_changes_nothing_is_no_change(plan):
    stored = actions.add(plan, MENTORING, who="Ann")
    assert actions.edit(plan, stored, who="Ben") == stored
    assert {c.who for c in actions.history(plan)} == {"Ann"}


def test_there_must_be_such_an_action(plan):
    with pytest.raises(actions.Missing):
        actions.edit(plan, replace(MENTORING, id="a0000000000", version=1), who="Ann")


@pytest.mark.parametrize(
    "field, value",
    [
        ("notes", "He was born on 3 May 2011"),
        ("owner", "jo.smith@example.org"),
        ("action", "Ring 07700 900123"),
        ("recommendation", "A123456789012"),
        ("group", "case 482913"),
        ("notes", "x" * (LONGEST + 1)),
        ("action", " \n"),
        ("status", "overdue"),
        ("by", "postcode"),
        ("by", "year"),
        ("unit", ""),
        ("measure", "odds"),
        ("target_date", date(2026, 3, 31)),
        ("target_value", float("nan")),
        ("baseline_value", float("inf")),
        ("baseline_value", -1e10),
        ("baseline_value", 150.0),
        ("target_value", -20.0),
    ],
)
def test_what_is_refused_is_refused_with_a_reason_that_does_not_repeat_it(plan, field, value):
    stored = actions.add(plan, MENTORING, who="Ann")
    for attempt, action in (
        (actions.add, replace(MENTORING, **{field: value})),
        (actions.edit, replace(stored, **{field: value})),
    ):
        with pytest.raises(actions.NotAllowed) as told:
            attempt(plan, action, who="Ann")
        assert told.value.field == field
        if isinstance(value, str) and value.strip() and field != "status":
            assert not set(value.split()) & set(str(told.value).split()) - {"case", "on", "3", "He"}
    assert actions.plan(plan) == (stored,)


@pytest.mark.parametrize("measure", MEASURES)
def test_only_shares_end_at_100_and_no_measure_is_negative(measure):
    action = replace(MENTORING, measure=measure, baseline_value=0.0)
    assert checked(replace(action, target_value=100.0)).target_value == 100
    with pytest.raises(actions.NotAllowed, match=NEGATIVE):
        checked(replace(action, target_value=-0.1))
    if measure == "share":
        with pytest.raises(actions.NotAllowed, match=NO_SHARE):
            checked(replace(action, target_value=100.1))
    else:
        assert checked(replace(action, target_value=100.1)).target_value == 100.1


def test_somebody_must_have_made_the_change(plan):
    with pytest.raises(actions.NotAllowed):
        actions.add(plan, MENTORING, who=" ")
    assert actions.plan(plan) == ()


def test_overdue_follows_from_the_date():
    day = MENTORING.target_date
    assert status_on(MENTORING, day) == "not started"
    assert status_on(MENTORING, day + timedelta(days=1)) == OVERDUE
    assert status_on(replace(MENTORING, status="completed"), day + timedelta(days=1)) == "completed"
    assert status_on(replace(MENTORING, target_date=None), day + timedelta(days=1)) == "not started"


def test_a_store_of_an_older_program_is_brought_up_to_date(plan, url, monkeypatch):
    stored = actions.add(plan, MENTORING, who="Ann")
    step = ("ALTER TABLE action ADD COLUMN later TEXT NOT NULL DEFAULT 'as before'",)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    for _ in range(2):
        newer = actions.connect(url)
        with store.reading(newer) as connection:
            assert connection.execute(text("SELECT later FROM action")).scalars().all() == ["as before"]
            assert connection.execute(text("SELECT version FROM schema_version")).scalars().all() == [2]
        assert actions.plan(newer) == (stored,)
        newer.dispose()


def test_a_step_that_fails_leaves_the_store_as_it_was(plan, url, monkeypatch):
    stored = actions.add(plan, MENTORING, who="Ann")
    step = ("ALTER TABLE action ADD COLUMN later TEXT", "ALTER TABLE nothing ADD COLUMN later TEXT")
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    with pytest.raises(actions.StoreError):
        actions.connect(url)
    monkeypatch.undo()
    again = actions.connect(url)
    assert actions.plan(again) == (stored,)
    again.dispose()


def test_a_store_of_a_newer_program_is_left_alone(plan, url, monkeypatch):
    monkeypatch.setattr(migrations, "STEPS", ())
    with pytest.raises(actions.StoreError, match="newer"):
        actions.connect(url)


@pytest.mark.parametrize("address", ["plan.db", "mysql://user:secret@host/plan", "sqlite:////dev/null/plan.db"])
def test_a_store_that_cannot_be_used_says_so_without_its_address(address):
    with pytest.raises(actions.StoreError) as told:
        actions.connect(address)
    assert "secret" not in str(told.value) and "plan.db" not in str(told.value)


def test_many_open_a_new_store_at_once(url):
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(actions.connect, [url] * 8))
    assert [actions.plan(engine) for engine in engines] == [()] * 8
    for engine in engines:
        engine.dispose()


EDITOR = """
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from yjdisp import actions

url, action_id, name = sys.argv[1:]

def edit(editor):
    engine, conflicts = actions.connect(url), 0
    for turn in range(3):
        current = next(a for a in actions.plan(engine) if a.id == action_id)
        while True:
            try:
                actions.edit(engine, replace(current, notes=f"{current.notes} {name}{editor}-{turn}"), who=f"{name}{editor}")
                break
            except actions.Conflict as conflict:
                current, conflicts = conflict.current, conflicts + 1
    engine.dispose()
    return conflicts

with ThreadPoolExecutor(5) as pool:
    print(sum(pool.map(edit, range(5))))
"""


def test_twenty_editors_at_once_lose_no_edit(plan, url):
    shared = actions.add(plan, MENTORING, who="Ann")
    command = [sys.executable, "-c", EDITOR, url, shared.id]
    processes = [subprocess.Popen([*command, name], stdout=subprocess.PIPE) for name in "abcd"]
    conflicts = [int(process.communicate(timeout=120)[0]) for process in processes]
    (stored,) = actions.plan(plan)
    marks = {f"{name}{editor}-{turn}" for name in "abcd" for editor in range(5) for turn in range(3)}
    written = stored.notes.removeprefix(MENTORING.notes).split()
    assert len(written) == len(marks) and set(written) == marks
    assert stored.version == 61 and sum(conflicts) > 0
    notes = [c for c in reversed(actions.history(plan)) if c.field == "notes"]
    assert all(later.old == earlier.new for earlier, later in pairwise(notes))


WRITER = """
import sys
from dataclasses import replace
from yjdisp import actions

engine = actions.connect(sys.argv[1])
stored = actions.add(engine, actions.Action(action="Count"), who="writer")
while True:
    stored = actions.edit(engine, replace(stored, notes=f"turn {stored.version}"), who="writer")
    extra = actions.add(engine, actions.Action(action="More", notes="x" * 2000), who="writer")
    print(stored.id, stored.version, extra.id, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_confirmed(plan, url):
    confirmed = {}
    for confirmations in (1, 7, 23):
        with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(confirmations):
                edited, version, extra = writer.stdout.readline().split()
            writer.kill()
            for line in writer.stdout:
                edited, version, extra = line.split()
        confirmed |= {edited: int(version), extra: 1}
        stored = {a.id: a for a in actions.plan(plan)}
        for action_id, version in confirmed.items():
            assert stored[action_id].version >= version
        for action in stored.values():
            versions = {c.version for c in actions.history(plan, action.id)}
            assert versions == set(range(1, action.version + 1))
        actions.add(plan, MENTORING, who="Ann")

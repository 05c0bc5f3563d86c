"""Where the action plan is kept: a SQLite file or a PostgreSQL database. One writer at a time, every change in history.

An edit carries the version that was read: if the action has moved on, nothing is written and `Conflict` says what it is
now. What a function returned is on disk: SQLite writes through at every commit, as PostgreSQL does.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from yjdisp.actions.migrations import migrate
from yjdisp.actions.model import (
    CONTENT,
    DATES,
    NUMBERS,
    Action,
    Change,
    Conflict,
    Missing,
    StoreError,
    as_text,
    check_name,
    checked,
    differences,
)

UNREACHABLE = (
    "the action plan's database cannot be used just now; nothing was saved. Check that it is there and try again"
)
BAD_ADDRESS = (
    "the address of the action plan's database is not one; write sqlite:///FILE or postgresql://USER@HOST/NAME"
)
NO_SUCH_ACTION = "there is no such action; it may belong to another plan"
IDS = r"|a[0-9a-f]{10}"  # none yet, or one that `with_id` made
PATIENCE = 30  # seconds that a writer waits for the others
ONE_WRITER = 0x796A6470  # the number of the lock that PostgreSQL's writers share


def _column(name: str) -> Column:
    return Column(name, Date if name in DATES else Float if name in NUMBERS else String)


_METADATA = MetaData()
_ACTION = Table(
    "action",
    _METADATA,
    Column("id", String, primary_key=True),
    Column("version", Integer),
    Column("position", Integer),
    *map(_column, CONTENT),
)
_CHANGE = Table(
    "change",
    _METADATA,
    Column("action_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("field", String, primary_key=True),
    Column("at", DateTime),
    Column("who", String),
    Column("old", String),
    Column("new", String),
)


def connect(url: str) -> Engine:
    """The store at an address, made or brought up to date where needed. Keep it: it holds a few connections.

    Raises:
        StoreError: no such kind of database, it cannot be reached, or it is newer than this program.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreError(BAD_ADDRESS) from None
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(address)
    elif address.get_backend_name() == "postgresql":
        engine = create_engine(address.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    else:
        raise StoreError(BAD_ADDRESS)
    with writing(engine) as connection:
        migrate(connection)
    return engine


def _sqlite(address) -> Engine:
    if address.database:
        with suppress(OSError):  # what is the matter shows when the file is opened
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _set_up(connection, record) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says so
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = EXTRA")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store."""
    try:
        with engine.begin() as connection:
            yield connection
    except (DBAPIError, NoConnection):
        raise StoreError(UNREACHABLE) from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is the only one that writes; it is committed whole or not at all."""
    try:
        with engine.execution_options(writes=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.set_config("lock_timeout", f"{PATIENCE}s", True)))
                connection.execute(select(func.pg_advisory_xact_lock(ONE_WRITER)))
            yield connection
    except (DBAPIError, NoConnection):
        raise StoreError(UNREACHABLE) from None


def add(engine: Engine, action: Action, *, who: str) -> Action:
    """Store a new action and return it with its id and version 1. Raises NotAllowed, StoreError."""
    with writing(engine) as connection:
        return insert_action(connection, with_id(action), who=who)


def edit(engine: Engine, action: Action, *, who: str) -> Action:
    """Store a changed action and return it with its next version; unchanged, it stays as it is.

    Raises:
        Conflict: the stored version is not the one that was changed. Missing, NotAllowed, StoreError.
    """
    with writing(engine) as connection:
        return update_action(connection, action, who=who)


def plan(engine: Engine) -> tuple[Action, ...]:
    """All actions, in the order in which they came. Raises StoreError."""
    with reading(engine) as connection:
        return tuple(read_actions(connection).values())


def history(engine: Engine, action_id: str | None = None) -> tuple[Change, ...]:
    """Every change of one action, or of all, the latest first. Raises StoreError."""
    query = select(_CHANGE)
    if action_id is not None:
        query = query.where(_CHANGE.c.action_id == action_id)
    with reading(engine) as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    changes = [Change(**row | {"at": row["at"].replace(tzinfo=UTC)}) for row in rows]
    order = {name: i for i, name in enumerate(CONTENT)}
    return tuple(sorted(changes, key=lambda c: (-c.at.timestamp(), c.action_id, -c.version, order[c.field])))


def with_id(action: Action) -> Action:
    """The action with an id of its own where it has none."""
    return replace(action, id=action.id or f"a{secrets.token_hex(5)}")


def read_actions(connection: Connection) -> dict[str, Action]:
    """All actions by id, in the order in which they came."""
    columns = [column for column in _ACTION.columns if column.name != "position"]
    rows = connection.execute(select(*columns).order_by(_ACTION.c.position)).mappings()
    return {row["id"]: Action(**row) for row in rows}


def insert_action(connection: Connection, action: Action, *, who: str) -> Action:
    """As `add`, in a transaction of `writing`, with the id that the action has."""
    action = replace(checked(action), version=1)
    last = connection.execute(select(func.coalesce(func.max(_ACTION.c.position), 0))).scalar_one()
    connection.execute(insert(_ACTION).values(position=last + 1, **asdict(action)))
    written = {name: ("", as_text(getattr(action, name))) for name in CONTENT if as_text(getattr(action, name))}
    _record(connection, action, written, who)
    return action


def update_action(connection: Connection, action: Action, *, who: str) -> Action:
    """As `edit`, in a transaction of `writing`."""
    action = checked(action)
    current = read_actions(connection).get(action.id)
    if current is None:
        raise Missing(NO_SUCH_ACTION)
    if current.version != action.version:
        raise Conflict(current, action)
    changed = differences(current, action)
    if not changed:
        return current
    action = replace(action, version=current.version + 1)
    connection.execute(update(_ACTION).where(_ACTION.c.id == action.id).values(**asdict(action)))
    _record(connection, action, changed, who)
    return action


def _record(connection: Connection, action: Action, changed: dict[str, tuple[str, str]], who: str) -> None:
    at, who = datetime.now(UTC).replace(tzinfo=None), check_name(who)
    rows: Sequence[dict] = [
        {"action_id": action.id, "version": action.version, "field": name, "at": at, "who": who, "old": old, "new": new}
        for name, (old, new) in changed.items()
    ]
    connection.execute(insert(_CHANGE), rows)

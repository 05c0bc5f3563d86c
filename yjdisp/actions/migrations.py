"""How the store's tables came to be: steps in order, each run once. A step that has been released is never changed."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from yjdisp.actions.model import StoreError

# Plain SQL that SQLite and PostgreSQL both understand. Step n takes a store from version n - 1 to n.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE action (
            id TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            position INTEGER NOT NULL,
            recommendation TEXT NOT NULL,
            action TEXT NOT NULL,
            owner TEXT NOT NULL,
            start DATE,
            target_date DATE,
            status TEXT NOT NULL,
            "by" TEXT NOT NULL,
            "group" TEXT NOT NULL,
            measure TEXT NOT NULL,
            unit TEXT NOT NULL,
            baseline_value DOUBLE PRECISION,
            target_value DOUBLE PRECISION,
            notes TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE change (
            action_id TEXT NOT NULL REFERENCES action (id),
            version INTEGER NOT NULL,
            field TEXT NOT NULL,
            at TIMESTAMP NOT NULL,
            who TEXT NOT NULL,
            old TEXT NOT NULL,
            new TEXT NOT NULL,
            PRIMARY KEY (action_id, version, field)
        )
        """,
    ),
)
NEWER = "the action plan was last used by a newer version of this program; install that version"


def migrate(connection: Connection) -> None:
    """Run the steps that a store has not had, in the transaction of the connection.

    Raises:
        StoreError: the store is newer than this program.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise StoreError(NEWER)
    for number, step in enumerate(STEPS[version:], start=version + 1):
        for statement in step:
            connection.execute(text(statement))
        connection.execute(text("UPDATE schema_version SET version = :number"), {"number": number})


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("schema_version"):
        connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO schema_version (version) VALUES (0)"))
    return connection.execute(text("SELECT version FROM schema_version")).scalar_one()

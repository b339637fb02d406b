"""A catalogue's file: SQLite, opened so that what was acknowledged survives a power failure.

Write-ahead log with full flushes; one writer at a time, who begins at once (``BEGIN IMMEDIATE``) so
that two never wait for each other half-way. Readers are not held up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from hangtag import atomic
from hangtag.errors import BusyError, FormatError, MachineError, SourceError, UsageError
from hangtag.rooms.catalog import schema

PATIENCE = 4
"""Seconds that a writer waits for another one."""

MAGIC = b"SQLite format 3\0"
"""How a database begins; for those who have not opened it yet, see :func:`open_catalog`."""

_NO_CATALOG = "name the file that catalog create made"


class Catalog:
    """An opened catalogue.

    Attributes:
        path: Its file.

    Args:
        path: The file.
        engine: The database that it is.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path, self._engine = path, engine

    def __repr__(self) -> str:
        return f"<Catalog {self.path}>"

    @property
    def root(self) -> Path:
        """What relative paths of photos are relative to: the folder of the file."""
        return self.path.resolve().parent

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of one moment."""
        reader = self._engine.execution_options(reads=True)
        with _in_sentences(self.path), reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All of what is written, or nothing of it."""
        with _in_sentences(self.path), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def create(path: Path) -> Catalog:
    """Make an empty catalogue.

    Raises:
        UsageError: There is something already.
        MachineError: It cannot be written there.
    """
    if path.exists():
        raise UsageError(f"{path} is there already", "choose another name, or import into it")
    if not path.parent.is_dir():
        raise SourceError(f"there is no folder {path.parent}", "make it first")
    # Made in memory and written as a whole: a kill leaves either no catalogue or an empty one.
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        for name, said in schema.VIEWS.items():
            connection.execute(text(f"CREATE VIEW {name} AS {said}"))
        connection.execute(
            text("CREATE VIRTUAL TABLE words USING fts5(title, tags, tokenize='unicode61')")
        )
        connection.execute(text(f"PRAGMA application_id = {schema.APPLICATION}"))
        connection.execute(text(f"PRAGMA user_version = {schema.VERSION}"))
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        atomic.write_bytes(path, raw.serialize())
    engine.dispose()
    return open_catalog(path)


def open_catalog(path: Path) -> Catalog:
    """Open a catalogue.

    Raises:
        SourceError: There is none.
        FormatError: It is no catalogue, is damaged, or is of a newer version.
    """
    if not path.is_file():
        raise SourceError(f"there is no catalog {path}", f"hangtag catalog create {path}")
    # Looked at by SQLite alone: whoever opens and closes a file lets go of all locks that the
    # process has on it (POSIX), those of other connections, too. The next process would take itself
    # for the only one, and clear the log away under them, which damages what they write then.
    if not path.stat().st_size:
        raise FormatError(f"{path} is no catalog", _NO_CATALOG)
    found = Catalog(path, _engine(path))
    try:
        with found.reading() as connection:
            whose = connection.execute(text("PRAGMA application_id")).scalar_one()
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
    except BaseException:
        found.close()
        raise
    if whose != schema.APPLICATION:
        found.close()
        raise FormatError(f"{path} is a database of another program", _NO_CATALOG)
    if version > schema.VERSION:
        found.close()
        raise FormatError(
            f"{path} is a catalog of version {version}, and this hangtag knows {schema.VERSION}",
            "install a newer hangtag",
        )
    if version < schema.VERSION:
        _brought_up(found)
    return found


def now() -> str:
    """This moment, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def id_of(connection: Connection, table: Table, **named: Any) -> int:  # noqa: ANN401 - columns
    """The row of `table` with these values, made if it is not there."""
    wanted = [table.c[name] == value for name, value in named.items()]
    found = connection.execute(select(table.c.id).where(*wanted)).scalar()
    if found is None:
        added = connection.execute(table.insert().values(**named)).inserted_primary_key
        assert added is not None
        return int(added[0])
    return int(found)


def _brought_up(catalog: Catalog) -> None:
    """Give a file of an older version the tables that it lacks: all of them, or none."""
    with catalog.writing() as connection:
        # Asked again: another process may have done it while this one waited to write.
        version = connection.execute(text("PRAGMA user_version")).scalar_one()
        for later in range(version + 1, schema.VERSION + 1):
            schema.metadata.create_all(connection, schema.ADDED[later])
            if later in schema.FILLED:
                connection.execute(text(schema.FILLED[later]))
        connection.execute(text(f"PRAGMA user_version = {schema.VERSION}"))


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": PATIENCE, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def _prepared(raw: sqlite3.Connection, _: object) -> None:
        for said in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
        ):
            raw.execute(said)

    @event.listens_for(engine, "begin")
    def _at_once(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _in_sentences(path: Path) -> Iterator[None]:
    """What SQLite says becomes a sentence."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig)
        if "locked" in said:
            raise BusyError(
                f"another process has been writing {path} for {PATIENCE} seconds", "try again"
            ) from None
        if "no such table" in said or "no such column" in said:
            raise FormatError(
                f"{path} is a catalog whose tables are not there: {said}", "bring a copy back"
            ) from None
        raise MachineError(f"{path} cannot be used: {said}", "see to the disk and rights") from None
    except DatabaseError as error:
        if isinstance(error.orig, sqlite3.IntegrityError):
            raise
        if "not a database" in str(error.orig):
            raise FormatError(f"{path} is no catalog", _NO_CATALOG) from None
        raise FormatError(
            f"{path} is damaged: {error.orig}", "bring a copy back, or import into a new one"
        ) from None

"""Where trials are kept: a journal file or a database's address in, Optuna's storage out.

To add a kind of storage: its form in :func:`check_storage`, its opening in :func:`open_storage`.
Imports optuna inside its functions.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from hangtag.errors import FailedError, FormatError, MissingError, OptionError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

_DATABASE = re.compile(r"postgres(ql)?(\+psycopg)?://")
LONGEST = 1_000_000  # bytes of a first line, which names the search
POSTGRES = "pip install 'hangtag[postgres]'"


def is_address(storage: str | Path) -> bool:
    """Whether this is the address of a database and not a file."""
    return "://" in str(storage)


def check_storage(storage: str | Path) -> None:
    """Refuse what no trials can be kept in.

    Raises:
        OptionError: It is the address of something else than PostgreSQL.
        MissingError: PostgreSQL is asked for, and its driver is not installed.
    """
    if not is_address(storage):
        return
    if not _DATABASE.match(str(storage)):
        kind = str(storage).split("://")[0]
        raise OptionError(
            f"trials cannot be kept in {kind}",
            "give a file, or an address such as postgresql://user@host/database",
        )
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        raise MissingError("keeping trials in PostgreSQL needs the driver psycopg", POSTGRES)


def shown(storage: str | Path) -> str:
    """The storage as it can be shown to anyone: without a password."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", str(storage))


def open_storage(storage: str | Path) -> BaseStorage:
    """Open the storage, making it if it is not there.

    Raises:
        FormatError: The file is no journal.
        FailedError: The database cannot be reached.
    """
    if is_address(storage):
        return _database(str(storage))
    from optuna.storages import JournalStorage

    from hangtag.rooms.tune.journal import Journal

    path = Path(storage)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return JournalStorage(Journal(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"{path} is no journal of trials, or damaged",
            "restore the file, or search again with another --out",
        ) from error


def check_journal(path: Path) -> None:
    """Refuse to append to a file that is something else.

    Raises:
        FormatError: The file is there and is no journal.
    """
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            first = file.readline(LONGEST)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}") from None
    # A kill amid the very first record leaves such a line; it is ours, and no reason to refuse the
    # file.
    torn = not first.endswith(b"\n") and first[:1] in {b"", b"{"}
    if not torn and not _is_record(first):
        raise FormatError(f"{path} is no journal of trials", "give another --out")


def _is_record(line: bytes) -> bool:
    try:
        return "op_code" in json.loads(line)
    except (ValueError, TypeError):
        return False


def _database(address: str) -> BaseStorage:
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    plain = _DATABASE.sub("postgresql+psycopg://", address)
    try:
        # A search may wait hours between two trials; connections that a server has closed meanwhile
        # are opened anew.
        return RDBStorage(plain, engine_kwargs={"pool_pre_ping": True})
    except (SQLAlchemyError, ImportError) as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise FailedError(
            f"the database {shown(address)} cannot be used: {said[0] if said else error}",
            "look whether it runs, and whether address, user and password are right",
        ) from None

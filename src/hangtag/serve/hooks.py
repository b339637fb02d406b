"""Webhooks: addresses that are told of changes, each with the number of the last it confirmed.

What is to be told is the catalogue's own log of changes, so nothing is queued here that a kill
could lose: after a start it goes on behind the number that was confirmed. A delivery whose answer
was lost is sent again, so a receiver may see a change twice, and its number tells. One that fails
is tried again later and later, and never given up.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hangtag.errors import ConflictError, HangtagError, UnknownNameError
from hangtag.rooms.catalog import Catalog
from hangtag.rooms.catalog.changes import Change, changes
from hangtag.serve import outward

LOG = logging.getLogger("uvicorn.error")
LOOK = 0.5
"""Seconds between two looks at the log of changes."""
TOGETHER = 200
"""Changes of one delivery at most."""
LONGEST = 3600.0
"""Seconds between two tries at most."""
MOST = 50
"""Webhooks of one catalogue."""


@dataclass(frozen=True)
class Hook:
    """A webhook.

    Attributes:
        id: Its number.
        url: Where to.
        secret: What deliveries are signed with.
        what: Kinds of changes; empty for all.
        since: The last change that was confirmed.
        tries: How often the next delivery has failed.
        next_at: When it is tried again, in seconds since 1970.
        trouble: Why it failed; empty where it did not.
        created_at: When it was registered, in UTC.
    """

    id: int
    url: str
    secret: str
    what: tuple[str, ...]
    since: int
    tries: int
    next_at: float
    trouble: str
    created_at: str


def _hook(row: Sequence[Any]) -> Hook:
    number, url, secret, what, *state = row
    return Hook(number, url, secret, tuple(json.loads(what)), *state)


class Hooks:
    """The webhooks of a catalogue, kept in a file of the door's folder.

    Args:
        folder: The folder; the file is made with the first webhook.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._lock = folder / "webhooks.db", threading.Lock()

    def all(self) -> list[Hook]:
        """Every webhook, in the order they were registered."""
        if not self._path.is_file():
            return []
        rows = self._do("SELECT * FROM hook ORDER BY id")
        return [_hook(row) for row in rows]

    def find(self, number: int) -> Hook:
        """The webhook of that number.

        Raises:
            UnknownNameError: There is none.
        """
        for one in self.all():
            if one.id == number:
                return one
        raise UnknownNameError(f"there is no webhook {number}", "GET /v1/webhooks lists them")

    def add(self, url: str, what: Sequence[str], since: int) -> Hook:
        """Register one, with a secret of its own.

        Raises:
            ConflictError: There are too many.
        """
        known = self.all()
        if len(known) >= MOST:
            raise ConflictError(f"there are {len(known)} webhooks already", "take one out first")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        secret, kinds = secrets.token_urlsafe(32), json.dumps(list(dict.fromkeys(what)))
        self._do(
            "INSERT INTO hook (url, secret, what, since, tries, next_at, trouble, created_at)"
            " VALUES (?, ?, ?, ?, 0, 0, '', ?)",
            (url, secret, kinds, since, at),
        )
        return self.all()[-1]

    def remove(self, number: int) -> None:
        """Take one out.

        Raises:
            UnknownNameError: There is none.
        """
        self.find(number)
        self._do("DELETE FROM hook WHERE id = ?", (number,))

    def replay(self, number: int, since: int) -> Hook:
        """Send everything after a change once more.

        Raises:
            UnknownNameError: There is no such webhook.
        """
        self.find(number)
        self._do(
            "UPDATE hook SET since = ?, tries = 0, next_at = 0, trouble = '' WHERE id = ?",
            (since, number),
        )
        return self.find(number)

    def confirmed(self, one: Hook, until: int) -> None:
        """Note that everything up to a change was received."""
        # Only where it still stands: a replay that was asked for meanwhile is not undone.
        self._do(
            "UPDATE hook SET since = ?, tries = 0, next_at = 0, trouble = ''"
            " WHERE id = ? AND since = ?",
            (until, one.id, one.since),
        )

    def failed(self, one: Hook, why: str) -> None:
        """Note that a delivery failed; the next try is twice as far away as the last."""
        later = min(LONGEST, 2.0 ** min(one.tries, 12)) * (0.75 + secrets.randbelow(500) / 1000)
        self._do(
            "UPDATE hook SET tries = tries + 1, next_at = ?, trouble = ?"
            " WHERE id = ? AND since = ?",
            (time.time() + later, why[:500], one.id, one.since),
        )

    def _do(self, said: str, given: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock:
            if not self._path.is_file():
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._path.touch(mode=0o600)  # secrets are in it
            with closing(sqlite3.connect(self._path, timeout=4)) as connection, connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_TABLE)
                return connection.execute(said, given).fetchall()


class Messenger:
    """Tells webhooks of changes, in a thread of its own.

    Args:
        catalog: Whose changes.
        hooks: Whom to tell.
        named: Hosts of private networks that may be told.
    """

    def __init__(self, catalog: Catalog, hooks: Hooks, named: Sequence[str]) -> None:
        self._catalog, self._hooks, self._named = catalog, hooks, frozenset(named)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def begin(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    def end(self) -> None:
        """Stop; what was not confirmed is sent after the next start."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2 * outward.PATIENCE)

    def _work(self) -> None:
        while not self._ended.wait(LOOK):
            try:
                for one in self._hooks.all():
                    while not self._ended.is_set() and self._tell(one):
                        one = self._hooks.find(one.id)  # noqa: PLW2901 - further than it was
            except (HangtagError, sqlite3.Error, OSError) as error:
                # The disk or the catalogue; what is to be told waits there.
                LOG.warning("webhooks: %s", error)

    def _tell(self, one: Hook) -> bool:
        """Tell one webhook what comes next; whether there may be more."""
        if one.next_at > time.time():
            return False
        found = changes(self._catalog, one.since, TOGETHER)
        if not found:
            return False
        told = [each for each in found if not one.what or each.what in one.what]
        if told and (why := self._send(one, told)):
            self._hooks.failed(one, why)
            return False
        self._hooks.confirmed(one, found[-1].n)
        return True

    def _send(self, one: Hook, told: Sequence[Change]) -> str:
        """Send a delivery; why it failed, or nothing."""
        facts = {"webhook": one.id, "changes": [vars(each) for each in told]}
        body = json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")
        try:
            # Looked at each time: what a name means changes.
            to = outward.target(one.url, self._named)
            status = outward.post(to, body, signed(one, body, told[-1].n))
        except HangtagError as error:
            return error.message
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        return "" if 200 <= status < 300 else f"it answered {status}"


def signed(one: Hook, body: bytes, number: int) -> dict[str, str]:
    """Headers of a delivery: its number, and HMAC-SHA256 over the time and the body."""
    at = str(int(time.time()))
    digest = hmac.new(one.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "user-agent": "hangtag",
        "hangtag-delivery": str(number),
        "hangtag-signature": f"t={at},v1={digest}",
    }


_TABLE = """
    CREATE TABLE IF NOT EXISTS hook (
        id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, secret TEXT NOT NULL,
        what TEXT NOT NULL, since INTEGER NOT NULL, tries INTEGER NOT NULL, next_at REAL NOT NULL,
        trouble TEXT NOT NULL, created_at TEXT NOT NULL)
"""

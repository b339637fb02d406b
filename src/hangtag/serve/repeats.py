"""The same write asked twice is done once: what a key was answered is kept and said again.

A client that hears nothing (a cut line, a restart) asks again with the same key. The key is noted
before the work and the answer after it. Where a kill came between, nobody knows whether it was
done: what can be done twice without harm is done again, and the rest is a question to the client.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hangtag.errors import ConflictError
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

KEPT = 24 * 3600
"""Seconds that an answer is kept."""
LONGEST = 200
UNDONE = b'"undone"'
"""Taking a decision back is the one write that does something else when it is done again."""


class Store:
    """What was asked with a key, and what was answered.

    Args:
        folder: Where ``requests.db`` is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._lock = folder / "requests.db", threading.Lock()
        self._boot = secrets.token_hex(8)
        self._opened = False

    def claim(self, key: str, digest: str, *, again: bool) -> tuple[int, str, bytes] | None:
        """Note that this is being done, or give what was answered.

        Args:
            key: Whose and which.
            digest: Of what is asked.
            again: Whether doing it twice does no harm.

        Raises:
            RefusedError: The key was used for something else, 422.
            ConflictError: It is being done, or may have been done before a kill.
        """
        with self._lock, closing(self._connect()) as connection, connection:
            # Under one lock: of two that come at once the second sees the first.
            row = connection.execute(
                "SELECT digest, boot, status, kind, body FROM asked WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                connection.execute("DELETE FROM asked WHERE at < ?", (time.time() - KEPT,))
            # A key that was used for something else is a mistake of the client, never a replay.
            elif row[0] != digest:
                raise RefusedError(
                    422, "this Idempotency-Key was used for something else", "take a new one"
                )
            elif row[2] is not None:
                return int(row[2]), str(row[3]), bytes(row[4])
            elif row[1] == self._boot:
                raise ConflictError("the same is being done at the moment", "ask again later")
            elif not again:
                raise ConflictError(
                    "the server ended while it did this, and nobody knows whether it was done",
                    "look at the item, then ask with a new Idempotency-Key if it was not",
                )
            connection.execute(
                "INSERT OR REPLACE INTO asked VALUES (?, ?, ?, ?, NULL, NULL, NULL)",
                (key, digest, self._boot, time.time()),
            )
        return None

    def keep(self, key: str, status: int, kind: str, body: bytes) -> None:
        """Keep an answer; one that says "later" is forgotten, so that later it is done."""
        with self._lock, closing(self._connect()) as connection, connection:
            # Nothing was done then, so the same key may try again.
            if status >= 500 or status in (408, 429):
                connection.execute("DELETE FROM asked WHERE key = ?", (key,))
            else:
                connection.execute(
                    "UPDATE asked SET status = ?, kind = ?, body = ? WHERE key = ?",
                    (status, kind, body, key),
                )

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=4)
        if not self._opened:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS asked (key TEXT PRIMARY KEY, digest TEXT, boot TEXT,"
                " at REAL, status INTEGER, kind TEXT, body BLOB)"
            )
            self._opened = True
        connection.execute("PRAGMA synchronous = FULL")
        return connection


class Repeats:
    """Answers a repeated write with what was answered before.

    Args:
        app: What is behind it.
        store: What was asked.
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app, self._store = app, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do it, or say again what was said."""
        route = scope.get("route_asked")
        said = dict(scope["headers"]).get(b"idempotency-key", b"") if "headers" in scope else b""
        if not said or not isinstance(route, Route) or not route.writes:
            await self._app(scope, receive, send)
            return
        if len(said) > LONGEST:
            raise RefusedError(
                422, f"the Idempotency-Key has {len(said)} signs", f"{LONGEST} at most"
            )
        # Whole in memory, which the limit of its route bounds.
        body = await _whole(receive)
        asked = b"\0".join(
            [scope["method"].encode(), scope["path"].encode(), scope["query_string"], body]
        )
        # Two clients may choose the same key; each has its own.
        key = json.dumps([scope["principal"].name, said.decode("latin-1")])
        digest = hashlib.sha256(asked).hexdigest()
        # Looked for in the bytes: a false alarm costs a question after a kill and nothing else.
        again = UNDONE not in body
        before = await asyncio.to_thread(self._store.claim, key, digest, again=again)
        if before is not None:
            await _answer(send, before)
            return
        kept = _Kept(send)
        try:
            await self._app(scope, _replayed(body, receive), kept)
        except BaseException:
            await asyncio.to_thread(self._store.keep, key, 500, "", b"")
            raise
        await asyncio.to_thread(self._store.keep, key, kept.status, kept.kind, bytes(kept.body))


class _Kept:
    """Hands an answer on and keeps a copy."""

    def __init__(self, send: Send) -> None:
        self._send, self.status, self.kind, self.body = send, 0, "", bytearray()

    async def __call__(self, message: Message) -> None:
        """Hand a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = dict(message.get("headers", []))
            self.kind = named.get(b"content-type", b"").decode("latin-1")
        else:
            self.body += message.get("body", b"")
        await self._send(message)


async def _whole(receive: Receive) -> bytes:
    """The body; the layer before this one ends it where the limit is."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def _answer(send: Send, before: tuple[int, str, bytes]) -> None:
    status, kind, body = before
    headers = [(b"content-type", kind.encode()), (b"idempotent-replayed", b"true")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

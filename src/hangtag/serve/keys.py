"""Keys for the door: what a key may do, until when; kept as hashes beside what is served.

A key is 256 random bits, so one SHA-256 of it is as good as a slow hash of a password: there is
nothing to guess. A file that changed is read again within a second, so a key that is revoked on the
command line ends in the server, too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hangtag import atomic, locks, runs, settings
from hangtag.errors import FormatError, OptionError, UnknownNameError, nearest
from hangtag.requests.serving import SCOPES

LOOK = 1.0
"""Seconds after which the file of keys is looked at again."""

MARK = "hangtag_"
"""What a key begins with, so that programs which look for lost secrets know one."""


@dataclass(frozen=True)
class Key:
    """A key, as it is kept.

    Attributes:
        name: Whom it was made for; the audit log and decisions have this name.
        digest: SHA-256 of the key.
        scopes: What it may be used for.
        made: When, in UTC.
        expires: When it ends; empty for never.
    """

    name: str
    digest: str
    scopes: tuple[str, ...]
    made: str
    expires: str = ""

    @property
    def holds(self) -> bool:
        """Whether it has not expired."""
        return not self.expires or datetime.fromisoformat(self.expires) > datetime.now(UTC)


def served_place(place: Path) -> Path:
    """The file or folder that is meant, whole: a run can be named, and links lead to one place."""
    whole = place.expanduser()
    named = str(place) == runs.LATEST or (settings.runs_folder() / place / "run.json").is_file()
    if not whole.exists() and named:
        whole = runs.open_run(place, runs=settings.runs_folder()).folder
    return whole.resolve()


def door_folder(place: Path) -> Path:
    """The folder beside a catalogue or run with its keys, its audit log and what was asked."""
    whole = served_place(place)
    return whole.with_name(whole.name + ".door")


class Keys:
    """The keys of one catalogue or run.

    Args:
        place: The catalogue's file or the run's folder.
    """

    def __init__(self, place: Path) -> None:
        self.folder = door_folder(place)
        self.path = self.folder / "keys.json"
        self._known: dict[str, Key] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._looked = float("-inf")

    def all(self) -> list[Key]:
        """All keys, in the order they were made.

        Raises:
            FormatError: Their file is damaged.
        """
        if not self.path.is_file():
            return []
        try:
            rows: list[dict[str, Any]] = json.loads(self.path.read_bytes())
            return [Key(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]
        except (ValueError, TypeError, KeyError):
            raise FormatError(
                f"{self.path} is damaged", "remove it, and make the keys anew: hangtag keys add"
            ) from None

    def add(self, name: str, scopes: tuple[str, ...], days: int | None = None) -> str:
        """Make a key.

        Returns:
            The key itself, which is kept nowhere.

        Raises:
            OptionError: There is one of that name, or it is for nothing.
        """
        if not name.strip() or not scopes or not set(scopes) <= set(SCOPES):
            raise OptionError(
                f"a key '{name}' for {', '.join(scopes) or 'nothing'} was asked for",
                f"give a name, and one or more of {', '.join(SCOPES)}",
            )
        # 256 bits of the system's own randomness; guessing one is not a danger, losing it is.
        token = MARK + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        expires = "" if days is None else (now + timedelta(days=days)).isoformat()
        made = Key(name, digest_of(token), tuple(scopes), now.isoformat(), expires)
        # Beside the catalogue and not in it: who is given a copy of the shop gets no keys.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locks.held(self.folder, f"keys of {self.folder.stem}"):
            kept = self.all()
            if name in {one.name for one in kept}:
                raise OptionError(f"there is a key '{name}' already", "choose another name")
            self._write([*kept, made])
        return token

    def revoke(self, name: str) -> None:
        """End a key.

        Raises:
            UnknownNameError: There is none of that name.
        """
        kept = self.all()
        if name not in {one.name for one in kept}:
            raise UnknownNameError(
                f"there is no key '{name}'", nearest(name, [one.name for one in kept])
            )
        with locks.held(self.folder, f"keys of {self.folder.stem}"):
            self._write([one for one in self.all() if one.name != name])

    def find(self, token: str) -> Key | None:
        """The key that this is, if it holds."""
        return self.by_digest(digest_of(token))

    def by_digest(self, digest: str) -> Key | None:
        """The key with this digest, if it holds."""
        self._look()
        found = self._known.get(digest)
        # The table finds it by its hash; compared whole, so that no time tells where they differ.
        same = found is not None and hmac.compare_digest(found.digest, digest)
        return found if found is not None and same and found.holds else None

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        try:
            facts = self.path.stat()
            # A file that was renamed over it has another number, however quick that was.
            stamp = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
        except OSError:
            self._known, self._stamp = {}, None
            return
        if stamp != self._stamp:
            # A damaged file lets nobody in; that is the safe side.
            self._known, self._stamp = {}, stamp
            with suppress(FormatError):
                self._known = {one.digest: one for one in self.all()}

    def _write(self, kept: list[Key]) -> None:
        rows = json.dumps([asdict(one) for one in kept], indent=1, ensure_ascii=False)
        atomic.write_bytes(self.path, rows.encode())
        self.path.chmod(0o600)


def digest_of(token: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

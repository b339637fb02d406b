"""Who a token, a key or a signed-in browser is."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from starlette.types import Scope

from hangtag.serve.door import Principal
from hangtag.serve.keys import Keys, digest_of

LASTS = 12 * 3600
"""Seconds that a browser stays signed in."""
MOST_SESSIONS = 1000


@dataclass
class Session:
    """A browser that is signed in: by whose token, and until when."""

    digest: str
    until: float


class Gatekeeper:
    """Knows tokens, keys and browsers that are signed in.

    Args:
        keys: Of others; None where a token of this start is the only one.
        token: Of the person at this machine; None where only keys count.
        owner: Their name, for the audit log and decisions.
        port: Where the server listens.
    """

    def __init__(self, keys: Keys, token: str | None, owner: str, port: int) -> None:
        # Browsers know no ports: two servers of one machine would end each other's sessions.
        self.cookie = f"hangtag-{port}"
        self._keys, self._owner = keys, owner
        self._token = None if token is None else digest_of(token)
        self._sessions: dict[str, Session] = {}

    def by_token(self, token: str) -> Principal | None:
        """Whose token this is."""
        return self._by_digest(digest_of(token), by_cookie=False)

    def by_cookie(self, value: str) -> Principal | None:
        """Who signed in and got this cookie; a key that was revoked since opens nothing."""
        # Kept by its hash, so that what is in this process' memory signs nobody in.
        session = self._sessions.get(digest_of(value))
        if session is None or session.until < time.monotonic():
            return None
        return self._by_digest(session.digest, by_cookie=True)

    def sign_in(self, token: str) -> str | None:
        """A cookie for whoever has this token, None if it is none."""
        if self.by_token(token) is None:
            return None
        # The oldest go first, so that signing in again and again fills no memory.
        now = time.monotonic()
        self._sessions = {k: v for k, v in self._sessions.items() if v.until > now}
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        value = secrets.token_urlsafe(32)
        self._sessions[digest_of(value)] = Session(digest_of(token), now + LASTS)
        return value

    def set_cookie(self, value: str, scope: Scope) -> str:
        """What makes a browser keep the cookie; scripts cannot read it."""
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        lasts = LASTS if value else 0
        return f"{self.cookie}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lasts}{secure}"

    def sign_out(self, value: str) -> None:
        """Forget a browser."""
        self._sessions.pop(digest_of(value), None)

    def _by_digest(self, digest: str, *, by_cookie: bool) -> Principal | None:
        if self._token is not None and hmac.compare_digest(digest, self._token):
            return Principal(self._owner, frozenset(["admin"]), by_cookie)
        found = self._keys.by_digest(digest)
        if found is None:
            return None
        return Principal(found.name, frozenset(found.scopes), by_cookie)

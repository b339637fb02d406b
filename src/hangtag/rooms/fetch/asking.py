"""One photo is asked for: an address goes in, the bytes of the answer come out.

Proxies of the environment are not used: they resolve names themselves, so that nobody could look at
what was resolved.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from hangtag import troubles
from hangtag.rooms.fetch.addresses import Network, NotFetchedError, places, read
from hangtag.rooms.fetch.connecting import ToPlace

MOVED = (301, 302, 303, 307, 308)
LATER = (408, 425, 429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""

HEADERS = {
    "User-Agent": "hangtag",
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

_PIECE = 1 << 16


@dataclass(frozen=True)
class Patience:
    """What one photo may take.

    Attributes:
        size: Bytes.
        seconds: In all.
        silence: Seconds without a byte.
        redirects: How often a server may send us on.
    """

    size: int = 20_000_000
    seconds: float = 120.0
    silence: float = 20.0
    redirects: int = 5


def ask(
    text: str, patience: Patience, network: Network, stopped: Callable[[], bool] = lambda: False
) -> bytes:
    """Ask for a photo once, and wherever the server sends us.

    Args:
        text: The address.
        patience: What it may take.
        network: What may be asked.
        stopped: Whether nobody wants it any more.

    Raises:
        NotFetchedError: There is no answer, or none that can be a photo.
        OSError: This machine is at the end of its means.
    """
    address, until = read(text), time.monotonic() + patience.seconds
    for _ in range(patience.redirects + 1):
        # Looked at anew each time: a public server may send us into our own network.
        numbers = places(address, network)
        with closing(ToPlace(address, numbers, patience.silence)) as connection:
            try:
                connection.request("GET", address.target, headers=HEADERS)
                answer = connection.getresponse()
                if answer.status in MOVED and answer.headers.get("Location"):
                    address = address.towards(answer.headers["Location"])
                    continue
                return _body(answer, patience, until, stopped)
            except (OSError, http.client.HTTPException) as error:
                raise _unreachable(error) from None
    raise NotFetchedError(f"leads on and on, more than {patience.redirects} times")


def _body(
    answer: http.client.HTTPResponse,
    patience: Patience,
    until: float,
    stopped: Callable[[], bool],
) -> bytes:
    declared = _declared(answer, patience)
    body = bytearray()
    while piece := answer.read1(_PIECE):
        body += piece
        if len(body) > patience.size:
            raise _too_large(patience)
        if stopped():
            raise NotFetchedError("was not waited for")
        if time.monotonic() > until:
            raise NotFetchedError(f"takes longer than {patience.seconds:g} seconds", again=True)
    if declared is not None and len(body) < declared:
        raise NotFetchedError(f"broke off after {len(body):,} of {declared:,} bytes", again=True)
    return bytes(body)


def _declared(answer: http.client.HTTPResponse, patience: Patience) -> int | None:
    """How many bytes will come, where the server says so; refused before any of them is read."""
    if answer.status != HTTPStatus.OK:
        raise _refusal(answer)
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetchedError("is sent packed, though nobody asked for that")
    if answer.length is not None and answer.length > patience.size:
        raise _too_large(patience)
    return answer.length


def _too_large(patience: Patience) -> NotFetchedError:
    return NotFetchedError(f"has more than {patience.size / 1e6:g} MB")


def _refusal(answer: http.client.HTTPResponse) -> NotFetchedError:
    try:  # in the words of the standard: a server's own could be anything
        words = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        words = str(answer.status)
    return NotFetchedError(
        f"answered {words}",
        again=answer.status in LATER,
        after=_asked_for(answer.headers.get("Retry-After", "")),
    )


def _asked_for(said: str) -> float:
    """Seconds of a Retry-After, which is a number or a date."""
    if said.isascii() and said.isdigit():
        return float(said[:6])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return 0.0


def _unreachable(error: OSError | http.client.HTTPException) -> NotFetchedError:
    if getattr(error, "errno", None) in troubles.MACHINE:
        raise error  # the next photo would meet it as well
    if isinstance(error, TimeoutError):
        return NotFetchedError("is not answered", again=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotFetchedError(f"is of a server that cannot show who it is: {error.verify_message}")
    if isinstance(error, ConnectionRefusedError):
        return NotFetchedError("is of a server that takes no connection", again=True)
    # What libraries say of it may hold a server's own words.
    return NotFetchedError(f"broke off ({type(error).__name__})", again=True)

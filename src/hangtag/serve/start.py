"""From a command line to a server: a socket, a token, a link; SIGTERM ends it, all answered."""

from __future__ import annotations

import getpass
import ipaddress
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from hangtag.errors import MachineError, SourceError, UsageError
from hangtag.requests import ServeRequest
from hangtag.serve import early
from hangtag.serve.app import application
from hangtag.serve.door import Door, is_catalog
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.keys import Keys, served_place

DRAIN = 30
"""Seconds that requests may take which are being answered when the server is told to end."""


@dataclass(frozen=True)
class Opened:
    """A server that is about to listen.

    Attributes:
        url: Where, for people; with the token if there is one.
        token: Of the person at this machine; None where only keys open it.
        port: Where it listens.
    """

    url: str
    token: str | None
    port: int


def serve(place: Path, asked: ServeRequest, tell: Callable[[Opened], None]) -> None:
    """Serve a catalogue, run or bundle until the process is told to end.

    Args:
        place: What; a run can be named, too.
        asked: How.
        tell: Told where it is, before the first request can come.

    Raises:
        UsageError: Others could reach it and there are no keys.
        MachineError: The port is taken.
        SourceError: There is nothing at `place`.
    """
    whole = _found(place)
    keys = Keys(whole)
    local = _is_local(asked.host)
    # Before anything listens: a server that others can reach is never open for a moment.
    if not local and not keys.all():
        raise UsageError(
            f"others can reach {asked.host}, and there are no keys for {place}",
            f"hangtag keys add {place} NAME, or leave --host out",
        )
    door = Door(whole, asked)
    # Bound here and handed over, so that port 0 is known before the link is printed.
    listening = _bound(asked)
    port = int(listening.getsockname()[1])
    # At this machine alone a token of this start is made; elsewhere only keys with an owner count.
    token = secrets.token_urlsafe(32) if local else None
    keeper = Gatekeeper(keys, token, getpass.getuser(), port)
    app = application(door, keeper, names_of(asked, port))
    host = f"[{asked.host}]" if ":" in asked.host else asked.host
    link = f"http://{host}:{port}/" + (f"?token={token}" if token else "")
    tell(Opened(link, token, port))
    config = uvicorn.Config(
        app,
        http=early.protocol(app.state.checks),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN,
        timeout_keep_alive=20,
        # What a proxy on this machine says of the client's scheme is believed, others' word not.
        forwarded_allow_ips="127.0.0.1",
    )
    # uvicorn drains and then raises the signal once more; to have ended when told to is no failure.
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listening])


def names_of(asked: ServeRequest, port: int) -> frozenset[str]:
    """The Hosts that are ours: this machine's own, the one listened at, those that were named."""
    plain = {"127.0.0.1", "localhost", "[::1]"}
    if not is_every_address(asked.host):
        plain.add(f"[{asked.host}]" if ":" in asked.host else asked.host)
    # A browser leaves the port out where it is the scheme's own.
    with_port = {f"{one.lower()}:{port}" for one in plain}
    # A proxy on the usual ports passes a name on without one.
    named = {one.lower() for one in asked.name} | {f"{one.lower()}:{port}" for one in asked.name}
    return frozenset(with_port | named | (plain if port in (80, 443) else set()))


def is_every_address(host: str) -> bool:
    """Whether that means every address of this machine, which is no name of it."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _found(place: Path) -> Path:
    """What is to be served; keys and logs are kept beside it."""
    whole = served_place(place)
    if whole.exists():
        return whole
    if is_catalog(place):
        raise SourceError(f"there is no catalog {place}", f"hangtag catalog create {place}")
    raise SourceError(
        f"there is no catalog and no run at {place}",
        "hangtag catalog create shop.db, or hangtag train",
    )


def _bound(asked: ServeRequest) -> socket.socket:
    kind = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    # By its number: asyncio lets small answers go at once on such sockets alone, and a client that
    # confirms late would wait 40 ms for the second half of every answer.
    listening = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A restart need not wait until the system forgets the last connections.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((asked.host, asked.port))
    except OSError as error:
        listening.close()
        raise MachineError(
            f"port {asked.port} of {asked.host} cannot be used: {error.strerror or error}",
            "choose another --port; 0 takes a free one",
        ) from None
    return listening

"""Requests of the door: where it listens, whom it lets in, how much it takes at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hangtag.requests.base import Option, Request
from hangtag.requests.values import WORDS

SCOPES = ("read", "tag", "decide", "admin")
"""What a key may be for; ``admin`` may all."""

PORT = 8077


@dataclass(frozen=True, kw_only=True)
class ServeRequest(Request):
    """Open pages and an API on a catalog or a run."""

    host: Annotated[
        str, Option("Address to listen at; another one than this machine's own needs keys.")
    ] = "127.0.0.1"
    port: Annotated[int, Option("Port; 0 takes a free one.", low=0, high=65535)] = PORT
    name: Annotated[
        tuple[str, ...],
        Option("Name the server is called by from outside, such as shop.example.", value=WORDS),
    ] = ()
    hook_host: Annotated[
        tuple[str, ...],
        Option("Host that webhooks may be sent to though it is in a private network.", value=WORDS),
    ] = ()
    model: Annotated[
        str | None,
        Option("Run or bundle that tags (default: the one whose tags are in use)."),
    ] = None
    workers: Annotated[int, Option("Processes that decode images.", low=1, high=64)] = 2
    waiting: Annotated[
        int, Option("Requests that may wait in line; more are refused at once.", low=1, high=10_000)
    ] = 64
    memory: Annotated[
        int, Option("Megabytes of address space a decoding process may take.", low=600, high=65536)
    ] = 2048


@dataclass(frozen=True, kw_only=True)
class KeyRequest(Request):
    """Make a key for the door."""

    scope: Annotated[
        tuple[str, ...],
        Option("What it may be used for, with commas between.", value=WORDS, choices=SCOPES),
    ] = ("read", "tag")
    days: Annotated[
        int | None, Option("Days until it expires (default: never).", low=1, high=3650)
    ] = None

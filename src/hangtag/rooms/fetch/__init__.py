"""Addresses go in, files come out; one is told something: public servers alone, with limits."""

from __future__ import annotations

from hangtag.rooms.fetch.addresses import (
    Address,
    Network,
    NotFetchedError,
    PrivateError,
    places,
    read,
)
from hangtag.rooms.fetch.connecting import ToPlace
from hangtag.rooms.fetch.files import Limits, fetch

__all__ = [
    "Address",
    "Limits",
    "Network",
    "NotFetchedError",
    "PrivateError",
    "ToPlace",
    "fetch",
    "places",
    "read",
]

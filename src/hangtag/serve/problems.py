"""An error goes in, a status and a problem document come out, with the command line's own words.

To add an error: a line in :data:`STATUS`; one that is not there has its parent's status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from hangtag import troubles
from hangtag.errors import (
    AccessError,
    BusyError,
    ConflictError,
    CrowdedError,
    FailedError,
    FormatError,
    HangtagError,
    MachineError,
    MissingError,
    RunError,
    SourceError,
    TooLargeError,
    UnknownNameError,
    UsageError,
)

TYPE = "application/problem+json"
STATUS: dict[type[HangtagError], int] = {
    AccessError: 403,
    UnknownNameError: 404,
    SourceError: 404,
    ConflictError: 409,
    RunError: 409,
    TooLargeError: 413,
    FormatError: 422,
    UsageError: 422,
    CrowdedError: 503,
    BusyError: 503,
    MachineError: 503,
    MissingError: 503,
    FailedError: 503,
}
RETRY = {429: 1, 503: 2}
"""Seconds after which the same may be tried again, by status."""


class RefusedError(HangtagError):
    """An answer with a status that no error of the command line has, such as 401 or 415."""

    def __init__(
        self, status: int, message: str, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint)
        self.status, self.headers = status, dict(headers or {})


def status_of(error: HangtagError) -> int:
    """The status of an error: its own, or that of the nearest of its parents that has one."""
    if isinstance(error, RefusedError):
        return error.status
    return next((STATUS[one] for one in type(error).__mro__ if one in STATUS), 500)


def named(error: BaseException) -> HangtagError:
    """An error of ours, whatever was raised; a trouble of the machine has its sentence."""
    if isinstance(error, HangtagError):
        return error
    known = troubles.named(error)
    # What nobody foresaw is our mistake: where it happened is kept here, never sent out.
    return known or RefusedError(
        500, "Hangtag made a mistake", "its log says where; please send it"
    )


def problem(error: HangtagError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to an error."""
    status = status_of(error)
    said: dict[str, Any] = {
        "type": f"urn:hangtag:{type(error).__name__}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "hint": error.hint,
    }
    headers = {"content-type": TYPE, "cache-control": "no-store"}
    if status in RETRY:
        headers["retry-after"] = str(RETRY[status])
    headers |= getattr(error, "headers", {})
    return status, headers, json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")

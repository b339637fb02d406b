"""A request as a table of the guide: its flags, its keywords, what each means."""

from __future__ import annotations

from dataclasses import MISSING

from hangtag.requests.base import Described, Request, options_of
from hangtag.requests.values import TRUTH


def table(request: type[Request]) -> str:
    """The options of a request in Markdown."""
    rows = [_row(one) for one in options_of(request).values()]
    return "\n".join(("| option | in Python | meaning |", "|---|---|---|", *rows))


def _row(one: Described) -> str:
    flag = one.flags[0].replace("/", "`, `")
    value = "" if one.kind is TRUTH else f" {one.kind.metavar or one.type.__name__.upper()}"
    keyword = one.name if one.default is MISSING else f"{one.name}={one.default!r}"
    return f"| `{flag}{value}` | `{keyword}` | {one.sentence.replace('|', '∣')} |"

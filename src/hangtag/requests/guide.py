"""A request as a table of the guide; ``python -m hangtag.requests.guide PAGE…`` renews the pages.

In a page a table stands between ``<!-- options of explore -->`` and ``<!-- end of options -->``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import MISSING
from pathlib import Path

from hangtag import requests
from hangtag.requests.base import Described, Request, options_of
from hangtag.requests.values import TRUTH

TABLE = re.compile(r"(<!-- options of (\w+) -->\n).*?(<!-- end of options -->)", re.DOTALL)


def renewed(page: str) -> str:
    """A page of the guide with its tables as the requests are now."""
    return TABLE.sub(lambda found: f"{found[1]}{table(_named(found[2]))}\n{found[3]}", page)


def table(request: type[Request]) -> str:
    """The options of a request in Markdown."""
    rows = [_row(one) for one in options_of(request).values()]
    return "\n".join(("| option | in Python | meaning |", "|---|---|---|", *rows))


def _named(name: str) -> type[Request]:
    found: type[Request] = getattr(
        requests, "LoadOptions" if name == "load" else f"{name[:1].upper()}{name[1:]}Request"
    )
    return found


def _row(one: Described) -> str:
    flag = one.flags[0]
    if one.kind is TRUTH:
        yes, _, no = flag.partition("/")
        flag = {True: no, False: yes}.get(one.default, f"{yes}`, `{no}")
    else:
        flag += f" {one.kind.metavar or METAVARS[one.type]}"
    keyword = one.name if one.default is MISSING else f"{one.name}={one.default!r}"
    return f"| `{flag}` | `{keyword}` | {one.sentence.replace('|', '∣')} |"


METAVARS = {int: "N", float: "X", str: "TEXT", Path: "PATH"}


def main(pages: Sequence[str]) -> None:
    """Renew the tables of these pages."""
    for page in map(Path, pages):
        page.write_text(renewed(page.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])

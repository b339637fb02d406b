"""``hangtag serve``: pages and an API on a catalog or a run, at this machine's own address."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hangtag.cli.asking import asks
from hangtag.cli.console import answered, next_step, note, say
from hangtag.requests import ServeRequest
from hangtag.serve import start

Served = Annotated[
    Path, typer.Argument(metavar="CATALOG|RUN", help="A catalog's file, or a run or bundle.")
]


@asks
def serve(place: Served, asked: ServeRequest) -> None:
    """Serve until it is told to end; what is being answered then is answered."""
    start.serve(place, asked, _tell)


def _tell(opened: start.Opened) -> None:
    if not answered(lambda: vars(opened)):
        say(f"open  {opened.url}")
        note("Ctrl-C ends it")
        next_step("open the link in a browser")
    sys.stdout.flush()

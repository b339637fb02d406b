"""``hangtag runs``: what was trained, what it is worth, and what is still to be done."""

from __future__ import annotations

from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks
from hangtag.cli.console import answered, next_step, say
from hangtag.requests import RunsRequest, command_line
from hangtag.rooms.report.results.plain import lines

FOLDER = typer.Argument(metavar="[FOLDER]", help="Where the runs lie (default: the runs folder).")


@asks
def runs(asked: RunsRequest, folder: Annotated[str | None, FOLDER] = None) -> None:
    """List runs."""
    found = hangtag.list_runs(folder, asked)
    if answered(found.to_dict):
        return
    for line in lines(found):
        say(line)
    tested = [one.place for one in found.rows if one.accuracy is not None]
    waiting = [one.place for one in found.rows if one.stage == "trained"]
    if len(tested) > 1 and len({one.data for one in found.rows}) == 1:
        next_step(command_line("compare", *tested[:2]))
    elif waiting or tested:
        next_step(command_line(*(("evaluate", waiting[0]) if waiting else ("report", tested[0]))))
    elif not found.of:
        next_step(command_line("train", "digits"))

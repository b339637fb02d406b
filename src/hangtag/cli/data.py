"""``hangtag data``: which known sets there are, and fetching one."""

from __future__ import annotations

from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks
from hangtag.cli.console import answered, bars, next_step, say
from hangtag.requests import command_line

data = typer.Typer(no_args_is_help=True)


@data.command("list")
@asks
def list_sets() -> None:
    """List the sets that have a name, and where each was found."""
    places = [(one, hangtag.find(one.name)) for one in hangtag.known_sets()]
    facts = [
        {
            **{key: getattr(one, key) for key in ("name", "about", "licence")},
            "place": None if place is None else str(place),
            "ways": list(one.ways),
        }
        for one, place in places
    ]
    if answered(lambda: {"sets": facts}):
        return
    for one, place in places:
        say(f"{one.name:<15} {one.about} ({one.licence})")
        say(f"{'':<15} {place or 'not here: ' + '; or '.join(one.ways)}")
    next_step(command_line("info", "fashion-mnist"))


@data.command("get")
@asks
def get(name: Annotated[str, typer.Argument(help="The set's name.")]) -> None:
    """Fetch a known set, unless it is here already."""
    with bars() as progress:
        place = hangtag.get(name, progress=progress)
    if not answered(lambda: {"name": name, "place": str(place)}):
        say(f"{name}  {place}")
        next_step(command_line("info", name))

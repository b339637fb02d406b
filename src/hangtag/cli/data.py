"""``hangtag data``: which known sets there are, and fetching one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.console import bars, next_step, say, say_json
from hangtag.cli.options import Json, Quiet

if TYPE_CHECKING:
    from hangtag.rooms.load import KnownSet

data = typer.Typer(no_args_is_help=True)


@data.command("list")
def list_sets(as_json: Json = False, quiet: Quiet = False) -> None:
    """List the sets that have a name, and where each was found."""
    import hangtag

    places = [(one, hangtag.find(one.name)) for one in hangtag.known_sets()]
    if as_json:
        say_json({"sets": [_facts(one, place) for one, place in places]})
        return
    for one, place in places:
        say(f"{one.name:<15} {one.about} ({one.licence})")
        say(f"{'':<15} {place or 'not here: ' + '; or '.join(one.ways)}")
    next_step("hangtag info fashion-mnist", quiet=quiet)


def _facts(known: KnownSet, place: Path | None) -> dict[str, Any]:
    return {
        "name": known.name,
        "about": known.about,
        "licence": known.licence,
        "place": None if place is None else str(place),
        "ways": list(known.ways),
    }


@data.command("get")
def get(
    name: Annotated[str, typer.Argument(help="The set's name.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fetch a known set, unless it is here already."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        place = hangtag.get(name, progress=progress)
    if as_json:
        say_json({"name": name, "place": str(place)})
        return
    say(f"{name}  {place}")
    next_step(f"hangtag info {name}", quiet=quiet)

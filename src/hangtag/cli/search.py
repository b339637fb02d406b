"""``hangtag search``: a catalog and an image or words in, the nearest items out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks
from hangtag.cli.catalog import Place
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.errors import OptionError
from hangtag.requests import SearchRequest, command_line
from hangtag.rooms.catalog import Found

Photo = Annotated[Path | None, typer.Argument(metavar="PHOTO", help="What to look for.")]


@asks
def search(
    place: Place,
    asked: SearchRequest,
    picture: Photo = None,
    measure: Annotated[
        str | None,
        typer.Option(
            "--measure", metavar="ATTRIBUTE", help="How good the search is, by its labels."
        ),
    ] = None,
) -> None:
    """Find items; nothing that is not close is shown unless --everything asks for it."""
    if measure is not None:
        _measure(place, measure, asked)
        return
    if picture is not None and not picture.is_file():
        raise OptionError(f"there is no image {picture}", "check the path")
    with bars() as progress:
        found = hangtag.search(place, asked, picture=picture, progress=progress)
    # By words alone an item may fit and not be found; by an image each that fits is.
    tell(place, found, None if asked.text else asked.where)


def tell(place: Path, found: Found, where: str | None = None) -> None:
    """Show what a search found; `where` is the condition that all were to fit."""
    if answered(lambda: found.facts):
        return
    if found.items:
        say_table(("item", "cosine", "tags", "title", ""), found.rows, left=(0, 2, 3, 4))
    else:
        say("nothing close" if found.held_back else _nothing(where))
    if found.held_back:
        note(f"{found.held_back} more are held back as not close; --everything shows them")
    if found.items:
        next_step(command_line("similar", place, found.items[0].external_id))


def _nothing(where: str | None) -> str:
    return "nothing found" if where is None else f"no item with an embedded image fits {where}"


def _measure(place: Path, attribute: str, asked: SearchRequest) -> None:
    k = asked.k if asked.k != SearchRequest().k else 10
    found = hangtag.measure_search(place, attribute=attribute, k=k)
    if answered(lambda: vars(found)):
        return
    say(f"precision@{found.k}  {found.precision:.4f}")
    say(f"mAP  {found.mean_average_precision:.4f}")
    say(f"recall {found.recall:.4f} of looking at every item")
    say(
        f"a question takes {found.milliseconds[0]:.1f} ms, one of a hundred more than "
        f"{found.milliseconds[1]:.1f}"
    )
    note(f"of {found.queries:,} items asked about, by '{attribute}'")

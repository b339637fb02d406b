"""``hangtag encoder``: networks for photographs, those that come with Hangtag and one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import hangtag
from hangtag.cli.asking import asks
from hangtag.cli.console import answered, next_step, say, say_table
from hangtag.requests import AddEncoderRequest, command_line

Name = Annotated[str, typer.Argument(metavar="NAME", help="The encoder.")]

encoder = typer.Typer(no_args_is_help=True)


@encoder.command("add")
@asks
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="The model.")],
    asked: AddEncoderRequest,
) -> None:
    """Take an ONNX file as an encoder, once it has been looked at and tried."""
    facts = hangtag.add_encoder(file, asked)
    _say(facts)
    next_step(command_line("linear", "photos/", features=f"encoder:{facts['name']}"))


@encoder.command("list")
@asks
def list_() -> None:
    """List the encoders, and whether they are installed."""
    list_encoders()


@encoder.command("info")
@asks
def info(name: Name) -> None:
    """Say what is known of an encoder."""
    _say(hangtag.encoder_facts(name))


@encoder.command("remove")
@asks
def remove(name: Name) -> None:
    """Remove one that was added; models that see it hold a copy of their own."""
    place = hangtag.remove_encoder(name)
    if not answered(lambda: {"removed": name, "place": str(place)}):
        say(f"{name} is removed; models that see it hold a copy of their own")


def list_encoders() -> None:
    """Print every encoder there is."""
    known = hangtag.encoders()
    if answered(lambda: {"encoders": known}):
        return
    rows = [
        (
            one["name"],
            one["width"],
            one["licence"],
            "yes" if one["installed"] else f"pip install 'hangtag[{one['extra']}]'",
            one["about"],
        )
        for one in known
    ]
    say_table(("encoder", "numbers", "licence", "installed", "what it is"), rows, left=(0, 2, 3, 4))
    next_step(command_line("embed", "photos/"))


def _say(facts: dict[str, Any]) -> None:
    if not answered(lambda: facts):
        say_table(("encoder", facts["name"]), [*facts.items()][1:], left=(0, 1))

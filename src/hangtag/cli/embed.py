"""``hangtag embed``: photographs in, a vector for each out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, say
from hangtag.cli.encoder import list_encoders
from hangtag.errors import OptionError
from hangtag.requests import EmbedRequest, Source, command_line


@asks
def embed(
    asked: EmbedRequest,
    source: Source | None = None,
    out: Annotated[Path | None, out_file("the vectors, labels and names (.npz)")] = None,
    list_them: Annotated[
        bool, typer.Option("--list", help="List the encoders, and whether they are installed.")
    ] = False,
) -> None:
    """Turn photographs into embeddings by a network that was trained elsewhere."""
    if list_them or source is None:
        _list(wanted=list_them)
        return
    with bars() as progress:
        found = hangtag.embed(source, asked, progress=progress)
        if out is not None:
            hangtag.write_embeddings(found, out)
    facts = found.facts | {"source": source.place, "out": None if out is None else str(out)}
    if answered(lambda: facts):
        return
    say(f"{found.facts['images']:,} images, {found.facts['width']:,} numbers each")
    say(f"encoder  {found.encoder} {found.digest[:12]}, {found.frame}")
    if out is not None:
        say(f"vectors  {out}")
    else:
        next_step(command_line("embed", source, asked, out="embeddings.npz"))


def _list(*, wanted: bool) -> None:
    if not wanted:
        raise OptionError("embed needs a source", "hangtag embed photos/, or hangtag embed --list")
    list_encoders()

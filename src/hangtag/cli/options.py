"""Options that mean the same in every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hangtag import targets


def _file(out: Path | None) -> Path | None:
    """Refuse at once what would be refused after an hour of work."""
    if out is not None:
        targets.check_file(out)
    return out


def _folder(out: Path | None) -> Path | None:
    if out is not None:
        targets.check_folder(out)
    return out


Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no advice.")]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Seed of all that is random (default: HANGTAG_SEED or 0)."),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, help="Use only N images of each part, spread evenly, and say so."
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option("--out", help="File to write the result to.", callback=_file),
]
MethodOptions = Annotated[
    str,
    typer.Option(
        "--options", help="The method's own, such as 'perplexity=20;iterations=800' (see guide)."
    ),
]
FOLDER = typer.Option("--out", help="Folder to write the result to.", callback=_folder)
OutFolder = Annotated[Path | None, FOLDER]
RunPlace = Annotated[
    str, typer.Argument(metavar="RUN", help="A run: its folder, its name, or 'latest'.")
]

"""Options that mean the same in every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
Out = Annotated[Path | None, typer.Option("--out", help="Where to write the result.")]
RunPlace = Annotated[
    str, typer.Argument(metavar="RUN", help="A run: its folder, its name, or 'latest'.")
]

"""``hangtag export``: a run in, a file out that other programs open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import RunPlace, asks, out_file
from hangtag.cli.console import answered, say
from hangtag.requests import ExportRequest


@asks
def export(
    asked: ExportRequest,
    run: RunPlace = "latest",
    out: Annotated[Path | None, out_file("the model (default: its id, in this folder)")] = None,
) -> None:
    """Write a model as a file that other programs open; classes and threshold are inside it."""
    found = hangtag.export(run, asked, out=out)
    if not answered(found.to_dict):
        say(f"model    {found.path}  ({found.size / 1e6:.1f} MB)")
        say(f"checked  probabilities differ by {found.difference:.1g} at most, on random images")
        say("to open it from Python:")
        for line in found.opening:
            say(f"  {line}")

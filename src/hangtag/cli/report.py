"""``hangtag report``: an evaluated run in, one offline HTML file out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import RunPlace, asks, out_file
from hangtag.cli.console import answered, bars, next_step, say


@asks
def report(
    run: RunPlace = "latest",
    out: Annotated[Path | None, out_file("the report (HTML; default: into the run)")] = None,
) -> None:
    """Write the report, and say where it is."""
    with bars() as progress:
        path = hangtag.report(run, out=out, progress=progress)
    size = path.stat().st_size
    if not answered(lambda: {"report": str(path), "bytes": size}):
        say(f"report  {path}  ({size / 1e6:.1f} MB)")
        next_step(f"open {path} in a browser")

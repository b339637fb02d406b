"""``hangtag report``: an evaluated run in, one offline HTML file out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import Purpose, RunPlace, asks, handed_in, out_file
from hangtag.cli.console import answered, bars, next_step, say


@asks
def report(
    run: RunPlace = "latest",
    out: Annotated[Path | None, out_file("the report (HTML; default: into the run)")] = None,
    purpose: Purpose = None,
) -> None:
    """Write the report, and say where it is."""
    with bars() as progress:
        path = hangtag.report(run, out=out, purpose=purpose, progress=progress)
    size = path.stat().st_size
    more = handed_in(path, purpose)
    if not answered(lambda: {"report": str(path), "bytes": size, **more}):
        say(f"report  {path}  ({size / 1e6:.1f} MB)")
        for what, where in more.items():
            say(f"{what}  {where}")
        next_step(f"open {path} in a browser")

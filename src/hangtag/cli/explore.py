"""``hangtag explore``: a source in; its classes, pixels and how many components hold it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, say
from hangtag.requests import ExploreRequest, Source, command_line
from hangtag.rooms.report.results.explore import lines


@asks
def explore(
    source: Source,
    asked: ExploreRequest,
    out: Annotated[Path | None, out_file("a page with charts and images (HTML)")] = None,
) -> None:
    """Look at a set, and say what is in it."""
    with bars() as progress:
        images = hangtag.load(source, limit=asked.limit, progress=progress)
        summary = hangtag.explore(images, asked, progress=progress)
        if out is not None:
            hangtag.explore_page(images, summary, out)
    if answered(lambda: {"source": source.place, **summary.to_dict()}):
        return
    for line in lines(summary):
        say(line)
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser")
    next_step(command_line("audit", source, limit=asked.limit))

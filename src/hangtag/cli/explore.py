"""``hangtag explore``: a source in; its classes, pixels and how many components hold it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, say, say_table
from hangtag.requests import ExploreRequest, Source, command_line

if TYPE_CHECKING:
    from hangtag.records import Summary


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
    _tell(summary)
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser")
    next_step(command_line("audit", source, limit=asked.limit))


def _tell(summary: Summary) -> None:
    counts, names = summary.classes.counts, summary.classes.class_names
    rows = [(name, *(each[row] for each in counts.values())) for row, name in enumerate(names)]
    say_table(("class", *counts), [*rows, ("all", *(each.sum() for each in counts.values()))])
    say()
    for part, pixels in summary.ranges.items():
        low, high = pixels.after
        say(
            f"{part:<12} pixels {pixels.before[0]} to {pixels.before[1]},"
            f" scaled {low:.3f} to {high:.3f}, mean {pixels.mean:.4f},"
            f" deviation {pixels.deviation:.4f}"
        )
    curve = summary.variance
    if curve is not None:
        held = ", ".join(f"{needed} hold {share:.0%}" for share, needed in curve.marks.items())
        say(f"{'components':<12} {held}")
        say(f"{'recommended':<12} {curve.reason}")
    for note in summary.notes:
        say(note)

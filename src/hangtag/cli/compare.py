"""``hangtag compare``: evaluated runs in; one table, paired tests and disagreements out."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.records import RunComparison
from hangtag.requests import CompareRequest, command_line
from hangtag.rooms.report.results.plain import lines

RUNS = typer.Argument(metavar="RUN RUN…", help="Runs: folders, names, or 'latest'.")


@asks
def compare(
    asked: CompareRequest,
    runs: Annotated[list[str], RUNS],
    out: Annotated[Path | None, out_file("a page with what they disagree on (HTML)")] = None,
) -> None:
    """Compare, and say what is chance and what is not."""
    with bars() as progress:
        found = hangtag.compare(runs, asked, out=out, progress=progress)
    if answered(found.to_dict):
        return
    for line in lines(found):
        say(line)
    _tell_disagreements(found)
    for caution in found.cautions:
        note(f"caution: {caution}")
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser")
    else:
        next_step(command_line("compare", *runs, asked, out="compare.html"))


def _tell_disagreements(found: RunComparison) -> None:
    names = found.comparison.class_names
    for way in chain(*found.ways()):
        say(f"\nonly {way.right} is right, {way.wrong} is wrong: {way.total} images")
        for image in way.images:
            label, answer = names[image.label], names[way.wrongly(image)]
            say(f"  image {image.index}: {label}, called {answer} by {way.wrong}")

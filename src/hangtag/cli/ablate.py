"""``hangtag ablate``: a base and changes in; one table with intervals and one figure out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.estimators.provenance import folder_for
from hangtag.records import Ablation
from hangtag.requests import AblateRequest, Source
from hangtag.rooms.report.results.plain import lines
from hangtag.workbench.ablate import PAGE


@asks
def ablate(
    source: Source,
    asked: AblateRequest,
    out: Annotated[Path | None, out_folder("table, figures and page")] = None,
) -> None:
    """Train them all, and say what each change is worth."""
    place = folder_for(out, f"ablate-{asked.network}")
    with bars() as progress:
        found = hangtag.ablate(source, asked, out=place, progress=progress)
    if not answered(lambda: {"folder": str(place), **found.to_dict()}):
        _tell(found, place)


def _tell(found: Ablation, place: Path) -> None:
    for line in lines(found):
        say(line)
    say(f"folder  {place}")
    if "test" in found.measured:
        note("caution: these are test scores; choose nothing by them")
    next_step(f"open {place / PAGE} in a browser")

"""``hangtag ablate``: a base and changes in; one table with intervals and one figure out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import asks, out_folder
from hangtag.cli.console import answered, bars, next_step, note, say, say_table
from hangtag.estimators.provenance import folder_for
from hangtag.records import Ablation
from hangtag.requests import AblateRequest, Source


@asks
def ablate(
    source: Source,
    asked: AblateRequest,
    out: Annotated[Path | None, out_folder("the table and the figure")] = None,
) -> None:
    """Train them all, and say what each change is worth."""
    place = folder_for(out, f"ablate-{asked.network}")
    with bars() as progress:
        found = hangtag.ablate(source, asked, out=place, progress=progress)
    if not answered(lambda: {"folder": str(place), **found.to_dict()}):
        _tell(found, place)


def _tell(found: Ablation, place: Path) -> None:
    heads = ("variant", found.measured, "against base", "p", "parameters", "epochs", "seconds")
    rows = [
        (
            one.name,
            one.mean,
            "" if one.difference is None else f"{one.difference:+.4f}",
            "" if one.p_value is None else f"{one.p_value:.4f}",
            f"{one.parameters:,}",
            ",".join(dict.fromkeys(str(len(history)) for history in one.histories)),
            f"{one.seconds:.1f}",
        )
        for one in found.variants
    ]
    say_table(heads, rows, left=(0, 1, 2))
    seeds = len(found.variants[0].seeds)
    say(
        f"{seeds} seeds; intervals over seeds and images"
        if seeds > 1
        else "one seed; interval over images"
    )
    say(f"folder  {place}")
    if "test" in found.measured:
        note("caution: these are test scores; choose nothing by them")
    next_step(f"open {place / 'ablation.svg'} in a browser")

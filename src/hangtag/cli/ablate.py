"""``hangtag ablate``: a base and changes in; one table with intervals and one figure out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.changes import changes_from
from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.options import Json, Limit, OutFolder, Quiet
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Ablation, Source, Variant

CHANGE_HELP = (
    "A change, 'NAME: dropout=0.5;dense.units=64'; may be given again and again (default: study "
    "S3's early stopping, batch normalisation and dropout)."
)


@reads_source
def ablate(
    source: Source,
    network: Annotated[str, typer.Option(help="The base.")] = "s3-base",
    change: Annotated[list[str] | None, typer.Option(help=CHANGE_HELP)] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many trainings of each, from seed 0.")] = 3,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of every training.")] = None,
    split: Annotated[str | None, typer.Option(help="How to divide, such as last:10000.")] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Score on test images; nothing may be chosen by that.")
    ] = False,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a base and changes to it over seeds, and say what each change is worth."""
    import hangtag
    from hangtag.estimators.provenance import folder_for

    place = folder_for(out, f"ablate-{network}")
    with bars(quiet=quiet or as_json) as progress:
        found = hangtag.ablate(
            source,
            network=network,
            changes=dict(_read(one) for one in change) if change else None,
            seeds=seeds,
            epochs=epochs,
            split=split,
            test=test,
            out=place,
            limit=limit,
            progress=progress,
        )
    if as_json:
        say_json({"folder": str(place), **found.to_dict()})
        return
    _tell(found, place, quiet=quiet)


def _read(text: str) -> tuple[str, dict[str, object]]:
    name, colon, rest = text.partition(":")
    training, network = changes_from(rest if colon else text)
    return (name if colon else text).strip(), {**training, **network}


def _tell(found: Ablation, place: Path, *, quiet: bool) -> None:
    width = max(len(one.name) for one in found.variants)
    say(
        f"{'variant':<{width}}  {found.measured:<24}  {'against base':<26}  {'p':>7}  "
        f"{'parameters':>10}  {'epochs':>6}  {'seconds':>7}"
    )
    for one in found.variants:
        say(f"{one.name:<{width}}  {_line(one)}")
    seeds = len(found.variants[0].seeds)
    say(
        f"{seeds} seeds; intervals over seeds and images"
        if seeds > 1
        else "one seed; interval over images"
    )
    say(f"folder  {place}")
    if "test" in found.measured:
        note("caution: these are test scores; choose nothing by them", quiet=quiet)
    next_step(f"open {place / 'ablation.svg'} in a browser", quiet=quiet)


def _line(one: Variant) -> str:
    gap = one.difference
    against = "" if gap is None else f"{gap:+.4f}"
    p_value = "" if one.p_value is None else f"{one.p_value:.4f}"
    epochs = ",".join(dict.fromkeys(str(len(history)) for history in one.histories))
    return (
        f"{one.mean!s:<24}  {against:<26}  {p_value:>7}  {one.parameters:>10,}  {epochs:>6}  "
        f"{one.seconds:>7.1f}"
    )

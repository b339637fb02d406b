"""``hangtag tag``: a model and pictures in, ``tags.csv`` out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.options import Json, OutFile, Quiet


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tag")(tag)


def tag(
    bundle: Annotated[
        Path, typer.Argument(help="A model bundle, or the run that has it (or 'latest').")
    ],
    folder: Annotated[Path, typer.Argument(help="A folder of pictures, or one picture.")],
    out: OutFile = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Confidence below which the tag is 'unknown'."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Classes listed for each picture.")] = 3,
    limit: Annotated[int | None, typer.Option(min=1, help="Pictures at most.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tag every picture of a folder, in a stable order; a torn one becomes a row with an error."""
    import hangtag
    from hangtag.workbench.tag import as_csv

    model = hangtag.open_bundle(bundle)
    with bars(quiet=quiet or as_json) as progress:
        tags = hangtag.tag_folder(
            model, folder, threshold=threshold, top=top, limit=limit, out=out, progress=progress
        )
    if as_json:
        say_json({"model": model.model_id, "tags": [asdict(one) for one in tags]})
        return
    if out is None:
        say(as_csv(tags, top).rstrip("\n"))
    unread = sum(bool(one.error) for one in tags)
    labels = Counter(one.label for one in tags if not one.error)
    summary = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    unknown = labels.get("unknown", 0)
    note(f"{len(tags)} pictures: {summary or 'none tagged'}; {unread} unreadable", quiet=quiet)
    if unknown:
        used = model.threshold if threshold is None else threshold
        note(
            f"{unknown} are 'unknown': the model is less than {used:.2f} sure of them"
            " (--threshold 0 forces a tag)",
            quiet=quiet,
        )
    if out is not None:
        say(f"tags  {out}")
        next_step(f"open {out} in a spreadsheet", quiet=quiet)

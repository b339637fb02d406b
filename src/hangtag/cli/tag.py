"""``hangtag tag``: a model and pictures in, ``tags.csv`` out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.options import Json, OutFile, Quiet
from hangtag.cli.source import reads_source
from hangtag.cli.unknown import why_unknown
from hangtag.errors import FailedError

if TYPE_CHECKING:
    from hangtag.records import Source, Tag


@reads_source
def tag(
    bundle: Annotated[
        Path, typer.Argument(help="A model bundle, or the run that has it (or 'latest').")
    ],
    source: Source,
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
    """Tag every picture of a folder, archive or table; a torn one becomes a row with an error."""
    import hangtag
    from hangtag.records import Source
    from hangtag.workbench.tag import as_csv, read_as

    model = hangtag.open_bundle(bundle)
    source = Source(source.place, read_as(bundle).overridden(source.options))
    with bars(quiet=quiet or as_json) as progress:
        tags = hangtag.tag_folder(
            model, source, threshold=threshold, top=top, limit=limit, out=out, progress=progress
        )
    unread = sum(bool(one.error) for one in tags)
    used = model.threshold if threshold is None else threshold
    if as_json:
        listed = [asdict(one) for one in tags]
        say_json({"model": model.model_id, "threshold": used, "tags": listed})
    else:
        if out is None:
            say(as_csv(tags, top).rstrip("\n"))
        _tell(tags, used, quiet=quiet)
        if out is not None:
            say(f"tags  {out}")
    if unread == len(tags):
        raise FailedError(
            f"none of the {len(tags)} pictures could be read",
            f"the first, {tags[0].id}: {tags[0].error}",
        )
    if out is not None and not as_json:
        next_step(f"open {out} in a spreadsheet", quiet=quiet)


def _tell(tags: list[Tag], threshold: float | None, *, quiet: bool) -> None:
    unread = sum(bool(one.error) for one in tags)
    labels = Counter(one.label for one in tags if not one.error)
    summary = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    note(f"{len(tags)} pictures: {summary or 'none tagged'}; {unread} unreadable", quiet=quiet)
    if unknown := labels.get("unknown", 0):
        note(f"{unknown} are 'unknown': {why_unknown(threshold)}", quiet=quiet)
    if inverted := sum("inverted" in one.done for one in tags):
        note(
            f"{inverted} were inverted, to the background of the training pictures (see the"
            " column done)",
            quiet=quiet,
        )

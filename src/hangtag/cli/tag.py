"""``hangtag tag``: a model and images in, ``tags.csv`` out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, note, say
from hangtag.errors import FailedError
from hangtag.records import Tag
from hangtag.requests import Source, TagRequest
from hangtag.rooms.tag import as_csv, unknown_words
from hangtag.targets import is_page
from hangtag.workbench.tag import read_as

MODEL = typer.Argument(help="A model bundle, or the run that has it (or 'latest').")


@asks
def tag(
    bundle: Annotated[Path, MODEL],
    source: Source,
    asked: TagRequest,
    out: Annotated[
        Path | None, out_file("the tags: a table (CSV), or a page to correct them on (HTML)")
    ] = None,
) -> None:
    """Tag, and say how it went."""
    model = hangtag.open_bundle(bundle)
    source = Source(source.place, read_as(bundle).overridden(source.options))
    with bars() as progress:
        tags = hangtag.tag_folder(
            model,
            source,
            threshold=asked.threshold,
            top=asked.top,
            limit=asked.limit,
            show=asked.show,
            out=out,
            progress=progress,
        )
    unread = sum(bool(one.error) for one in tags)
    used = model.threshold if asked.threshold is None else asked.threshold
    facts = {"model": model.model_id, "threshold": used}
    if not answered(lambda: {**facts, "tags": [asdict(one) for one in tags]}):
        if out is None:
            say(as_csv(tags, asked.top).rstrip("\n"))
        _tell(tags, used)
        if out is not None:
            say(f"tags  {out}")
    if unread == len(tags):
        raise FailedError(
            f"none of the {len(tags)} images could be read",
            f"the first, {tags[0].id}: {tags[0].error}",
        )
    if out is not None:
        next_step(f"open {out} in a {'browser' if is_page(out) else 'spreadsheet'}")


def _tell(tags: list[Tag], threshold: float | None) -> None:
    unread = sum(bool(one.error) for one in tags)
    labels = Counter(one.label for one in tags if not one.error)
    summary = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    note(f"{len(tags)} images: {summary or 'none tagged'}; {unread} unreadable")
    note(*unknown_words(tags, threshold))
    if inverted := sum("inverted" in one.done for one in tags):
        note(
            f"{inverted} were inverted, to the background of the training images (see the"
            " column done)",
        )

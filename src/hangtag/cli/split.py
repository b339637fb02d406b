"""``hangtag split``: a source and a recipe in; which images train, choose and test out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import hangtag
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, bars, next_step, note, say, say_counts
from hangtag.requests import Source, SplitRequest, command_line


@asks
def split(
    source: Source,
    asked: SplitRequest,
    out: Annotated[Path | None, out_file("the split (.npz to use it, .json to read it)")] = None,
) -> None:
    """Divide, and say how many of each class are where."""
    with bars() as progress:
        images = hangtag.load(source, limit=asked.limit, progress=progress)
    split = hangtag.split(images, asked.recipe, seed=asked.seed)
    counts = hangtag.split_counts(images, split)
    written = None if out is None else hangtag.save_split(split, out)
    facts = {name: getattr(split, name) for name in ("recipe", "seed", "fingerprint")}
    file = None if written is None else str(written)
    if answered(lambda: {"source": source.place, **facts, "per_class": counts, "file": file}):
        return
    say_counts(counts)
    seeded = "" if split.seed is None else f", seed {split.seed}"
    say(f"split  {split.recipe}{seeded}")
    for one in split.notes:
        note(one if one.startswith(("caution", "groups")) else f"caution: {one}")
    if empty := [part for part, numbers in counts.items() if not sum(numbers.values())]:
        note(f"caution: no images for {' and '.join(empty)}")
    if written is None:
        next_step(command_line("split", source, asked, out="split.npz"))
        return
    say(f"file   {written}")
    if written.suffix == ".npz":
        next_step(command_line("train", source, split=f"saved:{written}", limit=asked.limit))

"""``hangtag split``: a source and a recipe in; which images train, choose and test out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, command, next_step, note, say, say_counts, say_json
from hangtag.cli.options import Json, Limit, OutFile, Quiet, Seed
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Source


@reads_source
def split(
    source: Source,
    recipe: Annotated[
        str, typer.Option(help="How to divide, such as last:12000 or stratified:0.2.")
    ] = "auto",
    seed: Seed = None,
    limit: Limit = None,
    out: OutFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Divide pictures into training, validation and test; --out FILE.npz keeps the division."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(
            source,
            limit=limit,
            progress=progress,
        )
    division = hangtag.split(images, recipe, seed=seed)
    counts = hangtag.split_counts(images, division)
    written = None if out is None else hangtag.save_split(division, out)
    if as_json:
        facts = {name: getattr(division, name) for name in ("recipe", "seed", "fingerprint")}
        place = None if written is None else str(written)
        say_json({"source": source.place, **facts, "per_class": counts, "file": place})
        return
    say_counts(counts)
    seeded = "" if division.seed is None else f", seed {division.seed}"
    say(f"split  {division.recipe}{seeded}")
    empty = [part for part, numbers in counts.items() if not sum(numbers.values())]
    for one in division.notes:
        note(f"caution: {one}", quiet=quiet)
    if empty:
        note(f"caution: no images for {' and '.join(empty)}", quiet=quiet)
    if written is None:
        asked = (("--recipe", recipe), ("--seed", seed), ("--limit", limit))
        next_step(command("split", source, *asked, "--out", "split.npz"), quiet=quiet)
        return
    say(f"file   {written}")
    if written.suffix == ".npz":
        step = command("train", source, "--split", f"saved:{written}", ("--limit", limit))
        next_step(step, quiet=quiet)

"""``hangtag explore``: a source in; its classes, pixels and how many components hold it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli.console import bars, command, next_step, say, say_json
from hangtag.cli.options import Json, Limit, OutFile, Quiet, Seed
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import ClassTable, Source, Summary


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explore")(reads_source(explore))


def explore(
    source: Source,
    split: Annotated[
        str | None, typer.Option(help="Divide first, such as last:10000 (default: as it comes).")
    ] = None,
    per_class: Annotated[int, typer.Option(min=1, help="Samples shown of each class.")] = 3,
    seed: Seed = None,
    limit: Limit = None,
    out: OutFile = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look at a set: classes, pixel range, samples, components; --out FILE.html shows pictures."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, limit=limit, progress=progress)
        division = None if split is None else hangtag.split(images, split, seed=seed)
        summary = hangtag.explore(
            images, split=division, per_class=per_class, seed=seed, progress=progress
        )
        if out is not None:
            hangtag.explore_page(images, summary, out)
    if as_json:
        say_json({"source": source.place, **summary.to_dict()})
        return
    _tell(summary)
    audit = command("audit", source, ("--limit", limit))
    if out is not None:
        say(f"page  {out}")
        next_step(f"open {out} in a browser", audit, quiet=quiet)
    else:
        next_step(audit, quiet=quiet)


def _tell(summary: Summary) -> None:
    _tell_classes(summary.classes)
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


def _tell_classes(table: ClassTable) -> None:
    width = max(len(name) for name in (*table.class_names, "class"))
    columns = [max(len(part), 7) for part in table.counts]
    heads = "  ".join(f"{part:>{size}}" for part, size in zip(table.counts, columns, strict=True))
    say(f"{'class':<{width}}  {heads}")
    for row, name in enumerate(table.class_names):
        say(
            f"{name:<{width}}  {_cells([counts[row] for counts in table.counts.values()], columns)}"
        )
    say(f"{'all':<{width}}  {_cells([counts.sum() for counts in table.counts.values()], columns)}")


def _cells(counts: list[int], columns: list[int]) -> str:
    return "  ".join(f"{int(count):>{size}}" for count, size in zip(counts, columns, strict=True))

"""``hangtag forest``: a source and a grid in, the best forest out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.console import bars, next_step, note, say, say_json
from hangtag.cli.numbers import axes, numbers
from hangtag.cli.options import Json, Limit, Out, Quiet, Seed, Source

if TYPE_CHECKING:
    from hangtag.records import CellScores, Evaluation
    from hangtag.workbench.forest import GrownForest


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("forest")(forest)


def forest(
    source: Source,
    n_estimators: Annotated[
        str, typer.Option(help="Trees: 100, or 50,100,200, or 50..750/50.")
    ] = "50,100,200",
    max_depth: Annotated[str, typer.Option(help="Depths, likewise.")] = "5,10,20,40",
    kind: Annotated[str, typer.Option(help="random-forest or extra-trees.")] = "random-forest",
    pca: Annotated[
        str, typer.Option(help="Axes the trees see: a number, a share such as 0.95, or none.")
    ] = "none",
    split: Annotated[str, typer.Option(help="How to divide, such as stratified:0.2.")] = "auto",
    depths: Annotated[
        str, typer.Option(help="grown (exact), or cut from the deepest trees (quicker).")
    ] = "grown",
    test: Annotated[
        bool, typer.Option("--test", help="Open the test split for the chosen forest.")
    ] = False,
    cache: Annotated[bool, typer.Option(help="Reuse a grid computed before.")] = True,
    onnx: Annotated[bool, typer.Option(help="Export to ONNX as well, with --out.")] = True,
    seed: Seed = None,
    limit: Limit = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Try forests of many sizes and depths, and keep the best one."""
    import hangtag

    sizes, limits = numbers(n_estimators, "--n-estimators"), numbers(max_depth, "--max-depth")
    chosen_axes = axes(pca)
    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, limit=limit, progress=progress)
        found = hangtag.forest(
            images,
            n_estimators=sizes,
            max_depths=limits,
            kind=kind,
            pca=chosen_axes,
            split=split,
            depths=depths,
            cached=cache,
            seed=seed,
            progress=progress,
        )
        tested = hangtag.evaluate_forest(found) if test else None
        files = [] if out is None else hangtag.write_forest(found, out, onnx=onnx)
    if as_json:
        say_json(_facts(source, found, tested, files))
        return
    _tell(found, tested)
    if out is not None:
        say(f"files    {out}: {', '.join(sorted(one.name for one in files))}")
    for one in found.grid.notes:
        note(f"note: {one}", quiet=quiet)
    if tested is None:
        note("validation scores flatter a choice made by them: --test has the rest", quiet=quiet)
    if out is None:
        next_step(f"hangtag forest {source} --out forest", quiet=quiet)


def _facts(
    source: str, found: GrownForest, tested: Evaluation | None, files: list[Path]
) -> dict[str, Any]:
    return {
        "source": source,
        "split": found.split.recipe,
        "model": found.forest.model_id,
        **found.grid.to_dict(),
        "test": None if tested is None else tested.to_dict(),
        "files": [str(one) for one in files],
    }


def _tell(found: GrownForest, tested: Evaluation | None) -> None:
    grid = found.grid
    say(f"validation accuracy of {grid.kind} by depth (down) and trees (across)")
    say(" " * 6 + "".join(f"{size:>9}" for size in grid.n_estimators))
    for depth in grid.max_depths:
        cells = [grid.cell(size, depth) for size in grid.n_estimators]
        marks = "".join(
            f"{cell.validation.accuracy:8.4f}{' ' if cell.grown else '~'}" for cell in cells
        )
        say(f"{depth:>5} {marks}")
    if not all(cell.grown for cell in grid.cells):
        say("~ cut from deeper trees")
    read = "read from the cache" if grid.cached else f"{grid.seconds:.1f} s"
    say(f"trees    {grid.trees_grown} grown where {grid.trees_asked} were asked for, {read}")
    best = grid.best_cell
    say(f"best     {best.n_estimators} trees of depth {best.max_depth}, by validation accuracy")
    say(f"{'':<12} accuracy  precision    recall        f1")
    _tell_scores("training", best.training)
    _tell_scores("validation", best.validation)
    if tested is not None:
        average = next(one for one in tested.averages if one.name.startswith("weighted"))
        row = (tested.scores["accuracy"].value, average.precision, average.recall, average.f1)
        say(f"{'test':<12} " + "  ".join(f"{value:8.4f}" for value in row))
        say(f"test accuracy {tested.scores['accuracy']}")


def _tell_scores(name: str, scores: CellScores) -> None:
    row = (scores.accuracy, scores.precision, scores.recall, scores.f1)
    say(f"{name:<12} " + "  ".join(f"{value:8.4f}" for value in row))

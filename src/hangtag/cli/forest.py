"""``hangtag forest``: a source and a grid in, a run with the best forest out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hangtag.cli import chosen
from hangtag.cli.console import bars, say, say_json
from hangtag.cli.numbers import axes, features, numbers
from hangtag.cli.options import Json, Limit, OutFolder, Quiet, Seed
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Candidates, Evaluation, Scores, Source


@reads_source
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
    criterion: Annotated[
        str, typer.Option(help="What a question is judged by: gini, entropy or log_loss.")
    ] = "gini",
    max_features: Annotated[
        str, typer.Option(help="Coordinates looked at a question: sqrt, log2, 30, 0.5, or none.")
    ] = "sqrt",
    min_samples_leaf: Annotated[int, typer.Option(min=1, help="Images a leaf has at least.")] = 1,
    test: Annotated[
        bool, typer.Option("--test", help="Open the test split for the chosen forest.")
    ] = False,
    cache: Annotated[bool, typer.Option(help="Reuse a grid computed before.")] = True,
    seed: Seed = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Try forests of many sizes and depths, and keep the best one as a run."""
    import hangtag

    sizes, limits = numbers(n_estimators, "--n-estimators"), numbers(max_depth, "--max-depth")
    chosen_axes, looked_at = axes(pca), features(max_features)
    with bars(quiet=quiet or as_json) as progress:
        run = hangtag.train(
            source,
            model="forest",
            n_estimators=sizes,
            max_depths=limits,
            kind=kind,
            pca=chosen_axes,
            split=split,
            depths=depths,
            criterion=criterion,
            max_features=looked_at,
            min_samples_leaf=min_samples_leaf,
            cached=cache,
            seed=seed,
            limit=limit,
            out=out,
            progress=progress,
        )
        tested = hangtag.evaluate(run.folder, progress=progress) if test else None
    grid = run.candidates()
    if as_json:
        say_json(chosen.facts(run, grid, tested))
        return
    _tell(grid, tested)
    say(f"run      {run.folder}")
    chosen.close(run, grid.notes, tested=test, quiet=quiet)


def _tell(grid: Candidates, tested: Evaluation | None) -> None:
    sizes = grid.values("n_estimators")
    say(f"validation accuracy of {grid.name} by depth (down) and trees (across)")
    say(" " * 6 + "".join(f"{size:>9}" for size in sizes))
    for depth in grid.values("max_depth"):
        cells = [grid.row(n_estimators=size, max_depth=depth) for size in sizes]
        marks = "".join(
            f"{cell.validation.accuracy:8.4f}{' ' if cell['grown'] else '~'}" for cell in cells
        )
        say(f"{depth:>5} {marks}")
    if not all(cell["grown"] for cell in grid.rows):
        say("~ cut from deeper trees")
    read = "read from the cache" if grid.facts["cached"] else f"{grid.seconds:.1f} s"
    grown, asked = grid.facts["trees_grown"], grid.facts["trees_asked"]
    say(f"trees    {grown} grown where {asked} were asked for, {read}")
    best = grid.chosen
    size, depth = best["n_estimators"], best["max_depth"]
    say(f"best     {size} trees of depth {depth}, by validation accuracy")
    say(f"{'':<12} accuracy  precision    recall        f1")
    _tell_scores("training", best.training)
    _tell_scores("validation", best.validation)
    if tested is not None:
        average = next(one for one in tested.averages if one.name.startswith("weighted"))
        row = (tested.scores["accuracy"].value, average.precision, average.recall, average.f1)
        say(f"{'test':<12} " + "  ".join(f"{value:8.4f}" for value in row))
        say(f"test accuracy {tested.scores['accuracy']}")


def _tell_scores(name: str, scores: Scores) -> None:
    row = (scores.accuracy, scores.precision, scores.recall, scores.f1)
    say(f"{name:<12} " + "  ".join(f"{value:8.4f}" for value in row))

"""``hangtag mixture``: a source in, a run with Gaussian components that answer with classes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli import chosen
from hangtag.cli.console import bars, say, say_json
from hangtag.cli.numbers import axes, numbers
from hangtag.cli.options import Json, Limit, OutFolder, Quiet, Seed
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Candidates, Evaluation, Source
    from hangtag.runs import Run


@reads_source
def mixture(
    source: Source,
    k: Annotated[
        str | None,
        typer.Option(
            "--k", help="Components: 40, or 10,20,40, or 10..60/10 (of each class: 1,2,4)."
        ),
    ] = None,
    covariance: Annotated[
        str, typer.Option(help="Their shape: full, tied, diagonal or spherical.")
    ] = "full",
    per_class: Annotated[
        bool, typer.Option("--per-class", help="A mixture of each class, and Bayes' rule.")
    ] = False,
    pca: Annotated[
        str, typer.Option(help="Axes they lie on: a number, a share such as 0.95, or none.")
    ] = "0.95",
    split: Annotated[str, typer.Option(help="How to divide, such as stratified:0.2.")] = "auto",
    smoothing: Annotated[
        float | None,
        typer.Option(help="Images added to each component, of all classes (default: 1)."),
    ] = None,
    regularisation: Annotated[
        float, typer.Option(help="Added to every variance, in squared grey levels.")
    ] = 100.0,
    n_init: Annotated[int, typer.Option(min=1, help="Starts per number.")] = 1,
    test: Annotated[
        bool, typer.Option("--test", help="Open the test split for the chosen mixture.")
    ] = False,
    seed: Seed = None,
    limit: Limit = None,
    out: OutFolder = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit Gaussian mixtures that answer with classes, and keep the best one as a run."""
    import hangtag

    wanted, chosen_axes = None if k is None else numbers(k, "--k"), axes(pca)
    with bars(quiet=quiet or as_json) as progress:
        run = hangtag.train(
            source,
            model="mixture",
            k=wanted,
            covariance=covariance,
            per_class=per_class,
            pca=chosen_axes,
            split=split,
            smoothing=smoothing,
            regularisation=regularisation,
            n_init=n_init,
            seed=seed,
            limit=limit,
            out=out,
            progress=progress,
        )
        tested = hangtag.evaluate(run.folder, progress=progress) if test else None
    tried = run.candidates()
    if as_json:
        say_json(chosen.facts(run, tried, tested))
        return
    _tell(run, tried, tested)
    chosen.close(run, tried.notes, tested=test, quiet=quiet)


def _tell(run: Run, tried: Candidates, tested: Evaluation | None) -> None:
    spec: Any = run.config.spec
    where = "pixels" if spec.axes is None else f"{spec.axes} axes"
    whose = "for each class" if spec.per_class else "of all classes together"
    say(f"mixtures of {spec.covariance} components {whose}, on {where}")
    heads = ("k", "components", "regularised", "training", "validation")
    say("  ".join(f"{one:>11}" for one in heads))
    for row in tried.rows:
        counts = (row["k"], row["components"], row["regularised"])
        shares = (f"{row.training.accuracy:.4f}", f"{row.validation.accuracy:.4f}")
        say("  ".join(f"{one:>11}" for one in (*counts, *shares)))
    say(
        f"chosen   k = {tried.chosen['k']}, by validation accuracy; fitted in {tried.seconds:.1f} s"
    )
    if tested is not None:
        say(f"test accuracy {tested.scores['accuracy']}")
    say(f"run      {run.folder}")

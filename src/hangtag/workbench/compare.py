"""Comparing: evaluated runs go in; one table, paired tests and disagreements come out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hangtag import atomic
from hangtag.errors import OptionError, RunError, UsageError
from hangtag.estimators import estimator_of
from hangtag.estimators.halves import five_by_two
from hangtag.progress import Progress, silent
from hangtag.records import ComparedRun, RunComparison, Score
from hangtag.requests import CompareRequest, takes
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import models as models_room
from hangtag.rooms import report as report_room
from hangtag.rooms.evaluate.cautions import of_several
from hangtag.runs import Run
from hangtag.workbench.data import images_of
from hangtag.workbench.opening import open_run
from hangtag.workbench.report import answers_of


@takes(CompareRequest)
def compare(
    places: Sequence[str | Path | Run],
    asked: CompareRequest,
    *,
    out: Path | None = None,
    progress: Progress = silent,
) -> RunComparison:
    """Put evaluated runs side by side that were tested on the same images.

    Args:
        places: Two or more runs, or their folders, names or ``latest``.
        asked: What is asked; its options can be given by keyword.
        out: An HTML page to write; None writes none.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is not evaluated yet, or its source has changed.
        UsageError: They were tested on other images, know other classes, or are one and the same.

    Example:
        >>> found = hangtag.compare(["top", "bottom"], exact=True)
        >>> found.comparison.differences[0].p_value
    """
    runs = _opened(places)
    answers = {name: run.predictions() for name, run in runs.items()}
    progress("compare", 0, 2, "testing")
    comparison = evaluate_room.compare(answers, exact=asked.exact)
    progress("compare", 1, 2, "timing")
    bundles = {name: models_room.open_bundle(run.bundle) for name, run in runs.items()}
    seconds = models_room.prediction_seconds(bundles)
    found = RunComparison(
        rows=tuple(
            _row(name, run, comparison.accuracies[name], seconds[name])
            for name, run in runs.items()
        ),
        comparison=comparison,
        disagreements=tuple(
            evaluate_room.disagreements(answers[one.first], answers[one.second], limit=asked.shown)
            for one in comparison.differences
        ),
        cautions=of_several(
            {name: len(run.evaluations) for name, run in runs.items()},
            [run.config.split for run in runs.values()],
            [run.config.limit for run in runs.values()],
        ),
    )
    if asked.repeats:
        found = replace(found, repeats=evaluate_room.over_seeds(found.rows, answers))
    if asked.five_by_two:
        images = images_of(next(iter(runs.values())), progress)
        found = replace(found, repeats=(*found.repeats, *five_by_two(runs, images, progress)))
    progress("compare", 2, 2)
    if out is not None:
        write_page(found, runs, out, progress=progress)
    return found


def write_page(
    found: RunComparison, runs: Mapping[str, Run], out: Path, *, progress: Progress = silent
) -> Path:
    """Write a comparison as one HTML page, with the images on which the runs disagree.

    Args:
        found: What to show.
        runs: The runs by the name each has in it.
        out: The file.
        progress: Told how far it is.

    Raises:
        RunError: The source has changed.
    """
    first = next(iter(runs.values()))
    images = images_of(first, progress)
    shared = answers_of(first, images)  # all were tested on the same images: they are kept once
    models = {
        name: replace(
            shared,
            title=name,
            evaluation=run.evaluation(),
            predictions=run.predictions(),
            history=estimator_of(run.config.spec).fitted(run).history,
        )
        for name, run in runs.items()
    }
    title = f"{len(found.rows)} runs on {images.name}"
    return atomic.write_text(out, report_room.comparison_page(found, title=title, models=models))


def _opened(places: Sequence[str | Path | Run]) -> dict[str, Run]:
    """The runs by the name each has in the table: its own, or its path where names meet."""
    if len(places) < 2:
        raise OptionError(
            f"compare needs at least two runs; got {len(places)}", "hangtag compare RUN RUN"
        )
    runs = [open_run(place) for place in places]
    folders = [run.folder.resolve() for run in runs]
    for run, folder in zip(runs, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"run {run.name} was given twice", "give each run once")
        if run.stage != "evaluated":
            raise RunError(
                f"run {run.name} is {run.stage} and has no answers on test images to compare",
                f"hangtag evaluate {shlex.quote(str(run.folder))}",
            )
    names = [run.name for run in runs]
    return {str(run.folder) if names.count(run.name) > 1 else run.name: run for run in runs}


def _row(name: str, run: Run, accuracy: Score, seconds: float) -> ComparedRun:
    left = estimator_of(run.config.spec).fitted(run)
    both = left.training is not None and left.validation is not None
    return ComparedRun(
        name=name,
        network=run.config.name,
        seed=run.config.options.seed,
        accuracy=accuracy,
        validation_accuracy=left.validation,
        parameters=left.parameters,
        epochs=0 if left.history is None else len(left.history),
        training_seconds=left.seconds,
        prediction_seconds=seconds,
        gap=(left.training or 0.0) - (left.validation or 0.0) if both else None,
        opened=len(run.evaluations),
    )

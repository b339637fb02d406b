"""Evaluation: a trained run goes in, the test split is opened once, its worth comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hangtag import runs
from hangtag.errors import RunError
from hangtag.estimators.answers import told_of
from hangtag.progress import Progress, silent
from hangtag.records import Evaluation, ImageSet, Predictions
from hangtag.rooms import audit as audit_room
from hangtag.rooms import evaluate as room
from hangtag.rooms import models as models_room
from hangtag.runs import Run
from hangtag.workbench import alone
from hangtag.workbench.data import images_of
from hangtag.workbench.opening import open_run


@alone.on_a_run
def evaluate(
    place: str | Path | Run = runs.LATEST,
    *,
    again: bool = False,
    images: ImageSet | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Open the test split, once, and say what the run's model is worth on it.

    A second call gives the kept result and the test split stays closed, unless `again` is asked
    for; the run remembers how often it was opened, and the report says so.

    Args:
        place: The run, or its folder, its name or ``latest``.
        again: Predict again.
        images: What the run was trained on, where it is loaded already.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is not trained yet, or has no test split.
    """
    run = open_run(place)
    run.check_trained()
    if run.stage == "diverged":
        raise RunError(f"run {run.name} diverged in training", "train with a smaller learning rate")
    if run.stage == "evaluated" and not again:
        return run.evaluation()
    return _open_test(run, images, progress)


def _open_test(run: Run, images: ImageSet | None, progress: Progress) -> Evaluation:
    where = run.split().test
    if not len(where):
        raise RunError(
            f"run {run.name} has no test split: its source is '{run.config.split}'",
            "train with a --split that keeps a test part",
        )
    images = images_of(run, progress, images)
    run.write_leaks(audit_room.seen_before(images, run.split(), progress=progress))
    bundle = models_room.open_bundle(run.bundle)
    progress("evaluate", 0, 1, f"{len(where)} test images")
    predictions, familiarity = told_of(bundle, images, where)
    least = bundle.familiarity
    strange = None if least is None or familiarity is None else familiarity < least
    evaluation = room.evaluate(
        predictions, split="test", strange=strange, **chosen_on_validation(run)
    )
    progress("evaluate", 1, 1)
    _keep(run, predictions, evaluation)
    return evaluation


def chosen_on_validation(run: Run) -> dict[str, Any]:
    """The options of ``evaluate`` that training settled on validation images."""
    facts = models_room.open_bundle(run.bundle).facts
    names = ("threshold", "threshold_precision", "threshold_level", "temperature")
    return {name: facts.get(name) for name in names}


def _keep(run: Run, predictions: Predictions, evaluation: Evaluation) -> None:
    run.write_predictions(predictions)
    run.write_evaluation(evaluation)
    scores = {name: vars(score) for name, score in evaluation.scores.items()}
    models_room.with_facts(run.bundle, {"metrics": {"test": scores}})
    run.tested()

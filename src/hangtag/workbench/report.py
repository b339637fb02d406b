"""Reporting: an evaluated run goes in, one offline HTML file comes out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, runs
from hangtag.estimators import estimator_of
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, ReportFacts, Split
from hangtag.rooms import models as models_room
from hangtag.rooms import report as room
from hangtag.runs import Run
from hangtag.workbench.cautions import Case, cautions
from hangtag.workbench.data import images_of
from hangtag.workbench.opening import open_run

SAMPLES = 10


def report(
    place: str | Path | Run = runs.LATEST, *, out: Path | None = None, progress: Progress = silent
) -> Path:
    """Write the run's report: one HTML file that needs no network.

    Args:
        place: The run, or its folder, its name or ``latest``.
        out: The file to write; None writes ``report.html`` into the run.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is not evaluated yet, or its source has changed.
    """
    run = open_run(place)
    run.evaluation()  # says how to make it when it is not there, before anything is loaded
    images = images_of(run, progress)
    progress("report", 0, 2, "gathering")
    facts = facts_of(run, images)
    progress("report", 1, 2, "drawing")
    path = atomic.write_text(out or run.report_path, room.report(facts))
    progress("report", 2, 2)
    return path


def learning_figures(run: Run, folder: Path) -> dict[str, Path]:
    """Write how a run learnt: one figure per curve, training beside validation.

    Returns:
        The files written, by name without ending: ``learning-loss`` and so on.
    """
    facts = ReportFacts(title=run.name, class_names=(), history=run.history())
    return _written(room.figures(facts), folder)


def evaluation_figures(run: Run, images: ImageSet, folder: Path) -> dict[str, Path]:
    """Write what an evaluated run is worth: confusion, mistakes, calibration, coverage.

    Returns:
        The files written, by name without ending.
    """
    return _written(room.figures(answers_of(run, images)), folder)


def answers_of(run: Run, images: ImageSet) -> ReportFacts:
    """What a run answered on its test pictures, without how it came to that."""
    predictions = run.predictions()
    return ReportFacts(
        title=run.name,
        class_names=images.class_names,
        evaluation=run.evaluation(),
        predictions=predictions,
        pictures=images.images[predictions.indices],
        ids=tuple(images.id_of(int(index)) for index in predictions.indices),
    )


def _written(files: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    return {
        name.rpartition(".")[0]: atomic.write_bytes(folder / name, data)
        for name, data in files.items()
    }


def facts_of(run: Run, images: ImageSet) -> ReportFacts:
    """Gather all that the report of a run shows.

    Args:
        run: An evaluated run.
        images: What it was trained on.
    """
    kind, split, predictions = estimator_of(run.config.spec), run.split(), run.predictions()
    case = Case(run, images, split, kind.fitted(run), run.evaluation())
    shown = kind.shown(run)
    shown["options"] |= {"split": run.config.split}
    sentences, looked_for = cautions(case)
    return ReportFacts(
        title=f"{run.config.name} on {images.name}",
        class_names=images.class_names,
        model=case.fitted.words,
        data=_data(run, images),
        counts=_counts(images, split),
        samples=_samples(images, split.train, run.config.seed),
        history=case.fitted.history,
        evaluation=case.evaluation,
        predictions=predictions,
        pictures=images.images[predictions.indices],
        ids=tuple(images.id_of(int(index)) for index in predictions.indices),
        reproduce=_reproduce(run),
        versions=run.config.versions,
        cautions=sentences,
        checks=looked_for,
        **shown,
    )


def _data(run: Run, images: ImageSet) -> dict[str, Any]:
    height, width, channels = images.shape
    facts = {
        "source": run.config.source,
        "format": images.format,
        "images": len(images),
        "parts": ", ".join(f"{len(where)} {name}" for name, where in images.parts.items()),
        "picture": f"{height} × {width}, {'grey' if channels == 1 else 'colour'}",
        "classes": images.n_classes,
        "pixel values": f"{images.images.min()} to {images.images.max()}",
    }
    if images.unreadable:
        facts["unreadable"] = f"{len(images.unreadable)} members left out"
    if images.notes:
        facts["notes"] = "; ".join(images.notes)
    return facts


def _counts(images: ImageSet, split: Split) -> dict[str, list[int]]:
    named = {"training": split.train, "validation": split.validation, "test": split.test}
    return {
        name: np.bincount(images.labels[where], minlength=images.n_classes).tolist()
        for name, where in named.items()
        if len(where)
    }


def _samples(images: ImageSet, train: NDArray[np.int64], seed: int) -> tuple[Any, ...]:
    """Random training images of every class, drawn with the run's seed."""
    draw = np.random.default_rng(seed)
    labels = images.labels[train]
    chosen = []
    for label in range(images.n_classes):
        where = train[labels == label]
        count = min(SAMPLES, len(where))
        chosen.append(images.images[np.sort(draw.choice(where, count, replace=False))])
    return tuple(chosen)


def _reproduce(run: Run) -> dict[str, Any]:
    config = run.config
    return {
        "command": config.command,
        "seed": config.options.seed,
        "run": run.name,
        "trained": config.created,
        "evaluated": ", ".join(run.evaluations),
        "data fingerprint": config.data["fingerprint"],
        "model": models_room.open_bundle(run.bundle).model_id,
    }

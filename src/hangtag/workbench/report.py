"""Reporting: an evaluated run goes in, one offline HTML file comes out."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from hangtag import atomic, runs
from hangtag.estimators import estimator_of
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, ReportFacts
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import report as room
from hangtag.rooms.evaluate.cautions import Case, cautions
from hangtag.rooms.report import gathered
from hangtag.runs import Run
from hangtag.workbench.data import images_of
from hangtag.workbench.opening import open_run


def report(
    place: str | Path | Run = runs.LATEST,
    *,
    out: Path | None = None,
    purpose: str | None = None,
    progress: Progress = silent,
) -> Path:
    """Write the run's report: one HTML file that needs no network.

    Args:
        place: The run, or its folder, its name or ``latest``.
        out: The file to write; None writes ``report.html`` into the run.
        purpose: ``assignment`` writes the same as a document (``.docx``) and as a notebook that
            runs (``.ipynb``), beside the page and by its name; the extra ``assignment`` has what
            writes them.
        progress: Told how far it is.

    Raises:
        RunError: There is no such run, it is not evaluated yet, or its source has changed.
        OptionError: There is no such purpose.
        MissingError: The extra is not installed.
    """
    room.check_purpose(purpose)
    run = open_run(place)
    run.evaluation()  # says how to make it when it is not there, before anything is loaded
    images = images_of(run, progress)
    progress("report", 0, 2, "gathering")
    facts = facts_of(run, images)
    progress("report", 1, 2, "drawing")
    path = atomic.write_text(out or run.report_path, room.report(facts))
    if purpose is not None:
        room.hand_in(facts, path, os.path.relpath(run.folder, path.parent))
    progress("report", 2, 2)
    return path


def learning_figures(run: Run, folder: Path) -> dict[str, Path]:
    """Write how a run learnt: one figure per curve, training beside validation.

    Returns:
        The files written, by name without ending: ``learning-loss`` and so on.
    """
    facts = ReportFacts(title=run.name, class_names=(), history=run.history())
    return _written(room.figures(facts), folder)


def evaluation_figures(
    run: Run, images: ImageSet, folder: Path, wanted: Collection[str] | None = None
) -> dict[str, Path]:
    """Write what an evaluated run is worth: confusion, mistakes, calibration, coverage, curves.

    Args:
        run: The run.
        images: What it was trained on.
        folder: Where to write.
        wanted: Names of the figures that are needed; None for all.

    Returns:
        The files written, by name without ending.
    """
    return _written(room.figures(answers_of(run, images), wanted), folder)


def answers_of(run: Run, images: ImageSet) -> ReportFacts:
    """What a run answered on its test images, without how it came to that."""
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
    fitted = kind.fitted(run)
    shown = kind.shown(run)
    shown["options"] |= {"split": run.config.split}
    sentences, looked_for = cautions(case_of(run, images))
    return ReportFacts(
        title=f"{run.config.name} on {images.name}",
        class_names=images.class_names,
        model=fitted.words,
        data=gathered.about(images, run.config.source),
        counts={
            part: list(counts.values())
            for part, counts in load_room.split_counts(images, split).items()
            if any(counts.values())
        },
        samples=gathered.samples(images, split.train, run.config.seed),
        history=fitted.history,
        evaluation=run.evaluation(),
        predictions=predictions,
        pictures=images.images[predictions.indices],
        ids=tuple(images.id_of(int(index)) for index in predictions.indices),
        reproduce=_reproduce(run),
        versions=run.config.versions,
        cautions=sentences,
        checks=looked_for,
        **shown,
    )


def case_of(run: Run, images: ImageSet) -> Case:
    """What the cautions of an evaluated run are looked for in."""
    fitted = estimator_of(run.config.spec).fitted(run)
    return Case(
        images,
        run.split(),
        run.evaluation(),
        **{name: getattr(fitted, name) for name in ("noun", "training", "validation", "history")},
        opened=len(run.evaluations),
        sealed=run.sealed,
        limit=run.config.limit,
        leaks=run.leaks(),
    )


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

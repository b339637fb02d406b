"""Comparing: evaluated runs go in; one table, paired tests and disagreements come out."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import OptionError, RunError, UsageError
from hangtag.estimators import estimator_of
from hangtag.progress import Progress, silent
from hangtag.records import (
    Classifier,
    ComparedRun,
    ImageSet,
    Predictions,
    RepeatedDifference,
    RunComparison,
    Score,
)
from hangtag.requests import CompareRequest, takes
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import models as models_room
from hangtag.rooms import report as report_room
from hangtag.rooms.report.figures.grids import grid
from hangtag.runs import Run
from hangtag.workbench.data import images_of
from hangtag.workbench.opening import open_run

ROUNDS = 3
ROUND_SECONDS = 0.02
MOST_PICTURES = 256


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
    answers = {name: _answers(run) for name, run in runs.items()}
    progress("compare", 0, 2, "testing")
    comparison = evaluate_room.compare(answers, exact=asked.exact)
    progress("compare", 1, 2, "timing")
    seconds = _prediction_seconds(runs)
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
        cautions=_cautions(runs),
    )
    if asked.repeats:
        found = replace(found, repeats=_repeats(found.rows, answers))
    if asked.five_by_two:
        found = replace(found, repeats=(*found.repeats, *_five_by_two(runs, progress)))
    progress("compare", 2, 2)
    if out is not None:
        write_page(found, next(iter(runs.values())), out, progress=progress)
    return found


def write_page(found: RunComparison, run: Run, out: Path, *, progress: Progress = silent) -> Path:
    """Write a comparison as one HTML page, with the pictures on which the runs disagree.

    Args:
        found: What to show.
        run: One of the runs, for the source of its pictures.
        out: The file.
        progress: Told how far it is.

    Raises:
        RunError: The source has changed.
    """
    images = images_of(run, progress)
    wanted = {one.index for pair in found.disagreements for way in pair for one in way}
    html = report_room.comparison_page(
        found,
        title=f"{len(found.rows)} runs on {images.name}",
        pictures={index: images.images[index] for index in wanted},
        ids={index: images.id_of(index) for index in wanted},
    )
    return atomic.write_text(out, html)


def disagreement_figure(
    found: RunComparison, images: ImageSet, number: int, names: Mapping[str, str]
) -> bytes:
    """Draw the pictures that one of two runs gets right and the other wrong, a row each way.

    Args:
        found: The comparison.
        images: The set its runs were tested on.
        number: Which of its differences.
        names: What each run is to be called.

    Returns:
        A PNG file: a row for each run and what only it gets right; over each picture its class,
        and what the other one answered.
    """
    one = found.comparison.differences[number]
    classes = found.comparison.class_names
    rows, heads = [], []
    for right, wrong, way in zip(
        (one.first, one.second), ("second", "first"), found.disagreements[number], strict=True
    ):
        heads.append(names[right])
        said = [(each, classes[each.label], classes[getattr(each, wrong)]) for each in way]
        rows.append([(images.images[each.index], f"{a}\nnot {b}") for each, a, b in said])
    return grid(rows, heads)


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


def _answers(run: Run) -> Predictions:
    return replace(run.predictions(), fingerprint=run.config.data["fingerprint"])


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


def _prediction_seconds(runs: Mapping[str, Run]) -> dict[str, float]:
    """Seconds a picture, medians of rounds in which the models take turns.

    The pictures are noise: what a network computes does not depend on what it sees, and what a
    forest does only little.
    """
    bundles = {name: models_room.open_bundle(run.bundle) for name, run in runs.items()}
    pictures = {name: _enough_pictures(one) for name, one in bundles.items()}
    taken: dict[str, list[float]] = {name: [] for name in bundles}
    for _ in range(ROUNDS):
        for name, one in bundles.items():
            taken[name].append(_seconds(one, pictures[name]) / len(pictures[name]))
    return {name: median(values) for name, values in taken.items()}


def _enough_pictures(classifier: Classifier) -> NDArray[np.uint8]:
    """As many pictures as one round can have, the model warmed up on them."""
    shape = (MOST_PICTURES, *classifier.preprocessing.picture_shape)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    count = 8
    while count < MOST_PICTURES and _seconds(classifier, noise[:count]) < ROUND_SECONDS / 2:
        count *= 2
    return noise[:count]


def _seconds(classifier: Classifier, pictures: NDArray[np.uint8]) -> float:
    began = time.perf_counter()
    classifier.probabilities(pictures)
    return time.perf_counter() - began


def _repeats(
    rows: Sequence[ComparedRun], answers: Mapping[str, Predictions]
) -> tuple[RepeatedDifference, ...]:
    """Every two networks that were trained with enough seeds in common."""
    right = evaluate_room.right_answers(answers)
    scores: dict[str, dict[int, NDArray[np.bool_]]] = {}
    for row in rows:
        of_network = scores.setdefault(row.network, {})
        if row.seed in of_network:
            raise UsageError(
                f"two runs of {row.network} have the seed {row.seed}, so which one stands for "
                "that seed is not said",
                "give one run for each network and seed",
            )
        of_network[row.seed] = right[row.name]
    made = []
    for (first, one), (second, other) in combinations(scores.items(), 2):
        seeds = tuple(sorted(one.keys() & other.keys()))
        if len(seeds) >= evaluate_room.FEWEST_SEEDS:
            test = evaluate_room.repeats([one[s] for s in seeds], [other[s] for s in seeds])
            made.append(RepeatedDifference(first, second, seeds, test))
    if not made:
        raise UsageError(
            f"comparing over seeds needs two networks with {evaluate_room.FEWEST_SEEDS} or more "
            "seeds in common",
            "train each with --seed 0, --seed 1, --seed 2, … first",
        )
    return tuple(made)


def _five_by_two(runs: Mapping[str, Run], progress: Progress) -> tuple[RepeatedDifference, ...]:
    """Every pair's recipes trained on each half of five random divisions, tested on the other."""
    first = next(iter(runs.values()))
    images, division = images_of(first, progress), first.split()
    # All runs have the same test images, so what is not among them may be divided anew.
    kept = np.concatenate([division.train, division.validation])
    scores = {name: np.zeros((5, 2)) for name in runs}
    for repeat in range(5):
        order = np.random.default_rng(repeat).permutation(kept)
        halves = (order[: len(order) // 2], order[len(order) // 2 :])
        for half in range(2):
            for place, (name, run) in enumerate(runs.items()):
                done = (2 * repeat + half) * len(runs) + place
                progress("5x2cv", done, 10 * len(runs), name)
                fold = (halves[half], halves[1 - half])
                kind = estimator_of(run.config.spec)
                scores[name][repeat, half] = kind.score_again(run.config, images, fold, repeat)
    progress("5x2cv", 10 * len(runs), 10 * len(runs))
    return tuple(
        RepeatedDifference(
            one,
            other,
            tuple(range(5)),
            evaluate_room.five_by_two(scores[one] - scores[other], images=len(kept) // 2),
        )
        for one, other in combinations(runs, 2)
    )


def _cautions(runs: Mapping[str, Run]) -> tuple[str, ...]:
    said = [
        "Choosing one of these by its test accuracy makes that accuracy too good: choose by "
        "validation accuracy, and let the test say what the choice is worth."
    ]
    again = [name for name, run in runs.items() if len(run.evaluations) > 1]
    if again:
        said.append(f"The test split was opened more than once for {', '.join(again)}.")
    recipes = {run.config.split for run in runs.values()}
    if len(recipes) > 1:
        said.append(
            f"The runs were trained on other images ({', '.join(sorted(recipes))}), so a "
            "difference may come from the data and not from the network."
        )
    limits = {run.config.limit for run in runs.values()} - {None}
    if limits:
        said.append("Only a part of the images was used, so this says nothing about the whole set.")
    return tuple(said)

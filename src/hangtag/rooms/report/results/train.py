"""Trainings told: what every curve reached with every seed, and which variant is best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

from hangtag.records import History, Outcome, StudyFigure, StudyTable
from hangtag.records.study import Cell
from hangtag.rooms.report.results import epochs, layers
from hangtag.rooms.report.results.shared import by_variant, table
from hangtag.rooms.report.words import percent, spread

GAP = 0.03  # training accuracy this far above validation accuracy is worth a sentence
COUNTED = {
    "parameters": "parameters",
    "trainable": "trainable",
    "fixed": "non_trainable",
    "biases": "biases",
}
"""What is counted of a network, and what its summary calls it."""


def told(
    found: Mapping[str, Sequence[History]],
    counted: Mapping[str, Mapping[str, Any]],
    seeds: Sequence[int],
) -> Outcome:
    """Tell of trainings step by step.

    Args:
        found: Of each variant its histories, one per seed.
        counted: Of each the summary of its network.
        seeds: In the order of the histories.
    """
    values = {name: _values(some, counted[name]) for name, some in found.items()}
    return Outcome(
        name="",
        verb="train",
        title="Training",
        values=by_variant(values),
        seeds=tuple(seeds),
        words=tuple(_words(found, seeds)),
        tables=(
            _table(found, seeds),
            *(one for name, some in found.items() for one in epochs.tables(name, some, seeds)),
            *layers.tables(counted),
        ),
        cautions=tuple(_cautions(found)),
    )


def learning(file: str, of: str, seed: int) -> StudyFigure:
    """The figure of a curve: ``learning-loss.svg``."""
    curve = file.rpartition("learning-")[2].rpartition(".")[0]
    return StudyFigure(
        file,
        f"Learning curves: {of}, {curve}",
        f"By epoch, training (drawn half an epoch to the left) and validation, seed {seed}.",
    )


def _values(found: Sequence[History], counted: Mapping[str, Any]) -> dict[str, Any]:
    """One number per seed for every curve, at the epoch whose weights were kept."""
    values: dict[str, Any] = {
        name: [float(one.last(name)) for one in found] for name in found[0].curves
    }
    for name in found[0].curves:
        pick = min if name.endswith("loss") else max
        values[f"best_{name}"] = [float(pick(one.curves[name])) for one in found]
    values |= {name: counted[key] for name, key in COUNTED.items()}
    values["epochs"] = [len(one) for one in found]
    values["seconds"] = [float(sum(one.seconds)) for one in found]
    if all(one.best_epoch is not None for one in found):
        values["best_epoch"] = [int(one.best_epoch or 0) + 1 for one in found]
    return values


def _words(found: Mapping[str, Sequence[History]], seeds: Sequence[int]) -> Iterable[str]:
    for name, some in found.items():
        validated = "val_accuracy" in some[0].curves
        what, curve = ("validation", "val_accuracy") if validated else ("training", "accuracy")
        length = mean(len(one) for one in some)
        yield (
            f"{name}: {what} accuracy {spread([one.last(curve) for one in some], seeds)} after "
            f"{length:.3g} {'epoch' if length == 1 else 'epochs'} of "
            f"{mean(mean(one.seconds) for one in some):.2g} s, compilation apart."
        )
    known = _means(found, "val_accuracy")
    ranked = sorted(known, key=lambda name: -known[name])
    if len(ranked) > 1:
        yield (
            f"By validation accuracy, which is what may be chosen by, {ranked[0]} is best and "
            f"{ranked[-1]} worst."
        )


def _means(found: Mapping[str, Sequence[History]], curve: str) -> dict[str, float]:
    """The mean over seeds of every variant that has the curve."""
    return {
        name: mean(one.last(curve) for one in some)
        for name, some in found.items()
        if curve in some[0].curves
    }


def _cautions(found: Mapping[str, Sequence[History]]) -> Iterable[str]:
    training, validation = _means(found, "accuracy"), _means(found, "val_accuracy")
    for name in training:
        if name in validation and training[name] - validation[name] > GAP:
            yield (
                f"{name} is right for {percent(training[name])} of its training images and "
                f"{percent(validation[name])} of the validation images: training accuracy is not "
                "the model's accuracy and is quoted nowhere as such."
            )


def _table(found: Mapping[str, Sequence[History]], seeds: Sequence[int]) -> StudyTable:
    curves = dict.fromkeys(curve for some in found.values() for curve in some[0].curves)
    rows: list[dict[str, Cell]] = [
        {
            "variant": name,
            "seed": seed,
            "epochs": len(one),
            **{
                curve.replace("_", " "): one.last(curve) if curve in one.curves else None
                for curve in curves
            },
            "seconds": sum(one.seconds),
            "compiling": one.compiling,
        }
        for name, some in found.items()
        for seed, one in zip(seeds, some, strict=True)
    ]
    note = (
        "At the epoch whose weights were kept. Training accuracy is optimistic. Compiling: seconds"
    )
    note += " waited for programs, not among the others; little after a network of the same form."
    return table("runs", "Every training", rows, note=note)

"""What trainings of one form gain from sharing their programs: seeds, folds, trials of a sweep.

Ours twice, with the programs of the one before and with all of them traced anew, and Keras' own
``fit`` on the same networks; programs come from the cache on disk wherever one is used.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

import hangtag
from hangtag.records import NetworkSpec, Preprocessing, TrainingOptions
from hangtag.rooms import models, train
from hangtag.rooms.load import fit_preprocessing
from hangtag.rooms.train.shared import forget_programs

TITLE = "Trainings of one form, one after another"
Labelled = tuple[np.ndarray, np.ndarray]
TRAININGS = 8
ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """One network, trained with several seeds and learning rates."""

    network: str
    source: str
    limit: int | None
    epochs: int


CASES = (
    Case("mlp-128-64", "digits", None, 5),
    Case("cnn-28-56", "digits", None, 2),
    Case("cnn-28-56", "fashion-mnist", 2000, 2),
    Case("cnn-28-56", "fashion-mnist", 20_000, 2),
)


def run() -> str:
    """Time every case, the three ways in turn."""
    rows = "\n".join(_row(one) for one in CASES)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{TRAININGS} trainings each, of other seeds and learning rates, validated after every "
        f"epoch; {ROUNDS} rounds in turn after one that compiles; medians with the range. Weights "
        "are the same to the bit with programs shared and traced anew.\n\n"
        "| network | images | epochs | shared s | each anew s | ratio | Keras' fit s | ratio |\n"
        f"|---|---|---|---|---|---|---|---|\n{rows}\n\nPeak memory of it all: {peak:.0f} MB."
    )


def _row(case: Case) -> str:
    learned, validated, preprocessing = _prepared(case)
    spec = models.network_spec(
        case.network,
        input_shape=preprocessing.output_shape,
        n_classes=int(learned[1].max()) + 1,
    )
    base = TrainingOptions(epochs=case.epochs, batch_size=32)
    asked = [
        replace(base, seed=seed, learning_rate=0.001 / (1 + seed)) for seed in range(TRAININGS)
    ]

    def ours(options: TrainingOptions) -> list[np.ndarray]:
        network = models.build(spec, seed=options.seed)
        train.train(
            network,
            *learned,
            validation=validated,
            preprocessing=preprocessing,
            options=options,
        )
        return network.get_weights()

    def anew(options: TrainingOptions) -> list[np.ndarray]:
        forget_programs()
        return ours(options)

    def keras(options: TrainingOptions) -> None:
        _fit(spec, options, preprocessing.apply(learned[0]), learned[1],
             preprocessing.apply(validated[0]), validated[1])  # fmt: skip

    ways: dict[str, Callable[[TrainingOptions], object]] = {
        "shared": ours, "anew": anew, "keras": keras,
    }  # fmt: skip
    _see_that_they_agree(case, map(ours, asked), map(anew, asked))
    keras(asked[0])
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            for options in asked:
                way(options)
            taken[name].append(time.perf_counter() - began)
    first = statistics.median(taken["shared"])
    cells = [_span(taken["shared"])]
    for name in ("anew", "keras"):
        cells += [_span(taken[name]), f"{statistics.median(taken[name]) / first:.2f}"]
    size = f"{len(learned[0]):,}"
    return f"| {case.network} | {size} {case.source} | {case.epochs} | {' | '.join(cells)} |"


def _prepared(case: Case) -> tuple[Labelled, Labelled, Preprocessing]:
    images = hangtag.load(case.source, limit=case.limit)
    split = hangtag.split(images, "auto", seed=0)
    learned, validated = (
        (images.images[one], images.labels[one]) for one in (split.train, split.validation)
    )
    return learned, validated, fit_preprocessing(learned[0])


def _see_that_they_agree(case: Case, *ways: Iterable[list[np.ndarray]]) -> None:
    for one, other in zip(*ways, strict=True):
        if not all(map(np.array_equal, one, other)):
            raise SystemExit(f"{case.network}: sharing programs changes what is learned")


def _fit(
    spec: NetworkSpec,
    options: TrainingOptions,
    images: np.ndarray,
    labels: np.ndarray,
    validation_images: np.ndarray,
    validation_labels: np.ndarray,
) -> None:
    import keras

    network = models.build(spec, seed=options.seed)
    network.compile(
        optimizer=keras.optimizers.Adam(options.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    network.fit(
        images, labels, batch_size=options.batch_size, epochs=options.epochs, verbose=0,
        validation_data=(validation_images, validation_labels), validation_batch_size=256,
    )  # fmt: skip


def _span(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"

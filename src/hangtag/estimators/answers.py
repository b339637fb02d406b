"""A classifier in memory and a split of images go in; its answers and what they settle come out.

Every kind of model chooses on validation images when it says "unknown", and none looks at a test
image before it is asked to.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import SplitError
from hangtag.estimators import familiar
from hangtag.framing import in_lots
from hangtag.records import (
    Classifier,
    Evaluation,
    ImageSet,
    Predictions,
    Spec,
    Split,
)
from hangtag.rooms import evaluate as room
from hangtag.rooms import models as models_room

T = TypeVar("T")
PRECISION = 0.95
"""How often an answer must be right for the model not to say "unknown"."""

LEVEL = 0.95
"""How sure validation images must make one of that."""


def answers_of(model: Classifier, images: ImageSet, where: NDArray[np.int64]) -> Predictions:
    """What a model answers for some images of a set."""
    return Predictions(
        where,
        images.labels[where],
        probabilities_of(model, images, where),
        images.class_names,
        images.fingerprint,
    )


def probabilities_of(
    model: Classifier, images: ImageSet, where: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What a model answers for some images of a set: ``(n, n_classes)``.

    A model of photographs is shown their files, a few at a time, or what is kept of them.
    """
    # A model that sees an encoder finds what was embedded before; asked by images, it would embed
    # them again.
    own: Any = getattr(model, "probabilities_at", None)
    if own is not None:
        found: NDArray[np.float32] = own(images, where)
        return found
    return in_lots(model.probabilities, images, where, model.preprocessing)


def write_bundle(model: Any, spec: Spec, onnx: bytes, place: Path) -> Path:  # noqa: ANN401
    """Write a classifier of plain arrays, with its ONNX form, as a bundle at `place`."""
    return models_room.write_arrays_bundle(
        place,
        spec,
        model.preprocessing,
        arrays=model.arrays(),
        model=onnx,
        class_names=model.class_names,
        class_codes=model.class_codes,
        facts=model.facts,
    )


def told_of(
    model: Classifier, images: ImageSet, where: NDArray[np.int64]
) -> tuple[Predictions, NDArray[np.float32] | None]:
    """What a model answers for some images of a set, and how familiar each is where it knows."""
    if not getattr(model, "tells_familiarity", False):
        return answers_of(model, images, where), None
    told: Any = model

    def both(some: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.column_stack(told.told(some))

    found = in_lots(both, images, where, model.preprocessing)
    probabilities, familiarity = np.ascontiguousarray(found[:, :-1]), found[:, -1].copy()
    names = images.class_names
    return Predictions(
        where, images.labels[where], probabilities, names, images.fingerprint
    ), familiarity


def choose_threshold(model: Classifier, images: ImageSet, split: Split) -> dict[str, Any]:
    """The facts that validation images settle: from where on an answer is "unknown", and so on."""
    found, familiarity = told_of(model, images, split.validation)
    strange = {} if familiarity is None else {"familiarity": familiar.threshold(familiarity)}
    return {
        **strange,
        "threshold": room.threshold(found, precision=PRECISION, level=LEVEL),
        "threshold_precision": PRECISION,
        "threshold_level": LEVEL,
        "temperature": room.temperature(found),
    }


def tested(model: Classifier, images: ImageSet, split: Split) -> Evaluation:
    """Open the test split and say what a model is worth.

    Raises:
        SplitError: The split keeps no test images.
    """
    if not len(split.test):
        raise SplitError(
            f"split '{split.recipe}' keeps no test images", "divide with a recipe that does"
        )
    return room.evaluate(answers_of(model, images, split.test), threshold=model.threshold)


def check_validation(split: Split, what: str) -> None:
    """Refuse a split that leaves nothing to choose a model by.

    Raises:
        SplitError: It has no validation images.
    """
    if not len(split.validation):
        raise SplitError(
            f"split '{split.recipe}' keeps no validation images to choose {what} by",
            "such as stratified:0.2",
        )


def accuracy(model: Classifier, images: ImageSet, where: NDArray[np.int64]) -> float:
    """The proportion of some images of a set that a model is right about."""
    found = probabilities_of(model, images, where)
    return float(np.mean(found.argmax(axis=1) == images.labels[where]))


def timed(several: Iterable[T]) -> Iterator[tuple[T, float]]:
    """Each of several with the seconds that it took to come."""
    began = time.perf_counter()
    for one in several:
        yield one, time.perf_counter() - began
        began = time.perf_counter()

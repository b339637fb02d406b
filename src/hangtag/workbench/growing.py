"""Pictures, labels and a forest's options go in; the points its trees see, and trees, come out.

What ``forest``, ``mixture``, ``tune`` and ``compare`` have in common; it keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.progress import Progress, silent
from hangtag.records import ForestOptions, ForestSpec, ImageSet, Preprocessing, Value
from hangtag.rooms import forest as room
from hangtag.rooms import load as load_room
from hangtag.rooms.forest import Axes, Growth
from hangtag.workbench.cluster import axes_of


def ground_of(
    pictures: NDArray[np.uint8],
    pca: Value,
    *,
    of: ImageSet | None = None,
    progress: Progress = silent,
) -> tuple[Preprocessing, Axes | None]:
    """What is done to pictures before trees or components see them, fitted on training pictures.

    Args:
        pictures: ``(n, height, width, channels)`` uint8 that train.
        pca: Axes to project on: a whole number, or the share of the variance that they explain;
            None for pixels.
        of: The set they are from, which knows how its files were decoded; None for arrays.
        progress: Told how far it is.

    Raises:
        OptionError: There cannot be so many axes.
    """
    preprocessing = replace(load_room.fit_preprocessing(pictures, of=of), scale=1.0)
    fitted = axes_of(pictures, pca, progress=progress)
    return preprocessing, None if fitted is None else Axes(fitted.mean, fitted.components)


def growth_of(options: ForestOptions) -> Growth:
    """How trees grow that were asked for so."""
    return Growth(options.criterion, options.max_features, options.min_samples_leaf)


def several(given: int | Iterable[int]) -> tuple[int, ...]:
    """One number or several as a tuple."""
    return (given,) if isinstance(given, int) else tuple(given)


def forest_score(
    spec: ForestSpec,
    options: ForestOptions,
    training: tuple[NDArray[np.uint8], NDArray[np.int64]],
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
    seed: int,
) -> float:
    """Grow a forest as one was grown before, from other images, and give its accuracy on others.

    Args:
        spec: What was chosen: kind, trees, depth.
        options: How it grew.
        training: Pictures and labels.
        validation: Pictures and labels to be right about.
        seed: Of the trees.
    """
    (pictures, labels), (others, wanted) = training, validation
    preprocessing, axes = ground_of(pictures, options.pca)
    trees = room.fit(
        room.points_of(pictures, preprocessing, axes),
        labels,
        n_estimators=spec.n_estimators,
        max_depth=spec.max_depth,
        kind=spec.name,
        growth=growth_of(options),
        seed=seed,
        n_classes=spec.n_classes,
    )
    answers = room.probabilities(trees, room.points_of(others, preprocessing, axes))
    return float(np.mean(answers.argmax(axis=1) == wanted))

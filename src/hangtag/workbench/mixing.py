"""Images of a set and a mixture's options go in, mixtures that answer with its classes come out.

What ``mixture`` and ``compare`` have in common.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, MixtureOptions, MixtureSpec
from hangtag.rooms import cluster as room
from hangtag.rooms.cluster import Classifying, Keeping, MixtureClassifier
from hangtag.workbench.growing import ground_of


def mixtures_on(
    images: ImageSet,
    train: NDArray[np.int64],
    options: MixtureOptions,
    *,
    keeping: Keeping | None = None,
    progress: Progress = silent,
) -> tuple[list[MixtureClassifier], tuple[Classifying, ...]]:
    """Fit a classifier of every number of components, fewest first.

    Args:
        images: The set.
        train: Which of its images to fit to.
        options: What is asked.
        keeping: Where finished starts are kept, for after a kill; None keeps nothing.
        progress: Told how many starts are done.

    Returns:
        The classifiers, and what must be known of each.

    Raises:
        OptionError: An option cannot be, or the images are too few or of one class.
    """
    pictures = images.images[train]
    preprocessing, axes = ground_of(pictures, options.pca, of=images, progress=progress)
    found = room.classifying(
        room.points_of(pictures, preprocessing, axes),
        images.labels[train],
        options.k,
        per_class=options.per_class,
        covariance=options.covariance,
        smoothing=options.smoothing,
        class_names=images.class_names,
        seed=options.seed,
        n_init=options.n_init,
        regularisation=options.regularisation,
        keeping=keeping,
        progress=progress,
    )
    models = [
        MixtureClassifier(
            one.components,
            one.k,
            options.per_class,
            preprocessing,
            images.class_names,
            images.class_codes,
            axes,
        )
        for one in found
    ]
    return models, found


def accuracy(model: MixtureClassifier, images: ImageSet, where: NDArray[np.int64]) -> float:
    """The share of some images of a set that a model is right about."""
    answers = model.probabilities(images.images[where])
    return float(np.mean(answers.argmax(axis=1) == images.labels[where]))


def mixture_score(
    spec: MixtureSpec,
    options: MixtureOptions,
    images: ImageSet,
    fold: tuple[NDArray[np.int64], NDArray[np.int64]],
    seed: int,
) -> float:
    """Fit a mixture as one was fitted before, to other images, and give its accuracy on others.

    Args:
        spec: What was chosen.
        options: How it was fitted.
        images: The set that the fold's indices count in.
        fold: Images to fit to, and images to be right about.
        seed: Of the starts.
    """
    again = replace(options, k=(spec.k,), seed=seed)
    (model,), _ = mixtures_on(images, fold[0], again)
    return accuracy(model, images, fold[1])

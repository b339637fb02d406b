"""Samples: which images of each class to look at, drawn by a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import ImageSet


def samples_per_class(
    images: ImageSet,
    *,
    per_class: int = 3,
    indices: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Draw some images of every class, without repeating one.

    Args:
        images: The set.
        per_class: Images of each class.
        indices: Which images to draw from, the training images as a rule; None for all.
        seed: Of the draw.

    Returns:
        ``(n_classes, per_class)`` indices into the set, a row per class in class order; -1 where
        a class has too few.

    Raises:
        OptionError: Fewer than one image per class was asked for.
    """
    if per_class < 1:
        raise OptionError(f"{per_class} images of each class cannot be shown")
    among = np.arange(len(images)) if indices is None else np.asarray(indices, np.int64)
    random = np.random.default_rng(seed)
    drawn = np.full((images.n_classes, per_class), -1, np.int64)
    for label in range(images.n_classes):
        members = random.permutation(among[images.labels[among] == label])[:per_class]
        drawn[label, : len(members)] = members
    return drawn

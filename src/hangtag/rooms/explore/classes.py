"""Class tables: an image set and perhaps a split go in, images per class and part come out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ClassTable, ImageSet, Split


def parts_of(images: ImageSet, split: Split | None) -> dict[str, NDArray[np.int64]]:
    """The indices of each part: of the split, or of the source when there is none.

    Args:
        images: The set.
        split: Of that set; its empty parts are left out.
    """
    if split is None:
        return {part: np.arange(where.start, where.stop) for part, where in images.parts.items()}
    named = {"training": split.train, "validation": split.validation, "test": split.test}
    return {part: indices for part, indices in named.items() if len(indices)}


def class_table(images: ImageSet, split: Split | None = None) -> ClassTable:
    """Count the images of each class in each part, classes sorted by name.

    Args:
        images: The set; unlabelled images are not counted.
        split: Whose parts to count; None counts the source's own.

    Example:
        >>> print(class_table(images, split).markdown())
    """
    by_name = sorted(range(images.n_classes), key=lambda one: images.class_names[one])
    order = np.asarray(by_name, np.int64)  # of integers even where there is no class
    counts = {}
    for part, indices in parts_of(images, split).items():
        labels = images.labels[indices]
        counts[part] = np.bincount(labels[labels >= 0], minlength=images.n_classes)[order]
    names = tuple(images.class_names[one] for one in order)
    return ClassTable(names, order, counts)

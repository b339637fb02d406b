"""Looking at a set as a whole: images and perhaps a split go in, a Summary comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import SplitError, UsageError
from hangtag.geometry import fit_pca
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Pca, Reconstructions, Split, Summary, VarianceCurve
from hangtag.rooms.explore.classes import class_table, parts_of
from hangtag.rooms.explore.photos import photos
from hangtag.rooms.explore.pixels import VARIANTS, pixel_ranges, variants
from hangtag.rooms.explore.samples import samples_per_class
from hangtag.rooms.explore.variance import MARKS, reconstructions, variance_curve

SHOWN = 20  # images in the grid of variants
REBUILT = 10  # images in the grid of reconstructions
MOST_AXES, MOST_VALUES = 1_000, 50_000_000
"""Axes of large images are fitted on so many at most, and fewer where they would take 0.4 GB."""


def explore(
    images: ImageSet,
    *,
    split: Split | None = None,
    per_class: int = 3,
    crops: Mapping[str, tuple[float, float]] = VARIANTS,
    mark: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Summary:
    """Look at what is in a set of images.

    Only training images are shown and measured beyond their number and range: those of the
    split, or of the source's first part.

    Args:
        images: The set.
        split: Of that set; None takes the source's own parts.
        per_class: Images shown of each class.
        crops: Variants shown side by side, each the rows it keeps as proportions of the height.
        mark: Numbers of components to mark on the curve, beside the elbow.
        seed: Draws samples and the images that are rebuilt.
        progress: Told how far it is.

    Raises:
        UsageError: There are no images.
        SplitError: The split is of another set.
        OptionError: A crop has no rows, there are not so many components to mark, or fewer than
            one image per class is asked for.

    Example:
        >>> print(explore(images).variance.reason)
    """
    if not len(images):
        raise UsageError(f"{images.name} has no images to look at")
    if split is not None and split.fingerprint != images.fingerprint:
        raise SplitError(f"the split is of other images than {images.name}")
    parts = parts_of(images, split)
    train = next(rows for rows in parts.values() if len(rows))
    tested = parts.get("test", train[:0])
    curve, rebuilt, notes = _variance(images, train, mark or (), seed, progress)
    return Summary(
        name=images.name,
        fingerprint=images.fingerprint,
        shape=images.shape,
        classes=class_table(images, split),
        ranges=pixel_ranges(images, split),
        samples=samples_per_class(images, per_class=per_class, indices=train, seed=seed),
        first=int(train[0]),
        variants=variants(images, train[:SHOWN], crops=crops),
        variance=curve,
        reconstructions=rebuilt,
        seed=seed,
        notes=notes,
        photos=photos(images, train, seed),
        first_test=int(tested[0]) if len(tested) else None,
    )


def _variance(
    images: ImageSet,
    train: NDArray[np.int64],
    mark: Sequence[int],
    seed: int,
    progress: Progress,
) -> tuple[VarianceCurve | None, Reconstructions | None, tuple[str, ...]]:
    rows, notes = _fitted_on(images, train, seed)
    pixels = images.images[rows]
    if len(rows) < 2 or not (pixels != pixels[0]).any():
        return None, None, ("the training images do not differ, so there is no variance",)
    axes = fit_pca(pixels, progress=progress)
    curve = variance_curve(axes, mark)
    drawn = np.sort(np.random.default_rng(seed).permutation(train)[:REBUILT])
    rebuilt = reconstructions(images, axes, drawn, components=_counts(axes, curve))
    return curve, rebuilt, notes


def _fitted_on(
    images: ImageSet, train: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The images that axes are fitted on, and what must be said of it."""
    d = int(np.prod(images.shape))
    most = max(2, min(MOST_AXES, MOST_VALUES // d))
    if min(len(train), d) <= most:
        return train, ()
    drawn = np.sort(np.random.default_rng(seed).permutation(train)[:most])
    return drawn, (
        f"variance is that of {most:,} of {len(train):,} training images, drawn by seed {seed}",
    )


def _counts(axes: Pca, curve: VarianceCurve) -> list[int]:
    return sorted({curve.recommended, *(axes.needed(proportion) for proportion in MARKS)})

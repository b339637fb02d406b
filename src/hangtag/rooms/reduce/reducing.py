"""Drawing a map: an image set goes in, a Projection with a point per image comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import memory
from hangtag.errors import OptionError
from hangtag.families import check_options
from hangtag.geometry import Seen, fit_pca, same_distances
from hangtag.geometry.principal import MOST
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Pca, Projection
from hangtag.rooms.reduce.method import Method, Points
from hangtag.rooms.reduce.methods import METHODS
from hangtag.rooms.reduce.quality import quality_of

EXPLAINED_VARIANCE = (
    0.95  # of the variance kept before the neighbours are looked for, as the Sign study does
)

WIDE = 1 << 27
"""Numbers of all images together from which on their distances are worth computing first."""
HELD = 16
"""Bytes that a map holds at least for each byte of pixels: 17 were measured of 280,000 images."""


def reduce(
    images: ImageSet,
    *,
    method: str = "pca",
    indices: NDArray[np.int64] | None = None,
    dimensions: int = 2,
    limit: int | None = None,
    share: float = EXPLAINED_VARIANCE,
    seed: int = 0,
    measure: bool = True,
    seen: Seen | None = None,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401 - each method has its own
) -> Projection:
    """Draw a map of images, one point each.

    Pixels are scaled to [0, 1] and turned to their principal axes first; every method but `pca`
    then works on as many of these as hold `share` of the variance. Other features stand where
    pixels do, in their own units, and the map's quality is how well it keeps their neighbours.

    Args:
        images: The set.
        method: A name out of :data:`METHODS`.
        indices: Which images to map; None for all.
        dimensions: Axes of the map.
        limit: Map at most this many, drawn by the seed; the notes say so. None for all.
        share: Of the variance, kept before a method other than `pca` begins.
        seed: Draws the sample and whatever the method draws.
        measure: Whether to say how good the map is, which takes a few seconds for 20,000 images.
        seen: What is mapped of the images; None for pixels.
        progress: Told how far it is.
        **options: The method's own, such as ``perplexity`` for `tsne`; its guide lists them.

    Returns:
        The map, with its quality (``trustworthiness``, ``class_agreement``, the method's own),
        every option that changes the result, and notes.

    Raises:
        OptionError: A method or option has no such name, or a value it cannot have; there are too
            few images, or too many for the method.
        MissingError: The method needs a package that is not installed.
        MachineError: There is too little memory for so many pixels.

    Example:
        >>> chart = reduce(images, method="tsne", limit=5000, perplexity=20)
    """
    how = METHODS.called(method)
    check_options(method, how.options, options)
    chosen, notes = _chosen(images, indices, limit, seed)
    if not 1 <= dimensions < len(chosen):
        raise OptionError(f"{method} to {dimensions} dimensions of {len(chosen)} images")
    pixels = _pixels(images, chosen, progress) if seen is None else seen.of_rows(chosen)
    points = _points(pixels, method, how, dimensions, share, progress)
    placed = how.embed(points, dimensions=dimensions, seed=seed, progress=progress, **options)
    quality, said = dict(placed.quality), placed.notes
    if measure:
        measured, more = quality_of(
            pixels, placed.places, images.labels[chosen], seed=seed, progress=progress
        )
        quality, said = {**measured, **quality}, (*said, *more)
    known: dict[str, Any] = {"seed": seed, "images": len(chosen), **placed.options}
    if seen is not None:
        known["features"] = seen.name
    if not how.whole:
        known |= {"share": share, "components": points.values.shape[1]}
    return Projection(
        method=method,
        indices=chosen,
        points=np.ascontiguousarray(placed.places, np.float32),
        axes=placed.axes,
        options=known,
        quality=quality,
        notes=(*notes, *said),
    )


def principal_axes(
    images: ImageSet,
    *,
    indices: NDArray[np.int64] | None = None,
    components: int | None = None,
    share: float | None = None,
    progress: Progress = silent,
) -> Pca:
    """Fit principal axes to images with pixels in [0, 1], to turn others to them later.

    Args:
        images: The set.
        indices: Which images to fit to, the training images as a rule; None for all.
        components: How many to keep; None for all, or what `share` says.
        share: Keep as many as explain more than this proportion of the variance.
        progress: Told how far it is.

    Returns:
        The axes; ``axes.transform(pixels / 255)`` and ``axes.inverse(coordinates)`` use them.

    Raises:
        OptionError: Too few images, or a number or proportion that cannot be.

    Example:
        >>> axes = principal_axes(images, indices=split.train, share=0.95)
    """
    chosen = np.arange(len(images)) if indices is None else indices
    pixels = _unit(images, chosen)
    return fit_pca(pixels, components=components, share=share, progress=progress)


def _pixels(images: ImageSet, chosen: NDArray[np.int64], progress: Progress) -> NDArray[np.float32]:
    """Pixels in [0, 1]; where there are far more of them than images, points as far apart."""
    size = int(np.prod(images.shape))
    if len(chosen) <= min(size, MOST) and len(chosen) * size > WIDE:
        rows = images.images.reshape(len(images), -1)
        rows = rows if len(chosen) == len(images) else rows[chosen]
        return same_distances(rows, 1 / 255, progress=progress)
    memory.check_need(HELD * len(chosen) * size, f"a map of {len(chosen):,} images by their pixels")
    return _unit(images, chosen)


def _unit(images: ImageSet, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """``(n, d)`` pixels in [0, 1]."""
    pixels = images.images[chosen].reshape(len(chosen), -1).astype(np.float32)
    pixels /= 255
    return pixels


def _chosen(
    images: ImageSet, indices: NDArray[np.int64] | None, limit: int | None, seed: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    every = np.arange(len(images)) if indices is None else np.asarray(indices, np.int64)
    if len(every) and not 0 <= every.min() <= every.max() < len(images):
        raise OptionError(f"{images.name} has {len(images)} images; an index is outside of them")
    if limit is None or limit >= len(every):
        return every, ()
    if limit < 1:
        raise OptionError(f"a map of {limit} images cannot be drawn")
    # A prefix of one permutation: a larger sample by the same seed holds the smaller one.
    drawn = np.sort(np.random.default_rng(seed).permutation(len(every))[:limit])
    return every[drawn], (f"a sample of {limit:,} of {len(every):,} images, drawn by seed {seed}",)


def _points(
    pixels: NDArray[np.float32],
    method: str,
    how: Method,
    dimensions: int,
    explained_variance: float,
    progress: Progress,
) -> Points:
    if dimensions > min(pixels.shape):
        raise OptionError(
            f"{method} to {dimensions} dimensions needs images of as many numbers; "
            f"got {min(pixels.shape)}"
        )
    # As many as are used and no more: all axes of large images are as large as the images.
    axes = (
        None
        if how.whole
        else fit_pca(pixels, share=_checked_variance(explained_variance), progress=progress)
    )
    # At least as many axes as the map has, however little variance they hold.
    if axes is None or len(axes) < dimensions:
        axes = fit_pca(pixels, components=dimensions, progress=progress)
    return Points(axes.transform(pixels), axes, progress=progress)


def _checked_variance(explained_variance: float) -> float:
    if not 0 < explained_variance < 1:
        raise OptionError(
            f"a proportion of {explained_variance} of the variance cannot be kept", "give 0 to 1"
        )
    return explained_variance

"""What is done to pixels and labels: arrays in, arrays or a fitted Preprocessing out.

Whatever is fitted is fitted on training images only; the caller gives them. To add a
transform: a function here, and, if a model must carry it, a field of Preprocessing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import ImageSet, Preprocessing
from hangtag.rooms.load import background, item

CHUNK = 4096
"""Images that are looked at in one go, to keep the memory small."""


def fit_preprocessing(
    images: NDArray[np.uint8],
    *,
    standardise: bool = False,
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
    of: ImageSet | None = None,
) -> Preprocessing:
    """Measure on training images what has to be done to every image.

    Args:
        images: ``(n, height, width, channels)`` uint8, the training images and no others.
        standardise: Shift and scale to mean 0 and deviation 1 per channel, measured on the kept
            rows and columns; otherwise pixels are only scaled to [0, 1].
        rows: First and past-the-last row to keep, such as ``(0, 14)``; None for all.
        columns: The same for columns.
        of: The set they are from, which knows how its files were decoded; None for arrays.

    Returns:
        The fitted preprocessing, with the background of the images (see `background.py`) and
        how much of them their items fill (see `item.py`).

    Raises:
        OptionError: There is no image, or rows or columns lie outside.
    """
    if images.ndim != 4 or images.dtype != np.uint8 or not len(images):
        raise OptionError(
            f"preprocessing is fitted on (n, height, width, channels) uint8 images;"
            f" got {images.shape} {images.dtype}",
            "give at least one training image",
        )
    height, width, channels = images.shape[1:]
    rows = _checked("rows", rows, height)
    columns = _checked("columns", columns, width)
    mean, deviation = (0.0,) * channels, (1.0,) * channels
    if standardise:
        mean, deviation = _moments(images, rows, columns)
    dark = background.of_set(images)
    return Preprocessing(
        picture_shape=(height, width, channels),
        rows=rows,
        columns=columns,
        mean=mean,
        deviation=deviation,
        dark_border=dark,
        item_extent=item.extent_of(images, dark),
        matte=None if of is None else of.matte,
        white=None if of is None else of.white,
    )


def crop(
    images: NDArray[np.uint8],
    *,
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Keep some rows and columns of ``(n, height, width, channels)`` images; a view.

    Raises:
        OptionError: They lie outside the image.
    """
    kept_rows = _checked("rows", rows, images.shape[1])
    kept_columns = _checked("columns", columns, images.shape[2])
    return images[:, slice(*kept_rows), slice(*kept_columns)]


def flatten(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``(n, height, width, channels)`` to ``(n, height * width * channels)``, row after row."""
    return images.reshape(len(images), -1)


def one_hot(labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
    """``(n,)`` dense labels to ``(n, n_classes)`` float32 with a single 1 in each row.

    Raises:
        OptionError: A label is below 0 or not below `n_classes`.
    """
    if len(labels) and not (labels.min() >= 0 and labels.max() < n_classes):
        raise OptionError(
            f"labels go from {labels.min()} to {labels.max()}, classes from 0 to {n_classes - 1}",
            "leave out images without a label",
        )
    encoded = np.zeros((len(labels), n_classes), np.float32)
    encoded[np.arange(len(labels)), labels] = 1
    return encoded


def grey(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB images to one channel by ITU-R 601 luma, as Pillow does; grey ones as they are."""
    if images.shape[3] == 1:
        return images
    result = np.empty((*images.shape[:3], 1), np.uint8)
    for start in range(0, len(images), CHUNK):
        some = images[start : start + CHUNK].astype(np.uint32)
        # Pillow's own fixed-point weights, so that both ways give the same pixel.
        luma = some[..., 0] * 19595 + some[..., 1] * 38470 + some[..., 2] * 7471 + 0x8000
        result[start : start + CHUNK, ..., 0] = luma >> 16
    return result


def rgb(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey images to three equal channels; RGB ones as they are."""
    return images if images.shape[3] == 3 else np.repeat(images, 3, axis=3)


def resize(images: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Images to ``(height, width)`` by the same rules as images read from files.

    Fitted inside with the aspect kept, the rest in the colour of the border.
    """
    if images.shape[1:3] == size:
        return images
    from hangtag.rooms.load import resizing

    result = np.empty((len(images), *size, images.shape[3]), np.uint8)
    for number, image in enumerate(images):
        result[number] = resizing.fit(image, size)
    return result


def _moments(
    images: NDArray[np.uint8], rows: tuple[int, int], columns: tuple[int, int]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Exact mean and deviation per channel of the pixels scaled to [0, 1], from a histogram."""
    counts = np.zeros((images.shape[3], 256), np.int64)
    for start in range(0, len(images), CHUNK):
        some = images[start : start + CHUNK, slice(*rows), slice(*columns)]
        for channel in range(len(counts)):
            counts[channel] += np.bincount(some[..., channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    proportion = counts / counts.sum(axis=1, keepdims=True)
    mean = proportion @ values
    deviation = np.sqrt((proportion * (values - mean[:, None]) ** 2).sum(axis=1))
    # A constant channel has nothing to scale; dividing by 1 leaves it at 0.
    deviation[deviation == 0] = 1.0
    return tuple(map(float, mean)), tuple(map(float, deviation))


def _checked(what: str, kept: tuple[int, int] | None, length: int) -> tuple[int, int]:
    if kept is None:
        return 0, length
    first, past = kept
    if not 0 <= first < past <= length:
        raise OptionError(
            f"{what} {first}:{past} do not lie inside an image of {length} {what}",
            f"give two numbers, 0 ≤ first < past ≤ {length}",
        )
    return first, past

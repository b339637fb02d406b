"""Loading: a name or a path in, an ImageSet out; and splits, preprocessing, images to tag.

The functions here import what they need when they are called, so that this room costs nothing
to those who only look at it. To add a format see `base.py`, a named set `known.py`, a split
recipe `split.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, InputImage, LoadOptions, Preprocessing
from hangtag.rooms.load import facts, in_memory, loading, raw, reading, sources
from hangtag.rooms.load.facts import split_counts, split_facts
from hangtag.rooms.load.known import KNOWN, KnownSet
from hangtag.rooms.load.split import split
from hangtag.rooms.load.splits_saved import SAVED, SETS, open_split, save_split, split_to_arrays
from hangtag.rooms.load.transform import (
    crop,
    fit_preprocessing,
    flatten,
    grey,
    one_hot,
    resize,
    rgb,
)

__all__ = [
    "SAVED",
    "SETS",
    "KnownSet",
    "crop",
    "find",
    "fit_preprocessing",
    "flatten",
    "from_arrays",
    "get",
    "grey",
    "images_of",
    "info",
    "known_sets",
    "limited",
    "load",
    "one_hot",
    "one_image",
    "open_split",
    "read_again",
    "read_files",
    "read_images",
    "resize",
    "rgb",
    "save_split",
    "split",
    "split_counts",
    "split_facts",
    "split_to_arrays",
    "thumbnails",
]


def load(
    source: str | Path,
    *,
    limit: int | None = None,
    options: LoadOptions | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> ImageSet:
    """Load labelled images from a named set or from any file or folder.

    Args:
        source: ``fashion-mnist``, ``sign-mnist``, ``digits``, or a path. A path that exists wins
            over a name when it is given as a Path or contains a slash or a dot.
        limit: Keep at most this many images of each part, spread evenly over it; noted in the
            set. None for all.
        options: How to read it, where that is not to be found out; None says nothing.
        progress: Told how far it is.
        **said: Fields of :class:`LoadOptions` by name, such as ``size=28`` or ``label="kind"``;
            they count before `options`.

    Returns:
        All parts in one set; its `notes` say how the format was told and what was decided, its
        `unreadable` and `passed_over` which members were left out.

    Raises:
        SourceError: There is nothing to load; the hint says how to get it.
        FormatError: A file is damaged or is not what it says it is.
        AmbiguousError: There are two ways to read it; the hint names the options that choose.
        OptionError: An option has a value it cannot have.

    Example:
        >>> load("digits").images.shape
        (1797, 8, 8, 1)
    """
    return loading.load(source, limit, loading.request(options, said, progress))


def limited(images: ImageSet, limit: int) -> ImageSet:
    """At most `limit` images of each part of a loaded set, those that ``load`` would give.

    Raises:
        OptionError: `limit` is below 1.
    """
    raw.check_limit(limit)
    return raw.evenly(images, limit)


def known_sets() -> tuple[KnownSet, ...]:
    """The sets that have a name."""
    return KNOWN


def find(name: str) -> Path | None:
    """The folder on this machine that has the files of a named set; None if none has.

    Raises:
        SourceError: There is no set of that name.
    """
    return sources.find(sources.named(name))


def get(name: str, *, progress: Progress = silent) -> Path:
    """The folder with the checked files of a named set, downloaded if it lies nowhere.

    Raises:
        SourceError: No such set, or no way to get it works; the hint lists every way.
    """
    return sources.get(sources.named(name), progress)


def read_images(
    place: Path, preprocessing: Preprocessing, options: LoadOptions | None = None
) -> Iterator[InputImage]:
    """Give the images of a folder, file, archive or table in the shape a model wants, in order.

    See :func:`hangtag.rooms.load.reading.read_images` for the rules.

    Raises:
        SourceError: There is no such place, or no image in it.
        FormatError: An archive or table is damaged, or an archive holds hostile names.
    """
    return reading.read_images(Path(place), preprocessing, options)


def read_files(
    sources: Iterable[tuple[str, str | bytes]], preprocessing: Preprocessing
) -> Iterator[InputImage]:
    """Give image files by name in the shape a model wants, in order, decoded in several threads.

    Args:
        sources: What each is called, and its path or the bytes of its file.
        preprocessing: Of the model that will see them.
    """
    return reading.read_files(sources, preprocessing)


def thumbnails(sources: Iterable[tuple[str, str | bytes]], side: int) -> Iterator[InputImage]:
    """Give image files by name in color, no side longer than `side`, their aspect as it is."""
    return reading.read_files(sources, side)


def read_again(place: Path, ids: Iterable[str], side: int) -> Iterator[InputImage]:
    """Give small copies in color of files that :func:`read_images` read; none of other places.

    Args:
        place: Where they were read from.
        ids: Which.
        side: Pixels of a copy's longer side at most.
    """
    return reading.again(Path(place), ids, side)


def one_image(
    image: str | Path | NDArray[np.uint8], preprocessing: Preprocessing
) -> NDArray[np.uint8]:
    """Give one image in the shape a model wants.

    Args:
        image: A file, or ``(height, width[, channels])`` uint8.
        preprocessing: Of the model that will see it.

    Raises:
        FormatError: It cannot be read.
    """
    return reading.one_image(image, preprocessing)


def images_of(images: ImageSet, preprocessing: Preprocessing) -> Iterator[InputImage]:
    """Give the images of a loaded set in the shape a model wants, in order."""
    return reading.images_of(images, preprocessing)


def info(images: ImageSet) -> dict[str, Any]:
    """What is in a set, as JSON-ready facts.

    See :func:`hangtag.rooms.load.facts.info` for the keys.
    """
    return facts.info(images)


def from_arrays(
    images: ArrayLike | Mapping[str, ArrayLike],
    labels: ArrayLike | Mapping[str, ArrayLike] | None = None,
    *,
    class_names: Sequence[str] | None = None,
    name: str = "arrays",
) -> ImageSet:
    """Make an image set of arrays, by the rules of `arrays.py` for shapes and values.

    Args:
        images: ``(n, height, width)`` and the like; or one such array for each part, such as
            ``{"train": …, "test": …}``.
        labels: ``(n,)`` numbers or text, or a mapping with the same parts; None without labels.
        class_names: Name of each class, in the order of the sorted labels; None for the labels
            themselves.
        name: Short name of the set.

    Raises:
        FormatError: Shapes, values or lengths do not fit.
        OptionError: Parts of images and labels differ, or the number of names is wrong.

    Example:
        >>> from_arrays(np.zeros((3, 28, 28), np.uint8), [4, 7, 4]).class_codes
        (4, 7)
    """
    return in_memory.from_arrays(images, labels, class_names, name)

"""Pictures to be tagged: a folder, file or zip in, one Picture after the other out.

Each comes in the shape a model wants and on the ground it was trained on. Pictures stream: a
folder of 100,000 needs no more memory than one of 1,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError, SourceError
from hangtag.records import Picture, Preprocessing
from hangtag.rooms.load import ground, streams, trees


def read_pictures(place: Path, preprocessing: Preprocessing) -> Iterator[Picture]:
    """Give the pictures of `place` in the order of their ids.

    Each is made grey or RGB, fitted inside the model's picture size with its aspect kept, padded
    with the colour of its border, and inverted when it clearly stands on the other ground than
    the training pictures (see `ground.py`). One that already has the size, the channels and the
    ground comes through bit for bit. Hidden files and files without a picture's suffix are
    passed over; a picture that cannot be read comes as a Picture with an error.

    Args:
        place: A folder (searched to any depth), one picture, or a zip of pictures.
        preprocessing: Of the model that will see them.

    Raises:
        SourceError: There is no such place, or no picture in it. Raised at once, not when the
            first picture is asked for.
        FormatError: A zip is damaged or holds hostile names.
    """
    place = Path(place)
    if not place.is_file() and not place.is_dir():
        raise SourceError(f"there is no file or folder {place}", "check the path")
    if place.is_file() and streams.packing(place) == "zip":
        return _from_zip(place, preprocessing)
    names = {place.name: str(place)} if place.is_file() else trees.pictures(place)
    if not names:
        raise SourceError(
            f"{place} holds no picture",
            f"pictures are files that end with {', '.join(sorted(trees.SUFFIXES))}",
        )
    return _stream(iter(names.items()), preprocessing)


def to_picture(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Put decoded pixels that fit inside onto the model's ground and pad them to its size."""
    from hangtag.rooms.load import fitting

    height, width, _ = preprocessing.picture_shape
    return fitting.pad(ground.onto(pixels, preprocessing.dark_border), (height, width))


def _from_zip(place: Path, preprocessing: Preprocessing) -> Iterator[Picture]:
    from hangtag.rooms.load import zipped

    archive = zipped.Archive(place)
    names = sorted(filter(trees.is_picture, archive.names))
    if not names:
        archive.close()
        raise SourceError(f"{place} holds no picture", "zip the folder of pictures")

    def stream() -> Iterator[Picture]:
        with archive:
            yield from _stream(((name, archive.take(name)) for name in names), preprocessing)

    return stream()


def _stream(
    sources: Iterator[tuple[str, str | bytes | FormatError]], preprocessing: Preprocessing
) -> Iterator[Picture]:
    from hangtag.rooms.load import pictures

    height, width, channels = preprocessing.picture_shape

    def one(item: tuple[str, str | bytes | FormatError]) -> NDArray[np.uint8]:
        if isinstance(item[1], FormatError):
            raise item[1]
        pixels = pictures.decode(item[1], grey=channels == 1, size=(height, width))
        return to_picture(pixels, preprocessing)

    for (identity, _), result in pictures.in_threads(one, sources):
        if isinstance(result, FormatError):
            yield Picture(id=identity, pixels=None, error=result.message)
        else:
            yield Picture(id=identity, pixels=result)

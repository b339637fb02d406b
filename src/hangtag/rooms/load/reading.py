"""Images to be tagged: a folder, file, archive or table gives one Image after the other.

Each comes in the shape a model wants, treated as loading treats it, and says what was done to it.
Image files stream: a folder of 100,000 needs no more memory than one of 1,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError, SourceError
from hangtag.framing import least_side, squares, stacked
from hangtag.progress import silent
from hangtag.records import ImageSet, InputImage, LoadOptions, Preprocessing
from hangtag.rooms.load import (
    archives,
    background,
    in_memory,
    kinds,
    loading,
    streams,
    transform,
    trees,
    zipped,
)

ITEM = "item found and cut out of the photograph"
"""Said of an image that a model sees only the item of."""


def read_images(
    place: Path, preprocessing: Preprocessing, options: LoadOptions | None = None
) -> Iterator[InputImage]:
    """Give the images of `place` in the order of their ids.

    Each is made grey or RGB, fitted inside the model's image size with its aspect kept, padded
    with the colour of its border and, for a model of grey images, inverted when it clearly has
    the other background than the training images (see `background.py`); of photographs for a model
    of small gray ones the item alone is shown (see `item.py`). One that already has the
    size, the channels and the background comes through bit for bit. Hidden files and what is no
    image by name or content are passed over; an image that cannot be read comes as a Image with
    an error.

    Args:
        place: A folder (searched to any depth), one image, an archive of images, or a table or
            other file that loading reads, whose rows come in their order.
        preprocessing: Of the model that will see them.
        options: How to read a table; None says nothing.

    Raises:
        SourceError: There is no such place, or no image in it. Raised at once, not when the
            first image is asked for.
        FormatError: An archive or table is damaged, or an archive holds hostile names.
    """
    place = Path(place)
    if not place.is_file() and not place.is_dir():
        raise SourceError(f"there is no file or folder {place}", "check the path")
    if archives.is_archive(place):
        return _from_archive(place, preprocessing, options)
    if place.is_dir():
        names, closed = trees.look_through(place)
    else:
        closed = {}
        by_name = kinds.is_image_by_name(place.name)
        is_image = trees.is_image_file(place) if by_name is None else by_name
        names = {place.name: str(place)} if is_image else {}
    if names:
        sources: dict[str, str | FormatError] = dict(names)
        sources |= {one: FormatError(reason) for one, reason in closed.items()}
        return read_files(((one, sources[one]) for one in sorted(sources)), preprocessing)
    return _from_table(place, preprocessing, options)


def _from_archive(
    place: Path, preprocessing: Preprocessing, options: LoadOptions | None
) -> Iterator[InputImage]:
    if streams.packing(place) != "zip":
        return _from_unpacked(place, preprocessing, options)
    archive = zipped.Archive(place, _said(options))
    names = sorted(filter(trees.is_image, archive.names))
    if not names or not all(map(_is_clear, archive.names)):
        archive.close()  # tables, archives, or names that say nothing: they are looked at unpacked
        return _from_unpacked(place, preprocessing, options)

    def stream() -> Iterator[InputImage]:
        with archive:
            yield from read_files(((name, archive.take(name)) for name in names), preprocessing)

    return stream()


def _said(options: LoadOptions | None) -> LoadOptions | None:
    """What was said of names; nothing where nothing was, as a table of tags can have any name."""
    return options if options is not None and options.names_in else None


def _is_clear(name: str) -> bool:
    """Whether the name of a member says that it is an image, or that it holds none."""
    by_name = kinds.is_image_by_name(name.rpartition("/")[2])
    return trees.is_hidden(name) or (by_name is not None and not archives.is_by_name(name))


def _from_unpacked(
    place: Path, preprocessing: Preprocessing, options: LoadOptions | None
) -> Iterator[InputImage]:
    with ExitStack() as stack:
        opened = stack.enter_context(archives.opened(place, _said(options)))
        found = read_images(opened.place, preprocessing, options)
        left = stack.pop_all()

    def stream() -> Iterator[InputImage]:
        with left:
            yield from found
            yield from (InputImage(one.where, None, one.reason) for one in opened.unreadable)

    return stream()


def _from_table(
    place: Path, preprocessing: Preprocessing, options: LoadOptions | None
) -> Iterator[InputImage]:
    """The rows of anything that loading reads, such as a table of pixels without labels."""
    height, width, channels = preprocessing.picture_shape
    said = {"size": (height, width), "gray": channels == 1} if not preprocessing.frames else {}
    asked = loading.request(options, said, silent)
    try:
        images = loading.load(place, None, asked)
    except SourceError:
        raise SourceError(
            f"{place} holds no image",
            "give a folder or archive of PNG, JPEG, WebP, GIF, TIFF, BMP or other images, or a"
            " table of pixels",
        ) from None
    return images_of(images, preprocessing)


def images_of(images: ImageSet, preprocessing: Preprocessing) -> Iterator[InputImage]:
    """Give the images of a loaded set as images in the shape a model wants, in order."""
    if preprocessing.frames:
        return _squares_of(images, preprocessing)
    height, width, channels = preprocessing.picture_shape
    pixels = images.images
    if pixels.shape[3] != channels:
        pixels = transform.grey(pixels) if channels == 1 else transform.rgb(pixels)
    if pixels.shape[1:3] != (height, width):
        pixels = transform.resize(pixels, (height, width))
    made = [note for note in images.notes if note.startswith("images were made")]
    if pixels is not images.images:
        made.append(f"images were made {height}×{width}×{channels} for the model")
    words = "; ".join(made)

    def stream() -> Iterator[InputImage]:
        for row, one in enumerate(pixels):
            trained, inverted = background.as_trained(one, preprocessing.dark_border)
            done = "; ".join(filter(None, (words, inverted)))
            yield InputImage(images.id_of(row), trained, done=done)
        for bad in images.unreadable:
            yield InputImage(bad.where, None, bad.reason)

    return stream()


def _squares_of(images: ImageSet, preprocessing: Preprocessing) -> Iterator[InputImage]:
    for row, one in enumerate(squares(images, range(len(images)), preprocessing)):
        yield InputImage(images.id_of(row), one)
    for bad in images.unreadable:
        yield InputImage(bad.where, None, bad.reason)


def read_files(
    sources: Iterable[tuple[str, str | bytes | FormatError]], wanted: Preprocessing | int
) -> Iterator[InputImage]:
    """Give image files by name in the shape a model wants, in order, by the rules above.

    A number is the longest side of small copies in color, their aspect as it is.
    """
    from hangtag.rooms.load import decoding

    for (identity, _), result in decoding.in_threads(partial(_read, wanted), sources):
        if isinstance(result, FormatError):
            yield InputImage(id=identity, pixels=None, error=result.message)
        else:
            yield result


def again(place: Path, ids: Iterable[str], side: int) -> Iterator[InputImage]:
    """Small copies in color of files that :func:`read_images` read, by their ids.

    None of what is in archives and tables, whose images are nowhere as files.
    """
    folder = place if place.is_dir() else place.parent
    files = ((one, str(folder / one)) for one in ids)
    return read_files(((one, file) for one, file in files if Path(file).is_file()), side)


def one_image(
    image: str | Path | NDArray[np.uint8], preprocessing: Preprocessing
) -> NDArray[np.uint8]:
    """One image, from a file or an array, by the rules above."""
    if isinstance(image, np.ndarray):
        (one,) = images_of(in_memory.from_arrays(image[None], None, None, "one"), preprocessing)
    else:
        path = Path(image).expanduser()
        (one,) = read_files([(str(path), str(path))], preprocessing)
    if one.pixels is None:
        raise FormatError(f"{one.id} {one.error}", "give an image, such as a JPEG or PNG")
    return one.pixels


def _read(wanted: Preprocessing | int, item: tuple[str, str | bytes | FormatError]) -> InputImage:
    from hangtag.rooms.load import decoding, resizing

    identity, source = item
    if isinstance(source, FormatError):
        raise source
    if isinstance(wanted, int):
        small, _ = decoding.decode(source, grey=False, size=(wanted, wanted), least=wanted)
        return InputImage(identity, small)
    preprocessing = wanted
    height, width, channels = preprocessing.picture_shape
    if preprocessing.frames:
        # As `originals.py` opens the file of an image that trains.
        pixels, done = decoding.decode(
            source,
            grey=False,
            matte=preprocessing.matte,
            white=preprocessing.white,
            least=least_side(width),
        )
        return InputImage(
            identity, stacked(pixels, width, preprocessing.frames), done="; ".join(done)
        )
    if (seen := _item_of(source, preprocessing)) is not None:
        return InputImage(identity, seen, done=ITEM)
    pixels, done = decoding.decode(
        source,
        grey=channels == 1,
        size=(height, width),
        matte=preprocessing.matte,
        white=preprocessing.white,
    )
    # Padded first: the background of training images was measured on padded ones, too.
    trained, inverted = background.as_trained(
        resizing.pad(pixels, (height, width)), preprocessing.dark_border
    )
    return InputImage(identity, trained, done="; ".join(filter(None, (*done, inverted))))


def _item_of(source: str | bytes, preprocessing: Preprocessing) -> NDArray[np.uint8] | None:
    """The item of a photograph as training images show theirs; None of what is none."""
    from hangtag.rooms.load import decoding, item, resizing

    height, width, _ = shape = preprocessing.picture_shape
    dark, extent, side = preprocessing.dark_border, preprocessing.item_extent, max(height, width)
    if extent is None or dark is None:
        return None
    facts = decoding.facts(source)
    # What is transparent is told from the item by its file already.
    if facts.transparent or min(facts.height, facts.width) < item.LARGER * side:
        return None
    white, least = preprocessing.white, item.NEEDED * side
    photo, _ = decoding.decode(source, grey=False, white=white, least=least)
    found = item.cut_out(photo, shape, extent=extent, dark=dark)
    return None if found is None else resizing.fit(found, (height, width))

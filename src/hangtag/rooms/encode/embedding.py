"""The images of a set go in, their embeddings come out; those made before are not made again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.framing import FRAMES, unframed
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet
from hangtag.rooms.encode.encoder import BATCH, Encoder
from hangtag.rooms.encode.store import Store

CHUNK = 256
"""Embeddings are kept after so many: a kill loses no more."""


def embeddings(
    images: ImageSet,
    encoder: Encoder,
    *,
    rows: NDArray[np.int64] | None = None,
    frame: str = "crop",
    mirrored: bool = False,
    cache: Path | None = None,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Embed every image of a set, from its file where it has one.

    Args:
        images: The set.
        encoder: The network.
        rows: Which images of it; None for all.
        frame: ``crop`` for the middle square, ``whole`` for all of each image.
        mirrored: Whether the mean with the embedding of the mirror image is taken.
        cache: Folder of embeddings that were made before; None keeps none.
        progress: Told how many are done.

    Returns:
        float32 ``(n, width)``, in the order of the set, or of `rows`.

    Raises:
        OptionError: There is no such frame.
        SourceError: A file has gone since the set was loaded.
    """
    return side_by_side(
        images, encoder, (frame,), rows=rows, mirrored=mirrored, cache=cache, progress=progress
    )


def side_by_side(
    images: ImageSet,
    encoder: Encoder,
    frames: Sequence[str],
    *,
    rows: NDArray[np.int64] | None = None,
    mirrored: bool = False,
    cache: Path | None = None,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """The embeddings of several frames of each image, one behind the other.

    An image is decoded once for all frames. Each frame is kept by itself, so what one way of
    embedding has made another finds.

    Args:
        images: The set.
        encoder: The network.
        frames: Of :data:`FRAMES`.
        rows: Which images; None for all.
        mirrored: Whether the mean with the embedding of the mirror image is taken.
        cache: Folder of embeddings that were made before; None keeps none.
        progress: Told how many are done.

    Returns:
        float32 ``(n, len(frames) * width)``, in the order of `rows`.

    Raises:
        OptionError: There is no such frame.
        SourceError: A file has gone since the set was loaded.
    """
    for frame in set(frames) - set(FRAMES):
        raise OptionError(f"there is no frame '{frame}'", nearest(frame, FRAMES))
    chosen = np.arange(len(images)) if rows is None else rows
    if not len(chosen):
        return np.empty((0, len(frames) * encoder.width), np.float32)
    keys = _keys(images, chosen)
    # Copies of one image are embedded once, in the order in which they first come.
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    # One array for all, filled as embeddings are found and made: with many photographs a second
    # one would be half of the memory.
    made = np.empty((len(place), len(frames) * encoder.width), np.float32)
    stores = [_store(encoder, frame, mirrored, cache) for frame in frames]
    parts = np.split(made, len(frames), axis=1)  # views: what is put there is in the array
    found = [_found(store, place, part) for store, part in zip(stores, parts, strict=True)]
    first = dict(zip(reversed(keys), reversed(chosen.tolist()), strict=True))
    lacking = ~np.all(found, axis=0)
    missing = sorted((first[key], key) for key, number in place.items() if lacking[number])
    for start in range(0, len(missing), CHUNK):
        some = missing[start : start + CHUNK]
        at = [place[key] for _, key in some]
        fresh = _embedded(images, [row for row, _ in some], encoder, frames, mirrored=mirrored)
        for frame, store, part in zip(frames, stores, parts, strict=True):
            part[at] = fresh[frame]
            if store is not None:
                store.keep(zip((key for _, key in some), fresh[frame], strict=True))
        progress("embed", start + len(some), len(missing))
    return made if len(place) == len(keys) else made[[place[key] for key in keys]]


def _found(
    store: Store | None, place: dict[bytes, int], part: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Put those that were made before where they belong, and say which these are."""
    there = np.zeros(len(part), bool)
    for key, one in () if store is None else store.find(place):
        part[place[key]] = one
        there[place[key]] = True
    return there


def _store(encoder: Encoder, frame: str, mirrored: bool, cache: Path | None) -> Store | None:
    if cache is None:
        return None
    name = f"{encoder.name}-{encoder.digest[:12]}-{frame}{'-mirrored' if mirrored else ''}.sqlite"
    return Store(cache / name, encoder.width)


def _embedded(
    images: ImageSet,
    rows: Sequence[int],
    encoder: Encoder,
    frames: Sequence[str],
    *,
    mirrored: bool,
) -> dict[str, NDArray[np.float32]]:
    """The embeddings of each frame; few images are held at once, however large they are."""
    given = iter(unframed(images, rows, encoder.size))
    made: dict[str, list[NDArray[np.float32]]] = {frame: [] for frame in frames}
    while some := list(islice(given, BATCH)):
        for frame, parts in made.items():
            parts.append(encoder.embed(some, frame=frame, mirrored=mirrored))
    return {frame: np.concatenate(parts) for frame, parts in made.items()}


def _keys(images: ImageSet, rows: NDArray[np.int64]) -> list[bytes]:
    if images.originals is not None:
        return images.originals.take(rows).keys()
    return [
        hashlib.sha256(repr(one.shape).encode() + one.tobytes()).digest()
        for one in (images.images[row] for row in rows)
    ]

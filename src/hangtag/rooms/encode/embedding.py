"""The pictures of a set go in, their embeddings come out; those made before are not made again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet
from hangtag.rooms.encode.encoder import Encoder
from hangtag.rooms.encode.store import Store

CHUNK = 256
"""Embeddings are kept after so many: a kill loses no more."""
FRAMES = ("crop", "whole")
KEPT = 0.875
"""Side of the square that ``crop`` keeps, as a share of the shorter side: 224 of 256."""


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
    """Embed every picture of a set, from its file where it has one.

    Args:
        images: The set.
        encoder: The network.
        rows: Which pictures of it; None for all.
        frame: ``crop`` for the middle square, ``whole`` for all of each picture.
        mirrored: Whether the mean with the embedding of the mirror image is taken.
        cache: Folder of embeddings that were made before; None keeps none.
        progress: Told how many are done.

    Returns:
        float32 ``(n, width)``, in the order of the set, or of `rows`.

    Raises:
        OptionError: There is no such frame.
        SourceError: A file has gone since the set was loaded.
    """
    if frame not in FRAMES:
        raise OptionError(f"there is no frame '{frame}'", nearest(frame, FRAMES))
    chosen = np.arange(len(images)) if rows is None else rows
    keys = _keys(images, chosen)
    name = f"{encoder.name}-{encoder.digest[:12]}-{frame}{'-mirrored' if mirrored else ''}.sqlite"
    store = None if cache is None else Store(cache / name, encoder.width)
    known = {} if store is None else store.find(list(dict.fromkeys(keys)))
    first = {key: row for row, key in reversed(list(enumerate(keys)))}  # copies are embedded once
    missing = sorted(row for key, row in first.items() if key not in known)
    for start in range(0, len(missing), CHUNK):
        some = missing[start : start + CHUNK]
        pictures = _pictures(images, chosen[some].tolist(), encoder)
        made = encoder.embed(pictures, frame=frame, mirrored=mirrored)
        fresh = {keys[at]: one for at, one in zip(some, made, strict=True)}
        known |= fresh
        if store is not None:
            store.keep(fresh.items())
        progress("embed", start + len(some), len(missing))
    if not keys:
        return np.empty((0, encoder.width), np.float32)
    return np.stack([known[key] for key in keys])


def _keys(images: ImageSet, rows: NDArray[np.int64]) -> list[bytes]:
    if images.originals is not None:
        return images.originals.take(rows).keys()
    # The shape is hashed, too: 28×28 and 14×56 pixels can have the same bytes.
    return [
        hashlib.sha256(repr(images.shape).encode() + images.images[row].tobytes()).digest()
        for row in rows
    ]


def _pictures(
    images: ImageSet, rows: Sequence[int], encoder: Encoder
) -> Iterator[NDArray[np.uint8]]:
    if images.originals is not None:
        return images.originals.open(rows, math.ceil(encoder.size / KEPT))
    return (images.images[row] for row in rows)

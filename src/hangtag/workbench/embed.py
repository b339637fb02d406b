"""Embedding: a set goes in, a vector for each image comes out, near for images that look alike."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic, settings
from hangtag.progress import Progress, silent
from hangtag.records import Embeddings
from hangtag.requests import EmbedRequest, takes
from hangtag.rooms import encode as room
from hangtag.workbench.data import Data, as_images


@takes(EmbedRequest)
def embed(data: Data, asked: EmbedRequest, *, progress: Progress = silent) -> Embeddings:
    """Turn every image into an embedding, from its file where it has one.

    What was embedded before is not embedded again, wherever its file lies now.

    Args:
        data: A name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options can be given by keyword.
        progress: Told how many images are done.

    Raises:
        OptionError: There is no such encoder, or its weights are not installed.
        SourceError: A file has gone since the set was loaded.

    Example:
        >>> hangtag.embed("photos/").vectors.shape
    """
    encoder = room.open_encoder(asked.encoder, settings.cache_folder() / "encoders")
    images = as_images(data, limit=asked.limit, progress=progress)
    vectors = room.embeddings(
        images,
        encoder,
        frame=asked.frame,
        mirrored=asked.mirrored,
        cache=settings.cache_folder() / "embeddings",
        progress=progress,
    )
    return Embeddings(vectors, images, encoder.name, encoder.digest, asked.frame, asked.mirrored)


def encoders() -> list[dict[str, Any]]:
    """The encoders that have a name: what each is, its licence, and whether it is installed."""
    return [
        {
            "name": name,
            "about": one.about,
            "licence": one.licence,
            "width": one.width,
            "size": one.size,
            "extra": one.extra,
            "installed": room.is_installed(name),
        }
        for name, one in room.ENCODERS.items()
    ]


def write_embeddings(found: Embeddings, out: Path) -> Path:
    """Write embeddings and what they are of as one ``.npz`` file, all of it or nothing.

    It holds ``vectors`` float32 ``(n, d)``, ``labels`` int64 (-1 for none), ``ids``,
    ``class_names``, for each part of the set its first and past-the-last row, and ``facts``: the
    encoder, its digest and how images were framed, as JSON.
    """
    buffer = BytesIO()
    arrays: dict[str, Any] = {
        "vectors": found.vectors,
        "labels": found.images.labels,
        "ids": np.array([found.images.id_of(row) for row in range(len(found))], np.str_),
        "class_names": np.array(found.images.class_names, np.str_),
        "facts": np.array(json.dumps(found.facts)),
    }
    parts = {f"part_{name}": [at.start, at.stop] for name, at in found.images.parts.items()}
    np.savez_compressed(buffer, allow_pickle=False, **arrays, **parts)
    return atomic.write_bytes(out, buffer.getvalue())

"""Embedding: a set goes in, a vector for each image comes out, near for images that look alike."""

from __future__ import annotations

from hangtag import settings
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

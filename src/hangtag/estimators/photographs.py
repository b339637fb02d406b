"""Photographs for models of points: an encoder by its name, and what it has embedded before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.progress import Progress
from hangtag.records import ImageSet
from hangtag.rooms import encode as room
from hangtag.rooms.features import OpenEncoder


def encoder_opener(*, cached: bool, progress: Progress) -> Callable[[str], OpenEncoder]:
    """What opens an encoder by its name.

    Args:
        cached: Whether embeddings are kept, and read where they are.
        progress: Told how many images are embedded.
    """

    def opened(name: str) -> OpenEncoder:
        encoder = room.open_encoder(name, settings.cache_folder() / "encoders")
        cache = settings.cache_folder() / "embeddings" if cached else None

        def embed(
            images: ImageSet, rows: NDArray[np.int64], frames: Sequence[str]
        ) -> NDArray[np.float32]:
            return room.side_by_side(
                images, encoder, frames, rows=rows, cache=cache, progress=progress
            )

        facts = {"name": name, "digest": encoder.digest, "licence": encoder.licence}
        return OpenEncoder(encoder.size, encoder.model, embed, facts)

    return opened

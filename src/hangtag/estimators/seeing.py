"""Features of a whole set for the verbs that only look: images and a text in, ``Seen`` out.

Unlike a kind of model, which must answer for raw pictures of one size ever after, these verbs may
see each picture as its file has it. So an encoder is given what ``hangtag embed`` gives it, and
finds what that has kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.estimators.points import features_on
from hangtag.geometry import Seen
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet
from hangtag.rooms import encode as encode_room
from hangtag.rooms import features as features_room

FRAME = "whole"
"""What an encoder sees of a picture: all of it, as kinds of model do, so that edges count."""


def seen(
    images: ImageSet,
    said: str,
    *,
    learn_from: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Seen:
    """What is seen of a set's images.

    Args:
        images: The set.
        said: ``pixels``, ``pca:0.95``, ``network:RUN``, ``encoder:photo``.
        learn_from: Positions of the images that axes are fitted on; None for all.
        progress: Told how far it is.

    Raises:
        OptionError: There are no such features, or they are not of such pictures.
    """
    features_room.check(said)
    word, _, rest = said.partition(":")
    if word == "encoder":
        return _encoded(images, rest, progress)
    rows = np.arange(len(images)) if learn_from is None else learn_from
    found = features_on(images, rows, said, progress=progress)
    return Seen(found.name, lambda where: found.points(images.images[where]), found.points)


def _encoded(images: ImageSet, name: str, progress: Progress) -> Seen:
    cache = settings.cache_folder()
    encoder = encode_room.open_encoder(name, cache / "encoders")

    def of_rows(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return encode_room.embeddings(
            images, encoder, rows=rows, frame=FRAME, cache=cache / "embeddings", progress=progress
        )

    def of_pictures(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return encoder.embed(pictures, frame=FRAME)

    return Seen(f"encoder:{name}", of_rows, of_pictures)

"""Features of a whole set for the verbs that only look: images and a text in, ``Seen`` out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators.points import features_on
from hangtag.framing import stacked
from hangtag.geometry import Seen
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet


def seen(
    images: ImageSet,
    said: str,
    *,
    learn_from: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> Seen:
    """What is seen of a set's images, the same as a kind of model sees that is asked so.

    Args:
        images: The set.
        said: ``pixels``, ``pca:0.95``, ``network:RUN``, ``encoder:photo``.
        learn_from: Positions of the images that axes are fitted on; None for all.
        progress: Told how far it is.

    Raises:
        OptionError: There are no such features, or they are not of such images.
    """
    rows = np.arange(len(images)) if learn_from is None else learn_from
    found = features_on(images, rows, said, progress=progress)
    preprocessing = found.preprocessing

    def of_images(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # An encoder sees squares of a photograph; those of a set it makes of files, these are in
        # memory already.
        if preprocessing.frames:
            side, frames = preprocessing.picture_shape[1], preprocessing.frames
            pixels = np.stack([stacked(one, side, frames) for one in pixels])
        return found.points(pixels)

    return Seen(found.name, lambda where: found.at(images, where), of_images)

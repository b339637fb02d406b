"""Photographs of one's own: how large, how bright and how sharp they are, as files have them.

Sharpness is the variance of the Laplacian of an image's brightness, at the size that all images
of the set have: an unsharp image has few edges. Source: Pech-Pacheco et al., "Diatom autofocusing
in brightfield microscopy" (2000).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ImageSet, Photos

MOST = 2000
"""Images that are measured; of more, so many are drawn."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601, as everywhere


def photos(images: ImageSet, indices: NDArray[np.int64], seed: int) -> Photos | None:
    """Measure images that are files; None of a set of arrays, which are no photographs.

    Args:
        images: The set.
        indices: Which of its images.
        seed: Draws them where there are more than :data:`MOST`.
    """
    if images.originals is None or not len(indices):
        return None
    if len(indices) > MOST:
        indices = np.sort(np.random.default_rng(seed).choice(indices, MOST, replace=False))
    measured = np.array([_brightness_and_sharpness(images.images[one]) for one in indices])
    sizes = images.originals.sizes(indices.tolist())
    return Photos(indices, measured[:, 0], measured[:, 1], sizes)


def _brightness_and_sharpness(image: NDArray[np.uint8]) -> tuple[float, float]:
    gray = image[:, :, 0].astype(np.float32) if image.shape[2] == 1 else image @ _LUMA
    inner = gray[1:-1, 1:-1]
    edges = gray[:-2, 1:-1] + gray[2:, 1:-1] + gray[1:-1, :-2] + gray[1:-1, 2:] - 4 * inner
    return float(gray.mean()), float(edges.var()) if edges.size else 0.0

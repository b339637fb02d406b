"""PCA: the map on which the images differ most; points go in, their first coordinates come out."""

from __future__ import annotations

from hangtag.progress import Progress
from hangtag.rooms.reduce.method import Embedding, Method, Points


def embed(points: Points, *, dimensions: int, seed: int, progress: Progress) -> Embedding:  # noqa: ARG001 - every method has them
    """Put each point at its first principal coordinates.

    Args:
        points: The images as points.
        dimensions: Axes of the map.
        seed: Not used: nothing here is random.
        progress: Not used: the axes are fitted already.
    """
    axes = tuple(
        f"PC{number} ({ratio:.2%} of the variance)"
        for number, ratio in enumerate(points.pca.ratios[:dimensions], start=1)
    )
    return Embedding(points.values[:, :dimensions], axes)


METHOD = Method(embed, whole=True)

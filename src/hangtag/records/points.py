"""Images as points in few dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Projection:
    """A map: one point per image.

    Attributes:
        method: ``pca``, ``tsne``, ``lle``, ``mds`` or ``umap``.
        indices: ``(n,)`` int64, which images of the set are on the map, in order.
        points: ``(n, dimensions)`` float32.
        axes: A label per axis, with the explained variance where there is one.
        options: Every option that changes the result, the seed among them.
        quality: ``trustworthiness``, ``class_agreement`` and others, by name.
        notes: What a reader must know, such as that it shows a sample.
    """

    method: str
    indices: NDArray[np.int64]
    points: NDArray[np.float32]
    axes: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

"""Images as vectors that a network made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.images import ImageSet


@dataclass(frozen=True, eq=False)
class Embeddings:
    """A vector for each image of a set.

    Attributes:
        vectors: ``(n, d)`` float32, in the order of the set.
        images: The set.
        encoder: Name of the network.
        digest: SHA-256 of its weights; vectors of another cannot be compared with these.
        frame: ``crop`` or ``whole``.
        mirrored: Whether each is the mean with that of the mirror image.
    """

    vectors: NDArray[np.float32]
    images: ImageSet
    encoder: str
    digest: str
    frame: str
    mirrored: bool

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        n, d = self.vectors.shape
        return f"Embeddings({n:,} of {self.images.name}, {d:,} numbers each, by {self.encoder})"

    @property
    def facts(self) -> dict[str, Any]:
        """How they were made, JSON-ready."""
        return {
            "encoder": self.encoder,
            "digest": self.digest,
            "frame": self.frame,
            "mirrored": self.mirrored,
            "images": len(self),
            "width": int(self.vectors.shape[1]),
            "fingerprint": self.images.fingerprint,
        }

"""Points go in, their directions come out: what a cosine compares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-12
"""A shorter point has no direction to speak of, and stays next to nothing."""


def directions(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(n, d)`` points at length 1."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    found: NDArray[np.float32] = (points / np.maximum(lengths, _LEAST)).astype(np.float32)
    return found

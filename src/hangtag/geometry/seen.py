"""What a verb sees of a set's images: features go in by two functions, and rooms ask for points.

Rooms that reduce, cluster and audit may not import the room that makes features; they are handed
this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Seen:
    """The features of a set.

    Attributes:
        name: What gives the same features again, such as ``encoder:photo``.
        of_rows: ``(m,)`` positions in the set to ``(m, d)`` features.
        of_images: ``(m, height, width, channels)`` other images of the set's shape to theirs.
    """

    name: str
    of_rows: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    of_images: Callable[[NDArray[np.uint8]], NDArray[np.float32]]

"""Embeddings that were made before, found again by what is in the image: a file in the cache.

The key of an embedding is a hash of the image and of all that was done to it, the encoder's
digest among that, so images may be moved, renamed and added to: only new ones are embedded. One
file for each way of embedding (`remembered.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.remembered import Remembered


class Store:
    """Embeddings of one encoder, used in one way.

    Args:
        place: The file; made when something is first kept.
        width: Numbers of an embedding.
    """

    def __init__(self, place: Path, width: int) -> None:
        self._kept, self._width = Remembered(place), width

    def find(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        """Those that are kept, with their keys, one after the other."""
        for key, one in self._kept.find(keys):
            # Little-endian whatever the machine, so that a cache can be moved with a home folder.
            if len(one) == 4 * self._width:
                yield key, np.frombuffer(one, "<f4")

    def keep(self, made: Iterable[tuple[bytes, NDArray[np.float32]]]) -> None:
        """Keep embeddings by their keys, all of them or none."""
        self._kept.keep((key, one.astype("<f4").tobytes()) for key, one in made)

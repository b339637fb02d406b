"""What trainings in one process can share: images on the device and compiled programs.

Programs of the same text are compiled once, so that networks that differ only in numbers (weights,
learning rate, seed) cost one compilation together.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Preprocessing
from hangtag.rooms.train import data

if TYPE_CHECKING:
    from jax.stages import Lowered

CORES = 2
"""Programs compiled side by side; more would only wait for each other."""


class Shared:
    """Images and programs by what they are made of; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._images: dict[Any, tuple[Any, data.DeviceImages]] = {}
        self._programs: dict[str, Future[Any]] = {}
        self._pool = ThreadPoolExecutor(max_workers=CORES)

    def on_device(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], preprocessing: Preprocessing
    ) -> data.DeviceImages:
        """Put `images` on the device, once for the same arrays and crop."""
        key = (id(images), id(labels), preprocessing.rows, preprocessing.columns)
        with self._lock:
            if key not in self._images:
                placed = data.to_device(images, labels, preprocessing)
                # The arrays are kept too: an id is only theirs for as long as they live.
                self._images[key] = ((images, labels), placed)
            return self._images[key][1]

    def compile(self, lowered: Lowered) -> Future[Any]:
        """Compile `lowered` in the background, once for the same text."""
        text = lowered.as_text()
        with self._lock:
            if text not in self._programs:
                self._programs[text] = self._pool.submit(lowered.compile)
            return self._programs[text]

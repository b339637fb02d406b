"""What trainings in one process can share: images on the device and compiled programs.

Programs of the same text are compiled once, so that networks that differ only in numbers (weights,
learning rate, seed) cost one compilation together. Where the form of a training is known
(:mod:`~hangtag.rooms.train.forms`), its programs stay for the next one of that form, which then has
no text to make either.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
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

MOST_KEPT = 24
"""Programs that stay in this process, three of a training; of small networks they are 2 MB each."""

_KEPT: OrderedDict[str, Future[Any]] = OrderedDict()
_LOCK = threading.Lock()


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

    def program(self, name: str | None, lower: Callable[[], Lowered]) -> Future[Any]:
        """Give the program of `name`, which :func:`~.forms.program_name` made.

        Args:
            name: None where the form is not known; then it is lowered in any case.
            lower: Traces and lowers it.
        """
        if name is None:
            return self.compile(lower())
        with _LOCK:
            if name in _KEPT:
                _KEPT.move_to_end(name)
                return _KEPT[name]
        made = self.compile(lower())
        with _LOCK:
            _KEPT[name] = made
            while len(_KEPT) > MOST_KEPT:
                _KEPT.popitem(last=False)
        made.add_done_callback(lambda done: _forget_failed(name, done))
        return made

    def compile(self, lowered: Lowered) -> Future[Any]:
        """Compile `lowered` in the background, once for the same text."""
        text = lowered.as_text()
        with self._lock:
            if text not in self._programs:
                self._programs[text] = self._pool.submit(lowered.compile)
            return self._programs[text]


def forget_programs() -> None:
    """Trace and compile every program anew when it is wanted again."""
    with _LOCK:
        _KEPT.clear()


def _forget_failed(name: str, done: Future[Any]) -> None:
    """What could not be compiled (memory was short, say) is tried again by the next training."""
    if done.cancelled() or done.exception() is not None:
        with _LOCK:
            _KEPT.pop(name, None)

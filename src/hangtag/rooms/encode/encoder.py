"""An encoder: images of any size go in, one embedding each comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FailedError
from hangtag.onnx_sessions import Session, answers, open_session
from hangtag.progress import Progress, silent

BATCH = 16
"""Images in one call: more gain nothing on a CPU and hold more memory."""


@dataclass(frozen=True, eq=False)
class Encoder:
    """A network up to its embedding, with all that must be known to use it.

    Attributes:
        name: What it is asked for by, such as ``photo``.
        digest: SHA-256 of its weights and of how images are framed for it, hexadecimal:
            embeddings of another digest cannot be compared with its own.
        size: Rows and columns of the square it sees.
        width: Numbers of an embedding.
        about: A line on where it is from.
        licence: Its licence, by its usual short name.
        model: ONNX, from uint8 ``(n, size, size, 3)`` to float32 ``(n, width)``.
        cut: Name of the value in it behind which it can be fine-tuned; "" where it cannot.
    """

    name: str
    digest: str
    size: int
    width: int
    about: str
    licence: str
    model: bytes = field(repr=False)
    cut: str = ""

    @cached_property
    def _session(self) -> Session:
        return open_session(self.model)

    def embed(
        self,
        images: Iterable[NDArray[np.uint8]],
        *,
        frame: str = "crop",
        mirrored: bool = False,
        total: int = 0,
        progress: Progress = silent,
    ) -> NDArray[np.float32]:
        """The embeddings of images, in order; at most a batch of them is held at a time.

        Args:
            images: uint8 ``(height, width, 1 or 3)`` each, of any size.
            frame: ``crop`` for the middle square, ``whole`` for all of it.
            mirrored: Whether the mean with the embedding of the mirror image is taken.
            total: How many there are, for the progress; 0 when nobody knows.
            progress: Told how many are done.

        Returns:
            float32 ``(n, width)``.

        Raises:
            FailedError: The network fails.
        """
        found = [np.empty((0, self.width), np.float32)]
        done = 0
        for batch in self._batches(images, frame):
            made = self._answers(batch)
            if mirrored:
                made += self._answers(batch[:, :, ::-1])
                made /= 2
            found.append(made)
            done += len(batch)
            progress("embed", done, total)
        return np.concatenate(found)

    def _batches(
        self, images: Iterable[NDArray[np.uint8]], frame: str
    ) -> Iterator[NDArray[np.uint8]]:
        from hangtag.framing import framed

        waiting = iter(images)
        while some := [framed(one, self.size, frame) for one in islice(waiting, BATCH)]:
            yield np.stack(some)

    def _answers(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        try:
            return answers(self._session, "embedding", np.ascontiguousarray(batch))
        except RuntimeError as error:
            raise FailedError(f"the encoder '{self.name}' fails: {error}") from None

"""Images that come in, tags that go out, and what can give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.records.preprocessing import Preprocessing
from hangtag.records.upstairs import Framed

UNKNOWN = "unknown"
"""The tag of an image that no class is sure enough of; no class is called so."""
UNSURE, STRANGE = "unsure", "unlike anything seen"
"""Why an image is tagged so."""


@dataclass(frozen=True, eq=False)
class InputImage:
    """One image as it came, in the shape a model wants, or the reason it cannot be read.

    Attributes:
        id: Its path inside the folder it came from.
        pixels: ``(height, width, channels)`` uint8, or None.
        error: One sentence, or empty.
        done: What was done to it to give it that shape, such as ``made grey; fitted from
            600×400``; empty when it is bit for bit as it came.
    """

    id: str
    pixels: NDArray[np.uint8] | None
    error: str = ""
    done: str = ""


@dataclass(frozen=True)
class Tag:
    """A model's answer for one image.

    Attributes:
        id: The image's id.
        label: Class name, ``unknown`` when the model is not sure enough, empty on error.
        confidence: Probability of the most probable class; None on error.
        top: The most probable classes with their probabilities, best first.
        model: Id of the model that answered.
        error: Why there is no answer; empty when there is one.
        done: What was done to the image before the model saw it, see :class:`InputImage`.
        reason: Why it is ``unknown``: ``unsure``, or ``unlike anything seen``.
        familiarity: Mean cosine to the training images most like it, less what its pixels have
            that theirs have not; None where nobody knows.
    """

    id: str
    label: str
    confidence: float | None
    top: tuple[tuple[str, float], ...]
    model: str
    error: str = ""
    done: str = ""
    reason: str = ""
    familiarity: float | None = None


class Tags(list[Tag], Framed):
    """The tags of some images in their order, a list that is a table, too."""


class Classifier(Protocol):
    """Anything that can tag: a bundle, a forest, a network in memory."""

    @property
    def model_id(self) -> str:
        """Short name that changes whenever the model's answers may."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What the model expects images to be and does to them."""

    @property
    def threshold(self) -> float | None:
        """Confidence below which it says "unknown"; None when none is known to be high enough."""

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, n_classes)`` probabilities."""

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, d)`` vectors, near for look-alikes."""

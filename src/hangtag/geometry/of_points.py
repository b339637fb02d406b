"""Classifiers of points: raw images in, the points that a forest or a mixture sees out.

What such models share: how images become points, what must fit what, their name, and when they
say "unknown".
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.geometry.axes import Axes, points_of
from hangtag.records import ImageSet, Preprocessing, SeenNetwork

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto


class Embedder(Protocol):
    """A network whose layer a model sees instead of pixels; ``rooms/features`` has it."""

    @property
    def network(self) -> SeenNetwork | None:
        """In numbers."""

    def points(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, d)``."""

    def at(self, images: ImageSet, rows: NDArray[np.int64], /) -> NDArray[np.float32]:
        """The points of some images of a set, from their files where it wants those."""

    def graph(self, images: str, result: str, /) -> tuple[list[NodeProto], list[TensorProto]]:
        """From raw images to points as ONNX, both by the names of their values."""


class OfPoints:
    """The part of a classifier that knows of images and classes; a dataclass has the fields.

    Attributes:
        kind: What the model is, in complaints.
        dtype: The type of its points.
    """

    kind: ClassVar[str]
    dtype: ClassVar[type[np.floating[Any]]]

    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    axes: Axes | None
    facts: Mapping[str, Any]
    embedder: Embedder | None

    @property
    def threshold(self) -> float | None:
        """Confidence below which it says "unknown"; None without one: all tags are."""
        threshold = self.facts.get("threshold")
        return None if threshold is None else float(threshold)

    def points(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """``(n, height, width, channels)`` images to the ``(n, d)`` points the model sees.

        Raises:
            OptionError: The images have another shape or type.
        """
        self.preprocessing.check(images, f"this {self.kind}")
        if self.embedder is not None:
            return self.embedder.points(images).astype(self.dtype, copy=False)
        return points_of(images, self.preprocessing, self.axes, dtype=self.dtype)

    def at(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[Any]:
        """What it sees of some images of a set, from their files where it wants those."""
        if self.embedder is None:
            return self.points(images.images[rows])
        return self.embedder.at(images, rows).astype(self.dtype, copy=False)

    def check_fit(self, n_features: int, n_classes: int) -> None:
        """Refuse images, axes and names that do not fit so many features and classes.

        Raises:
            OptionError: They do not.
        """
        if self.embedder is not None:
            self._check_network(n_features)
            return self._check_classes(n_classes)
        pixels = math.prod(self.preprocessing.output_shape)
        seen = pixels if self.axes is None else self.axes.mean.size
        given = pixels if self.axes is None else len(self.axes.components)
        if (seen, given) != (pixels, n_features):
            raise OptionError(
                f"the {self.kind} sees points of {n_features} numbers; images of "
                f"{self.preprocessing.output_shape} give {given}"
            )
        return self._check_classes(n_classes)

    def _check_network(self, n_features: int) -> None:
        network = None if self.embedder is None else self.embedder.network
        if self.axes is not None or network is None or network.n_features != n_features:
            raise OptionError(
                f"the {self.kind} sees points of {n_features} numbers; its features give others"
            )

    def _check_classes(self, n_classes: int) -> None:
        if {len(self.class_names), len(self.class_codes)} != {n_classes}:
            raise OptionError(
                f"the {self.kind} knows {n_classes} classes; {len(self.class_names)} names and "
                f"{len(self.class_codes)} labels were given"
            )

    def named(self, name: str, arrays: Mapping[str, NDArray[Any]], **more: str) -> str:
        """`name` and a number that changes whenever the answers of the model may."""
        told = {
            **more,
            "preprocessing": self.preprocessing.to_dict(),
            "class_names": list(self.class_names),
            "class_codes": list(self.class_codes),
        }
        if self.embedder is not None and self.embedder.network is not None:
            told["features"] = self.embedder.network.name
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        # All bytes of all arrays: two models that differ in one leaf have two names, so a tag says
        # whose it is.
        for array in arrays.values():
            digest.update(np.ascontiguousarray(array).tobytes())
        return f"{name}-{digest.hexdigest()[:12]}"

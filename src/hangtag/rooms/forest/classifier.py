"""A forest with all it needs to answer for raw images: uint8 images go in, probabilities out.

Satisfies ``records.Classifier``. Answers come from NumPy alone; neither scikit-learn nor
onnxruntime is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import geometry
from hangtag.errors import FormatError, OptionError
from hangtag.geometry import Axes, Embedder, OfPoints, axes_from_arrays
from hangtag.records import ForestSpec, ImageSet, Preprocessing, Trees
from hangtag.rooms.forest import answer
from hangtag.rooms.forest.keep import trees_from_arrays, trees_to_arrays


def points_of(
    images: NDArray[np.uint8], preprocessing: Preprocessing, axes: Axes | None
) -> NDArray[np.float32]:
    """``(n, height, width, channels)`` images to the points that trees are grown from."""
    return geometry.points_of(images, preprocessing, axes, dtype=Forest.dtype)


@dataclass(frozen=True, eq=False)
class Forest(OfPoints):
    """A trained forest, ready to answer.

    Attributes:
        trees: Its trees.
        preprocessing: What is done to images first.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        axes: What pixels are projected on; None where trees see the pixels.
        facts: What is known of it: data, scores, seed; ``threshold`` among them.
        embedder: The network whose layer it sees instead of pixels; None without.
    """

    kind = "forest"
    dtype = np.float32

    trees: Trees
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    axes: Axes | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    embedder: Embedder | None = None

    def __post_init__(self) -> None:
        self.check_fit(self.trees.n_features, self.trees.n_classes)

    @cached_property
    def model_id(self) -> str:
        """Short name that changes whenever the answers may."""
        return self.named("forest", self.arrays())

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, n_classes)`` probabilities.

        Raises:
            OptionError: The images have another shape or type.
        """
        return answer.probabilities(self.trees, self.points(images)).astype(np.float32)

    def probabilities_at(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The answers for some images of a set."""
        return answer.probabilities(self.trees, self.at(images, rows)).astype(np.float32)

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to vectors, near for look-alikes.

        The product of two vectors tells, but for noise, in how many trees both images fall into
        one leaf.

        Raises:
            OptionError: The images have another shape or type.
        """
        return answer.sketch(self.trees, self.points(images))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its trees and axes by name; :func:`forest_from_arrays` is the way back."""
        arrays = trees_to_arrays(self.trees)
        if self.axes is not None:
            arrays |= self.axes.arrays()
        return arrays

    def spec(self, kind: str, max_depth: int | None = None) -> ForestSpec:
        """The forest in numbers.

        Args:
            kind: A name in ``KINDS``.
            max_depth: What its trees were limited to; None for no limit.
        """
        return ForestSpec(
            name=kind,
            input_shape=self.preprocessing.output_shape,
            n_estimators=len(self.trees),
            max_depth=max_depth,
            axes=None if self.axes is None else len(self.axes.components),
            n_classes=self.trees.n_classes,
            nodes=self.trees.n_nodes,
            shares=len(self.trees.shares),
            embedding_size=answer.SKETCH,
            network=None if self.embedder is None else self.embedder.network,
        )


def forest_from_arrays(
    arrays: Mapping[str, NDArray[Any]],
    preprocessing: Preprocessing,
    *,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    facts: Mapping[str, Any],
    embedder: Embedder | None = None,
) -> Forest:
    """A forest of what :meth:`Forest.arrays` gave, checked; nothing in it is run.

    Raises:
        FormatError: The arrays are not those of a forest on such images and classes.
    """
    try:
        # Checked node by node there: children that point backwards would be a walk without end.
        trees = trees_from_arrays(arrays)
        axes = axes_from_arrays(arrays)
        return Forest(trees, preprocessing, class_names, class_codes, axes, facts, embedder)
    except (KeyError, TypeError, ValueError, AttributeError, OptionError) as error:
        raise FormatError("these arrays are no forest, or damaged", "grow it again") from error

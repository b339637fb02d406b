"""A mixture with all it needs to answer for raw images: uint8 images go in, probabilities out.

Satisfies ``records.Classifier``. Answers come from NumPy alone, in float64; neither scikit-learn
nor onnxruntime is imported.
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
from hangtag.records import ImageSet, MixtureSpec, Preprocessing
from hangtag.rooms.cluster.components import Components, components_from_arrays

NAMES = {False: "mixture", True: "mixture-class-conditional"}
"""What a model is called: one mixture of all images, or one of each class's."""


def points_of(
    images: NDArray[np.uint8], preprocessing: Preprocessing, axes: Axes | None
) -> NDArray[np.float64]:
    """``(n, height, width, channels)`` images to the ``(n, d)`` points that a mixture sees."""
    return geometry.points_of(images, preprocessing, axes, dtype=MixtureClassifier.dtype)


@dataclass(frozen=True, eq=False)
class MixtureClassifier(OfPoints):
    """A fitted mixture, ready to answer.

    Attributes:
        components: What it is made of.
        k: Components asked for: of the mixture, or of each class's.
        class_conditional: Whether each class has a mixture of its own.
        preprocessing: What is done to images first.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        axes: What pixels are projected on; None where components lie among the pixels.
        facts: What is known of it: data, scores, seed; ``threshold`` among them.
        embedder: The network whose layer it sees instead of pixels; None without.
    """

    kind = "mixture"
    dtype = np.float64

    components: Components
    k: int
    class_conditional: bool
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    axes: Axes | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    embedder: Embedder | None = None

    def __post_init__(self) -> None:
        self.check_fit(self.components.n_features, self.components.n_classes)

    @cached_property
    def model_id(self) -> str:
        """Short name that changes whenever the answers may."""
        covariance = self.components.covariance
        return self.named(NAMES[self.class_conditional], self.arrays(), covariance=covariance)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, n_classes)`` probabilities.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self.components.probabilities(self.points(images)).astype(np.float32)

    def probabilities_at(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The answers for some images of a set."""
        return self.components.probabilities(self.at(images, rows)).astype(np.float32)

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to vectors, near for look-alikes.

        These are the points that the mixture sees: coordinates on the principal axes, or pixels.
        Responsibilities would be the analogue of a forest's leaves; but among many dimensions
        nearly every image belongs to one component alone, and all of one component's images
        would be equally near to each other.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self.points(images).astype(np.float32)

    def responsibilities(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """``(n, height, width, channels)`` images to ``(n, k)``: which component each is of.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self.components.responsibilities(self.points(images))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Components and axes by name; :func:`mixture_from_arrays` is the way back."""
        return self.components.arrays() | ({} if self.axes is None else self.axes.arrays())

    @property
    def spec(self) -> MixtureSpec:
        """The mixture in numbers."""
        return MixtureSpec(
            name=NAMES[self.class_conditional],
            input_shape=self.preprocessing.output_shape,
            k=self.k,
            components=len(self.components),
            covariance=self.components.covariance,
            axes=None if self.axes is None else len(self.axes.components),
            n_classes=self.components.n_classes,
            class_conditional=self.class_conditional,
            network=None if self.embedder is None else self.embedder.network,
        )


def mixture_from_arrays(
    spec: MixtureSpec,
    arrays: Mapping[str, NDArray[Any]],
    preprocessing: Preprocessing,
    *,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    facts: Mapping[str, Any],
    embedder: Embedder | None = None,
) -> MixtureClassifier:
    """A mixture of what :meth:`MixtureClassifier.arrays` gave, checked; nothing in it is run.

    Raises:
        FormatError: The arrays are not those of such a mixture on such images and classes.
    """
    try:
        found = MixtureClassifier(
            components_from_arrays(spec.covariance, arrays),
            spec.k,
            spec.class_conditional,
            preprocessing,
            class_names,
            class_codes,
            axes_from_arrays(arrays),
            facts,
            embedder,
        )
        # Arrays that are sound but of another model: its numbers in the manifest tell.
        same = found.spec == spec
    except (KeyError, TypeError, ValueError, AttributeError, OptionError) as error:
        raise _damaged() from error
    if not same:
        raise _damaged()
    return found


def _damaged() -> FormatError:
    return FormatError("these arrays are no mixture, or damaged", "fit it again")

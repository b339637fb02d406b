"""A mixture with all it needs to answer for raw pictures: uint8 pictures go in, probabilities out.

Satisfies ``records.Classifier``. Answers come from NumPy alone, in float64; neither scikit-learn
nor onnxruntime is imported.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import geometry
from hangtag.errors import FormatError, OptionError
from hangtag.geometry import Axes, axes_from_arrays
from hangtag.records import MixtureSpec, Preprocessing
from hangtag.rooms.cluster.components import Components, components_from_arrays

NAMES = {False: "mixture", True: "mixture-per-class"}
"""What a model is called: one mixture of all images, or one of each class's."""


def points_of(
    images: NDArray[np.uint8], preprocessing: Preprocessing, axes: Axes | None
) -> NDArray[np.float64]:
    """``(n, height, width, channels)`` pictures to the ``(n, d)`` points that a mixture sees."""
    return geometry.points_of(images, preprocessing, axes, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class MixtureClassifier:
    """A fitted mixture, ready to answer.

    Attributes:
        components: What it is made of.
        k: Components asked for: of the mixture, or of each class's.
        per_class: Whether each class has a mixture of its own.
        preprocessing: What is done to pictures first.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        axes: What pixels are projected on; None where components lie among the pixels.
        facts: What is known of it: data, scores, seed; ``threshold`` among them.
    """

    components: Components
    k: int
    per_class: bool
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    axes: Axes | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        d, pixels = self.components.n_features, math.prod(self.preprocessing.output_shape)
        seen = pixels if self.axes is None else self.axes.mean.size
        given = pixels if self.axes is None else len(self.axes.components)
        if (seen, given) != (pixels, d):
            raise OptionError(
                f"the mixture was fitted on points of {d} numbers; pictures of "
                f"{self.preprocessing.output_shape} give {given if self.axes else seen}"
            )
        if {len(self.class_names), len(self.class_codes)} != {self.components.n_classes}:
            raise OptionError(
                f"the mixture knows {self.components.n_classes} classes; "
                f"{len(self.class_names)} names were given"
            )

    @cached_property
    def model_id(self) -> str:
        """Short name that changes whenever the answers may."""
        digest = hashlib.sha256(json.dumps(self._told(), sort_keys=True).encode())
        for array in self.arrays().values():
            digest.update(np.ascontiguousarray(array).tobytes())
        return f"{NAMES[self.per_class]}-{digest.hexdigest()[:12]}"

    @property
    def threshold(self) -> float | None:
        """Confidence below which it says "unknown"; None when it always answers."""
        threshold = self.facts.get("threshold")
        return None if threshold is None else float(threshold)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` pictures to ``(n, n_classes)`` probabilities.

        Raises:
            OptionError: The pictures have another shape or type.
        """
        return self.components.probabilities(self.points(images)).astype(np.float32)

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` pictures to vectors, near for look-alikes.

        These are the points that the mixture sees: coordinates on the principal axes, or pixels.
        Responsibilities would be the analogue of a forest's leaves; but among many dimensions
        nearly every picture belongs to one component alone, and all of one component's pictures
        would be equally near to each other.

        Raises:
            OptionError: The pictures have another shape or type.
        """
        return self.points(images).astype(np.float32)

    def responsibilities(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """``(n, height, width, channels)`` pictures to ``(n, k)``: which component each is of.

        Raises:
            OptionError: The pictures have another shape or type.
        """
        return self.components.responsibilities(self.points(images))

    def points(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The points the mixture sees.

        Raises:
            OptionError: The pictures have another shape or type.
        """
        self.preprocessing.check(images, "this mixture")
        return points_of(images, self.preprocessing, self.axes)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Components and axes by name; :func:`mixture_from_arrays` is the way back."""
        return self.components.arrays() | ({} if self.axes is None else self.axes.arrays())

    @property
    def spec(self) -> MixtureSpec:
        """The mixture in numbers."""
        return MixtureSpec(
            name=NAMES[self.per_class],
            input_shape=self.preprocessing.output_shape,
            k=self.k,
            components=len(self.components),
            covariance=self.components.covariance,
            axes=None if self.axes is None else len(self.axes.components),
            n_classes=self.components.n_classes,
            per_class=self.per_class,
        )

    def _told(self) -> dict[str, Any]:
        return {
            "covariance": self.components.covariance,
            "preprocessing": self.preprocessing.to_dict(),
            "class_names": list(self.class_names),
            "class_codes": list(self.class_codes),
        }


def mixture_from_arrays(
    spec: MixtureSpec,
    arrays: Mapping[str, NDArray[Any]],
    preprocessing: Preprocessing,
    *,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    facts: Mapping[str, Any],
) -> MixtureClassifier:
    """A mixture of what :meth:`MixtureClassifier.arrays` gave, checked; nothing in it is run.

    Raises:
        FormatError: The arrays are not those of such a mixture on such pictures and classes.
    """
    try:
        found = MixtureClassifier(
            components_from_arrays(spec.covariance, arrays),
            spec.k,
            spec.per_class,
            preprocessing,
            class_names,
            class_codes,
            axes_from_arrays(arrays),
            facts,
        )
        same = found.spec == spec
    except (KeyError, TypeError, ValueError, AttributeError, OptionError) as error:
        raise _damaged() from error
    if not same:
        raise _damaged()
    return found


def _damaged() -> FormatError:
    return FormatError("these arrays are no mixture, or damaged", "fit it again")

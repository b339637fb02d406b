"""An opened bundle: images go in, probabilities and embeddings come out, by onnxruntime alone.

Satisfies ``records.Classifier``. Never imports Keras or JAX, so that tagging starts at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import BundleError
from hangtag.onnx_graphs import EMBEDDING, FAMILIARITY, PROBABILITIES
from hangtag.onnx_sessions import Session, open_session, several
from hangtag.records import Preprocessing, Spec
from hangtag.rooms.models.bundle.container import AGAIN, MODEL
from hangtag.rooms.models.bundle.graph_check import check_graph
from hangtag.rooms.models.bundle.kinds import described
from hangtag.rooms.models.bundle.manifest import Manifest
from hangtag.rooms.models.bundle.read import read_bundle

WORKING_VALUES = 16_000_000
"""Values a batch may have in all layers together: 64 MB as float32."""
LARGEST_BATCH = 512


def open_bundle(path: str | Path) -> Bundle:
    """Open a bundle: a folder or a ``.hangtag`` file.

    Every part is checked against its size and SHA-256 first; nothing in it is run but the
    ONNX operators that such a model needs.

    Raises:
        BundleError: It is not there, damaged, incomplete, of a newer schema, or no model of ours.

    Example:
        >>> open_bundle("shop.hangtag").class_names[:2]
        ('T-shirt/top', 'Trouser')
    """
    place = Path(path)
    return in_memory(place, *read_bundle(place))


def in_memory(place: Path, about: Manifest, parts: Mapping[str, bytes]) -> Bundle:
    """A bundle of parts that were checked, or have not been written yet.

    Raises:
        BundleError: It is no model of ours.
    """
    check_graph(str(place), parts[MODEL], about.spec)
    try:
        session = open_session(parts[MODEL])
    except RuntimeError as error:
        raise BundleError(f"the model in {place} cannot be run: {error}", AGAIN) from None
    bundle = Bundle(place, about, session)
    bundle.check_shapes()
    return bundle


class Bundle:
    """A trained model, ready to answer.

    Attributes:
        path: Where it was opened.
        manifest: All it says of itself.
    """

    def __init__(self, path: Path, manifest: Manifest, session: Session) -> None:
        self.path = path
        self.manifest = manifest
        self._session = session

    def __repr__(self) -> str:
        return f"<Bundle {self.model_id} of {len(self.class_names)} classes at {self.path}>"

    @property
    def model_id(self) -> str:
        """Short name that changes whenever the model, its classes or preprocessing do."""
        return self.manifest.model_id

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""
        return self.manifest.class_names

    @property
    def class_codes(self) -> tuple[int | str, ...]:
        """The label of each class as the training data writes it."""
        return self.manifest.class_codes

    @property
    def spec(self) -> Spec:
        """The description of the model."""
        return self.manifest.spec

    @property
    def preprocessing(self) -> Preprocessing:
        """What images must be, and what the model does to them itself."""
        return self.manifest.preprocessing

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of the model: data, metrics, seed and so on."""
        return self.manifest.facts

    @property
    def threshold(self) -> float | None:
        """Confidence below which the answer is "unknown"; None without one: all tags are."""
        threshold = self.facts.get("threshold")
        return None if threshold is None else float(threshold)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities of raw images.

        Args:
            images: ``(n, height, width, channels)`` uint8, as ``preprocessing.picture_shape`` says.

        Returns:
            ``(n, n_classes)`` float32, each row summing to one.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self._answers(images, PROBABILITIES)[0]

    @property
    def familiarity(self) -> float | None:
        """Familiarity below which an image is unlike anything seen; None where nobody knows."""
        least = self.facts.get("familiarity")
        return None if least is None or not self.tells_familiarity else float(least)

    @cached_property
    def tells_familiarity(self) -> bool:
        """Whether its model says how familiar an image is."""
        return FAMILIARITY in [one.name for one in self._session.get_outputs()]

    def told(
        self, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Probabilities, and how familiar each image is where the model knows, in one go.

        Raises:
            OptionError: The images have another shape or type.
        """
        if not self.tells_familiarity:
            return self.probabilities(images), None
        probabilities, familiar = self._answers(images, PROBABILITIES, FAMILIARITY)
        return probabilities, familiar[:, 0]

    def whole(
        self, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.float32]]:
        """Probabilities, familiarity as of :meth:`told`, and embeddings, in one go.

        Each call of the model works out all it says, whatever is asked for.

        Raises:
            OptionError: The images have another shape or type.
        """
        if not self.tells_familiarity:
            probabilities, points = self._answers(images, PROBABILITIES, EMBEDDING)
            return probabilities, None, points
        probabilities, familiar, points = self._answers(
            images, PROBABILITIES, FAMILIARITY, EMBEDDING
        )
        return probabilities, familiar[:, 0], points

    def embeddings(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors of raw images, near each other for images that look alike.

        Args:
            images: ``(n, height, width, channels)`` uint8, as ``preprocessing.picture_shape`` says.

        Returns:
            ``(n, embedding_size)`` float32.

        Raises:
            OptionError: The images have another shape or type.
        """
        return self._answers(images, EMBEDDING)[0]

    @cached_property
    def embedding_size(self) -> int:
        """How many numbers an embedding has."""
        return described(self.spec).embedding_size()

    @cached_property
    def batch_size(self) -> int:
        """Images per call, so that memory stays bounded however many are asked about."""
        values = described(self.spec).working_values()
        # The images themselves count, too: of photographs they are the most of it.
        values += math.prod(self.preprocessing.picture_shape)
        return max(1, min(LARGEST_BATCH, WORKING_VALUES // values))

    def check_shapes(self) -> None:
        """Ask about one black image and see that the answer has the promised shape.

        Raises:
            BundleError: It has not, or the model fails.
        """
        black = np.zeros((1, *self.preprocessing.picture_shape), np.uint8)
        try:
            # Shapes that ONNX infers are what a graph promises; one answer shows what it does.
            good = np.isfinite(self.probabilities(black)).all() and self.embeddings(black).size
        except (RuntimeError, ValueError):
            good = False
        if not good:
            raise BundleError(
                f"the model in {self.path} is not the one its manifest describes", AGAIN
            )

    def _answers(self, images: NDArray[np.uint8], *outputs: str) -> list[NDArray[np.float32]]:
        self.preprocessing.check(images, f"model {self.model_id}")
        widths = {PROBABILITIES: len(self.class_names), FAMILIARITY: 1}
        widths |= {EMBEDDING: self.embedding_size}
        found = [np.empty((len(images), widths[one]), np.float32) for one in outputs]
        for start in range(0, len(images), self.batch_size):
            batch = np.ascontiguousarray(images[start : start + self.batch_size])
            for all_, some in zip(found, several(self._session, outputs, batch), strict=True):
                all_[start : start + len(batch)] = some
        return found

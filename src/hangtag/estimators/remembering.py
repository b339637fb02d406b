"""A network's model and its training images go in, one that says what is familiar comes out.

The layer before the head has learned what to look for, so directions in it are near for images in
which the same was recognized. Some thousand of them lie in the model itself, in bytes. Of small
images, what the pixels are beyond all that training images are made of is taken off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import BundleError
from hangtag.estimators import familiar, reconstruction
from hangtag.estimators.reconstruction import Reconstruction
from hangtag.onnx_graphs import EMBEDDING, FAMILIARITY, PROBABILITIES
from hangtag.onnx_sessions import open_session, several
from hangtag.records import ImageSet
from hangtag.rooms.models import Bundle

COSINE = "familiar_cosine"
PARITY_IMAGES = 32
PARITY = 1e-4
"""How far a cosine may be from ours: the least lengths of an embedding are sums of float32."""


def told(
    bundle: Bundle, model: bytes, images: ImageSet, train: NDArray[np.int64], seed: int
) -> bytes:
    """The model with the output ``familiarity``; as it is where its embedding says nothing.

    Args:
        bundle: The model as it answers.
        model: The same as ONNX.
        images: The set that it was trained on.
        train: Which of its images trained.
        seed: Chooses which of them are remembered.

    Raises:
        BundleError: The model would answer otherwise than without it.
    """
    rows = train[familiar.chosen(images.labels[train], bundle.embedding_size, seed)]
    points = bundle.embeddings(images.images[rows])
    if not np.isfinite(points).all() or not points.any():  # one that diverged
        return model
    what = familiar.remembered(points)
    usual = reconstruction.fitted(images.images, train, seed)
    found = _joined(model, what, usual)
    _check(bundle, found, (what, usual), images.images[rows[:PARITY_IMAGES]])
    return found


def _joined(model: bytes, what: familiar.Familiar, usual: Reconstruction | None) -> bytes:
    import onnx

    whole = onnx.load_model_from_string(model)
    parts = [what.graph(COSINE if usual else FAMILIARITY)]
    if usual:
        parts.append(usual.graph(COSINE))
    for nodes, constants in parts:
        whole.graph.node.extend(nodes)
        whole.graph.initializer.extend(constants)
    shape = ["n", 1]
    kind = onnx.TensorProto.FLOAT
    whole.graph.output.append(onnx.helper.make_tensor_value_info(FAMILIARITY, kind, shape))
    return bytes(whole.SerializeToString(deterministic=True))


def _check(
    bundle: Bundle,
    model: bytes,
    known: tuple[familiar.Familiar, Reconstruction | None],
    images: NDArray[np.uint8],
) -> None:
    """See that the answers are what they were, and that the graph says what arrays say."""
    probabilities, points, said = several(
        open_session(model), (PROBABILITIES, EMBEDDING, FAMILIARITY), images
    )
    what, usual = known
    ours = what.of(points) - (usual.beyond(images) if usual else 0)
    apart = np.abs(said[:, 0] - ours).max()
    same = np.allclose(probabilities, bundle.probabilities(images), rtol=0, atol=1e-6)
    if not same or not apart <= PARITY:
        raise BundleError(
            f"the model of {bundle.spec.name} answers otherwise once it says what is familiar",
            "please report this",
        )

"""A classifier of raw images goes in, an ONNX model that answers the same comes out.

What forests and mixtures share of it: the nodes that preprocess, each step as
``Preprocessing.apply`` takes it, in its order and precision; the frame of the graph; and the
comparison of its answers with the classifier's own. Imports onnx inside its functions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FailedError
from hangtag.onnx_sessions import answers, open_session
from hangtag.records import Preprocessing

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

IMAGES, PROBABILITIES, EMBEDDING = "pictures", "probabilities", "embedding"
PARITY = 1e-5
"""How far a probability may be from the classifier's own."""
PIXELS = 1_200_000
"""Values of images in one call: those of a photograph take a thousand times as much inside."""
_OPSET, _IR, _NOISE = 17, 8, 32


class Classifier(Protocol):
    """What is written: it says what it is, what it does to images first, and answers."""

    @property
    def model_id(self) -> str: ...  # noqa: D102 - a protocol

    @property
    def preprocessing(self) -> Preprocessing: ...  # noqa: D102

    def probabilities(self, images: NDArray[np.uint8], /) -> NDArray[Any]: ...  # noqa: D102


def graph_model(
    classifier: Classifier,
    nodes: Sequence[NodeProto],
    constants: Sequence[TensorProto],
    widths: tuple[int, int],
    domains: Sequence[tuple[str, int]] = (),
    more: Sequence[str] = (),
) -> bytes:
    """Frame `nodes` as a model from raw images to probabilities and embedding.

    Args:
        classifier: Whose model it is.
        nodes: From :data:`IMAGES` to :data:`PROBABILITIES` and :data:`EMBEDDING`.
        constants: What the nodes read.
        widths: Numbers of an answer, and of an embedding.
        domains: Sets of operators beside the standard one, and their versions.
        more: Further outputs of one number an image.
    """
    from onnx import TensorProto, helper

    shape = classifier.preprocessing.picture_shape
    numbers = [(name, 1) for name in more]
    graph = helper.make_graph(
        nodes,
        classifier.model_id,
        [helper.make_tensor_value_info(IMAGES, TensorProto.UINT8, ["n", *shape])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
            for name, width in (*zip((PROBABILITIES, EMBEDDING), widths, strict=True), *numbers)
        ],
        constants,
    )
    opsets = [helper.make_opsetid(*one) for one in (("", _OPSET), *domains)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString())


def see_that_it_answers_the_same(
    model: bytes,
    classifier: Classifier,
    images: NDArray[np.uint8] | None = None,
    hint: str = "",
) -> None:
    """Compare the answers to random images, and to real ones if there are some.

    Args:
        model: The ONNX model.
        classifier: Whose it is.
        images: uint8 ``(n, height, width, channels)``.
        hint: What to do if it does not.

    Raises:
        FailedError: The model answers otherwise, by more than 1e-5.
    """
    shape = classifier.preprocessing.picture_shape
    asked = np.random.default_rng(0).integers(0, 256, (_NOISE, *shape), np.uint8)
    if images is not None:
        asked = np.concatenate([asked, images])
    apart = parity(model, classifier, asked)
    # Written so that not-a-number fails, too.
    if not apart <= PARITY:
        raise FailedError(f"the ONNX model's probabilities are off by {apart:.1e}", hint)


def parity(model: bytes, classifier: Classifier, images: NDArray[np.uint8]) -> float:
    """The largest difference between the ONNX model's probabilities and the classifier's."""
    session, size = open_session(model), max(1, PIXELS // math.prod(images.shape[1:]))
    apart = [
        np.abs(answers(session, PROBABILITIES, some) - classifier.probabilities(some)).max()
        for some in (images[at : at + size] for at in range(0, len(images), size))
    ]
    return float(np.max(apart))


def pixels(
    how: Preprocessing, images: str, result: str
) -> tuple[list[NodeProto], list[TensorProto]]:
    """Nodes and constants from raw images to rows of preprocessed pixels.

    Args:
        how: What is done to images.
        images: Name of the uint8 ``(n, height, width, channels)`` input.
        result: Name of the float32 ``(n, d)`` value to make.
    """
    from onnx import TensorProto, helper

    constants = [
        constant("from", np.array([how.rows[0], how.columns[0]])),
        constant("to", np.array([how.rows[1], how.columns[1]])),
        constant("rows_and_columns", np.array([1, 2])),
        constant("scale", np.float32(how.scale)),
        constant("mean", np.asarray(how.mean, np.float32)),
        constant("deviation", np.asarray(how.deviation, np.float32)),
    ]
    nodes = [
        helper.make_node("Slice", [images, "from", "to", "rows_and_columns"], ["kept"]),
        helper.make_node("Cast", ["kept"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["values", "scale"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["standard"]),
        helper.make_node("Flatten", ["standard"], [result]),
    ]
    return nodes, constants


def constant(name: str, array: NDArray[Any] | np.generic) -> TensorProto:
    """An array as a constant of a graph."""
    from onnx import numpy_helper

    # A scalar stays without axes: ONNX tells a number from a list of one.
    stored = np.asarray(array)
    return numpy_helper.from_array(np.ascontiguousarray(stored).reshape(stored.shape), name)

"""A mixture goes in, an ONNX model comes out that takes raw images and answers the same.

Preprocessing and projection are inside, so that whoever runs the model gets the mixture's answers.
Standard operators only, in float64 from the pixels to the probabilities: half a squared distance
of a thousand leaves float32 no digits for the difference of two. Imports onnx inside its functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry.as_onnx import (
    EMBEDDING,
    IMAGES,
    PROBABILITIES,
    constant,
    graph_model,
    pixels,
    see_that_it_answers_the_same,
)
from hangtag.rooms.cluster.classifier import MixtureClassifier
from hangtag.rooms.cluster.components import Components

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

_Part = tuple[list["NodeProto"], list["TensorProto"]]


def onnx_model(model: MixtureClassifier, images: NDArray[np.uint8] | None = None) -> bytes:
    """Write a mixture as an ONNX model and see that it answers the same.

    Args:
        model: The mixture.
        images: Real images to compare the answers on, beside random ones.

    Returns:
        The model: input ``pictures`` uint8 ``(n, height, width, channels)``, outputs
        ``probabilities`` and ``embedding``.

    Raises:
        FailedError: The model answers otherwise, by more than 1e-5.
    """
    components = model.components
    parts = (_points(model), _distances(components), _answers(components))
    written = graph_model(
        model,
        [node for nodes, _ in parts for node in nodes],
        [one for _, constants in parts for one in constants],
        (components.n_classes, components.n_features),
    )
    see_that_it_answers_the_same(
        written,
        model,
        images,
        "its covariances are nearly singular: raise the regularisation, or ask for fewer axes",
    )
    return written


def _points(model: MixtureClassifier) -> _Part:
    """From images to the points that the mixture sees, which are the embedding."""
    from onnx import TensorProto, helper

    if model.embedder is not None:
        nodes, constants = model.embedder.graph(IMAGES, EMBEDDING)
        # What the network says is float32 already; components are measured in double precision.
        return [
            *nodes,
            helper.make_node("Cast", [EMBEDDING], ["points"], to=TensorProto.DOUBLE),
        ], constants
    nodes, constants = pixels(model.preprocessing, IMAGES, "flat")
    precise = "points" if model.axes is None else "precise"
    nodes += [helper.make_node("Cast", ["flat"], [precise], to=TensorProto.DOUBLE)]
    if model.axes is not None:
        constants += [
            constant("axes_mean", model.axes.mean),
            constant("axes", model.axes.components.T),
        ]
        nodes += [
            helper.make_node("Sub", [precise, "axes_mean"], ["from_mean"]),
            helper.make_node("MatMul", ["from_mean", "axes"], ["points"]),
        ]
    return [*nodes, helper.make_node("Cast", ["points"], [EMBEDDING], to=TensorProto.FLOAT)], (
        constants
    )


def _distances(one: Components) -> _Part:
    """From points to their squared distances from every component, in its own metric.

    ``(x - m) U`` is ``x U - m U``: one product for all components.
    """
    from onnx import helper

    k, d, factors = len(one), one.n_features, one.factors
    nodes, constants, seen, gaps = [], [], "points", "gaps"
    if one.covariance == "full":
        # Centers are turned here once, so that for an image one product serves all components.
        centres = np.einsum("kd,kde->ke", one.means, factors)
        constants.append(constant("factors", factors.transpose(1, 0, 2).reshape(d, k * d)))
    elif one.covariance == "tied":
        centres = one.means @ factors
        constants.append(constant("factors", factors))
    else:
        centres, gaps = one.means, "far"
    if one.covariance in {"full", "tied"}:
        nodes.append(helper.make_node("MatMul", ["points", "factors"], ["turned"]))
        seen = "turned"
    nodes += [
        helper.make_node("Reshape", [seen, "rows"], ["each"]),
        helper.make_node("Sub", ["each", "centres"], [gaps]),
    ]
    if gaps == "far":
        nodes.append(helper.make_node("Mul", ["far", "factors"], ["gaps"]))
        constants.append(constant("factors", factors.reshape(k, -1)))
    nodes += [
        helper.make_node("Mul", ["gaps", "gaps"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "along"], ["distances"], keepdims=0),
    ]
    # With one factor for all, a turned point is the same for every component and broadcasts.
    rows = k if one.covariance == "full" else 1
    constants += [
        constant("rows", np.array([0, rows, d])),
        constant("centres", centres),
        constant("along", np.array([2])),
    ]
    return nodes, constants


def _answers(one: Components) -> _Part:
    """From squared distances to probabilities."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Mul", ["distances", "minus_half"], ["exponents"]),
        helper.make_node("Add", ["exponents", "constants"], ["logs"]),
        helper.make_node("Softmax", ["logs"], ["responsibilities"], axis=1),
        helper.make_node("MatMul", ["responsibilities", "table"], ["answers"]),
        helper.make_node("Cast", ["answers"], [PROBABILITIES], to=TensorProto.FLOAT),
    ]
    constants = [
        constant("minus_half", np.float64(-0.5)),
        constant("constants", one.constants),
        constant("table", one.table),
    ]
    return nodes, constants

"""Preprocessing goes in, the ONNX nodes that do the same to raw pictures come out.

Each step is one that ``Preprocessing.apply`` takes, in its order and precision, so that a model's
graph and the model itself see the same pixels. Imports onnx inside its functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Preprocessing

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto


def pixels(
    how: Preprocessing, pictures: str, result: str
) -> tuple[list[NodeProto], list[TensorProto]]:
    """Nodes and constants from raw pictures to rows of preprocessed pixels.

    Args:
        how: What is done to pictures.
        pictures: Name of the uint8 ``(n, height, width, channels)`` input.
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
        helper.make_node("Slice", [pictures, "from", "to", "rows_and_columns"], ["kept"]),
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

    stored = np.asarray(array)
    return numpy_helper.from_array(np.ascontiguousarray(stored).reshape(stored.shape), name)

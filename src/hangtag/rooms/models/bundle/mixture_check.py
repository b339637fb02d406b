"""Whether a graph is one that holds the mixture of its manifest: it goes in, an error or nothing.

A mixture's graph is always the same steps; only the numbers differ. So the steps are compared one
by one, and of every constant its type and size, and that it can be such a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.onnx_graphs import SEEN_OPERATORS, operator_of
from hangtag.records import MixtureSpec

if TYPE_CHECKING:
    from onnx import GraphProto

PREFIX = "network_"
"""What names of a network's values begin with inside another model; ``rooms/features`` adds it."""
_OF_PIXELS = ("from", "to", "rows_and_columns", "scale", "mean", "deviation")
_SUMS = 1e-9  # how far rounding may take a sum of probabilities from one


def mixture_is_sound(graph: GraphProto, spec: MixtureSpec) -> bool:
    """Whether it takes the steps of such a mixture with numbers that it may have.

    Args:
        graph: The model's.
        spec: The mixture it should be.
    """
    from onnx import numpy_helper

    steps = _steps(spec)
    nodes, constants = list(graph.node), list(graph.initializer)
    if spec.network is not None:
        # The network's own steps come first; its operators and sizes are looked at as any
        # network's, and none of its numbers can pass for one of the mixture's: names tell them.
        before, nodes = nodes[: -len(steps)], nodes[-len(steps) :]
        known = SEEN_OPERATORS.get(spec.network.name.partition(":")[0], frozenset())
        if not {operator_of(node) for node in before} <= known:
            return False
        constants = [one for one in constants if not one.name.startswith(PREFIX)]
    if tuple(node.op_type for node in nodes) != steps:
        return False
    shapes = _shapes(spec)
    if {one.name for one in constants} != set(shapes):
        return False
    # Sizes are compared before anything is turned into an array.
    if any(tuple(one.dims) not in shapes[one.name] for one in constants):
        return False
    try:
        held = {one.name: numpy_helper.to_array(one) for one in constants}
    except (ValueError, TypeError):
        return False
    return len(held) == len(constants) and _numbers_are_sound(held, spec)


def _steps(spec: MixtureSpec) -> tuple[str, ...]:
    """The operators in their order: to pixels, to points, to distances, to probabilities."""
    pixels: tuple[str, ...] = ("Slice", "Cast", "Mul", "Sub", "Div", "Flatten", "Cast")
    points: tuple[str, ...] = () if spec.axes is None else ("Sub", "MatMul")
    if spec.network is not None:
        pixels = points = ()
    squares = {
        "full": ("MatMul", "Reshape", "Sub"),
        "tied": ("MatMul", "Reshape", "Sub"),
        "diagonal": ("Reshape", "Sub", "Mul"),
        "spherical": ("Reshape", "Sub", "Mul"),
    }
    answers = ("Mul", "ReduceSum", "Mul", "Add", "Softmax", "MatMul", "Cast")
    return (*pixels, *points, "Cast", *squares[spec.covariance], *answers)


def _shapes(spec: MixtureSpec) -> dict[str, tuple[tuple[int, ...], ...]]:
    """The shapes that every constant may have, by its name."""
    k, d, channels = spec.components, spec.n_features, spec.input_shape[2]
    factors = {"full": (d, k * d), "tied": (d, d), "diagonal": (k, d), "spherical": (k, 1)}
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        **dict.fromkeys(("from", "to", "rows_and_columns"), ((2,),)),
        **dict.fromkeys(("scale", "minus_half"), ((),)),
        **dict.fromkeys(("mean", "deviation"), ((1,), (channels,))),
        "factors": (factors[spec.covariance],),
        "rows": ((3,),),
        "centres": ((k, d),),
        "along": ((1,),),
        "constants": ((k,),),
        "table": ((k, spec.n_classes),),
    }
    if spec.network is not None:
        for name in _OF_PIXELS:
            del shapes[name]
    if spec.axes is not None:
        shapes |= {"axes_mean": ((spec.n_pixels,),), "axes": ((spec.n_pixels, d),)}
    return shapes


def _numbers_are_sound(held: dict[str, NDArray[Any]], spec: MixtureSpec) -> bool:
    whole = {"from", "to", "rows_and_columns", "rows", "along"}
    single = {"scale", "mean", "deviation"}
    for name, one in held.items():
        kind = np.int64 if name in whole else np.float32 if name in single else np.float64
        if one.dtype != kind or not np.isfinite(one).all():
            return False
    rows = spec.components if spec.covariance == "full" else 1
    if held["rows"].tolist() != [0, rows, spec.n_features] or held["along"].tolist() != [2]:
        return False
    table = held["table"]
    return bool((table >= 0).all() and (np.abs(table.sum(axis=1) - 1) <= _SUMS).all())

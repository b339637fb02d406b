"""What a network consists of: a description goes in, layers with shapes and counts come out.

Worked out without Keras, and equal to what Keras counts. Another fact about a layer is one more
key in :func:`_layer`.
"""

from __future__ import annotations

import math
from typing import Any

from hangtag.records import NetworkSpec
from hangtag.rooms.models.keras_code import call, keras_code, own_options
from hangtag.rooms.models.resolve import Layer, embedding_position, resolve


def summary(spec: NetworkSpec) -> dict[str, Any]:
    """List a network's layers and count its parameters.

    Args:
        spec: The description.

    Returns:
        JSON-ready: ``name``, ``input_shape``, ``classes``, ``embedding`` (name of the layer),
        ``embedding_size``, ``parameters`` (all of them), ``trainable``, ``non_trainable``,
        ``biases`` (those of the trainable that are biases), ``code`` (the Python that builds it in
        Keras), ``layers``. Each layer has ``name``,
        ``type`` (its Keras class), ``output_shape`` (for one image), ``parameters``,
        ``trainable``, ``biases``, ``options`` (those that differ from Keras' defaults, and
        windows) and ``keras`` (how it is written there).

    Raises:
        SpecError: The description does not fit.

    Example:
        >>> summary(network_spec("cnn-28-56"))["parameters"]
        394530
    """
    layers = resolve(spec)
    rows = [_layer(layer) for layer in layers]
    totals = {key: sum(row[key] for row in rows) for key in ("parameters", "trainable", "biases")}
    embedding = rows[embedding_position(spec)]
    return {
        "name": spec.name,
        "input_shape": list(spec.input_shape),
        "classes": rows[-1]["output_shape"][0],
        "embedding": embedding["name"],
        "embedding_size": math.prod(embedding["output_shape"]),
        **totals,
        "non_trainable": totals["parameters"] - totals["trainable"],
        "layers": rows,
        "code": keras_code(spec, [row["keras"] for row in rows]),
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": layer.kind,
        "output_shape": list(layer.output_shape),
        "parameters": sum(weight.size for weight in layer.weights),
        "trainable": sum(weight.size for weight in layer.weights if weight.trainable),
        "biases": sum(weight.size for weight in layer.weights if weight.name == "bias"),
        "options": own_options(layer),
        "keras": call(layer),
    }

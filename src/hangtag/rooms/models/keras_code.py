"""A network as the Python that builds it in Keras: a description goes in, source text comes out.

For people who carry on in Keras, and for reports that show a model as its document does. Every
option that differs from Keras' default is written; a test runs the text and compares the network.
"""

from __future__ import annotations

from typing import Any

from hangtag.records import NetworkSpec
from hangtag.rooms.models.layers import LAYERS, REQUIRED
from hangtag.rooms.models.resolve import Layer, resolve

_HEAD = """import keras
from keras import layers

network = keras.Sequential(
    ["""


def keras_code(spec: NetworkSpec) -> str:
    """The Python that builds the network.

    Args:
        spec: The description.

    Returns:
        A module's text; it names the network ``network``.

    Raises:
        SpecError: The description does not fit.
    """
    calls = [f"keras.Input({_written(tuple(spec.input_shape))})"]
    calls += [f"layers.{call(layer)}" for layer in resolve(spec)]
    body = "\n".join(f"        {one}," for one in calls)
    return f"{_HEAD}\n{body}\n    ]\n)\n"


def call(layer: Layer) -> str:
    """One layer as it is written in Keras, such as ``Dense(56, activation="relu")``."""
    defaults = dict(LAYERS[layer.kind].options)
    if "pool_size" in defaults:
        defaults |= {"strides": layer.options["pool_size"], "pool_size": REQUIRED}
    given = []
    for name, value in layer.options.items():
        if defaults[name] is REQUIRED:
            given.append(_written(value))
        elif value != defaults[name]:
            given.append(f"{name}={_written(value)}")
    return f"{layer.kind}({', '.join(given)})"


def _written(value: Any) -> str:  # noqa: ANN401 - whatever an option may be
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return repr(tuple(value))
    return repr(value)

"""A network as the Python that builds it in Keras: a description goes in, source text comes out.

For people who carry on in Keras, and for reports that show a model as its document does. Every
option that differs from Keras' default is written; a test runs the text and compares the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hangtag.records import NetworkSpec
from hangtag.rooms.models.layers import LAYERS, REQUIRED
from hangtag.rooms.models.resolve import Layer, resolve

ALWAYS_TOLD = {"pool_size"}
"""Options a reader wants to see even where they are Keras' defaults."""
_HEAD = """import keras
from keras import layers

network = keras.Sequential(
    ["""


def keras_code(spec: NetworkSpec, calls: Sequence[str] | None = None) -> str:
    """The Python that builds the network.

    Args:
        spec: The description.
        calls: What :func:`call` gives of its layers, where that is known already.

    Returns:
        A module's text; it names the network ``network``.

    Raises:
        SpecError: The description does not fit.
    """
    made = [call(layer) for layer in resolve(spec)] if calls is None else calls
    lines = [
        f"keras.Input({_written(tuple(spec.input_shape))})",
        *(f"layers.{one}" for one in made),
    ]
    body = "\n".join(f"        {one}," for one in lines)
    return f"{_HEAD}\n{body}\n    ]\n)\n"


def call(layer: Layer) -> str:
    """One layer as it is written in Keras, such as ``Dense(56, activation="relu")``."""
    defaults = LAYERS[layer.kind].options
    first = {name for name, one in defaults.items() if one is REQUIRED} | ALWAYS_TOLD
    given = [
        _written(value) if name in first else f"{name}={_written(value)}"
        for name, value in own_options(layer).items()
    ]
    return f"{layer.kind}({', '.join(given)})"


def own_options(layer: Layer) -> dict[str, Any]:
    """The options of a layer that differ from Keras' defaults, and windows."""
    defaults = dict(LAYERS[layer.kind].options)
    if "pool_size" in defaults:
        defaults["strides"] = layer.options["pool_size"]
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in layer.options.items()
        if value != defaults[name] or name in ALWAYS_TOLD
    }


def _written(value: Any) -> str:  # noqa: ANN401 - whatever an option may be
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return repr(tuple(value))
    return repr(value)

"""Fast forms of operations: a network goes in and trains with them for the while of a block.

Keras has override points: a convolution calls ``layer.convolution_op``, any layer ``layer.call``.
:func:`fast_operations` puts our function on the layer *object* and takes it off again when the
block ends, whatever ends it, so the network stays a plain Keras model in every other respect:
same classes, same weights, same saved form.

To add one (or a native kernel for one): a file here with ``replacement(layer)`` that gives
``(attribute, function)``, or None when the layer's options are not covered, and a row in
:data:`OPERATIONS`. What is not covered keeps Keras' own operation.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jax import Array
    from keras import Model
    from keras.layers import Layer

Replacement = tuple[str, Callable[..., Any]]

OPERATIONS = {
    "Conv2D": "conv2d",
    "Dropout": "dropout",
    "MaxPooling2D": "pooling",
}
"""Keras class name (exactly that class: a subclass may mean something else) and our file for it."""


@contextmanager
def fast_operations(network: Model) -> Iterator[None]:
    """Let the layers of `network` compute in the form that is fast on this device.

    On a GPU XLA's own convolution and pooling are the fast form, so nothing is replaced there.

    Args:
        network: A built ``keras.Model``; layers inside its layers are found too.
    """
    import jax

    replaced: list[tuple[Any, str]] = []
    try:
        if jax.default_backend() == "cpu":
            for layer, found in _replacements(network):
                replaced += _put(layer, *found)
        yield
    finally:
        for layer, attribute in replaced:
            layer.__dict__.pop(attribute, None)


def layers_of(network: Model) -> Iterator[Any]:
    """Every layer of `network`, those inside other models included, in order."""
    for layer in network.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from layers_of(layer)


def _replacements(network: Model) -> Iterator[tuple[Layer, Replacement]]:
    from hangtag.rooms.train.operations import native, unread

    yield from native.replacements(network)
    for first, second in unread.pairs(network):
        yield from unread.replacements(first, second)
    for layer in layers_of(network):
        name = type(layer).__name__
        if name in OPERATIONS and is_keras_own(layer):
            module = importlib.import_module(f"hangtag.rooms.train.operations.{OPERATIONS[name]}")
            found: Replacement | None = module.replacement(layer)
            if found is not None:
                yield layer, found


def is_keras_own(layer: Layer) -> bool:
    """Whether `layer` is of one of Keras' own classes; a subclass may mean something else."""
    return type(layer).__module__.startswith("keras.")


def as_it_is(inputs: Array) -> Array:
    """Pass `inputs` on: the call of a layer whose work the layer before it has done."""
    return inputs


def _put(layer: Layer, attribute: str, function: Callable[..., Any]) -> list[tuple[Layer, str]]:
    if attribute in layer.__dict__:  # done already, or someone else's override
        return []
    # Past Keras' __setattr__, which would track the function as part of the layer.
    layer.__dict__[attribute] = function
    return [(layer, attribute)]

"""A description goes in, an ordinary ``keras.Sequential`` comes out; and the way back.

This module imports Keras, inside its functions. A new layer needs nothing here: names and options
are Keras' own. What is special is that every initialiser and dropout gets a seed of its own, so
that one seed gives the same initial weights every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.backend import keras_on_jax
from hangtag.errors import SpecError
from hangtag.records import NetworkSpec
from hangtag.rooms.models.layers import LAYERS
from hangtag.rooms.models.resolve import Layer, resolve

KerasObject = Any
"""Something of Keras, which has no types."""

Network = KerasObject
"""A ``keras.Sequential``."""

Weights = Mapping[str, NDArray[Any]]
"""Every weight of a network, by ``layer/weight``, such as ``conv2d_1/kernel``."""


def build(spec: NetworkSpec, *, seed: int = 0) -> Network:
    """Make the network, its weights drawn from `seed`.

    Args:
        spec: The description.
        seed: The same seed and spec give bit-identical initial weights. So do two specs whose
            first, second… layers with a kernel are alike: adding dropout changes no weight.

    Returns:
        A ``keras.Sequential`` that takes ``(n, *spec.input_shape)`` float32.

    Raises:
        SpecError: The description does not fit.
    """
    layers = resolve(spec)
    keras = keras_on_jax()
    seeds = _seeds(layers, seed)
    made = [_make(keras, layer, own) for layer, own in zip(layers, seeds, strict=True)]
    return keras.Sequential([keras.Input(spec.input_shape), *made], name=spec.name)


def weights_of(network: Network, spec: NetworkSpec) -> dict[str, NDArray[Any]]:
    """The weights of a network that has the layers of `spec`.

    Raises:
        SpecError: The network is not the one described.
    """
    return {
        f"{layer.name}/{weight.name}": np.asarray(variable)
        for layer, made in _pairs(network, spec)
        for weight, variable in zip(layer.weights, _variables(layer, made), strict=True)
    }


def set_weights(network: Network, spec: NetworkSpec, weights: Weights) -> None:
    """Give a network of `spec` the weights that :func:`weights_of` gave.

    Raises:
        SpecError: A weight is missing, or has another shape.
    """
    for layer, made in _pairs(network, spec):
        for weight, variable in zip(layer.weights, _variables(layer, made), strict=True):
            value = weights.get(f"{layer.name}/{weight.name}")
            if value is None or tuple(value.shape) != weight.shape:
                raise SpecError(f"the weight {layer.name}/{weight.name} is missing or misshapen")
            variable.assign(value)
        if hasattr(made, "finalize_state"):  # Normalization keeps constants beside its weights
            made.finalize_state()


def _seeds(layers: tuple[Layer, ...], seed: int) -> list[int]:
    """A seed per layer: neighbours of one shape must not start alike.

    Layers that only draw while training are counted apart from those that hold weights.
    """
    counts = {True: 0, False: 0}
    seeds = []
    for layer in layers:
        holds = any(weight.trainable for weight in layer.weights)
        # Counted by place among its like and not by position: adding a dropout must not draw other
        # weights, or an ablation would compare two starts instead of two networks.
        state = np.random.SeedSequence([seed, int(holds), counts[holds]]).generate_state(1)
        # Keras wants a seed below 2^31.
        seeds.append(int(state[0] >> 1))
        counts[holds] += 1
    return seeds


def _make(keras: ModuleType, layer: Layer, seed: int) -> KerasObject:
    options = dict(layer.options)
    for option in ("kernel_initializer", "bias_initializer"):
        if option in options:
            options[option] = _initializer(keras, options[option], seed)
    if LAYERS[layer.kind].seeded:
        options["seed"] = seed
    return getattr(keras.layers, layer.kind)(**options, name=layer.name)


def _initializer(keras: ModuleType, name: str, seed: int) -> KerasObject:
    # Initializers that draw nothing refuse a seed.
    config = {} if name in {"zeros", "ones"} else {"seed": seed}
    return keras.initializers.get({"class_name": name, "config": config})


def _pairs(network: Network, spec: NetworkSpec) -> list[tuple[Layer, KerasObject]]:
    layers = resolve(spec)
    made = list(network.layers)
    kinds = [kind_of(one) for one in made]
    if kinds != [layer.kind for layer in layers]:
        raise SpecError(
            f"the network given is not {spec.name}: its layers are {', '.join(map(str, kinds))}",
            "describe it with spec_of(network)",
        )
    return list(zip(layers, made, strict=True))


def kind_of(made: KerasObject) -> str | None:
    """The known Keras layer that `made` is or derives from; None if it is none of them."""
    # While training, a layer may be of a class of ours that derives from Keras' and computes the
    # same faster.
    own = next((one for one in type(made).__mro__ if one.__module__.startswith("keras.")), None)
    return own.__name__ if own is not None and own.__name__ in LAYERS else None


def _variables(layer: Layer, made: KerasObject) -> list[KerasObject]:
    by_name = {variable.name: variable for variable in made.weights}
    shapes = {name: tuple(variable.shape) for name, variable in by_name.items()}
    if shapes != {weight.name: weight.shape for weight in layer.weights}:
        raise SpecError(
            f"layer {layer.name} of the network given holds {shapes or 'no weights'}, "
            f"which is not what its description says"
        )
    return [by_name[weight.name] for weight in layer.weights]

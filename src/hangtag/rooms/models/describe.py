"""A user's own ``keras.Sequential`` goes in, its description comes out (back: ``building``).

Nothing has to be added here for a new layer: options are read from Keras' own configuration, and
whatever differs from Keras' defaults without being a known option is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

from hangtag.backend import keras_on_jax
from hangtag.errors import SpecError
from hangtag.records import LayerSpec, NetworkSpec
from hangtag.rooms.models.building import KerasObject, Network, kind_of
from hangtag.rooms.models.layers import LAYERS, REQUIRED
from hangtag.rooms.models.options import INITIALIZERS, checked
from hangtag.rooms.models.resolve import resolve

Config = Mapping[str, Any]

_NOT_THE_LAYERS_OWN = {"name", "trainable", "seed"}


def spec_of(network: Network, *, name: str | None = None) -> NetworkSpec:
    """Describe a Keras network.

    Args:
        network: A built ``keras.Sequential`` over images, ending in class probabilities.
        name: What to call it; None takes Keras' name for it.

    Returns:
        The description; ``build`` makes such a network again, with fresh weights.

    Raises:
        SpecError: It is not sequential, or has a layer or option that is not known.
    """
    keras = keras_on_jax()
    if not isinstance(network, keras.Sequential):
        raise SpecError(
            f"the network is a {type(network).__name__}, not a keras.Sequential",
            "only networks whose layers follow one another can be described",
        )
    spec = NetworkSpec(
        name=name or network.name,
        input_shape=_input_shape(network),
        layers=tuple(_layer_spec(keras, layer) for layer in network.layers),
    )
    resolve(spec)
    return spec


def _input_shape(network: Network) -> tuple[int, int, int]:
    shape: tuple[int | None, ...] = network.input_shape[1:] if network.built else ()
    if len(shape) != 3 or None in shape:
        raise SpecError(
            f"the network takes {shape or 'anything'}, not images of one size",
            "begin it with keras.Input((height, width, channels)), and Flatten if it is dense",
        )
    return cast("tuple[int, int, int]", tuple(shape))


def _layer_spec(keras: ModuleType, layer: KerasObject) -> LayerSpec:
    kind = kind_of(layer)
    if kind is None:
        raise SpecError(
            f"layer {layer.name} is a {type(layer).__name__}, which is not a known layer",
            f"known: {', '.join(LAYERS)}",
        )
    config = layer.get_config()
    known = LAYERS[kind].options
    options = {key: _plain(keras, layer, key, config[key]) for key in known}
    _refuse_others(keras, layer, kind, {**config, **options})
    changed = {
        key: value
        for key, value in options.items()
        if known[key] is REQUIRED or _checked(layer, kind, key, value) != known[key]
    }
    return {"layer": kind, "name": layer.name, **changed}


def _checked(layer: KerasObject, kind: str, key: str, value: object) -> object:
    try:
        return checked(kind, key, value)
    except ValueError as error:
        raise SpecError(
            f"layer {layer.name} ({kind}) has {key}={value!r}", f"it must be {error}"
        ) from None


def _refuse_others(keras: ModuleType, layer: KerasObject, kind: str, config: Config) -> None:
    """Refuse what differs from a plain layer of that kind and is not one of its known options."""
    required = {
        key: config[key] for key, value in LAYERS[kind].options.items() if value is REQUIRED
    }
    # A plain layer of the kind tells what Keras' own defaults are in this version, so that none has
    # to be listed here.
    plain = getattr(keras.layers, kind)(**required).get_config()
    for key, value in plain.items():
        if key in LAYERS[kind].options or key in _NOT_THE_LAYERS_OWN:
            continue
        if _same_form(config.get(key)) != _same_form(value):
            raise SpecError(
                f"layer {layer.name} ({kind}) has {key}={config.get(key)!r}, which is not known",
                f"known options: {', '.join(LAYERS[kind].options) or 'none'}",
            )


def _plain(keras: ModuleType, layer: KerasObject, key: str, value: object) -> object:
    """A configuration value as a description has it: Keras' objects by their names."""
    if not isinstance(value, Mapping):
        return list(value) if isinstance(value, tuple) else value
    word = _snake(str(value.get("class_name", "")))
    own = {name: one for name, one in value.get("config", {}).items() if name != "seed"}
    if word in INITIALIZERS:
        # An initializer with numbers of its own is another one than its name says, and is refused.
        default = keras.initializers.get(word).get_config()
        if own == {name: one for name, one in default.items() if name != "seed"}:
            return word
    raise SpecError(
        f"layer {layer.name} has {key}={value.get('class_name')} with {own}, which is not known",
        f"known, as Keras has them: {', '.join(INITIALIZERS)}",
    )


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()


def _same_form(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value

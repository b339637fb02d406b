"""A network's description goes in; its layers with all options, shapes and weights come out.

Everything that can be wrong with a description is found here, before Keras is imported. What a
layer does to a shape is in ``layers``; nothing has to be added here for a new one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hangtag.errors import SpecError, nearest
from hangtag.onnx_graphs import MOST_VALUES
from hangtag.records import LayerSpec, NetworkSpec
from hangtag.rooms.models.layers import LAYERS, REQUIRED, Misfit, Options, Shape, Weight
from hangtag.rooms.models.options import checked

MOST_LAYERS = 1_000
MOST_PARAMETERS = 200_000_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Layer:
    """One layer, nothing left to guess.

    Attributes:
        kind: Its Keras class, such as ``Conv2D``.
        name: Its own name, such as ``conv2d_1``; no other layer of the network has it.
        options: Every option of that class.
        input_shape: What comes in, for one image.
        output_shape: What goes out.
        weights: What it holds, in Keras' order.
    """

    kind: str
    name: str
    options: Options
    input_shape: Shape
    output_shape: Shape
    weights: tuple[Weight, ...]


def resolve(spec: NetworkSpec) -> tuple[Layer, ...]:
    """Check a description and fill in all it leaves to Keras' defaults.

    Args:
        spec: The description.

    Returns:
        Its layers in order.

    Raises:
        SpecError: An unknown layer or option, a value an option cannot have, layers that do not
            fit the image or each other, no class probabilities at the end, or a network too
            large to be meant.
    """
    _check_input(spec)
    layers: list[Layer] = []
    shape: Shape = spec.input_shape
    for position, values in enumerate(spec.layers):
        layer = _resolve_one(spec, values, position, shape, layers)
        layers.append(layer)
        shape = layer.output_shape
    _check_end(spec, layers)
    return tuple(layers)


def count_classes(spec: NetworkSpec) -> int:
    """How many classes the network tells apart."""
    return resolve(spec)[-1].output_shape[0]


def check_classes(spec: NetworkSpec, n_classes: int) -> None:
    """Refuse a network that ends in another number of classes than there are.

    Raises:
        SpecError: The numbers differ.
    """
    ends = count_classes(spec)
    if ends != n_classes:
        raise SpecError(
            f"network {spec.name} ends in {ends} classes and the images have {n_classes}",
            f"give its last layer {n_classes} units",
        )


def embedding_position(spec: NetworkSpec) -> int:
    """Position, from 0, of the layer whose output is the embedding."""
    return spec.embedding % len(spec.layers)


def size_in_words(shape: Shape) -> str:
    """Such as 28×28×1."""
    return "×".join(map(str, shape))


def check_name(name: object) -> None:
    """Refuse a name that no model can have.

    Raises:
        SpecError: It is none.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SpecError(
            f"a network is named {name!r}", "letters, digits, '_', '-' and '.', 64 at most"
        )


def _check_input(spec: NetworkSpec) -> None:
    check_name(spec.name)
    shape = spec.input_shape
    good = len(shape) == 3 and all(type(size) is int and size >= 1 for size in shape)
    if not good or math.prod(shape) > MOST_VALUES:
        raise SpecError(
            f"network {spec.name} is given images of shape {tuple(shape)}",
            "give height, width and channels as whole numbers, such as 28 28 1",
        )
    if not 1 <= len(spec.layers) <= MOST_LAYERS:
        raise SpecError(
            f"network {spec.name} has {len(spec.layers)} layers",
            f"it may have from 1 to {MOST_LAYERS}",
        )


def _resolve_one(
    spec: NetworkSpec, values: LayerSpec, position: int, shape: Shape, before: list[Layer]
) -> Layer:
    where = f"layer {position + 1} of {spec.name}"
    kind = _kind(where, values)
    options = _options(f"{where} ({kind})", kind, values)
    try:
        output = LAYERS[kind].output(options, shape)
    except Misfit as misfit:
        raise SpecError(
            f"{where} ({kind}) {misfit}",
            f"the network is given images of {size_in_words(spec.input_shape)}",
        ) from None
    weights = LAYERS[kind].weights(options, shape)
    _check_size(where, kind, output, weights)
    name = _name(where, kind, values, before)
    return Layer(kind, name, options, shape, output, weights)


def _kind(where: str, values: LayerSpec) -> str:
    if not isinstance(values, Mapping) or not isinstance(values.get("layer"), str):
        raise SpecError(f"{where} does not say what it is", 'write {"layer": "Dense", …}')
    kind: str = values["layer"]
    if kind not in LAYERS:
        raise SpecError(f"{where} is a {kind!r}, which is not a known layer", nearest(kind, LAYERS))
    return kind


def _options(where: str, kind: str, values: LayerSpec) -> dict[str, object]:
    defaults = LAYERS[kind].options
    given = {key: value for key, value in values.items() if key not in {"layer", "name"}}
    for key in given:
        if key not in defaults:
            known = nearest(str(key), defaults) if defaults else f"{kind} has no options"
            raise SpecError(f"{where} has an unknown option {key!r}", known)
    merged = {**defaults, **given}
    options = {key: _value(where, kind, key, value) for key, value in merged.items()}
    if options.get("strides", ...) is None:  # pooling windows lie side by side, as in Keras
        options["strides"] = options["pool_size"]
    return options


def _value(where: str, kind: str, key: str, value: object) -> object:
    if value is REQUIRED:
        raise SpecError(f"{where} needs the option '{key}'")
    try:
        return checked(kind, key, value)
    except ValueError as error:
        raise SpecError(f"{where} has {key}={value!r}", f"it must be {error}") from None


def _check_size(where: str, kind: str, output: Shape, weights: tuple[Weight, ...]) -> None:
    # Before Keras allocates anything: a number with a zero too many must be a sentence and no
    # machine out of memory.
    if sum(weight.size for weight in weights) > MOST_PARAMETERS or math.prod(output) > MOST_VALUES:
        raise SpecError(
            f"{where} ({kind}) would hold {sum(weight.size for weight in weights):,} parameters "
            f"and give {math.prod(output):,} values an image",
            f"at most {MOST_PARAMETERS:,} parameters and {MOST_VALUES:,} values are taken",
        )


def _name(where: str, kind: str, values: LayerSpec, before: list[Layer]) -> str:
    taken = {layer.name for layer in before}
    name = values.get("name") or _free_name(kind, before, taken)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SpecError(
            f"{where} is named {name!r}", "letters, digits, '_', '-' and '.', 64 at most"
        )
    if name in taken:
        raise SpecError(f"{where} is named '{name}' as one before it", "give each its own name")
    return name


def _free_name(kind: str, before: list[Layer], taken: set[str]) -> str:
    number = 1 + sum(layer.kind == kind for layer in before)
    # A layer may have been given by hand the very name that counting would give this one.
    while (name := f"{LAYERS[kind].prefix}_{number}") in taken:
        number += 1
    return name


def _check_end(spec: NetworkSpec, layers: list[Layer]) -> None:
    last = layers[-1]
    if len(last.output_shape) != 1 or last.options.get("activation") != "softmax":
        raise SpecError(
            f"network {spec.name} ends in {last.kind} and gives no class probabilities",
            'end it with {"layer": "Dense", "units": CLASSES, "activation": "softmax"}',
        )
    # Any but the last, whose answers are probabilities: classes and no embedding.
    places = (*range(-len(layers), -1), *range(len(layers) - 1))
    if type(spec.embedding) is not int or spec.embedding not in places:
        raise SpecError(
            f"network {spec.name} takes its embedding from layer {spec.embedding} of {len(layers)}",
            "it must be one before the last, such as -2",
        )
    parameters = sum(weight.size for layer in layers for weight in layer.weights)
    if parameters > MOST_PARAMETERS:
        raise SpecError(
            f"network {spec.name} has {parameters:,} parameters",
            f"at most {MOST_PARAMETERS:,} are taken",
        )

"""A layer's kind, shape and options go in; the few words a drawing has room for come out."""

from __future__ import annotations

from typing import Any

FAMILY = {
    "Image": "image",
    "Conv2D": "convolution",
    "AveragePooling2D": "pooling",
    "GlobalAveragePooling2D": "pooling",
    "GlobalMaxPooling2D": "pooling",
    "MaxPooling2D": "pooling",
    "Dense": "dense",
    "BatchNormalization": "normalisation",
    "Normalization": "normalisation",
}
"""Which layers are drawn in one colour; a layer not named here only reshapes or masks."""

MOST_LETTERS = 50


def family(kind: str) -> str:
    """The group of layers a layer is drawn with."""
    return FAMILY.get(kind, "shaping")


def shape_in_words(shape: list[int]) -> str:
    """Such as 13 × 13 × 28, or 6,776."""
    return f"{shape[0]:,}" if len(shape) == 1 else " × ".join(map(str, shape))


def options_in_words(options: dict[str, Any]) -> str:
    """The options that are not Keras' defaults, most telling first, cut where the room ends."""
    words = [_said(name, options[name]) for name in _ORDER if name in options]
    told = ", ".join(word for word in words if word)
    return told if len(told) <= MOST_LETTERS else f"{told[: MOST_LETTERS - 1]}…"


_ORDER = (
    "filters", "units", "kernel_size", "pool_size", "strides", "padding", "activation", "rate",
    "negative_slope", "momentum", "epsilon", "use_bias", "center", "scale", "kernel_initializer",
    "bias_initializer",
)  # fmt: skip

_PHRASES = {
    "filters": "{} filters",
    "units": "{} units",
    "kernel_size": "{}",
    "pool_size": "{}",
    "strides": "steps of {}",
    "padding": "{} padding",
    "activation": "{}",
    "rate": "drops {} %",
    "negative_slope": "slope {}",
    "momentum": "momentum {}",
    "epsilon": "epsilon {}",
    "kernel_initializer": "{}",
    "bias_initializer": "bias {}",
}
_WITHOUT = {"use_bias": "no bias", "center": "no shift", "scale": "no factor"}


def _said(name: str, value: object) -> str:
    if name in _WITHOUT:
        return _WITHOUT[name]
    if name == "rate" and isinstance(value, float):
        value = f"{100 * value:g}"
    if isinstance(value, list):
        value = " × ".join(map(str, value))
    return _PHRASES[name].format(value)

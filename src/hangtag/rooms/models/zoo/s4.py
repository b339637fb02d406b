"""S4: a clothing classifier for a shop. A first CNN and the one its tuner found.

Both pool with a window of one pixel and steps of two: they take every second pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hangtag.records import LayerSpec, TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, dense, output

_EVERY_SECOND: LayerSpec = {"layer": "MaxPooling2D", "pool_size": 1, "strides": 2}


def _convolution(filters: int) -> LayerSpec:
    return {
        "layer": "Conv2D",
        "filters": filters,
        "kernel_size": 3,
        "padding": "same",
        "activation": "relu",
        "kernel_initializer": "he_normal",
    }


def _layers(filters: tuple[int, int], units: int) -> Callable[[int], Layers]:
    def layers(n_classes: int) -> Layers:
        return (
            _convolution(filters[0]),
            _EVERY_SECOND,
            _convolution(filters[1]),
            _EVERY_SECOND,
            {"layer": "Flatten"},
            {**dense(units, "tanh"), "kernel_initializer": "he_normal"},
            output(n_classes),
        )

    return layers


_FIRST = Recipe(
    name="cnn-32-64-strided",
    study="s4-cnn",
    about="two convolutions that skip every second pixel",
    layers=_layers((32, 64), 128),
    options=TrainingOptions(
        epochs=10,
        batch_size=128,
        optimizer="adam",
        metrics=("accuracy", "precision", "recall", "auc"),
    ),
    split="last:12000",
    standardise=True,
)

RECIPES = (
    _FIRST,
    replace(
        _FIRST,
        name="cnn-32-128-strided",
        study="s4-tuned",
        about="cnn-32-64-strided as a search widened it",
        layers=_layers((32, 128), 160),
        options=replace(_FIRST.options, batch_size=192, optimizer="rmsprop"),
    ),
)

"""S1: unsupervised learning and a first network. Two dense networks on Sign-Language-MNIST.

The document's output has 25 units for 24 classes, because its labels run from 0 to 24 without 9;
169,894 parameters are counted with those 25.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hangtag.records import TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, dense, output


def _mlp(activation: str) -> Callable[[int], Layers]:
    def layers(n_classes: int) -> Layers:
        return (
            {"layer": "Flatten"},
            {"layer": "Normalization"},
            dense(200, activation),
            dense(50, activation),
            output(n_classes),
        )

    return layers


_RELU = Recipe(
    name="mlp-200-50",
    study="s1-mlp",
    about="normalized pixels and two hidden ReLU layers of 200 and 50",
    layers=_mlp("relu"),
    # Of 1e-3, 1e-5 and 1e-9 the document keeps 1e-5; it trains with all three.
    options=TrainingOptions(epochs=100, batch_size=32, optimizer="adam", learning_rate=1e-5),
    split="stratified:1/6",
    n_classes=25,
)

RECIPES = (
    _RELU,
    replace(
        _RELU,
        name="mlp-200-50-linear",
        study="s1-mlp-linear",
        about="mlp-200-50 without a non-linearity: a linear model in two steps",
        layers=_mlp("linear"),
    ),
)

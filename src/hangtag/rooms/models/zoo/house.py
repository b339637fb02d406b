"""The house recipes: our own small networks and how to train them, for the accuracy time can buy.

``fast``, ``balanced`` and ``best`` are blocks of a 3×3 convolution, batch normalisation and ReLU,
pooled three times, and the strongest answer of each channel at the end. Pooling stands right
behind its convolution: normalising what is left of it costs a quarter. Only ``best`` looks at
whole images twice before it pools. All was chosen on the last 10,000 training images of
Fashion-MNIST, never on test images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hangtag.records import LayerSpec, TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, output

_POOL: LayerSpec = {"layer": "MaxPooling2D", "pool_size": 2}


def _block(filters: int, *, pooled: bool) -> Layers:
    convolution = {
        "layer": "Conv2D",
        "filters": filters,
        "kernel_size": 3,
        "padding": "same",
        "use_bias": False,
        "kernel_initializer": "he_normal",
    }
    return (
        convolution,
        *((_POOL,) if pooled else ()),
        {"layer": "BatchNormalization", "momentum": 0.9},
        {"layer": "Activation", "activation": "relu"},
    )


def _network(*blocks: tuple[int, bool], dropout: float) -> Callable[[int], Layers]:
    """Layers of blocks, each given as its filters and whether it pools."""

    def layers(n_classes: int) -> Layers:
        return (
            *(layer for filters, pooled in blocks for layer in _block(filters, pooled=pooled)),
            {"layer": "GlobalMaxPooling2D"},
            *(({"layer": "Dropout", "rate": dropout},) if dropout else ()),
            output(n_classes),
        )

    return layers


_TRAINING = TrainingOptions(
    batch_size=128,
    optimizer="adam",
    learning_rate=0.01,
    weight_decay=0.01,
    schedule="one-cycle",
    label_smoothing=0.05,
    shift=1,
    flip=True,
    average=0.998,
)

_FAST = Recipe(
    name="fast",
    about="four convolutions, 8 epochs: good in two minutes",
    layers=_network((32, True), (48, False), (64, True), (128, True), dropout=0.0),
    options=replace(_TRAINING, epochs=8),
    split="last:5000",
    standardise=True,
    mirrored=True,
    chosen="all of it",
)

RECIPES = (
    _FAST,
    replace(
        _FAST,
        name="balanced",
        about="six convolutions, 16 epochs: better in eight minutes",
        layers=_network(
            (32, True),
            (64, False),
            (64, True),
            (128, False),
            (128, True),
            (128, False),
            dropout=0.1,
        ),
        options=replace(_TRAINING, epochs=16),
    ),
    replace(
        _FAST,
        name="best",
        about="seven wide convolutions, 36 epochs: the best in twenty-five minutes",
        layers=_network(
            (32, False),
            (64, True),
            (96, False),
            (96, True),
            (192, False),
            (192, True),
            (256, False),
            dropout=0.2,
        ),
        options=replace(_TRAINING, epochs=36, shift=2, cutout=8),
    ),
)

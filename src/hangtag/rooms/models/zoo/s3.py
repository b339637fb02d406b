"""S3: half images and regularisation. Dense networks on all rows or the top 14 of Fashion-MNIST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hangtag.records import LayerSpec, TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, dense, output

_FLATTEN: LayerSpec = {"layer": "Flatten"}


def _plain(*units: int) -> Callable[[int], Layers]:
    def layers(n_classes: int) -> Layers:
        return (_FLATTEN, *(dense(one) for one in units), output(n_classes))

    return layers


def _batchnorm(n_classes: int) -> Layers:
    blocks = (
        ({**dense(units), "use_bias": False}, {"layer": "BatchNormalization"})
        for units in (128, 64, 32)
    )
    return (_FLATTEN, *(layer for block in blocks for layer in block), output(n_classes))


def _dropout(n_classes: int) -> Layers:
    blocks = ((dense(units), {"layer": "Dropout", "rate": 0.5}) for units in (128, 64, 32))
    return (_FLATTEN, *(layer for block in blocks for layer in block), output(n_classes))


_FULL = Recipe(
    name="mlp-128-64-sgd",
    study="s3-full",
    about="mlp-128-64 trained by plain gradient descent",
    layers=_plain(128, 64),
    options=TrainingOptions(epochs=10, batch_size=32, optimizer="sgd", learning_rate=1e-4),
    split="last:10000",
)
_HALF = replace(
    _FULL,
    name="mlp-128-64-sgd-half",
    study="s3-half",
    about="mlp-128-64-sgd on the top half of each image",
    input_shape=(14, 28, 1),
    rows=(0, 14),
)
_BASE = replace(
    _HALF,
    name="mlp-128-64-32-half",
    study="s3-base",
    about="three hidden layers on the top half of each image",
    layers=_plain(128, 64, 32),
    options=TrainingOptions(epochs=15, batch_size=32, optimizer="adam"),
)

RECIPES = (
    _FULL,
    _HALF,
    _BASE,
    replace(
        _BASE,
        name="mlp-128-64-32-half-batchnorm",
        study="s3-batchnorm",
        about="mlp-128-64-32-half with batch normalization after each hidden layer",
        layers=_batchnorm,
    ),
    replace(
        _BASE,
        name="mlp-128-64-32-half-dropout",
        study="s3-dropout",
        about="mlp-128-64-32-half with dropout after each hidden layer",
        layers=_dropout,
    ),
)

"""S2: a ladder of networks. One dense network and four CNNs on Fashion-MNIST.

The document prints its CNNs' layer tables with shapes and parameters (120,170, 840,586, 246,154
and 120,234), but neither dropout rates nor epochs nor batch sizes; each recipe says in ``chosen``
what stands here instead. Of the rates it says that the third network has more dropout than the
second, and the fourth a little less than the third.
"""

from __future__ import annotations

from collections.abc import Callable

from hangtag.records import LayerSpec, TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, dense, output

_POOL: LayerSpec = {"layer": "MaxPooling2D", "pool_size": 2}
_BATCH: LayerSpec = {"layer": "BatchNormalization"}
_FLATTEN: LayerSpec = {"layer": "Flatten"}

_CNN_TRAINING = TrainingOptions(epochs=30, batch_size=128, optimizer="adam")


def _convolution(filters: int) -> LayerSpec:
    return {
        "layer": "Conv2D",
        "filters": filters,
        "kernel_size": 3,
        "padding": "same",
        "activation": "relu",
    }


def _dropout(rate: float) -> LayerSpec:
    return {"layer": "Dropout", "rate": rate}


def _block(filters: int, rate: float) -> Layers:
    return (_convolution(filters), _POOL, _dropout(rate))


def _head(units: int, rate: float, n_classes: int) -> Layers:
    return (_FLATTEN, _BATCH, dense(units), _dropout(rate), output(n_classes))


def _mlp(n_classes: int) -> Layers:
    return (_FLATTEN, dense(128), dense(64), output(n_classes))


def _cnn1(n_classes: int) -> Layers:
    first, second = (_convolution(64), _POOL), (_convolution(32), _POOL)
    return (*first, *second, _FLATTEN, dense(64), output(n_classes))


def _cnn2(n_classes: int) -> Layers:
    first, second = (_convolution(32), _POOL), _block(64, 0.25)
    third = (_BATCH, _convolution(128), *_block(128, 0.25))
    return (*first, *second, *third, *_head(512, 0.25, n_classes))


def _cnn3(n_classes: int) -> Layers:
    blocks = (_block(filters, 0.4) for filters in (32, 64, 128))
    return (*(layer for block in blocks for layer in block), *_head(128, 0.4, n_classes))


def _cnn4(n_classes: int) -> Layers:
    blocks = (_block(filters, 0.25) for filters in (32, 32, 64, 128))
    return (*(layer for block in blocks for layer in block), *_head(128, 0.25, n_classes))


def _cnn(
    number: int, name: str, about: str, layers: Callable[[int], Layers], dropout: str = ""
) -> Recipe:
    return Recipe(
        name=name,
        study=f"s2-cnn{number}",
        about=about,
        layers=layers,
        options=_CNN_TRAINING,
        split="fraction:0.25",
        chosen=f"30 epochs, batch 128{dropout}; the document does not print them",
    )


RECIPES = (
    Recipe(
        name="mlp-128-64",
        study="s2-mlp",
        about="two hidden layers of 128 and 64",
        layers=_mlp,
        options=TrainingOptions(epochs=20, batch_size=128, optimizer="adam"),
        split="fraction:0.2",
        chosen="a fifth of the training images for validation; the document does not say",
    ),
    _cnn(1, "cnn-64-32", "two convolutions without regularization", _cnn1),
    _cnn(
        2, "cnn-32-64-128-128", "four convolutions and a wide hidden layer", _cnn2, ", dropout 0.25"
    ),
    _cnn(3, "cnn-32-64-128", "three convolutions, the most dropout", _cnn3, ", dropout 0.4"),
    _cnn(
        4, "cnn-32-32-64-128", "four narrow convolutions down to one pixel", _cnn4, ", dropout 0.25"
    ),
)

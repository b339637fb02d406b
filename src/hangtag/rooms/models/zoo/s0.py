"""S0: look, cluster, classify. One plain CNN on Fashion-MNIST (394,530 parameters)."""

from __future__ import annotations

from hangtag.records import TrainingOptions
from hangtag.rooms.models.zoo.base import Layers, Recipe, dense, output


def _cnn(n_classes: int) -> Layers:
    return (
        {"layer": "Conv2D", "filters": 28, "kernel_size": 3, "activation": "relu"},
        {"layer": "MaxPooling2D", "pool_size": 2},
        {"layer": "Conv2D", "filters": 56, "kernel_size": 3, "activation": "relu"},
        {"layer": "Flatten"},
        dense(56),
        output(n_classes),
    )


RECIPES = (
    Recipe(
        name="cnn-28-56",
        study="s0-cnn",
        about="two convolutions of 28 and 56 filters and a hidden layer of 56",
        layers=_cnn,
        options=TrainingOptions(epochs=10, batch_size=32, optimizer="adam"),
        split="last:12000",
    ),
)

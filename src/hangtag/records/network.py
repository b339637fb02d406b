"""A network as data, and the numbers it is trained with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LayerSpec = Mapping[str, Any]
"""One layer: ``{"layer": "Conv2D", "filters": 28, …}``, names and options as Keras has them."""


@dataclass(frozen=True)
class NetworkSpec:
    """A network as a list of layers, Keras names throughout.

    Attributes:
        name: Such as ``s0-cnn``.
        input_shape: ``(height, width, channels)`` after preprocessing.
        layers: The layers after the input, in order; the last one gives class probabilities.
        embedding: Position in `layers` of the layer whose output is the picture's embedding for
            search (default: the last layer before the output).
    """

    name: str
    input_shape: tuple[int, int, int]
    layers: tuple[LayerSpec, ...]
    embedding: int = -2

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return {
            "name": self.name,
            "input_shape": list(self.input_shape),
            "layers": [dict(layer) for layer in self.layers],
            "embedding": self.embedding,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> NetworkSpec:
        """From what :meth:`to_dict` gave."""
        height, width, channels = values["input_shape"]
        return cls(
            name=values["name"],
            input_shape=(height, width, channels),
            layers=tuple(dict(layer) for layer in values["layers"]),
            embedding=values["embedding"],
        )


@dataclass(frozen=True)
class TrainingOptions:
    """How a network is trained; every number that changes the result.

    Attributes:
        epochs: Passes over the training images at most.
        batch_size: Images per step.
        optimizer: ``sgd``, ``adam`` or ``rmsprop``, with Keras' defaults.
        learning_rate: Step size; None takes the optimizer's Keras default.
        seed: Draws initial weights, order of images and dropout.
        shuffle: Whether every epoch has its own random order.
        early_stopping: Epochs without improvement of `monitor` before training stops; None never.
        monitor: What early stopping and best weights look at.
        restore_best: Whether the weights of the best epoch are the result.
        metrics: What the history holds beside the loss: ``accuracy precision recall auc``.
    """

    epochs: int = 10
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float | None = None
    seed: int = 0
    shuffle: bool = True
    early_stopping: int | None = None
    monitor: str = "val_loss"
    restore_best: bool = False
    metrics: tuple[str, ...] = ("accuracy",)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return asdict(self) | {"metrics": list(self.metrics)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingOptions:
        """From what :meth:`to_dict` gave."""
        return cls(**{**values, "metrics": tuple(values["metrics"])})

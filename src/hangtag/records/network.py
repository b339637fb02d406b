"""A network as data, and the numbers it is trained with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

NETWORK = "network"
"""The kind of a network's description; alone it is not written down, since runs began with it."""

LayerSpec = Mapping[str, Any]
"""One layer: ``{"layer": "Conv2D", "filters": 28, …}``, names and options as Keras has them."""


@dataclass(frozen=True)
class NetworkSpec:
    """A network as a list of layers, Keras names throughout.

    Attributes:
        name: Such as ``cnn-28-56``.
        input_shape: ``(height, width, channels)`` after preprocessing.
        layers: The layers after the input, in order; the last one gives class probabilities.
        embedding: Position in `layers` of the layer whose output is the image's embedding for
            search (default: the last layer before the output).
        mirrored: Whether the answer is the mean of the answers to the image and to its mirror
            image.
    """

    name: str
    input_shape: tuple[int, int, int]
    layers: tuple[LayerSpec, ...]
    embedding: int = -2
    mirrored: bool = False
    kind: ClassVar[str] = NETWORK

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return {
            "name": self.name,
            "input_shape": list(self.input_shape),
            "layers": [dict(layer) for layer in self.layers],
            "embedding": self.embedding,
            # Left out where it is not so: what was written before it was known stays the same.
            **({"mirrored": True} if self.mirrored else {}),
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
            mirrored=bool(values.get("mirrored", False)),
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
        momentum: Proportion of its last step that ``sgd`` takes again; 0 is plain descent.
        nesterov: Whether that momentum looks ahead, as Nesterov's.
        weight_decay: Proportion of each kernel taken off per step, times the learning rate; biases
            and normalisation keep theirs.
        schedule: How the learning rate goes over the whole training, step by step: ``constant``,
            ``cosine`` or ``linear`` (down to 0), ``one-cycle``.
        warmup: Epochs over which the learning rate first rises from 0; ``one-cycle`` has its own.
        label_smoothing: Proportion of each label spread evenly over all classes.
        shift: Most pixels by which a training image is moved, each way, anew in every step.
        flip: Whether every other training image is mirrored left to right.
        cutout: Side in pixels of a square blanked in every training image; 0 is none.
        average: Weights kept are a running mean that keeps this proportion of itself in every step,
            such as 0.998; 0 keeps the last ones.
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
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup: float = 0.0
    label_smoothing: float = 0.0
    shift: int = 0
    flip: bool = False
    cutout: int = 0
    average: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return asdict(self) | {"metrics": list(self.metrics)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingOptions:
        """From what :meth:`to_dict` gave."""
        return cls(**{**values, "metrics": tuple(values["metrics"])})

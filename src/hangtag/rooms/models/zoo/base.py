"""What a named network is: its layers for any images, and how its document trains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hangtag.records import LayerSpec, TrainingOptions

Layers = tuple[LayerSpec, ...]


@dataclass(frozen=True)
class Recipe:
    """One named network and the settings that go with it.

    Attributes:
        name: What it is, such as ``cnn-28-56``: its kind, its layers' widths, what is particular.
        about: One sentence on what it is.
        layers: Layers for a number of classes; the input shape they fit is found by resolving.
        options: The training options of its document.
        split: The document's split, in the words of ``hangtag.split``.
        input_shape: What the document's network sees, after cropping.
        n_classes: How many outputs the document's network has.
        rows: First and past-the-last image row the document keeps; None keeps all.
        standardise: Whether pixels get mean 0 and deviation 1 over the training images.
        mirrored: Whether it answers for an image and its mirror image together, where mirrored
            images may be trained with.
        chosen: What the document does not say and was chosen here, and how; empty if nothing.
        study: Its name in the study it is from, such as ``s0-cnn``; empty for our own.
    """

    name: str
    about: str
    layers: Callable[[int], Layers]
    options: TrainingOptions
    split: str
    input_shape: tuple[int, int, int] = (28, 28, 1)
    n_classes: int = 10
    rows: tuple[int, int] | None = None
    standardise: bool = False
    mirrored: bool = False
    chosen: str = ""
    study: str = ""


def output(n_classes: int) -> LayerSpec:
    """The last layer of every network: one probability per class."""
    return {"layer": "Dense", "units": n_classes, "activation": "softmax"}


def dense(units: int, activation: str = "relu") -> LayerSpec:
    """A hidden dense layer."""
    return {"layer": "Dense", "units": units, "activation": activation}

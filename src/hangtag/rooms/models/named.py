"""Networks by name: which there are, what they consist of, and a drawing of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hangtag.records import TrainingOptions
from hangtag.rooms.models.diagram import diagram as drawn
from hangtag.rooms.models.summary import summary as listed
from hangtag.rooms.models.zoo import network_names, network_spec, recipe


@dataclass(frozen=True)
class Network:
    """A named network.

    Attributes:
        name: What it is, such as ``cnn-28-56``.
        study: Its name in the study it is from, which is understood everywhere; empty without one.
        about: One sentence on what it is.
        split: The split its document uses.
        options: The training options its document uses.
        parameters: How many numbers it learns or keeps.
    """

    name: str
    study: str
    about: str
    split: str
    options: TrainingOptions
    parameters: int


def networks() -> tuple[Network, ...]:
    """All named networks, in the order of the studies."""
    recipes = (recipe(name) for name in network_names())
    return tuple(
        Network(one.name, one.study, one.about, one.split, one.options, _parameters(one.name))
        for one in recipes
    )


def summary(
    network: str, *, shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> dict[str, Any]:
    """List a network's layers with shapes and parameters, as JSON-ready facts.

    Args:
        network: Its name, or that in its study.
        shape: ``(height, width, channels)`` after preprocessing; None takes its document's.
        classes: How many classes; None takes its document's.

    Raises:
        SpecError: There is no such network, or it does not fit such images.

    Example:
        >>> hangtag.summary("cnn-28-56")["parameters"]
        394530
    """
    return listed(network_spec(network, input_shape=shape, n_classes=classes))


def diagram(
    network: str, *, shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> str:
    """Draw a network as an SVG document.

    Raises:
        SpecError: There is no such network, or it does not fit such images.
    """
    return drawn(network_spec(network, input_shape=shape, n_classes=classes))


def _parameters(name: str) -> int:
    return int(summary(name)["parameters"])

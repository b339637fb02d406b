"""What a bundle must know of the model in it: a description goes in, its rules come out.

Networks, forests and Gaussian mixtures have rules of their own, by the kind that their description
names; every other kind is a model of points (:class:`DescribedPoints`) and needs nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hangtag.errors import SpecError
from hangtag.onnx_graphs import (
    FAMILIAR_OPERATORS,
    FOREST_OPERATORS,
    MIXTURE_OPERATORS,
    MOST_VALUES,
    NETWORK_OPERATORS,
    POINTS_OPERATORS,
    SEEN_OPERATORS,
    Operator,
)
from hangtag.records import (
    ForestSpec,
    MixtureSpec,
    NetworkSpec,
    PointsSpec,
    SeenNetwork,
    Spec,
)
from hangtag.records.forest import FOREST
from hangtag.records.mixture import COVARIANCES, MIXTURE
from hangtag.records.network import NETWORK
from hangtag.rooms.models.bundle.mixture_check import mixture_is_sound
from hangtag.rooms.models.bundle.tree_check import forest_refused, sums_refused
from hangtag.rooms.models.resolve import (
    check_classes,
    check_name,
    embedding_position,
    resolve,
)

if TYPE_CHECKING:
    from onnx import ModelProto

SLACK = 8 << 20
"""Bytes a part may have beyond those of its model's numbers."""
NODE_BYTES = 100
"""Bytes that a node or a proportion of a forest may take in a part; the ONNX model has about 26."""
FAMILIAR_SCHEMA = 5
NUMBER_BYTES = 16
"""Bytes that a number of a model of points may take; a tree's node is five of them."""


class Described(Protocol):
    """The rules of one model."""

    @property
    def schema(self) -> int:
        """The first schema of bundles that has such models."""

    @property
    def operators(self) -> frozenset[Operator]:
        """All that its graph may be made of."""

    def check_classes(self, n_classes: int) -> None:
        """Raise SpecError unless the model tells so many classes apart, and can be one."""

    def parameters(self) -> int:
        """Numbers that were fitted."""

    def largest_part(self) -> int:
        """Bytes that a part of its bundle may have at most."""

    def embedding_size(self) -> int:
        """Numbers of an image's embedding."""

    def working_values(self) -> int:
        """Values that answering for one image takes, in all steps together."""

    def largest_value(self) -> int:
        """Values that one step may give for one image at most."""

    def refused(self, model: ModelProto) -> str:
        """What is wrong with a graph beside what is wrong with any; empty if nothing is.

        Shapes that ONNX cannot infer are written into it.
        """

    def too_large(self) -> tuple[str, str]:
        """What there is too much of, and how to have less."""


@dataclass(frozen=True)
class DescribedNetwork:
    """The rules of a network."""

    spec: NetworkSpec
    operators: frozenset[Operator] = NETWORK_OPERATORS | FAMILIAR_OPERATORS

    @property
    def schema(self) -> int:
        """The first one, unless mirrored images are asked about as well."""
        return 2 if self.spec.mirrored else 1

    def check_classes(self, n_classes: int) -> None:
        """Its last layer has one unit a class."""
        check_classes(self.spec, n_classes)

    def parameters(self) -> int:
        """All weights of all layers."""
        return sum(weight.size for layer in resolve(self.spec) for weight in layer.weights)

    def largest_part(self) -> int:
        """Four bytes a parameter."""
        # A part that is larger than its numbers holds something else; it is refused before it is
        # read into memory.
        return 4 * self.parameters() + SLACK

    def embedding_size(self) -> int:
        """What the embedding layer gives."""
        return math.prod(resolve(self.spec)[embedding_position(self.spec)].output_shape)

    def working_values(self) -> int:
        """What all layers give."""
        return sum(math.prod(layer.output_shape) for layer in resolve(self.spec))

    def largest_value(self) -> int:
        """As much as any model's may."""
        return MOST_VALUES

    def refused(self, model: ModelProto) -> str:  # noqa: ARG002
        """Nothing: its operators compute and no more."""
        return ""

    def too_large(self) -> tuple[str, str]:
        """Parameters."""
        return f"{self.parameters():,} parameters", "smaller layers"


@dataclass(frozen=True)
class DescribedForest:
    """The rules of a forest."""

    spec: ForestSpec

    @property
    def schema(self) -> int:
        """The second, or that of models that see a network."""
        return 2 if self.spec.network is None else 4

    @property
    def operators(self) -> frozenset[Operator]:
        """Its own, and a network's where it sees what one says."""
        return FOREST_OPERATORS | _of_network(self.spec.network)

    def check_classes(self, n_classes: int) -> None:
        """Every number is one that a forest can have."""
        spec = self.spec
        check_name(spec.name)
        counts = {
            "trees": spec.n_estimators,
            "classes": spec.n_classes,
            "nodes": spec.nodes,
            "shares": spec.shares,
            "numbers of an embedding": spec.embedding_size,
            "axes": 1 if spec.axes is None else spec.axes,
            "questions at most": 1 if spec.max_depth is None else spec.max_depth,
        }
        for what, count in counts.items():
            if type(count) is not int or count < 1:
                raise SpecError(f"forest {spec.name} has {count!r} {what}", "it must be at least 1")
        _check_network(spec)
        if spec.n_classes != n_classes:
            raise SpecError(
                f"forest {spec.name} knows {spec.n_classes} classes and {n_classes} have names"
            )
        # Sizes are bounded before a graph is looked at: all that comes after allocates by them.
        largest = max(spec.n_pixels, spec.n_features, spec.embedding_size, spec.n_classes)
        if spec.nodes < spec.n_estimators or largest > MOST_VALUES:
            raise SpecError(f"there can be no forest {spec.name} of these sizes: {spec}")

    def parameters(self) -> int:
        """Questions, proportions and axes."""
        return self.spec.parameters

    def largest_part(self) -> int:
        """So many bytes a node and a proportion, and the axes in double precision."""
        axes = 0 if self.spec.axes is None else (self.spec.axes + 1) * self.spec.n_pixels
        own = NODE_BYTES * (self.spec.nodes + self.spec.shares) + 8 * axes
        return own + _network_bytes(self.spec.network) + SLACK

    def embedding_size(self) -> int:
        """As it says."""
        return self.spec.embedding_size

    def working_values(self) -> int:
        """Pixels in a few forms, coordinates, votes."""
        width = 0 if self.spec.network is None else 8 * self.spec.network.width
        own = 6 * self.spec.n_pixels + 2 * self.spec.n_features + self.spec.embedding_size
        return own + width

    def largest_value(self) -> int:
        """As much as any model's may."""
        return MOST_VALUES

    def refused(self, model: ModelProto) -> str:
        """Trees that lead nowhere, or are not those of the manifest."""
        return forest_refused(model, self.spec)

    def too_large(self) -> tuple[str, str]:
        """Nodes."""
        return f"{self.spec.nodes:,} nodes", "fewer trees, less depth, or more images in a leaf"


@dataclass(frozen=True)
class DescribedMixture:
    """The rules of a Gaussian mixture."""

    spec: MixtureSpec

    @property
    def schema(self) -> int:
        """The third, or that of models that see a network."""
        return 3 if self.spec.network is None else 4

    @property
    def operators(self) -> frozenset[Operator]:
        """Its own, and a network's where it sees what one says."""
        return MIXTURE_OPERATORS | _of_network(self.spec.network)

    def check_classes(self, n_classes: int) -> None:
        """Every number is one that a mixture can have."""
        spec = self.spec
        check_name(spec.name)
        counts = {
            "components": spec.components,
            "components asked for": spec.k,
            "classes": spec.n_classes,
            "axes": 1 if spec.axes is None else spec.axes,
        }
        for what, count in counts.items():
            if type(count) is not int or count < 1:
                raise SpecError(f"{spec.name} has {count!r} {what}", "it must be at least 1")
        _check_network(spec)
        if spec.covariance not in COVARIANCES or type(spec.class_conditional) is not bool:
            raise SpecError(f"there can be no {spec.name} with covariances {spec.covariance!r}")
        if spec.n_classes != n_classes:
            raise SpecError(
                f"{spec.name} knows {spec.n_classes} classes and {n_classes} have names"
            )
        if self.largest_value() > MOST_VALUES:
            raise SpecError(f"there can be no {spec.name} of these sizes: {spec}")

    def parameters(self) -> int:
        """Weights, means, covariances, classes and axes."""
        return self.spec.parameters

    def largest_part(self) -> int:
        """All its numbers in double precision."""
        spec = self.spec
        k, d = spec.components, spec.n_features
        factors = {"full": k * d * d, "tied": d * d}.get(spec.covariance, k * d)
        return 8 * (factors + k * (d + spec.n_classes + 1) + spec.projection) + (
            _network_bytes(spec.network) + SLACK
        )

    def embedding_size(self) -> int:
        """The point that it sees."""
        return self.spec.n_features

    def working_values(self) -> int:
        """Pixels and coordinates in a few forms, and every distance, all in double precision."""
        spec = self.spec
        k, d = spec.components, spec.n_features
        width = 0 if spec.network is None else 8 * spec.network.width
        return 8 * spec.n_pixels + 4 * d + 8 * k * d + 8 * k + 3 * spec.n_classes + width

    def largest_value(self) -> int:
        """What its graph gives: pixels, the way from every component, classes."""
        spec = self.spec
        width = 0 if spec.network is None else spec.network.width
        return max(spec.n_pixels, spec.components * spec.n_features, spec.n_classes, width)

    def refused(self, model: ModelProto) -> str:
        """Steps that no such mixture takes."""
        sound = mixture_is_sound(model.graph, self.spec)
        return "" if sound else "is not the mixture of its manifest"

    def too_large(self) -> tuple[str, str]:
        """Components."""
        return f"{self.spec.components:,} components", (
            "fewer of them, fewer axes, or diagonal ones"
        )


@dataclass(frozen=True)
class DescribedPoints:
    """The rules of any other model of points: sizes that it states are sizes it must keep."""

    spec: PointsSpec
    schema: int = 4

    @property
    def operators(self) -> frozenset[Operator]:
        """Its own, and a network's where it sees what a network says."""
        return POINTS_OPERATORS | SEEN_OPERATORS.get(
            self.spec.features.partition(":")[0], frozenset()
        )

    def check_classes(self, n_classes: int) -> None:
        """Every number is one that a model can have."""
        spec = self.spec
        check_name(spec.name)
        check_name(spec.kind)
        for what in _SIZES:
            count = getattr(spec, what)
            if type(count) is not int or count < 1:
                raise SpecError(f"{spec.name} has {count!r} {what}", "it must be at least 1")
        if spec.n_classes != n_classes:
            raise SpecError(
                f"{spec.name} knows {spec.n_classes} classes and {n_classes} have names"
            )
        if type(spec.features) is not str or self.largest_value() > MOST_VALUES:
            raise SpecError(f"there can be no {spec.name} of these sizes: {spec}")

    def parameters(self) -> int:
        """As it says."""
        return self.spec.parameters

    def largest_part(self) -> int:
        """So many bytes for each of its numbers."""
        return NUMBER_BYTES * self.spec.stored + SLACK

    def embedding_size(self) -> int:
        """The point that it sees."""
        return self.spec.n_features

    def working_values(self) -> int:
        """Pixels and coordinates in a few forms, and the widest step a few times."""
        return 8 * (self.spec.n_pixels + self.spec.n_features + self.spec.width)

    def largest_value(self) -> int:
        """The pixels, or the widest step it states."""
        return max(self.spec.n_pixels, self.spec.n_features, self.spec.width)

    def refused(self, model: ModelProto) -> str:
        """Trees that lead nowhere; its other operators compute and no more."""
        return sums_refused(model, self.spec)

    def too_large(self) -> tuple[str, str]:
        """Numbers."""
        return f"{self.spec.stored:,} numbers", "fewer of them, or fewer axes"


_SIZES = ("n_features", "n_classes", "parameters", "stored", "width")


def _of_network(network: SeenNetwork | None) -> frozenset[Operator]:
    """Operators of the network that a model sees."""
    return (
        frozenset()
        if network is None
        else SEEN_OPERATORS.get(network.name.partition(":")[0], frozenset())
    )


def _network_bytes(network: SeenNetwork | None) -> int:
    return 0 if network is None else NUMBER_BYTES * network.stored


def _check_network(spec: ForestSpec | MixtureSpec) -> None:
    """Every number is one that a network can have, and there are no axes beside it."""
    network = spec.network
    if network is None:
        return
    sizes = (network.n_features, network.stored, network.width)
    sound = all(type(one) is int and one >= 1 for one in sizes) and type(network.name) is str
    if not sound or spec.axes is not None or max(network.n_features, network.width) > MOST_VALUES:
        raise SpecError(f"there can be no {spec.name} that sees {network}")


_RULES: Mapping[str, Callable[[Any], Described]] = {
    NETWORK: DescribedNetwork,
    FOREST: DescribedForest,
    MIXTURE: DescribedMixture,
}


def schema_of(spec: Spec, facts: Mapping[str, Any]) -> int:
    """The oldest schema of bundles that knows a model: networks remember from the fifth on."""
    remembers = spec.kind == NETWORK and facts.get("familiarity") is not None
    return FAMILIAR_SCHEMA if remembers else described(spec).schema


def described(spec: Spec) -> Described:
    """The rules of the model of this description."""
    return _RULES.get(spec.kind, DescribedPoints)(spec)

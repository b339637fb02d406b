"""Nearest neighbours: training images vote, the nearer the more; how many of them is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.estimators.classical import Arrays, Classical, Graph, Learning, Sizes, Tried, of_shape
from hangtag.geometry.as_onnx import EMBEDDING, PROBABILITIES, constant
from hangtag.progress import Progress
from hangtag.requests import NeighborsRequest

if TYPE_CHECKING:
    from onnx import NodeProto

PRIOR = 1.0
"""Votes that are cast as often for each class as training has it: no class is impossible."""
LEAST = 1e-6
"""What the farthest neighbour's vote counts, of its distance: where all are as far, all count."""
OWN_SCORED = 5_000
"""Training images whose own neighbours are looked for, to score them without themselves."""
_BLOCK = 1 << 24  # distances at a time
_TINY = 1e-12


class _Neighbors(Classical):
    """Votes weighted after Dudani (1976): by the distance that is left to the one behind the last.

    A vote that falls to nothing at the edge makes the answer continuous: which of two images as far
    away as each other is the last one does not matter, and rounding decides nothing.
    """

    name, noun, title = "neighbors", "vote of neighbours", "Nearest neighbours"
    record = NeighborsRequest

    def tried(
        self,
        learning: Learning,
        options: NeighborsRequest,
        progress: Progress,  # noqa: ARG002 - nothing is fitted
    ) -> Iterator[Tried]:
        """Every number of neighbours; all share the training images."""
        most = max(options.k)
        # The one behind the last neighbour sets the edge at which votes fall to nothing.
        if most >= len(learning.points):
            raise OptionError(
                f"{most} neighbours were asked for; there are {len(learning.points)} training "
                "images, and one more than the neighbours is needed"
            )
        points = learning.points.astype(np.float64)
        if options.metric == "cosine":
            # On the sphere the order of Euclidean distances is that of angles, so one graph serves
            # both metrics.
            points = _on_the_sphere(points)
        shared = {
            "points": points,
            "labels": learning.labels,
            "prior": np.bincount(learning.labels, minlength=learning.n_classes)
            / len(learning.labels),
            "cosine": np.array([options.metric == "cosine"], np.int64),
        }
        for k in sorted(set(options.k)):
            yield Tried({"k": k}, {**shared, "k": np.array([k])}, {"metric": options.metric})

    def answer(self, arrays: Arrays, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Votes of the nearest."""
        return self._votes(arrays, points, [])

    def optimistic(self, arrays: Arrays, learning: Learning) -> NDArray[np.float64]:
        """Without itself: every image is its own nearest neighbour."""
        own = np.arange(min(OWN_SCORED, len(learning.points)))
        return self._votes(arrays, learning.points[own], own)

    def _votes(
        self, arrays: Arrays, points: NDArray[np.float32], own: Sequence[int] | NDArray[np.int64]
    ) -> NDArray[np.float64]:
        among, k = arrays["points"], int(arrays["k"][0])
        seen = points.astype(np.float64)
        if arrays["cosine"][0]:
            seen = _on_the_sphere(seen)
        lengths = (among**2).sum(axis=1)
        found = np.empty((len(seen), len(arrays["prior"])))
        step = max(1, _BLOCK // len(among))
        for start in range(0, len(seen), step):
            block = seen[start : start + step]
            squares = block @ (-2 * among.T) + lengths + (block**2).sum(axis=1, keepdims=True)
            if len(own):
                mine = own[start : start + step]
                # An image at distance 0 from itself would make every training accuracy perfect.
                squares[np.arange(len(mine)), mine] = np.inf
            which = np.argpartition(squares, k, axis=1)[:, : k + 1]
            near = np.sqrt(np.maximum(np.take_along_axis(squares, which, axis=1), 0))
            last = near.max(axis=1, keepdims=True)
            # The one behind the last is among them and has no vote but this least one.
            weights = last - near + LEAST * (last + 1)
            edge = near.argmax(axis=1)
            weights[np.arange(len(near)), edge] = 0
            votes = np.eye(len(arrays["prior"]))[arrays["labels"][which]]
            proportions = (votes * weights[:, :, None]).sum(axis=1) / weights.sum(
                axis=1, keepdims=True
            )
            # Few neighbours can be of one class by chance; without the prior a vote of one would be
            # a certainty of 1.
            found[start : start + step] = (k * proportions + PRIOR * arrays["prior"]) / (k + PRIOR)
        return found

    def sizes(self, arrays: Arrays) -> Sizes:
        """A row per training image."""
        points, labels, prior, cosine, k = of_shape(
            arrays, points=("n", "d"), labels=("n",), prior=("c",), cosine=(1,), k=(1,)
        )
        whole = all(one.dtype == np.int64 for one in (labels, cosine, k))
        if (
            not whole
            or not 0 < k[0] < len(points)
            or not set(labels.tolist()) <= set(range(len(prior)))
        ):
            raise ValueError("labels")
        return Sizes(points.shape[1], len(prior), max(*points.shape, int(k[0]) * len(prior)))

    def graph(self, arrays: Arrays) -> Graph:
        """Squared distances as one product, the nearest by ``TopK``, in double precision."""
        k, among, cosine = int(arrays["k"][0]), arrays["points"], bool(arrays["cosine"][0])
        constants: dict[str, Any] = {
            "turned": -2 * among.T,
            "lengths": (among**2).sum(axis=1),
            "table": np.eye(len(arrays["prior"]))[arrays["labels"]],
            "zero": np.array([0]),
            "k": np.array([k]),
            "k_and_one": np.array([k + 1]),
            "along": np.array([1]),
            "behind": np.array([2]),
            "least": np.float64(LEAST),
            "share": np.float64(k / (k + PRIOR)),
            "prior": PRIOR * arrays["prior"] / (k + PRIOR),
        }
        if cosine:
            constants["tiny"] = np.float64(_TINY)
        return Graph(
            _nodes(cosine=cosine), [constant(name, one) for name, one in constants.items()]
        )


def _nodes(*, cosine: bool) -> list[NodeProto]:
    """From points to probabilities."""
    from onnx import TensorProto, helper

    node = helper.make_node
    seen = "seen" if cosine else "precise"
    return [
        node("Cast", [EMBEDDING], ["precise"], to=TensorProto.DOUBLE),
        *(_sphere() if cosine else []),
        node("Mul", [seen, seen], ["own_parts"]),
        node("ReduceSum", ["own_parts", "along"], ["own"], keepdims=1),
        node("MatMul", [seen, "turned"], ["products"]),
        node("Add", ["products", "lengths"], ["part"]),
        node("Add", ["part", "own"], ["squares"]),
        node("TopK", ["squares", "k_and_one"], ["near_squares", "which"], largest=0),
        node("Relu", ["near_squares"], ["no_less"]),
        node("Sqrt", ["no_less"], ["near"]),
        node("Slice", ["near", "k", "k_and_one", "along"], ["last"]),
        node("Slice", ["near", "zero", "k", "along"], ["voters"]),
        node("Slice", ["which", "zero", "k", "along"], ["who"]),
        node("Sub", ["last", "voters"], ["ahead"]),
        node("Mul", ["last", "least"], ["least_of_last"]),
        node("Add", ["least_of_last", "least"], ["floor"]),
        node("Add", ["ahead", "floor"], ["weights"]),
        node("Gather", ["table", "who"], ["ballots"], axis=0),
        node("Unsqueeze", ["weights", "behind"], ["each"]),
        node("Mul", ["ballots", "each"], ["votes"]),
        node("ReduceSum", ["votes", "along"], ["sums"], keepdims=0),
        node("ReduceSum", ["weights", "along"], ["cast"], keepdims=1),
        node("Div", ["sums", "cast"], ["shares"]),
        node("Mul", ["shares", "share"], ["heard"]),
        node("Add", ["heard", "prior"], ["answers"]),
        node("Cast", ["answers"], [PROBABILITIES], to=TensorProto.FLOAT),
    ]


def _sphere() -> list[NodeProto]:
    """From points to points at length 1."""
    from onnx import helper

    node = helper.make_node
    return [
        node("Mul", ["precise", "precise"], ["parts"]),
        node("ReduceSum", ["parts", "along"], ["whole"], keepdims=1),
        node("Sqrt", ["whole"], ["length"]),
        node("Add", ["length", "tiny"], ["some_length"]),
        node("Div", ["precise", "some_length"], ["seen"]),
    ]


def _on_the_sphere(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """At length 1, where the order of distances is that of angles."""
    found: NDArray[np.float64] = points / (np.linalg.norm(points, axis=1, keepdims=True) + _TINY)
    return found


NEIGHBORS = _Neighbors()

"""How familiar a picture is: the mean cosine to the ten training pictures that are most like it.

Confidence says which of the known classes a picture is most likely of, and is high for many that
are of none. Familiarity says whether anything like it was seen. Points are taken to a few principal
axes and directions to bytes, which loses nothing that neighbors need, so that what was seen is a
small part of a bundle and the question a few nodes of its graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry.as_onnx import EMBEDDING, constant
from hangtag.rooms.models.onnx_names import FAMILIARITY

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

AXES, MOST_SEEN, NEAREST = 128, 4000, 10
"""Axes of a direction, training pictures that are kept, and those that are asked."""
OWN_REJECTED = 0.05
"""Share of validation pictures that the threshold calls strange."""
NAMES = ("familiar_mean", "familiar_axes", "familiar_seen")
_ROUNDS, _STEPS = 4, 127


@dataclass(frozen=True, eq=False)
class Familiar:
    """What was seen in training.

    Attributes:
        mean: ``(d,)`` float32.
        axes: ``(d, k)`` float32, orthonormal.
        seen: ``(m, k)`` int8, directions of training pictures in steps of 1/127.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    seen: NDArray[np.int8]

    def __post_init__(self) -> None:
        d, k = self.axes.shape
        if self.mean.shape != (d,) or self.seen.shape[1:] != (k,) or self.seen.dtype != np.int8:
            raise ValueError("sizes of what is familiar differ")

    def of(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(n, d)`` points to ``(n,)`` cosines: 1 where all who are asked lie in one direction."""
        apart = np.asarray((points - self.mean) @ self.axes, np.float32)
        cosines = _directions(apart) @ self._known
        count = min(NEAREST, len(self.seen))
        nearest = np.partition(cosines, -count, axis=1)[:, -count:]
        found: NDArray[np.float32] = nearest.mean(axis=1, dtype=np.float32)
        return found

    @property
    def _known(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.seen.T.astype(np.float32) / np.float32(_STEPS))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it is, by name."""
        return dict(zip(NAMES, (self.mean, self.axes, self.seen), strict=True))

    def graph(self) -> tuple[list[NodeProto], list[TensorProto]]:
        """From the embedding to ``familiarity``, ``(n, 1)``."""
        from onnx import helper

        count = min(NEAREST, len(self.seen))
        constants = [
            constant("familiar_mean", self.mean),
            constant("familiar_axes", self.axes),
            constant("familiar_seen", self._known),
            constant("familiar_least", np.array(_LEAST, np.float32)),
            constant("familiar_axis", np.array([1])),
            constant("familiar_count", np.array([count])),
            constant("familiar_share", np.array(count, np.float32)),
        ]
        make = helper.make_node
        nodes = [
            make("Sub", [EMBEDDING, "familiar_mean"], ["familiar_from"]),
            make("MatMul", ["familiar_from", "familiar_axes"], ["familiar_at"]),
            make("Mul", ["familiar_at", "familiar_at"], ["familiar_squares"]),
            make("ReduceSum", ["familiar_squares", "familiar_axis"], ["familiar_sum"]),
            make("Sqrt", ["familiar_sum"], ["familiar_root"]),
            make("Add", ["familiar_root", "familiar_least"], ["familiar_length"]),
            make("Div", ["familiar_at", "familiar_length"], ["familiar_way"]),
            make("MatMul", ["familiar_way", "familiar_seen"], ["familiar_cosines"]),
            make("TopK", ["familiar_cosines", "familiar_count"], ["familiar_top", "familiar_who"]),
            make("ReduceSum", ["familiar_top", "familiar_axis"], ["familiar_all"]),
            make("Div", ["familiar_all", "familiar_share"], [FAMILIARITY]),
        ]
        return nodes, constants


_LEAST = 1e-12


def fitted(points: NDArray[np.float32]) -> Familiar:
    """What training points leave to be compared with.

    Args:
        points: ``(n, d)`` of the training pictures.
    """
    mean = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    apart = points - mean
    rng = np.random.default_rng(0)
    k = min(AXES, *points.shape)
    basis = np.linalg.qr(rng.normal(size=(points.shape[1], k)).astype(np.float32))[0]
    for _ in range(_ROUNDS):  # subspace iteration: the leading axes need not be exact
        basis = np.linalg.qr(apart.T @ (apart @ basis))[0]
    kept = rng.permutation(len(points))[:MOST_SEEN]
    seen = np.rint(_directions(apart[np.sort(kept)] @ basis) * _STEPS).astype(np.int8)
    return Familiar(mean, np.ascontiguousarray(basis), seen)


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Familiar | None:
    """What a bundle's arrays say was seen; None where they say nothing.

    Raises:
        ValueError: They do not fit together.
        KeyError: One is missing.
    """
    return Familiar(*(arrays[name] for name in NAMES)) if set(NAMES) & set(arrays) else None


def threshold(familiarity: NDArray[np.float32]) -> float:
    """The familiarity below which a picture is strange, from that of validation pictures."""
    return float(np.quantile(familiarity, OWN_REJECTED, method="lower"))


def _directions(points: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt((points * points).sum(axis=1, keepdims=True)) + np.float32(_LEAST)
    found: NDArray[np.float32] = (points / lengths).astype(np.float32)
    return found

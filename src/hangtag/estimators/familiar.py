"""How familiar an image is: the mean cosine to the ten training images that are most like it.

Confidence says which of the known classes an image is most likely of, and is high for many that
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
from hangtag.geometry.threads import limited
from hangtag.onnx_graphs import FAMILIARITY

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

AXES, MOST_SEEN, NEAREST = 128, 4000, 10
"""Axes of a direction, training images that are kept, and those that are asked."""
MOST_BYTES = AXES * MOST_SEEN
"""Bytes that are kept: of directions with fewer axes there may be more."""
OWN_REJECTED, LEVEL = 0.05, 0.95
"""Proportion of one's own images that may be called strange, and how sure that shall be."""
BESIDE = 0.25
"""Of what is not centered: the number that stands beside all axes, as a proportion of the usual
length. It lets short points, in which little was recognized, be told from long ones."""
ALWAYS = 0.9
"""A number that is above 0 for more training images than this proportion is on for nearly all."""
LEAST_SPREAD = 0.1
"""Of what is usual: a number that hardly varies is not blown up further."""
NAMES = ("familiar_mean", "familiar_axes", "familiar_seen")
_ROUNDS, _STEPS = 4, 127


@dataclass(frozen=True, eq=False)
class Familiar:
    """What was seen in training.

    Attributes:
        mean: ``(d,)`` float32.
        axes: ``(d, k)`` float32, orthogonal once each number counts by its scale.
        seen: ``(m, k)`` int8, directions of training images in steps of 1/127; with `beside`
            ``(m, k + 1)``.
        beside: A number that stands beside the axes of every point; 0 for none.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    seen: NDArray[np.int8]
    beside: float = 0.0

    def __post_init__(self) -> None:
        d, k = self.axes.shape
        wide = k + (self.beside > 0)
        if self.mean.shape != (d,) or self.seen.shape[1:] != (wide,) or self.seen.dtype != np.int8:
            raise ValueError("sizes of what is familiar differ")

    def of(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(n, d)`` points to ``(n,)`` cosines: 1 where all who are asked lie in one direction."""
        cosines = _directions(_at(points, self.mean, self.axes, self.beside)) @ self._known
        count = min(NEAREST, len(self.seen))
        nearest = np.partition(cosines, -count, axis=1)[:, -count:]
        found: NDArray[np.float32] = nearest.mean(axis=1, dtype=np.float32)
        return found

    @property
    def _known(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.seen.T.astype(np.float32) / np.float32(_STEPS))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it is, by name; what has a number beside its axes lies in a graph alone."""
        return dict(zip(NAMES, (self.mean, self.axes, self.seen), strict=True))

    def graph(self, to: str = FAMILIARITY) -> tuple[list[NodeProto], list[TensorProto]]:
        """From the embedding to the value `to`, ``(n, 1)``."""
        from onnx import TensorProto, helper

        count, wide = min(NEAREST, len(self.seen)), self.seen.shape[1]
        axes, beside = np.zeros((len(self.mean), wide), np.float32), np.zeros(wide, np.float32)
        axes[:, : self.axes.shape[1]] = self.axes
        beside[self.axes.shape[1] :] = self.beside
        constants = [
            constant("familiar_mean", self.mean),
            constant("familiar_axes", axes),
            constant("familiar_beside", beside),
            constant("familiar_bytes", self.seen.T),
            constant("familiar_least", np.array(_LEAST, np.float32)),
            constant("familiar_axis", np.array([1])),
            constant("familiar_count", np.array([count])),
            constant("familiar_share", np.array(count * _STEPS, np.float32)),
        ]
        make = helper.make_node
        nodes = [
            # Bytes are made numbers once, when the model is opened: a constant of a constant.
            make("Cast", ["familiar_bytes"], ["familiar_seen"], to=TensorProto.FLOAT),
            make("Sub", [EMBEDDING, "familiar_mean"], ["familiar_from"]),
            make("MatMul", ["familiar_from", "familiar_axes"], ["familiar_along"]),
            make("Add", ["familiar_along", "familiar_beside"], ["familiar_at"]),
            make("Mul", ["familiar_at", "familiar_at"], ["familiar_squares"]),
            make("ReduceSum", ["familiar_squares", "familiar_axis"], ["familiar_sum"]),
            make("Sqrt", ["familiar_sum"], ["familiar_root"]),
            make("Add", ["familiar_root", "familiar_least"], ["familiar_length"]),
            make("Div", ["familiar_at", "familiar_length"], ["familiar_way"]),
            make("MatMul", ["familiar_way", "familiar_seen"], ["familiar_cosines"]),
            make("TopK", ["familiar_cosines", "familiar_count"], ["familiar_top", "familiar_who"]),
            make("ReduceSum", ["familiar_top", "familiar_axis"], ["familiar_all"]),
            make("Div", ["familiar_all", "familiar_share"], [to]),
        ]
        return nodes, constants


_LEAST = 1e-12


def fitted(points: NDArray[np.float32]) -> Familiar:
    """What training points leave to be compared with.

    Args:
        points: ``(n, d)`` of the training images.
    """
    mean = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    apart = points - mean
    basis = _axes(apart)
    kept = np.random.default_rng(0).permutation(len(points))[:MOST_SEEN]
    seen = np.rint(_directions(apart[np.sort(kept)] @ basis) * _STEPS).astype(np.int8)
    return Familiar(mean, np.ascontiguousarray(basis), seen)


def remembered(points: NDArray[np.float32]) -> Familiar:
    """The same of points whose zero means something, such as what a layer recognized.

    They are not centered, and all are kept.

    Args:
        points: ``(n, d)`` of training images, such as :func:`chosen` chooses.
    """
    d = points.shape[1]
    scale = _scale(points)
    # Few axes stay as they are: turned, they would be the same but for what rounding makes of them.
    basis = np.diag(scale) if d <= AXES else scale[:, None] * _axes(points * scale)
    lengths = np.sqrt(((points * scale) ** 2).sum(axis=1))
    beside = float(np.float32(BESIDE * np.median(lengths)))
    mean = np.zeros(d, np.float32)
    seen = np.rint(_directions(_at(points, mean, basis, beside)) * _STEPS).astype(np.int8)
    return Familiar(mean, np.ascontiguousarray(basis), seen, beside)


def chosen(labels: NDArray[np.int64], axes: int, seed: int) -> NDArray[np.int64]:
    """Which of some training images are remembered: as many of each class as there are, or may.

    Args:
        labels: ``(n,)`` classes of the training images.
        axes: Numbers of a point; of long ones fewer are kept.
        seed: Chooses within a class.

    Returns:
        Positions among them, rising.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    classes = labels[order]
    turn = np.empty(len(order), np.int64)
    for one in np.unique(classes):
        turn[classes == one] = np.arange(np.count_nonzero(classes == one))
    # The first of each class, then the second of each, and so on.
    taken = np.lexsort((classes, turn))[: MOST_BYTES // (min(axes, AXES) + 1)]
    rows: NDArray[np.int64] = np.sort(order[taken])
    return rows


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Familiar | None:
    """What a bundle's arrays say was seen; None where they say nothing.

    Raises:
        ValueError: They do not fit together.
        KeyError: One is missing.
    """
    if not set(NAMES) & set(arrays):
        return None
    mean, axes, seen = (arrays[name] for name in NAMES)
    return Familiar(mean, axes, seen)


def threshold(familiarity: NDArray[np.float32]) -> float:
    """The familiarity below which an image is strange, from that of validation images.

    So many of them lie below it that no more than a twentieth of new ones will, with a confidence
    of 95 % (C. Clopper and E. Pearson, "The use of confidence or fiducial limits", 1934).
    """
    from scipy.special import bdtr

    n = len(familiarity)
    seldom = bdtr(np.arange(n), n, OWN_REJECTED) <= 1 - LEVEL
    below = max(0, int(np.count_nonzero(seldom)) - 1)
    # A cosine is -1 at least; what lies lower, for what its pixels have, is no limit to be kept.
    return max(-1.0, float(np.partition(familiarity, below)[below]))


def _scale(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(d,)`` what each number counts by.

    A number that is on for nearly every image says nothing by being on, and would make all
    directions near; it counts by how much it varies. All others count as they are.
    """
    spread = points.std(axis=0)
    usual = float(np.median(spread))
    always = (points > 0).mean(axis=0) > ALWAYS
    found: NDArray[np.float32] = np.ones(points.shape[1], np.float32)
    found[always] = usual / np.maximum(spread[always], LEAST_SPREAD * usual) if usual else 1
    return found


def _axes(points: NDArray[np.float32]) -> NDArray[np.float32]:
    def across(columns: NDArray[np.float32]) -> NDArray[np.float32]:
        # So few columns leave nothing to a second thread, and on a busy machine the two wait for
        # each other: for 0.35 s with four times this instead of 0.07.
        with limited(1):
            found: NDArray[np.float32] = np.linalg.qr(columns)[0]
        return found

    rng = np.random.default_rng(0)
    k = min(AXES, *points.shape)
    basis = across(rng.normal(size=(points.shape[1], k)).astype(np.float32))
    for _ in range(_ROUNDS):  # subspace iteration: the leading axes need not be exact
        basis = across(points.T @ (points @ basis))
    return basis


def _at(
    points: NDArray[np.float32],
    mean: NDArray[np.float32],
    axes: NDArray[np.float32],
    beside: float,
) -> NDArray[np.float32]:
    along = np.asarray((points - mean) @ axes, np.float32)
    if not beside:
        return along
    return np.column_stack([along, np.full(len(along), beside, np.float32)])


def _directions(points: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.sqrt((points * points).sum(axis=1, keepdims=True)) + np.float32(_LEAST)
    found: NDArray[np.float32] = (points / lengths).astype(np.float32)
    return found

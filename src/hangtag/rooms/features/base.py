"""What features are, and what they are learnt from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Preprocessing, SeenNetwork

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

Graph = tuple[list["NodeProto"], list["TensorProto"]]
"""Nodes and constants."""


@dataclass(frozen=True, eq=False)
class OpenEncoder:
    """A network that was trained elsewhere, opened.

    Attributes:
        size: Rows and columns of the square it sees.
        model: ONNX, from uint8 ``(n, size, size, 3)`` called ``pictures`` to ``embedding``.
        embed: Gives the embeddings of some frames of some images of a set, side by side.
        facts: What is known of it: its digest, its licence.
    """

    size: int
    model: bytes
    embed: Callable[[ImageSet, NDArray[np.int64], Sequence[str]], NDArray[np.float32]]
    facts: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Material:
    """What features are made from.

    Attributes:
        images: ``(n, height, width, channels)`` uint8 that train.
        preprocessing: What is done to them first, their pixels left in gray levels.
        open_network: Gives the preprocessing and the ONNX model of a run or bundle by its place.
        open_encoder: Opens a network that was trained elsewhere, by its name.
        cache: Folder where features that take long are kept; None keeps none.
        progress: Told how far it is.
    """

    images: NDArray[np.uint8]
    preprocessing: Preprocessing
    open_network: Callable[[str], tuple[Preprocessing, bytes]]
    open_encoder: Callable[[str], OpenEncoder]
    cache: Path | None = None
    progress: Progress = silent


class Features(Protocol):
    """Images as points."""

    @property
    def name(self) -> str:
        """What gives the same features again, such as ``pca:12``."""

    @property
    def n_features(self) -> int:
        """Numbers of a point."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What images must be, and what is done to them first."""

    @property
    def width(self) -> int:
        """Values of the widest step on the way, for one image."""

    @property
    def stored(self) -> int:
        """Numbers that they add to a model."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a model that sees them must tell of them."""

    def points(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """``(n, height, width, channels)`` images to ``(n, d)``."""

    def at(self, images: ImageSet, rows: NDArray[np.int64], /) -> NDArray[np.float32]:
        """The points of some images of a set."""

    @property
    def network(self) -> SeenNetwork | None:
        """The network that says them, in numbers; None for pixels and axes."""

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What must be kept beside the ONNX model to have them again."""

    def graph(self, images: str, result: str, /) -> Graph:
        """From raw images to points as ONNX, both by the names of their values."""

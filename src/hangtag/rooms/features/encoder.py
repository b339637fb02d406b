"""Photographs by a network trained elsewhere: squares of a file go in, embeddings come out.

The squares (the middle of the image, all of it) are made of the file at its own size, one above
the other in one array, so that a bundle of such a model takes an array like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, nearest
from hangtag.framing import FRAMES
from hangtag.geometry.as_onnx import constant
from hangtag.records import ImageSet, Preprocessing
from hangtag.rooms.features.base import Graph, Material, OpenEncoder
from hangtag.rooms.features.network import PREFIX, Network


@dataclass(frozen=True, eq=False)
class Encoder(Network):
    """The embeddings of the squares of an image, side by side.

    Attributes:
        opened: The network; its model sees one square.
    """

    opened: OpenEncoder = field(kw_only=True)

    @property
    def frames(self) -> tuple[str, ...]:
        """Which squares, from the top."""
        return self.preprocessing.frames

    @cached_property
    def n_features(self) -> int:
        """As many as the network gives, for each square."""
        return len(self.frames) * self._width

    @property
    def facts(self) -> Mapping[str, Any]:
        """Which network: its digest and its licence."""
        return {"encoder": dict(self.opened.facts)}

    def points(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """``(n, squares * size, size, 3)`` to ``(n, d)``."""
        self.preprocessing.check(images, f"the encoder {self.said}")
        size = self.opened.size
        return np.concatenate(
            [
                self._embedded(images[:, number * size : (number + 1) * size])
                for number in range(len(self.frames))
            ],
            axis=1,
        )

    def _of_files(self, images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """From the cache where they were embedded before."""
        return self.opened.embed(images, rows, self.frames)

    def graph(self, images: str, result: str, /) -> Graph:
        """The network once for each square, its weights once for all."""
        from onnx import helper

        # All names begin as a network's do: the model that this becomes a part of has names of its
        # own, such as a mixture's rows.
        rows = f"{PREFIX}rows"
        nodes, constants = [], [constant(rows, np.array([1]))]
        size, made = self.opened.size, []
        for number, frame in enumerate(self.frames):
            edges = [f"{PREFIX}{frame}_from", f"{PREFIX}{frame}_to"]
            constants += [
                constant(name, np.array([edge * size]))
                for name, edge in zip(edges, (number, number + 1), strict=True)
            ]
            nodes.append(helper.make_node("Slice", [images, *edges, rows], [f"{frame}_square"]))
            made.append(f"{frame}_embedding")
            own, weights = self._renamed(f"{frame}_square", made[-1], f"{PREFIX}{frame}_")
            nodes += own
        nodes.append(helper.make_node("Concat", made, [result], axis=1))
        return nodes, [*constants, *weights]


def from_encoder(said: str, material: Material) -> Encoder:
    """The embedding of a network that was trained elsewhere; nothing is learnt.

    Args:
        said: Its name, such as ``photo``; ``photo:crop`` and ``photo:whole`` show it one square.
        material: What opens it, and what is done to transparent images and those of 16 bits.

    Raises:
        OptionError: There is no such encoder or frame, or its weights are not installed.
    """
    name, colon, frame = said.partition(":")
    if colon and frame not in FRAMES:
        raise OptionError(f"there is no frame '{frame}'", nearest(frame, FRAMES))
    frames = (frame,) if colon else FRAMES
    opened = material.open_encoder(name)
    height = opened.size * len(frames)
    preprocessing = Preprocessing(
        (height, opened.size, 3),
        (0, height),
        (0, opened.size),
        scale=1.0,
        matte=material.preprocessing.matte,
        white=material.preprocessing.white,
        frames=frames,
    )
    return Encoder(said, preprocessing, opened.model, None, "encoder", opened=opened)

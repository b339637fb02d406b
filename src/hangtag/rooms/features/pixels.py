"""Pixels as they are, or as coordinates on principal axes: images in, points out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import geometry
from hangtag.errors import OptionError
from hangtag.geometry import Axes, as_onnx
from hangtag.records import ImageSet, Preprocessing
from hangtag.rooms.features.base import Graph, Material


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels, projected where there are axes.

    Attributes:
        preprocessing: What is done to images first.
        axes: What pixels are projected on; None for pixels.
    """

    preprocessing: Preprocessing
    axes: Axes | None = None

    @property
    def name(self) -> str:
        """By the number of axes, whatever proportion was asked for."""
        return "pixels" if self.axes is None else f"pca:{len(self.axes.components)}"

    @property
    def n_features(self) -> int:
        """Axes, or pixels."""
        return self.width if self.axes is None else len(self.axes.components)

    @property
    def width(self) -> int:
        """All pixels."""
        return math.prod(self.preprocessing.output_shape)

    @property
    def stored(self) -> int:
        """Those of the axes."""
        return sum(one.size for one in self.arrays().values())

    def points(self, images: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """In float64 up to the end."""
        found: NDArray[np.float32] = geometry.points_of(
            images, self.preprocessing, self.axes, dtype=np.float32
        )
        return found

    @property
    def facts(self) -> Mapping[str, Any]:
        """Nothing: their arrays are all there is."""
        return {}

    def at(self, images: ImageSet, rows: NDArray[np.int64], /) -> NDArray[np.float32]:
        """Of the set's array."""
        return self.points(images.images[rows])

    @property
    def network(self) -> None:
        """There is none."""

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The axes."""
        return {} if self.axes is None else self.axes.arrays()

    def graph(self, images: str, result: str, /) -> Graph:
        """Preprocessing, and a projection in double precision."""
        from onnx import TensorProto, helper

        if self.axes is None:
            return as_onnx.pixels(self.preprocessing, images, result)
        nodes, constants = as_onnx.pixels(self.preprocessing, images, "flat")
        constants += [
            as_onnx.constant("axes_mean", self.axes.mean),
            as_onnx.constant("axes", self.axes.components.T),
        ]
        nodes += [
            helper.make_node("Cast", ["flat"], ["wide"], to=TensorProto.DOUBLE),
            helper.make_node("Sub", ["wide", "axes_mean"], ["from_mean"]),
            helper.make_node("MatMul", ["from_mean", "axes"], ["coordinates"]),
            helper.make_node("Cast", ["coordinates"], [result], to=TensorProto.FLOAT),
        ]
        return nodes, constants


def from_pixels(said: str, material: Material) -> Pixels:  # noqa: ARG001
    """Pixels: there is nothing to learn."""
    return Pixels(material.preprocessing)


def from_axes(said: str, material: Material) -> Pixels:
    """Principal axes of the training images.

    Args:
        said: How many: a whole number, or the proportion of the variance that they explain.
        material: The images.

    Raises:
        OptionError: There cannot be so many.
    """
    fitted = geometry.axes_of(material.images, amount(said), progress=material.progress)
    assert fitted is not None
    return Pixels(material.preprocessing, Axes(fitted.mean, fitted.components))


def amount(said: str) -> float:
    """How many axes a text asks for.

    Raises:
        OptionError: It is no number of axes.
    """
    try:
        # 1 is one axis and 1.0 all of the variance, which no number of axes short of all explains:
        # it is refused.
        value = int(said) if said.isdigit() else float(said)
    except ValueError:
        value = -1
    if not value > 0 or (isinstance(value, float) and value >= 1):
        raise OptionError(
            f"there are no features pca:{said}", "pca:20, or a proportion of the variance: pca:0.95"
        )
    return value

"""What describes a fitted model of points: what all such descriptions share, and the plain one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class SeenNetwork:
    """A network that a forest or a mixture sees; its nodes are in the model's own ONNX graph.

    Attributes:
        name: What gives it again: ``network:RUN``, ``encoder:photo``.
        n_features: Numbers of its embedding.
        stored: Numbers of its weights.
        width: Values of its widest layer.
    """

    name: str
    n_features: int
    stored: int
    width: int


class ModelSpec:
    """A description as its bundle and its run keep it; a dataclass with a ``kind``."""

    input_shape: tuple[int, int, int]
    kind: str

    @property
    def n_pixels(self) -> int:
        """Numbers of an image after preprocessing."""
        return math.prod(self.input_shape)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        own: dict[str, Any] = asdict(self)  # type: ignore[call-overload]  # what derives from it is a dataclass
        if own.get("network", 0) is None:
            del own["network"]  # so that models that see none read as they always did
        return {"kind": self.kind} | own | {"input_shape": list(self.input_shape)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From what :meth:`to_dict` gave."""
        height, width, channels = values["input_shape"]
        own = {**values, "input_shape": (height, width, channels)}
        if "network" in own:
            own["network"] = SeenNetwork(**own["network"])
        return cls(**own)


@dataclass(frozen=True)
class PointsSpec(ModelSpec):
    """A model of points in numbers; enough for any kind that needs no record of its own.

    Attributes:
        kind: Its kind, as it is registered among the estimators: ``linear``, ``neighbours``, ….
        name: What it is called.
        input_shape: ``(height, width, channels)`` after preprocessing.
        features: What it sees of an image: ``pixels``, ``pca:20``, ``network:RUN``.
        n_features: Numbers of a point that it sees, which is an image's embedding.
        n_classes: Classes there are.
        parameters: Numbers that were fitted.
        stored: Numbers of its arrays, and of what its features take.
        width: Values that one step of an answer gives for one image at most.
        numbers: What was chosen, for people: ``{"c": 0.1}``.
    """

    kind: str
    name: str
    input_shape: tuple[int, int, int]
    features: str
    n_features: int
    n_classes: int
    parameters: int
    stored: int
    width: int
    numbers: Mapping[str, Any] = field(default_factory=dict)

"""EfficientNet-Lite: weights by name go in, an ONNX model from pixels to an embedding comes out.

The network of Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (2019), in Google's Lite form of 2020: without squeeze-and-excite, ReLU6 instead of
swish, the first and the last stage never scaled. Imports onnx inside its functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

IMAGES, EMBEDDING = "pictures", "embedding"
SIZE, CHANNELS = 224, 3
WIDTH = 1280
"""Numbers of an embedding: what is left behind the global average pooling."""
CENTRE, RANGE = 127.0, 128.0
"""Pixels are ``(x - 127) / 128``, as the Lite networks were trained."""
CUT = "_blocks.8._project_conv.out"
"""What comes before sees edges and textures, which are everywhere the same; what comes after, half
of the work and four fifths of the weights, is worth tuning."""
STRIDES = 32
"""The network takes squares of any multiple of this."""
EPSILON = 1e-3
"""Of batch normalization, TensorFlow's for these networks; PyTorch's usual 1e-5 is not it."""
_OPSET, _IR = 17, 8


@dataclass(frozen=True)
class Stage:
    """Blocks of one shape.

    Attributes:
        repeats: How many; the first changes size and channels.
        kernel: Rows and columns of the depthwise convolution.
        stride: Of the first block.
        expand: Channels inside, as a multiple of those that come in.
        out: Channels that go out.
    """

    repeats: int
    kernel: int
    stride: int
    expand: int
    out: int


LITE0 = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
"""Table 1 of the paper, with the names of the checkpoint: ``_blocks.0`` is the first block."""


def onnx_model(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """Write the network up to its embedding as an ONNX model.

    Args:
        weights: Arrays by their names in the checkpoint.

    Returns:
        The model: input ``pictures`` uint8 ``(n, 224, 224, 3)``, output ``embedding`` float32
        ``(n, 1280)``. Batch normalizations are folded into the convolutions before them.

    Raises:
        FormatError: A weight is missing, or has another shape.
    """
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    now = graph.first(IMAGES)
    now = graph.convolution(now, "_conv_stem", "_bn0", kernel=3, stride=2, size=SIZE)
    size, number, channels = SIZE // 2, 0, 32
    for stage in LITE0:
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            now = graph.block(now, f"_blocks.{number}", stage, stride, size, channels)
            size, channels, number = size // stride, stage.out, number + 1
    now = graph.convolution(now, "_conv_head", "_bn1", kernel=1, stride=1, size=size)
    graph.add("GlobalAveragePool", [now], "pooled")
    graph.add("Flatten", ["pooled"], EMBEDDING)
    made = helper.make_graph(
        graph.nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info(IMAGES, TensorProto.UINT8, ["n", SIZE, SIZE, CHANNELS])],
        [helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, ["n", WIDTH])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    return bytes(helper.make_model(made, opset_imports=opsets, ir_version=_IR).SerializeToString())


class _Graph:
    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, inputs: list[str], result: str, **attributes: Any) -> str:  # noqa: ANN401
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [result], **attributes))
        return result

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def first(self, images: str) -> str:
        """From bytes with channels last to centred numbers with channels first."""
        from onnx import TensorProto

        for name, value in (("centre", CENTRE), ("range", RANGE), ("least", 0.0), ("most", 6.0)):
            self.constant(name, np.array(value, np.float32))
        self.add("Cast", [images], "numbers", to=TensorProto.FLOAT)
        self.add("Sub", ["numbers", "centre"], "centred")
        self.add("Div", ["centred", "range"], "scaled")
        return self.add("Transpose", ["scaled"], "planes", perm=[0, 3, 1, 2])

    def block(
        self, given: str, name: str, stage: Stage, stride: int, size: int, channels: int
    ) -> str:
        """An inverted residual: widen, convolve each channel for itself, narrow, add."""
        now = given
        if stage.expand != 1:
            now = self.convolution(
                now, f"{name}._expand_conv", f"{name}._bn0", kernel=1, stride=1, size=size
            )
        now = self.convolution(
            now,
            f"{name}._depthwise_conv",
            f"{name}._bn1",
            kernel=stage.kernel,
            stride=stride,
            size=size,
            groups=channels * stage.expand,
        )
        now = self.convolution(
            now,
            f"{name}._project_conv",
            f"{name}._bn2",
            kernel=1,
            stride=1,
            size=size // stride,
            bounded=False,
        )
        if stride == 1 and channels == stage.out:
            now = self.add("Add", [now, given], f"{name}.sum")
        return now

    def convolution(
        self,
        given: str,
        name: str,
        normalization: str,
        *,
        kernel: int,
        stride: int,
        size: int,
        groups: int = 1,
        bounded: bool = True,
    ) -> str:
        """A convolution with the batch normalization behind it, and ReLU6 where it is bounded."""
        weight, bias = self._folded(name, normalization)
        inputs = [
            given,
            self.constant(f"{name}.weight", weight),
            self.constant(f"{name}.bias", bias),
        ]
        # "Same" as TensorFlow means it: where the padding is odd, more of it is right and below.
        whole = max(0, (-(-size // stride) - 1) * stride + kernel - size)
        pads = [whole // 2, whole // 2, whole - whole // 2, whole - whole // 2]
        self.add(
            "Conv",
            inputs,
            f"{name}.out",
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=pads,
            group=groups,
        )
        if not bounded:
            return f"{name}.out"
        return self.add("Clip", [f"{name}.out", "least", "most"], f"{name}.bounded")

    def _folded(self, name: str, normalization: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Weight and bias of convolution and normalization as one, worked out in float64."""
        kernel = self._of(f"{name}.weight")
        gamma, beta, mean, variance = (
            self._of(f"{normalization}.{part}")
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        if {one.shape for one in (gamma, beta, mean, variance)} != {kernel.shape[:1]}:
            raise FormatError(f"has weights of {normalization} that do not fit {name}")
        scale = gamma / np.sqrt(variance + EPSILON)
        folded = kernel * scale[:, None, None, None]
        return folded.astype(np.float32), (beta - mean * scale).astype(np.float32)

    def _of(self, name: str) -> NDArray[np.float64]:
        if name not in self._weights:
            raise FormatError(f"lacks the weight {name}")
        return np.asarray(self._weights[name], np.float64)

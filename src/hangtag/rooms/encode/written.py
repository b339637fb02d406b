"""Sizes that are written for one image go in; what they are for any number of images comes out.

Exporters that are not told otherwise write down what they saw, which was one image. Which axis
counts images is seen where a graph is walked: it is that which another number of them changes. All
values of an image lie together along it, alone or with something smaller (heads, windows), and a
``Reshape`` keeps that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hangtag.rooms.encode.walking import Shape, Walk

if TYPE_CHECKING:
    from onnx import NodeProto

_JOINED = frozenset({"Add", "Concat", "Div", "MatMul", "Mul", "Sub", "Where"})
"""Operators whose inputs must be as many as there are images."""


class WrittenFor:
    """A graph that is written for some number of images.

    Args:
        walk: It, walked for that number.
        images: The number.
        last: Which of several axes counts images where each may: the last, or else the first.
    """

    def __init__(self, walk: Walk, images: int, *, last: bool = False) -> None:
        self.walk, self.images, self.last = walk, images, last
        # Of a value whose axis of images has something smaller in it, too: how many that are.
        self.within: dict[str, int] = {}

    def sizes(self, walk: Walk, node: NodeProto) -> Shape | None:
        """Sizes of what a ``Reshape`` gives; None where they are as written.

        Raises:
            ValueError: Values of several images come together; the end of a sentence.
        """
        within = max((self.within.get(one, 1) for one in node.input), default=1)
        self.within |= dict.fromkeys(node.output, within)
        if node.op_type != "Reshape" or node.output[0] in self.walk.constants:
            return None
        axis = self._axis(walk, node.input[0])
        if axis is None:
            return None
        before, after = self.walk.shape(node.input[0]), self.walk.shape(node.output[0])
        inner = before[axis + 1 :]
        # Values that lie together before those of the next image come.
        block = within * math.prod(inner)
        at = self._axis_after(after, block, len(inner))
        self.within[node.output[0]] = block // math.prod(after[at + 1 :])
        grown = after[at] * walk.shape(node.input[0])[axis] // before[axis]
        return (*after[:at], grown, *after[at + 1 :])

    def _axis_after(self, after: Shape, block: int, axes: int) -> int:
        """The axis that counts images in new sizes.

        One of its own if there is one. Else images are counted together with what stood before
        such a block, if its axes stay or become fewer (tokens of all images, one after the other),
        and with the first of them, if they become more (heads of all images).

        Args:
            after: The sizes, as written.
            block: Values that lie together before those of the next image come.
            axes: How many axes they had.
        """
        inside = [math.prod(after[at + 1 :]) for at in range(len(after))]
        fits = [
            at
            for at, one in enumerate(inside)
            if block % one == 0 and one * after[at] % (block * self.images) == 0
        ]
        own = [at for at in fits if after[at] == self.images and inside[at] == block]
        before = [at for at in fits if inside[at] == block and len(after) - at - 1 <= axes]
        found = own or before or [at for at in fits if inside[at] < block] or fits
        if not found:
            raise ValueError("mixes images with each other")
        return found[-1 if self.last else 0]

    def repeated(self, walk: Walk, node: NodeProto) -> dict[str, tuple[int, int]]:
        """Constants that are written for the number of images, and meet those of another."""
        if node.op_type not in _JOINED:
            return {}
        found = {}
        for name in walk.types.keys() & set(node.input):
            axis = None if name in walk.constants else self._axis(walk, name)
            if axis is None:
                continue
            size, rank = self.walk.shape(name)[axis], len(self.walk.shape(name))
            for one in walk.constants.keys() & set(node.input):
                at = axis - rank + len(walk.shape(one))
                is_same = at >= 0 and walk.shape(one)[at] == size
                # What is one is as many as there are, but for where values are joined.
                if is_same and (size > 1 or node.op_type == "Concat"):
                    found[one] = (at, walk.shape(name)[axis])
        return found

    def _axis(self, walk: Walk, name: str) -> int | None:
        """The axis that counts images; None where there is none."""
        sizes = zip(self.walk.shape(name), walk.shape(name), strict=True)
        return next((at for at, (one, other) in enumerate(sizes) if one != other), None)

"""What is done to pixels before a network sees them: plain numbers, fitted on training data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError


@dataclass(frozen=True)
class Preprocessing:
    """Crop, scale, shift: ``(pixels[rows, columns] * scale - mean) / deviation``.

    Attributes:
        picture_shape: ``(height, width, channels)`` of the uint8 images that come in.
        rows: First and past-the-last row kept.
        columns: First and past-the-last column kept.
        scale: Factor on the uint8 values; 1/255 gives floats in [0, 1].
        mean: Subtracted after scaling, one number per channel.
        deviation: Divided by after subtracting, one positive number per channel.
        dark_border: Whether the training images have a dark background (True), a light one
            (False), or neither (None); a grey image with the other one is inverted before tagging.
        matte: Grey level that transparent parts of the training images were laid on; None if they
            had none, and then each image is laid on what leaves it visible.
        white: The value of white in training images of 16 bits, where it is not 65535.
        item_extent: How much of the longer side the items of training images fill, where
            nearly all agree; the item of a larger photograph is then found and shown alike
            (``rooms/load/item.py``). None where they do not.
        frames: Squares that are made of an image's file, one above the other (``framing.py``);
            none where the image is fitted inside `picture_shape`.
    """

    picture_shape: tuple[int, int, int]
    rows: tuple[int, int]
    columns: tuple[int, int]
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)
    dark_border: bool | None = None
    matte: int | None = None
    white: int | None = None
    item_extent: float | None = None
    frames: tuple[str, ...] = ()

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """``(height, width, channels)`` of what the network sees."""
        return (
            self.rows[1] - self.rows[0],
            self.columns[1] - self.columns[0],
            self.picture_shape[2],
        )

    def check(self, images: NDArray[Any], model: str) -> None:
        """Refuse what is not ``(n, height, width, channels)`` uint8 images as `model` wants them.

        Raises:
            OptionError: It is something else.
        """
        shape = self.picture_shape
        if images.ndim != 4 or images.shape[1:] != shape or images.dtype != np.uint8:
            raise OptionError(
                f"{model} takes uint8 images of shape {('n', *shape)}; got {images.dtype} of "
                f"shape {images.shape}",
                "hangtag.rooms.load reads images in the shape a model wants",
            )

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn ``(n, height, width, channels)`` uint8 images into the network's float32 input.

        Returns:
            ``(n, *output_shape)`` float32.
        """
        kept = images[:, slice(*self.rows), slice(*self.columns)]
        values: NDArray[np.float32] = kept.astype(np.float32)
        values *= np.float32(self.scale)
        if any(self.mean):
            values -= np.asarray(self.mean, np.float32)
        if any(one != 1 for one in self.deviation):
            values /= np.asarray(self.deviation, np.float32)
        return values

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        optional = ("matte", "white", "item_extent", "frames")
        unsaid = {name for name in optional if getattr(self, name) in (None, ())}
        # Left out, so that models of earlier versions keep their id: what is added here later
        # belongs among the optional, too.
        return {name: value for name, value in asdict(self).items() if name not in unsaid}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Preprocessing:
        """From what :meth:`to_dict` gave, lists standing for tuples."""
        fields: dict[str, Any] = {
            key: tuple(item) if isinstance(item, list) else item for key, item in values.items()
        }
        return cls(**fields)

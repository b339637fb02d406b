"""Whether a model and what stands around it belong together: both go in, an error or nothing."""

from __future__ import annotations

import math

from hangtag.errors import SpecError
from hangtag.framing import FRAMES
from hangtag.records import Preprocessing, Spec
from hangtag.rooms.models.resolve import size_in_words

LARGEST_SIDE = 4_096
MOST_CHANNELS = 64


def check_preprocessing(spec: Spec, preprocessing: Preprocessing) -> None:
    """Refuse preprocessing that does not give what the model takes.

    Raises:
        SpecError: Shapes do not meet, or a number cannot be used.
    """
    _check_shapes(preprocessing)
    if tuple(preprocessing.output_shape) != tuple(spec.input_shape):
        raise SpecError(
            f"network {spec.name} takes images of {size_in_words(spec.input_shape)} and the "
            f"preprocessing gives {size_in_words(preprocessing.output_shape)}",
            "describe the network with input_shape=preprocessing.output_shape",
        )
    _check_numbers(preprocessing)


def _check_shapes(preprocessing: Preprocessing) -> None:
    height, width, channels = preprocessing.picture_shape
    sides = (
        (preprocessing.rows, height, LARGEST_SIDE),
        (preprocessing.columns, width, LARGEST_SIDE),
        ((0, channels), channels, MOST_CHANNELS),
    )
    for (first, last), size, most in sides:
        whole = all(type(one) is int for one in (first, last, size))
        if not whole or not 0 <= first < last <= size <= most:
            shape = size_in_words(preprocessing.picture_shape)
            raise SpecError(
                f"images of {shape} cannot be cropped to rows "
                f"{preprocessing.rows} and columns {preprocessing.columns}"
            )
    frames = preprocessing.frames
    if frames and (
        not set(frames) <= set(FRAMES) or (height, channels) != (len(frames) * width, 3)
    ):
        raise SpecError(f"there are no images of the squares {', '.join(map(str, frames))}")


def _check_numbers(preprocessing: Preprocessing) -> None:
    channels = preprocessing.picture_shape[2]
    mean, deviation = preprocessing.mean, preprocessing.deviation
    numbers = (preprocessing.scale, *mean, *deviation)
    finite = all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
    fits = len(mean) in {1, channels} and len(deviation) in {1, channels}
    if not finite or not fits or not all(one > 0 for one in deviation):
        raise SpecError(
            f"pixels cannot be scaled by {preprocessing.scale}, shifted by {mean} and divided "
            f"by {deviation}",
            "mean and deviation need one finite number per channel, deviation above 0",
        )

"""The answers of two models go in; which images part them comes out, the furthest apart first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions


@dataclass(frozen=True, eq=False)
class Parted:
    """Images that two models answered in one of three ways.

    Attributes:
        title: Which way, in words.
        positions: ``(n,)`` where they are in both models' answers, those first whose probabilities
            are furthest apart.
    """

    title: str
    positions: NDArray[np.int64]


def parted(first: Predictions, second: Predictions, names: tuple[str, str]) -> tuple[Parted, ...]:
    """What only the first gets right, what only the second, and what neither.

    How far apart two answers are is the total variation distance of their probabilities, from 0
    for the same ones to 1 for nothing in common.

    Args:
        first: Answers of the one.
        second: Answers of the other, on the same images in the same order.
        names: What they are called.
    """
    right = [one.predicted == one.labels for one in (first, second)]
    apart = np.abs(first.probabilities - second.probabilities).sum(axis=1) / 2
    order = np.argsort(-apart, kind="stable")
    ways = (
        (f"Only {names[0]} is right", right[0] & ~right[1]),
        (f"Only {names[1]} is right", right[1] & ~right[0]),
        ("Both are wrong", ~right[0] & ~right[1]),
    )
    return tuple(Parted(title, order[inside[order]]) for title, inside in ways)

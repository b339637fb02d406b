"""What a format is, what is told inside every file, and whether a file answers as its bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FailedError
from hangtag.rooms.models import Bundle

IMAGES = 32
"""Random images on which a file is compared with its bundle."""
TOLERANCE = 1e-5
"""Largest difference of a probability."""


@dataclass(frozen=True)
class Export:
    """A format.

    Attributes:
        title: What opens it.
        suffix: How its files' names end.
        write: From a bundle to the file's bytes and the largest difference of a probability from
            the bundle's; raises OptionError where there are no such models.
        opening: Python that opens a file, with ``{file}`` and ``{shape}`` to be filled in.
    """

    title: str
    suffix: str
    write: Callable[[Bundle], tuple[bytes, float]]
    opening: str


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: Where it is.
        to: Its format.
        size: Bytes.
        difference: Largest difference of a probability from the bundle's, on random images.
        opening: Lines of Python that open it.
    """

    path: Path
    to: str
    size: int
    difference: float
    opening: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {
            "file": str(self.path),
            "to": self.to,
            "bytes": self.size,
            "largest_difference": self.difference,
            "opening": list(self.opening),
        }


def told(bundle: Bundle) -> str:
    """What a file says of its model, as JSON: classes, thresholds, preprocessing."""
    facts = {
        "model_id": bundle.model_id,
        "class_names": list(bundle.class_names),
        "class_codes": list(bundle.class_codes),
        # Below it the answer is "unknown"; null means that the model never knows.
        "threshold": bundle.threshold,
        "familiarity": bundle.familiarity,
        "preprocessing": bundle.preprocessing.to_dict(),
        "licence": bundle.facts.get("licence"),
    }
    return json.dumps(facts, ensure_ascii=False)


def compared(
    bundle: Bundle,
    answer: Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]],
    what: str,
    *,
    strays: int = 0,
) -> float:
    """The largest difference of a probability on random images.

    Args:
        bundle: The model.
        answer: What the file says of ``(n, height, width, channels)`` uint8 images.
        what: What the file is, for the error.
        strays: Images that may be answered otherwise.

    Raises:
        FailedError: It differs.
    """
    shape = (IMAGES, *bundle.preprocessing.picture_shape)
    shown = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    gaps = np.abs(answer(shown) - bundle.probabilities(shown)).max(axis=1)
    worst = float(np.sort(gaps)[-1 - strays])
    if not worst <= TOLERANCE:
        raise FailedError(
            f"the {what} of {bundle.model_id} answers otherwise than its bundle, by {worst:.2g} "
            f"where {TOLERANCE:g} is allowed; nothing was written",
            "hangtag export --to onnx writes the bundle's own model",
        )
    return worst

"""An image set goes in, what a report shows of it comes out: its facts, and some of its images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ImageSet
from hangtag.rooms.report.about import place

EACH = 10
"""Images of each class that are shown."""


def about(images: ImageSet, source: str) -> dict[str, Any]:
    """Facts about a set, label to value, in the order they are to be shown."""
    height, width, channels = images.shape
    facts = {
        "source": place(source),
        "format": images.format,
        "images": len(images),
        "parts": ", ".join(f"{len(where)} {name}" for name, where in images.parts.items()),
        "image": f"{height} × {width}, {'grey' if channels == 1 else 'colour'}",
        "classes": images.n_classes,
        "pixel values": f"{images.images.min()} to {images.images.max()}",
    }
    if images.unreadable:
        facts["unreadable"] = f"{len(images.unreadable)} members left out"
    if images.notes:
        facts["notes"] = "; ".join(images.notes)
    return facts


def samples(images: ImageSet, train: NDArray[np.int64], seed: int) -> tuple[Any, ...]:
    """Random training images of every class, drawn with the run's seed."""
    draw = np.random.default_rng(seed)
    labels = images.labels[train]
    chosen = []
    for label in range(images.n_classes):
        where = train[labels == label]
        count = min(EACH, len(where))
        chosen.append(images.images[np.sort(draw.choice(where, count, replace=False))])
    return tuple(chosen)

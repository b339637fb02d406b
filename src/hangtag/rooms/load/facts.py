"""What is in a set or a split, as plain JSON-ready facts: record in, dict out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from hangtag.records import ImageSet, Split
from hangtag.rooms.load import counting


def info(images: ImageSet) -> dict[str, Any]:
    """Describe a set.

    Returns:
        ``name format origin classes counts per_class shape channels label_codes label_gaps
        unlabelled pixel_range memory found unreadable passed_over notes fingerprint``. `counts`
        maps each part to its images, `per_class` each part to images per class name, `label_gaps`
        are the whole numbers between the least and the greatest label code that no class has,
        `memory` is bytes; `found` has how many images and rows were used, unreadable and passed
        over, and how many there are in all.
    """
    return {
        "name": images.name,
        "format": images.format,
        "origin": images.origin,
        "classes": list(images.class_names),
        "counts": {part: len(where) for part, where in images.parts.items()},
        "per_class": {part: _per_class(images, part) for part in images.parts},
        "shape": list(images.shape),
        "channels": images.shape[2],
        "label_codes": list(images.class_codes),
        "label_gaps": gaps(images.class_codes),
        "unlabelled": int((images.labels < 0).sum()),
        "pixel_range": [int(images.images.min()), int(images.images.max())],
        "memory": images.images.nbytes + images.labels.nbytes,
        "found": counting.found(images),
        "unreadable": [{"where": one.where, "reason": one.reason} for one in images.unreadable],
        "passed_over": [
            {"where": one.where, "reason": one.reason, "n": one.n} for one in images.passed_over
        ],
        "notes": list(images.notes),
        "fingerprint": images.fingerprint,
    }


def split_facts(split: Split) -> dict[str, Any]:
    """A split as JSON-ready facts, every index in it."""
    return {
        "recipe": split.recipe,
        "seed": split.seed,
        "fingerprint": split.fingerprint,
        "training": split.train.tolist(),
        "validation": split.validation.tolist(),
        "test": split.test.tolist(),
    }


def split_counts(images: ImageSet, split: Split) -> dict[str, dict[str, int]]:
    """Images of every class in training, validation and test."""
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    counted = {
        part: np.bincount(
            images.labels[where][images.labels[where] >= 0], minlength=images.n_classes
        )
        for part, where in parts.items()
    }
    return {
        part: dict(zip(images.class_names, counts.tolist(), strict=True))
        for part, counts in counted.items()
    }


def gaps(codes: tuple[int | str, ...]) -> list[int]:
    """Whole numbers between the least and the greatest code that are missing; at most 1,000."""
    numbers = sorted({code for code in codes if isinstance(code, int)})
    missing: list[int] = []
    for low, high in pairwise(numbers):
        missing += range(low + 1, min(high, low + 1 + 1000 - len(missing)))
    return missing


def _per_class(images: ImageSet, part: str) -> dict[str, int]:
    counts = images.counts(part)
    return {name: int(count) for name, count in zip(images.class_names, counts, strict=True)}

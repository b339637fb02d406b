"""Photos of items go in, an answer for each item comes out, however many photos it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Classifier, InputImage
from hangtag.records.tagging import STRANGE
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.tagging import Answer, Pending

NONE = "has no photo that can be used"


def sources(catalog: Catalog, pending: Sequence[Pending]) -> list[tuple[str, str | bytes]]:
    """What each photo of these items is called, and its path or the bytes of its file."""
    return [
        (uri, content if content is not None else str(catalog.root / uri))
        for one in pending
        for _, uri, content in one.photos
    ]


def answered(
    pending: Sequence[Pending],
    read: Iterable[InputImage],
    classifier: Classifier,
    threshold: float | None,
    least: float | None = None,
) -> tuple[list[Answer], dict[int, NDArray[np.float32]]]:
    """What a model says of items.

    The probabilities of an item's photos are averaged: for a model that is right about most of
    them that is a vote in which the sure ones count more.

    Args:
        pending: The items.
        read: Their photos as the model wants them, in the order of :func:`sources`.
        classifier: The model.
        threshold: Confidence below which it says "unknown"; None says so of everything.
        least: Familiarity that one photo of an item has at least; None for any. The others may
            show its back or its label.

    Returns:
        An answer for each item, and the embedding of each photo by its number.
    """
    owners = [(one.item, number) for one in pending for number, *_ in one.photos]
    photos = list(zip(owners, read, strict=True))
    usable = [(owner, one.pixels) for owner, one in photos if one.pixels is not None]
    why = {of: f"{one.id} {one.error}" for (of, _), one in photos if one.pixels is None}
    answers: dict[int, Answer] = {}
    vectors: dict[int, NDArray[np.float32]] = {}
    if usable:
        pixels = np.stack([one for _, one in usable])
        probabilities, familiarity, embeddings = _whole(classifier, pixels)
        vectors = {number: row for ((_, number), _), row in zip(usable, embeddings, strict=True)}
        rows = enumerate(of for (of, _), _ in usable)
        for of, group in groupby(rows, lambda one: one[1]):
            own = [row for row, _ in group]
            mean = probabilities[own].mean(axis=0)
            best = int(mean.argmax())
            known = None if familiarity is None else float(familiarity[own].max())
            strange = least is not None and known is not None and known < least
            sure = threshold is not None and float(mean[best]) >= threshold and not strange
            name, why_not = classifier.class_names[best], STRANGE if strange else ""
            answers[of] = Answer(of, name, float(mean[best]), sure, why_not)
    return [
        answers.get(one.item) or Answer(one.item, None, None, False, why.get(one.item, NONE))
        for one in pending
    ], vectors


def _whole(
    classifier: Classifier, pixels: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.float32]]:
    whole = getattr(classifier, "whole", None)  # of bundles, whose graph says all at once
    if whole is None:
        return classifier.probabilities(pixels), None, classifier.embeddings(pixels)
    found: tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.float32]]
    found = whole(pixels)
    return found

"""Tagging: images and anything that can classify go in, one tag per image comes out, in order.

An image the model is not sure about is tagged ``unknown``, and so is every image for a model of
which no confidence is known to be high enough; one that cannot be read becomes a tag with an
error, and the rest go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, sheets
from hangtag.drawing import as_png
from hangtag.errors import OptionError
from hangtag.records import UNKNOWN, Classifier, InputImage, Tag
from hangtag.records.tagging import STRANGE, UNSURE

LAST = ("model", "done", "error", "reason")
"""Columns of a table of tags behind the classes."""
BATCH = 256  # images in memory at once: 256 × 28×28 is nothing, 256 × 224×224×3 is 38 MB


SHOWN, LONGEST = 160, 80
"""Pixels a shown image has at least on its longer side, and letters of its name that are kept."""


def shown(images: Iterable[InputImage], folder: Path) -> Iterator[InputImage]:
    """The same images, each also written into a folder as the model sees it.

    Args:
        images: In the classifier's shape, or with an error, which are not written.
        folder: Made if it is not there; a file in it that has the name of a new one is replaced.
    """
    for number, one in enumerate(images, 1):
        if one.pixels is not None:
            # By number, so that names that only differ in what no file may be called stay apart.
            plain = re.sub(r"[^\w.-]+", "_", one.id)[-LONGEST:]
            place = folder / f"{number:06}-{plain}.png"
            atomic.write_bytes(place, as_png(one.pixels, least=SHOWN))
        yield one


def tag(
    classifier: Classifier,
    images: Iterable[InputImage],
    *,
    threshold: float | None = None,
    top: int = 3,
) -> Iterator[Tag]:
    """Give each image its most probable class, or ``unknown``.

    Args:
        classifier: What answers.
        images: Images in the classifier's shape, or with an error; read as they are needed.
        threshold: Confidence in [0, 1] below which the tag is ``unknown``; None takes the
            classifier's own. If it has none either, every tag is ``unknown``: nobody has shown
            that its answers are right as often as was wanted. A model that knows how familiar an
            image is says ``unknown`` to strange ones, too, unless a threshold is given.
        top: How many of the most probable classes each tag lists.

    Yields:
        One tag per image, in the images' order.

    Raises:
        OptionError: The threshold is not in [0, 1], or `top` is below 1.

    Example:
        >>> tags = list(tag(bundle, read_images("shop/", bundle.preprocessing)))
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise OptionError(f"a threshold of {threshold} was asked for", "give one from 0 to 1")
    if top < 1:
        raise OptionError(f"the top {top} classes were asked for", "give at least 1")
    limit = classifier.threshold if threshold is None else threshold
    least = getattr(classifier, "familiarity", None) if threshold is None else None
    return _tags(classifier, images, (limit, least), top)


def as_csv(tags: Iterable[Tag], top: int) -> str:
    """One row per tag: id, label, confidence, top classes, model, what was done, error, reason."""
    columns = [f"{kind}_{rank}" for rank in range(1, top + 1) for kind in ("top", "confidence")]
    rows: list[list[str]] = [["id", "label", "confidence", *columns, *LAST]]
    for one in tags:
        ranked = [cell for name, value in one.top for cell in (name, f"{value:.4f}")]
        ranked += [""] * (len(columns) - len(ranked))
        confidence = "" if one.confidence is None else f"{one.confidence:.4f}"
        last = [getattr(one, name) for name in LAST]
        rows.append([one.id, one.label, confidence, *ranked, *last])
    return sheets.as_csv(rows)


NONE = (
    "the model has no threshold: validation images do not show that its answers would be right "
    "often enough at any confidence"
)


def unknown_words(tags: Sequence[Tag], threshold: float | None) -> list[str]:
    """How many images are ``unknown``, by reason, and what changes it.

    Args:
        tags: Of all images.
        threshold: Confidence below which the tag is ``unknown``; None where the model has none.
    """
    said = []
    if unsure := sum(one.reason == UNSURE for one in tags):
        why = NONE if threshold is None else f"the model is less than {threshold:.2f} sure of them"
        said.append(f"{unsure} are 'unknown': {why} (--threshold 0 forces a tag)")
    if strange := sum(one.reason == STRANGE for one in tags):
        said.append(f"{strange} are 'unknown': they are unlike anything seen in training")
    return said


def without_threshold(threshold: float | None) -> list[str]:
    """What a model will do that has no threshold; nothing of one that has."""
    said = f"{NONE}, so `hangtag tag` says 'unknown' to all unless --threshold is given"
    return [f"caution: {said}"] if threshold is None else []


Limits = tuple[float | None, float | None]
"""Confidence and familiarity below which the tag is ``unknown``; None for a confidence that none
reaches, and for a familiarity that all have."""


def _tags(
    classifier: Classifier, images: Iterable[InputImage], limits: Limits, top: int
) -> Iterator[Tag]:
    waiting = iter(images)
    while batch := list(islice(waiting, BATCH)):
        answers, familiar = _told(classifier, batch)
        row = 0
        for image in batch:
            if image.pixels is None:
                yield Tag(image.id, "", None, (), classifier.model_id, image.error)
                continue
            known = None if familiar is None else float(familiar[row])
            yield _answer(image, answers[row], known, classifier, limits, top)
            row += 1


def _told(
    classifier: Classifier, batch: Sequence[InputImage]
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    readable = [image.pixels for image in batch if image.pixels is not None]
    if not readable:
        return np.empty((0, len(classifier.class_names)), np.float32), None
    told = getattr(classifier, "told", None)  # of bundles, whose graph says both at once
    pixels = np.stack(readable)
    if told is None:
        return classifier.probabilities(pixels), None
    found: tuple[NDArray[np.float32], NDArray[np.float32] | None] = told(pixels)
    return found


def _answer(
    image: InputImage,
    row: NDArray[np.float32],
    familiarity: float | None,
    classifier: Classifier,
    limits: Limits,
    top: int,
) -> Tag:
    best = np.argsort(-row, kind="stable")[:top]
    ranked = tuple((classifier.class_names[index], float(row[index])) for index in best)
    name, confidence = ranked[0]
    sure, least = limits
    strange = least is not None and familiarity is not None and familiarity < least
    unsure = sure is None or confidence < sure
    reason = STRANGE if strange else UNSURE if unsure else ""
    return Tag(
        image.id,
        UNKNOWN if reason else name,
        confidence,
        ranked,
        classifier.model_id,
        done=image.done,
        reason=reason,
        familiarity=familiarity,
    )

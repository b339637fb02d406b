"""What a format reader gives (images, labels as written, parts), and the ImageSet made of it.

A reader fills a :class:`Raw`; :func:`assemble` makes classes dense, gives known label sequences
their class names, and applies ``limit``. Every format goes through here, so a rule about labels
is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import memory
from hangtag.errors import FormatError, OptionError
from hangtag.records import ImageSet, PassedOver, Unreadable
from hangtag.records.images import UNLABELLED, Originals
from hangtag.rooms.load import classes, counting, known
from hangtag.rooms.load.parts import ranges


@dataclass(frozen=True, eq=False)
class Raw:
    """What was read, before labels are made dense.

    Attributes:
        images: ``(n, height, width, channels)`` uint8.
        codes: ``(n,)`` int64 or text labels as the source writes them; None when it has none.
        parts: Part name to range, in the order of the images.
        unlabelled: ``(n,)`` bool, True where there is no label; None when all have one.
        class_names: Name of each code, where the source says them.
        all_codes: Every code there can be, where the source says so; else those that occur.
        ids: One name per image, or None.
        notes: What reading decided.
        unreadable: Members that could not be read.
        passed_over: Members that were seen and not used.
        matte: Grey level that transparent parts of images were laid on; None if there are none.
        white: The value of white in images of 16 bits, where it is not 65535.
        originals: The same images at the size of their files; None where there are no files.
        groups: ``(n,)`` int64, equal for images that belong together; None where nobody has said.
        decoded: ``(n,)`` bool, False where an image was not decoded, since `limit` leaves it out;
            None where all were.
    """

    images: NDArray[np.uint8]
    codes: NDArray[Any] | None
    parts: Mapping[str, range]
    unlabelled: NDArray[np.bool_] | None = None
    class_names: Mapping[Any, str] = field(default_factory=dict)
    all_codes: tuple[int | str, ...] | None = None
    ids: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    matte: int | None = None
    white: int | None = None
    originals: Originals | None = None
    groups: NDArray[np.int64] | None = None
    decoded: NDArray[np.bool_] | None = None


def assemble(raw: Raw, *, name: str, form: str, origin: str, limit: int | None = None) -> ImageSet:
    """Make labels dense and put everything into one image set.

    Args:
        raw: What a reader gave.
        name: Short name of the set.
        form: Name of the format.
        origin: Where it was read from.
        limit: At most this many images of each part, see :func:`evenly`; None for all.

    Raises:
        FormatError: There is no image at all.
    """
    if not len(raw.images):
        raise FormatError(f"{origin} holds no image", counting.commonest(raw.unreadable))
    counting.check_readable(len(raw.images), raw.unreadable, origin)
    # Before classes are numbered: spellings of one class that differ by a space or a capital must
    # not become two.
    raw = classes.merge(raw)
    labels, codes = dense(raw)
    labels_known_as = known.recognise(raw.codes, raw.parts) if raw.codes is not None else None
    names = labels_known_as.class_names if labels_known_as else raw.class_names
    notes = raw.notes
    if labels_known_as and labels_known_as.name != name:
        notes += (f"labels are those of {labels_known_as.title}, so its class names are used",)
    images = ImageSet(
        name=name,
        images=raw.images,
        labels=labels,
        class_names=tuple(classes.own_name(str(names.get(code, code))) for code in codes),
        class_codes=codes,
        parts=dict(raw.parts),
        ids=raw.ids,
        format=form,
        origin=origin,
        notes=(*notes, *counting.notes(len(raw.images), raw.unreadable, raw.passed_over)),
        unreadable=raw.unreadable,
        passed_over=raw.passed_over,
        matte=raw.matte,
        white=raw.white,
        originals=raw.originals,
        groups=raw.groups,
    )
    images = replace(images, notes=(*images.notes, *_untaught(images)))
    if raw.decoded is not None:
        assert limit is not None
        kept = np.concatenate(list(spread(images.parts, limit).values()))
        assert raw.decoded[kept].all(), "an image is kept that was not decoded"
    return images if limit is None else evenly(images, limit)


def _untaught(images: ImageSet) -> tuple[str, ...]:
    """A caution where a class has images, but none to train with."""
    if "train" not in images.parts:
        return ()
    missing = (images.counts("train") == 0) & (images.counts() > 0)
    names = [name for name, gone in zip(images.class_names, missing, strict=True) if gone]
    if not names or not images.counts("train").any():
        return ()
    noun = "class has" if len(names) == 1 else "classes have"
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (f"caution: {len(names)} {noun} no training image: {shown}",)


def dense(raw: Raw) -> tuple[NDArray[np.int64], tuple[int | str, ...]]:
    """Number the classes from 0 in the order of their codes; codes keep their gaps."""
    if raw.codes is None:
        return np.full(len(raw.images), UNLABELLED, np.int64), raw.all_codes or ()
    there = slice(None) if raw.unlabelled is None else ~raw.unlabelled
    # Unlabelled images have some code in the array, which is nobody's and must found no class.
    found, dense_labels = np.unique(raw.codes[there], return_inverse=True)
    codes: tuple[int | str, ...] = tuple(found.tolist())
    if raw.all_codes is not None:
        place = {code: number for number, code in enumerate(raw.all_codes)}
        dense_labels = np.array([place[code] for code in codes], np.int64)[dense_labels]
        codes = raw.all_codes
    labels = np.full(len(raw.images), UNLABELLED, np.int64)
    labels[there] = dense_labels
    return labels, codes


def evenly(images: ImageSet, limit: int) -> ImageSet:
    """At most `limit` images of each part, spread evenly over it, in the order they had.

    Image number ``k`` of a part of ``n`` that keeps ``limit`` is number ``k * n // limit``:
    nothing is random, and a source sorted by class still shows every class.
    """
    kept = spread(images.parts, limit)
    chosen = np.concatenate(list(kept.values()))
    if len(chosen) == len(images):
        return images
    note = f"limit {limit}: {len(chosen)} of {len(images)} images, spread evenly over each part"
    left = PassedOver("the others of each part", note, len(images) - len(chosen))
    return replace(
        images.take(chosen),
        parts=ranges({part: len(rows) for part, rows in kept.items()}),
        notes=(*images.notes, note),
        passed_over=(*images.passed_over, left),
    )


def spread(parts: Mapping[str, range], limit: int) -> dict[str, NDArray[np.int64]]:
    """Numbers of the images that :func:`evenly` keeps of each part."""
    return {
        part: where.start + np.arange(min(limit, len(where))) * len(where) // min(limit, len(where))
        for part, where in parts.items()
        if len(where)
    }


def check_limit(limit: int | None) -> None:
    """Refuse to keep less than one image of each part.

    Raises:
        OptionError: `limit` is below 1.
    """
    if limit is not None and limit < 1:
        raise OptionError(f"limit must be at least 1; got {limit}", "leave it out to take all")


def check_memory(n_bytes: int, what: str) -> None:
    """Refuse to make an array that cannot fit into memory.

    Raises:
        MachineError: It needs more bytes than this process may still take.
    """
    hint = "ask for smaller images (size), or load a part of them"
    memory.check_need(n_bytes, what, hint)

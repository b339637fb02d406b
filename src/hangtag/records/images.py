"""Labelled images of one size, and how they are divided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.records.upstairs import Carded

UNLABELLED = -1
"""The label of an image whose class nobody has said."""


@dataclass(frozen=True)
class Unreadable:
    """A member of a source that could not be read, and why; loading went on without it.

    Attributes:
        where: The member's path inside the source.
        reason: One sentence.
    """

    where: str
    reason: str


@dataclass(frozen=True)
class PassedOver:
    """Images or rows of a source that loading saw and did not use, and why.

    Attributes:
        where: The file, folder or table they are in.
        reason: One sentence, such as ``lies beside the class folders``.
        n: How many images or rows.
    """

    where: str
    reason: str
    n: int = 1


class Originals(Protocol):
    """The images of a set as their files have them; what ``rooms/load/originals.py`` gives."""

    def __len__(self) -> int: ...

    def take(self, indices: NDArray[np.int64], /) -> Originals: ...  # noqa: D102 - a protocol

    def kept_by(self, folder: object, /) -> Originals: ...  # noqa: D102

    def keys(self) -> list[bytes]: ...  # noqa: D102

    def sizes(self, rows: Sequence[int], /) -> NDArray[np.int64]: ...  # noqa: D102

    def open(self, rows: Sequence[int], least: int, /) -> Iterator[NDArray[np.uint8]]: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class ImageSet(Carded):
    """Labelled images of one size, all parts of a source in one array.

    Every index anywhere in Hangtag counts in the `images` of one set, so that an index can never
    be applied to another set by accident.

    Attributes:
        name: Short name, such as ``fashion-mnist``.
        images: ``(n, height, width, channels)`` uint8; channels is 1 (grey) or 3 (RGB).
        labels: ``(n,)`` int64, dense class numbers from 0, or -1 where unlabelled.
        class_names: One name per dense class number.
        class_codes: The label of each dense class as the source writes it (may have gaps).
        parts: The source's predefined split, such as ``{"train": range(0, 60000), "test": …}``;
            ``{"all": range(n)}`` when it has none.
        ids: One name per image, or None for ``part/position`` names.
        format: How the source is stored, such as ``idx`` or ``csv``.
        origin: Where it was read from, for people.
        notes: What loading decided, one sentence each (conversions, how it told the format).
        unreadable: Members that could not be read.
        passed_over: Members that could be read and were not used. Used, unreadable and passed
            over add up to what the source holds.
        matte: Grey level that transparent parts of the images were laid on; None if no image has
            any. Images to be tagged are laid on the same.
        white: The value of white in images of 16 bits, where it is not 65535.
        originals: The same images at the size of their files; None where there are no files.
        groups: ``(n,)`` int64, equal for images that no split may part, such as those of one
            person; None where nobody has said.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    parts: Mapping[str, range]
    ids: tuple[str, ...] | None = None
    format: str = "arrays"
    origin: str = ""
    notes: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = field(default=())
    passed_over: tuple[PassedOver, ...] = field(default=())
    matte: int | None = None
    white: int | None = None
    originals: Originals | None = field(default=None, repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        size = "×".join(map(str, self.images.shape[1:]))
        parts = ", ".join(f"{name} {len(where):,}" for name, where in self.parts.items())
        return (
            f"<ImageSet {self.name}: {len(self):,} images of {size}, {self.n_classes} classes; "
            f"{parts}>"
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(height, width, channels)`` of every image."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def n_classes(self) -> int:
        """How many classes there are, including those without an image."""
        return len(self.class_names)

    def part_of(self, index: int) -> str:
        """The name of the source part that image `index` is in."""
        return next(name for name, where in self.parts.items() if index in where)

    def id_of(self, index: int) -> str:
        """The name of image `index`, stable across loads of the same source."""
        if self.ids is not None:
            return self.ids[index]
        part = self.part_of(index)
        return f"{part}/{index - self.parts[part].start:05d}"

    def class_of(self, index: int) -> str:
        """The class name of image `index`; empty where it has no label."""
        label = int(self.labels[index])
        return self.class_names[label] if label >= 0 else ""

    def counts(self, part: str | None = None) -> NDArray[np.int64]:
        """Images per dense class, ``(n_classes,)``, in one part or in all."""
        labels = self.labels if part is None else self.labels[_slice(self.parts[part])]
        return np.bincount(labels[labels >= 0], minlength=self.n_classes)

    def take(self, indices: NDArray[np.int64]) -> ImageSet:
        """The images at `indices`, in that order, as a set of its own with one part, ``all``."""
        return replace(
            self,
            images=self.images[indices],
            labels=self.labels[indices],
            ids=tuple(self.id_of(int(index)) for index in indices),
            parts={"all": range(len(indices))},
            originals=None if self.originals is None else self.originals.take(indices),
            groups=None if self.groups is None else self.groups[indices],
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over shape, pixels, labels, codes and parts: equal only for equal data."""
        parts = {name: (where.start, where.stop) for name, where in self.parts.items()}
        digest = hashlib.sha256(repr((self.images.shape, self.class_codes, parts)).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Split(Carded):
    """Which images of one set are for training, for choosing, and for the one final test.

    Attributes:
        recipe: What was asked for, such as ``last:12000``; the same recipe and seed on the same
            images give the same split.
        seed: The seed of a random split; None when nothing is random.
        train: ``(n_train,)`` int64 indices into the set's images.
        validation: ``(n_validation,)`` indices; may be empty.
        test: ``(n_test,)`` indices; only ``evaluate`` opens it; may be empty.
        fingerprint: Fingerprint of the image set the indices count in.
        notes: What must be known of it, such as a class that is only in the training images.
    """

    recipe: str
    seed: int | None
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    fingerprint: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        seed = "" if self.seed is None else f", seed {self.seed}"
        return (
            f"<Split {self.recipe}{seed}: {len(self.train):,} training, "
            f"{len(self.validation):,} validation, {len(self.test):,} test images>"
        )


def _slice(where: range) -> slice:
    return slice(where.start, where.stop)

"""What is in a set of images, as numbers and indices; drawing is elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.stored import plain


@dataclass(frozen=True, eq=False)
class ClassTable:
    """How many images of each class each part has.

    Attributes:
        class_names: Names of the columns, sorted.
        classes: ``(n_classes,)`` int64, the dense class of each column.
        counts: The row of each part, ``(n_classes,)`` int64.
    """

    class_names: tuple[str, ...]
    classes: NDArray[np.int64]
    counts: Mapping[str, NDArray[np.int64]]

    def rows(self) -> list[dict[str, Any]]:
        """One mapping per part: ``part``, every class by name, and ``total``."""
        return [
            {
                "part": part,
                **dict(zip(self.class_names, counts.tolist(), strict=True)),
                "total": int(counts.sum()),
            }
            for part, counts in self.counts.items()
        ]

    def markdown(self) -> str:
        """The table, parts as rows."""
        rows = [["part", *self.class_names, "all"], ["---"] * (len(self.class_names) + 2)]
        rows += [[part, *counts.tolist(), counts.sum()] for part, counts in self.counts.items()]
        return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


@dataclass(frozen=True)
class PixelRange:
    """Smallest, largest and mean pixel of a part, before and after scaling to [0, 1].

    Attributes:
        before: ``(smallest, largest)`` as stored.
        after: The same divided by 255.
        mean: Mean pixel after scaling.
        deviation: Standard deviation after scaling.
    """

    before: tuple[int, int]
    after: tuple[float, float]
    mean: float
    deviation: float


@dataclass(frozen=True, eq=False)
class VarianceCurve:
    """How much of the variance the first principal components explain, and how many to keep.

    Attributes:
        cumulative: ``(k,)`` float64, the proportion explained by the first 1, 2, … components.
        marks: How many components explain more than each proportion, such as ``{0.95: 187}``.
        recommended: A number of components.
        reason: Why that many, one sentence.
        n_images: Images the axes were fitted on.
        asked: Numbers of components that a reader wants marked, too.
    """

    cumulative: NDArray[np.float64]
    marks: Mapping[float, int]
    recommended: int
    reason: str
    n_images: int
    asked: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Variants:
    """The same images in several crops.

    Attributes:
        indices: ``(n,)`` int64, which images of the set they are.
        pictures: ``(n, height, width, channels)`` uint8 for each variant by name.
    """

    indices: NDArray[np.int64]
    pictures: Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class Reconstructions:
    """Images beside what is left of them in fewer components.

    Attributes:
        indices: ``(n,)`` int64, which images of the set they are.
        components: How many components, one number per row of images.
        pictures: ``(len(components), n, height, width, channels)`` uint8.
        errors: ``(len(components),)`` float64, root mean square error over all images shown, in
            grey levels.
        shares: ``(len(components),)`` float64, the proportion of the training variance kept.
    """

    indices: NDArray[np.int64]
    components: tuple[int, ...]
    pictures: NDArray[np.uint8]
    errors: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Photos:
    """Images that are files, measured.

    Attributes:
        indices: ``(n,)`` int64, which images of the set they are.
        brightness: ``(n,)`` float64, the mean gray level of each, of 255.
        sharpness: ``(n,)`` float64, the variance of its Laplacian.
        sizes: ``(n, 2)`` int64, height and width of its file; 0 where it cannot be read any more.
    """

    indices: NDArray[np.int64]
    brightness: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    sizes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Summary:
    """What is in a set of images.

    Attributes:
        name: Of the set.
        fingerprint: Of the set the indices count in.
        shape: ``(height, width, channels)`` of every image.
        classes: Images of each class in each part.
        ranges: Pixel range of each part.
        samples: ``(n_classes, per_class)`` int64, some training images of each class in class
            order; -1 where a class has too few.
        first: Index of the first training image.
        first_test: Of the first test image; None where there is none.
        variants: Training images in crops.
        variance: Of the training images; None when they do not differ.
        reconstructions: Of some training images; None when they do not differ.
        seed: Drew samples and reconstructions.
        notes: What a reader must know.
        photos: Of training images that are files; None of a set of arrays.
    """

    name: str
    fingerprint: str
    shape: tuple[int, int, int]
    classes: ClassTable
    ranges: Mapping[str, PixelRange]
    samples: NDArray[np.int64]
    first: int
    variants: Variants
    variance: VarianceCurve | None
    reconstructions: Reconstructions | None
    seed: int
    notes: tuple[str, ...] = ()
    first_test: int | None = None
    photos: Photos | None = None

    def to_dict(self) -> dict[str, Any]:
        """The numbers as JSON-ready values; images stay behind, their indices are there."""
        variants, curve, rebuilt = self.variants, self.variance, self.reconstructions
        own = {
            "classes": self.classes.rows(),
            "variants": {"names": list(variants.pictures), "indices": variants.indices.tolist()},
            "variance": None if curve is None else _of_curve(curve),
            "reconstructions": None if rebuilt is None else _without_images(rebuilt),
        }
        names = (one.name for one in fields(self))
        return {name: own[name] if name in own else plain(getattr(self, name)) for name in names}


def _of_curve(curve: VarianceCurve) -> dict[str, Any]:
    values: dict[str, Any] = plain(curve)
    return values | {"images": values.pop("n_images")}


def _without_images(rebuilt: Reconstructions) -> dict[str, Any]:
    values: dict[str, Any] = plain(vars(rebuilt) | {"pictures": None})
    del values["pictures"]
    return values

"""A look at a set told: how many images of each class, what their pixels and axes hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from hangtag.records import ImageSet, Outcome, Split, StudyTable, Summary
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import listed, percent, plural, sentence
from hangtag.sheets import aligned

FIGURES: dict[str, tuple[str, str]] = {
    "samples": ("Some training images of every class", "One row per class, drawn by the seed."),
    "classes": ("Images of each class", "One panel for each part of the split."),
    "scaling": (
        "The first training image",
        "As it is; its pixels scaled to [0, 1]; and standardised: less the mean of the training "
        "images, divided by their deviation.",
    ),
    "variants": (
        "The first training images whole and in halves",
        "The same images, cut into their upper and their lower half.",
    ),
    "halves": (
        "The first training and the first test image",
        "Whole, the upper half and the lower half.",
    ),
    "variance": (
        "How many principal components hold how much",
        "Cumulative proportion of the training images' variance; the diamond is the elbow, a "
        "square another number that the text names.",
    ),
    "reconstructions": (
        "Images rebuilt from few components",
        "Above the images, below what is left of them; the error is the root mean square in "
        "grey levels.",
    ),
}

OF_AXES = {"variance", "reconstructions"}
"""Figures beside which principal components are worth a paragraph."""


def told(images: ImageSet, found: Summary, split: Split, files: Iterable[str] = ()) -> Outcome:
    """Tell of a look at a set.

    Args:
        images: The set.
        found: What is in it.
        split: How it is divided.
        files: Of the figures that were written.
    """
    shown = figures(FIGURES, files)
    drawn = {PurePosixPath(one.file).stem for one in shown}
    return Outcome(
        name="",
        verb="explore",
        title="What is in the images",
        values=_values(images, found, split),
        words=tuple(_words(images, found, split, axes=bool(drawn & OF_AXES))),
        figures=shown,
        tables=tuple(_tables(images, found, split, cut="variants" in drawn)),
    )


def _values(images: ImageSet, found: Summary, split: Split) -> dict[str, Any]:
    pixels = next(iter(found.ranges.values()))
    values: dict[str, Any] = {
        "images": len(images),
        "classes": images.n_classes,
        "pixel_min": pixels.after[0],
        "pixel_max": pixels.after[1],
        "train": len(split.train),
        "validation": len(split.validation),
        "test": len(split.test),
    }
    for part, counts in found.classes.counts.items():
        values[f"counts_{part}"] = counts.tolist()
    curve = found.variance
    if curve is not None:
        ratios = [curve.cumulative[0], *(curve.cumulative[1:] - curve.cumulative[:-1])]
        values |= {f"pc{place}": float(100 * one) for place, one in enumerate(ratios[:3], start=1)}
        values |= {
            f"components_{proportion * 100:g}": needed for proportion, needed in curve.marks.items()
        }
        values["recommended"] = curve.recommended
    return values


def _words(images: ImageSet, found: Summary, split: Split, *, axes: bool) -> Iterable[str]:
    height, width, channels = images.shape
    parts = {
        "training": split.train,
        "validation": split.validation,
        "the test": split.test,
    }
    given = {part: plural(len(rows), "image") for part, rows in parts.items() if len(rows)}
    each = [f"{some} for {part}" for part, some in given.items()]
    pixels = next(iter(found.ranges.values()))
    seed = "" if split.seed is None else f" (seed {split.seed})"
    yield (
        f"{images.name} has {plural(len(images), 'image')} of {height} × {width} "
        f"{'grey' if channels == 1 else 'colour'} pixels in "
        f"{plural(images.n_classes, 'class', 'classes')}; the split '{split.recipe}'{seed} "
        f"gives {listed(each)}. Pixels are whole numbers from {pixels.before[0]} to "
        f"{pixels.before[1]}; scaled, they lie in [{pixels.after[0]:.1f}, {pixels.after[1]:.1f}]."
    )
    yield f"{_balance(found)}{_labels(images)}"
    curve = found.variance
    if curve is not None and axes:
        marks = [f"{needed} for {proportion:.0%}" for proportion, needed in curve.marks.items()]
        asked = [
            f"{one} hold {percent(curve.cumulative[one - 1])}"
            for one in curve.asked
            if one != curve.recommended
        ]
        said = f" Marked beside it: {listed(asked)}." if asked else ""
        yield (
            f"Of the variance of the {plural(curve.n_images, 'training image')}, the first "
            f"principal component explains {percent(curve.cumulative[0], 2)}; it takes "
            f"{listed(marks)}. {sentence(curve.reason)}{said}"
        )


def _balance(found: Summary) -> str:
    part, counts = next(iter(found.classes.counts.items()))
    names = found.classes.class_names
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[least] == counts[most]:
        return f"Every class has {plural(int(counts[most]), 'image')} in the part '{part}'."
    return (
        f"In the part '{part}' {names[most]} has the most images ({int(counts[most]):,}) and "
        f"{names[least]} the fewest ({int(counts[least]):,})."
    )


def _numbers(images: ImageSet) -> list[int]:
    """The labels as the source has them, where they are numbers."""
    return [one for one in images.class_codes if isinstance(one, int)]


def _labels(images: ImageSet) -> str:
    """How many labels there are, and which numbers between them none has."""
    codes = _numbers(images)
    if len(codes) < images.n_classes:
        return ""
    missing = sorted({*range(min(codes), max(codes) + 1)} - {*codes})
    gap = f"; {listed(missing)} does not occur" if len(missing) == 1 else ""
    gap = gap or (f"; {listed(missing)} do not occur" if missing else "")
    return f" Its labels are {plural(len(codes), 'number')} from {min(codes)} to {max(codes)}{gap}."


def _tables(images: ImageSet, found: Summary, split: Split, *, cut: bool) -> Iterable[StudyTable]:
    classes = found.classes
    counts = dict(classes.counts)
    if len(counts) > 1:
        counts["all parts"] = np.sum([*counts.values()], axis=0)
    # Classes may be called anything, so this table is no list of rows by heading.
    yield StudyTable(
        "classes",
        "Images of each class",
        ("part", *classes.class_names, "all"),
        tuple((part, *some.tolist(), int(some.sum())) for part, some in counts.items()),
    )
    codes = _numbers(images)
    if len(codes) == images.n_classes and tuple(map(str, codes)) != images.class_names:
        named = zip(codes, images.class_names, strict=True)
        yield table("labels", "Unique labels", [{"label": at, "class": one} for at, one in named])
    yield _ranges(found)
    if cut:
        yield _shapes(found, split)


def _ranges(found: Summary) -> StudyTable:
    first = next(iter(found.ranges.values()))
    rows = []
    for part, one in found.ranges.items():
        ends = [(end - first.mean) / (first.deviation or 1) for end in one.after]
        rows.append(
            {
                "part": part,
                "least": one.before[0],
                "most": one.before[1],
                "least scaled": one.after[0],
                "most scaled": one.after[1],
                "mean": one.mean,
                "deviation": one.deviation,
                "least standardised": ends[0],
                "most standardised": ends[1],
            }
        )
    note = "Mean and deviation are those of the scaled pixels. Standardised: less the mean of the "
    note += "first row, divided by its deviation."
    return table("pixels", "Range of the pixels", rows, note=note)


def _shapes(found: Summary, split: Split) -> StudyTable:
    """What arrays of every part and crop there are, as NumPy writes their shapes."""
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    rows = [
        {"part": part}
        | {
            name: f"({len(where)}, {', '.join(map(str, shown.shape[1:3]))})"
            for name, shown in found.variants.pictures.items()
        }
        for part, where in parts.items()
        if len(where)
    ]
    note = "Images, height, width. The upper half is called top, the lower half bottom."
    return table("shapes", "Shapes of the sets and of their halves", rows, note=note)


def lines(found: Summary) -> list[str]:
    """What is told on a screen: classes, pixels, components, and what a reader must know."""
    counts, names = found.classes.counts, found.classes.class_names
    rows = [(name, *(each[row] for each in counts.values())) for row, name in enumerate(names)]
    total = ("all", *(each.sum() for each in counts.values()))
    told = [*aligned(("class", *counts), [*rows, total]), ""]
    for part, pixels in found.ranges.items():
        low, high = pixels.after
        told.append(
            f"{part:<12} pixels {pixels.before[0]} to {pixels.before[1]},"
            f" scaled {low:.3f} to {high:.3f}, mean {pixels.mean:.4f},"
            f" deviation {pixels.deviation:.4f}"
        )
    curve = found.variance
    if curve is not None:
        held = ", ".join(
            f"{needed} hold {proportion:.0%}" for proportion, needed in curve.marks.items()
        )
        told += [f"{'components':<12} {held}", f"{'recommended':<12} {curve.reason}"]
    return [*told, *found.notes]

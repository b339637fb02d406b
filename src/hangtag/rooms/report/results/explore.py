"""A look at a set told: how many pictures of each class, what their pixels and axes hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from hangtag.records import ImageSet, Outcome, Split, StudyTable, Summary
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import listed, percent, plural, sentence

FIGURES: dict[str, tuple[str, str]] = {
    "samples": ("Some training pictures of every class", "One row per class, drawn by the seed."),
    "classes": ("Pictures of each class", "One panel for each part of the split."),
    "scaling": ("The first training picture", "Before and after scaling its pixels to [0, 1]."),
    "variants": (
        "The first training pictures whole and in halves",
        "The same pictures, cut into their upper and their lower half.",
    ),
    "variance": (
        "How many principal components hold how much",
        "Cumulative share of the training pictures' variance; the diamond is the elbow.",
    ),
    "reconstructions": (
        "Pictures rebuilt from few components",
        "Above the pictures, below what is left of them; the error is the root mean square in "
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
        title="What is in the pictures",
        values=_values(images, found, split),
        words=tuple(_words(images, found, split, axes=bool(drawn & OF_AXES))),
        figures=shown,
        tables=_tables(found),
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
        values |= {f"components_{share * 100:g}": needed for share, needed in curve.marks.items()}
        values["recommended"] = curve.recommended
    return values


def _words(images: ImageSet, found: Summary, split: Split, *, axes: bool) -> Iterable[str]:
    height, width, channels = images.shape
    parts = {
        "training": split.train,
        "validation": split.validation,
        "the test": split.test,
    }
    given = {part: plural(len(rows), "picture") for part, rows in parts.items() if len(rows)}
    each = [f"{some} for {part}" for part, some in given.items()]
    pixels = next(iter(found.ranges.values()))
    seed = "" if split.seed is None else f" (seed {split.seed})"
    yield (
        f"{images.name} has {plural(len(images), 'picture')} of {height} × {width} "
        f"{'grey' if channels == 1 else 'colour'} pixels in "
        f"{plural(images.n_classes, 'class', 'classes')}; the split '{split.recipe}'{seed} "
        f"gives {listed(each)}. Pixels are whole numbers from {pixels.before[0]} to "
        f"{pixels.before[1]}; scaled, they lie in [{pixels.after[0]:.1f}, {pixels.after[1]:.1f}]."
    )
    yield _balance(found)
    curve = found.variance
    if curve is not None and axes:
        marks = [f"{needed} for {share:.0%}" for share, needed in curve.marks.items()]
        yield (
            f"Of the variance of the {plural(curve.n_images, 'training picture')}, the first "
            f"principal component explains {percent(curve.cumulative[0], 2)}; it takes "
            f"{listed(marks)}. {sentence(curve.reason)}"
        )


def _balance(found: Summary) -> str:
    part, counts = next(iter(found.classes.counts.items()))
    names = found.classes.class_names
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[least] == counts[most]:
        return f"Every class has {plural(int(counts[most]), 'picture')} in the part '{part}'."
    return (
        f"In the part '{part}' {names[most]} has the most pictures ({int(counts[most]):,}) and "
        f"{names[least]} the fewest ({int(counts[least]):,})."
    )


def _tables(found: Summary) -> tuple[StudyTable, ...]:
    classes = found.classes
    rows = tuple(
        (part, *counts.tolist(), int(counts.sum())) for part, counts in classes.counts.items()
    )
    heads = ("part", *classes.class_names, "all")
    ranges = [
        {
            "part": part,
            "least": one.before[0],
            "most": one.before[1],
            "least scaled": one.after[0],
            "most scaled": one.after[1],
            "mean": one.mean,
            "deviation": one.deviation,
        }
        for part, one in found.ranges.items()
    ]
    return (
        StudyTable("classes", "Pictures of each class", heads, rows),
        table("pixels", "Range of the pixels", ranges),
    )

"""Images in, grids of them with captions as PNG files out, for slides and papers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hangtag import drawing
from hangtag.records import ReportFacts
from hangtag.rooms.report.figures.drawn import canvas, short

_PER_CLASS = 5
_CLASSES = 40  # rows that still make an image one can look at
_NAME = 1.9  # room for a class name, in sides of an image


def samples(facts: ReportFacts) -> bytes | None:
    """Some images of every class, one row a class."""
    if not any(len(images) for images in facts.samples):
        return None
    rows = [[(image, "") for image in images[:10]] for images in facts.samples[:_CLASSES]]
    return grid(rows, facts.class_names)


def mistakes(facts: ReportFacts) -> bytes | None:
    """The five most wrong answers of every class, one row a class, with what was answered."""
    found = facts.evaluation
    if found is None or found.mistakes is None or not len(found.mistakes):
        return None
    if facts.predictions is None or facts.pictures is None:
        return None
    labels, predicted = facts.predictions.labels, facts.predictions.predicted
    rows = []
    for one in range(min(len(facts.class_names), _CLASSES)):
        chosen = found.mistakes[labels[found.mistakes] == one][:_PER_CLASS]
        rows.append(
            [
                (facts.pictures[where], short(facts.class_names[predicted[where]], 14))
                for where in chosen
            ]
        )
    return grid(rows, facts.class_names)


def grid(rows: Sequence[Sequence[tuple[NDArray[np.uint8], str]]], names: Sequence[str]) -> bytes:
    """Rows of images, each with a caption above it and a name before each row, as a PNG file."""
    columns = max(len(row) for row in rows)
    lines = max(
        (caption.count("\n") + 1 for row in rows for _, caption in row if caption), default=0
    )
    step = 1.22 + 0.2 * (lines - 1) if lines else 1.08
    width, height = columns * 1.1 + _NAME, step * len(rows)
    with canvas(height * 0.78, width=width * 0.78) as (figure, axes):
        figure.set_layout_engine("none")
        figure.patch.set_facecolor("white")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        for place, row in enumerate(rows):
            top = place * step + step - 1.04
            axes.text(_NAME - 0.12, top + 0.5, short(names[place]), ha="right", va="center")
            for column, (image, caption) in enumerate(row):
                left = _NAME + column * 1.1
                drawing.image(axes, image, left, top)
                axes.text(left + 0.5, top - 0.03, caption, ha="center", va="bottom", fontsize=7.5)
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        return drawing.png(figure)

"""Pictures in, grids of them with captions as PNG files out, for slides and papers."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures.drawn import INK, canvas, short

_PER_CLASS = 5
_CLASSES = 40  # rows that still make a picture one can look at


def samples(facts: ReportFacts) -> bytes | None:
    """Some pictures of every class, one row a class."""
    if not any(len(pictures) for pictures in facts.samples):
        return None
    rows = [[(picture, "") for picture in pictures[:10]] for pictures in facts.samples[:_CLASSES]]
    return _grid(rows, facts.class_names)


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
    return _grid(rows, facts.class_names)


def _grid(rows: Sequence[Sequence[tuple[NDArray[np.uint8], str]]], names: Sequence[str]) -> bytes:
    columns = max(len(row) for row in rows)
    height = 0.95 if any(caption for row in rows for _, caption in row) else 0.78
    with canvas(height * len(rows), width=1.5 + 0.85 * columns) as (figure, whole):
        whole.remove()
        figure.patch.set_facecolor("white")
        grid = figure.add_gridspec(len(rows), columns + 1, width_ratios=[1.6, *[1] * columns])
        for place, row in enumerate(rows):
            label = figure.add_subplot(grid[place, 0])
            label.set_axis_off()
            label.text(1, 0.5, short(names[place]), ha="right", va="center", color=INK)
            for column, (picture, caption) in enumerate(row):
                axes = figure.add_subplot(grid[place, column + 1])
                axes.set_axis_off()
                shown = picture[:, :, 0] if picture.shape[2] == 1 else picture
                axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
                axes.set_title(caption, fontsize=7.5, loc="center", pad=2)
        file = BytesIO()
        figure.savefig(file, format="png", dpi=150, metadata={"Software": None})
        return file.getvalue()

"""A record in, matplotlib axes with a drawing of it out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.drawing import COLOURS, INK, MUTED, mark, short
from hangtag.errors import OptionError
from hangtag.records import Clustering, Evaluation, History, ImageSet, Projection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COUNTED = 30  # classes up to which the counts of a confusion matrix can be read in its cells


@singledispatch
def plot(record: object, axes: Axes | None = None, **options: Any) -> Axes:  # noqa: ANN401, ARG001
    """Draw a record with matplotlib.

    Raises:
        OptionError: There is nothing to draw of such a record.
    """
    raise OptionError(f"there is nothing to draw of a {type(record).__name__}")


@plot.register(Evaluation)
def _(record: Evaluation, axes: Axes | None = None) -> Axes:
    """The confusion matrix: proportions of each true class as colours, counts in the cells."""
    axes = _axes(axes)
    table = record.confusion
    names = [short(name) for name in table.class_names]
    axes.imshow(table.shares, cmap="Blues", vmin=0, vmax=1)
    if len(names) <= COUNTED:
        for row, column in zip(*table.counts.nonzero(), strict=True):
            colour = "white" if table.shares[row, column] > 0.5 else INK
            text = f"{table.counts[row, column]}"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=7)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    score = record.scores["accuracy"].value
    axes.set_title(f"Confusion matrix, accuracy {score:.3f}")
    return axes


@plot.register(Projection)
def _(record: Projection, axes: Axes | None = None, *, images: ImageSet | None = None) -> Axes:
    """Its points, coloured by class where `images` has the classes."""
    axes = _axes(axes)
    labels = None if images is None else images.labels[record.indices]
    names = () if images is None else images.class_names
    _scatter(axes, record.points, labels, names)
    axes.set_xlabel(record.axes[0])
    axes.set_ylabel(record.axes[1] if len(record.axes) > 1 else "")
    axes.set_title(f"{record.method}: {len(record):,} images")
    return axes


@plot.register(Clustering)
def _(record: Clustering, axes: Axes | None = None, *, points: NDArray[Any] | None = None) -> Axes:
    """Its points coloured by cluster, where they are given; or the sizes of the clusters."""
    axes = _axes(axes)
    if points is None:
        axes.bar(range(record.k), record.sizes, color=COLOURS[0])
        axes.locator_params(axis="x", integer=True)
        axes.set_xlabel("cluster")
        axes.set_ylabel("images")
    else:
        if len(points) != len(record):
            raise OptionError(f"{len(record):,} images were clustered; got {len(points):,} points")
        names = [f"cluster {number}" for number in range(record.k)]
        _scatter(axes, np.asarray(points), record.assignments, names)
    axes.set_title(f"{record.method}: {len(record):,} images in {record.k} clusters")
    return axes


@plot.register(History)
def _(record: History, axes: Axes | None = None, *, curve: str = "loss") -> Axes:
    """A learning curve, training and validation beside each other."""
    axes = _axes(axes)
    known = [name for name in (curve, f"val_{curve}") if name in record.curves]
    if not known:
        kept = ", ".join(one for one in record.curves if not one.startswith("val_"))
        raise OptionError(f"this training kept no curve '{curve}'", f"it kept {kept}")
    for number, name in enumerate(known):
        epochs = range(1, len(record) + 1)
        label = "validation" if name.startswith("val_") else "training"
        axes.plot(epochs, record.curves[name], "o-", color=COLOURS[number], label=label)
    if record.best_epoch is not None:
        axes.axvline(record.best_epoch + 1, color=MUTED, linewidth=1, linestyle=":")
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("epoch")
    axes.set_ylabel(curve)
    axes.set_title("Learning curve")
    axes.legend()
    return axes


def _axes(axes: Axes | None) -> Axes:
    if axes is not None:
        return axes
    from matplotlib import pyplot

    # pyplot, so that a notebook shows it and a script can call show().
    return pyplot.subplots(layout="constrained")[1]


def _scatter(
    axes: Axes, points: NDArray[Any], labels: NDArray[Any] | None, names: Sequence[str]
) -> None:
    up = points[:, 1] if points.shape[1] > 1 else np.zeros(len(points))
    if labels is None:
        axes.scatter(points[:, 0], up, s=6, color=COLOURS[0], linewidths=0)
        return
    for label, name in enumerate(names):
        own = labels == label
        colour, marker = mark(label)
        axes.scatter(
            points[own, 0], up[own], s=8, c=colour, marker=marker, linewidths=0, label=short(name)
        )
    if len(names) <= COUNTED:
        axes.legend(markerscale=2, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))

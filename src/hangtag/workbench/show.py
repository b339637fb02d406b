"""What a person sees of a record: a card in a notebook, a drawing by matplotlib, a table.

Records hand over to here when they are asked (``records/upstairs.py``). To show another record: a
function for its class, registered below the one of the same name.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.drawing import COLOURS, INK, MUTED, canvas, grid, mark, png, short
from hangtag.errors import OptionError
from hangtag.records import (
    Clustering,
    Evaluation,
    Findings,
    History,
    ImageSet,
    Projection,
    Split,
    Tags,
    Trials,
)
from hangtag.runs import Run
from hangtag.workbench.cluster import Clusters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from polars import DataFrame

CLASSES, EACH = 10, 8
"""Rows and columns of pictures on the card of a set."""
COUNTED = 30  # classes up to which the counts of a confusion matrix can be read in its cells

_CARD = (
    "border:1px solid #dcdfe3;border-radius:6px;padding:.6em .9em;display:inline-block;"
    "font:13px/1.5 system-ui,sans-serif;color:#1c2024;background:#fff;max-width:60em"
)


@singledispatch
def card(record: object) -> str:
    """HTML of a record, for notebooks; everything that comes from data is escaped."""
    return f"<pre>{escape(repr(record))}</pre>"


@card.register(ImageSet)
def _(record: ImageSet) -> str:
    parts = {f"{name} images": f"{len(where):,}" for name, where in record.parts.items()}
    facts = {
        "size": "×".join(map(str, record.shape)),
        "classes": f"{record.n_classes}",
        **parts,
        "read as": record.format,
    }
    return _card(f"{record.name}: {len(record):,} images", facts, record.notes, _samples(record))


@card.register(Split)
def _(record: Split) -> str:
    facts = {
        "training": f"{len(record.train):,}",
        "validation": f"{len(record.validation):,}",
        "test": f"{len(record.test):,}",
        "seed": "none needed" if record.seed is None else f"{record.seed}",
    }
    return _card(f"Split {record.recipe}", facts, record.notes)


@card.register(Run)
def _(record: Run) -> str:
    run = record
    facts = {
        "model": run.config.name,
        "data": f"{run.config.data.get('name', run.config.source)}",
        "stage": run.stage,
        "folder": str(run.folder),
        "test split opened": f"{len(run.evaluations)} times",
    }
    if run.stage == "evaluated":
        facts["test accuracy"] = _score(run.evaluation(), "accuracy")
    return _card(f"Run {run.name}", facts)


@card.register(Evaluation)
def _(record: Evaluation) -> str:
    facts = {name.replace("_", " "): _score(record, name) for name in record.scores}
    facts["threshold"] = "none" if record.threshold is None else f"{record.threshold:.3f}"
    title = f"Evaluation of {len(record):,} {record.split} images"
    return _card(title, facts, (), _drawn(record, 5.2, 4.6))


@card.register(Projection)
def _(record: Projection) -> str:
    facts = {"images": f"{len(record):,}"} | {
        name.replace("_", " "): f"{value:.4f}" for name, value in record.quality.items()
    }
    return _card(f"Projection {record.method}", facts, record.notes, _drawn(record, 4.6, 3.8))


@card.register(Clustering)
def _(record: Clustering) -> str:
    facts = {"images": f"{len(record):,}", "clusters": f"{record.k}"} | {
        name.replace("_", " "): f"{value:,.4g}" for name, value in record.scores.items()
    }
    return _card(f"Clustering {record.method}", facts, record.notes, _drawn(record, 4.6, 2.6))


@card.register(Findings)
def _(record: Findings) -> str:
    facts = {name: f"{len(record.of(name)):,} found" for name in record.checks}
    worst = tuple(f"{one.severity}: {one.message}" for one in record.findings[:5])
    return _card(f"Audit: {len(record):,} findings", facts, (*record.cautions, *worst))


@card.register(History)
def _(record: History) -> str:
    facts = {"epochs": f"{len(record)}", "ended by": record.stopped}
    if len(record):
        facts |= {name.replace("_", " "): f"{record.last(name):.4f}" for name in record.curves}
    return _card("Learning curves", facts, (), _drawn(record, 4.6, 2.8) if len(record) else b"")


@singledispatch
def plot(record: object, axes: Axes | None = None, **options: Any) -> Axes:  # noqa: ANN401, ARG001
    """Draw a record with matplotlib.

    Raises:
        OptionError: There is nothing to draw of such a record.
    """
    raise OptionError(f"there is nothing to draw of a {type(record).__name__}")


@plot.register(Evaluation)
def _(record: Evaluation, axes: Axes | None = None) -> Axes:
    """The confusion matrix: shares of each true class as colours, counts in the cells."""
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


@plot.register(Clusters)
def _(record: Clusters, axes: Axes | None = None) -> Axes:
    """The clustered images on the first two axes they were clustered on."""
    return plot(record.clustering, axes, points=record.points)


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


@singledispatch
def frame(record: object) -> DataFrame:
    """A record as a polars table.

    Raises:
        OptionError: It is no table.
    """
    raise OptionError(f"a {type(record).__name__} is no table")


@frame.register(Evaluation)
def _(record: Evaluation) -> DataFrame:
    """One row per class, then the averages, each score with its interval."""
    rows = []
    for one in (*record.classes, *record.averages):
        row: dict[str, Any] = {"class": one.name, "support": one.support}
        for name in ("precision", "recall", "f1"):
            held = one.intervals.get(name)
            row |= {
                name: getattr(one, name),
                f"{name}_low": None if held is None else held.low,
                f"{name}_high": None if held is None else held.high,
            }
        rows.append(row)
    return _frame(rows)


@frame.register(History)
def _(record: History) -> DataFrame:
    """One row per epoch."""
    curves = {name: list(values) for name, values in record.curves.items()}
    return _frame_of(
        {"epoch": list(range(1, len(record) + 1)), **curves, "seconds": list(record.seconds)}
    )


@frame.register(Tags)
def _(record: Tags) -> DataFrame:
    """One row per picture; the most probable classes are lists."""
    return _frame_of(
        {
            "id": [one.id for one in record],
            "label": [one.label for one in record],
            "confidence": [one.confidence for one in record],
            "top_labels": [[name for name, _ in one.top] for one in record],
            "top_probabilities": [[share for _, share in one.top] for one in record],
            "error": [one.error for one in record],
        }
    )


@frame.register(Trials)
def _(record: Trials) -> DataFrame:
    """One row per trial: what it came to, and each parameter as a column."""
    names = [one.name for one in record.space.dimensions]
    return _frame(
        [
            {"number": one.number, "state": one.state, "value": one.value, "seconds": one.seconds}
            | {name: one.parameters.get(name) for name in names}
            for one in record.trials
        ]
    )


def _frame(rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    return _frame_of({name: [row[name] for row in rows] for name in rows[0]} if rows else {})


def _frame_of(columns: Mapping[str, Sequence[Any]]) -> DataFrame:
    import polars

    return polars.DataFrame(dict(columns), strict=False)


def _card(title: str, facts: Mapping[str, str], notes: Iterable[str] = (), png: bytes = b"") -> str:
    rows = "".join(
        f"<tr><td style='color:#5c636b;padding-right:1em'>{escape(name)}</td>"
        f"<td>{escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    said = "".join(f"<li>{escape(one)}</li>" for one in notes)
    listed = f"<ul style='margin:.4em 0;padding-left:1.2em'>{said}</ul>" if said else ""
    drawn = b64encode(png).decode()
    picture = (
        f"<img alt='{escape(title, quote=True)}' style='max-width:100%;max-height:28em' "
        f"src='data:image/png;base64,{drawn}'>"
        if png
        else ""
    )
    return (
        f"<div style='{_CARD}'><b>{escape(title)}</b>"
        f"<table style='border-collapse:collapse;margin:.3em 0'>{rows}</table>"
        f"{listed}{picture}</div>"
    )


def _score(evaluation: Evaluation, name: str) -> str:
    score = evaluation.scores[name]
    ends = f" ({score.low:.4f} to {score.high:.4f})" if score.ends else ""
    return f"{score.value:.4f}{ends}"


def _samples(images: ImageSet) -> bytes:
    """The first images of the first classes, a row each; of a set without labels just the first."""
    rows = []
    for label, name in enumerate(images.class_names[:CLASSES]):
        where = np.flatnonzero(images.labels == label)[:EACH]
        if len(where):
            rows.append((name, list(images.images[where])))
    return grid(rows or [("", list(images.images[:EACH]))])


def _drawn(record: object, width: float, height: float) -> bytes:
    """The plot of a record as a PNG file."""
    # In the reports' style and outside of pyplot: a card leaves no open figure behind.
    with canvas(width, height) as (figure, panels):
        plot(record, panels[0, 0])
        return png(figure)


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

"""A record in, HTML for a notebook out, with images where there are any."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import singledispatch
from html import escape
from typing import Any

import numpy as np

from hangtag.drawing import canvas, grid, png
from hangtag.records import Clustering, Evaluation, Findings, History, ImageSet, Projection, Split
from hangtag.records.upstairs import RunVerbs
from hangtag.rooms.show.plots import plot

CLASSES, EACH = 10, 8
"""Rows and columns of images on the card of a set."""

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


@card.register(RunVerbs)
def _(record: Any) -> str:  # noqa: ANN401 - a run, which is opened on a higher floor
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


def _card(title: str, facts: Mapping[str, str], notes: Iterable[str] = (), png: bytes = b"") -> str:
    rows = "".join(
        f"<tr><td style='color:#5c636b;padding-right:1em'>{escape(name)}</td>"
        f"<td>{escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    said = "".join(f"<li>{escape(one)}</li>" for one in notes)
    listed = f"<ul style='margin:.4em 0;padding-left:1.2em'>{said}</ul>" if said else ""
    drawn = b64encode(png).decode()
    image = (
        f"<img alt='{escape(title, quote=True)}' style='max-width:100%;max-height:28em' "
        f"src='data:image/png;base64,{drawn}'>"
        if png
        else ""
    )
    return (
        f"<div style='{_CARD}'><b>{escape(title)}</b>"
        f"<table style='border-collapse:collapse;margin:.3em 0'>{rows}</table>"
        f"{listed}{image}</div>"
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

"""Answers and images in; out comes what the confusion matrix opens: sheets of images, per cell.

Each true class has one PNG sheet, in which the images of a cell stand one after the other. How
many a cell shows at most follows from how much room there is in a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions, ReportFacts
from hangtag.rooms.report.images import data_uri, sheet, shrunk
from hangtag.rooms.report.words import plural

COLUMNS = 32
BUDGET = 6_000_000  # characters of the 10 MB page; the rest of it never took more than 2 million
# Side of an image and images per cell, tried in turn: better fewer than unrecognisable.
_SIZES = ((96, 60), (64, 60), (64, 30), (48, 30), (48, 12), (32, 12), (32, 4), (32, 1), (16, 1))


def sprites(facts: ReportFacts, budget: int = BUDGET) -> dict[str, Any] | None:
    """What the page's script needs to show the images of a cell.

    Args:
        facts: The answers, and the images they are about.
        budget: Characters the images and their names may take.

    Returns:
        JSON-ready: ``columns``, ``width``, ``height``, ``names``, ``sheets`` (a data URI per true
        class, empty where there is none) and ``cells``, from ``row,column`` to ``total``,
        ``start`` (place on the row's sheet) and ``items`` (name and confidence). None without
        images, and where not even the smallest fit.
    """
    predictions, images = facts.predictions, facts.pictures
    if predictions is None or images is None or not len(images):
        return None
    names = facts.ids or tuple(f"image {number}" for number in range(len(images)))
    for side, per_cell in _SIZES:
        cells = _cells(predictions, per_cell)
        described = _described(cells, predictions, names)
        left = budget - len(json.dumps(described))
        chosen = np.concatenate([where for _, where, _ in cells])
        if _estimate(images[chosen], side) > left:
            continue
        made = _sheets(cells, images, side)
        if sum(len(one) for one in made["sheets"]) <= left:
            return made | {"names": list(facts.class_names), "cells": described}
    return None


def shrinkage(facts: ReportFacts, made: Mapping[str, Any] | None) -> str:
    """What a reader should know where images are fewer or smaller than they could be."""
    if made is None:
        return "This page has no room for the images in the cells."
    assert facts.pictures is not None
    most, best = max(len(one["items"]) for one in made["cells"].values()), _SIZES[0]
    fewer = most < best[1] and any(
        len(one["items"]) < one["total"] for one in made["cells"].values()
    )
    longest = min(max(facts.pictures.shape[1:3]), best[0])
    said = []
    if fewer:
        said.append(f"a cell shows at most {plural(most, 'image')}")
    if max(made["width"], made["height"]) < longest:
        said.append(f"images are shown at {made['width']} × {made['height']} pixels")
    return f"To keep this page below 10 MB, {' and '.join(said)}." if said else ""


_Cell = tuple[tuple[int, int], NDArray[np.int64], int]


def _cells(predictions: Predictions, per_cell: int) -> list[_Cell]:
    """Row and column, positions to show, and how many there are, of every cell not empty.

    Mistakes are shown surest first, right answers least sure first: the telling ones.
    """
    labels, predicted = predictions.labels, predictions.predicted
    telling = np.where(labels == predicted, predictions.confidence, -predictions.confidence)
    order = np.lexsort((telling, predicted, labels))
    keys = labels[order] * len(predictions.class_names) + predicted[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return [
        ((int(labels[where[0]]), int(predicted[where[0]])), where[:per_cell], len(where))
        for where in np.split(order, starts[1:])
    ]


def _estimate(images: NDArray[np.uint8], side: int) -> int:
    """Characters the sheets will take, from a few of them."""
    few = images[:: max(1, len(images) // 64)]
    return int(len(data_uri(sheet(shrunk(few, side), COLUMNS))) * len(images) / len(few))


def _sheets(cells: list[_Cell], images: NDArray[np.uint8], side: int) -> dict[str, Any]:
    rows: dict[int, list[NDArray[np.int64]]] = {}
    for (row, _), where, _ in cells:
        rows.setdefault(row, []).append(where)
    small = {row: shrunk(images[np.concatenate(wheres)], side) for row, wheres in rows.items()}
    height, width = next(iter(small.values())).shape[1:3]
    sheets = [
        data_uri(sheet(small[row], COLUMNS)) if row in small else "" for row in range(max(rows) + 1)
    ]
    return {"columns": COLUMNS, "width": width, "height": height, "sheets": sheets}


def _described(
    cells: list[_Cell], predictions: Predictions, names: tuple[str, ...]
) -> dict[str, Any]:
    described: dict[str, Any] = {}
    confidence = predictions.confidence
    used: dict[int, int] = {}
    for (row, column), where, total in cells:
        items = [[names[one], round(float(confidence[one]), 4)] for one in where]
        start = used.get(row, 0)
        used[row] = start + len(where)
        described[f"{row},{column}"] = {"total": total, "start": start, "items": items}
    return described

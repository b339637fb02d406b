"""What a model on frozen numbers tells a search: found with its metric, and without it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hangtag
from hangtag import settings
from hangtag.estimators.telling_apart import K, metric_of
from hangtag.framing import in_lots
from hangtag.geometry import Metric, directions, fit_metric
from hangtag.rooms.models import Bundle
from hangtag.rooms.search import close_from, measured, nearest

TITLE = "Search by a network that never saw clothes, with and without what tells classes apart"
PAIRS = ((0, 1), (2, 3), (4, 5), (6, 7), (8, 9))
FOREIGN, DRAWN = ("fashion-mnist", "sign-mnist", "digits"), 300

Points = NDArray[np.float32]


def run() -> str:
    """Measure and describe."""
    images = hangtag.load((settings.data_folder() or Path()) / "clothing-small")
    with tempfile.TemporaryDirectory() as folder:
        model = hangtag.train(
            images, model="discriminant", features="encoder:photo", out=Path(folder) / "run"
        )
        bundle = hangtag.open_bundle(model)
        learned, split = metric_of(bundle), model.split()
        note = next(one for one in model.candidates().notes if one.startswith("search"))
        rows = np.arange(len(images))
        found = directions(in_lots(bundle.embeddings, images, rows, bundle.preprocessing))
        foreign = {name: _foreign(name, bundle) for name in FOREIGN}
    assert learned is not None
    labels = images.labels
    said = [
        "| | precision@10 | mAP | precision@10 with the metric | mAP |",
        "|---|---|---|---|---|",
    ]
    test = split.test
    said.append(_row(f"{len(test)} photos of people unseen", found[test], labels[test], learned))
    for pair in PAIRS:
        told = split.train[~np.isin(labels[split.train], pair)]
        asked = np.flatnonzero(np.isin(labels, pair))
        names = ", ".join(images.class_names[one] for one in pair)
        without = fit_metric(found[told], labels[told])
        what = f"{names}: {len(asked)} photos, the metric not told of both"
        said.append(_row(what, found[asked], labels[asked], without))
    said += [
        "",
        "| nothing close in a catalog of the training photos | without | with the metric |",
    ]
    said.append("|---|---|---|")
    for name, points in {"photos of people unseen": found[test], **foreign}.items():
        held = [_held_back(found[split.train], points, one) for one in (None, learned)]
        said.append(f"| {name} ({len(points)}) | {held[0]:.3f} | {held[1]:.3f} |")
    return "\n".join([*said, "", f"Its run says: {note}."])


def _foreign(name: str, bundle: Bundle) -> Points:
    other = hangtag.load(name)
    rows = np.sort(np.random.default_rng(0).permutation(len(other))[:DRAWN])
    return directions(in_lots(bundle.embeddings, other, rows, bundle.preprocessing))


def _row(what: str, found: Points, labels: NDArray[np.int64], metric: Metric) -> str:
    alone, names = np.arange(len(found)), labels.astype(str).tolist()
    worth = [measured(one, alone, names, K) for one in (found, metric.of(found))]
    cells = [f"{one.precision:.3f} | {one.mean_average_precision:.3f}" for one in worth]
    return f"| {what} | {' | '.join(cells)} |"


def _held_back(known: Points, asked: Points, metric: Metric | None) -> float:
    """Proportion of questions that are told that nothing is close."""
    there, here = (one if metric is None else metric.of(one) for one in (known, asked))
    groups = np.arange(len(there))
    close = close_from(there, groups)
    return float(
        np.mean([not len(nearest(there, one, 1, groups=groups, close=close).rows) for one in here])
    )

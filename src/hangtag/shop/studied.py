"""A study's photos become a shop: its test photos are tagged, and others are looked for.

What comes of it is told as a step of the study is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.framing import in_lots
from hangtag.geometry import directions
from hangtag.progress import Progress
from hangtag.records import Classifier, ImageSet, Outcome
from hangtag.requests import TagCatalogRequest, command_line
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Embedded
from hangtag.rooms.report.figures import beside
from hangtag.rooms.report.results import catalog as tagged_words
from hangtag.rooms.report.results import search as search_words
from hangtag.rooms.search import nearest
from hangtag.runs import Run
from hangtag.shop import tagging
from hangtag.shop.searching import question_of
from hangtag.shop.showing import opened_or_made

NAME = "shop.db"
"""The catalogue's file in the folder of the step that makes it."""


def tagged(
    study: Path, folder: Path, images: ImageSet, run: Run, model: Classifier, progress: Progress
) -> Outcome:
    """Make a catalogue of the test photos and let a model tag it; ended, it goes on.

    Args:
        study: The study's folder.
        folder: The step's, where the catalogue is made.
        images: The study's.
        run: Of the model; its test photos are the shop's products.
        model: What tags.
        progress: Told how many items are done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    catalog = opened_or_made(folder / NAME)
    products = images.take(run.split().test)
    room.carry_out(catalog, room.plan(catalog, room.offers_of(catalog, products)))
    of = tagging.by_model(catalog, TagCatalogRequest(use=True), model, progress)
    found = room.items(catalog, room.numbers(catalog)).values()
    catalog.close()
    labels: dict[str, list[str]] = {name: [] for name in images.class_names}
    for one in found:
        labels[one.attributes["class"]].append(one.tags.get(of.attribute, ("",))[0])
    told = tagged_words.told(
        {
            name: tagged_words.Tagged(len(said), sum(map(bool, said)), said.count(name))
            for name, said in labels.items()
            if said
        }
    )
    shop, tagger = (folder / NAME).relative_to(study), run.folder.relative_to(study)
    line = command_line("catalog", "tag", shop, tagger)
    return replace(told, commands=(line,), runs={run.folder.name: str(tagger)})


def searched(
    study: Path,
    folder: Path,
    catalog: Path,
    images: ImageSet,
    rows: NDArray[np.int64],
    model: Classifier,
    *,
    k: int,
    shown: int,
) -> Outcome:
    """Look for photos in a catalogue that was made of others of the same images.

    Args:
        study: The study's folder.
        folder: The step's, where the figure is written.
        catalog: The folder that :func:`tagged` made the catalogue in.
        images: The study's.
        rows: ``(m,)`` which of them are looked for.
        model: What tagged.
        k: Items found for each.
        shown: Photos in the figure.
    """
    seen, sold = _sold(catalog / NAME, images, model)
    k = min(k, len(sold))
    asked = question_of(seen, in_lots(model.embeddings, images, rows, model.preprocessing))
    found = sold[_nearest(seen.directions, asked, k)]
    by_pixels = sold[_nearest(_pixels(images, sold), _pixels(images, rows), k)]
    inverted = replace(images, images=255 - images.images)
    foreign = question_of(seen, in_lots(model.embeddings, inverted, rows, model.preprocessing))
    atomic.write_bytes(folder / "search.png", beside.alike(images, rows, found, shown))
    close = [*_close(seen, asked, k)]
    right = [
        float((images.labels[sold[hits]] == images.labels[row]).mean())
        for hits, row in zip(close, rows, strict=True)
        if len(hits)
    ]
    told = search_words.told(
        search_words.Searched(
            len(rows),
            len(sold),
            k,
            _same(images, rows, found),
            _same(images, rows, by_pixels),
            float(np.mean([len(one) > 0 for one in close])),
            float(np.mean(right)) if right else None,
            float(np.mean([not len(one) for one in _close(seen, foreign, k)])),
        )
    )
    line = command_line("search", (catalog / NAME).relative_to(study), "PHOTO")
    return replace(told, commands=(line,))


def drawn(rows: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """At most so many of the rows, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:n])


def _sold(place: Path, images: ImageSet, model: Classifier) -> tuple[Embedded, NDArray[np.int64]]:
    """What was embedded of a catalogue, and which image each of its photos is."""
    shop = room.open_catalog(place)
    seen = room.embedded(shop, model.model_id, for_search=True)
    names = room.items(shop, seen.items.tolist())
    shop.close()
    where = {images.id_of(index): index for index in range(len(images))}
    return seen, np.asarray([where[names[one].external_id] for one in seen.items.tolist()])


def _close(seen: Embedded, asked: NDArray[np.float32], k: int) -> Iterator[NDArray[np.int64]]:
    """The rows that each question finds and that are called close."""
    for one in asked:
        yield nearest(seen.directions, one, k, groups=seen.groups, close=seen.close).rows


def _nearest(known: NDArray[np.float32], asked: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """``(m, k)`` rows of what is known, the nearest of each question first."""
    alone = np.arange(len(known))
    return np.stack([nearest(known, one, k, groups=alone).rows for one in asked])


def _pixels(images: ImageSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    return directions(images.images[rows].reshape(len(rows), -1).astype(np.float32))


def _same(images: ImageSet, rows: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    return float((images.labels[found] == images.labels[rows][:, None]).mean())

"""Items of Fashion-MNIST drawn as photographs: what a model of small images answers rightly."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from tests.rooms.load.drawn import KINDS, as_jpeg, draw

import hangtag
from hangtag.records import UNKNOWN, ImageSet
from hangtag.rooms import load
from hangtag.rooms.load import reading
from hangtag.rooms.models import Bundle

TITLE = "Tag: items in photographs, by a model of small images"
BARS = {"white": 0.90, "gray": 0.85, "margins": 0.85, "table": 0.75}
RIGHT = 0.90
NETWORK, EPOCHS, SEEDS, MANY = "s0-cnn", 4, (0, 1, 2), 400
IN_COLOR = "fast"
"""What is trained on the same items in colors, on 20,000 of them."""
PARTS = os.environ.get("HANGTAG_BENCH_PARTS", "gray,color").split(",")


def run() -> str:
    """Train, draw, tag and describe."""
    images = hangtag.load("fashion-mnist")
    parts = {"gray": _gray, "color": _color}
    return "\n\n".join(part(images) for name, part in parts.items() if name in PARTS)


def _color(images: ImageSet) -> str:
    found = [_seed_in_color(images, seed) for seed in SEEDS]
    lines = []
    for kind in KINDS:
        some = [one[kind] for one in found]
        mean = {key: float(np.mean([one[key] for one in some])) for key in some[0]}
        least = min(one["right"] for one in some)
        lines.append(
            f"| {kind} | {mean['found']:.1%} | {mean['right']:.1%} ({least:.1%}) |"
            f" {mean['whole']:.1%} |"
        )
    return (
        f"In color: `{IN_COLOR}` on 20,000 of the same items, each in a color of its own on black, "
        f"{MANY} test images in their colors drawn likewise.\n\n| photographs | item found | "
        "right, of the clean rate | whole image shown |\n|---|---|---|---|\n" + "\n".join(lines)
    )


def _seed_in_color(images: ImageSet, seed: int) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    test = np.flatnonzero([images.part_of(row) == "test" for row in range(len(images))])
    train = rng.choice(60_000, 20_000, replace=False)
    rows = rng.choice(test, MANY, replace=False)
    some = np.concatenate([train, rows])
    # Bright enough in one channel at least: a black item on black is none.
    colors = rng.uniform(0.15, 1, (len(some), 1, 1, 3))
    colors /= colors.max(axis=3, keepdims=True)
    pixels = (images.images[some] * colors).round().astype(np.uint8)
    colored = replace(
        images, images=pixels, labels=images.labels[some], ids=None, originals=None,
        parts={"train": range(len(train)), "test": range(len(train), len(some))},
    )  # fmt: skip
    with TemporaryDirectory() as place:
        run = hangtag.train(colored, network=IN_COLOR, seed=seed, out=Path(place) / "run")
        bundle, own = hangtag.open_bundle(run), np.arange(len(train), len(some))
        clean = _right(bundle, pixels[own], colored.labels[own])
        return {
            kind: _kind(colored, own, bundle, kind, Path(place) / kind, clean) for kind in KINDS
        }


def _gray(images: ImageSet) -> str:
    found = [_seed(images, seed) for seed in SEEDS]
    rows = [_row(kind, [one[kind] for one in found]) for kind in KINDS]
    return (
        f"`{NETWORK}` of {EPOCHS} epochs on Fashion-MNIST, seeds {', '.join(map(str, SEEDS))}; "
        f"{MANY} test images drawn as photographs (JPEG, 300 to 800 pixels wide; the generator is "
        "`tests/rooms/load/drawn.py`): dark on white, tight; studio gray; with margins; and "
        "tinted, turned by up to 14°, with a shadow, on a plain ground, wood or cloth. The "
        "proportion is of the rate on the clean images; mean over seeds and the least. Answered is "
        "what the model's own threshold and its familiarity leave.\n\n"
        "| photographs | item found | right, of the clean rate | bar | whole image shown | "
        "answered | right of these | bar |\n|---|---|---|---|---|---|---|---|\n" + "\n".join(rows)
    )


def _seed(images: ImageSet, seed: int) -> dict[str, dict[str, float]]:
    with TemporaryDirectory() as place:
        run = hangtag.train(
            "fashion-mnist", network=NETWORK, epochs=EPOCHS, seed=seed, out=Path(place) / "run"
        )
        bundle = hangtag.open_bundle(run)
        test = np.flatnonzero([images.part_of(row) == "test" for row in range(len(images))])
        rows = np.random.default_rng(seed).choice(test, MANY, replace=False)
        clean = _right(bundle, images.images[rows], images.labels[rows])
        return {
            kind: _kind(images, rows, bundle, kind, Path(place) / kind, clean) for kind in KINDS
        }


def _kind(
    images: ImageSet, rows: Any, bundle: Bundle, kind: str, place: Path, clean: float
) -> dict[str, float]:
    place.mkdir()
    rng = np.random.default_rng(KINDS.index(kind) + 1)
    for n, row in enumerate(rows):
        image = images.images[row]
        photo = draw(image[..., 0] if image.shape[2] == 1 else image, kind, rng)
        place.joinpath(f"{n:04}.jpg").write_bytes(as_jpeg(photo))
    seen = list(load.read_images(place, bundle.preprocessing))
    whole = load.read_images(place, replace(bundle.preprocessing, item_extent=None))
    labels = [one.label for one in hangtag.tags(bundle, place)]
    known = np.array([one != UNKNOWN for one in labels])
    right = np.array([one == images.class_of(row) for one, row in zip(labels, rows, strict=True)])
    answers = images.labels[rows]
    return {
        "found": float(np.mean([one.done == reading.ITEM for one in seen])),
        "right": _right(bundle, np.stack([one.pixels for one in seen]), answers) / clean,
        "whole": _right(bundle, np.stack([one.pixels for one in whole]), answers) / clean,
        "answered": float(known.mean()),
        "precision": float(right[known].mean()) if known.any() else 0.0,
    }


def _right(bundle: Bundle, images: Any, labels: Any) -> float:
    return float((bundle.probabilities(images).argmax(axis=1) == labels).mean())


def _row(kind: str, found: list[dict[str, float]]) -> str:
    mean = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
    least = {key: min(one[key] for one in found) for key in found[0]}
    cells = [
        kind, f"{mean['found']:.1%}", f"{mean['right']:.1%} ({least['right']:.1%})",
        _bar(BARS[kind], mean["right"]), f"{mean['whole']:.1%}", f"{mean['answered']:.1%}",
        f"{mean['precision']:.1%} ({least['precision']:.1%})", _bar(RIGHT, mean["precision"]),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _bar(bar: float, found: float) -> str:
    return f"{bar:.0%}" if found >= bar else f"{bar:.0%}: **not reached**"

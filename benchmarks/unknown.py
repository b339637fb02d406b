"""What a network says "unknown" to: familiarity beside the largest probability and the energy.

Every measure has its limit from the same validation images, by the same rule: no more than a
twentieth of new images of one's own below it, with a confidence of 95 %. The test split is opened
for its proportion below the limit alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

import hangtag
from hangtag.estimators import familiar
from hangtag.records import ImageSet
from hangtag.rooms import models
from hangtag.rooms.models import Bundle

TITLE = "Tag: images of none of the classes"
NETWORKS = {"s0-cnn": {"epochs": 4}, "fast": {}}
SEEDS = (0, 1, 2)
BARS = {"own": 0.05, "hand signs": 0.97, "digits": 0.85, "inverted": 0.9, "noise": 0.99,
        "shuffled": 0.99}  # fmt: skip
MEASURES = ("familiarity", "largest probability", "energy")
SOME = 2000
Images = NDArray[np.uint8]


def run() -> str:
    """Train, measure and describe."""
    images = hangtag.load("fashion-mnist")
    tables = []
    for network, options in NETWORKS.items():
        found = [_proportions(network, options, seed, images) for seed in SEEDS]
        tables.append(_table(network, options, found))
    return (
        "Trained on Fashion-MNIST. Proportions of images that each measure rejects, mean over "
        f"{', '.join(map(str, SEEDS))} and the least of them (of one's own: the most); every "
        "limit is from validation images. Hand signs are the test part of Sign-Language-MNIST, "
        "digits scikit-learn's, enlarged to 28×28; inverted and shuffled (the pixels of each) are "
        f"test images, noise is uniform; {SOME:,} each of the last two. Energy is W. Liu and "
        'others\', "Energy-based out-of-distribution detection" (2020), at temperature 1.\n\n'
        + "\n\n".join(tables)
    )


def _proportions(
    network: str,
    options: Mapping[str, Any],
    seed: int,
    images: ImageSet,
) -> dict[str, dict[str, float]]:
    with TemporaryDirectory() as place:
        out = Path(place) / "run"
        run = hangtag.train("fashion-mnist", network=network, seed=seed, out=out, **options)
        bundle, split = hangtag.open_bundle(run), run.split()
        limits = {
            name: familiar.threshold(values)
            for name, values in _measured(bundle, images.images[split.validation]).items()
        }
        # What the bundle tells by is the same number, from the same images.
        assert bundle.familiarity == limits["familiarity"]
        found: dict[str, dict[str, float]] = {}
        for name, pixels in _images(images.images[split.test]).items():
            values = _measured(bundle, pixels)
            found[name] = {one: float((values[one] < limits[one]).mean()) for one in MEASURES}
        return found


def _measured(bundle: Bundle, images: Images) -> dict[str, NDArray[np.float32]]:
    probabilities, familiarity = bundle.told(images)
    assert familiarity is not None
    weights = models.weights_from_bundle(bundle)
    wide = (bundle.embedding_size, len(bundle.class_names))
    head = next(name for name, array in weights.items() if array.shape == wide)
    kernel, bias = weights[head], weights[head.replace("/kernel", "/bias")]
    sums = bundle.embeddings(images) @ kernel + bias
    most = sums.max(axis=1, keepdims=True)
    energy = (most + np.log(np.exp(sums - most).sum(axis=1, keepdims=True)))[:, 0]
    return {
        "familiarity": familiarity,
        "largest probability": probabilities.max(axis=1),
        "energy": energy.astype(np.float32),
    }


def _images(test: Images) -> dict[str, Images]:
    rng = np.random.default_rng(0)
    signs = hangtag.load("sign-mnist")
    shuffled = rng.permuted(test[:SOME].reshape(SOME, -1), axis=1).reshape(test[:SOME].shape)
    return {
        "own": test,
        "hand signs": signs.images[list(signs.parts["test"])],
        "digits": _digits(test.shape[1]),
        "inverted": 255 - test,
        "noise": rng.integers(0, 256, test[:SOME].shape, dtype=np.uint8),
        "shuffled": shuffled,
    }


def _digits(side: int) -> Images:
    small = (load_digits().images * (255 / 16)).round().astype(np.uint8)
    drawn = (Image.fromarray(one).resize((side, side), Image.Resampling.BICUBIC) for one in small)
    return np.stack([np.asarray(one) for one in drawn])[..., None]


def _table(
    network: str, options: Mapping[str, Any], found: list[dict[str, dict[str, float]]]
) -> str:
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    heads = " | ".join(MEASURES)
    lines = [
        f"`{network}`{f', {said}' if said else ''}:\n",
        f"| images | bar | {heads} | |\n|---|---|{'---|' * len(MEASURES)}---|",
    ]
    for name, bar in BARS.items():
        each = {one: [seed[name][one] for seed in found] for one in MEASURES}
        own = name == "own"
        worst = max if own else min
        cells = " | ".join(
            f"{np.mean(values):.1%} ({worst(values):.1%})" for values in each.values()
        )
        mean = float(np.mean(each["familiarity"]))
        reached = mean <= bar if own else mean >= bar
        sign = "≤" if own else "≥"
        kept = "reached" if reached else "**not reached**"
        lines.append(f"| {name} | {sign} {bar:.0%} | {cells} | {kept} |")
    return "\n".join(lines)

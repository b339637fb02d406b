"""Three hundred photographs of five classes and ``hangtag train`` with no other word."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from tests.estimators.test_choice import EACH, KINDS, as_photo

import hangtag
from hangtag.records import ImageSet

TITLE = "Train: three hundred photographs and no other word"
SETS, SEEDS = 8, (0, 1, 2)


def run() -> str:
    """Draw, train, open the test part and describe."""
    fashion = hangtag.load("fashion-mnist")
    rows, seconds = [], []
    for number in range(SETS):
        with tempfile.TemporaryDirectory() as name:
            photos = Path(name) / "photos"
            _draw(photos, fashion, number)
            own = []
            for seed in SEEDS:
                began = time.perf_counter()
                made = hangtag.train(photos, seed=seed, out=Path(name) / f"run-{seed}")
                seconds.append(time.perf_counter() - began)
                own.append(made.evaluate().scores["accuracy"].value)
                kind = made.config.spec.kind
                assert kind == "discriminant", kind
            rows.append(own)
    found = np.asarray(rows)
    lines = [
        f"| {number} | {' | '.join(f'{one:.3f}' for one in own)} |"
        for number, own in enumerate(rows)
    ]
    means = found.mean(axis=1)
    return (
        f"{SETS} sets of {EACH * len(KINDS)} JPEG files of 64 to 195 pixels a side: items of "
        "Fashion-MNIST in a color on noisy grounds of another, five classes (the generator is in "
        f"`tests/estimators/test_choice.py`); {EACH} test images each, opened once a run.\n\n"
        f"| set | {' | '.join(f'seed {one}' for one in SEEDS)} |\n"
        f"|{'---|' * (len(SEEDS) + 1)}\n" + "\n".join(lines) + "\n\n"
        f"Test accuracy {found.mean():.3f} in the mean, {means.std(ddof=1):.3f} its spread over "
        f"sets (bar: .85), the least of one run {found.min():.3f}. A training took "
        f"{np.median(seconds):.0f} s in the middle and {max(seconds):.0f} s at most (bar: 60), "
        "the first of a set embeds its photographs."
    )


def _draw(folder: Path, fashion: ImageSet, number: int) -> None:
    rng = np.random.default_rng(number)
    # The first is that of the tests: the first images of each class.
    order = rng.permutation(len(fashion)) if number else np.arange(len(fashion))
    for kind in KINDS:
        place = folder / f"kind{kind}"
        place.mkdir(parents=True)
        some = order[fashion.labels[order] == kind][:EACH]
        for at, row in enumerate(some):
            as_photo(fashion.images[row, :, :, 0], rng).save(place / f"{at:02d}.jpg", quality=88)

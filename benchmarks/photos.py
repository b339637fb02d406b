"""Photographs to embeddings: Hangtag, a loop over Pillow and onnxruntime, and onnxruntime alone.

All three run the same model on the same photographs; onnxruntime alone is given squares that are
ready, so it is the bound that no way of decoding can pass.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import hangtag
from hangtag import framing, settings
from hangtag.geometry import directions
from hangtag.onnx_sessions import answers, open_session
from hangtag.records import ImageSet
from hangtag.rooms import encode
from hangtag.rooms.encode.encoder import BATCH, Encoder

TITLE = "Embed: photographs, decoded and embedded"
SMALL, LARGE = 256, 24
"""Photographs of 256 pixels, and those of a telephone."""
TWELVE = (4000, 3000)
REPEATS = 5
LIKE = 0.98
"""Cosine of what two ways say of one photograph, at least."""
Way = Callable[[], NDArray[np.float32]]


class Measured(NamedTuple):
    """Photographs a second, of every repeat, and processor seconds a photograph."""

    rates: tuple[float, ...]
    processor: float


def run() -> str:
    """Measure and describe."""
    encoder = encode.open_encoder("photo", settings.cache_folder() / "encoders")
    with TemporaryDirectory() as name:
        small = _drawn(Path(name) / "small", (341, 256), SMALL)
        large = _drawn(Path(name) / "large", TWELVE, LARGE)
        sections = [
            _section("JPEG files of 341×256", small, encoder, 100),
            _section("JPEG files of 12 megapixels", large, encoder, 25),
        ]
    return (
        f"EfficientNet-Lite0 up to its embedding, the middle square of each image, {REPEATS} "
        "repeats in turn, nothing cached. The loop opens each file with Pillow, frames it "
        f"likewise, and runs the model on {BATCH} at a time; onnxruntime alone gets squares that "
        "are ready."
        "\n\n" + "\n\n".join(sections)
    )


def _section(title: str, images: ImageSet, encoder: Encoder, bar: int) -> str:
    rows = np.arange(len(images))
    squares = np.stack(
        [framing.framed(one, encoder.size) for one in framing.unframed(images, rows.tolist(), 224)]
    )
    session = open_session(encoder.model)
    ways: Mapping[str, Way] = {
        "Hangtag": lambda: encode.embeddings(images, encoder),
        "a loop": lambda: _looped(images, session, encoder.size),
        "onnxruntime alone": lambda: _embedded(squares, session),
    }
    found = _raced(ways, len(images))
    own, bound = (statistics.median(found[name].rates) for name in ("Hangtag", "onnxruntime alone"))
    lines = [
        f"**{title}**, {len(images)} of them:",
        "",
        "| way | photographs a second (least–most) | processor ms a photograph |",
        "|---|---|---|",
        *(
            f"| {name} | {statistics.median(one.rates):.0f} ({min(one.rates):.0f}–"
            f"{max(one.rates):.0f}) | {1000 * one.processor:.1f} |"
            for name, one in found.items()
        ),
        "",
        f"Bar: {bar} a second, which is {'reached' if own >= bar else 'not reached'}; by processor "
        f"seconds two free cores have {2 / found['Hangtag'].processor:.0f} a second. Decoding "
        f"included, Hangtag has {own / bound:.0%} of what onnxruntime alone has.",
    ]
    return "\n".join(lines)


def _raced(ways: Mapping[str, Way], count: int) -> dict[str, Measured]:
    """Every way in turn, so that what else the machine does meets all of them."""
    told: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    vectors = {name: way() for name, way in ways.items()}  # and warms them
    first, *others = (directions(one) for one in vectors.values())
    # Not bit for bit: a large JPEG is decoded at half or a quarter of its size where that is
    # enough.
    if not all((one * first).sum(axis=1).min() > LIKE for one in others):
        raise SystemExit("the ways do not come to the same embeddings")
    for _ in range(REPEATS):
        for name, way in ways.items():
            began, used = time.perf_counter(), time.process_time()
            way()
            told[name].append((time.perf_counter() - began, time.process_time() - used))
    return {
        name: Measured(
            tuple(count / seconds for seconds, _ in each),
            statistics.median(used for _, used in each) / count,
        )
        for name, each in told.items()
    }


def _looped(images: ImageSet, session: Any, size: int) -> NDArray[np.float32]:
    from PIL import Image

    openers: Any = images.originals
    made, waiting = [], []
    for opener in openers.openers:
        with Image.open(opener()) as image:
            waiting.append(framing.framed(np.asarray(image.convert("RGB")), size))
        if len(waiting) == BATCH:
            made.append(answers(session, "embedding", np.stack(waiting)))
            waiting = []
    if waiting:
        made.append(answers(session, "embedding", np.stack(waiting)))
    return np.concatenate(made)


def _embedded(squares: NDArray[np.uint8], session: Any) -> NDArray[np.float32]:
    lots = (squares[at : at + BATCH] for at in range(0, len(squares), BATCH))
    return np.concatenate([answers(session, "embedding", one) for one in lots])


def _drawn(folder: Path, size: tuple[int, int], count: int) -> ImageSet:
    """Photographs of coarse colors and some noise, as JPEG files."""
    from PIL import Image

    rng = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
        pixels = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.int16)
        noise = rng.integers(-12, 13, (size[1], size[0], 1), np.int16)
        grained = Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))
        grained.save(folder / f"{number:03d}.jpg", quality=88)
    return hangtag.load(folder, size=32)


if __name__ == "__main__":
    print(run())

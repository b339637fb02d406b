"""Answers for 10,000 images: the bundle in onnxruntime, the native kernels, and plain XLA."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TITLE = "Inference: 10,000 images by the bundle, the native kernels and XLA"
ROUNDS = int(os.environ.get("HANGTAG_BENCH_ROUNDS", "3"))
NETWORKS = ["s3-full", "s0-cnn", "s2-cnn2", "s2-cnn4", "s4-cnn", "fast", "balanced"]
IMAGES = 10_000
WARM = 3
"""Times the images are answered in one process; the first one is part of the start."""

_MAKE = """
import sys
import numpy as np
from hangtag.backend import keras_on_jax
from hangtag.records import Preprocessing
from hangtag.rooms import models
keras = keras_on_jax()
for name in sys.argv[2:]:
    spec = models.network_spec(name, input_shape=(28, 28, 1), n_classes=10)
    preprocessing = Preprocessing((28, 28, 1), (0, 28), (0, 28))
    network = models.build(spec, seed=0)
    models.write_bundle(
        f"{sys.argv[1]}/{name}.hangtag", network, spec, preprocessing,
        class_names=tuple("0123456789"), class_codes=tuple(range(10)), facts={},
    )
"""
_ASK = """
import json, resource, sys, time
began = time.perf_counter()
import numpy as np
name, folder, way, count, times = sys.argv[1:]
images = np.random.default_rng(0).integers(0, 256, (int(count), 28, 28, 1), dtype=np.uint8)
if way == "bundle":
    from hangtag.rooms.models import open_bundle
    bundle = open_bundle(f"{folder}/{name}.hangtag")
    ask = lambda: (bundle.probabilities(images), bundle.embeddings(images))
else:
    from hangtag.backend import keras_on_jax
    keras = keras_on_jax()
    from hangtag.records import Preprocessing
    from hangtag.rooms import models, train
    spec = models.network_spec(name, input_shape=(28, 28, 1), n_classes=10)
    network = models.build(spec, seed=0)
    inner = keras.Model(network.inputs, network.layers[-2].output)
    preprocessing = Preprocessing((28, 28, 1), (0, 28), (0, 28))
    ask = lambda: tuple(
        train.predict(one, images, preprocessing=preprocessing, batch_size=256)
        for one in (network, inner)
    )
marks = []
for _ in range(int(times)):
    started = time.perf_counter()
    found = ask()
    marks.append(time.perf_counter() - started)
    first = time.perf_counter() - began if len(marks) == 1 else first
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([first, min(marks[1:]), peak, float(found[0].sum()), list(found[1].shape)]))
"""
WAYS = {
    "bundle, onnxruntime": ("bundle", {}),
    "native kernels": ("network", {"HANGTAG_NATIVE": "1"}),
    "XLA": ("network", {"HANGTAG_NATIVE": "0"}),
}


def run() -> str:
    """Measure and describe."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", _MAKE, folder, *NETWORKS], check=True)
        for name in NETWORKS:
            rounds = [[_once(name, folder, way) for way in WAYS] for _ in range(ROUNDS)]
            cells = []
            for at in range(len(WAYS)):
                own = [one[at] for one in rounds]
                cells.append([statistics.median(one[fact] for one in own) for fact in range(3)])
            least = min(warm for _, warm, _ in cells)
            words = " | ".join(
                f"{warm:.2f} [{warm / least:.1f}×] | {first:.1f} | {peak:.0f}"
                for first, warm, peak in cells
            )
            lines.append(f"| {name} | {words} |")
    head = " | ".join(f"{way}: warm | first | peak MB" for way in WAYS)
    return (
        f"Seconds for probabilities and embeddings of {IMAGES:,} images of 28 × 28, medians of "
        f"{ROUNDS} processes a way, in turn. Warm: the better of {WARM - 1} repeats; in brackets "
        "how many times as long as the fastest. First: from the start of the process, imports and "
        "compiling (from the cache of programs, where there is one) included, to the first "
        f"answers.\n\n| network | {head} |\n|{'---|' * (1 + 3 * len(WAYS))}\n"
        + "\n".join(lines)
        + "\n\nThe choice made by it: evaluate, tag and search ask the bundle, which answers all "
        "of them before the other two have started and is as fast as the kernels on the larger "
        "networks; a network that is in memory already (`train.predict`: searches, ablations, the "
        "scikit-learn face) is asked through the kernels."
    )


def _once(name: str, folder: str, way: str) -> list[float]:
    kind, environment = WAYS[way]
    done = subprocess.run(
        [sys.executable, "-c", _ASK, name, folder, kind, str(IMAGES), str(WARM)],
        capture_output=True,
        text=True,
        env=os.environ | {"JAX_PLATFORMS": "cpu"} | environment,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name}, {way}: {done.stderr[-2000:]}")
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(run())

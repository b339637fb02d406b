"""Compiled programs are kept on disk, and what is loaded computes the same bits."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import hashlib
from pathlib import Path
import numpy as np
from hangtag import settings
from hangtag.backend import keras_on_jax
keras = keras_on_jax()
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import train
keras.utils.set_random_seed(0)
layers = [keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()]
network = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
print(any(one.is_file() for one in settings.cache_folder().glob("xla/*/*")))
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (320, 8, 8, 1)).astype(np.uint8)
train(network, images, np.arange(320) % 10, preprocessing=Preprocessing((8, 8, 1), (0, 8), (0, 8)),
      options=TrainingOptions(epochs=2))
said = b"".join(np.asarray(variable.value).tobytes() for variable in network.trainable_variables)
print(hashlib.sha256(said).hexdigest())
"""


def test_a_second_process_loads_the_program_and_computes_the_same_bits(tmp_path):
    """They are kept before the first network is built: drawing its weights compiles some, too."""
    runs = [run(tmp_path / "cache") for _ in range(2)]
    assert runs[0].stdout.startswith("True\n")
    assert runs[0].stdout == runs[1].stdout
    assert runs[1].stderr == ""  # no complaint about another machine's features


def run(cache):
    environment = {**os.environ, "HANGTAG_CACHE": str(cache)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

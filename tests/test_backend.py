"""Keras comes up on JAX, whatever the environment said, and never silently on another backend."""

import os
import subprocess
import sys

import pytest

from hangtag import backend
from hangtag.errors import OptionError


def test_keras_runs_on_jax_even_when_the_environment_names_another_backend():
    code = "from hangtag.backend import keras_on_jax; print(keras_on_jax().backend.backend())"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "jax"


def test_says_so_when_keras_was_already_imported_on_another_backend(monkeypatch):
    keras = backend.keras_on_jax()
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(OptionError, match="already runs on torch") as caught:
        backend.keras_on_jax()
    assert "KERAS_BACKEND=jax" in caught.value.hint

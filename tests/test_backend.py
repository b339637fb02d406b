"""Keras comes up on JAX, whatever the environment said, and never silently on another backend."""

import os
import subprocess
import sys

import pytest

from hangtag import backend
from hangtag.errors import OptionError


def test_keras_runs_on_jax_whatever_the_environment_says_and_leaves_the_home_folder_alone(tmp_path):
    code = "from hangtag.backend import keras_on_jax; print(keras_on_jax().backend.backend())"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "HOME": str(tmp_path)}
    environment.pop("KERAS_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "jax"
    assert not (tmp_path / ".keras").exists()


def test_says_so_when_keras_was_already_imported_on_another_backend(monkeypatch):
    keras = backend.keras_on_jax()
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(OptionError, match="already runs on torch") as caught:
        backend.keras_on_jax()
    assert "KERAS_BACKEND=jax" in caught.value.hint

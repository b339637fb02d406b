"""Keras: a network of standard layers that takes raw images, crop and scale among its layers."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hangtag.backend import keras_on_jax
from hangtag.errors import OptionError
from hangtag.estimators.exports.base import Export, compared, told
from hangtag.records import Preprocessing
from hangtag.records.network import NETWORK
from hangtag.rooms import models as models_room
from hangtag.rooms.models import Bundle


def _write(bundle: Bundle) -> tuple[bytes, float]:
    spec: Any = bundle.spec
    if spec.kind != NETWORK:
        raise OptionError(
            f"Keras has no such model: {bundle.model_id} is no network", "--to onnx takes any model"
        )
    whole = _from_pixels(
        models_room.network_from_bundle(bundle), bundle.preprocessing, mirrored=spec.mirrored
    )
    difference = compared(bundle, lambda shown: whole.predict(shown, verbose=0), "Keras model")
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "model.keras"
        whole.save(draft)
        return _with_facts(draft.read_bytes(), told(bundle)), difference


def _from_pixels(network: Any, how: Preprocessing, *, mirrored: bool) -> Any:  # noqa: ANN401
    """The network behind the layers that do what its preprocessing does, in the same order."""
    keras = keras_on_jax()
    height, width, channels = how.picture_shape
    images = keras.Input(how.picture_shape, name="pictures")
    edges = ((how.rows[0], height - how.rows[1]), (how.columns[0], width - how.columns[1]))
    value = keras.layers.Cropping2D(edges)(images) if any(map(any, edges)) else images
    value = keras.layers.Rescaling(how.scale)(value)
    if any(how.mean) or any(one != 1 for one in how.deviation):
        # Keras broadcasts no single number over channels.
        mean, deviation = (
            list(one) * (channels if len(one) == 1 else 1) for one in (how.mean, how.deviation)
        )
        variance = [one**2 for one in deviation]
        value = keras.layers.Normalization(axis=-1, mean=mean, variance=variance)(value)
    answer = network(value)
    if mirrored:
        other = network(keras.ops.flip(value, axis=2))
        answer = keras.layers.Average(name="both_ways")([answer, other])
    return keras.Model(images, answer, name=network.name)


def _with_facts(model: bytes, facts: str) -> bytes:
    """The file, which is a zip, with ``hangtag.json`` in it, which Keras passes over."""
    held = io.BytesIO(model)
    with zipfile.ZipFile(held, "a") as archive:
        # A fixed date: the same model is the same file.
        archive.writestr(zipfile.ZipInfo("hangtag.json"), facts)
    return held.getvalue()


METHOD = Export(
    "Keras",
    ".keras",
    _write,
    """\
import json, keras, zipfile  # on any backend: KERAS_BACKEND=jax, torch or tensorflow
model = keras.saving.load_model({file!r})
about = json.loads(zipfile.ZipFile({file!r}).read("hangtag.json"))  # classes, threshold
probabilities = model.predict(images)  # raw pixels, 0 to 255, (n, {shape})
""",
)

"""Small networks and bundles the tests of this room share; built once a session."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms import models

TINY = NetworkSpec(
    name="tiny",
    input_shape=(4, 4, 1),
    layers=(
        {"layer": "Flatten"},
        {"layer": "Dense", "units": 3, "activation": "relu"},
        {"layer": "Dense", "units": 2, "activation": "softmax"},
    ),
)


def _whole(height, width, channels=1):
    return Preprocessing((height, width, channels), (0, height), (0, width))


@pytest.fixture(scope="session")
def whole():
    """A function giving the preprocessing that keeps all of an image."""
    return _whole


@pytest.fixture(scope="session")
def images():
    """A function giving n random uint8 images of a shape."""

    def draw(n, shape, seed=0):
        return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)

    return draw


@pytest.fixture(scope="session")
def tiny():
    """A network of 59 parameters on 4×4 images, with what belongs to it."""
    network = models.build(TINY, seed=1)

    def write(path, **more):
        options = {"class_names": ("cat", "dog"), "class_codes": (0, 7), "facts": {}, **more}
        return models.write_bundle(path, network, TINY, _whole(4, 4), **options)

    return SimpleNamespace(network=network, spec=TINY, preprocessing=_whole(4, 4), write=write)


@pytest.fixture(scope="session")
def s0(tmp_path_factory):
    """The S0 CNN, fresh, and a bundle folder of it."""
    spec = models.network_spec("s0-cnn", input_shape=(28, 28, 1), n_classes=10)
    network = models.build(spec, seed=4)
    path = models.write_bundle(
        tmp_path_factory.mktemp("s0") / "bundle",
        network,
        spec,
        _whole(28, 28),
        class_names=tuple("ABCDEFGHIJ"),
        class_codes=tuple(range(10)),
        facts={"threshold": 0.5, "seed": 4},
    )
    return SimpleNamespace(network=network, spec=spec, preprocessing=_whole(28, 28), path=path)


@pytest.fixture(scope="session")
def built():
    """A function giving a named network of its document's size; not to be changed."""
    made = {}

    def build(name):
        if name not in made:
            spec = models.network_spec(name)
            made[name] = SimpleNamespace(spec=spec, network=models.build(spec, seed=0))
        return made[name]

    return build


@pytest.fixture
def reseal():
    """A function that changes a folder bundle's manifest and makes all of its hashes right again.

    It is what someone can do who knows the format and means ill.
    """
    from hangtag.rooms.models.bundle import manifest

    def change(path, edit=lambda values: None, **parts):
        values = json.loads((path / "manifest.json").read_text())
        values.pop("manifest_sha256")
        for name, data in parts.items():
            part = {"model": "model.onnx", "weights": "weights.safetensors"}[name]
            (path / part).write_bytes(data)
            values["parts"][part] = manifest.part_facts(data)
        told = values["model_id"]
        edit(values)
        if values.get("model_id") == told:
            with contextlib.suppress(Exception):  # what is no manifest has no id to make right
                values["model_id"] = manifest._manifest(values).model_id
        seal(path, values)

    def seal(path, values):
        digest = manifest.hashlib.sha256(manifest._canonical(values)).hexdigest()
        written = manifest._written({**values, "manifest_sha256": digest})
        (path / "manifest.json").write_bytes(written)

    return change

"""A model is handed to other programs, which answer as it does and know its classes."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

import hangtag
from hangtag.backend import keras_on_jax
from hangtag.errors import OptionError
from hangtag.estimators import exports
from hangtag.families import EXPORTS
from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms import models

STANDARDISED = Preprocessing((10, 8, 3), (1, 9), (0, 7), 1 / 255, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


def opened(found, images):
    """What the printed lines come to, carried out as they are printed."""
    names = {"images": images}
    exec("\n".join(found.opening), names)
    return names


def a_network(place, *, how=STANDARDISED, mirrored=False, classes=("a", "b", "c")):
    layers = (
        {"layer": "Conv2D", "filters": 4, "kernel_size": [3, 3], "activation": "relu"},
        {"layer": "Flatten"},
        {"layer": "Dense", "units": len(classes), "activation": "softmax"},
    )
    spec = NetworkSpec("small", how.output_shape, layers, mirrored=mirrored)
    network = models.build(spec, seed=1)
    facts = {"threshold": 0.625}
    models.write_bundle(
        place, network, spec, how,
        class_names=classes, class_codes=tuple(range(len(classes))), facts=facts,
    )  # fmt: skip
    return models.open_bundle(place)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(2).integers(0, 256, (9, 10, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_network_of_cropped_and_standardised_images_goes_to_keras(tmp_path, images, mirrored):
    keras_on_jax()
    bundle = a_network(tmp_path / "small.hangtag", mirrored=mirrored)
    found = exports.export(bundle, "keras", tmp_path / "small.keras")
    assert found.difference < 1e-5
    names = opened(found, images)
    assert np.abs(names["probabilities"] - bundle.probabilities(images)).max() < 1e-5
    assert names["about"]["class_names"] == ["a", "b", "c"]
    assert names["about"]["threshold"] == 0.625
    with zipfile.ZipFile(tmp_path / "small.keras") as file:
        assert "hangtag.json" in file.namelist()


def test_any_model_goes_to_onnx_with_what_its_manifest_says(tmp_path, images):
    bundle = a_network(tmp_path / "small.hangtag")
    found = exports.export(bundle, "onnx", tmp_path / "small.onnx")
    names = opened(found, images)
    assert np.array_equal(names["probabilities"], bundle.probabilities(images))
    assert names["about"]["class_names"] == ["a", "b", "c"]
    assert names["about"]["preprocessing"] == json.loads(json.dumps(bundle.preprocessing.to_dict()))


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("linear", {}),
        ("discriminant", {"pca": 0.9}),
        ("forest", {"n_estimators": 7, "max_depths": 6}),
        ("forest", {"n_estimators": 7, "max_depths": 6, "kind": "extra-trees", "pca": 9}),
    ],
)
@pytest.mark.parametrize("classes", [2, 10])
def test_models_of_pixels_and_axes_become_pipelines_of_scikit_learn(
    digits, tmp_path, kind, asked, classes
):
    chosen = digits.labels < classes
    some = (digits.images[chosen], digits.labels[chosen])
    fitted = hangtag.fit(some, model=kind, seed=0, **asked)
    fitted.write(tmp_path)
    bundle = hangtag.open_bundle(tmp_path / "bundle")
    found = exports.export(bundle, "sklearn", tmp_path / "model.skops")
    some = digits.images[:50]
    names = opened(found, some)
    pipeline = names["model"]
    flat = some.reshape(len(some), -1)
    expected = bundle.probabilities(some)
    # A coordinate that float64 and float32 round to either side of a question may change trees.
    assert (np.abs(pipeline.predict_proba(flat) - expected).max(axis=1) < 1e-5).mean() > 0.9
    assert pipeline.classes_.tolist() == list(bundle.class_names)
    assert set(pipeline.predict(flat)) <= set(bundle.class_names)
    assert pipeline.hangtag_["threshold"] == bundle.threshold


def test_who_has_no_such_model_says_so_and_writes_nothing(tmp_path):
    bundle = a_network(tmp_path / "small.hangtag")
    with pytest.raises(OptionError, match=r"scikit-learn has no such model: small-.* is a network"):
        exports.export(bundle, "sklearn", tmp_path / "small.skops")
    assert not (tmp_path / "small.skops").exists()


@pytest.mark.parametrize(
    ("to", "name", "said"),
    [
        ("savedmodel", "model", "written by TensorFlow alone"),
        ("onyx", "model.onnx", "no format called 'onyx'"),
        ("onnx", "model.keras", "opens no file called model.keras"),
    ],
)
def test_a_format_or_name_that_cannot_be_is_refused_with_what_can(tmp_path, to, name, said):
    bundle = a_network(tmp_path / "small.hangtag")
    with pytest.raises(OptionError, match=said) as refused:
        exports.export(bundle, to, tmp_path / name)
    assert refused.value.hint
    assert not (tmp_path / name).exists()


def test_every_format_is_a_file_with_a_method():
    for name in EXPORTS:
        assert exports.METHODS[name].suffix.startswith(".")

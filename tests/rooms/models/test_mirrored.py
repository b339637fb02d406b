"""Networks that answer for an image and its mirror image together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import BundleError
from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms import models
from hangtag.rooms.models.building import weights_of
from hangtag.rooms.models.bundle import container
from hangtag.rooms.models.onnx_writer import onnx_model

LAYERS = (
    {"layer": "Conv2D", "filters": 5, "kernel_size": 3, "use_bias": False},
    {"layer": "MaxPooling2D"},
    {"layer": "BatchNormalization"},
    {"layer": "Activation", "activation": "relu"},
    {"layer": "Flatten"},
    {"layer": "Dense", "units": 6, "activation": "tanh"},
    {"layer": "Dense", "units": 3, "activation": "softmax"},
)
PREPROCESSING = Preprocessing((12, 14, 2), (1, 11), (3, 12), mean=(0.3, 0.2), deviation=(0.5, 0.4))
SPEC = NetworkSpec("two-faced", PREPROCESSING.output_shape, LAYERS)
BOTH = replace(SPEC, mirrored=True)
CLASSES = {"class_names": ("a", "b", "c"), "class_codes": (0, 1, 2), "facts": {}}


@pytest.fixture(scope="module")
def network():
    return models.build(SPEC, seed=4)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (20, 12, 14, 2), dtype=np.uint8)


def mirrored(images):
    """Mirror what is left of the images after cropping."""
    turned = images.copy()
    turned[:, :, 3:12] = images[:, :, 3:12][:, :, ::-1]
    return turned


def test_answers_the_mean_of_an_image_and_its_mirror_image(network, images, tmp_path):
    models.write_bundle(tmp_path / "one", network, SPEC, PREPROCESSING, **CLASSES)
    models.write_bundle(tmp_path / "both", network, BOTH, PREPROCESSING, **CLASSES)
    one, both = models.open_bundle(tmp_path / "one"), models.open_bundle(tmp_path / "both")
    assert both.spec == BOTH
    for answer in ("probabilities", "embeddings"):
        plain, turned = (getattr(one, answer)(some) for some in (images, mirrored(images)))
        assert np.abs(plain - turned).max() > 1e-3
        np.testing.assert_allclose(getattr(both, answer)(images), (plain + turned) / 2, atol=1e-6)
        np.testing.assert_allclose(
            getattr(both, answer)(images), getattr(both, answer)(mirrored(images)), atol=1e-6
        )
    assert one.model_id != both.model_id


def test_weights_are_in_the_model_once(network):
    weights = weights_of(network, SPEC)
    plain, both = (onnx_model(spec, weights, PREPROCESSING) for spec in (SPEC, BOTH))
    kernel = weights["dense_1/kernel"].tobytes()
    assert plain.count(kernel) == both.count(kernel) == 1


def test_the_network_itself_comes_back(network, images, tmp_path):
    place = models.write_bundle(tmp_path / "both", network, BOTH, PREPROCESSING, **CLASSES)
    again = models.network_from_bundle(place)
    values = PREPROCESSING.apply(images)
    np.testing.assert_array_equal(again.predict(values), network.predict(values))


def test_a_description_without_mirrors_is_written_as_it_always_was():
    assert "mirrored" not in SPEC.to_dict()
    assert NetworkSpec.from_dict(SPEC.to_dict()) == SPEC
    assert NetworkSpec.from_dict(BOTH.to_dict()) == BOTH


@pytest.mark.parametrize("value", ["1", "false", '"yes"'])
def test_a_manifest_that_says_it_otherwise_is_refused(network, tmp_path, value):
    place = models.write_bundle(tmp_path / "both", network, BOTH, PREPROCESSING, **CLASSES)
    manifest = place / container.MANIFEST
    manifest.write_text(manifest.read_text().replace('"mirrored": true', f'"mirrored": {value}'))
    with pytest.raises(BundleError):
        models.open_bundle(place)

"""A bundle becomes its Keras network again, and a file that stock Keras opens."""

import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors import numpy as safetensors

from hangtag.errors import BundleError, OptionError, SpecError
from hangtag.rooms import models
from hangtag.rooms.models.building import weights_of

LOADER = """if True:
    import sys
    from pathlib import Path
    import keras
    import numpy as np
    for path in sorted(Path(sys.argv[1]).glob("*.keras")):
        network = keras.saving.load_model(path)
        values = np.load(path.with_suffix(".npy")).astype("float32") / np.float32(255)
        np.save(path.with_suffix(".answers.npy"), network.predict(values, verbose=0))
        print(path.stem, network.count_params())
    print("hangtag" in sys.modules)
"""


def _in_stock_keras(folder):
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(folder)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_the_network_comes_back_to_the_bit(s0):
    network = models.network_from_bundle(s0.path)
    ours, theirs = (weights_of(one, s0.spec) for one in (network, s0.network))
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert network.count_params() == 394_530


def test_stock_keras_opens_exports_and_predicts_the_same(s0, tmp_path, images, whole):
    models.export_keras(s0.path, tmp_path / "bundle.keras")
    shown = images(40, (28, 28, 1))
    np.save(tmp_path / "bundle.npy", shown)
    network, small = _with_faster_layers(), images(30, (8, 8, 1))
    models.adapt(network, small, whole(8, 8))
    models.export_keras(network, tmp_path / "plain.keras")
    np.save(tmp_path / "plain.npy", small)

    assert _in_stock_keras(tmp_path) == ["bundle 394530", "plain 494", "False"]
    answers = np.load(tmp_path / "bundle.answers.npy")
    expected = models.open_bundle(s0.path).probabilities(shown)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    answers = np.load(tmp_path / "plain.answers.npy")
    expected = network.predict(whole(8, 8).apply(small), verbose=0)
    np.testing.assert_allclose(answers, expected, atol=1e-5)


def _with_faster_layers():
    """A network as a trainer may leave it, with a layer that stock Keras does not have."""
    import keras

    class Faster(keras.layers.Conv2D):
        def convolution_op(self, inputs, kernel):
            return super().convolution_op(inputs, kernel)

    layers = [
        keras.layers.Normalization(),
        Faster(4, 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    return keras.Sequential([keras.Input((8, 8, 1)), *layers])


def test_normalisation_survives_the_bundle(tmp_path, images, whole):
    spec = models.network_spec("s1-mlp", input_shape=(6, 6, 1), n_classes=3)
    network = models.build(spec, seed=0)
    shown = images(200, (6, 6, 1))
    models.adapt(network, shown, whole(6, 6))
    path = models.write_bundle(
        tmp_path / "bundle",
        network,
        spec,
        whole(6, 6),
        class_names=("a", "b", "c"),
        class_codes=("x", "y", "z"),
        facts={},
        pictures=shown,
    )
    again = models.network_from_bundle(models.open_bundle(path))
    values = whole(6, 6).apply(shown)
    expected = np.asarray(network(values))
    np.testing.assert_array_equal(np.asarray(again(values)), expected)
    np.testing.assert_allclose(models.open_bundle(path).probabilities(shown), expected, atol=1e-5)


def test_an_export_is_named_keras(s0, tmp_path):
    with pytest.raises(OptionError, match=r"opens no model named s0\.h5"):
        models.export_keras(s0.path, tmp_path / "s0.h5")
    assert not list(tmp_path.iterdir())


def test_a_network_of_unknown_layers_is_not_exported(tmp_path):
    import keras

    layers = [keras.layers.Rescaling(2), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    network = keras.Sequential([keras.Input((4, 4, 1)), *layers])
    with pytest.raises(SpecError, match="is a Rescaling"):
        models.export_keras(network, tmp_path / "odd.keras")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.pop("dense_1/bias"),
        lambda weights: weights.update({"dense_1/bias": np.zeros(4, np.float32)}),
        lambda weights: weights.update({"dense_1/bias": np.zeros(3, np.float64)}),
        lambda weights: weights.update({"more": np.zeros(3, np.float32)}),
    ],
)
def test_weights_of_another_network_are_refused_though_every_hash_is_right(
    tiny, tmp_path, reseal, change
):
    path = tiny.write(tmp_path / "bundle")
    weights = safetensors.load((path / "weights.safetensors").read_bytes())
    change(weights)
    reseal(path, weights=safetensors.save(weights))
    with pytest.raises(BundleError, match="does not hold its network's weights"):
        models.network_from_bundle(path)


@pytest.mark.parametrize("data", [b"", b"\xff" * 100, b"\x08" + b"\0" * 7 + b"{}      "])
def test_weights_that_are_no_safetensors_are_refused(tiny, tmp_path, reseal, data):
    path = tiny.write(tmp_path / "bundle")
    reseal(path, weights=data)
    with pytest.raises(BundleError, match=r"weights\.safetensors of"):
        models.network_from_bundle(path)

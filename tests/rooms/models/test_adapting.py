"""Normalization layers learn mean and variance of the training images, as Keras' own adapt."""

import numpy as np

from hangtag.backend import keras_on_jax
from hangtag.records import NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.building import weights_of

END = ({"layer": "Flatten"}, {"layer": "Dense", "units": 2, "activation": "softmax"})


def test_gives_the_numbers_of_keras_in_batches(whole, images):
    spec = models.network_spec("s1-mlp")
    network = models.build(spec, seed=0)
    shown, preprocessing = images(2_500, (28, 28, 1)), whole(28, 28)
    assert models.adapt(network, shown, preprocessing) == 1
    theirs = keras_on_jax().layers.Normalization()
    theirs.adapt(preprocessing.apply(shown).reshape(2_500, 784))
    weights = weights_of(network, spec)
    for name, expected in (("mean", theirs.adapt_mean), ("variance", theirs.adapt_variance)):
        np.testing.assert_allclose(
            weights[f"normalization_1/{name}"], np.asarray(expected), atol=2e-6
        )
    values = preprocessing.apply(shown[:8]).reshape(8, 784)
    ours = network.layers[1](values)
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs(values)), atol=1e-4)


def test_a_pixel_that_is_the_same_everywhere_is_only_shifted(whole, images):
    spec = models.network_spec("s1-mlp")
    network = models.build(spec, seed=0)
    shown = images(50, (28, 28, 1))
    shown[:, 0, 0] = 51
    models.adapt(network, shown, whole(28, 28))
    weights = weights_of(network, spec)
    np.testing.assert_allclose(weights["normalization_1/mean"][0], 0.2, rtol=1e-6)
    assert weights["normalization_1/variance"][0] == 1


def test_works_per_channel_before_flattening(whole, images):
    spec = NetworkSpec("colour", (6, 6, 3), ({"layer": "Normalization"}, *END))
    network = models.build(spec, seed=0)
    shown = images(40, (6, 6, 3))
    models.adapt(network, shown, whole(6, 6, 3))
    expected = (shown / 255).reshape(-1, 3)
    weights = weights_of(network, spec)
    np.testing.assert_allclose(weights["normalization_1/mean"], expected.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(weights["normalization_1/variance"], expected.var(axis=0), rtol=1e-5)


def test_leaves_a_network_without_such_a_layer_alone(tiny, images):
    assert models.adapt(tiny.network, images(3, (4, 4, 1)), tiny.preprocessing) == 0

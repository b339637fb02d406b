"""Building gives an ordinary Keras network, the same one for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import SpecError
from hangtag.records import NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.building import kind_of, set_weights, weights_of

NAMES = models.network_names()


def _equal(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", NAMES)
def test_the_summary_counts_what_keras_counts(name, built):
    spec, network = built(name).spec, built(name).network
    facts = models.summary(spec)
    assert type(network).__module__.startswith("keras.")
    assert facts["parameters"] == network.count_params()
    assert facts["trainable"] == sum(int(np.prod(one.shape)) for one in network.trainable_weights)
    for row, layer in zip(facts["layers"], network.layers, strict=True):
        assert row["type"] == type(layer).__name__
        assert row["name"] == layer.name
        assert tuple(row["output_shape"]) == layer.output.shape[1:]
        assert row["parameters"] == layer.count_params()


def test_one_seed_gives_the_same_initial_weights_and_another_gives_others():
    spec = models.network_spec("s4-cnn")
    first = weights_of(models.build(spec, seed=7), spec)
    assert _equal(first, weights_of(models.build(spec, seed=7), spec))
    other = weights_of(models.build(spec, seed=8), spec)
    assert not np.array_equal(first["dense_2/kernel"], other["dense_2/kernel"])


def test_layers_of_one_shape_do_not_start_alike():
    layer = {"layer": "Dense", "units": 16}
    end = {"layer": "Dense", "units": 2, "activation": "softmax"}
    spec = NetworkSpec("twins", (4, 4, 1), ({"layer": "Flatten"}, layer, layer, end))
    weights = weights_of(models.build(spec, seed=0), spec)
    assert not np.array_equal(weights["dense_1/kernel"], weights["dense_2/kernel"])


def test_dropout_does_not_change_the_initial_weights():
    base, dropout = (models.network_spec(name) for name in ("s3-base", "s3-dropout"))
    one = weights_of(models.build(base, seed=3), base)
    assert _equal(one, weights_of(models.build(dropout, seed=3), dropout))


def test_options_reach_keras():
    network = models.build(models.network_spec("s4-cnn"), seed=0)
    convolution, pooling, dense = network.layers[0], network.layers[1], network.layers[-2]
    assert (convolution.padding, convolution.kernel_size) == ("same", (3, 3))
    assert (pooling.pool_size, pooling.strides) == ((1, 1), (2, 2))
    assert dense.activation.__name__ == "tanh"
    assert type(dense.kernel_initializer).__name__ == "HeNormal"


def test_weights_go_into_another_network_of_the_same_description():
    spec = models.network_spec("s3-batchnorm")
    one, other = models.build(spec, seed=0), models.build(spec, seed=1)
    set_weights(other, spec, weights_of(one, spec))
    assert _equal(weights_of(one, spec), weights_of(other, spec))


def test_weights_of_another_shape_are_refused():
    spec = models.network_spec("s3-base")
    network = models.build(spec, seed=0)
    weights = weights_of(network, spec)
    with pytest.raises(SpecError, match="dense_1/kernel is missing or misshapen"):
        set_weights(network, spec, {**weights, "dense_1/kernel": np.zeros((2, 2), np.float32)})
    with pytest.raises(SpecError, match="dense_4/bias is missing"):
        set_weights(network, spec, {k: v for k, v in weights.items() if k != "dense_4/bias"})


def test_a_network_that_is_not_the_one_described_is_refused(tiny):
    with pytest.raises(SpecError, match="the network given is not s3-base"):
        weights_of(tiny.network, models.network_spec("s3-base"))
    wider = replace(tiny.spec, input_shape=(5, 5, 1))
    with pytest.raises(SpecError, match="layer dense_1 of the network given holds"):
        weights_of(tiny.network, wider)


def test_a_derived_layer_counts_as_what_it_derives_from_and_keras_own_kinds_as_themselves():
    import keras

    class Faster(keras.layers.Conv2D):
        pass

    assert kind_of(Faster(3, 3)) == "Conv2D"
    assert kind_of(keras.layers.SpatialDropout2D(0.1)) is None

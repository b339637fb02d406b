"""A user's Keras network is described so that building gives it again, or refused by name."""

import pytest

from hangtag.backend import keras_on_jax
from hangtag.errors import SpecError
from hangtag.rooms import models
from hangtag.rooms.models.resolve import resolve


@pytest.fixture(scope="module")
def keras():
    return keras_on_jax()


@pytest.mark.parametrize("name", models.network_names())
def test_describing_what_was_built_gives_the_description(name, built):
    spec = built(name).spec
    described = models.spec_of(built(name).network)
    assert resolve(described) == resolve(spec)
    assert described.name == name


def test_describes_a_network_written_in_keras(keras):
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(28, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(56, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(56, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    spec = models.spec_of(network, name="theirs")
    assert spec.name == "theirs"
    assert models.summary(spec)["parameters"] == 394_530 == network.count_params()
    assert [layer.name for layer in resolve(spec)] == [layer.name for layer in network.layers]


def _refusal(keras, *layers, shape=(8, 8, 1)):
    end = [keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    with pytest.raises(SpecError) as caught:
        models.spec_of(keras.Sequential([keras.Input(shape), *layers, *end], name="net"))
    return caught.value


def test_an_unknown_layer_is_refused_by_name(keras):
    error = _refusal(keras, keras.layers.SeparableConv2D(4, 3, name="thin"))
    assert error.message == "layer thin is a SeparableConv2D, which is not a known layer"
    assert "Conv2D" in error.hint


def test_an_option_of_keras_that_is_not_known_is_refused_by_name(keras):
    error = _refusal(keras, keras.layers.Conv2D(4, 3, dilation_rate=2, name="wide"))
    assert "layer wide (Conv2D) has dilation_rate=(2, 2), which is not known" in error.message
    assert "kernel_size" in error.hint
    penalised = keras.layers.Conv2D(4, 3, kernel_regularizer=keras.regularizers.L2(0.1))
    assert "kernel_regularizer" in _refusal(keras, penalised).message
    assert "axis" in _refusal(keras, keras.layers.Normalization(axis=None)).message


def test_an_initialiser_with_other_numbers_is_refused(keras):
    other = keras.initializers.RandomNormal(stddev=0.5)
    error = _refusal(keras, keras.layers.Conv2D(4, 3, kernel_initializer=other))
    assert "kernel_initializer=RandomNormal" in error.message


def test_the_seed_of_an_initialiser_does_not_matter(keras):
    seeded = keras.initializers.RandomNormal(seed=5)
    layers = (keras.layers.Flatten(), keras.layers.Dense(3, "softmax", kernel_initializer=seeded))
    network = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    assert models.spec_of(network).layers[1]["kernel_initializer"] == "random_normal"


def test_an_unknown_activation_is_refused(keras):
    error = _refusal(keras, keras.layers.Conv2D(4, 3, activation="mish", name="odd"))
    assert error.message == "layer odd (Conv2D) has activation='mish'"


def test_a_network_on_flat_values_is_told_to_begin_with_images(keras):
    network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(3, activation="softmax")])
    with pytest.raises(SpecError, match="not images of one size") as caught:
        models.spec_of(network)
    assert "keras.Input((height, width, channels))" in caught.value.hint


def test_a_network_whose_layers_do_not_follow_one_another_is_refused(keras):
    inputs = keras.Input((8, 8, 1))
    network = keras.Model(inputs, keras.layers.Flatten()(inputs))
    with pytest.raises(SpecError, match=r"is a Functional, not a keras\.Sequential"):
        models.spec_of(network)

"""The fast operations give what Keras' own give, gradients included, and leave no trace."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.rooms.train.operations import fast_operations


def answers_and_slopes(call, images, *weights):
    """What `call` answers, and its gradients for one fixed slope of the answers."""
    import jax

    answers, back = jax.vjp(call, images, *weights)
    slope = np.random.default_rng(1).normal(size=answers.shape).astype("float32")
    return [np.asarray(one) for one in (answers, *back(jax.numpy.asarray(slope)))]


def agree(ours, theirs, tolerance=1e-3):
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=tolerance)


def random_images(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("kernel", "strides"),
    [
        ((3, 3, 5, 7), (1, 1)),
        ((3, 3, 5, 7), (3, 2)),
        ((2, 5, 5, 3), (1, 1)),
        ((2, 5, 5, 3), (2, 1)),
        ((1, 1, 5, 4), (2, 1)),
    ],
)
def test_convolution_by_patches_equals_laxs(kernel, strides, padding):
    check_convolution(kernel, strides, padding, groups=0)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("kernel", [(3, 3, 5, 7), (2, 5, 5, 3)])
def test_separable_convolution_equals_laxs(kernel, groups, padding):
    check_convolution(kernel, (1, 1), padding, groups)


def check_convolution(kernel_shape, strides, padding, groups):
    from jax import lax

    from hangtag.rooms.train.operations import conv2d

    images = random_images((4, 9, 11, 5))
    kernel = random_images(kernel_shape, seed=2)
    window = conv2d.Window(strides, conv2d.edges_of(images.shape, kernel.shape, strides, padding))

    def ours(images, kernel):
        if groups:
            return conv2d.separable(images, kernel, window, groups)
        return conv2d.by_patches(images, kernel, window)

    def theirs(images, kernel):
        dimensions = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(
            images, kernel, strides, padding.upper(), dimension_numbers=dimensions
        )

    agree(answers_and_slopes(ours, images, kernel), answers_and_slopes(theirs, images, kernel))


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("window", "strides"), [((2, 2), None), ((3, 2), None), ((1, 1), 2), ((3, 3), 2), ((2, 2), 3)]
)
def test_pooling_equals_keras_and_gives_ties_to_the_first(keras, window, strides, padding):
    from hangtag.rooms.train.operations import pooling

    layer = keras.layers.MaxPooling2D(window, strides=strides, padding=padding)
    images = np.round(random_images((3, 9, 10, 4)) * 2)  # whole numbers: many are equal
    attribute, ours = pooling.replacement(layer)

    assert attribute == "call"
    agree(answers_and_slopes(ours, images), answers_and_slopes(layer.call, images), 1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_proportion_and_keeps_the_mean(rate):
    from hangtag.rooms.train.operations import dropout

    ones = np.ones((200, 500), "float32")
    first = np.asarray(dropout.drop(ones, rate, np.array([7, 0], np.uint32)))
    second = np.asarray(dropout.drop(ones, rate, np.array([7, 1], np.uint32)))

    assert np.mean(first == 0) == pytest.approx(rate, abs=0.01)
    assert first.mean() == pytest.approx(1, abs=0.05)
    both = np.mean((first == 0) & (second == 0))
    assert both == pytest.approx(rate**2, abs=0.01)  # two draws know nothing of each other


def test_dropout_has_no_pattern_along_rows_or_columns():
    from hangtag.rooms.train.operations import dropout

    kept = np.asarray(dropout.drop(np.ones((512, 512), "float32"), 0.5, np.array([3, 9]))) > 0
    expected = np.sqrt(512) / 2
    for axis in (0, 1):
        spread = kept.sum(axis=axis).std()
        assert spread == pytest.approx(expected, rel=0.2)
    assert np.mean(kept[:, 1:] == kept[:, :-1]) == pytest.approx(0.5, abs=0.01)


def test_a_convolution_before_a_sparing_pool_works_out_only_what_is_read(keras):
    layers = keras.layers
    network = keras.Sequential(
        [
            layers.Input((7, 8, 3)),
            layers.Conv2D(4, 3, padding="same", activation="tanh"),
            layers.MaxPooling2D(1, strides=2),
        ]
    )
    images = random_images((2, 7, 8, 3))
    plain = np.asarray(network(images))
    with fast_operations(network):
        inner = network.layers[0](images)
        fast = np.asarray(network(images))

    assert inner.shape == (2, 4, 4, 4)
    np.testing.assert_allclose(fast, plain, atol=1e-5)


def test_operations_are_taken_off_again_even_after_an_error(cnn):
    network = cnn()
    before = [dict(layer.__dict__) for layer in network.layers]
    with pytest.raises(RuntimeError), fast_operations(network):
        assert "call" in network.layers[1].__dict__ or "call" in network.layers[0].__dict__
        raise RuntimeError

    assert [dict(layer.__dict__) for layer in network.layers] == before


def test_a_subclass_keeps_its_own_meaning(keras):
    class Doubled(keras.layers.MaxPooling2D):
        def call(self, inputs):
            return 2 * super().call(inputs)

    network = keras.Sequential([keras.layers.Input((4, 4, 1)), Doubled(2)])
    images = random_images((1, 4, 4, 1))
    plain = np.asarray(network(images))
    with fast_operations(network):
        np.testing.assert_array_equal(np.asarray(network(images)), plain)

"""Descriptions that do not fit are refused with a sentence, before Keras is imported."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.errors import SpecError
from hangtag.records import NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.layers import LAYERS
from hangtag.rooms.models.options import CHECKS
from hangtag.rooms.models.resolve import resolve

END = {"layer": "Dense", "units": 10, "activation": "softmax"}
FLAT = {"layer": "Flatten"}


def spec(*layers, shape=(8, 8, 1), name="mine", embedding=-2):
    return NetworkSpec(name, shape, layers, embedding)


def refusal(*layers, **more):
    with pytest.raises(SpecError) as caught:
        resolve(spec(*layers, **more))
    assert "\n" not in caught.value.message
    return caught.value


def test_fills_in_what_a_description_leaves_to_keras():
    convolution = resolve(spec({"layer": "Conv2D", "filters": 4, "kernel_size": 3}, FLAT, END))[0]
    assert convolution.options["strides"] == (1, 1)
    assert convolution.options["kernel_initializer"] == "glorot_uniform"
    assert convolution.output_shape == (6, 6, 4)
    assert convolution.name == "conv2d_1"


def test_an_unknown_layer_is_refused_with_the_nearest_known_one():
    error = refusal({"layer": "Conv2d", "filters": 4, "kernel_size": 3}, FLAT, END)
    assert error.message == "layer 1 of mine is a 'Conv2d', which is not a known layer"
    assert "did you mean 'Conv2D'?" in error.hint
    assert "MaxPooling2D" in error.hint


def test_an_unknown_option_is_refused_with_the_nearest_known_one():
    error = refusal({"layer": "Conv2D", "filter": 4, "kernel_size": 3}, FLAT, END)
    assert "layer 1 of mine (Conv2D) has an unknown option 'filter'" in error.message
    assert "did you mean 'filters'?" in error.hint


def test_an_option_of_a_layer_without_any_says_so():
    assert refusal({"layer": "Flatten", "order": 1}, END).hint == "Flatten has no options"


def test_a_missing_option_is_named():
    assert "needs the option 'filters'" in refusal({"layer": "Conv2D", "kernel_size": 3}).message


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"layer": "Conv2D", "filters": 0, "kernel_size": 3}, "whole number from 1"),
        ({"layer": "Conv2D", "filters": 4, "kernel_size": [3]}, "two of them"),
        ({"layer": "Conv2D", "filters": 4, "kernel_size": 3, "strides": None}, "two of them"),
        ({"layer": "Conv2D", "filters": 4, "kernel_size": 3, "padding": "full"}, "valid, same"),
        ({"layer": "Conv2D", "filters": 4, "kernel_size": 3, "use_bias": 1}, "true or false"),
        ({"layer": "Dropout", "rate": 1}, "from 0 and below 1"),
        ({"layer": "Dropout", "rate": float("nan")}, "from 0 and below 1"),
        ({"layer": "Activation", "activation": "swoosh"}, "leaky_relu"),
        ({"layer": "BatchNormalization", "epsilon": 0}, "above 0"),
        ({"layer": "LeakyReLU", "negative_slope": -1}, "a number from 0"),
    ],
)
def test_a_value_an_option_cannot_have_is_refused_with_what_it_can(layer, words):
    assert words in refusal(layer, FLAT, END).hint


def test_a_window_larger_than_what_comes_in_is_refused_with_both_sizes():
    error = refusal({"layer": "Conv2D", "filters": 4, "kernel_size": 9}, FLAT, END)
    assert "slides a window of 9×9 and gets only 8×8 values" in error.message
    assert "8×8×1" in error.hint


def test_a_dense_layer_on_an_image_is_told_to_flatten_first():
    assert "a Flatten must stand before it" in refusal(END).message


def test_a_convolution_after_flattening_is_refused():
    error = refusal(FLAT, {"layer": "Conv2D", "filters": 4, "kernel_size": 3}, END)
    assert "needs rows, columns and channels, and gets 64 flat values" in error.message


@pytest.mark.parametrize(
    "layers", [(FLAT,), (FLAT, {"layer": "Dense", "units": 10}), (FLAT, END, FLAT)]
)
def test_a_network_that_ends_without_class_probabilities_is_refused(layers):
    assert "gives no class probabilities" in refusal(*layers).message


def test_softmax_as_a_layer_of_its_own_is_an_end_too():
    logits = {"layer": "Dense", "units": 5}
    softmax = {"layer": "Activation", "activation": "softmax"}
    assert models.count_classes(spec(FLAT, logits, softmax)) == 5


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 0), (8.0, 8, 1), (True, 8, 1), (90000, 90000, 3)])
def test_an_image_shape_that_cannot_be_is_refused(shape):
    assert "is given images of shape" in refusal(FLAT, END, shape=shape).message


@pytest.mark.parametrize("embedding", [-1, 1, 2, -3, "x", True, 1.0])
def test_the_embedding_must_come_from_a_layer_before_the_last(embedding):
    assert "takes its embedding from layer" in refusal(FLAT, END, embedding=embedding).message


@pytest.mark.parametrize("name", ["", "../x", "a b", None, "x" * 65])
def test_a_name_that_is_no_file_name_is_refused(name):
    assert "a network is named" in refusal(FLAT, END, name=name).message


def test_layers_have_names_of_their_own():
    twice = {"layer": "Dense", "units": 4, "name": "same"}
    assert "named 'same' as one before it" in refusal(FLAT, twice, twice, END).message
    named = resolve(spec(FLAT, {"layer": "Dense", "units": 4, "name": "dense_2"}, END))
    assert [layer.name for layer in named] == ["flatten_1", "dense_2", "dense_3"]


def test_a_network_too_large_to_be_meant_is_refused_before_anything_is_allocated():
    wide = {"layer": "Dense", "units": 60_000}
    assert "would hold 3,600,060,000 parameters" in refusal(FLAT, wide, wide, END).message
    parts = [{"layer": "Dense", "units": 14_000}] * 3
    assert "at most 200,000,000" in refusal(FLAT, *parts, END).hint
    many = {"layer": "Conv2D", "filters": 60_000, "kernel_size": 1}
    assert "would hold" in refusal(many, FLAT, END, shape=(512, 512, 1)).message


def test_a_class_count_that_does_not_fit_the_output_is_refused():
    with pytest.raises(SpecError, match="ends in 10 classes and the images have 24") as caught:
        models.check_classes(spec(FLAT, END), 24)
    assert caught.value.hint == "give its last layer 24 units"


def test_every_option_of_every_layer_has_a_check():
    assert {option for kind in LAYERS.values() for option in kind.options} <= set(CHECKS)


def test_refuses_a_wrong_description_without_importing_keras():
    code = (
        "import sys; from hangtag.rooms import models; from hangtag.errors import SpecError\n"
        "try: models.network_spec('s2-cnn4', input_shape=(8, 8, 1), n_classes=10)\n"
        "except SpecError as error: print(error.message)\n"
        "spec = models.network_spec('s0-cnn'); models.summary(spec); models.diagram(spec)\n"
        "print(sorted({'keras', 'jax', 'onnx', 'onnxruntime', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    message, loaded = done.stdout.splitlines()
    assert message.startswith("network s2-cnn4 does not fit images of 8×8×1")
    assert loaded == "[]"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
options = st.sampled_from(sorted({"layer", "name", *CHECKS})) | st.text(max_size=4)
layer_like = st.dictionaries(options, values | st.sampled_from(sorted(LAYERS)), max_size=5)


@given(st.lists(layer_like | values, max_size=4), values | st.just((8, 8, 1)), values)
def test_any_description_is_taken_or_refused_with_a_sentence(layers, shape, embedding):
    shape = tuple(shape) if isinstance(shape, list | tuple) else (8, 8, 1)
    try:
        resolve(NetworkSpec("any", shape, (*layers, FLAT, END), embedding))
    except SpecError as error:
        assert "\n" not in error.message

"""The ONNX model answers as Keras does, for every layer and option, from the raw images."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangtag.errors import BundleError, SpecError
from hangtag.onnx_graphs import NETWORK_OPERATORS
from hangtag.onnx_sessions import answers, open_session
from hangtag.records import NetworkSpec, Preprocessing
from hangtag.rooms import models
from hangtag.rooms.models.building import weights_of
from hangtag.rooms.models.layers import LAYERS
from hangtag.rooms.models.onnx_layers import WRITERS
from hangtag.rooms.models.onnx_writer import onnx_model
from hangtag.rooms.models.options import ACTIVATIONS
from hangtag.rooms.models.parity import TOLERANCE, check_parity
from hangtag.rooms.models.resolve import resolve

END = ({"layer": "Flatten"}, {"layer": "Dense", "units": 3, "activation": "softmax"})


def _shaken(network, seed=0):
    """Every weight moved off its start, so that a forgotten one is noticed."""
    generator = np.random.default_rng(seed)
    for layer in network.layers:
        for variable in layer.weights:
            if variable.name == "count":
                continue
            shift = generator.uniform(0.05, 0.5, variable.shape).astype(np.float32)
            variable.assign(np.asarray(variable) + shift)
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return network


def _difference(spec, preprocessing, images=None):
    network = _shaken(models.build(spec, seed=0))
    model = onnx_model(spec, weights_of(network, spec), preprocessing)
    return check_parity(model, network, spec, preprocessing, images)


def _agrees(*layers, shape=(7, 6, 2), whole):
    return _difference(NetworkSpec("net", shape, (*layers, *END)), whole(*shape)) <= TOLERANCE


def test_every_known_layer_can_be_written():
    assert set(WRITERS) == set(LAYERS)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (2, 3)])
@pytest.mark.parametrize("size", [1, 2, (3, 2), 4])
def test_convolution_is_padded_as_keras_pads(size, strides, padding, whole):
    layer = {"layer": "Conv2D", "filters": 3, "kernel_size": size}
    assert _agrees({**layer, "strides": strides, "padding": padding}, whole=whole)


@pytest.mark.parametrize("kind", ["MaxPooling2D", "AveragePooling2D"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "strides"), [(2, None), (1, 2), (3, 2), ((2, 3), (1, 2)), (3, 1)])
def test_pooling_is_padded_as_keras_pads(kind, size, strides, padding, whole):
    layer = {"layer": kind, "pool_size": size, "strides": strides, "padding": padding}
    assert _agrees(layer, whole=whole)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_on_images_and_on_flat_values(activation, whole):
    convolution = {"layer": "Conv2D", "filters": 3, "kernel_size": 2, "activation": activation}
    alone = {"layer": "Activation", "activation": activation}
    dense = {"layer": "Dense", "units": 4, "activation": activation}
    assert _agrees(convolution, alone, {"layer": "Flatten"}, dense, alone, whole=whole)


@pytest.mark.parametrize(
    "layer",
    [
        {"layer": "BatchNormalization"},
        {"layer": "BatchNormalization", "center": False, "epsilon": 0.1},
        {"layer": "BatchNormalization", "scale": False},
        {"layer": "BatchNormalization", "scale": False, "center": False},
        {"layer": "Normalization"},
        {"layer": "LeakyReLU", "negative_slope": 0.4},
        {"layer": "Dropout", "rate": 0.5},
    ],
)
def test_layers_that_keep_the_shape_work_anywhere(layer, whole):
    convolution = {"layer": "Conv2D", "filters": 3, "kernel_size": 2, "use_bias": False}
    dense = {"layer": "Dense", "units": 4, "use_bias": False}
    assert _agrees(
        layer, convolution, layer, {"layer": "Flatten"}, layer, dense, layer, whole=whole
    )


@pytest.mark.parametrize("kind", ["GlobalAveragePooling2D", "GlobalMaxPooling2D"])
def test_global_pooling(kind, whole):
    assert _agrees({"layer": kind}, whole=whole)
    convolution = {"layer": "Conv2D", "filters": 3, "kernel_size": 2}
    assert _agrees(convolution, {"layer": kind}, whole=whole)


def test_softmax_may_be_a_layer_of_its_own(whole):
    layers = (
        END[0],
        {"layer": "Dense", "units": 3},
        {"layer": "Activation", "activation": "softmax"},
    )
    assert _difference(NetworkSpec("net", (4, 4, 1), layers), whole(4, 4)) <= TOLERANCE


@pytest.mark.parametrize("name", ["s1-mlp", "s2-cnn2", "s3-batchnorm", "s4-cnn"])
def test_the_networks_of_the_studies(name, whole):
    spec = models.network_spec(name, input_shape=(20, 18, 1), n_classes=6)
    assert _difference(spec, whole(20, 18)) <= TOLERANCE


def test_the_model_crops_scales_and_standardises_itself(images):
    preprocessing = Preprocessing(
        (9, 8, 3), (1, 8), (2, 8), mean=(0.2, 0.3, 0.4), deviation=(0.5, 0.25, 0.125)
    )
    spec = NetworkSpec("cut", (7, 6, 3), ({"layer": "MaxPooling2D"}, *END))
    assert _difference(spec, preprocessing, images(20, (9, 8, 3))) <= TOLERANCE


def test_gives_a_flat_embedding_in_the_order_of_keras(whole, images):
    convolution = {"layer": "Conv2D", "filters": 4, "kernel_size": 2}
    spec = NetworkSpec("deep", (5, 4, 1), (convolution, *END), embedding=0)
    network = models.build(spec, seed=0)
    model = onnx_model(spec, weights_of(network, spec), whole(5, 4))
    shown = images(3, (5, 4, 1))
    embedding = answers(open_session(model), "embedding", shown)
    expected = np.asarray(network.layers[0](whole(5, 4).apply(shown)))
    assert embedding.shape == (3, 4 * 3 * 4)
    np.testing.assert_allclose(embedding, expected.reshape(3, -1), atol=1e-6)


def test_layers_may_be_called_as_inputs_and_outputs_are(whole):
    names = ("pictures", "embedding", "probabilities")
    dense = {"layer": "Dense", "units": 4, "name": names[1]}
    layers = ({"layer": "Flatten", "name": names[0]}, dense, {**END[1], "name": names[2]})
    assert _difference(NetworkSpec("named", (4, 4, 1), layers), whole(4, 4)) <= TOLERANCE


def test_anyone_with_onnxruntime_can_use_it(s0, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(
        s0.path / "model.onnx", providers=["CPUExecutionProvider"]
    )
    (taken,) = session.get_inputs()
    assert (taken.name, taken.type, taken.shape) == ("pictures", "tensor(uint8)", ["n", 28, 28, 1])
    given_out = {one.name: (one.type, one.shape) for one in session.get_outputs()}
    assert given_out == {
        "probabilities": ("tensor(float)", ["n", 10]),
        "embedding": ("tensor(float)", ["n", 56]),
    }
    (probabilities,) = session.run(["probabilities"], {"pictures": images(5, (28, 28, 1))})
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_is_readable_by_old_runtimes(s0):
    import onnx

    model = onnx.load(s0.path / "model.onnx")
    assert model.ir_version == 8
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]


def test_writes_the_same_bytes_for_the_same_weights(s0):
    weights = weights_of(s0.network, s0.spec)
    once = onnx_model(s0.spec, weights, s0.preprocessing)
    assert once == onnx_model(s0.spec, weights, s0.preprocessing)
    assert once == (s0.path / "model.onnx").read_bytes()


def test_uses_only_operators_that_opening_allows(whole):
    import onnx

    used = set()
    for activation in ACTIVATIONS:
        layer = {"layer": "Activation", "activation": activation}
        every = [layer, {"layer": "LeakyReLU"}, {"layer": "BatchNormalization"}]
        every += [{"layer": "Normalization"}, {"layer": "AveragePooling2D", "pool_size": 1}]
        every += [{"layer": "MaxPooling2D", "pool_size": 1}]
        every += [{"layer": "Conv2D", "filters": 2, "kernel_size": 1}]
        for last in ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten"):
            spec = NetworkSpec("all", (3, 3, 1), (*every, {"layer": last}, END[1]))
            cut = Preprocessing((4, 4, 1), (0, 3), (1, 4), mean=(0.1,), deviation=(2.0,))
            weights = {
                f"{layer.name}/{weight.name}": np.ones(weight.shape, np.float32)
                for layer in resolve(spec)
                for weight in layer.weights
            }
            model = onnx.load_model_from_string(onnx_model(spec, weights, cut))
            used |= {node.op_type for node in model.graph.node}
    assert {("", one) for one in used} == NETWORK_OPERATORS


def test_a_model_that_answers_differently_is_refused(tiny):
    weights = weights_of(tiny.network, tiny.spec)
    moved = {**weights, "dense_2/bias": weights["dense_2/bias"] + np.float32([0.001, 0])}
    model = onnx_model(tiny.spec, moved, tiny.preprocessing)
    with pytest.raises(BundleError, match="answers differently from its network") as caught:
        check_parity(model, tiny.network, tiny.spec, tiny.preprocessing)
    assert "nothing was written" in caught.value.message


def test_a_model_of_another_shape_is_refused(tiny):
    weights = weights_of(tiny.network, tiny.spec)
    wider = {
        **weights,
        "dense_2/kernel": np.zeros((3, 5), np.float32),
        "dense_2/bias": np.zeros(5, np.float32),
    }
    spec = NetworkSpec("tiny", (4, 4, 1), (*tiny.spec.layers[:2], {**END[1], "units": 5}))
    model = onnx_model(spec, wider, tiny.preprocessing)
    with pytest.raises(BundleError, match="by inf"):
        check_parity(model, tiny.network, tiny.spec, tiny.preprocessing)


def test_a_sure_network_is_not_refused_for_the_rounding_of_float32(whole, images):
    spec = models.network_spec("s1-mlp-linear")
    network = models.build(spec, seed=3)
    network.layers[-1].kernel.assign(network.layers[-1].kernel * 300)
    model = onnx_model(spec, weights_of(network, spec), whole(28, 28))
    shown = images(500, (28, 28, 1))
    assert check_parity(model, network, spec, whole(28, 28), shown) <= TOLERANCE


sizes = st.integers(1, 3)
pairs = sizes | st.tuples(sizes, sizes)
padding = st.sampled_from(["valid", "same"])
# Keras warns of a softmax over one channel; the others have no such case.
activation = st.sampled_from([one for one in ACTIVATIONS if one != "softmax"])
image_layers = st.one_of(
    st.fixed_dictionaries(
        {
            "layer": st.just("Conv2D"),
            "filters": sizes,
            "kernel_size": pairs,
            "strides": pairs,
            "padding": padding,
            "activation": activation,
            "use_bias": st.booleans(),
        }
    ),
    st.fixed_dictionaries(
        {
            "layer": st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
            "pool_size": pairs,
            "strides": pairs | st.none(),
            "padding": padding,
        }
    ),
    st.sampled_from(
        [
            {"layer": "BatchNormalization"},
            {"layer": "Normalization"},
            {"layer": "LeakyReLU"},
            {"layer": "Dropout", "rate": 0.5},
        ]
    ),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shape=st.tuples(st.integers(3, 9), st.integers(3, 9), st.integers(1, 3)),
    layers=st.lists(image_layers, max_size=4),
    embedding=st.integers(0, 1),
)
def test_any_network_of_known_layers_answers_as_in_keras(shape, layers, embedding):
    spec = NetworkSpec("any", shape, (*layers, *END), embedding=embedding - 2 - len(layers))
    try:
        resolve(spec)
    except SpecError:
        return
    height, width, channels = shape
    keep = Preprocessing((height + 1, width, channels), (1, height + 1), (0, width), mean=(0.4,))
    assert _difference(spec, keep) <= TOLERANCE

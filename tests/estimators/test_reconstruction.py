"""What is not made as training images are is strange, however sure a network is of it."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.estimators import reconstruction
from hangtag.onnx_sessions import open_session


@pytest.fixture(scope="module")
def known(digits):
    return reconstruction.fitted(digits.images, np.arange(1200), seed=0)


def test_ones_own_images_are_usual_and_strange_ones_are_beyond(known, digits):
    new = digits.images[1200:]
    assert (known.beyond(new) > 0).mean() < 0.03
    strange = {
        "negative": 255 - new,
        "shuffled": np.random.default_rng(0).permuted(new.reshape(len(new), -1), axis=1),
        "noise": np.random.default_rng(0).integers(0, 256, new.shape, dtype=np.uint8),
    }
    for name, images in strange.items():
        assert (known.beyond(images.reshape(new.shape)) > 0).mean() > 0.9, name


def test_the_graph_says_what_arrays_say(known, digits):
    import onnx

    nodes, constants = known.graph("told")
    make, info = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    zero = onnx.numpy_helper.from_array(np.zeros((64, 1), np.float32), "nothing")
    nodes.insert(2, make("MatMul", ["usual_pixels", "nothing"], ["told"]))
    graph = onnx.helper.make_graph(
        nodes,
        "usual",
        [info("pictures", onnx.TensorProto.UINT8, ["n", 8, 8, 1])],
        [info("familiarity", onnx.TensorProto.FLOAT, ["n", 1])],
        [*constants, zero],
    )
    model = onnx.helper.make_model(
        graph, ir_version=10, opset_imports=[onnx.helper.make_opsetid("", 17)]
    )
    images = np.concatenate([digits.images[:300], 255 - digits.images[:300]])
    (found,) = open_session(model.SerializeToString()).run(None, {"pictures": images})
    assert np.abs(found[:, 0] + known.beyond(images)).max() < 1e-5


@pytest.mark.parametrize("images", [
    np.random.default_rng(0).integers(0, 255, (499, 8, 8, 1), np.uint8),
    np.zeros((600, 8, 8, 1), np.uint8),
    np.zeros((600, 128, 128, 3), np.uint8),
], ids=["few", "equal", "large"])  # fmt: skip
def test_nothing_is_said_where_nothing_can_be(images):
    assert reconstruction.fitted(images, np.arange(len(images)), seed=0) is None


def test_images_that_the_axes_explain_whole_leave_only_the_floor():
    """Two-valued images of one pixel: nothing is left, and nothing is divided by it."""
    images = np.repeat(np.array([0, 200], np.uint8), 300).reshape(-1, 1, 1, 1)
    found = reconstruction.fitted(images, np.arange(600), seed=0)
    assert found is None or np.isfinite(found.beyond(images)).all()


def test_a_network_calls_a_negative_unlike_anything_seen(digits, tmp_path):
    run = hangtag.train("digits", network="s2-mlp", epochs=4, seed=1, out=tmp_path / "run")
    tags = hangtag.tag(run, 255 - digits.images[:100])
    assert sum(one.reason == "unlike anything seen" for one in tags) > 90

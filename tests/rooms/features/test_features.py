"""Images as points: asked for by a text, the same in memory and in a graph, kept by content."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from hangtag import framing
from hangtag.errors import OptionError
from hangtag.geometry import as_onnx
from hangtag.onnx_sessions import answers, open_session
from hangtag.records import Preprocessing
from hangtag.rooms import features as room
from hangtag.rooms.features import Material, OpenEncoder, cache

PLAIN = Preprocessing((8, 8, 1), (0, 8), (0, 8), scale=1.0)


def material(digits, **more):
    def refuse(place):
        pytest.fail(place)

    return Material(digits.images[:500], PLAIN, refuse, refuse, **more)


def graph_of(one):
    """A model whose embedding is the features, and nothing else."""
    from onnx import TensorProto, helper

    nodes, constants = one.graph("pictures", "embedding")
    graph = helper.make_graph(
        nodes,
        "features",
        [helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", 8, 8, 1])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", one.n_features])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


@pytest.mark.parametrize("said", ["pixels", "pca:7", "pca:0.9"])
def test_a_graph_gives_the_same_points(digits, said):
    found = room.features(said, material(digits))
    points = found.points(digits.images[:50])
    assert points.shape == (50, found.n_features)
    assert points.dtype == np.float32
    seen = answers(open_session(graph_of(found)), "embedding", digits.images[:50])
    assert np.abs(points - seen).max() <= 1e-3
    assert found.stored == sum(one.size for one in found.arrays().values())


def test_a_proportion_of_the_variance_is_named_by_its_axes(digits):
    from hangtag.geometry import fit_pca

    found = room.features("pca:0.9", material(digits))
    assert found.name == f"pca:{len(fit_pca(digits.images[:500], share=0.9))}"
    assert room.features(found.name, material(digits)).n_features == found.n_features


def test_the_layer_of_a_network_is_the_embedding_of_its_bundle_and_computed_once(
    digits, tmp_path, monkeypatch
):
    from onnx import helper

    nodes, constants = as_onnx.pixels(PLAIN, "pictures", "flat")
    constants.append(as_onnx.constant("kernel", np.eye(64, 5, dtype=np.float32)))
    nodes.append(helper.make_node("MatMul", ["flat", "kernel"], ["embedding"]))
    nodes.append(helper.make_node("Softmax", ["embedding"], ["probabilities"], axis=1))

    class Model:
        model_id, preprocessing = "net", PLAIN

    model = as_onnx.graph_model(Model(), nodes, constants, (5, 5))
    open_network = {"run": (PLAIN, model)}.__getitem__
    given = Material(digits.images[:500], PLAIN, open_network, open_network, cache=tmp_path)
    found = room.features("network:run", given)
    assert (found.name, found.n_features, found.stored >= 320) == ("network:run", 5, True)
    points = found.points(digits.images[:60])
    assert np.array_equal(points, digits.images[:60].reshape(60, -1)[:, :5].astype(np.float32))
    assert np.array_equal(
        answers(open_session(graph_of(found)), "embedding", digits.images[:60]), points
    )
    monkeypatch.setattr(room.Network, "_embedded", lambda *_: pytest.fail("computed again"))
    assert np.array_equal(found.points(digits.images[:60]), points)
    with pytest.raises(OptionError, match="takes uint8 images"):
        found.points(digits.images[:5, :7])


def test_a_damaged_file_of_the_cache_is_made_again_and_the_oldest_go(tmp_path, monkeypatch):
    some = np.ones((4, 3), np.float32)
    assert np.array_equal(room.cached(tmp_path, "a", lambda: some), some)
    (tmp_path / "a.npy").write_bytes(b"torn")
    assert np.array_equal(room.cached(tmp_path, "a", lambda: 2 * some), 2 * some)
    assert np.array_equal(room.cached(tmp_path, "a", lambda: pytest.fail("kept")), 2 * some)
    monkeypatch.setattr(cache, "MOST_BYTES", 400)
    for name in ("b", "c", "d"):
        room.cached(tmp_path, name, lambda: some)
    assert sorted(one.stem for one in tmp_path.iterdir()) == ["c", "d"]
    assert room.cached(None, "e", lambda: some) is some


@pytest.mark.parametrize(
    "said", ["", "pixel", "pixels:3", "pca", "pca:", "pca:1.5", "pca:x", "network:"]
)
def test_what_asks_for_no_features_is_refused(digits, said):
    with pytest.raises(OptionError, match="there are no features"):
        room.features(said, material(digits))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """Opens encoders as the floor above does."""
    from hangtag.rooms.encode import open_encoder, side_by_side

    cache_folder = tmp_path_factory.mktemp("encoders")

    def opened(name):
        found = open_encoder(name, cache_folder)
        embed = partial(_embedded, side_by_side, found)
        return OpenEncoder(found.size, found.model, embed, {"digest": found.digest})

    return opened


def _embedded(side_by_side, encoder, images, rows, frames):
    return side_by_side(images, encoder, frames, rows=rows)


@pytest.mark.parametrize(("said", "squares"), [("photo", 2), ("photo:whole", 1)])
def test_an_encoder_gives_its_embedding_in_memory_and_in_a_graph(encoder, said, squares):
    from onnx import TensorProto, helper

    shape, width = (224 * squares, 224, 3), 1280 * squares
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    found = room.features(f"encoder:{said}", Material(images, PLAIN, encoder, encoder))
    assert (found.name, found.n_features) == (f"encoder:{said}", width)
    nodes, constants = found.graph("pictures", "embedding")
    assert sum(math.prod(one.dims) for one in constants) < 3_500_000  # the weights only once
    # Inside another model nothing may be called as one of its own numbers is.
    assert all(one.name.startswith("network_") for one in constants)
    graph = helper.make_graph(
        nodes,
        "features",
        [helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", *shape])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", width])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    whole = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    seen = answers(open_session(whole), "embedding", images)
    np.testing.assert_allclose(found.points(images), seen, atol=1e-5)
    last = np.ascontiguousarray(images[:, -224:])
    alone = answers(open_session(encoder("photo").model), "embedding", last)
    np.testing.assert_allclose(seen[:, -1280:], alone, atol=1e-5)


def test_an_encoder_sees_arrays_of_any_size_as_squares(digits, encoder):
    found = room.features("encoder:photo", Material(digits.images[:1], PLAIN, encoder, encoder))
    rows = np.array([4, 2])
    squares = framing.seen(digits, rows, found.preprocessing)
    assert squares.shape == (2, 448, 224, 3)
    np.testing.assert_allclose(found.at(digits, rows), found.points(squares), atol=1e-5)


@pytest.mark.parametrize("said", ["encoder:phoot", "encoder:photo:middle", "encoder:photo:"])
def test_an_encoder_or_frame_that_is_unknown_is_refused(digits, encoder, said):
    with pytest.raises(OptionError, match="there is no"):
        room.features(said, Material(digits.images[:1], PLAIN, encoder, encoder))


def test_what_is_kept_of_a_set_keeps_the_set(digits):
    """A set that is gone would leave its place in memory, which is its key, to another one."""
    import gc
    import weakref

    made = lambda *_: OpenEncoder(  # noqa: E731
        224, b"", lambda images, rows, frames: np.zeros((len(rows), 2), np.float32), {}
    )
    found = room.features("encoder:photo", Material(digits.images[:1], PLAIN, made, made))
    some = digits.take(np.arange(5))
    found.at(some, np.arange(5))
    alive = weakref.ref(some)
    del some
    gc.collect()
    assert alive() is not None

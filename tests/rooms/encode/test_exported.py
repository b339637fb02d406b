"""What others' exporters write of a transformer is taken as it is, and answers as it did there.

The files are what PyTorch's older and newer exporter make of CLIP, SigLIP and open_clip, small and
with drawn weights (``exported/make_exported.py``), for any number of images and for one.
"""

import numpy as np
import pytest
from onnx import TensorProto, helper, load_model_from_string, numpy_helper
from tests.rooms.encode.exports import KINDS, arrays, exported

import hangtag
from hangtag.errors import FormatError
from hangtag.onnx_graphs import BROUGHT_OPERATORS, operator_of
from hangtag.onnx_sessions import answers, open_session
from hangtag.rooms.encode import open_encoder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Encoders of each test are its own."""
    monkeypatch.setenv("HANGTAG_ENCODERS", str(tmp_path / "encoders"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["clip", "siglip", "openclip"])
def test_a_transformer_answers_as_its_own_framework_does(name, kind, tmp_path):
    place = tmp_path / "vision.onnx"
    place.write_bytes(exported(f"{name}-{kind}.onnx"))
    facts = hangtag.add_encoder(place)
    theirs = arrays(name)
    assert facts["width"] == theirs.shape[1]
    model = open_encoder("vision", tmp_path).model
    ours = answers(open_session(model), "embedding", arrays("images"))
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()
    graph = load_model_from_string(model).graph
    assert {operator_of(node) for node in graph.node} <= BROUGHT_OPERATORS


def test_a_model_on_a_transformer_is_a_bundle_that_opens(tmp_path):
    """Rows are tokens, heads stand beside each other: all of known size for each image."""
    place = tmp_path / "vision.onnx"
    place.write_bytes(exported("openclip-older-any.onnx"))
    hangtag.add_encoder(place)
    pixels = np.random.default_rng(1).integers(0, 256, (60, 32, 32, 3), np.uint8)
    pixels[::2] //= 64
    labels = np.tile(["dark", "light"], 30)
    run = hangtag.train(
        (pixels, labels), model="linear", features="encoder:vision", out=tmp_path / "run"
    )
    found = hangtag.tag(run, pixels[:8], threshold=0)
    assert [one.label for one in found] == labels[:8].tolist()


def model_of(nodes, constants=(), shape=("n", 3, 32, 32)):
    graph = helper.make_graph(
        nodes,
        "brought",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


SUMS = helper.make_node("ReduceMean", ["image"], ["means"], axes=[2, 3], keepdims=0)
REFUSED = {
    "a constant as large as a machine": (
        model_of(
            [
                helper.make_node("ConstantOfShape", ["sizes"], ["large"]),
                SUMS,
                helper.make_node("ReduceMean", ["large"], ["one"], keepdims=0),
                helper.make_node("Add", ["means", "one"], ["embedding"]),
            ],
            [("sizes", np.asarray([1 << 20, 1 << 20]))],
        ),
        "values of its constants",
    ),
    "images that are mixed": (
        model_of(
            [
                SUMS,
                helper.make_node("Reshape", ["means", "flat"], ["all"]),
                helper.make_node("ReduceSum", ["all"], ["sum"], keepdims=1),
                helper.make_node("Add", ["means", "sum"], ["embedding"]),
            ],
            [("flat", np.asarray([-1]))],
        ),
        "values of unknown size",
    ),
    "images that are numbered": (
        model_of(
            [
                helper.make_node("Shape", ["image"], ["sizes"]),
                helper.make_node("Gather", ["sizes", "first"], ["many"]),
                helper.make_node("Range", ["zero", "many", "step"], ["numbers"]),
                helper.make_node("Cast", ["numbers"], ["float"], to=TensorProto.FLOAT),
                helper.make_node("Unsqueeze", ["float", "axis"], ["column"]),
                SUMS,
                helper.make_node("Add", ["means", "column"], ["embedding"]),
            ],
            [
                ("first", np.int64(0)),
                ("zero", np.int64(0)),
                ("step", np.int64(1)),
                ("axis", np.asarray([1])),
            ],
        ),
        "counts its images",
    ),
}


@pytest.mark.parametrize(("model", "said"), REFUSED.values(), ids=REFUSED)
def test_what_depends_on_other_images_is_refused_in_a_sentence(model, said, tmp_path):
    place = tmp_path / "brought.onnx"
    place.write_bytes(model.SerializeToString())
    with pytest.raises(FormatError, match=said):
        hangtag.add_encoder(place)
    assert hangtag.encoders()[1:] == []


def test_notes_of_where_it_was_traced_are_not_kept(tmp_path):
    model = load_model_from_string(exported("clip-newer-any.onnx"))
    for node in model.graph.node:
        node.doc_string = "File /home/somebody/secret.py"
        node.metadata_props.add(key="stack", value="File /home/somebody/secret.py")
    place = tmp_path / "vision.onnx"
    place.write_bytes(model.SerializeToString())
    hangtag.add_encoder(place)
    assert b"somebody" not in open_encoder("vision", tmp_path).model

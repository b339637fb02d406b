"""An encoder that somebody brings is data that was looked at and tried, or nothing is kept."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import hangtag
from hangtag import framing
from hangtag.errors import ConflictError, FormatError, OptionError, SourceError, UnknownNameError
from hangtag.onnx_sessions import answers, open_session
from hangtag.rooms.encode import open_encoder

SIDE, WIDTH = 32, 8
KERNEL = np.random.default_rng(0).normal(size=(WIDTH, 3, 3, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Encoders of each test are its own."""
    monkeypatch.setenv("HANGTAG_ENCODERS", str(tmp_path / "encoders"))
    return tmp_path / "encoders"


def pooled(
    *,
    shape=("n", 3, SIDE, SIDE),
    more=(),
    last="pooled",
    outputs=("embedding",),
    kernel=KERNEL,
    opset=17,
    ir=8,
    constants=(),
):
    """A convolution and the mean of what it says everywhere, with steps of one's own behind."""
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["edges"], strides=[2, 2]),
        helper.make_node("Relu", ["edges"], ["lit"]),
        helper.make_node("GlobalAveragePool", ["lit"], ["pooled"]),
        *more,
        helper.make_node("Flatten", [last], [outputs[0]]),
    ]
    graph = helper.make_graph(
        nodes,
        "pooled",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(one, TensorProto.FLOAT, None) for one in outputs],
        [numpy_helper.from_array(kernel, "kernel"), *constants],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir)


@pytest.fixture
def write(tmp_path):
    """Write a model as a file."""

    def written(model, name="mine.onnx"):
        place = tmp_path / name
        place.write_bytes(model.SerializeToString())
        return place

    return written


def noise(n=3, side=SIDE):
    return np.random.default_rng(1).integers(0, 256, (n, side, side, 3), np.uint8)


def test_it_answers_as_its_file_does_with_what_was_said_of_pixels(write, tmp_path):
    model = pooled()
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    facts = hangtag.add_encoder(write(model), mean=mean, std=std, licence="CC0-1.0")
    assert (facts["name"], facts["width"], facts["size"]) == ("mine", WIDTH, SIDE)
    given = ((noise() / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32)
    theirs = answers(open_session(model.SerializeToString()), "embedding", given)
    opened = open_encoder("mine", tmp_path)
    ours = answers(open_session(opened.model), "embedding", noise())
    assert np.allclose(ours, theirs, atol=1e-5)
    assert (opened.licence, opened.digest) == ("CC0-1.0", facts["digest"])


def test_another_preparation_is_another_digest(write):
    one = hangtag.add_encoder(write(pooled()), name="one")
    other = hangtag.add_encoder(write(pooled()), name="other", scale=1.0)
    assert one["file_sha256"] == other["file_sha256"]
    assert one["digest"] != other["digest"]


@pytest.mark.parametrize(
    ("model", "asked", "channels"),
    [
        (pooled(shape=("n", 3, "h", "w")), {"size": SIDE}, 3),
        (pooled(shape=(1, 3, SIDE, SIDE)), {}, 3),
        (pooled(shape=("n", 1, SIDE, SIDE), kernel=KERNEL[:, :1]), {}, 1),
        (pooled(opset=11, ir=6), {}, 3),
        (pooled(opset=20, ir=9), {}, 3),
        (
            pooled(
                shape=(1, 3, SIDE, SIDE),
                more=[
                    helper.make_node("Constant", [], ["shape"], value_ints=[1, WIDTH]),
                    helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
                    helper.make_node("Clip", ["flat", "", "most"], ["clipped"]),
                ],
                last="clipped",
                constants=[numpy_helper.from_array(np.float32(6), "most")],
            ),
            {},
            3,
        ),
    ],
    ids=[
        "free sides",
        "one image",
        "gray",
        "older operators",
        "newer operators",
        "a shape of one image",
    ],
)
def test_what_exporters_write_is_taken(model, asked, channels, write, tmp_path):
    facts = hangtag.add_encoder(write(model), **asked)
    assert facts["channels"] == channels
    opened = open_encoder("mine", tmp_path)
    assert opened.embed(list(noise(5, 50))).shape == (5, WIDTH)


def test_channels_may_stand_behind(write):
    turned = helper.make_node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2])
    model = pooled(shape=("n", SIDE, SIDE, 3))
    model.graph.node[0].input[0] = "turned"
    model.graph.node.insert(0, turned)
    assert hangtag.add_encoder(write(model))["layout"] == "nhwc"


def outside():
    model = pooled()
    held = model.graph.initializer[0]
    entry = held.external_data.add()
    entry.key, entry.value = "location", "/etc/hostname"
    held.data_location = TensorProto.EXTERNAL
    held.ClearField("raw_data")
    return model


def custom():
    model = pooled(more=[helper.make_node("Fold", ["pooled"], ["folded"], domain="com.example")])
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    return model


def added(values, operator="Mul"):
    """The pooled answers with a constant joined to them."""
    return pooled(
        more=[helper.make_node(operator, ["pooled", "by"], ["joined"])],
        last="joined",
        constants=[numpy_helper.from_array(np.asarray(values, np.float32), "by")],
    )


NOISY = pooled(
    more=[
        helper.make_node("RandomNormalLike", ["pooled"], ["noise"]),
        helper.make_node("Add", ["pooled", "noise"], ["noisy"]),
    ],
    last="noisy",
)
MAP = pooled(shape=("n", 3, SIDE, SIDE))
MAP.graph.node[2].op_type = "Identity"
MAP.graph.node[3].op_type = "Identity"
MIXED = pooled(
    more=[
        helper.make_node("ReduceMean", ["pooled"], ["of all"], axes=[0], keepdims=1),
        helper.make_node("Sub", ["pooled", "of all"], ["mixed"]),
    ],
    last="mixed",
)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (NOISY, "RandomNormalLike"),
        (outside(), "other files"),
        (custom(), "not of standard ONNX"),
        (MAP, "one list of numbers"),
        (pooled(shape=("n", 3, SIDE)), "3 axes"),
        (pooled(shape=("n", 7, SIDE, SIDE)), "no images"),
        (added(np.nan), "not finite"),
        (added(0.0), "same of different images"),
        (MIXED, "unknown size|several images"),
        (pooled(outputs=("embedding", "nothing")), "outputs"),
        (pooled(kernel=KERNEL[:1]), "1 numbers"),
    ],
    ids=[
        "chance", "outside data", "a domain of its own", "a map", "three axes", "seven channels",
        "not a number", "always the same", "other images", "two outputs", "one number",
    ],
)  # fmt: skip
def test_what_can_be_no_encoder_is_refused_with_the_reason_and_nothing_is_kept(
    model, why, write, folder
):
    with pytest.raises((FormatError, OptionError), match=why) as refused:
        hangtag.add_encoder(write(model))
    assert refused.value.hint
    assert not folder.exists() or not [*folder.iterdir()]


def test_no_model_is_refused(tmp_path):
    place = tmp_path / "mine.onnx"
    place.write_bytes(b"\x00garbage")
    with pytest.raises(FormatError, match="not an ONNX model"):
        hangtag.add_encoder(place)
    with pytest.raises(SourceError, match="no file"):
        hangtag.add_encoder(tmp_path / "gone.onnx")


def test_too_large_a_file_is_not_read(tmp_path):
    place = tmp_path / "mine.onnx"
    with place.open("wb") as file:
        file.truncate(1 << 30)  # a hole: it takes no room
    with pytest.raises(SourceError, match="1,024 MB"):
        hangtag.add_encoder(place)


@pytest.mark.parametrize("name", ["photo", "../elsewhere", "Mine", ".hidden", "a:b"])
def test_a_name_that_cannot_be_is_refused(name, write):
    with pytest.raises(OptionError):
        hangtag.add_encoder(write(pooled()), name=name)


def test_what_does_not_fit_the_file_is_refused(write):
    place = write(pooled())
    for asked in ({"size": 64}, {"mean": (1, 2)}, {"output": "elsewhere"}, {"layout": "nhwc"}):
        with pytest.raises((OptionError, FormatError)):
            hangtag.add_encoder(place, **asked)


def test_a_name_is_given_once_and_free_again_when_it_is_removed(write):
    place = write(pooled())
    hangtag.add_encoder(place)
    with pytest.raises(ConflictError, match="already"):
        hangtag.add_encoder(place)
    hangtag.remove_encoder("mine")
    with pytest.raises(UnknownNameError, match="no encoder 'mine'"):
        hangtag.remove_encoder("mine")
    hangtag.add_encoder(place)
    assert [one["name"] for one in hangtag.encoders()] == ["photo", "mine"]


def test_what_comes_with_hangtag_cannot_be_removed():
    with pytest.raises(OptionError, match="comes with"):
        hangtag.remove_encoder("photo")


@pytest.mark.parametrize("part", ["model.onnx", "encoder.json"])
def test_what_was_changed_is_not_opened(part, write, folder, tmp_path):
    hangtag.add_encoder(write(pooled()))
    place = folder / "mine" / part
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)
    with pytest.raises(FormatError, match=r"changed|damaged"):
        open_encoder("mine", tmp_path)


def test_it_is_features_for_models_and_their_bundle_holds_it(write, tmp_path, digits):
    hangtag.add_encoder(write(pooled(), "tiny.onnx"))
    labels = digits.labels[:300]
    few = hangtag.from_arrays(digits.images[:300], labels)
    run = hangtag.train(
        few, model="linear", features="encoder:tiny", c=(1.0,), out=tmp_path / "run"
    )
    hangtag.remove_encoder("tiny")
    bundle = hangtag.open_bundle(run.bundle)
    seen = bundle.embeddings(framing.seen(few, np.arange(20), bundle.preprocessing))
    assert seen.shape == (20, 2 * WIDTH)


def test_the_command_lists_tells_and_removes(write, hangtag_command):
    place = write(pooled())
    done = hangtag_command("encoder", "add", place, "--licence", "MIT", "--json")
    assert done.json["licence"] == "MIT"
    assert hangtag_command("encoder", "info", "mine", "--json").json == done.json | {
        "installed": True
    }
    assert "mine" in hangtag_command("encoder", "list").out
    again = hangtag_command("encoder", "add", place, "--json")
    assert (again.code, json.loads(again.out)["hint"] != "") == (2, True)
    assert hangtag_command("encoder", "remove", "mine").code == 0
    assert hangtag_command("encoder", "info", "mine").code == 2

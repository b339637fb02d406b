"""Words are read by the other half of a pair, as the framework that exported it reads them."""

import json
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.rooms.encode.exports import KINDS, arrays, exported, put

import hangtag
from hangtag.errors import FormatError, OptionError, SourceError
from hangtag.rooms.encode import open_reader

TEXTS = {"clip-text": "clip", "clip-text-mask": "clip", "siglip-text": "siglip"}
TEXTS["openclip-text"] = "openclip"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Encoders of each test are its own."""
    monkeypatch.setenv("HANGTAG_ENCODERS", str(tmp_path / "encoders"))
    return tmp_path / "encoders"


def words_of(*numbers):
    """Words by their tokens."""
    known = json.loads(exported("tokenizer.json"))["model"]["vocab"]
    return " ".join({at: word for word, at in known.items()}[one] for one in numbers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TEXTS)
def test_words_are_read_as_their_own_framework_reads_them(name, kind, tmp_path):
    vision, text = put(tmp_path, f"{TEXTS[name]}-older-any", f"{name}-{kind}")
    facts = hangtag.add_encoder(vision, text=text, text_padding=63)
    assert facts["text_length"] == 12
    reader = open_reader("vision")
    theirs = arrays(name)
    for row, length in enumerate((3, 5, 7)):
        ours = reader.embed(words_of(*range(10 + row, 10 + row + length - 1)))
        assert np.abs(ours - theirs[row]).max() <= 1e-4 * np.abs(theirs).max()


def test_an_encoder_without_one_reads_nothing(tmp_path):
    vision, _ = put(tmp_path)
    hangtag.add_encoder(vision)
    assert open_reader("vision") is None
    assert open_reader("photo") is None
    assert open_reader("none of that name") is None


def test_words_beyond_its_length_are_cut_off_and_far_too_many_are_refused(tmp_path):
    vision, text = put(tmp_path)
    hangtag.add_encoder(vision, text=text)
    reader = open_reader("vision")
    long = reader.given("red dress " * 40)["tokens"]
    assert long.shape == (1, 12)
    assert long[0, -1] == 63
    with pytest.raises(OptionError, match="20,000 letters"):
        reader.embed("red dress " * 2000)


def model_of(nodes, inputs, constants=(), outputs=("embedding",)):
    graph = helper.make_graph(
        nodes,
        "brought",
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info(one, TensorProto.FLOAT, None) for one in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


TABLE = np.random.default_rng(0).normal(size=(64, 16)).astype(np.float32)
IDS = ("input_ids", TensorProto.INT64, ["n", "words"])
LOOKED_UP = [
    helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
    helper.make_node("ReduceMean", ["rows"], ["embedding"], axes=[1], keepdims=0),
]


def looked_up(table=TABLE, more=(), inputs=(IDS,)):
    return model_of([*LOOKED_UP, *more], inputs, [("table", table)])


def test_a_file_that_leaves_its_length_free_is_asked_for_as_many_as_is_said(tmp_path):
    vision, text = put(tmp_path)
    text.write_bytes(looked_up())
    facts = hangtag.add_encoder(vision, text=text, text_length=5, name="five")
    assert (facts["text_length"], facts["text_padding"]) == (5, 0)
    assert hangtag.add_encoder(vision, text=text, name="other")["text_length"] == 77
    said = json.loads(exported("tokenizer.json"))
    said["padding"] = {
        "strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None,
        "pad_id": 63, "pad_type_id": 0, "pad_token": "[EOS]",
    }  # fmt: skip
    (tmp_path / "tokenizer.json").write_text(json.dumps(said))
    facts = hangtag.add_encoder(vision, text=text, name="as-it-says")
    assert (facts["text_length"], facts["text_padding"]) == (9, 63)


def test_kinds_of_words_are_all_the_first(tmp_path):
    """Families of BERT ask which of two sentences a word is of."""
    vision, text = put(tmp_path)
    kinds = ("token_type_ids", TensorProto.INT32, ["n", "words"])
    beside = [
        helper.make_node("Cast", ["token_type_ids"], ["kinds"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kinds", "axis"], ["column"]),
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Add", ["rows", "column"], ["both"]),
        helper.make_node("ReduceMean", ["both"], ["embedding"], axes=[1], keepdims=0),
    ]
    given = [("table", TABLE), ("axis", np.asarray([2]))]
    text.write_bytes(model_of(beside, [IDS, kinds], given))
    hangtag.add_encoder(vision, text=text, text_length=4)
    own = TABLE[[1, 12, 15, 63]].mean(axis=0)
    assert np.allclose(open_reader("vision").embed("red dress"), own, atol=1e-6)


REFUSED = {
    "another width": (looked_up(TABLE[:, :8]), "embeddings of images have 16"),
    "numbers that are no tokens": (
        model_of(LOOKED_UP[1:], [("rows", TensorProto.FLOAT, ["n", 3, 16])]),
        "no row of token numbers",
    ),
    "what nobody knows": (
        looked_up(inputs=(IDS, ("position_ids", TensorProto.INT64, ["n", "words"]))),
        "takes both 'input_ids' and 'position_ids'",
    ),
    "the same of all words": (looked_up(np.ones((64, 16), np.float32)), "its tokenizer"),
    "a table that is too short": (looked_up(TABLE[:20]), "fails"),
    "chance": (
        looked_up(more=[helper.make_node("RandomNormalLike", ["embedding"], ["noise"])]),
        "uses RandomNormalLike",
    ),
    "no model": (b"no model", "not an ONNX model"),
}


@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_read_is_refused_in_a_sentence_and_nothing_is_kept(data, said, tmp_path):
    vision, text = put(tmp_path)
    text.write_bytes(data)
    with pytest.raises(FormatError, match=said):
        hangtag.add_encoder(vision, text=text, text_length=8)
    assert [one["name"] for one in hangtag.encoders()] == ["photo"]


def test_what_is_said_of_words_must_fit(tmp_path):
    vision, text = put(tmp_path)
    with pytest.raises(OptionError, match="--text-length is of a network that reads"):
        hangtag.add_encoder(vision, text_length=9)
    with pytest.raises(OptionError, match="the file takes 12 tokens"):
        hangtag.add_encoder(vision, text=text, text_length=9)
    with pytest.raises(FormatError, match="no tokenizer"):
        hangtag.add_encoder(vision, text=text, tokenizer=vision)
    with pytest.raises(SourceError, match="there is no file"):
        hangtag.add_encoder(vision, text=text, tokenizer=tmp_path / "none.json")


@pytest.mark.parametrize("part", ["text.onnx", "tokenizer.json"])
def test_a_changed_file_is_not_opened(part, tmp_path, folder):
    vision, text = put(tmp_path)
    hangtag.add_encoder(vision, text=text)
    place = folder / "vision" / part
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(bytes(data))
    with pytest.raises(FormatError, match="was changed"):
        open_reader("vision")


def test_without_what_turns_words_into_tokens_it_says_what_to_install(tmp_path, monkeypatch):
    vision, text = put(tmp_path)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(OptionError, match="not installed") as caught:
        hangtag.add_encoder(vision, text=text)
    assert "hangtag[text]" in caught.value.hint

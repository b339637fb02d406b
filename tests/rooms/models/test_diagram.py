"""The drawing is one well-formed SVG that names every layer, shape and count."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hangtag.records import NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.diagram_words import _PHRASES, _WITHOUT, options_in_words
from hangtag.rooms.models.layers import LAYERS
from hangtag.rooms.models.options import ACTIVATIONS, CHECKS

GUIDE = Path(__file__).parents[3] / "docs" / "guide"
SVG = "{http://www.w3.org/2000/svg}"


def _texts(spec):
    root = ElementTree.fromstring(models.diagram(spec))
    assert root.tag == f"{SVG}svg"
    return root, [one.text or "" for one in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", models.network_names())
def test_names_every_layer_its_shape_and_its_parameters(name):
    spec = models.network_spec(name)
    facts = models.summary(spec)
    _, texts = _texts(spec)
    assert texts[0] == name
    kinds = {row["type"] for row in facts["layers"]}
    assert [text for text in texts if text in kinds] == [row["type"] for row in facts["layers"]]
    for row in facts["layers"]:
        shape = row["output_shape"]
        assert (" × ".join(map(str, shape)) if len(shape) == 3 else f"{shape[0]:,}") in texts
        assert not row["parameters"] or f"{row['parameters']:,}" in texts
    assert texts[-1].startswith(f"{facts['parameters']:,} parameters")


def test_stays_inside_its_width_and_asks_for_nothing_from_elsewhere():
    root, _ = _texts(models.network_spec("s2-cnn4"))
    width = float(root.get("width"))
    for one in root.iter(f"{SVG}rect"):
        assert float(one.get("x", 0)) + float(one.get("width")) <= width
    drawn = models.diagram(models.network_spec("s2-cnn4"))
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "<script" not in drawn


def test_marks_the_embedding_once():
    _, texts = _texts(models.network_spec("s0-cnn"))
    assert texts.count("embedding") == 1


def test_is_the_same_for_the_same_network():
    spec = models.network_spec("s4-tuned")
    assert models.diagram(spec) == models.diagram(spec)


def test_has_room_for_long_options_and_large_layers():
    convolution = {
        "layer": "Conv2D",
        "filters": 512,
        "kernel_size": [3, 5],
        "strides": 2,
        "padding": "same",
        "activation": "leaky_relu",
        "use_bias": False,
        "kernel_initializer": "truncated_normal",
    }
    end = ({"layer": "Flatten"}, {"layer": "Dense", "units": 3, "activation": "softmax"})
    _, texts = _texts(NetworkSpec("long", (100, 60, 3), (convolution, *end)))
    told = next(text for text in texts if text.startswith("512 filters"))
    assert told == "512 filters, 3 × 5, steps of 2 × 2, same padding,…"


def test_has_words_for_every_option():
    assert set(CHECKS) - {"MaxPooling2D.strides", "AveragePooling2D.strides"} == {
        *_PHRASES,
        *_WITHOUT,
    }
    assert options_in_words({"rate": 0.25}) == "drops 25 %"


def test_the_guide_shows_the_drawing_as_it_is():
    drawn = models.diagram(models.network_spec("s0-cnn"))
    assert (GUIDE / "s0-cnn.svg").read_text(encoding="utf-8") == drawn + "\n"


def test_the_guide_names_every_layer_and_activation():
    text = (GUIDE / "models.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    assert set(LAYERS) <= words
    assert set(ACTIVATIONS) <= words

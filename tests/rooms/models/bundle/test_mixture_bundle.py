"""A mixture in a bundle answers as it did in memory, and one that is made to harm is not opened."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from hangtag.errors import BundleError
from hangtag.records import Classifier
from hangtag.rooms import cluster as cluster_room
from hangtag.rooms import models
from hangtag.rooms.models.bundle import container

SHAPES = ("full", "tied", "diagonal", "spherical")


@pytest.mark.parametrize("covariance", SHAPES)
@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("class_conditional", [False, True])
def test_answers_as_in_memory(mixtures, digits, tmp_path, covariance, projected, class_conditional):
    if class_conditional and covariance == "tied":
        covariance = "diagonal"
    one = mixtures.fitted(
        covariance, class_conditional=class_conditional, axes=mixtures.axes if projected else None
    )
    bundle = models.open_bundle(mixtures.write(tmp_path / "mixture.hangtag", one))
    answers = bundle.probabilities(digits.images)
    assert np.abs(answers - one.probabilities(digits.images)).max() <= 1e-5
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(bundle.embeddings(digits.images), one.embeddings(digits.images), atol=1e-3)
    assert {name for name in vars(Classifier) if not name.startswith("_")} <= set(dir(bundle))
    assert bundle.model_id.startswith(
        "mixture-class-conditional-" if class_conditional else "mixture-"
    )
    assert bundle.spec == one.spec
    assert (bundle.threshold, bundle.embedding_size) == (0.25, one.spec.n_features)


def test_it_has_a_newer_schema_than_networks_and_forests(mixtures, full_mixture, tmp_path):
    place = mixtures.write(tmp_path / "bundle", full_mixture)
    assert json.loads((place / "manifest.json").read_text())["schema"] == 3


def test_what_could_not_be_opened_is_not_written(mixtures, full_mixture, tmp_path, monkeypatch):
    other = mixtures.fitted(axes=mixtures.axes, k=4)
    with pytest.raises(BundleError, match="is not the mixture of its manifest"):
        mixtures.write(tmp_path / "bundle", full_mixture, model=cluster_room.onnx_model(other))
    monkeypatch.setattr(container, "LARGEST_PART", 1000)
    with pytest.raises(BundleError, match=r"of 3 components takes [\d,]+ bytes, more than"):
        mixtures.write(tmp_path / "bundle", full_mixture)
    assert not (tmp_path / "bundle").exists()


@pytest.fixture
def refused(mixtures, full_mixture, tmp_path, refusal):
    """Change the model of a mixture's bundle and give the sentence it gets."""
    return lambda edit: refusal(mixtures.write(tmp_path / "bundle", full_mixture), edit)


def constant(name, change):
    """An edit that changes one constant of the graph."""

    def edit(model):
        for one in model.graph.initializer:
            if one.name == name:
                one.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(one)), name))

    return edit


def node_of(model, operator, place=0):
    return [node for node in model.graph.node if node.op_type == operator][place]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("table", lambda a: a * 2),
        ("table", lambda a: a - 1),
        ("table", lambda a: a * np.nan),
        ("table", lambda a: a.astype(np.float32)),
        ("table", lambda a: a[:, :-1]),
        ("constants", lambda a: a * np.inf),
        ("constants", lambda a: a[:, None]),
        ("factors", lambda a: np.tile(a, (1, 2))),
        ("factors", lambda a: a.T),
        ("factors", lambda a: np.full(a.shape, "x")),
        ("centres", lambda a: a[None]),
        ("axes", lambda a: a[:-1]),
        ("rows", lambda a: np.array([-1, 3, 6])),
        ("rows", lambda a: np.array([0, 6, 3])),
        ("rows", lambda a: np.array([1 << 40, 3, 6])),
        ("rows", lambda a: a.astype(np.float64)),
        ("along", lambda a: np.array([0])),
        ("minus_half", lambda a: np.float64(np.nan)),
        ("scale", lambda a: np.float32(np.inf)),
    ],
)
def test_numbers_that_no_mixture_has(refused, name, change):
    assert "is not the mixture of its manifest" in refused(constant(name, change))


def test_steps_that_no_mixture_takes(refused):
    def more(model):
        model.graph.node.append(helper.make_node("Mul", ["answers", "answers"], ["more"]))

    def fewer(model):
        model.graph.node.remove(node_of(model, "Softmax"))

    def others(model):
        nodes = list(model.graph.node)
        nodes[2], nodes[3] = nodes[3], nodes[2]
        del model.graph.node[:]
        model.graph.node.extend(nodes)

    def hidden(model):
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(9), "hidden"))

    def twice(model):
        model.graph.initializer.append(model.graph.initializer[0])

    for edit in (more, fewer, others, hidden, twice):
        assert "is not the mixture of its manifest" in refused(edit)


def test_operators_that_a_mixture_has_no_use_for(refused):
    def conv(model):
        model.graph.node.append(helper.make_node("Conv", ["kept", "kept"], ["more"]))

    assert "uses Conv" in refused(conv)

    def loop(model):
        node_of(model, "Add").op_type = "Loop"

    assert "uses Loop" in refused(loop)

    def other(model):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))

    assert "not of standard ONNX" in refused(other)


@pytest.mark.parametrize(
    ("operator", "place", "inputs", "sentence"),
    [
        ("MatMul", 2, ["gaps", "factors"], "does not fit together"),  # more than classes come out
        ("Mul", 1, ["each", "axes"], "does not fit together"),
        ("Sub", 2, ["turned", "axes_mean"], "does not fit together"),
        ("Sub", 1, ["axes", "points"], "has values of unknown size"),  # across images
        ("MatMul", 1, ["axes", "factors"], "has values of unknown size"),
    ],
)
def test_steps_between_other_values_than_a_mixtures(refused, operator, place, inputs, sentence):
    def edit(model):
        node_of(model, operator, place).input[:] = inputs

    assert sentence in refused(edit)


def test_more_values_at_once_than_the_mixture_has(mixtures, tmp_path, reseal):
    """Its batches are as large as its description allows, so every step must keep to that."""
    one = mixtures.fitted(axes=mixtures.axes, k=10)
    place = mixtures.write(tmp_path / "bundle", one)
    model = onnx.load_model_from_string((place / "model.onnx").read_bytes())
    # (n, 10, 6) times (6, 60): ten images' worth of distances in one, cut down again later.
    node_of(model, "MatMul", 2).input[:] = ["gaps", "factors"]
    node_of(model, "Cast", 3).input[:] = ["responsibilities"]
    reseal(place, model=model.SerializeToString())
    with pytest.raises(BundleError, match="needs more than 60 values at once"):
        models.open_bundle(place)


def test_a_batch_that_would_be_made_one_image(refused):
    def flat(model):
        attribute = node_of(model, "Flatten").attribute
        attribute.append(helper.make_attribute("axis", 0))

    assert "has values of unknown size" in refused(flat)


def test_other_inputs_and_outputs(refused):
    def swapped(model):
        first, second = list(model.graph.output)
        del model.graph.output[:]
        model.graph.output.extend([second, first])

    assert "has other inputs or outputs" in refused(swapped)


def test_a_mixture_may_not_bring_trees_nor_be_a_network(tiny, full_mixture, tmp_path, reseal):
    place = tiny.write(tmp_path / "bundle")
    reseal(place, model=cluster_room.onnx_model(full_mixture))
    with pytest.raises(BundleError, match="uses Reshape"):
        models.open_bundle(place)


def _spec(**change):
    def edit(values):
        values["architecture"].update(change)

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        _spec(kind="forest"),
        _spec(kind=None),
        _spec(kind=["mixture"]),
        _spec(more=1),
        _spec(k=0),
        _spec(k=True),
        _spec(components=0),
        _spec(components=4),
        _spec(components=1 << 40),
        _spec(components="many"),
        _spec(covariance="tied"),
        _spec(covariance="odd"),
        _spec(covariance=["full"]),
        _spec(covariance=None),
        _spec(n_classes=3),
        _spec(axes=0),
        _spec(axes=7),
        _spec(axes=10**9),
        _spec(axes=None),
        _spec(class_conditional=1),
        _spec(input_shape=[8, 8, 1]),
        _spec(input_shape=[7, 7]),
        _spec(name="../mixture"),
        lambda values: values.update(schema=1),
        lambda values: values.update(schema=2),
    ],
)
def test_a_manifest_that_is_not_one_of_a_mixture(mixtures, full_mixture, tmp_path, reseal, edit):
    place = mixtures.write(tmp_path / "bundle", full_mixture)
    reseal(place, edit)
    with pytest.raises(BundleError) as caught:
        models.open_bundle(place)
    assert "\n" not in caught.value.message

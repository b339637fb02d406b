"""A forest in a bundle answers as scikit-learn's, and one that is made to harm is not opened."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from onnx import helper, numpy_helper
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from hangtag.errors import BundleError
from hangtag.records import Classifier
from hangtag.rooms import forest as forest_room
from hangtag.rooms import models
from hangtag.rooms.models.bundle import container
from hangtag.rooms.models.bundle.tree_check import MOST_DEPTH

KINDS = {"random-forest": RandomForestClassifier, "extra-trees": ExtraTreesClassifier}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("projected", [False, True])
def test_answers_as_scikit_learn(forests, digits, tmp_path, kind, projected):
    one = forests.grown(kind, forests.axes if projected else None)
    bundle = models.open_bundle(forests.write(tmp_path / "forest.hangtag", one, kind=kind))
    points = one.points(digits.images)
    theirs = KINDS[kind](6, random_state=3).fit(points[:900], digits.labels[:900])
    answers = bundle.probabilities(digits.images)
    assert np.abs(answers - theirs.predict_proba(points)).max() <= 1e-5
    assert np.array_equal(bundle.embeddings(digits.images), one.embeddings(digits.images))
    assert {name for name in vars(Classifier) if not name.startswith("_")} <= set(dir(bundle))
    assert bundle.model_id.startswith(f"{kind}-")
    assert bundle.spec == one.spec(kind)
    assert (bundle.threshold, bundle.embedding_size) == (0.25, 128)


def test_a_bundle_of_a_network_keeps_its_schema_and_a_forest_has_a_newer_one(
    tiny, forests, small_forest, tmp_path
):
    places = (tiny.write(tmp_path / "network"), forests.write(tmp_path / "forest", small_forest))
    schemas = [json.loads((place / "manifest.json").read_text())["schema"] for place in places]
    assert schemas == [1, 2]


def test_what_could_not_be_opened_is_not_written(forests, small_forest, tmp_path):
    other = forests.grown(trees=3)
    with pytest.raises(BundleError, match="not those of its manifest"):
        forests.write(tmp_path / "bundle", small_forest, model=forest_room.onnx_model(other))
    assert not (tmp_path / "bundle").exists()


def test_a_forest_too_large_to_be_opened_is_not_written(
    forests, small_forest, tmp_path, monkeypatch
):
    monkeypatch.setattr(container, "LARGEST_PART", 1000)
    with pytest.raises(BundleError, match=r"nodes takes [\d,]+ bytes, more than"):
        forests.write(tmp_path / "bundle", small_forest)
    assert not (tmp_path / "bundle").exists()


@pytest.fixture
def refused(forests, small_forest, tmp_path, refusal):
    """Change the model of a forest's bundle and give the sentence it gets."""
    return lambda edit: refusal(forests.write(tmp_path / "bundle", small_forest), edit)


def trees_of(model):
    node = next(one for one in model.graph.node if one.op_type == "TreeEnsembleClassifier")
    return node, {one.name: one for one in node.attribute}


def _set(name, place, value):
    def edit(held):
        kind = {"nodes_values": "floats", "class_weights": "floats", "nodes_modes": "strings"}
        getattr(held[name], kind.get(name, "ints"))[place] = value

    return edit


def _longer(name):
    def edit(held):
        held[name].ints.append(0)

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        _set("nodes_truenodeids", 0, 0),  # a circle
        _set("nodes_falsenodeids", 1, 1),
        _set("nodes_truenodeids", 0, 1 << 40),  # a child that is not there
        _set("nodes_truenodeids", 0, -1),
        _set("nodes_truenodeids", 0, 2),  # two ways to one node
        _set("nodes_featureids", 0, 49),  # one beyond the last
        _set("nodes_featureids", 0, -1),
        _set("nodes_featureids", 0, 1 << 62),
        _set("nodes_nodeids", 1, 0),
        _set("nodes_treeids", 0, 1),
        _set("nodes_treeids", -1, 7),
        _set("nodes_values", 0, float("nan")),
        _set("nodes_modes", 0, b"BRANCH_EQ"),
        _set("nodes_modes", 0, b"LEAF"),
        _set("class_treeids", 0, 99),
        _set("class_nodeids", 0, 0),  # an answer from a node that asks
        _set("class_nodeids", 0, -5),
        _set("class_nodeids", 0, 1 << 40),
        _set("class_ids", 0, 10 + 128),
        _set("class_ids", 0, -1),
        _set("class_weights", 0, float("inf")),
        _set("classlabels_int64s", 0, 5),
        _longer("classlabels_int64s"),
        _longer("nodes_truenodeids"),
        _longer("class_ids"),
    ],
)
def test_trees_that_would_lead_out_of_the_forest(refused, edit):
    def change(model):
        edit(trees_of(model)[1])

    assert "holds trees that cannot be" in refused(change)


def test_attributes_that_are_never_written(refused):
    hidden = numpy_helper.from_array(np.zeros(1, np.float32))
    for name, value in {
        "base_values": [1.0],
        "nodes_hitrates": [1.0],
        "classlabels_strings": [b"x"],
        "nodes_truenodeids": [1],
    }.items():

        def add(model, name=name, value=value):
            trees_of(model)[0].attribute.append(helper.make_attribute(name, value))

        assert "holds trees that cannot be" in refused(add)

    def tensor(model):
        trees_of(model)[0].attribute.append(helper.make_attribute("nodes_values_as_tensor", hidden))

    assert "takes data from other files" in refused(tensor)


def test_a_chain_of_questions_deeper_than_any_tree(forests, small_forest, tmp_path):
    """One that goes on for ever would end onnxruntime, which calls itself for each question."""
    from hangtag.records import Trees

    depth = MOST_DEPTH + 1
    asks = np.arange(depth) * 2
    nodes = 2 * depth + 1
    children = {
        "left_children": np.full(nodes, -1, np.int32),
        "right_children": np.full(nodes, -1, np.int32),
    }
    children["left_children"][asks], children["right_children"][asks] = asks + 1, asks + 2
    leaf = np.ones(nodes, bool)
    leaf[asks] = False
    features = np.where(leaf, -1, 0).astype(np.int32)
    at = np.concatenate([[0], np.cumsum(leaf)]).astype(np.int64)
    count = int(leaf.sum())
    chain = Trees(
        np.array([0, nodes]), features, np.zeros(nodes, np.float32), **children, shares_at=at,
        classes=np.zeros(count, np.int32), shares=np.ones(count), n_classes=10, n_features=49,
    )  # fmt: skip
    one = replace(small_forest, trees=chain)
    with pytest.raises(BundleError, match="holds trees that cannot be"):
        forests.write(tmp_path / "bundle", one)


def test_operators_that_a_forest_has_no_use_for(refused):
    def conv(model):
        model.graph.node.append(helper.make_node("Conv", ["kept", "kept"], ["more"]))

    assert "uses Conv" in refused(conv)

    def other(model):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))

    assert "not of standard ONNX" in refused(other)

    def regressor(model):
        trees_of(model)[0].op_type = "TreeEnsembleRegressor"

    assert "uses TreeEnsembleRegressor" in refused(regressor)


def test_two_forests_or_none(refused):
    def two(model):
        node = trees_of(model)[0]
        model.graph.node.append(node)
        model.graph.node[-1].output[:] = ["a", "b"]

    assert "does not hold one forest" in refused(two)

    def none(model):
        model.graph.node.remove(trees_of(model)[0])

    assert "does not hold one forest" in refused(none)


def test_points_shorter_than_the_trees_ask_about(refused):
    def shorter(model):
        for one in model.graph.initializer:
            if one.name == "to":
                one.CopyFrom(numpy_helper.from_array(np.array([4, 4]), "to"))

    assert "does not fit together" in refused(shorter)


def test_a_product_that_would_fill_the_memory(refused):
    def wide(model):
        long = np.ones((1, 1, 1, 1_100_000), np.float32)
        model.graph.initializer.append(numpy_helper.from_array(long, "long"))
        place = next(at for at, node in enumerate(model.graph.node) if node.op_type == "Sub")
        source = model.graph.node[place].input[0]
        model.graph.node.insert(place, helper.make_node("Mul", [source, "long"], ["wider"]))

    assert "needs more than 50,000,000 values at once" in refused(wide)


def test_many_copies_of_every_image_are_refused(refused):
    def copies(model):
        many = np.ones((5000, 1, 1, 1), np.float32)
        model.graph.initializer.append(numpy_helper.from_array(many, "many"))
        place = next(at for at, node in enumerate(model.graph.node) if node.op_type == "Sub")
        source = model.graph.node[place].input[0]
        model.graph.node.insert(place, helper.make_node("Mul", [source, "many"], ["more"]))

    assert "has values of unknown size" in refused(copies)


def test_a_network_may_not_bring_trees(tiny, small_forest, tmp_path, reseal):
    place = tiny.write(tmp_path / "bundle")
    reseal(place, model=forest_room.onnx_model(small_forest))
    with pytest.raises(BundleError, match="not of standard ONNX"):
        models.open_bundle(place)


def _spec(**change):
    def edit(values):
        values["architecture"].update(change)

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        _spec(kind="network"),
        _spec(kind=None),
        _spec(more=1),
        _spec(n_estimators=0),
        _spec(n_estimators=True),
        _spec(nodes=1 << 40),
        _spec(nodes="many"),
        _spec(shares=-1),
        _spec(n_classes=3),
        _spec(axes=0),
        _spec(axes=10**9),
        _spec(max_depth=2.5),
        _spec(embedding_size=64),
        _spec(embedding_size=10**9),
        _spec(input_shape=[8, 8, 1]),
        _spec(input_shape=[7, 7]),
        _spec(name="../forest"),
        lambda values: values.update(schema=1),
        lambda values: values.update(schema=3),
    ],
)
def test_a_manifest_that_is_not_one_of_a_forest(forests, small_forest, tmp_path, reseal, edit):
    place = forests.write(tmp_path / "bundle", small_forest)
    reseal(place, edit)
    with pytest.raises(BundleError) as caught:
        models.open_bundle(place)
    assert "\n" not in caught.value.message


def test_an_embedding_that_would_fill_the_memory_is_refused_by_its_size(
    forests, small_forest, tmp_path, reseal
):
    place = forests.write(tmp_path / "bundle", small_forest)
    reseal(place, _spec(embedding_size=10**9))
    with pytest.raises(BundleError, match="these sizes"):
        models.open_bundle(place)


def test_safetensors_that_lie_about_their_arrays_are_refused(
    forests, small_forest, tmp_path, reseal
):
    place = forests.write(tmp_path / "bundle", small_forest)
    header = json.dumps({"starts": {"dtype": "I64", "shape": [1 << 50], "data_offsets": [0, 8]}})
    reseal(place, weights=struct.pack("<Q", len(header)) + header.encode() + bytes(8))
    with pytest.raises(BundleError, match="is not a safetensors file"):
        models.weights_from_bundle(place)

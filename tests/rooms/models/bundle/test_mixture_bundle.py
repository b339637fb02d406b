"""A mixture in a bundle answers as it did in memory, and one that is made to harm is not opened."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hangtag.errors import BundleError, SpecError
from hangtag.geometry import Axes, fit_pca
from hangtag.records import Classifier, Preprocessing
from hangtag.rooms import cluster as cluster_room
from hangtag.rooms import models
from hangtag.rooms.models.bundle import container
from hangtag.rooms.models.bundle.read import read_bundle

CROPPED = Preprocessing((8, 8, 1), (1, 8), (0, 7), scale=1.0)
SHAPES = ("full", "tied", "diagonal", "spherical")


def fitted(digits, covariance="full", *, per_class=False, axes=None, k=3):
    """A mixture of ours on the first 900 digits."""
    points = cluster_room.points_of(digits.images[:900], CROPPED, axes)
    (one,) = cluster_room.classifying(
        points, digits.labels[:900], [k], covariance=covariance, per_class=per_class, seed=3
    )
    return cluster_room.MixtureClassifier(
        one.components,
        one.k,
        per_class,
        CROPPED,
        digits.class_names,
        digits.class_codes,
        axes,
        {"threshold": 0.25},
    )


def write(place, one, **change):
    options = {
        "arrays": one.arrays(),
        "model": cluster_room.onnx_model(one),
        "class_names": one.class_names,
        "class_codes": one.class_codes,
        "facts": one.facts,
        **change,
    }
    return models.write_arrays_bundle(place, one.spec, one.preprocessing, **options)


@pytest.fixture(scope="module")
def axes(digits):
    pca = fit_pca(digits.images[:900, 1:8, 0:7], components=6)
    return Axes(pca.mean, pca.components)


@pytest.fixture(scope="module", params=SHAPES)
def small(request, digits, axes):
    return fitted(digits, request.param, axes=axes)


@pytest.fixture(scope="module")
def full(digits, axes):
    return fitted(digits, axes=axes)


@pytest.mark.parametrize("covariance", SHAPES)
@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("per_class", [False, True])
def test_answers_as_in_memory(digits, axes, tmp_path, covariance, projected, per_class):
    if per_class and covariance == "tied":
        covariance = "diagonal"
    one = fitted(digits, covariance, per_class=per_class, axes=axes if projected else None)
    bundle = models.open_bundle(write(tmp_path / "mixture.hangtag", one))
    answers = bundle.probabilities(digits.images)
    assert np.abs(answers - one.probabilities(digits.images)).max() <= 1e-5
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(bundle.embeddings(digits.images), one.embeddings(digits.images), atol=1e-3)
    assert {name for name in vars(Classifier) if not name.startswith("_")} <= set(dir(bundle))
    assert bundle.model_id.startswith("mixture-per-class-" if per_class else "mixture-")
    assert bundle.spec == one.spec
    assert (bundle.threshold, bundle.embedding_size) == (0.25, one.spec.n_features)


def test_its_arrays_come_back(small, tmp_path):
    arrays = models.weights_from_bundle(write(tmp_path / "bundle", small))
    assert arrays.keys() == small.arrays().keys()
    for name, array in small.arrays().items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)


def test_facts_can_be_added_and_leave_the_id_alone(small, tmp_path):
    place = write(tmp_path / "mixture.hangtag", small)
    before = models.open_bundle(place).model_id
    models.with_facts(place, {"metrics": {"test": 0.5}})
    assert models.open_bundle(place).model_id == before


def test_it_has_a_newer_schema_than_networks_and_forests(full, tmp_path):
    place = write(tmp_path / "bundle", full)
    assert json.loads((place / "manifest.json").read_text())["schema"] == 3


def test_no_network_is_made_of_a_mixture(full, tmp_path):
    place = write(tmp_path / "bundle", full)
    with pytest.raises(BundleError, match="holds mixture, which is no network"):
        models.network_from_bundle(place)


def test_every_single_byte_of_a_folder_is_watched(full, tmp_path):
    place = write(tmp_path / "bundle", full)
    for part in ("manifest.json", "model.onnx", "weights.safetensors"):
        data = (place / part).read_bytes()
        for at in range(0, len(data), max(1, len(data) // 200)):
            changed = bytearray(data)
            changed[at] ^= 0x20
            (place / part).write_bytes(changed)
            with pytest.raises(BundleError):
                read_bundle(place)
        (place / part).write_bytes(data)
    read_bundle(place)


def test_what_could_not_be_opened_is_not_written(digits, axes, full, tmp_path, monkeypatch):
    other = fitted(digits, axes=axes, k=4)
    with pytest.raises(BundleError, match="is not the mixture of its manifest"):
        write(tmp_path / "bundle", full, model=cluster_room.onnx_model(other))
    with pytest.raises(SpecError, match="10 classes and 1 have names"):
        write(tmp_path / "bundle", full, class_names=("one",), class_codes=(1,))
    monkeypatch.setattr(container, "LARGEST_PART", 1000)
    with pytest.raises(BundleError, match=r"of 3 components takes [\d,]+ bytes, more than"):
        write(tmp_path / "bundle", full)
    assert not (tmp_path / "bundle").exists()


@pytest.fixture
def refused(full, tmp_path, reseal):
    """Change the model of a mixture's bundle, make all hashes right, give the sentence it gets."""

    def change(edit, manifest=lambda values: None):
        place = write(tmp_path / "bundle", full)
        model = onnx.load_model_from_string((place / "model.onnx").read_bytes())
        edit(model)
        reseal(place, manifest, model=model.SerializeToString())
        with pytest.raises(BundleError) as caught:
            models.open_bundle(place)
        assert "\n" not in caught.value.message
        return caught.value.message

    return change


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
        ("Sub", 1, ["axes", "points"], "has values of unknown size"),  # across pictures
        ("MatMul", 1, ["axes", "factors"], "has values of unknown size"),
    ],
)
def test_steps_between_other_values_than_a_mixtures(refused, operator, place, inputs, sentence):
    def edit(model):
        node_of(model, operator, place).input[:] = inputs

    assert sentence in refused(edit)


def test_more_values_at_once_than_the_mixture_has(digits, axes, tmp_path, reseal):
    """Its batches are as large as its description allows, so every step must keep to that."""
    one = fitted(digits, axes=axes, k=10)
    place = write(tmp_path / "bundle", one)
    model = onnx.load_model_from_string((place / "model.onnx").read_bytes())
    # (n, 10, 6) times (6, 60): ten pictures' worth of distances in one, cut down again later.
    node_of(model, "MatMul", 2).input[:] = ["gaps", "factors"]
    node_of(model, "Cast", 3).input[:] = ["responsibilities"]
    reseal(place, model=model.SerializeToString())
    with pytest.raises(BundleError, match="needs more than 60 values at once"):
        models.open_bundle(place)


def test_a_batch_that_would_be_made_one_picture(refused):
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


def test_outside_data_is_refused(refused, tmp_path):
    def edit(model):
        tensor = model.graph.initializer[0]
        onnx.external_data_helper.set_external_data(tensor, str(tmp_path / "secret"))
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL

    assert "takes data from other files" in refused(edit)


def test_a_mixture_may_not_bring_trees_nor_be_a_network(tiny, full, tmp_path, reseal):
    place = tiny.write(tmp_path / "bundle")
    reseal(place, model=cluster_room.onnx_model(full))
    with pytest.raises(BundleError, match="uses MatMul, ReduceSum, Reshape"):
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
        _spec(per_class=1),
        _spec(input_shape=[8, 8, 1]),
        _spec(input_shape=[7, 7]),
        _spec(name="../mixture"),
        lambda values: values.update(schema=1),
        lambda values: values.update(schema=2),
    ],
)
def test_a_manifest_that_is_not_one_of_a_mixture(full, tmp_path, reseal, edit):
    place = write(tmp_path / "bundle", full)
    reseal(place, edit)
    with pytest.raises(BundleError) as caught:
        models.open_bundle(place)
    assert "\n" not in caught.value.message


def test_a_part_too_large_for_its_mixture_is_not_read(full, tmp_path, reseal):
    place = write(tmp_path / "bundle", full)
    with (place / "model.onnx").open("r+b") as file:
        file.truncate(900_000_000)

    def grow(values):
        values["parts"]["model.onnx"]["size"] = 900_000_000

    reseal(place, grow)
    with pytest.raises(BundleError, match="too many for"):
        models.open_bundle(place)

"""A forest that answers for raw images, kept on the disk and exported."""

from __future__ import annotations

import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from hangtag.errors import FormatError, OptionError
from hangtag.geometry.as_onnx import EMBEDDING, IMAGES, PARITY, PROBABILITIES, parity
from hangtag.records import InputImage, Preprocessing
from hangtag.rooms.forest import Forest, fit, forest_from_arrays, onnx_model
from hangtag.rooms.forest.answer import leaves
from hangtag.rooms.forest.keep import read_arrays, trees_from_arrays, write_arrays


def _session(model):
    import onnxruntime

    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


@pytest.fixture(params=["forest", "projected"])
def either(request):
    return request.getfixturevalue(request.param)


def test_answers_for_images_as_scikit_learn_for_pixels(data, forest):
    theirs = RandomForestClassifier(12, random_state=4).fit(data.points, data.labels)
    wanted = theirs.predict_proba(data.test)
    assert np.array_equal(forest.probabilities(data.images), wanted.astype(np.float32))


def test_projected_answers_are_those_of_scikit_learn_on_the_projection(data, projected):
    points = projected.points(data.set.images[data.train])
    theirs = RandomForestClassifier(12, random_state=4).fit(points, data.labels)
    wanted = theirs.predict_proba(projected.points(data.images))
    assert np.array_equal(projected.probabilities(data.images), wanted.astype(np.float32))


def test_can_tag(data, either):
    from hangtag.rooms.tag import tag

    images = [InputImage(f"{n}.png", one) for n, one in enumerate(data.images[:20])]
    tags = list(tag(either, images))
    assert len(tags) == 20
    assert all(one.label in {*either.class_names, "unknown"} for one in tags)
    assert {one.model for one in tags} == {either.model_id}


def test_onnx_answers_within_the_parity(data, either):
    model = onnx_model(either, data.images)
    assert parity(model, either, data.set.images) <= PARITY
    found, vectors = _session(model).run(None, {IMAGES: data.images})
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors, either.embeddings(data.images))


def test_onnx_of_real_photographs_answers_within_the_parity(sign):
    images = sign.images[:3000]
    how = Preprocessing((28, 28, 1), (2, 26), (4, 28), mean=(0.5,), deviation=(0.25,))
    points = how.apply(images).reshape(3000, -1)
    trees = fit(points, sign.labels[:3000], n_estimators=6, seed=1, n_classes=24)
    forest = Forest(trees, how, sign.class_names, sign.class_codes)
    assert parity(onnx_model(forest), forest, sign.images[3000:6000]) <= PARITY


def test_onnx_has_the_inputs_and_outputs_of_every_hangtag_model(forest):
    session = _session(onnx_model(forest))
    assert [one.name for one in session.get_inputs()] == [IMAGES]
    assert [one.name for one in session.get_outputs()] == [PROBABILITIES, EMBEDDING]


def test_a_model_that_answers_otherwise_is_noticed(data, forest):
    other = replace(forest, trees=fit(data.points, data.labels, n_estimators=12, seed=5))
    assert parity(onnx_model(other), forest, data.images) > 0.05


def test_two_classes_are_exported_too(data):
    two = data.labels < 2
    trees = fit(data.points[two], data.labels[two], n_estimators=5)
    forest = Forest(trees, data.preprocessing, ("zero", "one"), (0, 1))
    found, _ = _session(onnx_model(forest)).run(None, {IMAGES: data.images})
    assert found.shape == (len(data.images), 2)
    assert np.allclose(found, forest.probabilities(data.images), atol=1e-6)


def test_embeddings_tell_in_how_many_trees_two_images_share_a_leaf(data):
    trees = fit(data.points, data.labels, n_estimators=60, max_depth=6, seed=2)
    forest = Forest(trees, data.preprocessing, data.set.class_names, data.set.class_codes)
    vectors = forest.embeddings(data.images)
    found = np.stack([leaves(one, data.test) for one in trees.each()])
    shared = (found[:, :, None] == found[:, None, :]).mean(axis=0)
    errors = vectors @ vectors.T - shared
    # Noise of a sketch with 128 places: about 1 / sqrt(128).
    assert np.abs(errors).mean() < 0.1
    assert np.corrcoef(shared.ravel(), (vectors @ vectors.T).ravel())[0, 1] > 0.8


def _from(forest, arrays, **change):
    told = {name: getattr(forest, name) for name in ("class_names", "class_codes", "facts")}
    options = {"preprocessing": forest.preprocessing, **told, **change}
    return forest_from_arrays(arrays, options.pop("preprocessing"), **options)


def test_is_the_same_from_its_arrays(data, either):
    again = _from(either, either.arrays())
    assert again.model_id == either.model_id
    assert again.threshold == 0.4
    for answers in ("probabilities", "embeddings"):
        before, after = (getattr(one, answers)(data.images) for one in (either, again))
        assert np.array_equal(before, after)


def test_a_forest_in_numbers_counts_what_is_there(forest, projected):
    spec = forest.spec("random-forest", 9)
    assert (spec.n_estimators, spec.nodes, spec.axes) == (12, forest.trees.n_nodes, None)
    asks = int((forest.trees.features >= 0).sum())
    assert spec.parameters == 2 * asks + len(forest.trees.shares)
    assert type(spec).from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
    assert projected.spec("random-forest").n_features == 15


def test_the_id_changes_with_whatever_changes_answers(data, forest, projected):
    from hangtag.rooms.forest import Axes

    other = fit(data.points, data.labels, n_estimators=12, seed=5)
    brighter = replace(data.preprocessing, scale=2.0)
    turned = Axes(projected.axes.mean, -projected.axes.components)
    ids = {
        forest.model_id,
        replace(forest, trees=other).model_id,
        replace(forest, preprocessing=brighter).model_id,
        replace(forest, class_names=tuple("abcdefghij")).model_id,
        projected.model_id,
        replace(projected, axes=turned).model_id,
    }
    assert len(ids) == 6
    assert replace(forest, facts={"threshold": 0.9}).model_id == forest.model_id


def test_refuses_images_of_another_shape_or_type(data, forest):
    for bad in (data.images[:, :7], data.images.astype(np.float32), data.images[0]):
        with pytest.raises(OptionError, match="takes uint8 images"):
            forest.probabilities(bad)


def test_no_images_give_no_answers(data, either):
    assert either.probabilities(data.images[:0]).shape == (0, 10)
    assert either.embeddings(data.images[:0]).shape == (0, 128)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"class_names": ("a", "b")}, "knows 10 classes"),
        ({"class_codes": (1, 2)}, "knows 10 classes"),
        ({"preprocessing": Preprocessing((9, 9, 1), (0, 9), (0, 9))}, "points of 64 numbers"),
    ],
)
def test_trees_and_the_rest_must_belong_together(forest, change, sentence):
    with pytest.raises(OptionError, match=sentence):
        replace(forest, **change)


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("lefts"),
        lambda arrays: arrays.update(lefts=np.zeros_like(arrays["lefts"])),
        lambda arrays: arrays.update(rights=arrays["rights"] + 10**6),
        lambda arrays: arrays.update(features=arrays["features"] + 10**6),
        lambda arrays: arrays.update(features=arrays["features"] - 5),
        lambda arrays: arrays.update(classes=arrays["classes"] + 10),
        lambda arrays: arrays.update(shares=arrays["shares"] * np.nan),
        lambda arrays: arrays.update(shares_at=arrays["shares_at"][::-1]),
        lambda arrays: arrays.update(starts=arrays["starts"] * 0),
        lambda arrays: arrays.update(thresholds=arrays["thresholds"][:-1]),
        lambda arrays: arrays.update(sizes=np.array([10])),
        lambda arrays: arrays.update(sizes=np.array([-1, 64])),
        lambda arrays: arrays.update(starts=arrays["starts"].astype(float)),
        lambda arrays: arrays.update(mean=np.zeros(3)),
        lambda arrays: arrays.update(mean=np.zeros(64), components=np.zeros((2, 2))),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(forest, change):
    arrays = {name: array.copy() for name, array in forest.arrays().items()}
    change(arrays)
    with pytest.raises(FormatError):
        _from(forest, arrays)


def test_arrays_of_other_images_or_classes_are_refused(forest):
    for change in (
        {"class_names": ("one",)},
        {"preprocessing": Preprocessing((9, 9, 1), (0, 9), (0, 9))},
    ):
        with pytest.raises(FormatError):
            _from(forest, forest.arrays(), **change)


def test_a_file_that_wants_to_run_code_or_memory_is_refused(forest, tmp_path):
    place = write_arrays(tmp_path / "forest.npz", {}, forest.arrays())

    def array(kind, shape, data):
        text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape},), }}"
        return b"\x93NUMPY\x01\x00v\x00" + text.ljust(117).encode() + b"\n" + data

    members = {
        "object": array("|O", "1", pickle.dumps([1])),
        "huge": array("<f8", "4000000000", bytes(8)),
        "negative": array("<f8", "-1", bytes(8)),
        "bomb": array("<f8", "10000000", bytes(80_000_000)),
    }
    for name, data in members.items():
        bad = tmp_path / f"{name}.npz"
        bad.write_bytes(place.read_bytes())
        with zipfile.ZipFile(bad, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("more.npy", data)
        with pytest.raises(FormatError, match="is no forest, or damaged"):
            read_arrays(bad)


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x03\x04 and no more"])
def test_no_forest_at_all_is_refused(tmp_path, data):
    place = tmp_path / "forest.npz"
    place.write_bytes(data)
    with pytest.raises(FormatError, match="is no forest, or damaged"):
        read_arrays(place)
    with pytest.raises(FormatError):
        read_arrays(tmp_path / "absent.npz")


def test_facts_that_are_no_object_are_refused(forest, tmp_path):
    place = write_arrays(tmp_path / "forest.npz", {}, forest.arrays())
    _, arrays = read_arrays(place)
    write_arrays(place, [1, 2], arrays)  # type: ignore[arg-type]
    with pytest.raises(FormatError):
        read_arrays(place)


def test_every_cut_of_a_file_is_refused(forest, tmp_path):
    whole = write_arrays(tmp_path / "forest.npz", {}, forest.arrays()).read_bytes()
    place = tmp_path / "cut.npz"
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        place.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            read_arrays(place)


def test_trees_come_back_from_their_arrays(forest):
    from hangtag.rooms.forest.keep import trees_to_arrays

    again = trees_from_arrays(trees_to_arrays(forest.trees))
    assert len(again) == 12
    assert json.dumps(again.shares.tolist()) == json.dumps(forest.trees.shares.tolist())

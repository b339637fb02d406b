"""A mixture that answers for raw images, kept as arrays and exported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import FailedError, FormatError, OptionError
from hangtag.geometry import Axes, fit_pca
from hangtag.geometry.as_onnx import EMBEDDING, IMAGES, PARITY, PROBABILITIES, parity
from hangtag.records import InputImage, Preprocessing
from hangtag.rooms.cluster import (
    MixtureClassifier,
    classifying,
    mixture_from_arrays,
    onnx_model,
    points_of,
)

CROPPED = Preprocessing((8, 8, 1), (1, 8), (0, 7), scale=1.0)
SHAPES = [("full", False), ("tied", False), ("diagonal", False), ("spherical", False)]
SHAPES += [("full", True), ("diagonal", True), ("spherical", True)]


def fitted(digits, covariance, class_conditional, axes, k=None, how=CROPPED):
    """A mixture on the first 900 digits."""
    points = points_of(digits.images[:900], how, axes)
    (one,) = classifying(
        points,
        digits.labels[:900],
        [k or (2 if class_conditional else 12)],
        covariance=covariance,
        class_conditional=class_conditional,
        seed=1,
    )
    names, codes = digits.class_names, digits.class_codes
    return MixtureClassifier(
        one.components, one.k, class_conditional, how, names, codes, axes, {"threshold": 0.4}
    )


@pytest.fixture(scope="module")
def axes(digits):
    pca = fit_pca(digits.images[:900, 1:8, 0:7], components=12)
    return Axes(pca.mean, pca.components)


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def projected(request, digits, axes):
    return fitted(digits, *request.param, axes)


@pytest.fixture(scope="module")
def one(digits, axes):
    return fitted(digits, "full", False, axes)


def _session(model):
    import onnxruntime

    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def test_onnx_answers_within_the_parity_and_gives_the_points(digits, projected):
    model = onnx_model(projected, digits.images[:50])
    assert parity(model, projected, digits.images) <= PARITY
    found, points = _session(model).run(None, {IMAGES: digits.images})
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(points, projected.embeddings(digits.images), atol=1e-3)


@pytest.mark.parametrize("covariance", ["full", "diagonal"])
def test_onnx_of_components_among_pixels_answers_within_the_parity(digits, covariance):
    model = fitted(digits, covariance, False, None, k=5)
    assert parity(onnx_model(model), model, digits.images) <= PARITY


def test_onnx_of_standardised_photographs_answers_within_the_parity(sign):
    images = sign.images[:2000]
    how = Preprocessing((28, 28, 1), (2, 26), (4, 28), mean=(0.5,), deviation=(0.25,))
    flat = how.apply(images).reshape(2000, -1)
    pca = fit_pca(flat, components=20)
    axes = Axes(pca.mean, pca.components)
    (found,) = classifying(
        points_of(images, how, axes), sign.labels[:2000], [15], regularisation=0.01
    )
    model = MixtureClassifier(
        found.components, 15, False, how, sign.class_names, sign.class_codes, axes
    )
    assert parity(onnx_model(model), model, sign.images[2000:5000]) <= PARITY


def test_onnx_uses_standard_operators_alone(projected):
    import onnx

    model = onnx.load_model_from_string(onnx_model(projected))
    assert [one.domain for one in model.opset_import] == [""]
    assert {node.domain for node in model.graph.node} == {""}
    onnx.checker.check_model(model, full_check=True)
    session = _session(model.SerializeToString())
    assert [one.name for one in session.get_inputs()] == [IMAGES]
    assert [one.name for one in session.get_outputs()] == [PROBABILITIES, EMBEDDING]


def test_a_model_that_would_answer_otherwise_is_not_given(one, monkeypatch):
    other = replace(one, components=replace(one.components, weights=one.components.weights[::-1]))
    monkeypatch.setattr(MixtureClassifier, "probabilities", lambda _, images: wrong(images))
    wrong = lambda images: 0.5 * np.ones((len(images), 10), np.float32)  # noqa: E731
    with pytest.raises(FailedError, match="probabilities are off by"):
        onnx_model(other)


def test_images_that_are_nothing_like_the_training_ones_get_probabilities(projected):
    odd = np.zeros((3, 8, 8, 1), np.uint8)
    odd[1], odd[2] = 255, np.random.default_rng(3).integers(0, 256, (8, 8, 1))
    answers = projected.probabilities(odd)
    assert np.isfinite(answers).all()
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_no_images_no_answers(one):
    assert one.probabilities(np.empty((0, 8, 8, 1), np.uint8)).shape == (0, 10)
    assert one.embeddings(np.empty((0, 8, 8, 1), np.uint8)).shape == (0, 12)


def test_can_tag(digits, one):
    from hangtag.rooms.tag import tag

    images = [InputImage(f"{n}.png", image) for n, image in enumerate(digits.images[:20])]
    tags = list(tag(one, images))
    assert all(each.label in {*one.class_names, "unknown"} for each in tags)
    assert {each.model for each in tags} == {one.model_id}


def test_look_alikes_are_near_each_other(digits, one):
    """Directions from the mean image tell digits apart, which is what visual search goes by."""
    points = one.embeddings(digits.images)
    directions = points / np.linalg.norm(points, axis=1, keepdims=True)
    near = directions @ directions.T
    np.fill_diagonal(near, -1)
    assert (digits.labels[near.argmax(axis=1)] == digits.labels).mean() > 0.9


def test_its_arrays_are_all_of_it(digits, projected):
    back = mixture_from_arrays(
        projected.spec,
        projected.arrays(),
        projected.preprocessing,
        class_names=projected.class_names,
        class_codes=projected.class_codes,
        facts=projected.facts,
    )
    assert back.model_id == projected.model_id
    assert np.array_equal(back.probabilities(digits.images), projected.probabilities(digits.images))


def test_the_id_changes_with_what_the_answers_depend_on(one):
    names = ("other", *one.class_names[1:])
    table = one.components.table[:, ::-1]
    others = [
        replace(one, class_names=names),
        replace(one, preprocessing=replace(one.preprocessing, rows=(0, 7))),
        replace(one, components=replace(one.components, table=table)),
    ]
    assert len({each.model_id for each in (one, *others)}) == 4
    assert replace(one, facts={}).model_id == one.model_id


def test_arrays_of_something_else_are_refused(one):
    def open_with(arrays, spec=one.spec):
        return mixture_from_arrays(
            spec,
            arrays,
            one.preprocessing,
            class_names=one.class_names,
            class_codes=one.class_codes,
            facts={},
        )

    arrays = one.arrays()
    for name in arrays:
        with pytest.raises(FormatError, match="no mixture, or damaged"):
            open_with({key: value for key, value in arrays.items() if key != name})
        with pytest.raises(FormatError, match="no mixture, or damaged"):
            open_with(arrays | {name: arrays[name] * np.nan})
        with pytest.raises(FormatError, match="no mixture, or damaged"):
            open_with(arrays | {name: arrays[name].astype(np.float32)})
    for change in ({"covariance": "tied"}, {"covariance": "odd"}, {"components": 3}, {"axes": 2}):
        with pytest.raises(FormatError, match="no mixture, or damaged"):
            open_with(arrays, replace(one.spec, **change))


def test_images_of_another_shape_are_refused(one):
    with pytest.raises(OptionError, match="this mixture takes uint8 images"):
        one.probabilities(np.zeros((2, 9, 8, 1), np.uint8))
    with pytest.raises(OptionError, match="this mixture takes uint8 images"):
        one.embeddings(np.zeros((2, 8, 8, 1), np.float32))


def test_parts_that_do_not_belong_together_are_refused(one):
    with pytest.raises(OptionError, match="the mixture sees points of 12 numbers"):
        replace(one, axes=None)
    with pytest.raises(OptionError, match="knows 10 classes; 2 names"):
        replace(one, class_names=("a", "b"))

"""Unknown that means it: strange images are told from unsure ones, in memory and in the graph."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app
from hangtag.errors import OptionError
from hangtag.estimators import familiar
from hangtag.rooms.models.bundle.facts import check_facts

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(4, 60)) * 5
    return (centers[np.arange(400) % 4] + rng.normal(size=(400, 60))).astype(np.float32)


def test_it_is_the_mean_cosine_to_the_ten_nearest(points):
    found = familiar.fitted(points[:300])
    asked = (points[300:] - points[:300].mean(axis=0)) / 1.0
    known = points[:300] - points[:300].mean(axis=0)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    exact = np.sort(asked @ known.T, axis=1)[:, -10:].mean(axis=1)
    # 60 axes of 128 are all of them: only the bytes round.
    np.testing.assert_allclose(found.of(points[300:]), exact, atol=0.01)


def test_few_points_are_asked_all_of_them(points):
    found = familiar.fitted(points[:3])
    assert found.seen.shape[0] == 3
    assert np.isfinite(found.of(points[:5])).all()


def test_the_threshold_rejects_no_more_than_a_twentieth_of_ones_own(points):
    found = familiar.fitted(points[:300])
    own = found.of(points[300:])
    least = familiar.threshold(own)
    assert np.mean(own < least) <= familiar.OWN_REJECTED
    noise = np.random.default_rng(1).normal(size=(200, 60)).astype(np.float32) * 5
    assert np.mean(found.of(noise) < least) > 0.95


def test_the_graph_says_the_same(points):
    from onnx import TensorProto, helper

    from hangtag.onnx_sessions import answers, open_session

    found = familiar.fitted(points[:300])
    nodes, constants = found.graph()
    graph = helper.make_graph(
        nodes,
        "familiar",
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 60])],
        [helper.make_tensor_value_info("familiarity", TensorProto.FLOAT, ["n", 1])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    said = answers(open_session(model.SerializeToString()), "familiarity", points[300:])
    np.testing.assert_allclose(said[:, 0], found.of(points[300:]), atol=1e-5)


@pytest.mark.parametrize("value", [2, -1.1, "much", True])
def test_a_familiarity_that_cannot_be_is_refused(value):
    with pytest.raises(OptionError, match="familiarity"):
        check_facts({"familiarity": value})


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Photographs of smooth blobs of two colors, and strangers of fine stripes."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("photos")
    for number in range(120):
        coarse = rng.integers(0, 60, (6, 6, 3), np.uint8)
        coarse[..., number % 2] += 190
        file = folder / "known" / ("red", "green")[number % 2] / f"{number:03d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize((100, 90), Image.Resampling.BICUBIC).save(file)
    strange = folder / "strange"
    strange.mkdir()
    for number in range(12):
        lines = np.zeros((96, 96, 3), np.uint8)
        lines[:: number % 3 + 2] = rng.integers(100, 255, 3)
        Image.fromarray(lines).save(strange / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    return hangtag.train(
        photos / "known", model="discriminant", features="encoder:photo",
        out=tmp_path_factory.mktemp("runs") / "run",
    )  # fmt: skip


def test_strange_images_are_unknown_for_a_reason_and_ones_own_are_not(run, photos):
    strange = list(hangtag.tag(run, photos / "strange"))
    assert {one.reason for one in strange} == {"unlike anything seen"}
    assert {one.label for one in strange} == {"unknown"}
    own = list(hangtag.tag(run, photos / "known"))
    least = hangtag.open_bundle(run).familiarity
    assert np.mean([one.reason == "unlike anything seen" for one in own]) < 0.2
    assert all((one.familiarity < least) == (one.reason == "unlike anything seen") for one in own)


def test_the_bundle_answers_as_the_model_in_memory(run, photos):
    images = hangtag.load(photos / "known")
    rows = np.arange(20)
    model, bundle = hangtag.open_model(run), hangtag.open_bundle(run)
    from hangtag import framing

    squares = framing.seen(images, rows, bundle.preprocessing)
    probabilities, familiarity = bundle.told(squares)
    np.testing.assert_allclose(probabilities, bundle.probabilities(squares), atol=1e-6)
    np.testing.assert_allclose(familiarity, model.familiar.of(model.at(images, rows)), atol=1e-4)


def test_a_threshold_that_is_given_forces_a_tag(run, photos):
    assert all(
        one.label in {"red", "green"} and one.reason == ""
        for one in hangtag.tag(run, photos / "strange", threshold=0)
    )


def test_the_command_says_why(run, photos, tmp_path):
    out = tmp_path / "tags.csv"
    done = CliRunner().invoke(
        app, ["tag", str(run.folder), str(photos / "strange"), "--out", str(out)]
    )
    assert "12 are 'unknown': they are unlike anything seen in training" in " ".join(
        done.output.split()
    )
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert {one["reason"] for one in rows} == {"unlike anything seen"}


def test_a_network_knows_nothing_of_it(digits, tmp_path):
    made = hangtag.train("digits", model="linear", pca=5, c=1, limit=200, out=tmp_path / "run")
    assert hangtag.open_bundle(made).familiarity is None
    found = list(hangtag.tag(made, digits.images[:3], threshold=1))
    assert [one.reason for one in found] == ["unsure"] * 3

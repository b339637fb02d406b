"""Models of photographs see each file alike, whether it trains, is tested or is tagged."""

import json
import shutil

import numpy as np
import pytest
from tests.estimators.conftest import sixty_photographs

import hangtag
from hangtag import framing
from hangtag.errors import OptionError
from hangtag.rooms import load

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Sixty photographs of three colors, upright and on their side, one larger than a decoder
    makes it."""
    return sixty_photographs(tmp_path_factory.mktemp("photos"), {1: (700, 900)})


@pytest.fixture(scope="module", params=["linear", "discriminant"])
def run(photos, request, tmp_path_factory):
    made = hangtag.train(
        hangtag.load(photos, size=16),  # thumbnails: the model sees the files
        model=request.param,
        features="encoder:photo",
        out=tmp_path_factory.mktemp("runs") / request.param,
    )
    hangtag.evaluate(made)
    return hangtag.open_run(made)


def test_what_is_tagged_is_what_trained_bit_for_bit(run, photos):
    images = hangtag.load(photos, size=16)
    how = hangtag.open_bundle(run).preprocessing
    trained = framing.seen(images, np.arange(len(images)), how)
    read = {one.id: one.pixels for one in load.read_images(photos, how)}
    assert trained.shape == (60, 448, 224, 3)
    for row in range(len(images)):
        np.testing.assert_array_equal(read[images.id_of(row)], trained[row])


def test_tags_of_files_are_the_answers_of_the_model_in_training(run, photos):
    assert run.evaluation().scores["accuracy"].value > 0.9
    images = hangtag.load(photos, size=16)
    model = hangtag.open_model(run)
    answers = model.probabilities_at(images, np.arange(len(images)))
    told = {one.id: one for one in hangtag.tag(run, photos, threshold=0)}
    for row, answer in enumerate(answers):
        one = told[images.id_of(row)]
        assert one.label == images.class_names[answer.argmax()]
        assert one.confidence == pytest.approx(answer.max(), abs=1e-5)
    assert [one.confidence for one in hangtag.tag(run, images, threshold=0)] == pytest.approx(
        [told[images.id_of(row)].confidence for row in range(len(images))], abs=1e-6
    )


def test_the_network_is_inside_the_bundle_and_named(run, tmp_path, photos, monkeypatch):
    facts = hangtag.open_bundle(run).facts["encoder"]
    assert (facts["name"], facts["licence"], len(facts["digest"])) == ("photo", "Apache-2.0", 64)
    alone = shutil.copytree(run.bundle, tmp_path / "elsewhere")
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr("hangtag.rooms.encode.known._weights", lambda _: None)
    (one,) = hangtag.tag(alone, photos / "red" / "00.jpg", threshold=0)
    assert one.label == "red"


def test_a_network_sees_thumbnails_as_before(photos, tmp_path):
    found = hangtag.train(
        hangtag.load(photos, size=16), network="s2-mlp", epochs=1, out=tmp_path / "run"
    )
    assert hangtag.open_bundle(found).preprocessing.picture_shape == (16, 16, 3)
    assert "frames" not in json.loads((found.bundle / "manifest.json").read_text())["preprocessing"]


def test_one_square_is_enough_where_one_is_asked_for(photos, tmp_path):
    found = hangtag.train(
        photos, model="discriminant", features="encoder:photo:crop", out=tmp_path / "run"
    )
    assert hangtag.open_bundle(found).preprocessing.picture_shape == (224, 224, 3)
    with pytest.raises(OptionError, match="no frame 'corner'"):
        hangtag.train(photos, model="linear", features="encoder:photo:corner", out=tmp_path / "r")


def test_alike_images_are_found_by_the_embedding(run, photos):
    from hangtag.rooms.similar import similar

    images = hangtag.load(photos, size=16)
    rows = np.arange(12)
    bundle = hangtag.open_bundle(run)
    assert similar(bundle, images, queries=rows[:3], among=rows[3:], k=2).found.shape == (3, 2)


def test_a_manifest_of_squares_that_cannot_be_is_refused(run):
    from dataclasses import replace

    from hangtag.errors import SpecError
    from hangtag.rooms.models.check_preprocessing import check_preprocessing

    bundle = hangtag.open_bundle(run)
    for frames in (("crop",), ("crop", "corner"), ("crop", "whole", "crop")):
        with pytest.raises(SpecError, match="no images of the squares"):
            check_preprocessing(bundle.spec, replace(bundle.preprocessing, frames=frames))

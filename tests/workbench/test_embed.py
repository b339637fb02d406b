"""``embed``: a set in, a vector for each image out, in memory, as a file and from a command."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Six photographs: three of red noise, three of blue."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("photos")
    for number in range(6):
        pixels = rng.integers(0, 90, (80 + number, 100, 3), np.uint8)
        pixels[..., 0 if number < 3 else 2] += 150
        file = folder / ("red" if number < 3 else "blue") / f"{number}.jpg"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(file)
    return folder


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGTAG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_what_looks_alike_lies_near(photos):
    found = hangtag.embed(photos)
    assert found.vectors.shape == (6, 1280)
    unit = found.vectors / np.linalg.norm(found.vectors, axis=1, keepdims=True)
    near = unit @ unit.T
    assert near[:3, :3].min() > near[:3, 3:].max()
    assert repr(found) == f"Embeddings(6 of {photos.name}, 1,280 numbers each, by photo)"


def test_the_file_has_vectors_names_labels_and_how_they_were_made(photos, tmp_path):
    found = hangtag.embed(photos, frame="whole", mirrored=True)
    kept = np.load(hangtag.write_embeddings(found, tmp_path / "e.npz"), allow_pickle=False)
    np.testing.assert_array_equal(kept["vectors"], found.vectors)
    assert kept["ids"].tolist()[0] == "blue/3.jpg"
    assert kept["class_names"][kept["labels"]].tolist() == ["blue"] * 3 + ["red"] * 3
    facts = json.loads(str(kept["facts"]))
    assert (facts["encoder"], facts["frame"], facts["mirrored"]) == ("photo", "whole", True)
    assert kept["part_all"].tolist() == [0, 6]


def test_the_command_does_the_same(photos, tmp_path):
    out = tmp_path / "e.npz"
    done = CliRunner().invoke(app, ["embed", str(photos), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["width"] == 1280
    np.testing.assert_array_equal(np.load(out)["vectors"], hangtag.embed(photos).vectors)


def test_the_encoders_are_listed_with_their_licences():
    done = CliRunner().invoke(app, ["embed", "--list", "--json"])
    (one,) = json.loads(done.stdout)["encoders"]
    assert (one["name"], one["licence"], one["installed"]) == ("photo", "Apache-2.0", True)
    assert "EfficientNet" in CliRunner().invoke(app, ["embed", "--list"]).stdout


def test_an_unknown_encoder_names_the_known_ones(photos):
    with pytest.raises(hangtag.errors.OptionError, match="clip") as caught:
        hangtag.embed(photos, encoder="clip")
    assert "photo" in caught.value.hint + caught.value.message

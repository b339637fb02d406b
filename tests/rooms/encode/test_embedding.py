"""Embeddings of a set come from its files, once for each image, however often they are asked."""

import pickle
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import OptionError, SourceError
from hangtag.records import ImageSet
from hangtag.rooms.encode import embeddings, open_encoder
from hangtag.rooms.load import load


class Counted:
    """The encoder, and how many images it was given."""

    def __init__(self, encoder):
        self.encoder, self.seen = encoder, []

    def __getattr__(self, name):
        return getattr(self.encoder, name)

    def embed(self, images, **how):
        given = list(images)
        self.seen += [one.shape for one in given]
        return self.encoder.embed(given, **how)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return open_encoder("photo", tmp_path_factory.mktemp("encoders"))


@pytest.fixture
def counted(photo):
    return Counted(photo)


@pytest.fixture
def folder(tmp_path):
    """Four photographs of two classes, of which two are copies."""
    rng = np.random.default_rng(0)
    for name, size in (("a/1", (70, 90)), ("a/2", (90, 70)), ("b/3", (64, 64))):
        file = tmp_path / "photos" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(file)
    shutil.copy(tmp_path / "photos" / "a/1.png", tmp_path / "photos" / "b/4.png")
    return tmp_path / "photos"


def test_images_are_embedded_from_their_files_at_their_own_size(folder, counted):
    found = embeddings(load(folder, size=16), counted)
    assert found.shape == (4, 1280)
    assert sorted(counted.seen) == [(64, 64, 3), (70, 90, 3), (90, 70, 3)]  # the copy only once
    np.testing.assert_array_equal(found[0], found[3])


def test_what_was_embedded_is_found_again_though_moved_and_new_ones_are_added(
    folder, counted, tmp_path
):
    cache = tmp_path / "cache"
    before = embeddings(load(folder), counted, cache=cache)
    moved = folder.rename(tmp_path / "elsewhere")
    Image.fromarray(np.full((30, 30, 3), 9, np.uint8)).save(moved / "a" / "0.png")
    counted.seen.clear()
    after = embeddings(load(moved), counted, cache=cache)
    assert counted.seen == [(30, 30, 3)]
    np.testing.assert_array_equal(after[1:], before)


def test_another_way_of_embedding_is_kept_apart(folder, counted, tmp_path):
    images = load(folder)
    crop = embeddings(images, counted, cache=tmp_path)
    whole = embeddings(images, counted, cache=tmp_path, frame="whole")
    assert not np.array_equal(crop, whole)
    np.testing.assert_array_equal(embeddings(images, counted, cache=tmp_path), crop)


def test_a_damaged_cache_is_made_again(folder, counted, tmp_path):
    images = load(folder)
    found = embeddings(images, counted, cache=tmp_path)
    (file,) = tmp_path.glob("photo-*.sqlite")
    file.write_bytes(b"no database" * 1000)
    counted.seen.clear()
    np.testing.assert_array_equal(embeddings(images, counted, cache=tmp_path), found)
    assert len(counted.seen) == 3
    counted.seen.clear()
    embeddings(images, counted, cache=tmp_path)
    assert counted.seen == []


def test_a_cache_that_another_process_holds_costs_time_and_nothing_else(
    folder, counted, tmp_path, monkeypatch
):
    monkeypatch.setattr("hangtag.remembered.WAIT", 0.1)
    images = load(folder)
    found = embeddings(images, counted, cache=tmp_path)
    (file,) = tmp_path.glob("photo-*.sqlite")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        np.testing.assert_array_equal(embeddings(images, counted, cache=tmp_path), found)
        other.execute("ROLLBACK")


def test_arrays_have_embeddings_too(counted):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), np.uint8)
    labels = np.zeros(3, np.int64)
    images = ImageSet("a", pixels, labels, ("x",), (0,), {"all": range(3)})
    assert embeddings(images, counted).shape == (3, 1280)
    assert embeddings(images.take(np.array([], np.int64)), counted).shape == (0, 1280)


def test_a_part_of_a_set_has_the_files_of_that_part(folder, counted):
    images = load(folder)
    whole = embeddings(images, counted)
    part = embeddings(images.take(np.array([2, 0])), counted)
    np.testing.assert_allclose(part, whole[[2, 0]], atol=1e-5)


def test_a_file_that_has_gone_since_is_named(folder, photo):
    images = load(folder)
    (folder / "b" / "3.png").unlink()
    with pytest.raises(SourceError, match=r"b/3\.png was read before and cannot be now"):
        embeddings(images, photo)


def test_the_files_of_an_archive_are_there_as_long_as_its_images_are(folder, photo):
    archive = shutil.make_archive(str(folder), "zip", folder)
    images = load(archive, size=32)
    some = images.take(np.array([1, 3]))
    place = Path(some.originals.folder.path)
    del images
    assert place.is_dir()
    expected = embeddings(load(folder, size=32), photo)[[1, 3]]
    assert np.array_equal(embeddings(some, photo), expected)
    # Another process may open them, and takes nothing away.
    other = pickle.loads(pickle.dumps(some.originals))
    assert other.folder is None
    assert next(other.open([0], 8)).shape == next(some.originals.open([0], 8)).shape
    del some
    assert not place.exists()


def test_a_frame_that_is_unknown_names_the_known_ones(folder, photo):
    with pytest.raises(OptionError, match="middle") as caught:
        embeddings(load(folder), photo, frame="middle")
    assert "crop" in caught.value.hint

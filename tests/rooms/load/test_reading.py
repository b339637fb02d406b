from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import FormatError, SourceError
from hangtag.records import Preprocessing
from hangtag.rooms.load import fit_preprocessing, read_images

DARK = Preprocessing((28, 28, 1), (0, 28), (0, 28), dark_border=True)


@pytest.fixture
def shop(tmp_path, write):
    """A bag on white in several kinds of files, in folders, with things that are no images."""
    photo = np.full((80, 60, 3), 250, np.uint8)
    photo[30:70, 10:50] = (40, 30, 20)
    write.image(tmp_path / "b" / "bag.jpg", photo)
    write.image(tmp_path / "a.png", photo)
    write.image(tmp_path / "B.WEBP", photo)
    (tmp_path / "a.txt").write_text("prices")
    (tmp_path / ".hidden.png").write_bytes(b"x")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    Image.new("1", (6000, 5000)).save(tmp_path / "huge.png")
    return tmp_path


def test_images_come_in_the_order_of_their_ids(shop):
    ids = [one.id for one in read_images(shop, DARK)]
    assert ids == ["B.WEBP", "a.png", "b/bag.jpg", "broken.png", "huge.png"]
    assert [one.id for one in read_images(shop, DARK)] == ids


def test_what_cannot_be_read_comes_with_a_reason_and_the_rest_goes_on(shop):
    errors = {one.id: one.error for one in read_images(shop, DARK) if one.error}
    assert errors == {
        "broken.png": "is not an image of a kind that can be read",
        "huge.png": "has 6000×5000 = 30.0 megapixels; at most 25 are read",
    }
    assert all((one.pixels is None) == bool(one.error) for one in read_images(shop, DARK))


def test_a_photo_on_white_is_made_what_a_model_trained_on_black_knows(shop):
    image = next(one for one in read_images(shop, DARK) if one.id == "a.png").pixels
    assert image.shape == (28, 28, 1)
    assert image.dtype == np.uint8
    assert image[0].max() <= 6  # the white ground is black now
    assert image[:, :3].max() <= 6  # and so is what was added at the sides
    assert image[17, 14, 0] > 200  # the dark bag is light
    jpeg = next(one for one in read_images(shop, DARK) if one.id == "b/bag.jpg").pixels
    assert np.abs(jpeg.astype(int) - image).mean() < 2


def test_images_of_the_training_set_come_through_bit_for_bit(tmp_path, fashion, write):
    chosen = np.concatenate([np.arange(60_000, 60_100), _brightest_borders(fashion.images)])
    for index in chosen:
        write.image(tmp_path / f"{index:05d}.png", fashion.images[index, ..., 0])
    preprocessing = fit_preprocessing(fashion.images[:60_000])
    for image in read_images(tmp_path, preprocessing):
        assert np.array_equal(image.pixels, fashion.images[int(image.id[:5])])


def _brightest_borders(images, n=50):
    ring = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    return np.argsort(ring.mean(axis=(1, 2)))[-n:]


def test_a_model_for_colour_gets_colour(shop):
    colour = Preprocessing((32, 24, 3), (0, 32), (0, 24), mean=(0, 0, 0), deviation=(1, 1, 1))
    for image in read_images(shop, colour):
        assert image.error or image.pixels.shape == (32, 24, 3)


def test_one_file_is_a_folder_of_one(shop):
    assert [one.id for one in read_images(shop / "a.png", DARK)] == ["a.png"]


def test_a_zip_of_images_is_read_without_unpacking_it(shop, tmp_path_factory, write):
    archive = write.zipped(tmp_path_factory.mktemp("zip") / "shop.zip", shop)
    inside = {one.id: one for one in read_images(archive, DARK)}
    outside = {f"{shop.name}/{one.id}": one for one in read_images(shop, DARK)}
    assert list(inside) == list(outside)
    for name, image in outside.items():
        assert inside[name].error == image.error
        assert image.error or np.array_equal(inside[name].pixels, image.pixels)


def test_an_image_in_a_zip_that_would_fill_the_memory_is_not_unpacked(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "shop.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes((128 << 20) + 1))
    tracemalloc.start()
    try:
        (image,) = read_images(tmp_path / "shop.zip", DARK)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()
    assert image.error == "is larger than 128 MiB"


def test_a_hostile_zip_is_refused_at_once(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("../x.png", b"x")
    with pytest.raises(FormatError, match="leads out of the folder"):
        read_images(tmp_path / "shop.zip", DARK)


@pytest.mark.parametrize("place", ["nowhere", "empty", "empty.zip"])
def test_a_place_without_images_is_refused_at_once(tmp_path, place):
    import zipfile

    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(SourceError) as caught:
        read_images(tmp_path / place, DARK)
    assert caught.value.hint


@pytest.mark.skipif(os.name == "nt", reason="needs file names that are not text")
def test_a_name_that_is_not_text_still_gives_an_id_that_is(tmp_path, write):
    write.image(tmp_path / "a.png", np.zeros((4, 4), np.uint8))
    (tmp_path / "a.png").rename(tmp_path / os.fsdecode(b"\xff.png"))
    assert [one.id for one in read_images(tmp_path, DARK)] == ["\\xff.png"]


def test_two_names_that_differ_only_in_what_is_not_text_are_both_read(tmp_path, write):
    for name in (b"\xff.png", b"\xfe.png"):
        write.image(tmp_path / "a.png", np.zeros((4, 4), np.uint8))
        (tmp_path / "a.png").rename(tmp_path / os.fsdecode(name))
    ids = [one.id for one in read_images(tmp_path, DARK)]
    assert len(ids) == len(set(ids)) == 2


def test_images_stream(tmp_path, write):
    """A thousand images of 150 kB of pixels each never lie in memory together."""
    write.image(tmp_path / "0.png", np.zeros((224, 224, 3), np.uint8))
    for number in range(1, 1000):
        os.link(tmp_path / "0.png", tmp_path / f"{number}.png")
    big = Preprocessing((224, 224, 3), (0, 224), (0, 224), mean=(0,) * 3, deviation=(1,) * 3)
    tracemalloc.start()
    try:
        assert sum(one.pixels is not None for one in read_images(tmp_path, big)) == 1000
        assert tracemalloc.get_traced_memory()[1] < 0.6 * 1000 * 224 * 224 * 3
    finally:
        tracemalloc.stop()

"""Photographs of one's own: sizes as files have them, brightness, sharpness, and their page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

import hangtag
from hangtag.rooms.explore import explore
from hangtag.rooms.report import explore_page


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve noisy images of three sizes; one is black, one white and one blurred."""
    place = tmp_path_factory.mktemp("photos") / "shop"
    place.mkdir()
    draw = np.random.default_rng(0)
    for at in range(12):
        height, width = ((40, 60), (60, 40), (50, 50))[at % 3]
        noise = draw.integers(60, 200, (height, width, 3), dtype=np.uint8)
        image = Image.fromarray(noise)
        if at in (3, 4):
            image = Image.new("RGB", (width, height), (0, 0, 0) if at == 3 else (255, 255, 255))
        if at == 5:
            image = image.filter(ImageFilter.GaussianBlur(3))
        image.save(place / f"p{at:02}.png")
    return place


@pytest.fixture(scope="module")
def images(folder):
    return hangtag.load(folder)


def test_files_are_measured_as_they_are(images):
    found = explore(images).photos
    assert found.indices.tolist() == list(range(12))
    assert found.sizes[:3].tolist() == [[40, 60], [60, 40], [50, 50]]
    assert found.brightness[4] > found.brightness[[0, 1, 2]].max() > found.brightness[3]
    noisy = [0, 1, 2, 6, 7, 8, 9, 10, 11]
    assert found.sharpness[5] < found.sharpness[noisy].min() / 5


def test_the_page_says_and_shows_it(images):
    html = explore_page(images, explore(images))
    assert "12 images were measured: their files are of 3 sizes" in html
    assert "33 % are wider than high and 33 % higher than wide" in html.replace("\u202f", " ")
    for title in ("The darkest", "The brightest", "The least sharp", "A contact sheet"):
        assert title in html
    darkest = html.index("The darkest")
    assert html.index('alt="p03.png"', darkest) < html.index('alt="p04.png"', darkest)


def test_a_file_that_is_gone_has_no_size_and_arrays_are_no_photographs(folder, images):
    kept = (folder / "p00.png").read_bytes()
    (folder / "p00.png").unlink()
    try:
        assert explore(images).photos.sizes[0].tolist() == [0, 0]
    finally:
        (folder / "p00.png").write_bytes(kept)
    assert explore(hangtag.load("digits")).photos is None

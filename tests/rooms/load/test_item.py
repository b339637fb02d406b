"""A photograph's item is shown to a model of small images as its training images show theirs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.rooms.load.drawn import KINDS, as_jpeg, draw

from hangtag.drawing import as_png
from hangtag.rooms import load
from hangtag.rooms.load import item, reading

SHAPES = {
    "shirt": [
        (9, 0), (18, 0), (27, 6), (24, 12), (20, 9), (20, 27), (7, 27), (7, 9), (3, 12), (0, 6),
    ],
    "trousers": [(8, 0), (19, 0), (21, 27), (16, 27), (13, 9), (11, 27), (6, 27)],
    "shoe": [(0, 14), (5, 8), (12, 13), (27, 16), (27, 19), (0, 19)],
}  # fmt: skip


def garment(name: str, level: int) -> np.ndarray:
    image = Image.new("L", (28, 28))
    ImageDraw.Draw(image).polygon(SHAPES[name], fill=level)
    return np.asarray(image)


def training_set(n: int = 40) -> np.ndarray:
    return np.stack([garment(list(SHAPES)[k % 3], 80 + k * 4) for k in range(n)])[..., None]


@pytest.fixture(scope="module")
def preprocessing():
    return load.fit_preprocessing(training_set())


def shown(photo: np.ndarray, preprocessing):
    (found,) = load.read_files([("photo.jpg", as_jpeg(photo))], preprocessing)
    return found


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("level", [90, 235])
@pytest.mark.parametrize(("kind", "least"), [("white", 0.85), ("gray", 0.8), ("margins", 0.85)])
def test_an_item_in_a_photograph_is_shown_as_training_images_show_it(
    preprocessing, name, level, kind, least
):
    image = garment(name, level)
    found = shown(draw(image, kind, np.random.default_rng(0)), preprocessing)
    assert found.done == reading.ITEM
    assert found.pixels.shape == (28, 28, 1)
    seen = found.pixels[..., 0]
    assert overlap(seen > level / 3, image > 0) >= least
    assert np.median(seen[image > 0]) == pytest.approx(level, abs=12)
    assert np.median(seen[image == 0]) <= 4


@pytest.mark.parametrize("seed", range(6))
def test_wood_cloth_shadow_and_tint_do_not_hide_it(preprocessing, seed):
    image = garment("shirt", 235)
    photo = draw(image, "table", np.random.default_rng(seed))
    found = shown(photo, preprocessing)
    assert found.done == reading.ITEM
    # Turned by up to 14°, so that not all of both can lie over each other.
    assert overlap(found.pixels[..., 0] > 60, image > 0) >= 0.55
    assert (found.pixels[[0, 0, -1, -1], [0, -1, 0, -1]] <= 60).all()


def test_what_is_around_the_item_becomes_the_background_of_training(preprocessing):
    light = load.fit_preprocessing(255 - training_set())
    photo = draw(garment("shirt", 200), "margins", np.random.default_rng(1))
    dark_seen, light_seen = (shown(photo, one).pixels for one in (preprocessing, light))
    assert abs(dark_seen.astype(int) + light_seen - 255).max() <= 8
    # On a dark ground a bright item is bright already.
    night = shown(255 - photo, preprocessing).pixels
    assert abs(night.astype(int) - dark_seen).mean() <= 6


COLORS = np.array([[220, 40, 40], [40, 160, 60], [60, 80, 210]])


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("color", COLORS.tolist())
@pytest.mark.parametrize("kind", ["white", "gray", "margins", "wood"])
def test_a_model_in_color_sees_the_item_in_its_own_colors(dark, color, kind):
    around = 0 if dark else 255
    there = training_set() > 0
    learned = load.fit_preprocessing(
        np.where(there, COLORS[np.arange(40) % 3, None, None], around).astype(np.uint8)
    )
    assert learned.item_extent == 1.0
    rng = np.random.default_rng(4)
    image = garment("shirt", 200)
    photo = draw(image, "margins" if kind == "wood" else kind, rng)
    ground = photo.max(axis=2) > 120  # the garment is drawn at 55
    if kind == "wood":
        photo = np.broadcast_to([150, 110, 80], photo.shape) + rng.normal(0, 3, photo.shape)
    colored = np.where(ground[..., None], photo, color).clip(0, 255).astype(np.uint8)
    found = shown(colored, learned)
    assert found.done == reading.ITEM
    assert found.pixels.shape == (28, 28, 3)
    item_there = image > 0
    assert np.median(found.pixels[item_there], axis=0) == pytest.approx(color, abs=20)
    assert np.median(found.pixels[~item_there], axis=0) == pytest.approx([around] * 3, abs=6)
    seen = np.abs(found.pixels.astype(int) - around).max(axis=2) > 90
    assert overlap(seen, item_there) >= 0.8


@pytest.mark.parametrize("seed", range(3))
def test_a_photograph_without_an_item_is_shown_whole(preprocessing, seed):
    rng = np.random.default_rng(seed)
    plain = rng.uniform(60, 220, 3) + 3 * rng.normal(size=(200, 300, 3))
    noise = rng.uniform(0, 255, (200, 300, 3))
    for photo in (plain, noise):
        photo = photo.clip(0, 255).astype(np.uint8)
        assert item.cut_out(photo, (28, 28, 1), extent=1.0, dark=True) is None
        assert "cut out" not in shown(photo, preprocessing).done


def test_images_of_about_the_models_size_come_through_as_before(preprocessing):
    image = garment("shoe", 200)
    (same,) = load.read_files([("a.png", as_png(image[..., None]))], preprocessing)
    assert (same.pixels[..., 0] == image).all()
    assert same.done == ""
    (small,) = load.read_files(
        [("a.png", as_png(np.kron(image, np.ones((2, 2), np.uint8))[..., None]))], preprocessing
    )
    assert "cut out" not in small.done


def test_how_much_of_a_frame_items_fill_is_measured_where_they_agree():
    tight = training_set()
    assert item.extent_of(tight, True) == 1.0
    assert item.extent_of(255 - tight, False) == 1.0
    framed = np.pad(tight, ((0, 0), (6, 6), (6, 6), (0, 0)))
    assert item.extent_of(framed, True) == pytest.approx(28 / 40, abs=0.01)
    mixed = np.concatenate([framed, np.pad(tight, ((0, 0), (0, 12), (0, 12), (0, 0)))])
    assert item.extent_of(mixed, True) == pytest.approx(28 / 40, abs=0.01)
    smaller = framed[:, ::2, ::2]
    different = np.concatenate([framed, np.pad(smaller, ((0, 0), (10, 10), (10, 10), (0, 0)))])
    assert item.extent_of(different, True) is None
    assert item.extent_of(tight, None) is None
    assert item.extent_of(np.repeat(tight, 3, axis=3), True) == 1.0
    red = tight * np.array([1, 0, 0], np.uint8)
    assert item.extent_of(red, True) == 1.0
    assert item.extent_of(np.zeros_like(tight), True) is None


def test_every_kind_is_drawn_the_same_from_a_seed():
    image = garment("shirt", 150)
    for kind in KINDS:
        one, other = (draw(image, kind, np.random.default_rng(5)) for _ in range(2))
        assert (one == other).all()

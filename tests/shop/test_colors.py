"""The color of an item is named from its pixels, whatever it lies on."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.rooms.catalog.shops import tags

import hangtag
from hangtag.errors import UsageError
from hangtag.rooms import catalog
from hangtag.rooms.catalog import Decided, swatches

PAINT = {
    "red": (190, 35, 40),
    "blue": (45, 85, 170),
    "green": (50, 130, 70),
    "yellow": (240, 205, 70),
    "black": (25, 25, 28),
    "white": (244, 244, 242),
    "pink": (236, 150, 178),
    "brown": (105, 70, 48),
}
GROUNDS = {"paper": (250, 250, 250), "wood": (160, 120, 80), "slate": (70, 80, 90)}


def photo(paint, ground, size=(200, 240), noise=9.0, seed=0):
    """A shirt-like shape in the middle of a ground, both with the noise of a camera."""
    image = Image.new("RGB", size, GROUNDS[ground])
    draw = ImageDraw.Draw(image)
    width, height = size
    body = (width * 0.3, height * 0.2, width * 0.7, height * 0.85)
    draw.rectangle(body, fill=PAINT[paint])
    draw.rectangle((width * 0.12, height * 0.2, width * 0.88, height * 0.38), fill=PAINT[paint])
    pixels = np.asarray(image).astype(float)
    shade = np.linspace(1.05, 0.85, height)[:, None, None]  # light falls from above
    noisy = pixels * shade + np.random.default_rng(seed).normal(0, noise, pixels.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("paint", PAINT)
def test_a_color_is_named_whatever_the_ground(paint, ground):
    small = np.asarray(Image.fromarray(photo(paint, ground)).resize((40, 48)))
    found = swatches.color_of(small)
    assert swatches.NAMES[int(found.proportions.argmax())] == paint
    assert found.proportions.sum() == pytest.approx(1, abs=1e-4)


def test_lab_is_the_one_of_the_standard():
    known = {(255, 255, 255): (100, 0, 0), (255, 0, 0): (53.24, 80.09, 67.2), (0, 0, 0): (0, 0, 0)}
    found = swatches.as_lab(np.asarray(list(known), np.uint8))
    assert found == pytest.approx(np.asarray(list(known.values())), abs=0.05)


@pytest.fixture
def photos(tmp_path):
    root = tmp_path / "photos"
    root.mkdir()
    for number, paint in enumerate(PAINT):
        Image.fromarray(photo(paint, "wood", seed=number)).save(root / f"{paint}.jpg")
    return root


@pytest.fixture
def shop(tmp_path, photos):
    found = hangtag.create_catalog(tmp_path / "shop.db")
    hangtag.import_items(found, source=photos)
    return found


def test_colors_are_tags_that_filters_find_and_people_correct(shop):
    made = hangtag.tag_catalog(shop, model="colors")
    assert (made.attribute, made.items, made.in_use) == ("color", len(PAINT), True)
    assert tags(shop, "color") == {f"{one}.jpg": one for one in PAINT}
    assert [one.external_id for one in hangtag.search(shop, text="red").items] == ["red.jpg"]
    (red,) = catalog.matching(shop, "color=red")
    catalog.decide(shop, [Decided("red.jpg", "color", "corrected", "burgundy", "Ada")])
    assert catalog.matching(shop, "color=red") == set()
    assert catalog.matching(shop, "color=burgundy") == {red}
    assert hangtag.tag_catalog(shop, model="colors").id == made.id  # nothing is done twice


def test_a_model_of_photographs_names_colors_beside_its_own_tags(shop, run):
    hangtag.tag_catalog(shop, model=run, threshold=0.0)
    assert {one.attribute for one in catalog.taggings(shop)} == {"category", "color"}
    assert tags(shop, "color")["blue.jpg"] == "blue"


def test_colors_are_left_out_where_that_is_asked_or_there_are_none(tmp_path, shop, run, digits):
    hangtag.tag_catalog(shop, model=run, colors=False)
    gray = hangtag.create_catalog(tmp_path / "gray.db")
    hangtag.import_items(gray, source=digits.take(np.arange(20)))
    hangtag.tag_catalog(gray, model=run)
    for one in (shop, gray):
        assert {each.attribute for each in catalog.taggings(one)} == {"category"}
    with pytest.raises(UsageError, match="have no color"):
        hangtag.tag_catalog(gray, model="colors")


def test_what_has_several_colors_is_unknown_and_says_which(tmp_path):
    half = photo("red", "paper")
    half[:, :100] = photo("blue", "paper")[:, :100]
    root = tmp_path / "halves"
    root.mkdir()
    Image.fromarray(half).save(root / "both.png")
    (root / "torn.png").write_bytes(b"no picture")
    shop = hangtag.create_catalog(tmp_path / "shop.db")
    hangtag.import_items(shop, source=root)
    hangtag.tag_catalog(shop, model="colors")
    assert tags(shop, "color") == {}
    (doubt,) = catalog.doubts(shop)
    assert doubt.suggested in ("red", "blue")


def test_what_the_shop_itself_calls_red_is_found_too(tmp_path, photos):
    feed = photos / "feed.csv"
    feed.write_text("id,image,color\na,red.jpg,\nb,blue.jpg,red\nc,green.jpg,\n")
    shop = hangtag.create_catalog(tmp_path / "fed.db")
    hangtag.import_items(shop, source=feed)
    hangtag.tag_catalog(shop, model="colors")
    found = catalog.items(shop, catalog.matching(shop, "color=red"))
    assert {one.external_id for one in found.values()} == {"a", "b"}
    others = catalog.items(shop, catalog.matching(shop, "color!=red"))
    assert {one.external_id for one in others.values()} == {"c"}

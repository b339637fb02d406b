"""Copies and variants are told apart, and neither is mistaken for another item of its kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance
from tests.shop.test_colors import GROUNDS, PAINT

import hangtag
from hangtag.rooms import catalog
from hangtag.rooms import load as load_room
from hangtag.rooms.catalog import looks
from hangtag.shop.duplicates import as_table

SIZE = 160


def garment(kind, paint):
    """A photo of one of several garments, with its own lines, dyed."""
    image = Image.new("RGB", (SIZE, SIZE), GROUNDS["paper"])
    draw = ImageDraw.Draw(image)
    fill = PAINT[paint]
    dark = tuple(value // 2 for value in fill)
    if kind == "dress":
        draw.polygon([(60, 15), (100, 15), (135, 145), (25, 145)], fill=fill)
        draw.line([(80, 15), (80, 145)], fill=dark, width=5)
    elif kind == "shirt":
        draw.rectangle((50, 30, 110, 130), fill=fill)
        draw.polygon([(50, 30), (15, 75), (30, 90), (50, 65)], fill=fill)
        draw.polygon([(110, 30), (145, 75), (130, 90), (110, 65)], fill=fill)
        draw.ellipse((68, 55, 92, 80), outline=dark, width=4)
    else:
        draw.rectangle((45, 20, 115, 60), fill=fill)
        draw.rectangle((45, 60, 75, 145), fill=fill)
        draw.rectangle((85, 60, 115, 145), fill=fill)
        draw.line([(45, 35), (115, 35)], fill=dark, width=4)
    rng = np.random.default_rng(len(kind) + len(paint))
    noisy = np.asarray(image).astype(float) + rng.normal(0, 4, (SIZE, SIZE, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("garments")
    for kind in ("dress", "shirt", "trousers"):
        garment(kind, "red").save(root / f"{kind}-red.png")
    garment("dress", "blue").save(root / "dress-blue.png")
    shirt = garment("shirt", "red")
    shirt.save(root / "shirt-twin.png")
    small = ImageEnhance.Brightness(shirt.resize((110, 110))).enhance(0.93)
    small.save(root / "shirt-anew.jpg", quality=60)
    return root


@pytest.fixture(scope="module")
def place(folder, run, tmp_path_factory):
    shop = hangtag.create_catalog(tmp_path_factory.mktemp("shop") / "shop.db")
    hangtag.import_items(shop, source=folder)
    hangtag.tag_catalog(shop, model=run, threshold=0.0)
    return shop.path


def named(pairs, kind):
    return {
        frozenset(one.rpartition(".")[0] for one in (each.item, each.other))
        for each in pairs
        if each.relation == kind
    }


def test_copies_near_copies_and_variants_are_told_apart(place):
    found = hangtag.find_duplicates(place)
    assert named(found, looks.SAME) == {frozenset({"shirt-red", "shirt-twin"})}
    assert named(found, looks.COPY) == {
        frozenset({"shirt-red", "shirt-anew"}),
        frozenset({"shirt-twin", "shirt-anew"}),
    }
    assert named(found, looks.OTHER_COLOR) == {frozenset({"dress-red", "dress-blue"})}
    assert found[0].relation == looks.SAME
    assert as_table(found).splitlines()[0].startswith("relation,item,other")


def test_variants_that_the_feed_knows_are_no_duplicates(place, folder, tmp_path):
    feed = tmp_path / "feed.csv"
    feed.write_text(
        "id,group,image\na,g,dress-red.png\nb,g,dress-blue.png\nc,h,shirt-red.png\n"
        "d,h,shirt-twin.png\n"
    )
    shop = hangtag.create_catalog(tmp_path / "fed.db")
    hangtag.import_items(shop, source=feed, root=folder)
    hangtag.tag_catalog(shop, model=catalog_model(place), threshold=0.0)
    assert hangtag.find_duplicates(shop) == []


def catalog_model(place):
    """The run that embedded the catalogue at `place`."""
    return catalog.embedded(catalog.open_catalog(place)).place


def test_similar_says_which_is_the_same_in_another_color(place):
    found = hangtag.similar_items(place, item="dress-red.png", k=5, everything=True)
    told = dict(zip((one.external_id for one in found.items), found.relations, strict=True))
    assert told["dress-blue.png"] == looks.OTHER_COLOR
    assert told["trousers-red.png"] == ""
    assert {one["relation"] for one in found.facts["items"]} == {"", looks.OTHER_COLOR}


def test_photos_that_are_gone_are_left_out(place, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    for name in ("dress", "shirt"):
        garment(name, "green").save(gone / f"{name}.png")
    shop = hangtag.create_catalog(tmp_path / "shop.db")
    hangtag.import_items(shop, source=gone)
    hangtag.tag_catalog(shop, model=catalog_model(place), threshold=0.0)
    (gone / "dress.png").unlink()
    assert hangtag.find_duplicates(shop) == []
    found = hangtag.similar_items(shop, item="shirt.png", everything=True)
    assert found.relations == ("",)


def test_what_was_looked_at_is_not_opened_again_unless_it_changed(
    place, folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    opened = []
    read = load_room.thumbnails

    def counted(sources, side):
        sources = list(sources)
        opened.extend(name.rpartition("/")[2] for name, _ in sources)
        return read(sources, side)

    monkeypatch.setattr(load_room, "thumbnails", counted)
    first = hangtag.find_duplicates(place)
    assert len(opened) == 6
    opened.clear()
    assert hangtag.find_duplicates(place) == first
    assert opened == []
    # A file that is another one now is looked at again, and what was seen of it before is not used.
    dress = folder / "dress-blue.png"
    before = dress.read_bytes()
    try:
        garment("shirt", "green").save(dress)
        later = hangtag.find_duplicates(place)
        assert opened == ["dress-blue.png"]
        assert frozenset({"dress-red", "dress-blue"}) not in named(later, looks.OTHER_COLOR)
    finally:
        dress.write_bytes(before)


def test_kept_looks_that_are_damaged_are_looked_at_again(place, tmp_path, monkeypatch):
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    first = hangtag.find_duplicates(place)
    (kept,) = (tmp_path / "cache" / "looks").iterdir()
    with closing(sqlite3.connect(kept)) as file, file:
        file.execute("UPDATE made SET v = ?", (b"nothing",))
    assert hangtag.find_duplicates(place) == first
    kept.write_bytes(b"no database" * 1000)
    assert hangtag.find_duplicates(place) == first

"""A shop from its images to its feed: imported, tagged by a real model, searched, exported."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.errors import FormatError, OptionError, UsageError
from hangtag.rooms import catalog as room
from hangtag.workbench import catalog as workbench

N = 120


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("model") / "run"
    return hangtag.train("digits", model="linear", c=[0.1], split="stratified:0.2", out=place)


@pytest.fixture(scope="module")
def photos(tmp_path_factory, digits):
    """The first digits as files, each in the folder of its class."""
    root = tmp_path_factory.mktemp("photos")
    for row in range(N):
        place = root / digits.class_of(row) / f"{row:03d}.png"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray(digits.images[row, :, :, 0]).save(place)
    return root


@pytest.fixture
def shop(tmp_path, photos):
    found = hangtag.create_catalog(tmp_path / "shop.db")
    hangtag.import_items(found, source=photos)
    return found


def test_a_folder_of_images_is_imported_once(shop, photos):
    assert room.counted(shop)["pictures"] == N
    again = hangtag.import_items(shop, source=photos)
    assert (again.same, again.empty) == (N, True)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel which files are open")
def test_a_folder_is_looked_through_while_the_catalog_in_it_is_closed(photos, monkeypatch):
    """Opening and closing a file lets go of all locks of the process on it (POSIX)."""
    found = hangtag.create_catalog(photos / "shop.db")
    hangtag.import_items(found, source=photos)
    assert room.counted(found)["pictures"] == N  # which leaves a connection open
    held = []
    own = workbench._looked_at

    def looking(*given):
        opened = [
            str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()
        ]
        held.extend(one for one in opened if one.startswith(str(found.path)))
        return own(*given)

    monkeypatch.setattr(workbench, "_looked_at", looking)
    assert hangtag.import_items(found, source=photos).empty
    assert held == []
    found.close()
    for left in photos.glob("shop.db*"):
        left.unlink()


def test_nothing_is_written_where_only_the_plan_is_wanted(tmp_path, photos):
    empty = hangtag.create_catalog(tmp_path / "shop.db")
    assert hangtag.import_items(empty, source=photos, write=False).facts["new"] == N
    assert room.counted(empty)["items"] == 0


def test_tags_of_files_are_those_of_the_model_on_the_loaded_images(shop, run, digits):
    made = hangtag.tag_catalog(shop, model=run, threshold=0.5)
    assert (made.items, made.in_use) == (N, True)
    found = room.items(shop, room.numbers(shop))
    said = {int(one.external_id.rpartition("/")[2][:3]): one for one in found.values()}
    expected = hangtag.tags(run, digits.take(np.arange(N)), threshold=0.5)
    for row, tag in enumerate(expected):
        held = said[row].tags.get("category", ("unknown", 0.0, ""))
        assert held[0] == tag.label
        assert tag.label == "unknown" or held[1] == pytest.approx(tag.confidence, abs=1e-6)


def test_images_of_a_table_are_kept_and_tagged_the_same_as_files(tmp_path, shop, run, digits):
    other = hangtag.create_catalog(tmp_path / "arrays.db")
    hangtag.import_items(other, source=digits.take(np.arange(N)))
    for one in (shop, other):
        hangtag.tag_catalog(one, model=run, threshold=0.5)

    def labels(one):
        found = room.items(one, room.numbers(one)).values()
        return sorted((item.tags.get("category", ("unknown",))[0]) for item in found)

    assert labels(shop) == labels(other)


def test_tagging_that_was_ended_goes_on_and_repeats_nothing(shop, run, monkeypatch):
    asked: list[int] = []
    real = room.keep

    def ends(catalog, of, answers, *rest):
        if asked:
            raise KeyboardInterrupt
        asked.extend(one.item for one in answers)
        real(catalog, of, answers, *rest)

    monkeypatch.setattr(room.tagging, "BATCH", 50)
    monkeypatch.setattr(room, "pending", lambda shop, of, _=0: room.tagging.pending(shop, of, 50))
    monkeypatch.setattr(room, "keep", ends)
    with pytest.raises(KeyboardInterrupt):
        hangtag.tag_catalog(shop, model=run, threshold=0.5)
    assert len(asked) == 50
    monkeypatch.setattr(room, "keep", lambda c, of, answers, *rest: (
        asked.extend(one.item for one in answers), real(c, of, answers, *rest)
    ))  # fmt: skip
    assert hangtag.tag_catalog(shop, model=run, threshold=0.5).items == N
    assert sorted(asked) == sorted(room.numbers(shop))
    assert room.check(shop) == []


def test_a_second_model_waits_until_it_is_taken(shop, run, photos):
    hangtag.tag_catalog(shop, model=run, threshold=0.5)
    second = hangtag.tag_catalog(shop, model=run, threshold=0.99)
    assert not second.in_use
    would = sum(n for _, _, n in room.preview(shop, second.id))
    assert hangtag.use_tagging(shop, second.id) == would > 0
    assert hangtag.use_tagging(shop, 1) == would


def test_several_images_of_an_item_give_one_answer(tmp_path, run, photos, digits):
    names = sorted(path.relative_to(photos).as_posix() for path in photos.rglob("*.png"))[:3]
    feed = photos / "feed.csv"
    feed.write_text(f"id,image\nx,{'|'.join(names)}\ny,gone.png\nz,../out.png\nw,https://a/b.png\n")
    shop = hangtag.create_catalog(tmp_path / "shop.db")
    planned = hangtag.import_items(shop, source=feed)
    feed.unlink()
    reasons = {uri: why for _, uri, why in planned.unreadable}
    assert "is not there" in " ".join(reasons.values())
    assert "lies outside" in reasons["../out.png"]
    assert "is an address" in reasons["https://a/b.png"]
    hangtag.tag_catalog(shop, model=run, threshold=0.0)
    (x, y, *_) = room.items(shop, room.numbers(shop)).values()
    pixels = np.stack([np.asarray(Image.open(photos / one))[:, :, None] for one in names])
    mean = hangtag.open_bundle(run).probabilities(pixels).mean(axis=0)
    assert x.tags["category"][1] == pytest.approx(float(mean.max()), abs=1e-6)
    assert y.tags == {}
    text = hangtag.export_catalog(shop).decode()
    assert text.splitlines()[0] == "id,image,hangtag_category"
    assert text.splitlines()[2] == "y,gone.png,"


def test_an_image_finds_itself_and_then_its_like(shop, run, photos):
    hangtag.tag_catalog(shop, model=run, threshold=0.5)
    one = next(photos.rglob("007.png"))
    found = hangtag.search(shop, picture=one, k=5)
    assert found.items[0].external_id.endswith("007.png")
    assert found.cosines[0] == pytest.approx(1, abs=1e-3)
    assert list(found.cosines) == sorted(found.cosines, reverse=True)
    array = np.asarray(Image.open(one))
    assert [each.number for each in hangtag.search(shop, picture=array, k=5).items] == [
        each.number for each in found.items
    ]


def test_similar_items_are_others_and_a_condition_holds(shop, run):
    hangtag.tag_catalog(shop, model=run, threshold=0.0)
    item = room.items(shop, [1])[1]
    found = hangtag.similar_items(shop, item=item.external_id, k=4, everything=True)
    assert item.number not in [one.number for one in found.items]
    label = item.tags["category"][0]
    other = hangtag.similar_items(
        shop, item=item.external_id, where=f"category!={label}", everything=True
    )
    assert all(one.tags["category"][0] != label for one in other.items)


def test_words_alone_and_words_with_an_image(shop, run, photos):
    hangtag.tag_catalog(shop, model=run, threshold=0.0)
    assert [one.title for one in hangtag.search(shop, text="007").items] == ["007"]
    both = hangtag.search(shop, picture=next(photos.rglob("007.png")), text="007", k=3)
    assert both.items[0].title == "007"


def test_the_search_says_how_good_it_is(shop, run):
    hangtag.tag_catalog(shop, model=run, threshold=0.5)
    found = hangtag.measure_search(shop, attribute="class")
    assert found.queries == N
    assert 0.5 < found.precision <= 1
    with pytest.raises(OptionError, match="no item has a 'colour'"):
        hangtag.measure_search(shop, attribute="colour")


def test_what_cannot_be_searched_says_what_to_do_first(shop, run, tmp_path):
    with pytest.raises(OptionError, match="an image or --text"):
        hangtag.search(shop)
    with pytest.raises(UsageError, match="no embeddings") as caught:
        hangtag.search(shop, picture=np.zeros((8, 8), np.uint8))
    assert "catalog tag" in caught.value.hint
    hangtag.tag_catalog(shop, model=run, threshold=0.5)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match=r"bad\.png"):
        hangtag.search(shop, picture=tmp_path / "bad.png")


def test_the_model_of_another_time_does_not_answer(shop, run, tmp_path):
    copy = tmp_path / "copy"
    other = hangtag.train("digits", model="linear", c=[1.0], split="stratified:0.2", out=copy)
    hangtag.tag_catalog(shop, model=other, threshold=0.5)
    other.folder.rename(tmp_path / "moved")
    with pytest.raises(UsageError, match="is not at"):
        hangtag.search(shop, picture=np.zeros((8, 8), np.uint8))
    hangtag.train("digits", model="linear", c=[0.5], split="stratified:0.2", out=copy)
    with pytest.raises(UsageError, match="is another one"):
        hangtag.search(shop, picture=np.zeros((8, 8), np.uint8))


def test_a_feed_of_another_kind_than_was_said_is_refused(tmp_path, shop):
    place = tmp_path / "feed.csv"
    place.write_text("sku,image\na,b.png\n")
    with pytest.raises(OptionError, match="no Shopify"):
        hangtag.import_items(shop, source=place, feed="shopify")
    place.write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="not UTF-8"):
        hangtag.import_items(shop, source=place, feed="csv")

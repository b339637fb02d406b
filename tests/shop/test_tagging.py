"""A search goes over to a new model when it was through with everything, and not before."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

import hangtag
from hangtag.rooms import catalog, search
from hangtag.shop import searching


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    asked = {"model": "linear", "split": "stratified:0.2"}
    return [hangtag.train("digits", c=[c], out=folder / f"{c}", **asked) for c in (0.01, 0.1)]


@pytest.fixture
def shop(tmp_path, models, digits):
    made = hangtag.create_catalog(tmp_path / "shop.db")
    hangtag.import_items(made, source="digits")
    hangtag.tag_catalog(made, model=models[0])
    yield made
    made.close()


def ended(shop, model, when):
    """Tag, and be ended as soon as `when` says so of what is done and the total."""

    def progress(stage, done, total, detail=""):
        if stage == "tag" and when(done, total):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hangtag.tag_catalog(shop, model=model, progress=progress)


def digest(model):
    return hangtag.open_bundle(model).model_id


def test_a_model_at_work_hides_nothing_and_is_used_when_it_was_through(shop, models, digits):
    assert catalog.seen(shop).encoder == digest(models[0])
    ended(shop, models[1], lambda done, total: done < total)
    assert 0 < len(catalog.embedded(shop, digest(models[1])).items) < len(digits)
    assert catalog.seen(shop).encoder == digest(models[0])
    found = hangtag.search(shop, picture=digits.images[-1], model=hangtag.open_bundle(models[0]))
    assert found.items[0].external_id.endswith(str(len(digits) - 1))
    hangtag.tag_catalog(shop, model=models[1])
    assert catalog.seen(shop).encoder == digest(models[1])
    assert len(catalog.embedded(shop).items) == len(digits)


def test_ended_after_its_last_item_the_same_call_still_brings_it_into_use(shop, models):
    ended(shop, models[1], lambda done, total: done == total)
    assert catalog.seen(shop).encoder == digest(models[0])
    hangtag.tag_catalog(shop, model=models[1])
    assert catalog.seen(shop).encoder == digest(models[1])
    assert catalog.seen(shop).close is not None


def test_items_that_no_photo_finds_yet_are_told_with_the_command_that_helps(
    shop, models, digits, tmp_path
):
    said = []

    def progress(stage, done, total, detail=""):
        said.append(detail)

    asked = {"picture": digits.images[0], "model": hangtag.open_bundle(models[0])}
    hangtag.search(shop, **asked, progress=progress)
    assert not any("wait" in one for one in said)
    hangtag.import_items(shop, source=(digits.images[:7] // 2, digits.labels[:7]), keep=True)
    hangtag.search(shop, **asked, progress=progress)
    place = models[0].folder.resolve() / "bundle"
    assert f"caution: 7 items wait to be embedded: hangtag catalog tag {shop.path} {place}" in said
    hangtag.tag_catalog(shop, model=models[0])
    assert catalog.waiting(shop) == 0


@pytest.mark.parametrize("through", [True, False])
def test_a_catalog_of_an_earlier_version_is_searched_by_who_was_through(shop, models, through):
    if through:
        hangtag.tag_catalog(shop, model=models[1])
    else:
        ended(shop, models[1], lambda done, total: done < total)
    shop.close()
    with closing(sqlite3.connect(shop.path)) as raw:
        raw.execute("DROP TABLE ready")
        raw.execute("PRAGMA user_version = 3")
        raw.commit()
    with closing(hangtag.open_catalog(shop.path)) as again:
        assert catalog.seen(again).encoder == digest(models[1 if through else 0])
        hangtag.tag_catalog(again, model=models[1])
        assert catalog.seen(again).encoder == digest(models[1])


def test_the_index_of_a_large_catalog_is_there_before_the_first_search(shop, models, monkeypatch):
    monkeypatch.setattr(search, "FROM", 1000)
    hangtag.tag_catalog(shop, model=models[1])
    monkeypatch.setattr(search, "build", lambda *_: pytest.fail("it was built before"))
    assert isinstance(searching.opened(shop), searching.Indexed)

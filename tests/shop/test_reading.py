"""Words find images, where the encoder of a catalog came as a pair, wherever they are searched."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from tests.rooms.encode.exports import put
from tests.serve.conftest import serve

import hangtag
from hangtag.geometry import directions
from hangtag.rooms import catalog
from hangtag.rooms.encode import open_reader
from hangtag.shop import reading

WORDS = "long red dress"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A catalog of drawn photographs, by a model on an encoder that came as a pair."""
    folder = tmp_path_factory.mktemp("pair")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANGTAG_ENCODERS", str(folder / "encoders"))
        vision, text = put(folder)
        hangtag.add_encoder(vision, text=text)
        rng = np.random.default_rng(0)
        for number in range(60):
            blocks = rng.integers(0, 64 if number % 2 else 256, (4, 5, 3), np.uint8)
            place = folder / "photos" / ("dark" if number % 2 else "light") / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(blocks).resize((50, 40), Image.Resampling.NEAREST).save(place)
        run = hangtag.train(
            folder / "photos", model="linear", features="encoder:vision", out=folder / "run"
        )
        shop = hangtag.create_catalog(folder / "shop.db")
        hangtag.import_items(shop, source=folder / "photos")
        hangtag.tag_catalog(shop, model=run)
        shop.close()
    return folder


@pytest.fixture
def place(made, monkeypatch, tmp_path):
    """The catalog's file and, to be changed, encoders of a test's own."""
    shutil.copytree(made / "encoders", tmp_path / "encoders")
    monkeypatch.setenv("HANGTAG_ENCODERS", str(tmp_path / "encoders"))
    reading._opened.cache_clear()
    yield made / "shop.db"
    reading._opened.cache_clear()


def names(found):
    return [one.external_id for one in found.items]


def by_hand(place, words=WORDS):
    """Items by the cosine of what the reader says with both squares of their images."""
    with closing(catalog.open_catalog(place)) as shop:
        seen = catalog.embedded(shop)
        point = directions(open_reader("vision").embed(words))
        cosines = seen.directions @ directions(np.tile(point, (1, 2)))[0]
        order = np.argsort(-cosines)
        known = catalog.items(shop, set(seen.items.tolist()))
        return [known[int(seen.items[row])].external_id for row in order], cosines[order]


def test_words_find_the_images_nearest_to_them(place):
    order, cosines = by_hand(place)
    found = hangtag.search(place, text=WORDS, k=10)
    assert names(found) == order[:10]
    assert found.cosines == pytest.approx(cosines[:10].tolist(), abs=1e-4)
    assert names(hangtag.search(place, text="blue shoe", k=60)) != names(
        hangtag.search(place, text=WORDS, k=60)
    )


def test_a_condition_holds_for_words_as_well(place):
    dark = hangtag.search(place, text=WORDS, where="class=dark", k=60)
    order, _ = by_hand(place)
    assert names(dark) == [one for one in order if one in set(names(dark))]
    assert len(dark.items) == 30


def test_titles_and_images_are_put_together_by_their_ranks(place):
    """What words say of an item in the feed counts, too: it comes before what only looks so."""
    order, _ = by_hand(place, "dark")
    found = names(hangtag.search(place, text="dark", k=60))
    with closing(catalog.open_catalog(place)) as shop:
        numbers = catalog.matching_words(shop, "dark", 60)
        said = set(names(catalog.found(shop, numbers, [None] * len(numbers))))
    assert len(said) == 30
    assert set(found[:10]) <= said | set(order[:10])
    assert found != order


def test_an_image_and_words_are_put_together(place, made):
    picture = made / "photos" / "light" / "0.png"
    alone = names(hangtag.search(place, picture=picture, everything=True, k=60))
    both = names(hangtag.search(place, picture=picture, text=WORDS, k=60))
    order, _ = by_hand(place)
    assert both != alone
    assert both != order
    ranks = {one: 1 / (60 + alone.index(one)) + 1 / (60 + order.index(one)) for one in alone}
    assert ranks[both[0]] == max(ranks.values())


def test_without_the_encoder_words_are_looked_for_in_titles_and_tags_alone(place):
    hangtag.remove_encoder("vision")
    assert names(hangtag.search(place, text=WORDS)) == []
    assert len(hangtag.search(place, text="dark", k=60).items) == 30


def test_an_encoder_that_comes_back_reads_again(place, made):
    """As in a server that runs on: that there was none is not remembered."""
    hangtag.remove_encoder("vision")
    assert names(hangtag.search(place, text=WORDS)) == []
    hangtag.add_encoder(made / "vision.onnx", text=made / "text.onnx")
    assert names(hangtag.search(place, text=WORDS, k=10)) == by_hand(place)[0][:10]


def test_another_encoder_of_its_name_reads_nothing_for_it(place, made):
    hangtag.remove_encoder("vision")
    hangtag.add_encoder(made / "vision.onnx", text=made / "text.onnx", scale=128.0)
    assert names(hangtag.search(place, text=WORDS)) == []


def test_a_model_that_is_gone_is_told_and_words_are_still_looked_for(place, made, tmp_path):
    shop = tmp_path / "shop.db"
    shutil.copy(place, shop)
    (made / "run").rename(made / "elsewhere")
    said = []
    try:
        found = hangtag.search(
            shop, text="dark", k=60, progress=lambda *given: said.append(given[3])
        )
    finally:
        (made / "elsewhere").rename(made / "run")
    assert len(found.items) == 30
    assert "in titles and tags alone" in said[0]


def test_the_server_answers_words_as_the_command_does(place):
    server = serve(place)
    try:
        with server.http() as http:
            answer = http.post("/v1/search", params={"text": WORDS, "k": 10}).json()
    finally:
        assert server.stop() == 0
    assert [one["id"] for one in answer["items"]] == names(hangtag.search(place, text=WORDS, k=10))


def cards(page):
    """Items of the page, those that words find in titles and tags and those found by images."""
    said, _, shown = page.partition("By what images show")
    return [
        re.findall(r'class="card" href="/catalog/item\?id=([^"]+)"', one) for one in (said, shown)
    ]


def test_the_catalog_page_shows_what_images_show_below_what_words_say(place):
    server = serve(place)
    try:
        with server.http() as http:
            looked = {}
            for words, chosen in ((WORDS, []), ("dark", []), (WORDS, ["class:light"])):
                asked = {"q": words, "f": chosen}
                looked[words, *chosen] = cards(http.get("/catalog", params=asked).text)
            second = http.get("/catalog", params={"q": "dark", "offset": 60}).text
    finally:
        assert server.stop() == 0
    order, _ = by_hand(place)
    said, shown = looked[(WORDS,)]
    assert (said, [unquote(one) for one in shown]) == ([], order[:12])
    said, shown = looked[("dark",)]
    assert len(said) == 30
    assert not set(said) & set(shown)
    light = [one for one in order if one in [unquote(name) for name in shown]]
    assert len(light) == 12
    said, shown = looked[WORDS, "class:light"]
    assert [unquote(one) for one in shown] == [one for one in order if "light" in one][:12]
    assert "By what images show" not in second


def test_the_catalog_page_says_nothing_of_images_where_no_encoder_reads_words(place):
    hangtag.remove_encoder("vision")
    server = serve(place)
    try:
        with server.http() as http:
            page = http.get("/catalog", params={"q": WORDS}).text
    finally:
        assert server.stop() == 0
    assert cards(page) == [[], []]
    assert "Other words may find it" in page


def test_the_catalog_page_says_why_images_could_not_be_searched(place, tmp_path):
    (kept,) = (tmp_path / "encoders").rglob("text.onnx")
    kept.write_bytes(kept.read_bytes()[:-1])
    server = serve(place)
    try:
        with server.http() as http:
            found = http.get("/catalog", params={"q": "dark"})
    finally:
        assert server.stop() == 0
    assert found.status_code == 200
    said, shown = cards(found.text)
    assert (len(said), shown) == (30, [])
    assert "Images could not be searched by these words" in found.text

"""The five lines a shopkeeper types, and what they answer."""

from __future__ import annotations

import shlex

import pytest
from PIL import Image

import hangtag


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("model") / "run"
    hangtag.train("digits", model="linear", c=[0.1], split="stratified:0.2", out=place)
    return place


def test_the_way_of_a_shop(hangtag_command, tmp_path, run):
    shop = tmp_path / "shop.db"
    made = hangtag_command("catalog", "create", shop)
    assert made.code == 0
    assert f"next: hangtag catalog import {shop}" in made.err
    assert "1,797  new" in hangtag_command("catalog", "import", shop, "digits").out
    assert hangtag_command("catalog", "import", shop, "digits", "--json").json["same"] == 1797
    tagged = hangtag_command("catalog", "tag", shop, run, "--threshold", 0.9)
    assert "1,797 items answered" in tagged.out
    review = tmp_path / "review.csv"
    assert hangtag_command("catalog", "review", shop, "--export", review, "--limit", 9).code == 0
    lines = review.read_text().splitlines()
    assert len(lines) == 10
    filled = [lines[0], lines[1].removesuffix(",") + "correct,zero", *lines[2:]]
    review.write_text("\n".join(filled))
    kept = hangtag_command("catalog", "review", shop, "--import", review, "--who", "Ada")
    assert "1 decisions kept of 1" in kept.out
    item = lines[1].split(",")[0]
    known = hangtag_command("catalog", "info", shop, item)
    assert "tag  category = zero, by a person" in known.out
    assert "Ada corrected zero" in known.out
    words = ("--where", "category=zero", "--text", item.split("/")[1])
    found = hangtag_command("search", shop, *words)
    assert item in found.out
    assert "cosine" in hangtag_command("similar", shop, item, "-k", 3, "--everything").out
    question = tmp_path / "question.png"
    Image.new("L", (8, 8), 200).save(question)
    none = hangtag_command("search", shop, question, "--where", "category=ten")
    assert none.out == "no item with an embedded image fits category=ten\n"
    assert "precision@10" in hangtag_command("search", shop, "--measure", "class").out
    out = tmp_path / "tags.csv"
    assert hangtag_command("catalog", "export", shop, "--out", out).code == 0
    assert out.read_text().count("\n") == 1798
    assert hangtag_command("catalog", "check", shop).out.strip() == "all is well"


def test_printed_next_steps_of_a_catalog_work(hangtag_command, tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hangtag_command("catalog", "create", "shop.db")
    hangtag_command("catalog", "import", "shop.db", "digits")
    said = hangtag_command("catalog", "tag", "shop.db", run, "--threshold", 0.9).err
    again = hangtag_command("catalog", "tag", "shop.db", run, "--threshold", 0.8)
    assert "would change; not in use yet" in again.out
    steps = [line.removeprefix("next: ") for line in (said + again.err).splitlines()]
    steps = [line for line in steps if line.startswith("hangtag") and "PHOTO" not in line]
    assert len(steps) == 2
    for line in steps:
        assert hangtag_command(*shlex.split(line)[1:]).code == 0


def test_what_a_head_lacks_is_said_with_a_command_that_gives_it(
    hangtag_command, tmp_path, run, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    hangtag_command("catalog", "create", "shop.db")
    hangtag_command("catalog", "import", "shop.db", "digits")
    hangtag_command("catalog", "tag", "shop.db", run)
    asked = ("catalog", "learn", "shop.db", "--attribute", "stroke")
    hint = hangtag_command(*asked, "--json").json["hint"]
    decide = hint.partition(" on some items")[0]
    for number in range(10):
        said = decide.replace("ITEM", f"all/{number:05d}").replace("VALUE", "thin")
        words = said.replace("thin", "thin" if number % 2 else "thick")
        assert hangtag_command(*shlex.split(words)[1:]).code == 0
    assert hangtag_command(*asked).code == 0


def test_a_head_is_learned_shown_and_taken(hangtag_command, tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hangtag_command("catalog", "create", "shop.db")
    hangtag_command("catalog", "import", "shop.db", "digits")
    hangtag_command("catalog", "tag", "shop.db", run)
    asked = ("catalog", "learn", "shop.db", "--attribute", "digit", "--known", "class")
    made = hangtag_command(*asked)
    assert "learned digit from 1,797 items" in made.out
    assert "right" in made.out
    assert "next: hangtag catalog tag shop.db head:digit" in made.err
    assert hangtag_command(*asked, "--json").json["examples"] == 1797
    tagged = hangtag_command("catalog", "tag", "shop.db", "head:digit")
    assert "1,797 items answered by head-" in tagged.out
    assert "digit  " in hangtag_command("catalog", "info", "shop.db").out
    pairs = hangtag_command("catalog", "duplicates", "shop.db", "--out", "pairs.csv")
    assert "pairs of items: near copy" in pairs.out
    assert "next: hangtag catalog duplicates shop.db --out pairs.csv" in pairs.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("catalog", "learn", "SHOP", "--attribute", "x"), "has no embeddings"),
        (("catalog", "tag", "SHOP", "head:x"), "has learned no head for 'x'"),
        (("catalog", "info", "none.db"), "there is no catalog"),
        (("search", "none.db", "none.png"), "there is no image"),
        (("catalog", "decide", "SHOP", "nobody", "accept"), "there is no item 'nobody'"),
        (("catalog", "use", "SHOP", "7"), "there is no tagging 7"),
        (("catalog", "import", "SHOP", "none"), ""),
        (("search", "SHOP", "--text", "a", "--where", "price"), "cannot be read"),
        (("catalog", "create", "SHOP"), "is there already"),
        (("similar", "SHOP", "x"), "has no item 'x'"),
    ],
)
def test_wrong_use_is_a_sentence_and_two(hangtag_command, tmp_path, words, said):
    shop = tmp_path / "shop.db"
    hangtag.create_catalog(shop)
    found = hangtag_command(*(str(shop) if one == "SHOP" else one for one in words))
    assert found.code == 2
    assert said in found.err
    assert "hint:" in found.err

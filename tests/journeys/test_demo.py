"""What a newcomer does first: the demonstration, from nothing to tags."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest

from hangtag.rooms import catalog


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demonstration on what every installation has, run as a person runs it."""
    place = tmp_path_factory.mktemp("demo")
    environment = os.environ | {
        "HANGTAG_DATA": "",
        "HANGTAG_CACHE": str(place / "cache"),
        "HANGTAG_MIRROR": "http://127.0.0.1:9",  # nothing listens: every download fails at once
        "HOME": str(place),
        "PATH": "/nowhere",  # no apt-get to fetch a package with
    }
    command = [sys.executable, "-m", "hangtag", "demo", "--epochs", "5"]
    return place, subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def test_ends_well_and_says_where_everything_is(demo):
    place, done = demo
    assert done.returncode == 0, done.stderr
    for line in ("model   demo/run/bundle", "report  demo/report.html", "tags    demo/tags.csv",
                 "shop    demo/shop.db"):  # fmt: skip
        assert line in done.stdout
        assert (place / line.split()[1]).exists()


def test_says_in_one_sentence_that_it_runs_on_digits_instead(demo):
    _, done = demo
    said = [line for line in done.stderr.splitlines() if "digits instead" in line]
    assert len(said) == 1
    assert "fashion-mnist" in said[0].lower()


def test_says_what_to_type_next(demo):
    _, done = demo
    assert "next: hangtag tag demo/run/bundle YOUR_FOLDER --out tags.csv" in done.stderr


def test_ends_with_a_shop_that_was_tagged_and_asked_once(demo):
    place, done = demo
    asked = next(line for line in done.stderr.splitlines() if "most like " in line)
    names = {path.name for path in (place / "demo" / "pictures").iterdir()}
    named = asked.partition("most like ")[2].replace(":", "").replace(",", "").split()
    assert len([one for one in named if one in names]) == 5
    shop = catalog.open_catalog(place / "demo" / "shop.db")
    tags = {
        one.external_id: one.tags.get("category", ("unknown",))[0]
        for one in catalog.items(shop, catalog.numbers(shop)).values()
    }
    with (place / "demo" / "tags.csv").open() as file:
        assert tags == {row["id"]: row["label"] or "unknown" for row in csv.DictReader(file)}
    assert catalog.check(shop) == []
    for step in ("search demo/shop.db YOUR_PHOTO", "catalog review demo/shop.db --export"):
        assert f"next: hangtag {step}" in done.stderr


def test_draws_no_bars_where_nobody_looks(demo):
    _, done = demo
    assert "\x1b[" not in done.stdout + done.stderr


def test_tags_every_image_of_its_folder_in_order(demo):
    place, _ = demo
    with (place / "demo" / "tags.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = sorted(path.name for path in (place / "demo" / "pictures").iterdir())
    assert [row["id"] for row in rows] == names
    torn = next(row for row in rows if row["id"] == "torn.png")
    assert torn["error"]
    assert not torn["label"]


def test_is_right_about_most_images_it_answers(demo):
    place, _ = demo
    with (place / "demo" / "tags.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["id"][0].isdigit()]
    answered = [row for row in rows if row["label"] != "unknown"]
    right = [row for row in answered if row["id"].startswith(f"{row['label']}-")]
    assert len(answered) > len(rows) // 3
    assert len(right) > 0.8 * len(answered)


def test_runs_again_and_gives_the_same_tags(demo):
    place, _ = demo
    before = (place / "demo" / "tags.csv").read_bytes()
    again = subprocess.run(
        [sys.executable, "-m", "hangtag", "demo", "--epochs", "5", "--json"],
        cwd=place,
        env=os.environ
        | {"HANGTAG_DATA": "", "HANGTAG_MIRROR": "http://127.0.0.1:9", "PATH": "/"}
        | {"HANGTAG_CACHE": str(place / "cache"), "HOME": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert set(json.loads(again.stdout)) >= {"bundle", "report", "tags", "accuracy"}
    assert (place / "demo" / "tags.csv").read_bytes() == before

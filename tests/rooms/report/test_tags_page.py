"""The page of tags: the least sure first, kept and corrected in a browser, and trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.records import InputImage, Preprocessing, Source, Tag
from hangtag.rooms.report.tagged import sheet as sheets
from hangtag.rooms.report.tagged.page import Sheet
from hangtag.rooms.report.tagged.page import page as page_of
from hangtag.rooms.report.tagged.sheet import ContactSheet

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "=1+1<img src=x onerror=alert(1)>.png"


class Brightness:
    """A real, tiny classifier: dark, middling or bright, by the mean of the image."""

    model_id = "brightness-1"
    class_names = ("dark", "middling", "bright")
    preprocessing = Preprocessing((8, 8, 1), (0, 255), (0, 1))
    threshold = 0.6

    def probabilities(self, images):
        level = images.reshape(len(images), -1).mean(axis=1) / 255
        scores = np.exp(-20 * (level[:, None] - np.array([0.0, 0.5, 1.0])) ** 2)
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    def embeddings(self, images):
        return images.reshape(len(images), -1).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty images from black to white, one that is none, and one with a name of code."""
    place = tmp_path_factory.mktemp("tagged") / "shop"
    place.mkdir()
    for number, level in enumerate(np.linspace(0, 255, 40).astype(int)):
        Image.new("L", (8, 8), int(level)).save(place / f"p{number:02}.png")
    Image.new("L", (8, 8), 64).save(place / HOSTILE)
    (place / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return place


@pytest.fixture(scope="module")
def page(folder):
    out = folder.parent / "tags.html"
    found = hangtag.tag_folder(Brightness(), folder, out=out)
    assert len(found) == 42
    return out


def test_the_page_is_sound_and_every_image_stands_in_its_group(sound, page):
    parsed = sound(page.read_text())
    said = page.read_text()
    assert said.count('<span class="reason">unsure</span>') == said.count("? <b>") > 0
    assert [one["id"] for one in parsed.all("section")][:2] == ["decide", "tag-unknown"]
    assert len([one for one in parsed.all("li") if one.get("class") == "tag"]) == 41
    assert "is damaged or cut off" in said
    assert "hangtag train shop --decisions labels.csv" in said
    assert str(page.parent) not in said


def test_the_least_sure_of_each_tag_come_first():
    levels = np.random.default_rng(0).permutation(200)
    sheet = sheet_of(levels)
    for places in sheet.weakest().values():
        sure = [sheet.tags[at].confidence for at in places]
        assert sure == sorted(sure)
        assert {sheet.tags[at].label for at in places} == {sheet.tags[places[0]].label}


def test_of_many_images_the_least_sure_are_kept_and_no_more(monkeypatch):
    monkeypatch.setattr(sheets, "EACH", 5)
    sheet = sheet_of(np.random.default_rng(0).permutation(200))
    assert sheet.counts.total() == 200
    for label, places in sheet.weakest().items():
        least = sorted(one.confidence for one in sheet.tags if one.label == label)[:5]
        assert [sheet.tags[at].confidence for at in places] == least
    html = page_of(Sheet(sheet, ("low", "high"), Source("shop"), None))
    assert "Shown are 10 of 200 images" in html


def sheet_of(levels) -> ContactSheet:
    """Images tagged low or high, the surer the further from the middle."""

    def answer(images):
        for one in images:
            proportion = int(one.pixels[0, 0, 0]) / 199
            ranked = (("low", 1 - proportion), ("high", proportion))[
                :: 1 if proportion < 0.5 else -1
            ]
            yield Tag(one.id, ranked[0][0], ranked[0][1], ranked, "m")

    return ContactSheet.of(
        (InputImage(str(one), np.full((4, 4, 1), one, np.uint8)) for one in levels), answer
    )


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium")
def test_what_is_kept_and_corrected_is_what_train_learns_from(browser, page, folder, tmp_path):
    context = browser.new_context(accept_downloads=True)
    opened, troubles = context.new_page(), []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("request", lambda request: troubles.append(request.url))
    opened.goto(page.as_uri())
    assert opened.is_disabled("#save")
    for group in ("tag-0", "tag-1", "tag-2"):
        opened.click(f"#{group} .all button")
    # One by mouse, by the dialog; one by keyboard, of those that are not known; one left out.
    first = opened.locator("#tag-0 .tag").first
    first.locator("text=correct").click()
    opened.fill("#choose-filter", "brig")
    opened.keyboard.press("Enter")
    opened.locator("#tag-unknown .pick").first.focus()
    opened.keyboard.press("2")
    opened.keyboard.press("x")
    opened.keyboard.press("k")
    opened.keyboard.press("u")
    names = opened.locator("#tag-unknown .id").all_inner_texts()
    corrected = [first.locator(".id").inner_text(), names[0]]
    assert ", 2 corrected, 1 left out" in opened.inner_text("#counted")
    opened.reload()  # what was decided is still there
    assert ", 2 corrected, 1 left out" in opened.inner_text("#counted")
    with opened.expect_download() as waiting:
        opened.click("#save")
    table = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(table)
    own = (page.as_uri(), "data:", "blob:")
    assert [one for one in troubles if not one.startswith(own)] == []
    context.close()

    images = hangtag.load(folder, decisions=str(table))
    said = {images.id_of(at): images.labels[at] for at in range(len(images))}
    assert images.class_names[said[corrected[0]]] == "bright"
    assert corrected[1] == HOSTILE
    assert images.class_names[said[HOSTILE]] in {"dark", "middling"}
    assert said[names[1]] == -1
    run = hangtag.train(
        hangtag.Source(str(folder), hangtag.LoadOptions(decisions=str(table))),
        model="linear",
        c=[0.1],
        split="stratified:0.2",
        out=tmp_path / "run",
    )
    assert hangtag.open_bundle(run).class_names == ("bright", "dark", "middling")

"""The page in a real browser: it asks nobody for anything, and its cells open their images."""

from __future__ import annotations

import csv
import io
import re
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.report import report

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]


class Opened:
    """A page in the browser, and all it asked for or complained about."""

    def __init__(self, context, path: Path) -> None:
        self.page = context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append("dialog"), dialog.dismiss()))
        self.url = path.as_uri()
        self.page.goto(self.url)

    @property
    def elsewhere(self) -> list[str]:
        """Requests for anything but the file itself and what is inside it."""
        return [one for one in self.asked if one != self.url and not one.startswith("data:")]


@pytest.fixture(scope="module")
def path(facts, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(report(facts), encoding="utf-8")
    return place


@pytest.fixture
def opened(browser, path) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Opened(context, path)
    context.close()


def most_wrong(facts) -> tuple[int, int]:
    """Row and column of the largest cell off the diagonal."""
    counts = facts.evaluation.confusion.counts * ~np.eye(10, dtype=bool)
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    return int(row), int(column)


def shown(page) -> list[tuple[str, np.ndarray]]:
    """Id and pixels of every image in the drawer."""
    page.wait_for_selector("#drawer-images canvas")
    items = page.evaluate(
        """() => [...document.querySelectorAll("#drawer-images li")].map((item) => {
          const canvas = item.querySelector("canvas");
          const { width, height } = canvas;
          const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          return [item.querySelector(".id").textContent, width, height, [...data]];
        })"""
    )
    return [
        (name, np.array(data, np.uint8).reshape(height, width, 4)[:, :, :1])
        for name, width, height, data in items
    ]


def test_the_page_makes_no_request_and_no_complaint(opened):
    opened.page.mouse.wheel(0, 20_000)
    opened.page.click("#matrix button >> nth=0")
    opened.page.wait_for_selector("#drawer-images canvas")
    assert opened.elsewhere == []
    assert opened.said == []


def test_the_page_could_not_make_a_request_if_it_wanted_to(opened):
    with socket.create_server(("127.0.0.1", 0)) as server:
        blocked = opened.page.evaluate(
            """async (address) => {
              const image = new Image();
              const failed = new Promise((done) => { image.onerror = () => done("blocked"); });
              image.src = `${address}/picture.png`;
              const fetched = fetch(address).catch(() => "blocked");
              return [await failed, await fetched];
            }""",
            f"http://127.0.0.1:{server.getsockname()[1]}",
        )
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert blocked == ["blocked", "blocked"]
    assert any("Content Security Policy" in message for message in opened.said)


def test_a_cell_opens_exactly_the_images_in_it(opened, facts):
    row, column = most_wrong(facts)
    opened.page.click(f'#matrix button[data-cell="{row},{column}"]')
    found = shown(opened.page)
    inside = (facts.predictions.labels == row) & (facts.predictions.predicted == column)
    assert {name for name, _ in found} == {facts.ids[one] for one in np.flatnonzero(inside)}
    for name, pixels in found:
        assert np.array_equal(pixels, facts.pictures[facts.ids.index(name)])
    names = facts.class_names
    title = opened.page.inner_text("#drawer-title")
    assert title == f"{names[row]} taken for {names[column]}"
    assert opened.page.inner_text("#drawer-note").startswith(f"All {inside.sum()}, the surest")


def test_a_full_cell_says_how_many_of_how_many_it_shows(browser, facts, tmp_path):
    answers = replace(facts.predictions, labels=np.full(597, 3))
    many = replace(facts, predictions=answers, evaluation=evaluate(answers))
    place = tmp_path / "many.html"
    place.write_text(report(many), encoding="utf-8")
    context = browser.new_context()
    opened = Opened(context, place)
    column = int(np.bincount(answers.predicted).argmax())
    total = int((answers.predicted == column).sum())
    assert total > 60
    opened.page.click(f'#matrix button[data-cell="3,{column}"]')
    assert len(shown(opened.page)) == 60
    assert opened.page.inner_text("#drawer-note").startswith(f"Showing 60 of {total}")
    context.close()


def test_the_matrix_works_by_keyboard_alone(opened, facts):
    page, counts = opened.page, facts.evaluation.confusion.counts
    focused = "document.activeElement.dataset.cell"
    page.focus('input[name="matrix-cells"]:checked')
    for _ in range(3):  # past the box the matrix scrolls in: one stop for all of its cells
        page.keyboard.press("Tab")
        if page.evaluate(focused):
            break
    assert page.evaluate(focused) == "0,0"
    row, column = most_wrong(facts)
    page.focus(f'#matrix button[data-cell="{row},{column}"]')
    key, step = ("ArrowRight", 1) if row > column else ("ArrowLeft", -1)
    beside = column + step
    while not counts[row, beside]:
        beside += step
    page.keyboard.press(key)
    assert page.evaluate(focused) == f"{row},{beside}"
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer-images canvas")
    assert page.evaluate("document.querySelector('#drawer').open")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('#drawer').open")
    assert page.evaluate(focused) == f"{row},{beside}"


def test_the_matrix_shows_proportions_of_the_row_when_asked(opened, facts):
    row, column = most_wrong(facts)
    cell = f'#matrix button[data-cell="{row},{column}"]'
    count = facts.evaluation.confusion.counts[row, column]
    assert opened.page.inner_text(cell) == str(count)
    opened.page.check('input[value="share"]')
    proportion = facts.evaluation.confusion.shares[row, column]
    assert opened.page.inner_text(cell) == f"{proportion * 100:.1f}"


def test_a_pair_in_words_opens_the_same_images(opened, facts):
    row, column = most_wrong(facts)
    opened.page.click(f'#pairs button[data-cell="{row},{column}"]')
    assert len(shown(opened.page)) == facts.evaluation.confusion.counts[row, column]
    opened.page.click("#drawer-close")
    assert not opened.page.evaluate("document.querySelector('#drawer').open")


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1920])
def test_the_page_fits_its_window(browser, path, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = Opened(context, path).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_page_follows_the_readers_scheme(browser, path):
    grounds = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = Opened(context, path).page
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = sum(int(part) for part in re.findall(r"\d+", ground)[:3])
        line = page.evaluate("getComputedStyle(document.querySelector('.drawn text')).fill")
        grounds[f"{scheme} text"] = sum(int(part) for part in re.findall(r"\d+", line)[:3])
        context.close()
    assert grounds["dark"] < 150 < 600 < grounds["light"]
    assert grounds["light text"] < 300 < grounds["dark text"]


def downloaded(page, place) -> tuple[str, str]:
    """Name and text of what a press saves."""
    with page.expect_download() as saved:
        place.click()
    return saved.value.suggested_filename, saved.value.path().read_text()


def test_every_table_is_saved_as_csv_and_every_figure_as_a_file(opened, facts):
    page = opened.page
    name, text = downloaded(page, page.locator("#per_class .tools >> nth=0").get_by_text("CSV"))
    assert name == "classification-report.csv"
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["Class", "Precision", "Recall", "F1", "Images"]
    assert len(rows) == 1 + len(facts.class_names) + 2
    f1 = [float(row[3].split()[0]) for row in rows[1:-2]]
    assert f1 == sorted(f1), "the weakest class first"
    name, text = downloaded(page, page.locator("#calibration .tools button").first)
    assert name == "figure-10-confidence-against-accuracy.svg" or name.endswith("accuracy.svg")
    drawing = ET.fromstring(text)
    assert drawing.tag.endswith("svg")
    assert "var(--" not in text
    tables = page.locator("main table:not(:has(.left-out))").count()
    assert page.locator('.tools button[aria-label^="Save the table"]').count() == tables
    figures = page.locator("main figure:has(svg), main figure:has(img[src^='data:'])").count()
    assert page.locator('.tools button[aria-label^="Save the figure"]').count() >= figures - 1
    assert opened.said == []


def test_a_command_is_copied(browser, path):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(path.as_uri())
    page.locator('.tools button[aria-label^="Copy the command"]').first.click()
    page.get_by_text("copied", exact=True).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("pre.command").first.text_content()
    context.close()


def test_classes_are_sorted_by_a_press(opened):
    page = opened.page
    page.locator("#per_class table.scores thead button").first.click()
    names = page.locator("#per_class table.scores tbody th").all_inner_texts()
    assert names == sorted(names, key=str.casefold)


def test_everything_folded_is_unfolded_for_paper(opened):
    folded = "document.querySelectorAll('details:not([open])').length"
    assert opened.page.evaluate(folded) > 0
    assert len(opened.page.pdf(format="A4")) > 10_000
    assert opened.page.evaluate(folded) == 0


def test_names_that_try_to_be_code_run_nothing(browser, facts, tmp_path):
    bad = (
        "<script>window.bad = 1</script>",
        "</script><img src=x onerror='window.bad = 1'>",
        "\"><svg onload='window.bad = 1'>",
    )
    names = bad + facts.class_names[3:]
    table = replace(facts.evaluation.confusion, class_names=names)
    rows = [replace(row, name=names[one]) for one, row in enumerate(facts.evaluation.classes)]
    hostile = replace(
        facts,
        title=bad[0],
        class_names=names,
        evaluation=replace(facts.evaluation, classes=tuple(rows), confusion=table),
        ids=tuple(f"{bad[1]}{one}" for one in range(597)),
        diagram=f"<svg xmlns='http://www.w3.org/2000/svg' onload='top.bad = 1'>{bad[0]}</svg>",
    )
    place = tmp_path / "hostile.html"
    place.write_text(report(hostile), encoding="utf-8")
    context = browser.new_context()
    opened = Opened(context, place)
    opened.page.click('#matrix button[data-cell="1,1"]')
    found = shown(opened.page)
    assert found[0][0].startswith(bad[1])
    assert opened.page.inner_text("#drawer-title") == f"{bad[1]}, named rightly"
    assert opened.page.evaluate("window.bad") is None
    assert (opened.elsewhere, opened.said) == ([], [])
    context.close()

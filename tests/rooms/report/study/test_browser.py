"""The page of a study in a real browser: every matrix and every map of it works by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hangtag.rooms.report import study_page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]


@pytest.fixture(scope="module")
def path(study, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("page") / "study.html"
    place.write_text(study_page(study), encoding="utf-8")
    return place


@pytest.fixture
def opened(browser, path) -> Iterator[Callable]:
    """Open the page; at the end it must have asked for nothing and complained of nothing."""
    contexts, troubles = [], []

    def visit(**options):
        contexts.append(
            browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        )
        page = contexts[-1].new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url == path.as_uri()
                or request.url.startswith("data:")
                or troubles.append(request.url)
            ),
        )
        page.goto(path.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


def drawer(page) -> list[tuple[str, list[int]]]:
    """Id and pixels of every image in the drawer."""
    page.wait_for_selector("#drawer-images canvas")
    return page.evaluate(
        """() => [...document.querySelectorAll("#drawer-images li")].map((item) => {
          const canvas = item.querySelector("canvas");
          const { width, height } = canvas;
          const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          return [item.querySelector(".id").textContent, [...data].filter((_, at) => at % 4 === 0)];
        })"""
    )


def test_cells_open_the_images_of_their_own_model(opened, study):
    page = opened()
    for number, model in enumerate(study.models["learn"], start=1):
        facts, table = model.facts, f"#step-learn-matrix-{number}"
        counts = facts.evaluation.confusion.counts * ~np.eye(10, dtype=bool)
        row, column = (int(one) for one in np.unravel_index(counts.argmax(), counts.shape))
        page.click(f'{table} button[data-cell="{row},{column}"]')
        found = drawer(page)
        answers = facts.predictions
        inside = np.flatnonzero((answers.labels == row) & (answers.predicted == column))
        assert len(found) == min(60, len(inside))
        expected = {facts.ids[one]: facts.pictures[one].ravel().tolist() for one in inside}
        assert all(expected[name] == pixels for name, pixels in found)
        assert page.inner_text("#drawer-note").startswith(model.name)
        page.click("#drawer-close")


def test_each_matrix_has_its_own_switch_and_its_own_place_for_the_keyboard(opened, study):
    page = opened()
    page.check('input[name="step-learn-matrix-2-cells"][value="share"]')
    classes = [page.get_attribute(f"#step-learn-matrix-{number}", "class") for number in (1, 2)]
    assert ["shares" in one for one in classes] == [False, True]
    reached = '#step-learn-matrix-{} button[data-cell][tabindex="0"]'
    assert [page.locator(reached.format(number)).count() for number in (1, 2)] == [1, 1]
    page.focus(reached.format(2))
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('table').id") == "step-learn-matrix-2"


def test_two_maps_on_one_page_work_each_by_itself(opened, study):
    page = opened()
    page.wait_for_selector("#step-map-again .points[data-drawn]")
    first, again = (page.locator(f"#step-{name} .points").first for name in ("map-it", "map-again"))
    button = page.locator('#step-map-it .legend button[data-group="3"]').first
    button.click()
    page.wait_for_timeout(100)
    threes = int((study.images.labels == 3).sum())
    assert int(first.get_attribute("data-drawn")) == 400 - threes
    assert int(again.get_attribute("data-drawn")) == 400
    again.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    said = page.inner_text("#step-map-again .said").split(",")[0]
    assert said.startswith(("train/", "test/"))
    shown = page.evaluate(
        """() => {
          const canvas = document.querySelector("#step-map-again .tip canvas");
          return [...canvas.getContext("2d").getImageData(0, 0, 96, 96).data];
        }"""
    )
    pixels = np.array(shown, np.uint8).reshape(96, 96, 4)[6::12, 6::12, :1]
    (index,) = [one for one in range(400) if study.images.id_of(one) == said]
    assert np.array_equal(pixels, study.images.images[index])
    assert page.inner_text("#step-map-it .said") == ""


def test_results_are_sorted_by_a_press_on_their_heading(opened):
    page = opened()
    page.click("#step-look summary >> nth=0")
    table = page.locator("#step-look details table.results")
    column = table.locator("tbody tr > :nth-child(1)")
    assert column.all_inner_texts()[:3] == ["10", "10", "20"]
    heading = table.locator("thead button").first
    heading.click()
    heading.click()
    assert column.all_inner_texts()[:2] == ["150", "150"]
    assert table.locator("thead th").first.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_its_window(opened, width):
    page = opened(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_drawings_follow_the_readers_scheme(opened):
    grounds = {}
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        grounds[scheme] = page.evaluate(
            """async () => {
              const image = document.querySelector('img[alt="By epoch."]');
              await image.decode();
              const canvas = document.createElement("canvas");
              canvas.width = canvas.height = 4;
              const context = canvas.getContext("2d");
              context.drawImage(image, 0, 0, 4, 4);
              return context.getImageData(0, 0, 1, 1).data[0];
            }"""
        )
    assert grounds["dark"] < 80 < 200 < grounds["light"]


def test_everything_folded_is_unfolded_for_paper(opened):
    page = opened()
    folded = "document.querySelectorAll('details:not([open])').length"
    assert page.evaluate(folded) > 0
    assert len(page.pdf(format="A4")) > 10_000
    assert page.evaluate(folded) == 0


def test_everything_is_there_without_scripts(opened, study):
    page = opened(java_script_enabled=False)
    assert page.locator("#step-map-it .still").count() == 2
    assert page.locator("#step-learn-matrix-2").is_visible()
    assert page.locator("#step-map-it .legend").first.is_hidden()

"""Audits and maps in a real browser: filtered, walked through by mouse, keyboard and finger."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hangtag.records import Clustering
from hangtag.rooms.report import audit_page, explore_page, map_page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]


@pytest.fixture(scope="module")
def files(faulty, findings, maps, summary, tmp_path_factory) -> dict[str, Path]:
    """One page of each kind, on disk."""
    place = tmp_path_factory.mktemp("pages")
    rows = np.arange(400)
    clusters = Clustering("kmeans", rows, rows % 3, np.zeros((3, 2)), faulty.fingerprint)
    made = {
        "audit": audit_page(faulty, findings),
        "maps": map_page(faulty, maps, clusterings=[clusters]),
        "look": explore_page(faulty, summary),
    }
    for name, html in made.items():
        (place / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: place / f"{name}.html" for name in made}


@pytest.fixture
def opened(browser, files) -> Iterator[Callable]:
    """Open a page; at the end it must have asked for nothing and complained of nothing."""
    contexts, troubles = [], []

    def visit(name: str, **options):
        options = {"viewport": {"width": 1280, "height": 900}} | options
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        url = files[name].as_uri()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append("dialog"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                request.url == url
                or request.url.startswith("data:")
                or troubles.append(request.url)
            ),
        )
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def walk(opened):
    """The page of maps, drawn."""
    page = opened("maps")
    page.wait_for_selector(".points[data-drawn]")
    return page


def place_of(page, one, row: int) -> tuple[float, float]:
    """Where in the window a point of the first map is."""
    across, down = places_of(page, one)
    return float(across[row]), float(down[row])


def places_of(page, one) -> tuple[np.ndarray, np.ndarray]:
    """Where in the window all points of the first map are."""
    canvas = page.locator(".points").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    points = one.points[:, :2].astype(float)
    low, spread = points.min(axis=0), np.ptp(points, axis=0)
    wide, high = spread / spread.max()
    unit = 0.92 * min(box["width"] / wide, box["height"] / high)
    across, up = ((points - low) / spread.max()).T
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return middle[0] + (across - wide / 2) * unit, middle[1] - (up - high / 2) * unit


def lonely(one, among: np.ndarray) -> int:
    """The point that is furthest from all others: there is no doubt which one is meant."""
    points = one.points[:, :2]
    gaps = np.linalg.norm(points[among, None] - points[None], axis=2)
    return int(among[np.sort(gaps, axis=1)[:, 1].argmax()])


def drawn(page) -> int:
    page.wait_for_timeout(80)
    return int(page.locator(".points").first.get_attribute("data-drawn"))


def pixels_of(page, canvas: str) -> np.ndarray:
    """What is on a canvas, ``(height, width, 4)``."""
    address = page.evaluate("(canvas) => document.querySelector(canvas).toDataURL()", canvas)
    return np.asarray(Image.open(BytesIO(b64decode(address.split(",")[1]))).convert("RGBA"))


def tip(page) -> list[str]:
    return page.locator(".tip").first.inner_text().split("\n")


def test_pointing_at_a_dot_shows_its_image_and_name(walk, faulty, maps):
    row = lonely(maps[0], np.arange(400))
    walk.mouse.move(*place_of(walk, maps[0], row))
    walk.wait_for_timeout(400)  # the sheet of thumbnails is decoded when it is first needed
    assert tip(walk)[-1] == faulty.id_of(row)
    assert tip(walk)[0] == faulty.class_names[faulty.labels[row]]
    shown = pixels_of(walk, ".tip canvas")[6::12, 6::12, :1]
    assert np.array_equal(shown, faulty.images[row])


def test_pressing_a_name_hides_its_class_and_brings_it_back(walk, faulty, maps):
    row = lonely(maps[0], np.arange(400))
    label = int(faulty.labels[row])
    button = walk.locator(f'.legend button[data-group="{label}"]').first
    assert drawn(walk) == 400
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert drawn(walk) == 400 - int((faulty.labels == label).sum())
    assert "of 400 images" in walk.inner_text(".shown")
    walk.mouse.move(*place_of(walk, maps[0], row))
    assert walk.locator(".tip").first.is_hidden() or tip(walk)[-1] != faulty.id_of(row)
    button.click()
    assert drawn(walk) == 400
    walk.click('[data-all="false"]')
    assert drawn(walk) == 0
    walk.click('[data-all="true"]')
    assert drawn(walk) == 400


def test_points_can_be_coloured_by_cluster(walk, faulty, maps):
    walk.check('.choice input[value="1"]')
    assert walk.locator('.legend[data-grouping="1"] button').count() == 3
    assert walk.locator('.legend[data-grouping="0"]').is_hidden()
    walk.click('.legend[data-grouping="1"] button[data-group="0"]')
    assert drawn(walk) == 400 - 134
    row = lonely(maps[0], np.arange(400)[np.arange(400) % 3 > 0])
    walk.mouse.move(*place_of(walk, maps[0], row))
    assert f"cluster {row % 3}" in tip(walk)


def test_a_map_works_by_keyboard_alone(walk):
    canvas = walk.locator(".points").first
    canvas.focus()
    walk.keyboard.press("ArrowRight")
    first = walk.inner_text(".said")
    assert first.startswith(("train/", "test/"))
    walk.keyboard.press("ArrowRight")
    assert walk.inner_text(".said") != first
    assert walk.locator(".tip").first.is_visible()
    before = drawn(walk)
    for _ in range(6):
        walk.keyboard.press("+")
    assert drawn(walk) < before
    walk.keyboard.press("0")
    assert drawn(walk) == before
    walk.keyboard.press("Escape")
    assert walk.locator(".tip").first.is_hidden()


def inside(page, one, left: float, right: float) -> tuple[np.ndarray, float, float]:
    """Which points lie between two places of the canvas, and such places, far from any point."""
    box = page.locator(".points").first.bounding_box()
    across, _ = places_of(page, one)
    edges = []
    for proportion in (left, right):
        near = np.sort(across[np.abs(across - box["x"] - proportion * box["width"]) < 60])
        widest = int(np.diff(near).argmax())
        edges.append(float(near[widest] + near[widest + 1]) / 2)
    return np.flatnonzero((across > edges[0]) & (across < edges[1])), *edges


def test_a_line_around_dots_lists_their_images(walk, faulty, maps, tmp_path):
    walk.click('[data-do="select"] >> nth=0')
    expected, left, right = inside(walk, maps[0], 0.25, 0.5)
    box = walk.locator(".points").first.bounding_box()
    top, bottom = box["y"] + 1, box["y"] + box["height"] - 1
    walk.mouse.move(left, top)
    walk.mouse.down()
    for corner in ((right, top), (right, bottom), (left, bottom)):
        walk.mouse.move(*corner, steps=4)
    walk.mouse.up()
    picked = walk.locator(".picked").first
    picked.wait_for()
    assert picked.locator("h3").inner_text() == f"{len(expected)} images selected"
    names = [one.split(", ")[-1] for one in picked.locator("li span").all_inner_texts()]
    assert names == [faulty.id_of(int(row)) for row in expected][:120]
    most = np.bincount(faulty.labels[expected][faulty.labels[expected] >= 0]).max()
    assert f": {most}" in picked.locator(".groups").inner_text().split(" · ")[0]
    walk.wait_for_timeout(500)
    first = pixels_of(walk, ".picked li canvas")
    assert first[:, :, 3].any()
    with walk.expect_download() as saved:
        walk.click('[data-picked="save"]')
    lines = (saved.value.path()).read_text().splitlines()
    assert lines[0].startswith("id,class")
    assert [one.split(",")[0] for one in lines[1:]] == [faulty.id_of(int(row)) for row in expected]
    walk.click('[data-picked="let"]')
    assert picked.is_hidden()


def test_images_are_found_by_a_part_of_their_name(walk, faulty):
    walk.fill('input[name="find"]', "test/0000")
    walk.keyboard.press("Enter")
    expected = [row for row in range(400) if faulty.id_of(row).startswith("test/0000")]
    listed = walk.locator(".picked li span").all_inner_texts()
    assert [one.split(", ")[-1] for one in listed] == [faulty.id_of(row) for row in expected]
    walk.fill('input[name="find"]', "nowhere")
    walk.keyboard.press("Enter")
    assert walk.locator(".picked").first.is_hidden()
    assert "no name holds that" in walk.inner_text(".shown")


def test_what_lies_around_an_image_is_listed_by_keyboard(walk):
    canvas = walk.locator(".points").first
    canvas.focus()
    walk.keyboard.press("ArrowRight")
    name = walk.inner_text(".said").split(", ")[0]
    walk.keyboard.press("Enter")
    listed = walk.locator(".picked li span").all_inner_texts()
    assert any(one.endswith(name) for one in listed)
    assert "selected" in walk.locator(".said").first.text_content()
    walk.keyboard.press("Escape")
    assert walk.locator(".picked").first.is_hidden()


def test_the_wheel_zooms_only_a_map_that_was_clicked(walk, maps):
    x, y = place_of(walk, maps[0], 0)
    walk.mouse.move(x, y)
    walk.mouse.wheel(0, 300)
    walk.wait_for_timeout(200)
    assert drawn(walk) == 400
    assert walk.evaluate("scrollY") > 0
    x, y = place_of(walk, maps[0], 0)
    walk.mouse.click(x, y)
    walk.mouse.wheel(0, -1500)
    assert drawn(walk) < 400


def test_far_enough_in_the_dots_become_images(walk, maps):
    x, y = place_of(walk, maps[0], lonely(maps[0], np.arange(400)))
    walk.mouse.click(x, y)
    assert (pixels_of(walk, ".points")[:, :, :3].sum(axis=2) == 0).sum() == 0  # no dot is black
    walk.mouse.wheel(0, -1800)
    walk.wait_for_timeout(400)
    assert 0 < drawn(walk) < 40
    assert (pixels_of(walk, ".points")[:, :, :3].sum(axis=2) == 0).sum() > 200  # digits' ground


def test_a_tap_shows_an_image(opened, faulty, maps):
    page = opened("maps", viewport={"width": 390, "height": 800}, has_touch=True)
    page.wait_for_selector(".points[data-drawn]")
    row = lonely(maps[0], np.arange(400))
    page.touchscreen.tap(*place_of(page, maps[0], row))
    page.wait_for_selector(".tip:not([hidden])")
    assert tip(page)[-1] == faulty.id_of(row)
    assert page.inner_text(".said").startswith(faulty.id_of(row))


def test_paper_and_readers_without_scripts_get_a_drawing(opened):
    page = opened("maps")
    still = page.locator(".still").first
    assert still.is_hidden()
    page.emulate_media(media="print")
    assert still.is_visible()
    assert page.locator(".stage").first.is_hidden()
    plain = opened("maps", java_script_enabled=False)
    assert plain.locator(".still").first.is_visible()
    assert plain.locator(".legend").first.is_hidden()


def test_findings_are_filtered_by_severity_and_check(opened, findings):
    page = opened("audit")
    total = len(findings)
    assert f"of {total} findings" in page.inner_text("#filtered")
    page.uncheck('input[value="info"]')
    assert page.locator('.found[data-severity="info"]').first.is_hidden()
    severe = sum(one.severity != "info" for one in findings.findings)
    assert f"of {severe} findings" in page.inner_text("#filtered")
    page.uncheck('input[value="leaks"]')
    assert page.locator('.check[data-check="leaks"]').is_hidden()
    page.check('input[value="info"]')
    assert page.locator('.check[data-check="leaks"]').is_hidden()
    assert page.locator('.check[data-check="blanks"]').is_visible()


def test_findings_are_all_there_without_scripts(opened, findings):
    page = opened("audit", java_script_enabled=False)
    assert page.locator("#filter").is_hidden()
    assert page.locator(".found").count() == len(
        {(one.check, one.severity) for one in findings.findings}
    )


@pytest.mark.parametrize("name", ["audit", "maps", "look"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_page_fits_its_window_and_runs_no_names(opened, name, width):
    page = opened(name, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.bad") is None

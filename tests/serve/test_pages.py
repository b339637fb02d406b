"""What people do on the pages, in a real browser: nothing leaves the machine."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]
PAGES = (
    "/",
    "/catalog",
    "/catalog/item?id=all/00011",
    "/review",
    "/exchange",
    "/models",
    "/runs",
    "/docs",
)


@pytest.fixture
def opened(browser, own_server) -> Iterator[Callable]:
    """Open a page; at the end nothing was asked of others and nothing complained of."""
    contexts, troubles = [], []

    def visit(path: str, **options):
        options = {"viewport": {"width": 1280, "height": 900}} | options
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        ours = (own_server.address, "blob:", "data:")
        page.on(
            "request",
            lambda request: request.url.startswith(ours) or troubles.append(request.url),
        )
        page.goto(own_server.url)
        assert "token" not in page.url
        page.goto(own_server.address + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


def comes(look: Callable, wanted: object) -> None:
    """See that something becomes so within ten seconds; pages forbid scripts that would wait."""
    until = time.monotonic() + 10
    while (found := look()) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    assert found == wanted


def decided(http) -> int:
    return http.get("/v1/review?limit=1").json()["decided"]


def told(http, item: str) -> dict:
    return http.get(f"/v1/items/{item}").json()


@pytest.fixture
def http(own_server):
    with own_server.http() as client:
        yield client


@pytest.fixture
def three(tmp_path, pngs) -> Path:
    place = tmp_path / "three.png"
    place.write_bytes(pngs[3])
    return place


def answered(page) -> None:
    page.wait_for_selector("#tagged:not([hidden])")
    page.wait_for_selector("#similar:not([hidden])")
    page.wait_for_selector("#result:not([aria-busy])")


def test_a_picture_is_chosen_tagged_explained_and_found(opened, three):
    page = opened("/")
    page.set_input_files("#chooser", three)
    answered(page)
    assert page.inner_text("#label") in ("3", "unknown")
    assert re.search(r"sure|say", page.inner_text("#why"))
    assert page.locator("#ranks meter").count() == 5
    assert page.get_attribute("#seen", "src").startswith("data:image/png")
    assert page.locator("#hits .card").count() > 0
    page.locator("#hits .card").first.click()
    page.wait_for_url("**/catalog/item?id=*")


def test_a_picture_is_dropped_and_another_pasted(opened, pngs):
    page = opened("/")
    give = """([bytes, kind]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
      const event = kind === "drop"
        ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
        : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
      (kind === "drop" ? document.getElementById("drop") : document).dispatchEvent(event);
    }"""
    page.evaluate(give, [list(pngs[0]), "drop"])
    answered(page)
    assert page.locator("#ranks li span").first.inner_text() == "0"
    page.evaluate(give, [list(pngs[1]), "paste"])
    comes(lambda: page.locator("#ranks li span").first.inner_text(), "1")


def test_a_picture_is_taken_by_the_camera(browser, own_server):
    # A browser of its own: the device that is shown must be there from its start.
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--no-sandbox")
    other = browser.browser_type.launch(executable_path=str(CHROMIUM), args=list(fake))
    try:
        page = other.new_context(permissions=["camera"]).new_page()
        page.goto(own_server.url)
        page.click("#camera")
        comes(lambda: page.evaluate("document.getElementById('video').videoWidth > 0"), True)
        page.click("#shoot")
        page.wait_for_selector("#tagged:not([hidden])")
        assert "given" in page.inner_text("#done") or "made grey" in page.inner_text("#done")
        assert page.locator("#video").is_hidden()
    finally:
        other.close()


def test_what_is_no_picture_is_said_in_words(opened, tmp_path):
    page = opened("/", viewport={"width": 390, "height": 800})
    empty = "new ClipboardEvent('paste', { clipboardData: new DataTransfer() })"
    page.evaluate(f"document.dispatchEvent({empty})")
    assert "no picture in the clipboard" in page.inner_text("#note")


def test_the_catalogue_is_narrowed_down_by_facets_and_words(opened):
    page = opened("/catalog")
    page.click(".facets a:has-text('not yet')")
    page.wait_for_url("**state=waiting*")
    page.locator("section:has(h2:text-is('class')) a").first.click()
    page.wait_for_url("**f=class*")
    assert page.locator(".facets a[aria-current]").count() == 2
    assert re.match(r"\d+ items", page.inner_text("[role=status]"))
    page.click("text=Clear all")
    page.fill("input[name=q]", "00011")
    page.press("input[name=q]", "Enter")
    page.wait_for_url("**q=00011*")
    assert page.locator(".grid .card").count() == 1


def test_an_item_is_corrected_and_the_correction_undone(opened, http):
    page = opened("/catalog/item?id=all/00017")
    page.fill("input[name=label]", "seventeen")
    with page.expect_navigation():
        page.click("text=Correct")
    assert page.inner_text(".tags .answer") == "seventeen"
    assert "decided by a person" in page.inner_text(".tags")
    assert "corrected seventeen" in page.inner_text("main")
    with page.expect_navigation():
        page.click("text=Undo the last decision")
    assert told(http, "all/00017")["tags"].get("category", {}).get("label") != "seventeen"


def test_a_hundred_items_are_reviewed_by_keyboard_alone(opened, http):
    before = decided(http)
    page = opened("/review")
    page.wait_for_selector("#card:not([hidden])")
    first = page.inner_text("#title")
    page.keyboard.press("s")
    assert page.inner_text("#title") != first
    for number in range(100):
        page.keyboard.press("a" if number % 3 else "2")
    page.keyboard.press("r")
    page.keyboard.press("u")
    page.keyboard.press("c")
    page.keyboard.type("other")
    page.keyboard.press("Enter")
    comes(lambda: decided(http) - before, 101)
    assert "an hour" in page.inner_text("#pace")
    assert page.locator("#note").is_hidden()


def test_a_whole_group_is_decided_at_once_and_taken_back(opened, http):
    before = decided(http)
    page = opened("/review")
    page.wait_for_selector("#card:not([hidden])")
    page.keyboard.press("g")
    boxes = page.locator("#group-items input")
    count = boxes.count()
    if count > 1:
        boxes.nth(1).uncheck()
    page.click("#accept-group")
    comes(lambda: decided(http) - before, count - (count > 1))
    page.keyboard.press("u")
    comes(lambda: decided(http), before)


def test_a_feed_shows_its_difference_before_it_is_imported(opened, http, tmp_path):
    feed = tmp_path / "more.csv"
    feed.write_text("id,title,image\npage-1,One,none.png\npage-2,Two,none.png\n")
    page = opened("/exchange")
    page.set_input_files("input[name=feed]", feed)
    page.check("input[name=keep]")
    page.click("text=See what it changes")
    page.wait_for_selector("#plan:not([hidden])")
    assert "Nothing is written yet" in page.inner_text("#verdict")
    assert http.get("/v1/items/page-1").status_code == 404
    page.click("#write")
    page.wait_for_selector("text=This was written.")
    assert told(http, "page-1")["title"] == "One"
    with page.expect_download() as download:
        page.click("text=JSON lines")
    lines = Path(download.value.path()).read_text().splitlines()
    assert any(json.loads(line)["id"] == "page-2" for line in lines)


def test_another_model_is_looked_at_used_and_left_again(opened, own_server, model, http):
    import hangtag

    newest = hangtag.tag_catalog(own_server.place, model=model, threshold=0.3).id
    used = [one["id"] for one in http.get("/v1/models").json()["taggings"] if one["in_use"]]
    page = opened("/models")
    page.click(f"[data-look='{newest}']")
    page.wait_for_selector(f"#moved-{newest}:not([hidden])")
    with page.expect_navigation():
        page.click(f"[data-use='{newest}']")
    page.wait_for_selector("#note:not([hidden])")
    assert "What people decided stays" in page.inner_text("#note")
    with page.expect_navigation():
        page.click(f"[data-use='{used[0]}']")
    now = [one["id"] for one in http.get("/v1/models").json()["taggings"] if one["in_use"]]
    assert now == used


def test_runs_stand_with_their_intervals(opened):
    page = opened("/runs")
    assert page.locator("tbody tr svg.dots").count() == 1
    assert page.get_attribute("svg.dots", "aria-label").startswith("from 0.")
    page.fill("#filter", "no such run")
    assert page.inner_text("#shown") == "0 of 1 runs"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody_and_fits_a_telephone(opened, own_server, scheme, three):
    from axe_playwright_python.sync_playwright import Axe

    page = opened("/", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.set_input_files("#chooser", three)
    answered(page)
    found = Axe().run(page).response["violations"]
    for path in PAGES[1:]:
        page.goto(own_server.address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        found += Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

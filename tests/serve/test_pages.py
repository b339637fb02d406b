"""What people do on the pages, in a real browser: nothing leaves the machine."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

import hangtag
from hangtag import settings
from hangtag.records import History
from hangtag.requests import ServeRequest
from hangtag.serve.app import application
from hangtag.serve.door import Door
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.keys import Keys

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
    "/duplicates",
    "/map",
    "/exchange",
    "/models",
    "/runs",
    "/data?run=run",
    "/jobs",
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


def test_an_image_is_chosen_tagged_explained_and_found(opened, three):
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


def test_an_image_is_dropped_and_another_pasted(opened, pngs):
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


def test_an_image_is_taken_by_the_camera(browser, own_server):
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


def test_what_is_no_image_is_said_in_words(opened, tmp_path):
    page = opened("/", viewport={"width": 390, "height": 800})
    empty = "new ClipboardEvent('paste', { clipboardData: new DataTransfer() })"
    page.evaluate(f"document.dispatchEvent({empty})")
    assert "no image in the clipboard" in page.inner_text("#note")


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


def test_two_hundred_items_are_reviewed_by_keyboard_alone(opened, http):
    before = decided(http)
    page = opened("/review")
    page.wait_for_selector("#card:not([hidden])")
    first = page.inner_text("#title")
    page.keyboard.press("s")
    assert page.inner_text("#title") != first
    for number in range(200):
        page.keyboard.press("a" if number % 3 else "2")
    # One after the other: what is on its way when a page is closed may be lost, and 201 come twice.
    comes(lambda: decided(http) - before, 200)
    page.keyboard.press("r")
    comes(lambda: decided(http) - before, 201)
    page.keyboard.press("u")
    comes(lambda: decided(http) - before, 200)
    page.keyboard.press("c")
    page.keyboard.type("other")
    page.keyboard.press("Enter")
    comes(lambda: decided(http) - before, 201)
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


def test_those_that_look_alike_are_decided_at_once_and_taken_back(opened, http):
    before = decided(http)
    doubts = http.get("/v1/review?limit=300").json()["doubts"]
    sizes = Counter(one["alike"] for one in doubts if one["alike"] is not None)
    assert min(sizes.values()) > 1
    page = opened("/review")
    page.wait_for_selector("#card:not([hidden])")
    for _ in doubts:
        if page.locator("#open-alike").is_visible():
            break
        page.keyboard.press("s")
    said = int(page.inner_text("#alike-said").split()[0])
    assert said in sizes.values()
    page.keyboard.press("l")
    assert page.locator("#group-items input").count() == min(said, 120)
    page.click("#accept-group")
    comes(lambda: decided(http) - before, min(said, 120))
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
    newest = hangtag.tag_catalog(own_server.place, model=model, threshold=0.3).id

    def in_use():
        known = http.get("/v1/models").json()["taggings"]
        return [one["id"] for one in known if one["in_use"] and one["attribute"] == "category"]

    used = in_use()
    page = opened("/models")
    page.click(f"[data-look='{newest}']")
    page.wait_for_selector(f"#moved-{newest}:not([hidden])")
    with page.expect_navigation():
        page.click(f"[data-use='{newest}']")
    page.wait_for_selector("#note:not([hidden])")
    assert "What people decided stays" in page.inner_text("#note")
    with page.expect_navigation():
        page.click(f"[data-use='{used[0]}']")
    assert in_use() == used


def test_runs_stand_with_their_intervals(opened):
    page = opened("/runs")
    row = "tr:has(input[value=run])"  # other tests of this process may have left runs, too
    assert page.locator(f"{row} svg.dots").count() == 1
    assert page.get_attribute(f"{row} svg.dots", "aria-label").startswith("from 0.")
    runs = page.locator("tbody tr").count()
    page.fill("#filter", "no such run")
    assert page.inner_text("#shown").startswith(f"0 of {runs} run")


@pytest.fixture
def two_runs(model) -> Iterator[tuple[str, str]]:
    """Copies of the run, with curves as networks have them."""
    places = [settings.runs_folder() / name for name in ("slow", "quick")]
    for number, place in enumerate(places):
        shutil.copytree(model, place)
        curve = tuple(1 - 0.5 / (epoch + 1 + number) for epoch in range(8))
        run = hangtag.open_run(place)
        run.write_history(History({"loss": curve[::-1], "val_accuracy": curve}, (1.0,) * 8))
    yield "slow", "quick"
    for place in places:
        shutil.rmtree(place)


def test_runs_lie_over_each_other_and_two_are_compared_on_the_same_images(opened, two_runs):
    page = opened("/runs")
    assert page.locator("#compared").is_hidden()
    for name in two_runs:
        page.focus(f"tbody input[value={name}]")
        page.keyboard.press("Space")
    comes(lambda: page.locator("#curves polyline").count(), 2)
    assert page.input_value("#curve") == "val_accuracy"
    page.select_option("#curve", "loss")
    assert page.get_attribute("#curves", "aria-label").startswith("loss of 2 runs")
    comes(lambda: "McNemar" in page.inner_text("#against"), True)
    assert "+0.00 points" in page.inner_text("#against") or "0.00" in page.inner_text("#against")
    page.check("tbody input[value=run]")
    comes(lambda: page.inner_text("#against"), "")
    assert page.locator("#lines li").count() == 2  # the third has no curves


def test_curves_of_a_training_grow_while_one_looks(opened, http):
    place = settings.runs_folder() / "going"
    command = [sys.executable, "-m", "hangtag", "train", "digits", "--network", "mlp-128-64"]
    command += ["--epochs", "10000", "--out", str(place), "--quiet"]
    training = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not place.joinpath("checkpoint.safetensors").exists() and time.monotonic() < until:
            time.sleep(0.1)
        page = opened("/runs")
        assert "being trained" in page.inner_text("tr:has(input[value=going])")
        page.check("tbody input[value=going]")
        comes(lambda: "being trained, epoch" in page.inner_text("#lines"), True)
        before = page.inner_text("#lines")
        comes(lambda: page.inner_text("#lines") != before, True)
        training.send_signal(signal.SIGINT)
        training.wait(60)
        comes(lambda: "being trained" in page.inner_text("#lines"), False)
        assert http.get("/v1/runs/going").json()["training"] is False
        page.reload()
        assert "--resume" in page.inner_text("tr:has(input[value=going])")
    finally:
        training.kill()
        training.wait()
        shutil.rmtree(place, ignore_errors=True)


def test_how_often_right_is_exchanged_for_how_often_answered(opened, http, model):
    page = opened("/models")
    page.select_option("#of", model.name)
    comes(lambda: "answered" in page.inner_text("#answered"), True)
    curve = http.get(f"/v1/runs/{model.name}").json()["coverage"]
    best = max((one for one in curve if one["accuracy"] >= 0.95), key=lambda one: one["answered"])
    shown = f"{100 * best['answered']:.1f} %"
    assert page.inner_text("#answered") == f"{shown} answered"
    assert best["answered_low"] <= best["answered"] <= best["answered_high"]
    page.focus("#precision")
    page.keyboard.press("Home")
    comes(lambda: page.inner_text("#answered"), "100.0 % answered")
    assert "50.0 %" in page.inner_text("#wanted")


def test_images_of_a_run_are_audited_and_decided_on_and_training_takes_it(opened, http, two_runs):
    page = opened("/data")
    page.select_option("select[name=run]", two_runs[0])
    page.click("text=Look at its images")
    page.wait_for_url("**run=slow*")
    page.wait_for_selector("#audit")  # loading them is a job
    assert page.locator("tbody tr").count() == 10
    with page.expect_navigation(timeout=240_000):
        page.click("#audit")
    page.wait_for_selector("#list li [data-id]")
    first = page.locator("#list [data-id]").first
    first.get_by_text("Leave out").focus()
    page.keyboard.press("Enter")
    comes(lambda: first.locator(".chip").inner_text(), "left out")
    second = page.locator("#list [data-id]").nth(1)
    second.locator("select").select_option(index=1)
    comes(lambda: second.locator(".chip").inner_text()[:3], "is ")
    words = shlex.split(page.inner_text("#command"))
    assert words[:3] == ["hangtag", "train", "digits"]
    decisions = words[words.index("--decisions") + 1]
    assert decisions.endswith("decisions.jsonl:2")
    images = hangtag.load("digits", decisions=decisions)
    plain = hangtag.load("digits")
    assert (images.labels < 0).sum() == 1
    assert (images.labels != plain.labels).sum() == 2
    found = http.get("/v1/runs/slow/findings").json()
    assert found["decided"] == 2
    wrong = {"decisions": [{"number": 0, "verdict": "relabel", "label": "no class"}]}
    assert http.post("/v1/runs/slow/decisions", json=wrong).status_code == 404
    assert http.get("/v1/runs/slow/images/0").content.startswith(b"\x89PNG")


def test_duplicates_are_looked_for_merged_kept_apart_and_undone(opened, http, pngs):
    for name in ("twin-a", "twin-b", "twin-c"):
        body = {"pictures": [{"content": base64.b64encode(pngs[7]).decode()}]}
        http.put(f"/v1/items/{name}", json=body).raise_for_status()
    page = opened("/duplicates")
    with page.expect_navigation(timeout=240_000):
        page.click("#look")
    b, c = (page.locator(f".others li[data-item='twin-{one}']") for one in "bc")
    b.get_by_role("button", name="One item").focus()
    page.keyboard.press("Enter")
    comes(lambda: told(http, "twin-b")["tags"].get("duplicate of", {}).get("label"), "twin-a")
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    c.get_by_role("button", name="Apart").click()
    comes(lambda: c.get_attribute("data-said"), "apart")
    assert "duplicate of" not in told(http, "twin-c")["tags"]
    group = http.get("/v1/duplicates?limit=500").json()["groups"]
    (twins,) = [one for one in group if one["item"] == "twin-a"]
    assert {one["item"]: one["said"] for one in twins["others"]} == {
        "twin-b": "same", "twin-c": "apart",
    }  # fmt: skip
    b.get_by_role("button", name="Undo").click()
    comes(lambda: "duplicate of" in told(http, "twin-b")["tags"], False)
    for name in ("twin-a", "twin-b", "twin-c"):
        http.delete(f"/v1/items/{name}").raise_for_status()
    page.reload()
    assert page.locator(".others li[data-item='twin-b']").count() == 0
    assert "Items came or went" in page.inner_text("main")


def test_the_map_is_drawn_looked_at_and_items_are_chosen_by_a_line_and_by_keyboard(opened, http):
    page = opened("/map")
    page.click("#draw")
    page.wait_for_selector("#shown:not([hidden])", timeout=240_000)
    placed = http.get("/v1/map").json()
    n = len(placed["ids"])
    assert n == len(placed["x"]) == len(placed["label"]) >= 300
    assert f"{n} items" in page.inner_text("#about")
    assert 0.1 < placed["share"] < 1
    page.select_option("#by", "category")
    comes(lambda: page.locator("#legend button").count() > 5, True)
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    right, bottom = box["width"] - 8, box["height"] - 8  # its corners are round
    corners = [(8, 8), (right, 8), (right, bottom), (8, bottom), (8, 9)]
    page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()
    assert page.inner_text("#many") == f"{n} items chosen"
    assert page.locator("#chosen .card").count() == 60
    page.click("#more")
    assert page.locator("#chosen .card").count() == 120
    page.focus("#map")
    page.keyboard.press("ArrowUp")
    assert re.search(r", \S|No item", page.inner_text("#here"))
    page.keyboard.press("Space")
    few = int(page.inner_text("#many").split()[0])
    assert 0 < few < n
    assert page.locator("#thumb").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/item?id=*")


@pytest.fixture
def in_process(tmp_path) -> Iterator[tuple[Door, str]]:
    """A door of this process on an empty catalogue, and its link: for work that tests end."""
    hangtag.create_catalog(tmp_path / "empty.db").close()
    door = Door(tmp_path / "empty.db", ServeRequest())
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    keeper = Gatekeeper(Keys(door.place), "token", "owner", port)
    app = application(door, keeper, frozenset([f"127.0.0.1:{port}"]))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield door, f"http://127.0.0.1:{port}/?token=token"
    server.should_exit = True
    thread.join(30)


def test_a_job_is_watched_and_stopped_and_says_how_it_ended(browser, in_process):
    door, link = in_process
    told = threading.Event()

    def work(progress):
        for n in range(10_000):
            progress("items", n, 10_000)
            told.wait(0.02)
        raise AssertionError("nobody stopped it")

    page = browser.new_page()
    page.goto(link)
    page.goto(link.partition("?")[0] + "jobs")
    page.wait_for_selector("#empty:not([hidden])")
    job = door.jobs.begin("count", {"to": 10_000}, work)
    page.wait_for_selector("text=of 10,000")
    comes(lambda: "left" in page.inner_text(".panel"), True)
    page.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    comes(lambda: job.state, "stopped")
    comes(lambda: page.inner_text("#said"), "count is stopped.")
    assert "count was stopped" in page.inner_text(".panel")
    assert page.get_by_role("button", name="Stop").count() == 0
    page.close()


def test_every_page_is_for_everybody_and_fits_a_telephone(opened, own_server, three):
    from axe_playwright_python.sync_playwright import Axe

    found = []

    def looked_at(page):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found.extend(Axe().run(page).response["violations"])

    page = opened("/", viewport={"width": 390, "height": 844})
    page.set_input_files("#chooser", three)
    answered(page)
    looked_at(page)
    for path in PAGES[1:]:
        page.goto(own_server.address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        looked_at(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

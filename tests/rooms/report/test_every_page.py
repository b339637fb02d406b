"""Every kind of page, as a reader has it: wide, on a telephone, dark, on paper, read aloud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hangtag
from hangtag.records import (
    Ablation,
    ComparedRun,
    Dimension,
    History,
    InputImage,
    RunComparison,
    Score,
    Source,
    Space,
    Tag,
    Trial,
    Trials,
    Variant,
)
from hangtag.rooms import tune as tune_room
from hangtag.rooms.evaluate import compare, disagreements, evaluate
from hangtag.rooms.report import audit_page, comparison_page, explore_page, map_page, report
from hangtag.rooms.report.tagged.page import tags_page
from hangtag.rooms.report.verb_pages.verbs import ablation_page, search_page

CHROMIUM = Path("/usr/bin/chromium")
KINDS = (
    "report", "compare", "explore", "audit", "map", "clusters", "search", "ablation", "tags",
)  # fmt: skip
PAPER = 718  # pixels of A4 between margins of 1 cm

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]

CUT = """(paper) => {
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest("svg, dialog:not([open]), .hidden, .skip") || !one.clientWidth) continue;
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    if (one.scrollWidth <= one.clientWidth + 1) continue;
    const style = getComputedStyle(one);
    if (style.display.startsWith("inline") && style.overflowX === "visible") continue;
    const named = style.textOverflow === "ellipsis" && one.title;
    const scrolls = ["auto", "scroll"].includes(style.overflowX);
    // What goes out of a box that scrolls is reached there, if it says so and keys can move it.
    const told = (box) => box.tabIndex === 0 && box.getAttribute("aria-label");
    const shown = (box) => getComputedStyle(box).backgroundImage.includes("gradient");
    const box = one.closest(".scroll, .frame, .diagram");
    if (named || (!paper && scrolls && told(one) && shown(one))) continue;
    if (!paper && !scrolls && box && box !== one && told(box) && shown(box)) continue;
    const words = (one.textContent ?? "").trim().slice(0, 40);
    found.push(`${one.tagName}.${one.className} ${one.clientWidth}<${one.scrollWidth} ${words}`);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) found.push("wider than the window");
  return found;
}"""
"""Boxes out of which something stands, that neither scroll with a hint nor name what they cut."""


@pytest.fixture(scope="module")
def pages(facts, faulty, findings, maps, summary, tmp_path_factory) -> dict[str, Path]:
    """One page of each kind, on disk, of real results where they are made fast."""
    place = tmp_path_factory.mktemp("every")
    found = hangtag.cluster(faulty, k=(3, 5), n_init=2, sample=150)
    hangtag.write_clusters(found, place / "clusters.html")
    made = {
        "report": report(facts),
        "compare": _compared(facts),
        "explore": explore_page(faulty, summary),
        "audit": audit_page(faulty, findings),
        "map": map_page(faulty, maps),
        "search": _searched(),
        "ablation": _ablated(),
        "tags": _tagged(facts),
    }
    for name, html in made.items():
        (place / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: place / f"{name}.html" for name in KINDS}


def _compared(facts) -> str:
    from dataclasses import replace

    first = facts.predictions
    mixed = 0.5 * first.probabilities + 0.5 * np.roll(first.probabilities, 7, axis=0)
    answers = {"a network of many layers": first, "other": replace(first, probabilities=mixed)}
    comparison = compare(answers)
    rows = [
        ComparedRun(name, "s2-mlp", 0, comparison.accuracies[name], 0.9, 10, 3, 1.5, 1e-5, 0.01)
        for name in answers
    ]
    ways = disagreements(*answers.values(), limit=3)
    models = {
        name: replace(facts, predictions=one, evaluation=evaluate(one))
        for name, one in answers.items()
    }
    told = RunComparison(tuple(rows), comparison, (ways,), cautions=("Mind this.",))
    return comparison_page(told, title="Two runs", models=models)


def _searched() -> str:
    space = Space((Dimension("dense.units", (16, 64)), Dimension("dropout", low=0, high=0.5)))
    trials = tuple(
        Trial(n, {"dense.units": 16 + 48 * (n % 2), "dropout": n / 20}, "finished", 0.5 + n / 30)
        for n in range(1, 9)
    )
    failed = Trial(9, {"dense.units": 16, "dropout": 0.5}, "failed", reason="the loss is no number")
    found = Trials(
        space, "grid", "validation accuracy", True, (*trials, failed), 9,
        asked={"source": "digits", "fingerprint": "0" * 64},
    )  # fmt: skip
    return search_page(found, tune_room.importance(found), tune_room.figures(found))


def _ablated() -> str:
    curves = {"loss": (1.0, 0.5), "val_loss": (1.1, 0.7), "accuracy": (0.5, 0.8)}
    history = History({**curves, "val_accuracy": (0.5, 0.7)}, (0.1, 0.1))

    def variant(name: str, score: float, difference: Score | None) -> Variant:
        mean = Score(score, score - 0.02, score + 0.02, "t", 360)
        p_value = None if difference is None else 0.04
        return Variant(
            name, {}, (0, 1), (score, score), mean, difference, p_value, 9, 1.0, (history, history)
        )

    worse = variant("+ dropout", 0.7, Score(-0.1, -0.12, -0.08, "t", 360))
    found = Ablation("s3-base", "validation accuracy", (variant("base", 0.8, None), worse))
    return ablation_page(found, tune_room.ablation_figures(found))


def _tagged(facts) -> str:
    names = facts.class_names

    def answer(images):
        for at, one in enumerate(images):
            row = facts.predictions.probabilities[at]
            order = np.argsort(-row)[:3]
            top = tuple((names[int(label)], float(row[label])) for label in order)
            sure = top[0][1] > 0.9
            label, reason = (top[0][0], "") if sure else ("unknown", "unsure")
            yield Tag(one.id, label, top[0][1], top, "m", reason=reason)

    images = (InputImage(f"{at:03}.png", facts.pictures[at]) for at in range(80))
    _, html = tags_page(
        images, answer, originals=lambda _ids, _side: (), classes=names, source=Source("shop"),
        threshold=0.9,
    )  # fmt: skip
    return html


@pytest.fixture(scope="module", params=KINDS)
def opened(request, browser, pages):
    """A page of each kind, and all it complained of."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[request.param].as_uri())
    yield page, said
    context.close()


def test_nothing_is_cut_and_nothing_complains_wherever_it_is_read(opened):
    page, said = opened
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, media="screen")
            assert page.evaluate(CUT, False) == [], f"at {width} pixels, {scheme}"
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(color_scheme="light", media="print")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate(CUT, True) == [], "on paper"
    assert said == []


def test_nothing_serious_stands_in_the_way_of_a_screen_reader(opened):
    from axe_playwright_python.sync_playwright import Axe

    # Half of the kinds in each scheme: they share their colors, and a run takes a second.
    page, name = opened[0], Path(opened[0].url).stem
    width, scheme = ((1400, "light"), (390, "dark"))[KINDS.index(name) % 2]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, media="screen")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    serious = [
        (one["id"], one["nodes"][0]["html"][:120], one["nodes"][0].get("failureSummary"))
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == [], f"{name} at {width} pixels, {scheme}"


def test_figures_and_tables_are_numbered_from_one(opened):
    page, _ = opened
    numbers = page.locator(".number").all_text_contents()
    for kind in ("Figure", "Table"):
        mine = [one for one in numbers if one.startswith(kind)]
        assert mine == [f"{kind} {at}." for at in range(1, len(mine) + 1)]
    assert any(one.startswith("Figure") for one in numbers)

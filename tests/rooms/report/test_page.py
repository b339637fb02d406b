"""The page: complete, offline, the same every time, and nothing from data is ever code."""

import json
import re
from collections import Counter
from dataclasses import fields, replace
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest

from hangtag.errors import UsageError
from hangtag.records import Evaluation, History, Predictions, ReportFacts
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.report import comparison, report
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.gathered import about
from hangtag.rooms.report.sections import SECTIONS

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """What is on a page: its elements with attributes, and the text inside each kind."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID and not (self.open and self.open[0] == "svg" and tag == "use"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def island(self) -> dict:
        (found,) = [one for one in self.text["script"] if one.startswith("{")]
        return json.loads(found)


@pytest.fixture(scope="module")
def html(facts):
    return report(facts)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_a_page_has_every_section_in_order_and_in_the_contents(html, page):
    places = [html.index(f'<section id="{one.name}"') for one in SECTIONS]
    assert places == sorted(places)
    links = [one["href"] for one in page.all("a")]
    assert links == ["#content", "#cautions", *(f"#{one.name}" for one in SECTIONS)]


def test_every_section_has_a_template_of_its_name():
    where = resources.files("hangtag.rooms.report") / "templates" / "sections"
    files = {one.name for one in where.iterdir() if not one.name.startswith("_")}
    compared = {f"{name}.html" for name, _, _ in comparison.SECTIONS}
    assert files == {f"{one.name}.html" for one in SECTIONS} | compared


def test_the_same_facts_give_the_same_page(facts, html):
    assert report(facts) == html


def test_the_verdict_says_score_and_interval_in_one_sentence(facts, html):
    score = facts.evaluation.scores["accuracy"]
    (verdict,) = re.findall(r'<p class="verdict">(.*?)</p>', html)
    assert f"{score.value:.1%}".rstrip("%") in verdict
    assert f"{score.low * 100:.1f} to {score.high * 100:.1f}" in verdict
    assert f"{score.n} test images" in verdict
    assert verdict.count(".\N{NARROW NO-BREAK SPACE}") == 0
    assert verdict.endswith(".")


def test_elements_are_closed_and_ids_are_unique(page):
    assert page.open == []
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert max(ids.values()) == 1


def test_everything_that_is_pointed_to_is_there(html, page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {one["href"][1:] for one in page.all("a")} <= ids
    labels = [attributes.get("aria-labelledby") for _, attributes in page.elements]
    assert {one for one in labels if one} <= ids
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= ids
    assert {one["xlink:href"][1:] for one in page.all("use")} <= ids


def test_nothing_points_to_the_network_and_the_page_forbids_it(html, page):
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    (policy,) = [one["content"] for one in page.all("meta") if "http-equiv" in one]
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "script-src 'sha256-" in policy


def test_the_page_can_be_read_without_seeing_it(page):
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("nav")) == 1
    assert all("alt" in image for image in page.all("img"))
    assert all(one["role"] == "img" and one["aria-label"] for one in page.all("svg"))
    assert all(one.get("scope") for one in page.all("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html")[0]["lang"] == "en"


def test_the_confusion_cells_are_buttons_named_in_words(facts, page):
    counts = facts.evaluation.confusion.counts
    buttons = {
        one["data-cell"]: one["aria-label"]
        for one in page.all("button")
        if "data-cell" in one and "class" not in one
    }
    assert len(buttons) == np.count_nonzero(counts)
    row, column = np.argwhere(counts == counts[~np.eye(10, dtype=bool)].max())[0]
    names, count = facts.class_names, counts[row, column]
    assert buttons[f"{row},{column}"].startswith(f"{names[row]} taken for {names[column]}: {count}")


def test_the_island_holds_the_images_of_every_cell(facts, page):
    island = page.island()
    counts = facts.evaluation.confusion.counts
    assert island["names"] == list(facts.class_names)
    for row, column in np.argwhere(counts):
        cell = island["cells"][f"{row},{column}"]
        assert cell["total"] == counts[row, column]
        assert len(cell["items"]) == min(60, cell["total"])
        sure = [confidence for _, confidence in cell["items"]]
        assert sure == sorted(sure, reverse=bool(row != column))
        for name, _ in cell["items"]:
            where = facts.ids.index(name)
            assert facts.predictions.labels[where] == row
            assert facts.predictions.predicted[where] == column


HOSTILE = (
    "<script>window.bad = 1</script>",
    "</script><img src=x onerror='window.bad = 1'>",
    "\"' onclick='window.bad = 1' & --> <!-- ]]> {{ 7 * 7 }}",
    "$\\frac{$ ${window.bad = 1} `",
)


@pytest.fixture(scope="module")
def hostile(facts):
    """The facts with names and ids that try to be code."""
    names = HOSTILE + facts.class_names[4:]
    renamed = [replace(row, name=names[one]) for one, row in enumerate(facts.evaluation.classes)]
    table = replace(facts.evaluation.confusion, class_names=names)
    return replace(
        facts,
        title=HOSTILE[0],
        class_names=names,
        evaluation=replace(facts.evaluation, classes=tuple(renamed), confusion=table),
        ids=tuple(f"{HOSTILE[one % 4]}/{one}" for one in range(len(facts.ids))),
        data={HOSTILE[1]: HOSTILE[2]},
        options={HOSTILE[1]: HOSTILE[0]},
        layers=(
            {
                "name": HOSTILE[1],
                "type": HOSTILE[0],
                "output_shape": [1],
                "parameters": 1,
                "trainable": 1,
            },
        ),
        diagram=f"<svg xmlns='http://www.w3.org/2000/svg'>{HOSTILE[0]}</svg>",
        cautions=HOSTILE,
        checks=HOSTILE,
        reproduce={"command": HOSTILE[1], HOSTILE[0]: HOSTILE[1]},
        versions={HOSTILE[0]: HOSTILE[1]},
    )


def test_names_that_try_to_be_code_stay_names(hostile, html, page):
    html_of_hostile = report(hostile)
    found = Page(html_of_hostile)
    assert found.open == []
    assert len(found.all("script")) == len(page.all("script"))
    assert not any(name.startswith("on") for _, given in found.elements for name in given)
    assert all(image["src"].startswith("data:") for image in found.all("img"))
    assert "49" not in found.text["dd"]
    assert found.island()["names"][:4] == list(HOSTILE)
    assert HOSTILE[0] in "".join(found.text["h1"])
    assert len(found.all("svg")) == len(page.all("svg"))


@pytest.mark.parametrize(
    "names",
    [
        ("犬", "猫🐈", "قطة"),
        ("a\x00b", "c\nd\x07", "e\x1b[0m"),
        ("\udc80 no Unicode", "\ud800", "fine"),
        ("", " ", "x" * 500),
        ("same", "same", "same"),
    ],
)
def test_any_names_make_a_page_that_can_be_written(facts, names):
    predictions = facts.predictions
    values = np.stack([predictions.probabilities[:, i::3].sum(axis=1) for i in range(3)], axis=1)
    answers = Predictions(predictions.indices, predictions.labels % 3, values, names)
    made = ReportFacts(
        title=names[0],
        class_names=names,
        counts={"test": np.bincount(answers.labels).tolist()},
        evaluation=evaluate(answers, resamples=100),
        predictions=answers,
        pictures=facts.pictures,
    )
    assert Page(report(made).encode().decode()).open == []


def test_refused_intervals_and_a_missing_threshold_are_said_with_their_reason(facts):
    few = facts.predictions
    few = replace(
        few,
        indices=few.indices[:12],
        labels=few.labels[:12],
        probabilities=few.probabilities[:12],
    )
    found = evaluate(few, threshold_precision=0.95, resamples=100)
    html = report(ReportFacts("few", class_names=few.class_names, evaluation=found))
    assert found.averages[0].intervals["recall"].reason in html
    assert html.count("too few to say: ") >= 5
    assert "says “unknown” to every image unless" in html
    assert "always answers" not in html


def test_a_threshold_says_whether_a_bound_chose_it(facts):
    bounded = " ".join(report(facts).split())
    assert "or more of its answers to new images are right, with 95 in 100 certainty" in bounded
    values = facts.evaluation.to_dict()
    del values["threshold_level"]  # as kept by runs of before
    old = replace(facts, evaluation=Evaluation.from_dict(values))
    measured = " ".join(report(old).split())
    assert "chosen without a bound for chance" in measured
    assert "in 100 certainty" not in measured


def test_every_part_is_optional(facts):
    empty = ReportFacts(title="nothing yet", class_names=("a", "b"))
    bare = report(empty)
    assert "has not been evaluated" in bare
    assert re.findall(r'<section id="(\w+)"', bare) == ["cautions"]
    quick = replace(facts, counts={}, history=None)
    for part in fields(ReportFacts):
        if part.name not in ("title", "class_names", "shift_training"):
            whole = facts if part.name in ("counts", "history") else quick
            without = replace(whole, **{part.name: getattr(empty, part.name)})
            assert Page(report(without)).open == []


def test_a_page_without_images_has_no_cells_to_open(facts):
    page = Page(report(replace(facts, pictures=None)))
    assert not [one for one in page.all("button") if "data-cell" in one]
    assert not page.all("dialog")


def test_cautions_are_counted_at_the_top_and_their_absence_is_explained(facts):
    assert "1 caution</a> to read before" in report(facts)
    calm = report(replace(facts, cautions=()))
    assert "None of the checks fired" in calm
    assert "<li>leaks</li>" in calm
    assert 'class="alert"' not in calm
    assert "No check was run" in report(replace(facts, cautions=(), checks=()))


def test_a_perfect_model_has_a_page_without_mistakes(facts):
    labels = facts.predictions.labels
    values = np.full((len(labels), 10), 0.01, np.float32)
    values[np.arange(len(labels)), labels] = 0.91
    perfect = replace(facts.predictions, probabilities=values)
    html = report(replace(facts, predictions=perfect, evaluation=evaluate(perfect)))
    assert "No wrong answer." in html
    assert "for 100\N{NARROW NO-BREAK SPACE}%" in html
    assert '<section id="pairs"' not in html


def test_a_training_that_diverged_in_its_first_epoch_has_a_page(facts):
    history = History({"loss": (float("nan"),)}, (1.5,), stopped="diverged")
    html = report(replace(facts, history=history))
    assert "left the finite numbers: 1 epoch in 1.5" in html


def test_a_page_of_many_large_images_stays_below_10_mb():
    generator = np.random.default_rng(0)
    names = tuple(f"class {one}" for one in range(20))
    labels = generator.integers(0, 20, 2000)
    values = generator.dirichlet(np.ones(20), 2000).astype(np.float32)
    answers = Predictions(np.arange(2000), labels, values, names)
    # Noise: no image compresses worse.
    images = generator.integers(0, 256, (2000, 64, 96, 3), dtype=np.uint8)
    html = report(
        ReportFacts(
            title="noise",
            class_names=names,
            samples=tuple(images[labels == one][:10] for one in range(20)),
            evaluation=evaluate(answers, resamples=100),
            predictions=answers,
            pictures=images,
        )
    )
    assert 1e6 < len(html.encode()) <= 10e6
    island = Page(html).island()
    assert all(0 < len(one["items"]) <= one["total"] for one in island["cells"].values())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ids": ("only one",)}, "report on 597 images cannot have the ids for 1"),
        ({"counts": {"test": [1, 2]}}, "10 classes cannot have class counts of 'test' for 2"),
        ({"samples": ()}, ""),
        ({"samples": (np.zeros((1, 8, 8, 1), np.uint8),)}, "cannot have sample images for 1"),
        (
            {"pictures": np.zeros((597, 8, 8), np.uint8)},
            "uint8 of shape (n, height, width, 1 or 3)",
        ),
        ({"pictures": np.zeros((597, 8, 8, 1))}, "got float64 of shape (597, 8, 8, 1)"),
        ({"pictures": np.zeros((3, 8, 8, 1), np.uint8), "ids": ()}, "predictions for 597"),
        ({"class_names": ("a", "b"), "counts": {}, "samples": ()}, "the confusion table for 10"),
        ({"history": History({"loss": (1.0,)}, (1.0, 2.0))}, "the curve 'loss' for 1"),
    ],
)
def test_facts_that_do_not_fit_each_other_are_refused(facts, change, sentence):
    if not sentence:
        report(replace(facts, **change))
        return
    with pytest.raises(UsageError) as caught:
        report(replace(facts, **change))
    assert sentence in caught.value.message


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2's contrast of two colours, 1 to 21."""

    def light(colour: tuple[float, ...]) -> float:
        linear = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in (part / 255 for part in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_all_text_has_enough_contrast_in_both_schemes():
    style = (resources.files("hangtag.rooms.report") / "templates" / "style.css").read_text()
    schemes = [
        dict(re.findall(r"--([\w-]+): ([^;]+);", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    cells = re.findall(
        r"\.(hit|miss)\.s\d \{ background: rgb\(var\(--\w+\) / ([\d.]+)\);(.*?) \}", style
    )
    assert (len(schemes), len(cells)) == (3, 16)
    for scheme in schemes:
        colours = {
            name: tuple(bytes.fromhex(value[1:] if len(value) == 7 else value[1:] * 2))
            for name, value in scheme.items()
            if value.startswith("#")
        }
        for name in ("ink", "muted", "first", "second", "third"):
            assert contrast(colours[name], colours["paper"]) >= 4.5, name
        for kind, alpha, rest in cells:
            ground = [int(part) for part in scheme[kind].split()]
            mixed = tuple(
                float(alpha) * part + (1 - float(alpha)) * paper
                for part, paper in zip(ground, colours["paper"], strict=True)
            )
            text = colours[f"on-{kind}"] if "--on-" in rest else colours["ink"]
            assert contrast(text, mixed) >= 4.5, (kind, alpha)


def test_every_epoch_of_the_training_is_in_a_table_the_kept_one_marked(html, facts):
    learning = html[html.index('<section id="learning"') :].split("</section>")[0]
    rows = learning[learning.index("Training log") :].split("<tr>")[2:]
    assert len(rows) == len(facts.history)
    for row, loss in zip(rows, facts.history.curves["val_loss"], strict=True):
        assert f"{loss:.4f}" in row
    assert ["★" in row for row in rows].index(True) == len(facts.history) - 1


def test_figures_and_tables_are_numbered_in_their_order_and_data_cannot_number(html, facts):
    for kind, least in (("Figure", 3), ("Table", 4)):
        found = re.findall(rf'<span class="number">{kind} (\d+)\.</span>', html)
        assert found == [str(one) for one in range(1, len(found) + 1)]
        assert len(found) >= least
    assert 'class="counted"' not in html
    hostile = report(replace(facts, model='<i class="counted">Table</i>'))
    assert hostile.count('class="number">') == html.count('class="number">')


def test_a_page_does_not_say_where_a_set_lies_on_this_computer(digits):
    assert about(digits, "/home/someone/photos")["source"] == "photos"
    assert about(digits, "fashion-mnist")["source"] == "fashion-mnist"
    mine = replace(digits, origin="/home/someone/photos.zip")
    assert set_facts(mine)["source"] == "photos.zip"


def test_options_that_nobody_asked_for_are_folded(facts, sound):
    from dataclasses import replace

    from hangtag.rooms.report import report

    options = {"epochs": 5, "batch_size": 32, "momentum": 0.0, "warmup": 0.0}
    html = report(replace(facts, options=options, at_default={"momentum", "warmup"}))
    sound(html)
    shown, _, folded = html.partition("2 options as they are where nobody asks")
    assert "batch size" in shown
    assert "momentum" not in shown.partition("How it was trained")[2]
    assert "momentum" in folded
    assert "warmup" in folded.partition("</details>")[0]

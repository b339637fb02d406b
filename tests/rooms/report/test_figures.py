"""Figures as files: deterministic, with their text as text, and right to the last bar."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hangtag.records import History
from hangtag.rooms.report import figures
from hangtag.rooms.report.figures import learning
from hangtag.rooms.report.figures.drawn import short


@pytest.fixture(scope="module")
def files(facts):
    return figures(facts)


def test_only_those_that_are_wanted_are_drawn(facts, files, monkeypatch):
    from hangtag.rooms.report.figures import calibration

    monkeypatch.setattr(calibration, "draw", None)
    found = figures(facts, ["confusion", "mistakes", "roc"])
    assert set(found) == {"confusion.svg", "mistakes.png", "roc.svg", "precision-recall.svg"}
    assert all(found[name] == files[name] for name in found)
    assert figures(facts, []) == {}


def texts(svg: bytes) -> list[str]:
    return [one.text for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_figure_is_a_file_and_the_same_every_time(facts, files):
    assert set(files) == {
        "classes-training.svg",
        "classes-validation.svg",
        "classes-test.svg",
        "learning-loss.svg",
        "learning-accuracy.svg",
        "confusion.svg",
        "calibration.svg",
        "confidence.svg",
        "coverage.svg",
        "roc.svg",
        "precision-recall.svg",
        "samples.png",
        "mistakes.png",
    }
    assert figures(facts) == files


def test_drawings_are_whole_svg_documents_without_a_date(files):
    for name, content in files.items():
        if name.endswith(".svg"):
            root = ET.fromstring(content)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert b"<dc:date>" not in content
            assert not re.search(rb"url\((?!#)", content)


def test_images_are_whole_png_files(files):
    for name in ("samples.png", "mistakes.png"):
        with Image.open(BytesIO(files[name])) as image:
            image.load()
            assert image.format == "PNG"
            assert min(image.size) > 300


def test_bars_carry_names_and_counts_as_text(facts, files):
    found = texts(files["classes-test.svg"])
    assert set(facts.class_names) <= set(found)
    assert {str(count) for count in facts.counts["test"]} <= set(found)


def test_the_confusion_figure_carries_every_count(facts, files):
    counts = facts.evaluation.confusion.counts
    found = [text for text in texts(files["confusion.svg"]) if text and text.isdigit()]
    assert sorted(map(int, found)) == sorted(counts[counts > 0].tolist())


def test_the_best_epoch_is_marked(facts, files):
    best = f"best: epoch {facts.history.best_epoch + 1}"
    assert best in texts(files["learning-loss.svg"])
    without = figures(replace(facts, history=replace(facts.history, best_epoch=None)))
    assert best not in texts(without["learning-loss.svg"])


def test_training_curves_stand_half_an_epoch_to_the_left_when_asked(facts):
    (before, *_), (after, *_) = (
        learning.draw(replace(facts, shift_training=shifted)) for shifted in (False, True)
    )

    def points(svg: str) -> list[np.ndarray]:
        found = re.findall(r"<g clip-path[^>]*>\s*(?:<use[^>]*>\s*)+</g>", svg)
        return [
            np.array([float(x) for x in re.findall(r'x="([\d.]+)"', one)], float) for one in found
        ]

    assert all(len(one) == len(facts.history) for one in points(before.svg))
    plain, shifted = points(before.svg), points(after.svg)
    # Both curves share their epochs until one of them is moved.
    assert np.allclose(plain[0], plain[1])
    step = shifted[1][1] - shifted[1][0]
    assert np.allclose(shifted[1] - shifted[0], step / 2, atol=1e-3)


def test_curves_without_validation_are_not_moved(facts):
    curves = {"loss": facts.history.curves["loss"]}
    alone = replace(facts, history=History(curves, facts.history.seconds))
    (moved,), (still,) = (
        learning.draw(replace(alone, shift_training=shifted)) for shifted in (True, False)
    )
    assert moved.svg == still.svg


def test_a_given_diagram_is_a_file_as_it_came(facts):
    made = figures(replace(facts, diagram="<svg xmlns='http://www.w3.org/2000/svg'/>"))
    assert made["network.svg"] == b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def test_long_and_unprintable_names_are_made_to_fit():
    assert short("a name much longer than an axis can take") == "a name much longe…"
    assert short("line\nbreak\x00\udc80") == "line break��"


def test_more_classes_than_can_be_named_are_ranked(facts):
    names = tuple(f"class {one}" for one in range(60))
    many = replace(
        facts,
        class_names=names,
        counts={"test": list(range(1, 61))},
        samples=(),
        evaluation=None,
        predictions=None,
        pictures=None,
        ids=(),
    )
    found = texts(figures(many)["classes-test.svg"])
    assert "classes, the most frequent first" in found
    assert "class 1" not in found

"""What pages are made of: real answers on scikit-learn's digits, a real audit, real maps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from hangtag.records import (
    Candidate,
    Candidates,
    Findings,
    History,
    ImageSet,
    Predictions,
    Projection,
    ReportFacts,
    Scores,
    Summary,
)
from hangtag.rooms.audit import audit
from hangtag.rooms.evaluate import evaluate, temperature, threshold
from hangtag.rooms.explore import explore
from hangtag.rooms.reduce import reduce

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "</script><img src=x onerror='window.bad = 1'>"


class Parsed(HTMLParser):
    """A page taken apart: its elements with attributes, and its islands of data."""

    EMPTY = frozenset(["br", "hr", "img", "input", "link", "meta", "circle", "rect", "path", "use"])

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.islands: dict[str, object] = {}
        self.open: list[str] = []
        self.last: dict[str, str] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.last = {key: value or "" for key, value in attrs}
        self.elements.append((tag, self.last))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag):
        if tag in self.EMPTY:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script" and "id" in self.last:
            self.islands[self.last["id"]] = json.loads(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="session")
def sound() -> Callable[[str], Parsed]:
    """Take a page apart, and hold it to what every page must be."""

    def check(html: str) -> Parsed:
        page = Parsed(html)
        ids = Counter(one["id"] for _, one in page.elements if "id" in one)
        assert max(ids.values()) == 1
        assert {one["href"][1:] for one in page.all("a")} <= set(ids)
        assert all("alt" in one and one["src"].startswith("data:") for one in page.all("img"))
        assert all(one.get("scope") for one in page.all("th"))
        assert not any(name.startswith("on") for _, given in page.elements for name in given)
        (policy,) = [one["content"] for one in page.all("meta") if "http-equiv" in one]
        assert policy.startswith("default-src 'none'; img-src data:; ")
        assert len(html.encode()) <= 10e6
        return page

    return check


@pytest.fixture(scope="session")
def faulty() -> ImageSet:
    """Digits in two parts with a leak, copies whose labels differ, and a blank image."""
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    images = (values[:400] * 15.9).astype(np.uint8).reshape(-1, 8, 8, 1)
    labels = labels[:400].astype(np.int64)
    images[310] = images[10]  # in the test part: a leak
    labels[310] = labels[10]
    images[21] = images[20]  # two labels on one image
    labels[21] = (labels[20] + 1) % 10
    images[40] = 7
    return ImageSet(
        name="faulty",
        images=images,
        labels=labels,
        class_names=("<b>zero</b>", HOSTILE, *map(str, range(2, 10))),
        class_codes=tuple(range(10)),
        parts={"train": range(300), "test": range(300, 400)},
    )


@pytest.fixture(scope="session")
def findings(faulty) -> Findings:
    return audit(faulty)


@pytest.fixture(scope="session")
def maps(faulty) -> list[Projection]:
    """One map of all images and one of a sample."""
    return [reduce(faulty, method="pca"), reduce(faulty, method="lle", limit=150)]


@pytest.fixture(scope="session")
def summary(faulty) -> Summary:
    return explore(faulty)


@pytest.fixture(scope="session")
def facts() -> ReportFacts:
    """Everything a report can show, from ten epochs of a linear model on the digits."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import accuracy_score, log_loss

    values, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    parts = {"training": order[:900], "validation": order[900:1200], "test": order[1200:]}
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.05, random_state=0)
    curves: dict[str, list[float]] = {}
    for _ in range(10):
        model.partial_fit(values[order[:900]] / 16, labels[order[:900]], classes=range(10))
        for before, part in (("", "training"), ("val_", "validation")):
            chances = model.predict_proba(values[parts[part]] / 16)
            truth = labels[parts[part]]
            curves.setdefault(f"{before}loss", []).append(log_loss(truth, chances))
            found = accuracy_score(truth, chances.argmax(axis=1))
            curves.setdefault(f"{before}accuracy", []).append(found)
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

    def answers(part: str) -> Predictions:
        where = parts[part]
        chances = model.predict_proba(values[where] / 16).astype(np.float32)
        return Predictions(where, labels[where], chances, names)

    limit = threshold(answers("validation"), precision=0.97)
    test = answers("test")
    images = (values * 15.9).astype(np.uint8).reshape(-1, 8, 8, 1)
    return ReportFacts(
        title="linear on digits",
        class_names=names,
        model="a linear model",
        data={"name": "digits", "images": 1797, "classes": 10},
        counts={part: np.bincount(labels[where]).tolist() for part, where in parts.items()},
        samples=tuple(images[np.flatnonzero(labels == one)[:8]] for one in range(10)),
        history=History(
            {name: tuple(curve) for name, curve in curves.items()},
            (0.01,) * 10,
            best_epoch=int(np.argmin(curves["val_loss"])),
        ),
        evaluation=evaluate(
            test,
            threshold=limit,
            threshold_precision=0.97,
            threshold_level=0.95,
            temperature=temperature(answers("validation")),
        ),
        predictions=test,
        pictures=images[parts["test"]],
        ids=tuple(f"all/{where:05d}" for where in parts["test"]),
        layers=(
            {
                "name": "dense",
                "type": "Dense",
                "output_shape": (10,),
                "parameters": 650,
                "trainable": 650,
            },
        ),
        totals={"total": 650, "trainable": 650},
        candidates=Candidates(
            "linear",
            tuple(
                Candidate({"eta0": rate}, Scores(0.9 + rate), Scores(0.9 - rate), 0.1)
                for rate in (0.05, 0.01)
            ),
            best=1,
            options={"seed": 0},
            seconds=0.2,
        ),
        options={"epochs": 10, "optimizer": "sgd", "learning_rate": 0.05},
        reproduce={"command": "hangtag train digits --seed 0", "seed": 0, "run": "one"},
        versions={"numpy": np.__version__},
        cautions=("This is a test.",),
        checks=("leaks",),
    )

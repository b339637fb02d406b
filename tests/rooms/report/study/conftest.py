"""A study of real things: digits, two models' answers, two maps, figures that rooms drew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hangtag.records import (
    Clustering,
    Compared,
    Outcome,
    Predictions,
    StudyFacts,
    StudyFigure,
    StudyModel,
    StudyTable,
)
from hangtag.rooms.evaluate import evaluate
from hangtag.rooms.explore import draw
from hangtag.rooms.report import figures


@pytest.fixture(scope="session")
def folder(facts, faulty, summary, tmp_path_factory) -> Path:
    """A study's folder with the figures of two steps."""
    place = tmp_path_factory.mktemp("study")
    look, learn = place / "steps" / "look", place / "steps" / "learn"
    look.mkdir(parents=True)
    learn.mkdir()
    (look / "samples.png").write_bytes(draw.sample_grid(summary, faulty))
    (look / "variance.svg").write_bytes(draw.variance_chart(summary.variance))
    for name, data in figures(facts).items():
        (learn / name).write_bytes(data)
    return place


@pytest.fixture(scope="session")
def second(facts) -> StudyModel:
    """A model that answers something else than the first, about the same images."""
    answers = facts.predictions
    turned = Predictions(
        answers.indices, answers.labels, answers.probabilities[:, ::-1], answers.class_names
    )
    other = replace(facts, predictions=turned, evaluation=evaluate(turned, resamples=100))
    return StudyModel("the second", other)


@pytest.fixture(scope="session")
def outcomes() -> tuple[Outcome, ...]:
    grid = tuple((size, depth, 0.9 + size / 1e4) for size in range(10, 160, 10) for depth in (5, 9))
    return (
        Outcome(
            "look",
            "explore",
            "Look at the images",
            words=("Every class has images.", "Nine components hold most."),
            figures=(
                StudyFigure("samples.png", "Samples", "Three of every class."),
                StudyFigure("variance.svg", "Variance", "What components hold."),
            ),
            tables=(
                StudyTable("counts", "Counts", ("class", "images"), (("a", 30), ("b", 1200))),
                StudyTable(
                    "grid", "Every forest", ("trees", "depth", "accuracy"), grid, ((29, 2),)
                ),
            ),
            commands=("hangtag explore digits",),
            seconds=3.2,
        ),
        Outcome(
            "map it",
            "reduce",
            "Two maps",
            cautions=("the maps show a sample",),
            maps=("pca.npz", "lle.npz"),
            seeds=(4,),
        ),
        Outcome("map again", "reduce", "The same map", maps=("pca.npz",)),
        Outcome(
            "learn",
            "train",
            "Two models",
            figures=(
                StudyFigure("confusion.svg", "Confusion", "Who is taken for whom."),
                StudyFigure("classes-test.svg", "Classes", "How many."),
                StudyFigure("learning-loss.svg", "Loss", "By epoch."),
            ),
            cautions=("the maps show a sample", "`test` was opened twice"),
            models=("the first", "the second"),
            runs={"the first": "runs/first"},
        ),
    )


@pytest.fixture(scope="session")
def compared() -> tuple[Compared, ...]:
    return (
        Compared("parameters", 394530, 394530, True, True, document="table 2"),
        Compared("cluster sizes", (30, 41, 7), (30, 40, 8), True, False),
        Compared("first axis, %", 31.0377, 31.0377, True, True, digits=4),
        Compared(
            "validation accuracy",
            0.9111,
            (0.9083, 0.9121, 0.9132),
            False,
            True,
            band=(0.905, 0.917),
            better="higher",
            seeds=(0, 1, 2),
            digits=4,
        ),
        Compared("best loss", 3.68, 2.1, False, True, (2.5, 4.9), "lower", digits=2),
        Compared(
            "test accuracy",
            0.8853,
            (0.871, 0.875),
            False,
            False,
            band=(0.88, 0.89),
            better="higher",
            seeds=(0, 1),
            digits=4,
            note="the document does not print its split",
        ),
        Compared("training accuracy", 0.98, None, False, None, note="it says nothing"),
    )


@pytest.fixture(scope="session")
def study(facts, second, faulty, maps, outcomes, compared, folder) -> StudyFacts:
    rows = np.arange(400)
    clusters = Clustering("kmeans", rows, rows % 3, np.zeros((3, 2)), faulty.fingerprint)
    return StudyFacts(
        name="first-look",
        title="A first look",
        about=("What is in the digits?",),
        document="Digits, looked at",
        outcomes=outcomes,
        compared=compared,
        images=faulty,
        folder=folder,
        maps={"map it": tuple(maps), "map again": (maps[0],)},
        models={"learn": (StudyModel("the first", facts), second)},
        clusterings={"map it": (clusters,)},
        thumbnails={"map it": {0: np.arange(0, 400, 50)}},
        cautions=("the whole study is a demonstration",),
        checks=("a choice made on the test split",),
        differs=("the document shows random images as clusters; here an index keeps its set",),
        recipe="steps:\n  - explore: {}\n",
        reproduce={"command": "hangtag study run first-look", "seeds": [0, 1, 2]},
        versions={"hangtag": "0.1.0"},
    )

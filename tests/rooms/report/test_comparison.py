"""The page of a comparison: nothing typed by hand, nothing from data is ever code."""

from dataclasses import replace

import numpy as np
import pytest

from hangtag.errors import UsageError
from hangtag.records import ComparedRun, History, Predictions, ReportFacts, RunComparison
from hangtag.rooms.evaluate import compare, disagreements, evaluate
from hangtag.rooms.report import comparison_page
from hangtag.rooms.report.disagreeing import parted

HOSTILE = "<script>alert(1)</script>"


def answers(seed: int) -> Predictions:
    labels = np.arange(60) % 3
    chances = np.random.default_rng(seed).dirichlet(np.ones(3), 60) + 0.6 * np.eye(3)[labels]
    chances /= chances.sum(axis=1, keepdims=True)
    return Predictions(np.arange(60), labels, chances.astype(np.float32), ("a", HOSTILE, "c"))


@pytest.fixture
def found() -> RunComparison:
    models = {HOSTILE: answers(0), "other": answers(1)}
    comparison = compare(models)
    rows = [
        ComparedRun(name, "s2-mlp", 0, comparison.accuracies[name], 0.9, 10, 3, 1.5, 1e-5, None)
        for name in models
    ]
    ways = disagreements(*models.values(), limit=3)
    return RunComparison(tuple(rows), comparison, (ways,), cautions=("Mind this.",))


@pytest.fixture
def models() -> dict[str, ReportFacts]:
    """What both answered, one of them trained epoch by epoch."""
    images = np.random.default_rng(2).integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    curves = {"loss": (1.0, 0.5), "val_loss": (1.1, 0.7), "accuracy": (0.5, 0.8)}
    return {
        name: ReportFacts(
            title=name,
            class_names=given.class_names,
            evaluation=evaluate(given),
            predictions=given,
            pictures=images,
            ids=tuple(f"{HOSTILE}/{index}" for index in range(60)),
            history=history,
        )
        for name, given, history in (
            (HOSTILE, answers(0), History(curves, (0.1, 0.1))),
            ("other", answers(1), None),
        )
    }


def test_names_from_outside_are_text_on_the_page(found, models, sound):
    page = comparison_page(found, title=HOSTILE, models=models)
    sound(page)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_better_one_of_each_row_is_marked_and_no_other(found, models):
    page = comparison_page(found, title="two", models=models)
    rows = (*found.comparison.classes, *found.comparison.averages)
    single = sum(len(best) == 1 for row in rows for best in row.best.values())
    assert page.count('<td class="better">') == single


def test_what_can_be_seen_stands_before_what_was_tested(found, models, sound):
    page = comparison_page(found, title="two", models=models)
    order = [one["id"].removeprefix("compared_") for one in sound(page).all("section")]
    assert order == [
        "cautions",
        *("accuracy", "matrices", "curves", "images"),
        *("models", "differences", "classes"),
    ]
    matrices = [one for one in sound(page).all("table") if "confusion" in one.get("class", "")]
    assert len(matrices) == 2
    assert "Without epochs, and so without curves: other." in page


def test_images_are_parted_by_who_is_right_the_furthest_apart_first():
    first, second = answers(0), answers(1)
    ways = parted(first, second, ("a", "b"))
    right = [one.predicted == one.labels for one in (first, second)]
    shown = np.concatenate([way.positions for way in ways])
    assert sorted(shown) == np.flatnonzero(~(right[0] & right[1])).tolist()
    assert [way.title for way in ways] == ["Only a is right", "Only b is right", "Both are wrong"]
    for way, (one, other) in zip(ways, ((True, False), (False, True), (False, False)), strict=True):
        assert (right[0][way.positions] == one).all()
        assert (right[1][way.positions] == other).all()
        apart = np.abs(first.probabilities - second.probabilities).sum(axis=1)[way.positions]
        assert (np.diff(apart) <= 0).all()


def test_a_run_or_an_image_that_is_not_given_is_asked_for(found, models):
    with pytest.raises(UsageError, match="needs the answers and images of other"):
        comparison_page(found, title="two", models={HOSTILE: models[HOSTILE]})
    bare = {name: replace(one, pictures=None) for name, one in models.items()}
    with pytest.raises(UsageError, match="needs the answers"):
        comparison_page(found, title="two", models=bare)

"""The page of a comparison: nothing typed by hand, nothing from data is ever code."""

import numpy as np
import pytest

from hangtag.errors import UsageError
from hangtag.records import ComparedRun, Predictions, RunComparison
from hangtag.rooms.evaluate import compare, disagreements
from hangtag.rooms.report import comparison_page

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


def drawn(found: RunComparison) -> dict:
    wanted = {one.index for way in found.disagreements[0] for one in way}
    pictures = {index: np.full((8, 8, 1), index, np.uint8) for index in wanted}
    return {"pictures": pictures, "ids": {index: f"{HOSTILE}/{index}" for index in wanted}}


def test_names_from_outside_are_text_on_the_page(found):
    page = comparison_page(found, title=HOSTILE, **drawn(found))
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_better_one_of_each_row_is_marked_and_no_other(found):
    page = comparison_page(found, title="two", **drawn(found))
    rows = (*found.comparison.classes, *found.comparison.averages)
    single = sum(len(best) == 1 for row in rows for best in row.best.values())
    assert page.count('<td class="better">') == single


def test_a_picture_that_is_not_given_is_asked_for(found):
    with pytest.raises(UsageError, match="needs the picture"):
        comparison_page(found, title="two", pictures={}, ids={})

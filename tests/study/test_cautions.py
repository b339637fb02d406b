from dataclasses import replace

import pytest

from hangtag.records import Outcome, StudyTable
from hangtag.study.cautions import CHECKS, Case, cautions
from hangtag.study.recipe import Recipe

TWO = StudyTable("models", "Models", ("model",), (("a",), ("b",)))


def _recipe(steps, reported=()):
    return Recipe.model_validate(
        {"name": "a", "title": "A", "source": "digits", "steps": steps, "reported": list(reported)}
    )


def _case(outcomes, *, steps=None, reported=(), limit=None):
    chosen = steps or {"net": {"verb": "train"}}
    named = {one.name: one for one in outcomes}
    return Case(_recipe(chosen, reported), named, limit)


AUDIT = Outcome("audit", "audit", "Audit", values={"leaked_test": 0, "test": 100})
NET = Outcome("net", "train", "Net", values={"accuracy": [0.9]}, seeds=(0, 1, 2))
FIRES = {
    "models chosen by their test score": _case(
        [AUDIT, Outcome("c", "compare", "C", tables=(TWO,))]
    ),
    "training accuracy quoted as accuracy": _case(
        [NET],
        reported=[{"figure": "x", "ours": "net.accuracy", "value": 0.98, "within": 0.1}],
    ),
    "a random split over near-copies": _case(
        [replace(AUDIT, values={"leaked_validation": 5, "validation": 100})]
    ),
    "near-copies of test images among the training images": _case(
        [replace(AUDIT, values={"leaked_test": 1, "test": 100})]
    ),
    "an audit left out": _case([Outcome("t", "evaluate", "T")]),
    "a sample used where the whole was there": _case([NET], limit=100),
    "maps or clusters of a sample": _case(
        [Outcome("k", "cluster", "K", commands=("hangtag cluster x --sample 10",))]
    ),
    "maps of very few images": _case([Outcome("m", "reduce", "M", values={"pca.points": 150})]),
    "one seed only": _case([replace(NET, seeds=(0,))]),
    "the best of many trials quoted as a result": _case(
        [Outcome("search", "tune", "S")],
        steps={"search": {"verb": "tune", "space": "batch_size=1,2"}},
    ),
}


def test_every_check_is_tried_here():
    assert set(FIRES) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_fires_on_anyones_recipe_that_does_it(name):
    assert CHECKS[name](FIRES[name]).endswith(".")


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_silent_on_a_study_that_does_it_right(name):
    assert CHECKS[name](_case([AUDIT, NET])) == ""


def test_what_was_looked_for_is_said_whether_it_fired_or_not():
    assert cautions(_case([AUDIT, NET])) == ((), tuple(CHECKS))


def test_a_training_score_of_validation_images_is_no_training_score():
    values = {"val_accuracy": [0.9], "accuracy": [0.9]}
    reported = [{"figure": "x", "ours": "net.val_accuracy", "value": 0.9, "within": 0.1}]
    case = _case([AUDIT, replace(NET, values=values)], reported=reported)
    assert cautions(case)[0] == ()


def test_a_search_whose_choice_is_trained_again_is_no_caution():
    steps = {
        "search": {"verb": "tune", "space": "batch_size=1,2"},
        "best": {"verb": "train", "best_of": "search"},
    }
    case = _case([AUDIT, Outcome("search", "tune", "S"), replace(NET, name="best")], steps=steps)
    assert cautions(case)[0] == ()

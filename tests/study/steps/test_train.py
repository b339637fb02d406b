"""A kind of model is a value of ``train``, or the verb itself; both make the same run."""

import json

import pytest
import yaml

from hangtag import open_run, study
from hangtag.errors import OptionError
from hangtag.records import Outcome
from hangtag.requests import KINDS, options_of
from hangtag.study.step import StepContext
from hangtag.study.steps.train import KIND_STEPS, TrainStep


@pytest.fixture
def opened(tmp_path):
    """Opens a recipe of these steps."""

    def opened(**steps):
        file = tmp_path / "kinds.yaml"
        about = {"name": "kinds", "title": "Kinds", "source": "digits", "seed": 4}
        file.write_text(yaml.safe_dump({**about, "split": "stratified:0.2", "steps": steps}))
        return study.open_recipe(file)

    return opened


def _at(before=()):
    """Where nothing is loaded or written."""
    outcomes = {one.name: one for one in before}
    return StepContext("net", None, None, None, "auto", 4, (0, 1), None, outcomes)


def _asked(at=None, **options):
    step = TrainStep(verb="train", **options)
    return {name: way.asked for name, way in step.ways(at or _at()).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_is_a_verb_with_the_options_of_its_request(kind, opened):
    step = opened(it={"verb": kind}).steps["it"]
    assert isinstance(step, KIND_STEPS[kind])
    (way,) = step.ways(_at()).values()
    assert way.asked == KINDS[kind]().options
    assert set(way.asked) == set(options_of(KINDS[kind])) - {"seed"}
    assert step.chosen_seeds(_at()) == (4,)  # the study's own, as of all that has one seed


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"verb": "linear", "c": [0]}, "1e-09 at least"),
        ({"verb": "forest", "n_estimator": 5}, "did you mean 'n_estimators'?"),
        ({"verb": "neighbors", "metric": "manhattan"}, "known: cosine, euclidean"),
        ({"verb": "train", "epochs": 0}, "1 at least"),
        ({"verb": "tree"}, "known:"),
    ],
)
def test_an_option_that_cannot_be_is_refused_when_the_recipe_is_opened(step, said, opened):
    with pytest.raises(OptionError) as refused:
        opened(it=step)
    assert said in refused.value.hint


def test_a_recipe_with_kinds_is_the_same_when_written_and_read(opened, tmp_path):
    recipe = opened(
        a={"verb": "forest", "n_estimators": [5, 10], "pca": 0.95, "seeds": [1, 2]},
        b={"verb": "train", "model": "linear", "options": {"c": [0.1]}},
        c={"verb": "train", "epochs": 3, "rows": "2:8"},
    )
    file = tmp_path / "again.yaml"
    file.write_text(study.as_yaml(recipe))
    assert study.open_recipe(file) == recipe


def test_a_verb_and_a_value_make_the_same_run_and_say_the_same(opened, tmp_path):
    options = {"k": [1, 3], "pca": 5}
    recipe = opened(
        verb={"verb": "neighbors", **options},
        value={"verb": "train", "model": "neighbors", "options": options, "seeds": [4]},
    )
    found = study.run(recipe, out=tmp_path / "study", limit=200)
    verb, value = found.outcomes["verb"], found.outcomes["value"]
    bundles = [
        open_run(found.folder / next(iter(one.runs.values()))).bundle for one in (verb, value)
    ]
    one, other = ((place / "weights.safetensors").read_bytes() for place in bundles)
    assert one == other
    assert [verb.values["val_accuracy"]] == value.values["val_accuracy"]
    assert verb.commands == value.commands
    assert (verb.verb, verb.title) == ("neighbors", value.title)
    rows = json.loads((found.folder / "steps" / "verb" / "outcome.json").read_bytes())
    assert rows  # and it can be read by anyone


def test_options_of_training_stand_by_themselves_and_a_variant_has_the_last_word():
    ways = _asked(
        epochs=5,
        options={"epochs": 2, "monitor": "val_loss"},
        variants={"long": {"options": {"epochs": 9}}, "usual": {}},
    )
    assert ways["usual"]["options"] == {"epochs": 5, "monitor": "val_loss"}
    assert ways["long"]["options"]["epochs"] == 9


def test_rows_of_the_step_are_those_of_its_variants():
    assert _asked(rows=[2, 8])["net"]["rows"] == (2, 8)


def test_the_best_of_a_search_is_where_options_start():
    best = {"dense.units": 32, "batch_size": 64, "learning_rate": 0.1}
    values = {"best_parameters": best, "network": "s2-mlp", "epochs": 7}
    at = _at([Outcome("search", "tune", "S", values=values)])
    (asked,) = _asked(at, best_of="search", learning_rate=0.2).values()
    assert asked["network"] == "s2-mlp"
    assert asked["changes"] == {"dense.units": 32}
    assert asked["options"] == {"epochs": 7, "batch_size": 64, "learning_rate": 0.2}


def test_the_best_of_what_is_no_search_is_refused():
    with pytest.raises(OptionError, match="has no best settings"):
        _asked(_at([Outcome("search", "train", "S")]), best_of="search")

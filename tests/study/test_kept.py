"""What is kept of a step is taken again when nothing behind it changed, and never when it did."""

import json

import pytest

from hangtag import study
from hangtag.records import Outcome, StudyTable
from hangtag.study import kept

OUTCOME = Outcome("look", "explore", "Look", values={"images": 3}, words=("Three.",))
KEYS = kept.Keys("work", "outcome")


@pytest.fixture
def keys(small, digits):
    """The keys of every step of the small recipe with some changes."""
    _, opened = small

    def keys(*changes, limit=None):
        recipe, known = opened(changes=changes), {}
        for name, step in recipe.steps.items():
            known[name] = kept.keys_of(name, step, recipe, digits, limit, known)
        return known

    return keys


@pytest.mark.parametrize("change", ["steps.look.title=Other", "steps.look.note=Mind."])
def test_words_alone_change_what_is_said_and_not_what_is_computed(keys, change):
    before, after = keys()["look"], keys(change)["look"]
    assert before.work == after.work
    assert before.outcome != after.outcome


@pytest.mark.parametrize(
    "change",
    ["steps.look.per_class=5", "seed=1", "seeds=[7]", "split=last:40", "steps.look.seed=2"],
)
def test_what_a_result_depends_on_is_in_its_key(keys, change):
    assert keys()["look"].work != keys(change)["look"].work


def test_a_part_of_the_images_has_another_key(keys):
    assert keys()["look"] != keys(limit=10)["look"]


def test_a_step_hangs_on_those_it_uses_and_on_no_other(small, keys):
    values, _ = small
    values["steps"]["net"] = {"verb": "train", "network": "s2-mlp"}
    values["steps"]["test"] = {"verb": "evaluate", "of": "net"}
    before, after = keys(), keys("steps.net.options.epochs=3")
    changed = {name for name in before if before[name].work != after[name].work}
    assert changed == {"net", "test"}


def test_an_outcome_is_taken_as_it_was_kept_with_its_tables_beside_it(tmp_path):
    table = StudyTable("counts", "Counts", ("class", "images"), (("=a", 1), ("b", None)))
    outcome = Outcome("look", "explore", "Look", tables=(table,))
    kept.begin(tmp_path / "look", KEYS)
    kept.keep(tmp_path / "look", KEYS, outcome)
    assert kept.known(tmp_path / "look", KEYS) == outcome
    assert (tmp_path / "look" / "counts.csv").read_text() == "class,images\n'=a,1\nb,\n"


@pytest.mark.parametrize("other", [kept.Keys("else", "outcome"), kept.Keys("work", "else")])
def test_with_another_key_nothing_is_known(tmp_path, other):
    kept.begin(tmp_path, KEYS)
    kept.keep(tmp_path, KEYS, OUTCOME)
    assert kept.known(tmp_path, other) is None


def test_a_folder_begun_for_other_work_is_emptied_and_one_of_the_same_is_gone_on_with(tmp_path):
    place = tmp_path / "net"
    kept.begin(place, KEYS)
    (place / "run.json").write_text("{}")
    kept.begin(place, kept.Keys("work", "new words"))
    assert (place / "run.json").is_file()
    kept.begin(place, kept.Keys("other work", "outcome"))
    assert not (place / "run.json").exists()


def test_an_edited_outcome_counts_as_none(tmp_path):
    kept.begin(tmp_path, KEYS)
    kept.keep(tmp_path, KEYS, OUTCOME)
    file = tmp_path / kept.OUTCOME
    file.write_text(file.read_text().replace('"images": 3', '"images": 4'))
    assert kept.known(tmp_path, KEYS) is None


def test_the_code_behind_a_kind_is_that_of_training(keys):
    assert kept.computed_by("linear") == kept.computed_by("train")
    assert not any(one.startswith("hangtag.rooms.report") for one in kept.computed_by("train"))
    assert "hangtag.rooms.report.results.train" in kept.said_by("train")
    json.dumps(study.schema())  # every verb has its fields in it

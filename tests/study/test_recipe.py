import json
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hangtag import study
from hangtag.errors import HangtagError, OptionError
from hangtag.study.recipe import Recipe

NAMES = tuple(study.named())


def test_the_five_studies_come_with_hangtag_in_their_order():
    assert NAMES == (
        "fashion-first-look",
        "sign-language",
        "network-ladder",
        "half-images",
        "clothing-shop",
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quick", [False, True])
def test_a_recipe_that_comes_with_hangtag_opens_and_is_the_same_when_written_and_read(
    name, quick, tmp_path
):
    recipe = study.open_recipe(name, quick=quick)
    file = tmp_path / "again.yaml"
    file.write_text(study.as_yaml(recipe))
    assert study.open_recipe(file) == recipe


@pytest.mark.parametrize("name", NAMES)
def test_every_reported_figure_is_exact_has_a_band_or_says_why_it_is_wrong(name):
    recipe = study.open_recipe(name)
    for one in recipe.reported:
        assert one.exact or one.within or one.wrong or isinstance(one.value, str), one.figure


@pytest.mark.parametrize("name", NAMES)
def test_every_study_looks_for_leaks_before_it_believes_a_score(name):
    verbs = [step.verb for step in study.open_recipe(name).steps.values()]
    assert "audit" in verbs
    assert verbs.index("audit") < verbs.index("train")


def test_the_schema_knows_every_key_of_every_recipe():
    schema = study.schema()
    assert set(schema["properties"]) == set(Recipe.model_fields)
    json.dumps(schema)


def _error(values, tmp_path, **options):
    file = tmp_path / "wrong.yaml"
    file.write_text(values if isinstance(values, str) else yaml.safe_dump(values, sort_keys=False))
    with pytest.raises(OptionError) as caught:
        study.open_recipe(file, **options)
    return caught.value


def test_an_unknown_key_is_named_with_its_nearest_known_one(small, tmp_path):
    values, _ = small
    error = _error({**values, "tittle": "x"}, tmp_path)
    assert "'tittle'" in error.message
    assert "did you mean 'title'?" in error.hint


def test_an_unknown_option_of_a_step_is_named_with_its_nearest_known_one(small, tmp_path):
    values, _ = small
    values["steps"]["clusters"]["n_starts"] = 5
    error = _error(values, tmp_path)
    assert "steps.clusters.n_starts" in error.message
    assert "n_init" in error.hint


def test_an_unknown_verb_is_named_with_the_known_ones(small, tmp_path):
    values, _ = small
    values["steps"]["look"]["verb"] = "explor"
    error = _error(values, tmp_path)
    assert "'explor'" in error.message
    assert "did you mean 'explore'?" in error.hint


def test_a_step_without_a_verb_is_named(small, tmp_path):
    values, _ = small
    del values["steps"]["look"]["verb"]
    assert "steps.look has no verb" in _error(values, tmp_path).message


def test_a_step_cannot_use_a_step_that_comes_later(small, tmp_path):
    values, _ = small
    values["steps"] = {"test": {"verb": "evaluate", "of": "net"}, "net": {"verb": "train"}}
    error = _error(values, tmp_path)
    assert error.message == "step 'test' uses 'net', which is no step before it"


def test_a_figure_of_a_step_that_is_not_there_is_refused(small, tmp_path):
    values, _ = small
    values["reported"] = [{"figure": "k", "ours": "cluster.k", "value": 4, "exact": True}]
    error = _error(values, tmp_path)
    assert "did you mean 'clusters'?" in error.hint


def test_a_figure_that_is_neither_exact_nor_banded_is_refused(small, tmp_path):
    values, _ = small
    values["reported"] = [{"figure": "k", "ours": "clusters.k", "value": 4}]
    assert "neither exact nor has a band" in _error(values, tmp_path).message


def test_a_value_can_be_changed_by_its_path(small):
    _, opened = small
    recipe = opened(changes=["steps.clusters.k=[3, 4]", "seeds=[7]", "title=Other"])
    assert recipe.steps["clusters"].k == (3, 4)
    assert recipe.seeds == [7]
    assert recipe.title == "Other"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("steps.cluster.k=3", "did you mean 'clusters'?"),
        ("seeds", "PATH=VALUE"),
        ("title.a.b=3", "has no parts"),
        ("seeds=[", "quote it"),
    ],
)
def test_a_change_that_leads_nowhere_says_so(small, change, said):
    _, opened = small
    with pytest.raises(OptionError) as caught:
        opened(changes=[change])
    assert said in f"{caught.value.message} {caught.value.hint}"


def test_quick_changes_are_made_only_when_asked_and_before_ones_own(small):
    values, opened = small
    values["quick"] = {"steps.clusters.k": 2}
    assert opened().steps["clusters"].k == (4,)
    assert opened(quick=True).steps["clusters"].k == (2,)
    assert opened(quick=True, changes=["steps.clusters.k=9"]).steps["clusters"].k == (9,)


def test_a_source_beside_the_recipe_is_found_from_anywhere(small, tmp_path):
    values, opened = small
    (tmp_path / "pictures").mkdir()
    values["source"] = "pictures"
    assert opened().source == str((tmp_path / "pictures").resolve())


def test_a_name_that_is_no_study_is_named_with_the_known_ones():
    with pytest.raises(OptionError, match="there is no study 'fashion'") as caught:
        study.open_recipe("fashion")
    assert "fashion-first-look" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "steps: [",
        "!!python/object/apply:os.system ['true']",
        "name: a\ntitle: b\nsource: c\nsteps: {}\n",
        "\x00",
        "a: &a [*a]",
    ],
)
def test_what_is_no_recipe_is_refused_in_one_sentence(text, tmp_path):
    assert _error(text, tmp_path).message


@given(st.text(alphabet=string.printable, max_size=200))
def test_no_text_makes_anything_but_a_recipe_or_one_of_our_errors(tmp_path_factory, written):
    file = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    file.write_text(written)
    with pytest.raises(HangtagError):
        study.open_recipe(file)

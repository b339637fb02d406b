import pytest

from hangtag.errors import OptionError
from hangtag.records import Outcome
from hangtag.study.compared import compared
from hangtag.study.recipe import Recipe

STEPS = {"net": {"verb": "train"}}


def _inside(ours, *, seeds=(0, 1, 2), on="digits", whole=True, **reported):
    recipe = Recipe.model_validate(
        {
            "name": "a",
            "title": "A",
            "source": "digits",
            "steps": STEPS,
            "reported_on": "digits",
            "reported": [{"figure": "it", "ours": "net.it", **reported}],
        }
    )
    outcome = Outcome("net", "train", "Net", values={"it": ours}, seeds=seeds)
    found = compared(recipe, {"net": outcome}, on=on, whole=whole)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("ours", "value", "digits", "inside"),
    [
        (394530, 394530, None, True),
        (394531, 394530, None, False),
        (31.03774, 31.0377, None, True),
        (31.03786, 31.0377, None, False),
        (0.9984, 0.998, None, True),
        (1.0, 1.0, 4, True),
        (0.9999, 1.0, 4, False),
        ([4979, 5032], [4979, 5032], None, True),
        ([4979, 5032], [5032, 4979], None, False),
        ([4979], [4979, 5032], None, False),
    ],
)
def test_an_exact_figure_is_the_same_to_the_printed_digit(ours, value, digits, inside):
    assert _inside(ours, value=value, digits=digits, exact=True).inside is inside


@pytest.mark.parametrize(
    ("ours", "better", "inside"),
    [
        (0.90, "neither", True),
        (0.8894, "neither", False),
        (0.95, "neither", False),
        (0.95, "higher", True),
        (0.85, "higher", False),
        (0.85, "lower", True),
        (0.95, "lower", False),
        ([0.85, 0.90, 0.95], "neither", True),
    ],
)
def test_any_other_is_inside_its_band_or_on_its_better_side_by_its_mean(ours, better, inside):
    assert _inside(ours, value=0.9, within=0.01, digits=3, better=better).inside is inside


def test_spread_and_mean_are_over_the_seeds():
    found = _inside([0.1, 0.2, 0.6], value=0.3, within=0.1)
    assert found.mean == pytest.approx(0.3)
    assert found.spread == (0.1, 0.6)
    assert found.seeds == (0, 1, 2)


def test_lists_whose_order_means_nothing_are_compared_sorted():
    assert _inside([3, 1, 2], value=[1, 2, 4], within=1).inside
    assert not _inside([3, 1, 9], value=[1, 2, 4], within=1).inside


def test_a_figure_that_cannot_be_right_is_not_compared_and_says_why():
    found = _inside(5, value=7, wrong="It counts what is not there.")
    assert found.inside is None
    assert found.note == "It counts what is not there."


def test_nothing_is_compared_on_another_set():
    assert _inside(5, value=5, exact=True, on="my-pictures") is None


def test_a_part_of_the_images_is_never_said_to_be_outside():
    assert _inside(4, value=5, exact=True, whole=False).inside is None
    assert _inside(0.9, value=0.9, within=0.1, whole=False).inside is None
    assert _inside(5, value=5, exact=True, whole=False).inside is True


def test_a_value_that_a_step_does_not_measure_is_named_with_those_it_does():
    recipe = Recipe.model_validate(
        {
            "name": "a",
            "title": "A",
            "source": "digits",
            "steps": STEPS,
            "reported": [{"figure": "x", "ours": "net.acuracy", "value": 1, "exact": True}],
        }
    )
    outcomes = {"net": Outcome("net", "train", "Net", values={"accuracy": [1.0]})}
    with pytest.raises(OptionError) as caught:
        compared(recipe, outcomes, on="digits")
    assert "did you mean 'accuracy'?" in caught.value.hint

"""The house recipes: they fit any images, and ask for what training has."""

from __future__ import annotations

import pytest

from hangtag.errors import SpecError
from hangtag.rooms import models
from hangtag.rooms.train.options import check_options

HOUSE = ("fast", "balanced", "best")


def test_come_behind_the_studies_from_fast_to_best():
    assert models.network_names()[-3:] == HOUSE


@pytest.mark.parametrize("name", HOUSE)
@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (14, 28, 1), (40, 24, 3)])
def test_fit_small_and_large_images_and_give_an_embedding_of_one_length(name, shape):
    facts = models.summary(models.network_spec(name, input_shape=shape, n_classes=7))
    assert facts["classes"] == 7
    assert facts["embedding_size"] == models.summary(models.network_spec(name))["embedding_size"]


def test_images_that_cannot_be_pooled_are_refused():
    with pytest.raises(SpecError, match="does not fit"):
        models.network_spec("best", input_shape=(7, 7, 1))


@pytest.mark.parametrize("name", HOUSE)
def test_ask_for_what_training_has_and_say_that_all_was_chosen_here(name):
    recipe = models.recipe(name)
    check_options(recipe.options, validated=True)
    assert recipe.mirrored
    assert recipe.options.flip
    assert recipe.chosen


def test_each_costs_more_and_trains_longer_than_the_one_before():
    epochs = [models.training_options(name).epochs for name in HOUSE]
    parameters = [models.summary(models.network_spec(name))["parameters"] for name in HOUSE]
    assert epochs == sorted(epochs)
    assert parameters == sorted(set(parameters))

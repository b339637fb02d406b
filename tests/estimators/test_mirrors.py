"""Mirrored images are trained with and answered for only where labels stay right."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.estimators import mirrors
from hangtag.records import TrainingOptions
from hangtag.rooms import models

FLIPPED = TrainingOptions(flip=True)


def test_clothes_may_be_mirrored_and_letters_and_digits_may_not():
    found = {one.name: mirrors.keeps_labels(one.name) for one in hangtag.known_sets()}
    assert found == {"fashion-mnist": True, "sign-mnist": False, "digits": False}
    assert mirrors.keeps_labels("my-shoes") is None


@pytest.mark.parametrize("asked", [True, False])
def test_what_may_be_mirrored_is(asked):
    assert mirrors.fitting(FLIPPED, keeps=True, asked=asked) == FLIPPED


@pytest.mark.parametrize("keeps", [False, None])
def test_a_recipe_mirrors_nothing_unless_it_is_known_to_be_right(keeps):
    assert mirrors.fitting(FLIPPED, keeps=keeps, asked=False) == TrainingOptions()


def test_whoever_knows_own_images_may_ask_for_it():
    assert mirrors.fitting(FLIPPED, keeps=None, asked=True) == FLIPPED


def test_asking_for_wrong_labels_is_refused():
    with pytest.raises(OptionError, match="mirror"):
        mirrors.fitting(FLIPPED, keeps=False, asked=True)


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    """Sixty images of two kinds, light above or light below, as a file of arrays."""
    drawn = np.random.default_rng(0).integers(0, 90, (60, 16, 16, 1), dtype=np.uint8)
    labels = np.arange(60) % 2
    drawn[labels == 0, :8] += 100
    drawn[labels == 1, 8:] += 100
    place = tmp_path_factory.mktemp("patches") / "patches.npz"
    np.savez(place, images=drawn, labels=labels)
    return place


QUICK = {"epochs": 1, "batch_size": 16}


@pytest.mark.parametrize("asked", [True, False])
def test_a_house_recipe_mirrors_unknown_images_only_when_told_to(patches, tmp_path, asked):
    options = QUICK | ({"flip": True} if asked else {})
    run = hangtag.train(patches, network="fast", options=options, out=tmp_path / "run")
    assert run.config.training.flip is asked
    assert bool(mirrors.left_out(run)) is not asked
    bundle = models.open_bundle(run.bundle)
    assert bundle.spec.mirrored is asked
    images = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 1), dtype=np.uint8)
    plain, turned = (bundle.embeddings(some) for some in (images, images[:, :, ::-1]))
    assert np.allclose(plain, turned, rtol=1e-4, atol=1e-4) is asked


def test_the_command_kept_in_a_run_says_every_option_as_it_can_be_typed(patches, tmp_path):
    options = QUICK | {"shift": 1, "flip": True}
    run = hangtag.train(
        patches, network="s0-cnn", options=options, changes={"dense.units": 8}, out=tmp_path / "r"
    )
    assert "--epochs 1 --batch-size 16" in run.config.command
    assert "--change 'shift=1;flip=True;dense.units=8'" in run.config.command

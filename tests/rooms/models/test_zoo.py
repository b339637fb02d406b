"""The named networks are those of the documents, to the parameter, and fit other images too."""

import pytest

from hangtag.errors import SpecError
from hangtag.rooms import models

COUNTS = {
    "s0-cnn": (394_530, 394_530),
    "s1-mlp": (169_894, 168_325),
    "s1-mlp-linear": (169_894, 168_325),
    "s2-mlp": (109_386, 109_386),
    "s2-cnn1": (120_170, 120_170),
    "s2-cnn2": (840_586, 838_154),
    "s2-cnn3": (246_154, 243_850),
    "s2-cnn4": (120_234, 119_978),
    "s3-full": (109_386, 109_386),
    "s3-half": (59_210, 59_210),
    "s3-base": (60_970, 60_970),
    "s3-batchnorm": (61_642, 61_194),
    "s3-dropout": (60_970, 60_970),
    "s4-cnn": (421_642, 421_642),
    "s4-tuned": (1_042_602, 1_042_602),
}


def test_knows_the_networks_of_all_five_studies_by_both_names():
    known = {one.study: one for one in map(models.recipe, models.network_names()) if one.study}
    assert set(known) == set(COUNTS)
    for study, one in known.items():
        asked = models.network_spec(study)
        assert asked.name == study, "runs of a study say what its document says"
        assert models.network_spec(one.name).layers == asked.layers
        assert models.training_options(study) == one.options


def test_a_name_says_the_widths_of_the_hidden_layers():
    for name in models.network_names():
        widths = [one for one in name.split("-") if one.isdigit()]
        hidden = models.network_spec(name).layers[:-1]
        kind = "Conv2D" if name.startswith("cnn") else "Dense"
        found = [
            str(one.get("filters", one.get("units"))) for one in hidden if one["layer"] == kind
        ]
        assert not widths or widths == found, name


@pytest.mark.parametrize(("name", "counts"), COUNTS.items())
def test_has_exactly_the_parameters_of_its_document(name, counts):
    facts = models.summary(models.network_spec(name))
    assert (facts["parameters"], facts["trainable"]) == counts


def test_s1_has_275_biases_and_1569_numbers_that_are_not_trained():
    facts = models.summary(models.network_spec("s1-mlp", input_shape=(28, 28, 1), n_classes=25))
    assert facts["biases"] == 275
    assert facts["non_trainable"] == 1_569


def test_s2_second_cnn_has_the_shapes_its_document_prints():
    rows = models.summary(models.network_spec("s2-cnn2"))["layers"]
    assert [(tuple(row["output_shape"]), row["parameters"]) for row in rows] == [
        ((28, 28, 32), 320),
        ((14, 14, 32), 0),
        ((14, 14, 64), 18_496),
        ((7, 7, 64), 0),
        ((7, 7, 64), 0),
        ((7, 7, 64), 256),
        ((7, 7, 128), 73_856),
        ((7, 7, 128), 147_584),
        ((3, 3, 128), 0),
        ((3, 3, 128), 0),
        ((1_152,), 0),
        ((1_152,), 4_608),
        ((512,), 590_336),
        ((512,), 0),
        ((10,), 5_130),
    ]


@pytest.mark.parametrize("name", COUNTS)
def test_is_trained_as_its_document_says_or_says_what_was_chosen(name):
    recipe = models.recipe(name)
    assert recipe.options == models.training_options(name)
    assert recipe.options.epochs >= 10
    assert recipe.split
    assert bool(recipe.chosen) == name.startswith("s2-")


@pytest.mark.parametrize("name", COUNTS)
def test_fits_other_images_and_other_classes(name):
    spec = models.network_spec(name, input_shape=(40, 24, 3), n_classes=7)
    assert spec.input_shape == (40, 24, 3)
    assert models.count_classes(spec) == 7


def test_s0_fits_the_digits():
    spec = models.network_spec("s0-cnn", input_shape=(8, 8, 1), n_classes=10)
    assert models.summary(spec)["parameters"] == 280 + 14_168 + (56 * 56 + 56) + 570


def test_a_network_that_cannot_fit_says_so_and_names_those_that_can():
    with pytest.raises(SpecError) as caught:
        models.network_spec("s2-cnn4", input_shape=(8, 8, 1), n_classes=10)
    assert caught.value.message.startswith("network s2-cnn4 does not fit images of 8×8×1: ")
    assert "gets only 1×1 values" in caught.value.message
    assert "cnn-28-56" in caught.value.hint
    assert "cnn-32-32-64-128" not in caught.value.hint


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(SpecError, match="there is no network 's0cnn'") as caught:
        models.network_spec("s0cnn", input_shape=(28, 28, 1), n_classes=10)
    assert caught.value.hint.startswith("did you mean 's0-cnn'?")


@pytest.mark.parametrize("n_classes", [1, 0, -3, 10.0, 100_000])
def test_a_class_count_that_cannot_be_is_refused(n_classes):
    with pytest.raises(SpecError, match="classes apart"):
        models.network_spec("s0-cnn", input_shape=(28, 28, 1), n_classes=n_classes)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1, 1), (0, 28, 1)])
def test_an_image_shape_that_cannot_be_is_refused(shape):
    with pytest.raises(SpecError, match="shape"):
        models.network_spec("s0-cnn", input_shape=shape, n_classes=10)

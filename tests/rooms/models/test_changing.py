"""Changing a network by name: what is changed, what is added, and what stays."""

import pytest

from hangtag.errors import SpecError
from hangtag.rooms.models import change, changeable, network_spec, summary


def units(spec) -> list[int]:
    return [layer["units"] for layer in spec.layers if layer["layer"] == "Dense"]


def test_the_regularised_networks_of_study_3_are_changes_of_its_base():
    base = network_spec("s3-base")
    for name, changes in (
        ("s3-dropout", {"dropout": 0.5}),
        ("s3-batchnorm", {"batchnorm": True}),
    ):
        assert change(base, changes).layers == network_spec(name).layers
    assert summary(change(base, {"batchnorm": True}))["parameters"] == 61_642
    undone = change(network_spec("s3-dropout"), {"dropout": 0})
    assert undone.layers == base.layers


def test_the_winner_of_study_4_is_a_change_of_its_first_network():
    changed = change(network_spec("s4-cnn"), {"conv_2.filters": 128, "dense.units": 160})
    assert changed.layers == network_spec("s4-tuned").layers


def test_a_family_is_changed_as_a_whole_and_one_layer_by_its_number():
    spec = network_spec("s2-mlp")
    assert units(change(spec, {"dense.units": 32})) == [32, 32, 10]
    assert units(change(spec, {"dense_2.units": 32})) == [128, 32, 10]
    assert units(change(spec, {"dense_1.units": 8, "dense.units": 32})) == [8, 32, 10]


def test_layers_are_dropped_from_the_end_and_added_with_half_the_units():
    spec = network_spec("s2-mlp")
    assert units(change(spec, {"dense.layers": 1})) == [128, 10]
    assert units(change(spec, {"dense.layers": 4})) == [128, 64, 32, 16, 10]
    top = {"dense.layers": 3, "dense_1.units": 160}
    assert units(change(network_spec("s4-cnn"), top)) == [160, 80, 40, 10]
    assert units(change(spec, {"dense.layers": 3, "dense_3.units": 7})) == [128, 64, 7, 10]


def test_every_name_that_is_offered_can_be_used():
    for name in ("s0-cnn", "s2-mlp", "s2-cnn2", "s3-dropout", "s4-cnn"):
        spec = network_spec(name)
        assert {"dense.units", "dropout", "batchnorm"} <= set(changeable(spec))
        for place in changeable(spec):
            value = {"batchnorm": True, "dense.layers": 1, "dropout": 0.1}.get(place, 1)
            change(spec, {place: value})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dense.unit": 3}, "did you mean 'dense.units'"),
        ({"conv.filters": 3}, "known: "),
        ({"dense_3.units": 3}, "known: "),
        ({"units": 3}, "known: "),
        ({"dense.layers": 0}, "give 1 to 20"),
        ({"batchnorm": 3}, "true or false"),
    ],
)
def test_what_is_not_there_is_refused_and_what_is_there_is_named(changes, said):
    with pytest.raises(SpecError) as error:
        change(network_spec("s2-mlp"), changes)
    assert said in error.value.hint


def test_the_network_that_was_given_is_left_as_it_is():
    spec = network_spec("s2-mlp")
    change(spec, {"dense.units": 3, "dropout": 0.5, "dense.layers": 3})
    assert spec == network_spec("s2-mlp")

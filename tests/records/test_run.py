"""What a run keeps of what was asked: the same again from its JSON, whatever kind of model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hangtag.errors import OptionError, RunError
from hangtag.records import (
    Config,
    ForestSpec,
    MixtureSpec,
    NetworkSpec,
    PointsSpec,
    Preprocessing,
    TrainingOptions,
    spec_from_dict,
)
from hangtag.requests import ForestRequest, LinearRequest, MixtureRequest

SHAPE = (8, 8, 1)
SPECS = {
    "network": NetworkSpec("s2-mlp", SHAPE, ({"layer": "Flatten"}, {"layer": "Dense", "units": 3})),
    "forest": ForestSpec("extra-trees", SHAPE, 5, None, None, 3, 9, 4, 5),
    "mixture": MixtureSpec("mixture", SHAPE, 3, 3, "tied", 5, 3, class_conditional=False),
    "linear": PointsSpec(
        "linear", "linear", SHAPE, "pca:5", 5, 3, 20, 60, 8, {"c": 0.1}
    ),
}  # fmt: skip
OPTIONS = {
    "network": TrainingOptions(epochs=2, learning_rate=0.01, metrics=("accuracy", "auc")),
    "forest": ForestRequest(kind="extra-trees", n_estimators=(5,), seed=3),
    "mixture": MixtureRequest(k=(3,), pca=5, seed=3),
    "linear": LinearRequest(features="pca:5", seed=3),
}


def config(kind):
    return Config(
        name=SPECS[kind].name, source="digits", data={"name": "digits", "fingerprint": "ab"},
        limit=None, split="auto", seed=3, spec=SPECS[kind], options=OPTIONS[kind],
        preprocessing=Preprocessing(SHAPE, (0, 8), (0, 8)), created="2026-01-01T00:00:00+00:00",
        command="hangtag train digits", versions={"python": "3.11"}, loading={"size": "8x8"},
    )  # fmt: skip


@pytest.mark.parametrize("kind", SPECS)
def test_what_was_asked_survives_json(kind):
    one = config(kind)
    values = json.loads(json.dumps(one.to_dict(), allow_nan=False))
    assert Config.from_dict(values) == one
    assert Config.from_dict(values).to_dict() == one.to_dict(), "its identity stays the same"


@pytest.mark.parametrize(
    "damage",
    [
        {"data": {"name": "digits"}}, {"data": 0.5}, {"source": ["digits"]}, {"source": True},
        {"seed": "x"}, {"limit": []}, {"command": None}, {"versions": [1]}, {"loading": 7},
        {"loading": {"sise": 3}}, {"split": {}}, {"created": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_damaged_config_is_refused_when_it_is_read(damage):
    with pytest.raises((ValueError, TypeError, OptionError)):
        Config.from_dict(config("linear").to_dict() | damage)


@pytest.mark.parametrize("kind", SPECS)
def test_a_description_names_its_kind(kind):
    values = json.loads(json.dumps(SPECS[kind].to_dict()))
    assert values.get("kind", "network") == kind
    assert spec_from_dict(values) == SPECS[kind]
    assert SPECS[kind].kind == kind


def test_only_networks_have_a_network_and_epochs():
    assert config("network").network is SPECS["network"]
    assert config("network").training.epochs == 2
    for kind in ("forest", "mixture", "linear"):
        for name in ("network", "training"):
            with pytest.raises(RunError, match="no network and has no epochs"):
                getattr(config(kind), name)


def test_the_source_is_read_as_it_was(tmp_path):
    origin = config("forest").origin
    assert origin.place == "digits"
    assert origin.options.to_dict() == {"size": [8, 8]}
    assert replace(config("forest"), loading={}).origin.options.to_dict() == {}


def test_runs_of_forests_that_did_not_say_the_kind_of_their_trees_are_read():
    values = json.loads(json.dumps(config("forest").to_dict()))
    del values["options"]["kind"]
    assert Config.from_dict(values).options.kind == "extra-trees"


def test_a_network_with_both_views_says_so_and_others_say_nothing():
    both = replace(SPECS["network"], mirrored=True)
    assert both.to_dict()["mirrored"] is True
    assert "mirrored" not in SPECS["network"].to_dict()
    assert NetworkSpec.from_dict(both.to_dict()) == both


def test_numbers_of_a_model_of_points_are_kept():
    spec = SPECS["linear"]
    assert spec.n_pixels == 64
    assert spec_from_dict(spec.to_dict()).numbers == {"c": 0.1}

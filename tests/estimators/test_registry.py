"""The registry of kinds of model: known by name, imported when asked for."""

from __future__ import annotations

import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.estimators import ESTIMATORS, estimator


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_kind_says_what_it_is_called(name):
    kind = estimator(name)
    assert (kind.name, bool(kind.noun), bool(kind.title)) == (name, True, True)


def test_a_kind_or_an_option_that_is_not_there_is_named_with_the_nearest(tmp_path):
    with pytest.raises(OptionError, match="no kind of model 'forrest'") as error:
        hangtag.train("digits", model="forrest", out=tmp_path / "run")
    assert "forest" in error.value.hint
    for name in ESTIMATORS:
        with pytest.raises(OptionError, match="no option 'colour'"):
            hangtag.train("digits", model=name, colour="red", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_network_is_not_fitted_in_memory(digits):
    with pytest.raises(OptionError, match="as a run"):
        hangtag.fit(digits, model="network")


def test_images_that_no_source_has_are_trained_on_and_kept(tmp_path, digits):
    run = hangtag.train(
        (digits.images[:300], digits.labels[:300]), model="forest", n_estimators=3, max_depths=3,
        out=tmp_path / "run",
    )  # fmt: skip
    found = run.evaluate()
    assert found.scores["accuracy"].value > 0.3
    assert run.images().fingerprint == run.config.data["fingerprint"]

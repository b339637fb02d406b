"""The registry of kinds of model: known by name, imported when asked for."""

from __future__ import annotations

import subprocess
import sys

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


def test_training_a_network_imports_no_forest_no_clusters_and_no_search(tmp_path):
    code = (
        "import sys, hangtag\n"
        "hangtag.train('digits', network='s2-mlp', epochs=1, limit=60, out=sys.argv[1])\n"
        "rooms = tuple(f'hangtag.rooms.{room}' for room in ('forest', 'cluster', 'tune'))\n"
        "print([name for name in sys.modules if name.startswith(rooms)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "run"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


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

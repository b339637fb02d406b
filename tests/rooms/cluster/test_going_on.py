"""Sweeps of mixtures that were ended go on, and come to the very mixtures of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from hangtag import atomic, pace
from hangtag.rooms.cluster import Keeping, classifying, expectation, mixture_sweep

KS = (3, 5, 8)


@pytest.fixture
def at_once(monkeypatch):
    """Every start that is finished is written down."""
    monkeypatch.setattr(pace, "PERIOD", 0.0)
    monkeypatch.setattr(pace, "FACTOR", 0)


@pytest.fixture
def fits(monkeypatch):
    """The number of components of every start that is fitted."""
    counted = []
    real = expectation.fit

    def counting(centered, assignments, k, *rest):
        counted.append(k)
        return real(centered, assignments, k, *rest)

    monkeypatch.setattr(expectation, "fit", counting)
    return counted


def ended_after(starts):
    def progress(stage, done, total, note="", /):
        if stage == "mixtures" and done == starts:
            raise KeyboardInterrupt

    return progress


def numbers(mixtures):
    return [
        [
            one.row,
            *(
                array.tobytes()
                for array in (
                    one.weights,
                    one.covariances,
                    one.responsibilities,
                    one.clustering.centres,
                    one.clustering.assignments,
                )
            ),
        ]
        for one in mixtures
    ]


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
@pytest.mark.parametrize("starts", [2, 5])
def test_a_sweep_that_was_ended_fits_only_what_is_missing_and_is_the_same(
    points, at_once, fits, tmp_path, covariance, starts
):
    asked = {"covariance": covariance, "n_init": 2, "seed": 3}
    whole = mixture_sweep(points, KS, **asked)
    before = len(fits)
    with pytest.raises(KeyboardInterrupt):
        mixture_sweep(points, KS, **asked, keeping=Keeping(tmp_path), progress=ended_after(starts))
    assert [one.suffix for one in tmp_path.iterdir()] == [".growing"]
    del fits[:]
    keeping = Keeping(tmp_path)
    again = mixture_sweep(points, KS, **asked, keeping=keeping)
    # The start whose end was told has been kept before it was told.
    assert len(fits) == before - starts
    assert numbers(again.mixtures) == numbers(whole.mixtures)
    assert again.choice == whole.choice
    assert keeping.earlier > 0
    keeping.done()
    assert list(tmp_path.iterdir()) == []


def test_a_finished_sweep_stays_until_its_result_is_safe(points, at_once, fits, tmp_path):
    mixture_sweep(points, KS, n_init=2, keeping=Keeping(tmp_path))
    del fits[:]
    mixture_sweep(points, KS, n_init=2, keeping=Keeping(tmp_path))
    assert fits == []


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"covariance": "diagonal"}, {"n_init": 3}, {"tol": 1e-4}]
)
def test_another_question_is_answered_anew(points, at_once, fits, tmp_path, change):
    mixture_sweep(points, (3,), n_init=2, keeping=Keeping(tmp_path))
    del fits[:]
    asked = {"n_init": 2, **change}
    mixture_sweep(points, (3,), **asked, keeping=Keeping(tmp_path))
    assert len(fits) == asked["n_init"]


def test_mixtures_of_classes_keep_the_classes_that_are_done(
    digits, points, at_once, fits, tmp_path
):
    labels = digits.labels
    asked = {"class_conditional": True, "covariance": "diagonal", "seed": 3}
    whole = classifying(points, labels, (1, 2), **asked)
    in_all = len(fits)

    def progress(stage, done, total, note="", /):
        if stage == "classes" and done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classifying(points, labels, (1, 2), **asked, keeping=Keeping(tmp_path), progress=progress)
    del fits[:]
    keeping = Keeping(tmp_path)
    again = classifying(points, labels, (1, 2), **asked, keeping=keeping)
    assert len(fits) == in_all * 4 // 10
    for one, other in zip(whole, again, strict=True):
        mine, theirs = one.components.arrays(), other.components.arrays()
        assert {name: a.tobytes() for name, a in mine.items()} == {
            name: a.tobytes() for name, a in theirs.items()
        }
    keeping.done()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "of another"])
def test_a_damaged_file_counts_as_absent(points, at_once, fits, tmp_path, damage):
    keeping = Keeping(tmp_path)
    mixture_sweep(points, KS, n_init=2, keeping=keeping)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "of another":
        keeping.done()
        mixture_sweep(points, KS, n_init=2, seed=1, keeping=Keeping(tmp_path))
        (other,) = tmp_path.iterdir()
        other.rename(file)
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        file.write_bytes(whole[:middle] if damage == "cut" else flipped)
    del fits[:]
    mixture_sweep(points, KS, n_init=2, keeping=Keeping(tmp_path))
    assert len(fits) == 6


def test_quick_sweeps_write_nothing_and_a_full_disk_costs_nothing(points, monkeypatch, tmp_path):
    mixture_sweep(points, (3,), keeping=Keeping(tmp_path / "quick"))
    assert not (tmp_path / "quick").exists()

    def full(step, path):
        if step == "write":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pace, "PERIOD", 0.0)
    monkeypatch.setattr(atomic, "hook", full)
    keeping = Keeping(tmp_path / "full")
    assert mixture_sweep(points, (3,), keeping=keeping).mixtures
    keeping.done()
    assert list((tmp_path / "full").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from hangtag import atomic, pace
pace.PERIOD = pace.FACTOR = 0
seen = 0
def kill(step, path):
    global seen
    seen += step == sys.argv[1] and path.suffix == ".growing"
    if seen == 4:
        os.kill(os.getpid(), signal.SIGKILL)
atomic.hook = kill
import hangtag
hangtag.fit_mixture("digits", k=[4, 8, 12], n_init=2, pca=6, limit=300, seed=1, out=Path("run"))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", ["rename", "done"])
def test_a_killed_command_goes_on_and_sweeps_what_it_left(
    step, at_once, fits, monkeypatch, tmp_path
):
    import hangtag

    asked = {"k": [4, 8, 12], "n_init": 2, "pca": 6, "limit": 300, "seed": 1}
    whole = hangtag.fit_mixture("digits", **asked, out=tmp_path / "whole")
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    done = subprocess.run([sys.executable, "-c", KILLED, step], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    left = list((tmp_path / "cache" / "mixture").iterdir())
    assert any(atomic.is_partial(one.name) for one in left) == (step == "rename")
    del fits[:]
    again = hangtag.fit_mixture("digits", **asked, out=tmp_path / "run")
    assert len(fits) == {"rename": 3, "done": 2}[step]
    assert list((tmp_path / "cache" / "mixture").iterdir()) == []
    weights = [one.bundle / "weights.safetensors" for one in (whole, again)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert again.candidates().rows == whole.candidates().rows
    assert np.array_equal(again.split().test, whole.split().test)


def test_clusters_of_a_set_go_on_too(digits, at_once, fits, monkeypatch, tmp_path):
    import hangtag

    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path))
    asked = {"k": [3, 5], "method": "mixture", "pca": 5, "n_init": 2, "sample": 300, "seed": 1}
    with pytest.raises(KeyboardInterrupt):
        hangtag.cluster(digits, **asked, progress=ended_after(3))
    del fits[:]
    again = hangtag.cluster(digits, **asked)
    assert fits == [5]
    assert list((tmp_path / "mixture").iterdir()) == []
    whole = hangtag.cluster(digits, **asked)
    assert numbers(again.sweep.mixtures) == numbers(whole.sweep.mixtures)

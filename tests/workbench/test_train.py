"""A split that is in memory is one that training takes, and the run's command gives it again."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from typer.testing import CliRunner

import hangtag
from hangtag.cli import app
from hangtag.errors import SplitError

QUICK = {"model": "linear", "c": [0.1], "limit": 200}


def repeated(run, out):
    words = shlex.split(run.config.command.removeprefix("hangtag "))
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return hangtag.open_run(out)


def test_a_split_that_its_recipe_gives_again_is_named_by_it(tmp_path):
    images = hangtag.load("digits", limit=200)
    split = hangtag.split(images, "stratified:0.2+test:0.2", seed=5)
    run = hangtag.train(images, split=split, out=tmp_path / "run", **QUICK | {"limit": None})
    assert np.array_equal(run.split().test, split.test)
    assert "--split stratified:0.2+test:0.2 --split-seed 5" in run.config.command
    assert np.array_equal(repeated(run, tmp_path / "again").split().test, split.test)


def test_a_split_that_no_recipe_gives_again_is_kept_in_the_run(tmp_path):
    images = hangtag.load("digits", limit=200)
    split = hangtag.split(images, "grouped:0.2", groups=np.arange(200) // 4)
    run = hangtag.train("digits", split=split, out=tmp_path / "run", **QUICK)
    assert np.array_equal(run.split().validation, split.validation)
    assert np.array_equal(repeated(run, tmp_path / "again").split().validation, split.validation)


def test_a_split_of_other_images_is_refused_and_nothing_is_written(tmp_path):
    split = hangtag.split(hangtag.load("digits"), "stratified:0.2")
    with pytest.raises(SplitError, match="divides other images"):
        hangtag.train("digits", split=split, out=tmp_path / "run", **QUICK)
    with pytest.raises(SplitError, match="divides other images"):
        hangtag.fit(hangtag.load("digits", limit=50), model="linear", split=split)
    assert not (tmp_path / "run").exists()


def test_a_model_in_memory_takes_a_split_as_it_is():
    images = hangtag.load("digits", limit=200)
    split = hangtag.split(images, "stratified:0.2", seed=3)
    fitted = hangtag.fit(images, model="linear", c=[0.1], split=split)
    assert fitted.split is split

"""Runs that were written before there was one record for what was tried still open."""

from __future__ import annotations

import pytest

import hangtag


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("earlier")
    options = {"limit": 150, "seed": 1}
    forest = hangtag.train(
        "digits", model="forest", n_estimators=[3, 6], max_depths=5, out=place / "f", **options
    )
    mixture = hangtag.train("digits", model="mixture", k=[2, 4], pca=4, out=place / "m", **options)
    return forest, mixture


def as_grid(tried):
    """What ``grid.json`` held."""
    cells = [
        {
            **row.parameters,
            **row.facts,
            "training": row.training.to_dict(),
            "validation": row.validation.to_dict(),
            "seconds": row.seconds,
        }
        for row in tried.rows
    ]
    same = {name: getattr(tried, name) for name in ("best", "options", "seconds")}
    return {"kind": tried.name, "cells": cells, "notes": list(tried.notes), **same, **tried.facts}


def as_mixtures(tried):
    """What ``mixtures.json`` held."""
    rows = [
        {
            **row.parameters,
            **row.facts,
            "training": row.training.accuracy,
            "validation": row.validation.accuracy,
        }
        for row in tried.rows
    ]
    same = {name: getattr(tried, name) for name in ("best", "options", "seconds")}
    return {"rows": rows, "notes": list(tried.notes), **same}


def test_grids_and_mixtures_as_they_were_kept_are_read_as_candidates(runs):
    for run, name, earlier in zip(
        runs, ("grid.json", "mixtures.json"), (as_grid, as_mixtures), strict=True
    ):
        now = run.candidates()
        run._write(name, earlier(now))
        (run.folder / "candidates.json").unlink()
        then = hangtag.open_run(run.folder).candidates()
        assert (then.name, then.best, then.seconds) == (now.name, now.best, now.seconds)
        assert dict(then.options) == dict(now.options)
        assert then.rows == now.rows
        hangtag.evaluate(run.folder)
        assert hangtag.report(run.folder).stat().st_size > 10_000


def test_the_kind_of_trees_is_known_of_runs_that_did_not_say_it_among_their_options(runs):
    from hangtag.records import Config

    forest, _ = runs
    values = forest.config.to_dict()
    values["spec"]["name"] = "extra-trees"
    del values["options"]["kind"]
    assert Config.from_dict(values).options.kind == "extra-trees"

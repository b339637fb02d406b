"""Cached grids: found again while nothing has changed, and only then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hangtag import atomic, pace
from hangtag.rooms.forest import cache, grid, grow


@pytest.fixture
def ask(data, tmp_path):
    def asked(**change):
        options = {
            "points": data.points,
            "labels": data.labels,
            "validation": data.validation,
            "n_estimators": (2, 3),
            "max_depths": (2, 4),
            "seed": 1,
            "cache": tmp_path / "kept",
            **change,
        }
        return grid(options.pop("points"), options.pop("labels"), **options)

    return asked


@pytest.fixture
def grown_trees(monkeypatch):
    """How many trees have been grown."""
    from hangtag.rooms.forest import grid as module

    counted = []

    def counting(*given):
        counted.append(given[1:])
        return grow.grow(*given)

    import sys

    monkeypatch.setattr(sys.modules[grid.__module__], "grow", counting)
    assert module is not None
    return counted


def test_a_second_run_grows_nothing_and_gives_the_same(ask, grown_trees):
    first, trees = ask()
    grown = len(grown_trees)
    assert grown > 0
    again, others = ask()
    assert len(grown_trees) == grown
    assert (first.facts["cached"], again.facts["cached"]) == (False, True)
    assert again.rows == first.rows
    assert again.best == first.best
    for name in (
        "tree_offsets",
        "features",
        "thresholds",
        "left_children",
        "shares_at",
        "classes",
        "shares",
    ):
        assert np.array_equal(getattr(trees, name), getattr(others, name))


def _one_pixel(points):
    changed = points.copy()
    changed[3, 20] += 1
    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda data: {"points": _one_pixel(data.points)},
        lambda data: {"labels": np.roll(data.labels, 1)},
        lambda data: {"validation": (_one_pixel(data.validation[0]), data.validation[1])},
        lambda data: {"seed": 2},
        lambda data: {"kind": "extra-trees"},
        lambda data: {"depths": "cut"},
        lambda data: {"n_estimators": (2, 4)},
        lambda data: {"max_depths": (2, 5)},
    ],
)
def test_another_question_is_answered_anew(ask, data, grown_trees, change):
    ask()
    grown = len(grown_trees)
    found, _ = ask(**change(data))
    assert not found.facts["cached"]
    assert len(grown_trees) > grown


def test_another_code_version_is_answered_anew(ask, monkeypatch):
    ask()
    monkeypatch.setattr(cache, "code_version", lambda: "another")
    assert not ask()[0].facts["cached"]


def test_the_code_version_follows_the_code(monkeypatch, tmp_path):
    before = cache.code_version()
    for name in cache.CODE:
        (tmp_path / f"{name}.py").write_text("changed = True\n")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    cache.code_version.cache_clear()
    try:
        assert cache.code_version() != before
    finally:
        monkeypatch.undo()
        cache.code_version.cache_clear()


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_a_damaged_file_counts_as_absent_and_is_replaced(ask, tmp_path, damage):
    first, _ = ask()
    (place,) = (tmp_path / "kept").iterdir()
    whole = place.read_bytes()
    middle = len(whole) // 2
    place.write_bytes(
        {
            "cut": whole[:middle],
            "garbage": b"no zip at all",
            "empty": b"",
        }[damage]
    )
    again, _ = ask()
    assert not again.facts["cached"]
    assert again.rows[0].validation == first.rows[0].validation
    assert ask()[0].facts["cached"]


def test_no_flipped_byte_changes_an_answer(ask, tmp_path):
    first, trees = ask()
    (place,) = (tmp_path / "kept").iterdir()
    whole = place.read_bytes()
    refused = 0
    for at in range(0, len(whole), 7):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        found = cache.read(place)
        if found is None:
            refused += 1
        else:  # a byte that says nothing, such as the date of a member
            assert found[0].rows == first.rows
            assert np.array_equal(found[1].thresholds, trees.thresholds)
    assert refused > len(whole) / 7 * 0.6


def test_without_a_folder_nothing_is_kept(ask, tmp_path):
    ask(cache=None)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("depths", ["grown", "cut"])
def test_a_grid_that_was_ended_goes_on_and_comes_to_the_very_same(
    ask, grown_trees, monkeypatch, tmp_path, depths
):
    monkeypatch.setattr(pace, "PERIOD", 0.0)
    monkeypatch.setattr(pace, "FACTOR", 0)
    asked = {"n_estimators": (2, 6), "depths": depths}
    whole, trees = ask(**asked, cache=tmp_path / "whole")
    in_all = len(grown_trees)

    def ended(stage, done, total, note="", /):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(**asked, progress=ended)
    (growing,) = (tmp_path / "kept").glob("*.growing")
    before = len(grown_trees)
    again, others = ask(**asked)
    assert 0 < len(grown_trees) - before < in_all
    assert not growing.exists()
    assert replaced(again) == replaced(whole)
    for name in ("tree_offsets", "features", "thresholds", "shares_at", "classes", "shares"):
        assert np.array_equal(getattr(trees, name), getattr(others, name))


def replaced(found):
    """A grid without what a clock measured."""
    cells = tuple(replace(cell, seconds=0.0) for cell in found.rows)
    return replace(found, rows=cells, seconds=0.0).to_dict()


def test_a_full_cache_loses_no_result(ask, monkeypatch, tmp_path):
    def full(step, path):
        if step == "write" and tmp_path in path.parents:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "hook", full)
    found, trees = ask()
    assert not found.facts["cached"]
    assert len(trees) in {2, 3}

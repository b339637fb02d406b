from __future__ import annotations

import os
from pathlib import Path

import pytest

from hangtag import settings
from hangtag.errors import OptionError


def test_data_folder_is_none_until_it_is_set(monkeypatch):
    monkeypatch.delenv("HANGTAG_DATA", raising=False)
    assert settings.data_folder() is None
    monkeypatch.setenv("HANGTAG_DATA", "/somewhere")
    assert settings.data_folder() == Path("/somewhere")


def test_cache_follows_its_variable_then_xdg_then_home(monkeypatch):
    monkeypatch.setenv("HANGTAG_CACHE", "/a")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    assert settings.cache_folder() == Path("/a")
    monkeypatch.delenv("HANGTAG_CACHE")
    assert settings.cache_folder() == Path("/b/hangtag")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert settings.cache_folder() == Path("~/.cache/hangtag").expanduser()


def test_runs_go_to_the_current_folder_unless_told(monkeypatch):
    monkeypatch.delenv("HANGTAG_RUNS")
    assert settings.runs_folder() == Path("runs")


def test_seed_is_zero_unless_told(monkeypatch):
    assert settings.default_seed() == 0
    monkeypatch.setenv("HANGTAG_SEED", "33")
    assert settings.default_seed() == 33


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "²"])
def test_a_seed_that_is_none_is_refused_with_the_value(monkeypatch, value):
    monkeypatch.setenv("HANGTAG_SEED", value)
    with pytest.raises(OptionError, match=f"HANGTAG_SEED is '{value}'"):
        settings.default_seed()


def test_every_variable_is_in_the_guide():
    guide = Path(__file__).parents[1] / "docs" / "guide" / "settings.md"
    text = guide.read_text()
    assert [name for name in settings.VARIABLES if f"`{name}`" not in text] == []


def test_a_library_keeps_its_files_under_our_cache_unless_the_user_said_where(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    settings.own_cache("KERAS_HOME", "keras")
    assert os.environ["KERAS_HOME"] == str(tmp_path / "keras")
    monkeypatch.setenv("KERAS_HOME", "/chosen")
    settings.own_cache("KERAS_HOME", "keras")
    assert os.environ["KERAS_HOME"] == "/chosen"


def test_where_no_cache_can_be_made_the_library_is_left_alone(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "file"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    settings.own_cache("KERAS_HOME", "keras")
    assert "KERAS_HOME" not in os.environ

from __future__ import annotations

from pathlib import Path

from hangtag.estimators.provenance import folder_for
from hangtag.requests import Source


def test_a_result_goes_where_it_was_sent(tmp_path):
    assert folder_for(tmp_path / "here", "forest") == tmp_path / "here"


def test_results_of_one_second_get_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HANGTAG_RUNS", str(tmp_path))
    first = folder_for(None, "forest")
    first.mkdir()
    second = folder_for(None, "forest")
    assert first.parent == second.parent == tmp_path
    assert first.name.endswith("-forest")
    assert not second.exists()


def test_a_path_is_kept_whole_and_a_name_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    assert Source.of("pictures").facts() == {"source": str(tmp_path / "pictures"), "loading": {}}
    assert Source.of("digits").facts() == {"source": "digits", "loading": {}}

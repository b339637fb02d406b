from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from hangtag import atomic


def test_a_file_is_written_with_the_folders_above_it(tmp_path):
    path = atomic.write_text(tmp_path / "a" / "b.txt", "ä")
    assert path.read_bytes() == "ä".encode()


def test_nothing_but_the_file_is_left_behind(tmp_path):
    atomic.write_bytes(tmp_path / "one", b"1")
    assert [file.name for file in tmp_path.iterdir()] == ["one"]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = atomic.write_json(tmp_path / "x.json", {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_a_folder_appears_whole(tmp_path):
    with atomic.folder(tmp_path / "bundle") as place:
        (place / "inside").mkdir()
        (place / "inside" / "part").write_text("x")
        assert not (tmp_path / "bundle").exists()
    assert (tmp_path / "bundle" / "inside" / "part").read_text() == "x"


def test_a_folder_replaces_the_one_before(tmp_path):
    for text in ("old", "new"):
        with atomic.folder(tmp_path / "bundle") as place:
            (place / text).touch()
    assert [file.name for file in (tmp_path / "bundle").iterdir()] == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["bundle"]


def test_an_error_while_filling_leaves_the_old_folder(tmp_path):
    with atomic.folder(tmp_path / "bundle") as place:
        (place / "old").touch()
    with pytest.raises(RuntimeError), atomic.folder(tmp_path / "bundle") as place:
        (place / "half").touch()
        raise RuntimeError
    assert [file.name for file in (tmp_path / "bundle").iterdir()] == ["old"]
    assert [file.name for file in tmp_path.iterdir()] == ["bundle"]


def test_a_writer_killed_midway_leaves_the_old_file(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(b"old")
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from hangtag import atomic\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), 9)\n"
        "atomic.write_bytes(Path(sys.argv[1]), b'new' * 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def forked(work) -> int:
    """Do it in a process that a hook may kill; the signal that ended it, or 0."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from hangtag import atomic\n"
        "place, step = Path(sys.argv[1]), sys.argv[2]\n"
        "atomic.hook = lambda at, path: at == step and os.kill(os.getpid(), 9)\n"
    )
    words = [sys.executable, "-c", code + work[0], *map(str, work[1:])]
    return -subprocess.run(words, env=os.environ, check=False).returncode


def left(place):
    return sorted(one.name for one in place.iterdir())


def test_what_a_killed_writer_left_is_swept_by_the_next_write_of_the_same_place(tmp_path):
    path = atomic.write_text(tmp_path / "x", "old")
    assert forked(("atomic.write_text(place, 'new')", path, "rename")) == signal.SIGKILL
    assert len(left(tmp_path)) == 2
    atomic.write_text(tmp_path / "y", "other")
    assert len(left(tmp_path)) == 3
    assert path.read_text() == "old"
    atomic.write_text(path, "newer")
    assert left(tmp_path) == ["x", "y"]


def test_a_folder_is_replaced_without_a_moment_in_which_there_is_none(tmp_path):
    with atomic.folder(tmp_path / "bundle") as place:
        (place / "old").touch()
    work = "with atomic.folder(place) as one:\n    (one / 'new').touch()"
    for step, there in (("rename", "old"), ("done", "new")):
        assert forked((work, tmp_path / "bundle", step)) == signal.SIGKILL
        assert left(tmp_path / "bundle") == [there]
    atomic.sweep(tmp_path)
    assert left(tmp_path) == ["bundle"]


def test_an_older_folder_that_was_put_aside_comes_back(tmp_path, monkeypatch):
    with atomic.folder(tmp_path / "bundle") as place:
        (place / "old").touch()
    work = (
        "atomic._exchanged = lambda one, other: False\n"  # as where the system cannot
        "with atomic.folder(place) as one:\n    (one / 'new').touch()"
    )
    assert forked((work, tmp_path / "bundle", "swap")) == signal.SIGKILL
    assert "bundle" not in left(tmp_path)
    atomic.sweep(tmp_path)
    assert left(tmp_path) == ["bundle"]
    assert left(tmp_path / "bundle") == ["old"]


def test_what_is_being_written_is_not_swept(tmp_path):
    with atomic.folder(tmp_path / "bundle") as place:
        atomic.sweep(tmp_path)
        (place / "part").touch()
    assert left(tmp_path / "bundle") == ["part"]


def test_a_folder_that_is_not_to_be_replaced_is_left_and_an_empty_one_taken(tmp_path):
    (tmp_path / "run").mkdir()
    with atomic.folder(tmp_path / "run", replace=False) as place:
        (place / "mine").touch()
    with (
        pytest.raises(OSError, match="not empty"),
        atomic.folder(tmp_path / "run", replace=False) as place,
    ):
        (place / "other").touch()
    assert left(tmp_path / "run") == ["mine"]


def test_lines_are_added_behind_the_last_whole_one_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    path.write_bytes(b"one\ntor")
    atomic.append(path, b"two\n", durable=True)
    assert path.read_bytes() == b"one\ntwo\n"

    def full(step, _):
        if step == "flush":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "hook", full)
    with pytest.raises(OSError, match="space"):
        atomic.append(path, b"three\n", durable=True)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_folder_is_removed_at_once(tmp_path):
    (tmp_path / "step").mkdir()
    (tmp_path / "step" / "key").touch()
    work = ("atomic.remove(place)", tmp_path / "step", "clear")
    assert forked(work) == signal.SIGKILL
    assert not (tmp_path / "step").exists()
    atomic.sweep(tmp_path)
    assert left(tmp_path) == []

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

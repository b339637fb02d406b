from __future__ import annotations

import errno
import os
import socket

import pytest

from hangtag import atomic, targets
from hangtag.errors import MachineError


@pytest.fixture
def things(tmp_path, monkeypatch):
    """One of everything that can stand where a result is to go."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "precious").touch()
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "folder-link").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("folder", "folder"),
        ("link", "link"),
        ("dangling", "link"),
        ("circle", "link"),
        ("folder-link", "link"),
        ("pipe", "pipe"),
        ("socket", "socket"),
    ],
)
def test_no_file_is_written_over_what_is_no_plain_file(things, name, kind):
    before = sorted(path.name for path in things.rglob("*"))
    for write in (targets.check_file, lambda path: atomic.write_bytes(path, b"new")):
        with pytest.raises(MachineError, match=f"{name} is a {kind}, not a plain file"):
            write(things / name)
    assert sorted(path.name for path in things.rglob("*")) == before
    assert (things / "file").read_text() == "old"


def test_a_device_stays_a_device():
    with pytest.raises(MachineError, match="/dev/null is a device"):
        targets.check_file(atomic.Path("/dev/null"))


@pytest.mark.parametrize("name", ["file", "link", "dangling", "circle", "pipe", "socket"])
def test_no_folder_is_made_where_something_else_stands(things, name):
    with pytest.raises(MachineError, match="not a folder"):
        targets.check_folder(things / name)


def test_a_link_to_a_folder_may_be_filled_but_is_never_replaced(things):
    targets.check_folder(things / "folder-link")
    with pytest.raises(MachineError, match="is a link"), atomic.folder(things / "folder-link"):
        pass
    assert (things / "folder-link" / "precious").exists()


def test_a_file_on_the_way_is_named(things):
    with pytest.raises(NotADirectoryError) as refused:
        targets.check_file(things / "file" / "a" / "b")
    assert refused.value.filename == str(things / "file")


def test_a_new_place_and_an_old_file_are_fine(things):
    targets.check_file(things / "new" / "tags.csv")
    targets.check_file(things / "file")
    targets.check_folder(things / "new" / "run")
    targets.check_folder(things / "folder")


def test_what_goes_wrong_in_writing_names_the_file_that_was_asked_for(things, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError) as failed:
        atomic.write_bytes(things / "file", b"new")
    assert failed.value.filename == str(things / "file")
    assert failed.value.errno == errno.ENOSPC
    assert (things / "file").read_text() == "old"

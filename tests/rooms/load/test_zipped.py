from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hangtag.errors import FormatError, UsageError
from hangtag.rooms.load import archives, kinds, load, trees

HOSTILE = {
    "../../x.png": "leads out of the folder",
    "a/../../x.png": "leads out of the folder",
    "/etc/x.png": "is an absolute path",
    "C:/x.png": "is an absolute path",
    "c:x.png": "is an absolute path",
    "a\\..\\..\\x.png": "backslash",
    "a\nb.png": "control character",
    "a//b.png": "is not a plain path",
    "./b.png": "is not a plain path",
    "a/" + "x" * 300 + ".png": "is not a plain path",
}


def archive_of(path, members, **how):
    with zipfile.ZipFile(path, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def refused(path, sentence):
    with pytest.raises(FormatError, match=sentence) as caught:
        load(path)
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(("name", "why"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_a_hostile_name_is_refused_and_not_renamed(tmp_path, name, why):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = archive_of(inside / "set.zip", {"a/good.png": b"1", name: b"2"})
    refused(path, f"set.zip is refused: its member .* {why}")
    assert [one.name for one in tmp_path.iterdir()] == ["inside"]


def test_a_name_with_a_nul_is_refused(tmp_path):
    path = archive_of(tmp_path / "set.zip", {"a/goodX.png": b"1"})
    path.write_bytes(path.read_bytes().replace(b"goodX", b"good\0"))
    refused(path, "control character")


def test_a_link_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused(tmp_path / "set.zip", "is a link")


def test_two_members_of_one_name_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("a/b.png", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/b.png", b"2")
    refused(tmp_path / "set.zip", "is there twice")


def test_an_encrypted_member_is_refused(tmp_path):
    path = archive_of(tmp_path / "set.zip", {"a/b.png": b"1"})
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    refused(path, "is encrypted")


def test_a_member_that_declares_more_than_its_bytes_can_hold_is_refused(tmp_path):
    path = archive_of(tmp_path / "set.zip", {"a/b.png": b"1234"}, compression=zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 1 << 30)
    path.write_bytes(content)
    refused(path, "declares 1073741824 bytes, more than its 4 packed ones hold")


def test_members_that_overlap_are_refused(tmp_path):
    """Many entries of the directory that point to the same packed bytes."""
    path = archive_of(tmp_path / "set.zip", {"a/b0.png": bytes(1000)})
    content = path.read_bytes()
    at = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    entry = content[at:end]
    entries = b"".join(entry.replace(b"b0", b"b%d" % number) for number in range(10))
    tail = bytearray(content[end:])
    struct.pack_into("<HHI", tail, 8, 10, 10, len(entries))
    path.write_bytes(content[:at] + entries + tail)
    refused(path, "its members overlap, as in a zip bomb")


def test_a_member_longer_than_it_declares_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.csv", bytes(5000))
    path = tmp_path / "set.zip"
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 100)
    path.write_bytes(content)
    refused(path, r"a/b\.csv in set\.zip (is damaged|does not hold the number of bytes)")


def test_a_damaged_image_is_listed_and_the_rest_is_loaded(tmp_path, small, write):
    folder = write.tree(tmp_path / "set", small)
    (folder / "test" / "0" / "damaged.png").write_bytes(b"contents")
    path = write.zipped(tmp_path / "set.zip", folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo("set/test/0/torn.png"), b"contents")
    path.write_bytes(path.read_bytes().replace(b"contents", b"CONTENTS"))
    images = load(path)
    assert len(images) == 32
    reasons = {one.where: one.reason for one in images.unreadable}
    assert "set/test/0/torn.png in set.zip is damaged" in reasons["set/test/0/torn.png"]
    assert reasons["test/0/damaged.png"] == "is not an image of a kind that can be read"


def test_a_zip_of_damaged_images_only_says_so(tmp_path):
    path = archive_of(tmp_path / "set.zip", {"a/b.png": b"contents"})
    path.write_bytes(path.read_bytes().replace(b"contents", b"CONTENTS"))
    with pytest.raises(UsageError) as caught:
        load(path)
    assert "1 damaged, the first: a/b.png in set.zip is damaged (Bad CRC" in caught.value.hint


def test_another_damaged_member_is_an_error_by_name(tmp_path, small, write):
    folder = write.manifest(tmp_path / "set", small)
    content = (folder / "labels.csv").read_bytes()
    (folder / "labels.csv").unlink()
    path = write.zipped(tmp_path / "set.zip", folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo("set/labels.csv"), content)
    path.write_bytes(path.read_bytes().replace(b"path,label", b"PATH,label"))
    refused(path, r"set/labels\.csv in set\.zip is damaged")


@pytest.mark.parametrize("keep", [4, 40, 0.5, 0.99])
def test_a_truncated_zip_is_refused(tmp_path, small, write, keep):
    path = write.zipped(tmp_path / "set.zip", write.tree(tmp_path / "set", small))
    content = path.read_bytes()
    path.write_bytes(content[: keep if keep > 1 else int(len(content) * keep)])
    refused(path, "set.zip is not a zip file that can be read")


def test_errors_speak_of_the_zip_and_not_of_where_it_was_unpacked(tmp_path, small, write):
    folder = write.idx(tmp_path / "set", small)
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    path = write.zipped(tmp_path / "set.zip", folder)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert caught.value.message.startswith("set.zip/set holds train-images")
    (tmp_path / "text.zip").write_bytes(
        archive_of(tmp_path / "t.zip", {"a.txt": b"x"}).read_bytes()
    )
    with pytest.raises(UsageError, match=r"^text\.zip holds no images in a form"):
        load(tmp_path / "text.zip")


def test_nothing_is_left_of_what_was_unpacked(tmp_path, small, write, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = write.zipped(tmp_path / "set.zip", write.tree(tmp_path / "set", small))
    assert len(load(path)) == 32
    assert list((tmp_path / "temporary").iterdir()) == []


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(min_size=1, max_size=30), suffix=st.sampled_from(["", ".png"]))
@example("0.CSV", "")
@example("0.Jpg", "")
def test_any_name_is_refused_or_stays_inside(tmp_path_factory, name, suffix):
    base = tmp_path_factory.mktemp("zip")
    name = name.partition("\0")[0] + suffix  # zipfile writes no more of it
    try:
        path = archive_of(base / "set.zip", {name: b"x"})
    except (UnicodeEncodeError, ValueError):  # zipfile itself refuses to write it
        return
    try:
        with archives.opened(path) as opened:
            folder = opened.place
            assert opened.unreadable == ()
            files = [one for one in folder.rglob("*") if one.is_file()]
            assert all(one.resolve().is_relative_to(folder.resolve()) for one in files)
            # Tables and images by their names, in small letters or large ones; what has neither
            # name is looked at, and this is nothing.
            last = name.rpartition("/")[2]
            by_name = Path(last).suffix.lower() in archives.DATA or kinds.is_image_by_name(last)
            assert len(files) == (bool(by_name) and not trees.is_hidden(name))
    except FormatError as error:
        assert error.hint
    assert [one.name for one in base.iterdir()] == ["set.zip"]

"""Archives as people have them: tar, packed tar, archives inside archives, names in any encoding.

Situations F19 and F28's tar and nested zip, and bombs of every form.
"""

from __future__ import annotations

import gc
import io
import struct
import tarfile
import tempfile
import zipfile

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.errors import AmbiguousError, FormatError, OptionError, UsageError
from hangtag.records import Preprocessing
from hangtag.requests.loading import NAMES_IN
from hangtag.rooms.load import counting, read_images
from hangtag.rooms.load.member_names import WIDEST

GREY = Preprocessing((8, 8, 1), (0, 8), (0, 8))


def png(value=100):
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


TREE = {f"{name}/{one}.png": png(one) for name in ("bag", "shoe") for one in range(3)}
PARTS = {f"{part}/{name}": content for part in ("train", "test") for name, content in TREE.items()}


def zipped(members, **how):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members, mode="w", **how):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **how) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def written(path, content):
    path.write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch):
    """Nothing may be left where archives are unpacked, once nobody has their images any more."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    gc.collect()  # an error that was raised keeps what its frames had
    assert list(folder.iterdir()) == []


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("above", ["", "./", "set/"])
def test_a_tar_is_read_as_its_folder_would_be(tmp_path, mode, form, above):
    members = {above + name: content for name, content in PARTS.items()}
    images = hangtag.load(written(tmp_path / "set", tarred(members, mode, format=form)))
    assert images.class_names == ("bag", "shoe")
    assert {part: len(rows) for part, rows in images.parts.items()} == {"train": 6, "test": 6}


def test_long_names_in_a_tar_are_whole(tmp_path):
    long = "x" * 150
    members = {f"{long}/{name}": content for name, content in TREE.items()}
    members |= {f"y{long}/1.png": png()}
    images = hangtag.load(written(tmp_path / "set.tar", tarred(members)))
    assert images.n_classes == 2


@pytest.mark.parametrize("inner", ["zip", "tar", "tar.gz"])
def test_archives_inside_an_archive_are_parts(tmp_path, inner):
    pack = {"zip": zipped, "tar": tarred, "tar.gz": lambda it: tarred(it, "w:gz")}[inner]
    outer = zipped({f"train.{inner}": pack(TREE), f"test.{inner}": pack(TREE), "about.txt": b"x"})
    images = hangtag.load(written(tmp_path / "set.zip", outer))
    assert {part: len(rows) for part, rows in images.parts.items()} == {"train": 6, "test": 6}
    assert images.class_names == ("bag", "shoe")


def test_an_inner_archive_may_repeat_its_name(tmp_path):
    inside = {f"train/{name}": content for name, content in TREE.items()}
    outer = zipped({"data/train.zip": zipped(inside)})
    images = hangtag.load(written(tmp_path / "set.zip", outer))
    assert images.class_names == ("bag", "shoe")
    assert set(images.parts) == {"train"}


def test_archives_are_followed_to_a_depth_and_no_further(tmp_path):
    content = zipped(TREE)
    for _ in range(4):
        content = zipped({"inner.zip": content})
    with pytest.raises(FormatError, match="more than 3 archives deep"):
        hangtag.load(written(tmp_path / "set.zip", content))


@pytest.mark.parametrize("pack", [zipped, tarred, lambda it: zipped({"inner.tar": tarred(it)})])
def test_images_of_an_archive_are_tagged(tmp_path, pack):
    found = list(read_images(written(tmp_path / "set.bin", pack(TREE)), GREY))
    assert [one.id.removeprefix("inner/") for one in found] == sorted(TREE)
    assert [int(one.pixels.max()) for one in found] == [0, 1, 2] * 2


def test_only_images_and_tables_are_unpacked(tmp_path, monkeypatch):
    from hangtag.rooms.load import archives

    others = {"film.mp4": b"x" * 99, "run.exe": b"MZ", "LICENSE": b"x", ".hidden.png": png()}
    members = {**TREE, **others, "noname": png(), "classes.txt": b"bag\nshoe"}
    path = written(tmp_path / "set.zip", zipped(members))
    with archives.opened(path) as opened:
        files = [one for one in opened.place.rglob("*") if one.is_file()]
        names = {one.relative_to(opened.place).as_posix() for one in files}
    assert names == {*TREE, "noname", "classes.txt"}
    assert (
        "3 that are neither images nor tables were not (no suffix, .exe, .mp4)" in opened.notes[0]
    )
    assert opened.hidden == {"": 1}


# --- names ----------------------------------------------------------------------------------------


def unmarked(names, codec):
    """A zip whose names are bytes of a codec, and which does not say so."""
    stand_ins = {f"{number:0{len(name.encode(codec))}d}": name for number, name in enumerate(names)}
    assert len(stand_ins) == len(names)
    content = zipped({f"{one}/{n}.png": png(n) for one in stand_ins for n in range(2)})
    for one, name in stand_ins.items():
        content = content.replace(one.encode() + b"/", name.encode(codec) + b"/")
    return content


@pytest.mark.parametrize(
    ("names", "codec", "called"),
    [
        (("外套外套", "衬衫衬衫x"), "gbk", "GBK"),
        (("红色的鞋", "蓝裤子"), "gbk", "GBK"),
        (("シャツ", "コート上"), "shift_jis", "Shift-JIS"),
        (("表の表", "くつ下"), "shift_jis", "Shift-JIS"),
        (("Grüne", "Müller"), "cp437", "cp437"),
        (("café", "thé vert"), "cp437", "cp437"),
        (("обувь", "платье"), "utf-8", "UTF-8"),
        (("外套", "衬衫x"), "utf-8", "UTF-8"),
        (("обувь", "платье"), "cp866", "cp866"),
        (("신발", "가방 x"), "euc_kr", "EUC-KR"),
        (("정상품", "불량"), "euc_kr", "EUC-KR"),
        (("猫", "狗a"), "gbk", "GBK"),  # two syllables of EUC-KR that nobody uses
        (("好的", "坏"), "gbk", "GBK"),
        (("カメラ", "猫"), "shift_jis", "Shift-JIS"),
    ],
)
def test_names_that_a_zip_does_not_explain_are_read_or_refused(tmp_path, names, codec, called):
    images = hangtag.load(written(tmp_path / "set.zip", unmarked(names, codec)))
    assert set(images.class_names) == set(names)
    assert any(note.endswith(f"read as {called}") for note in images.notes)


@pytest.mark.parametrize(
    ("names", "codec"), [(("合格a", "不合格"), "gbk"), (("배", "밤x"), "euc_kr")]
)
def test_names_that_are_text_in_two_encodings_are_a_question(tmp_path, names, codec):
    path = written(tmp_path / "set.zip", unmarked(names, codec))
    others = tuple(name.encode(codec).decode({"gbk": "euc_kr"}.get(codec, "gbk")) for name in names)
    with pytest.raises(AmbiguousError) as question:
        hangtag.load(path)
    assert all(one[0] in question.value.message for one in (names[0], others[0]))
    assert question.value.hint == "say --names-in gbk or --names-in euc-kr"
    said = {"gbk": "gbk", "euc_kr": "euc-kr"}[codec]
    images = hangtag.load(path, names_in=said)
    assert set(images.class_names) == set(names)
    other = {"gbk": "euc-kr", "euc-kr": "gbk"}[said]
    assert set(hangtag.load(path, names_in=other).class_names) == set(others)


@pytest.mark.parametrize("name", NAMES_IN)
def test_every_encoding_can_be_said(tmp_path, name):
    text = {"cp437": "ÇÉ", "cp866": "обувь", "cp1252": "Größe", "euc-kr": "배"}.get(name, "東")
    names = (text, f"{text} x")
    content = unmarked(names, WIDEST[name])
    images = hangtag.load(written(tmp_path / "set.zip", content), names_in=name)
    assert set(images.class_names) == set(names)


def test_an_encoding_that_does_not_fit_is_refused(tmp_path):
    path = written(tmp_path / "set.zip", unmarked(("обувь", "платье"), "cp866"))
    with pytest.raises(OptionError, match="not in utf-8"):
        hangtag.load(path, names_in="utf-8")
    assert set(NAMES_IN) == set(WIDEST)


def test_names_of_a_tar_can_be_a_question_too(tmp_path):
    members = {name.replace("bag", "合格").replace("shoe", "不合格"): a for name, a in TREE.items()}
    path = written(
        tmp_path / "set.tar", tarred(members, format=tarfile.USTAR_FORMAT, encoding="gbk")
    )
    with pytest.raises(AmbiguousError, match="'북목"):
        hangtag.load(path)
    assert set(hangtag.load(path, names_in="gbk").class_names) == {"合格", "不合格"}
    # What is UTF-8 is that, whatever is said.
    path = written(tmp_path / "other.tar", tarred(members))
    assert set(hangtag.load(path, names_in="gbk").class_names) == {"合格", "不合格"}


# --- hidden ---------------------------------------------------------------------------------------

HIDDEN = {
    "__MACOSX/bag/._1.png": b"x",
    "__MACOSX/._bag": b"x",
    "shoe/._2.jpg": b"x",
    "shoe/.3.png": b"x",
    "shoe/.DS_Store": b"x",
    ".thumbs/bag/1.png": b"x",
    ".top.png": b"x",
}


@pytest.mark.parametrize("form", ["zip", "tar", "folder"])
def test_hidden_images_are_counted_as_passed_over(tmp_path, form):
    members = {**TREE, **{name: one or png() for name, one in HIDDEN.items()}}
    path = tmp_path / f"set.{form}"
    if form == "folder":
        for name, one in members.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(one)
    else:
        written(path, zipped(members) if form == "zip" else tarred(members))
    images = hangtag.load(path)
    passed = {one.where: (one.reason, one.n) for one in images.passed_over}
    assert passed == {
        "__MACOSX/": ("hidden", 1),
        "shoe/": ("hidden", 2),
        ".thumbs/": ("hidden", 1),
        "./": ("hidden", 1),
    }
    counted = counting.found(images)
    n = sum(name.lower().endswith((".png", ".jpg")) for name in members)
    assert counted["in all"] == n
    assert counted["used"] == sum(name.endswith(".png") for name in TREE)
    assert any("5 images or rows were passed over" in note for note in images.notes)


def test_names_in_no_known_encoding_are_refused(tmp_path):
    content = zipped({"aaa/1.png": png(), "bbb/1.png": png()}).replace(b"aaa/", b"\x81\x01\xb0/")
    with pytest.raises(FormatError, match=r"in which encoding its names are|control character"):
        hangtag.load(written(tmp_path / "set.zip", content))


def test_names_in_a_tar_that_are_not_utf_8_are_read_too(tmp_path):
    members = {
        name.replace("bag", "外套").replace("shoe", "衬衫"): one for name, one in TREE.items()
    }
    content = tarred(members, format=tarfile.USTAR_FORMAT, encoding="gbk")
    images = hangtag.load(written(tmp_path / "set.tar", content))
    assert set(images.class_names) == {"外套", "衬衫"}
    assert any(note.endswith("read as GBK") for note in images.notes)


# --- hostile --------------------------------------------------------------------------------------

BOMB = {"bag/bomb.png": bytes(40 << 20), **TREE}


@pytest.mark.parametrize(
    "content",
    [
        lambda: zipped(BOMB, compression=zipfile.ZIP_DEFLATED),
        lambda: tarred(BOMB, "w:gz"),
        lambda: tarred(BOMB, "w:xz"),
        lambda: zipped({"a.zip": zipped(BOMB, compression=zipfile.ZIP_DEFLATED)}),
        lambda: zipped({"a.tar.gz": tarred(BOMB, "w:gz")}),
    ],
    ids=["zip", "tar.gz", "tar.xz", "zip in zip", "tar.gz in zip"],
)
def test_what_unpacks_to_more_than_a_hundred_times_its_size_is_refused(tmp_path, content):
    with pytest.raises(FormatError, match="unpacks to more than 100 times its size"):
        hangtag.load(written(tmp_path / "set", content()))


def test_a_film_may_be_as_large_as_it_likes(tmp_path):
    content = zipped({**TREE, "film.mp4": bytes(40 << 20)}, compression=zipfile.ZIP_DEFLATED)
    assert len(hangtag.load(written(tmp_path / "set.zip", content))) == 6


def special(kind, **fields):
    header = tarfile.TarInfo("bag/link.png")
    header.type = kind
    for name, value in fields.items():
        setattr(header, name, value)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(header)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tarred({"../x.png": png()}), "leads out of the folder"),
        (tarred({"/etc/x.png": png()}), "is an absolute path"),
        (tarred({"a/../../x.png": png()}), "leads out of the folder"),
        (special(tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
        (special(tarfile.LNKTYPE, linkname="../x"), "is a link"),
        (special(tarfile.FIFOTYPE), "is not a plain file"),
        (special(tarfile.CHRTYPE), "is not a plain file"),
    ],
)
def test_hostile_members_of_a_tar_are_refused(tmp_path, content, why):
    with pytest.raises(FormatError, match=why):
        hangtag.load(written(tmp_path / "set.tar", content))


def test_a_tar_header_of_gigabytes_is_not_read(tmp_path):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    content = header.tobuf(tarfile.GNU_FORMAT) + bytes(32 << 20)
    with pytest.raises(FormatError, match="a header in it is longer"):
        hangtag.load(written(tmp_path / "set.tar", content))


def test_two_members_of_one_name_in_a_tar_are_refused(tmp_path):
    content = tarred({"a/1.png": png()})[:1024] + tarred({"a/1.png": png(3)})
    with pytest.raises(FormatError, match="is there twice"):
        hangtag.load(written(tmp_path / "set.tar", content))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.8])
def test_a_tar_that_is_cut_off_is_an_error_of_one_sentence(tmp_path, mode, keep):
    noise = np.random.default_rng(0).bytes(20_000)
    content = tarred({**TREE, "notes.txt": noise}, mode)
    with pytest.raises(UsageError) as caught:
        hangtag.load(written(tmp_path / "set.tar", content[: int(len(content) * keep)]))
    assert "\n" not in caught.value.message


def test_flipped_bytes_in_a_tar_are_a_sentence_or_other_images(tmp_path):
    content = tarred(TREE, "w:gz")
    for at in range(0, len(content), 37):
        torn = bytearray(content)
        torn[at] ^= 0xFF
        try:
            hangtag.load(written(tmp_path / "set.tar.gz", bytes(torn)))
        except UsageError as error:
            assert error.message


def test_a_member_longer_than_it_says_is_an_unreadable_image(tmp_path):
    content = bytearray(zipped(TREE, compression=zipfile.ZIP_DEFLATED))
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 20)
    images = hangtag.load(written(tmp_path / "set.zip", bytes(content)))
    assert [one.where for one in images.unreadable] == ["shoe/2.png"]
    assert len(images) == 5

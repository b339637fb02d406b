"""What is done to an image before a model sees it: in training and in tagging the same, and said.

Situations F02, F13b, F21, F31, F32, the orientation of TIFF and of eXIf behind the pixels.
"""

from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.records import Preprocessing
from hangtag.rooms.load import fit_preprocessing, load, read_images
from hangtag.workbench.tag import tag_folder

COLOURS = {"red": (220, 30, 30), "cyan": (30, 210, 210), "yellow": (220, 210, 30)}


def on(background, thing, side=12, **how):
    """A square thing on a background."""
    shape = (side, side, *np.shape(thing))
    image = np.full(shape, background, np.uint8)
    image[4:8, 4:8] = thing
    return Image.fromarray(image, **how)


def saved(path, image, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **how)
    return path


def as_loaded_and_tagged(folder):
    """Every image of a set as training sees it, and as tagging gives it to the model."""
    images = load(folder)
    preprocessing = fit_preprocessing(images.images, of=images)
    tagged = {one.id: one for one in read_images(folder, preprocessing)}
    assert len(tagged) == len(images)
    return images, [tagged[images.id_of(row)] for row in range(len(images))]


# --- background -----------------------------------------------------------------------------------


@pytest.mark.parametrize("trained_on", [255, 0, 230])
def test_colours_are_never_inverted(tmp_path, trained_on):
    for name, colour in COLOURS.items():
        saved(tmp_path / "set" / name / "1.png", on(trained_on, colour))
        for other in (255, 0, 60):
            saved(tmp_path / "shop" / f"{name}{other}.png", on(other, colour))
    images = load(tmp_path / "set")
    for one in read_images(tmp_path / "shop", fit_preprocessing(images.images)):
        name = one.id.rstrip("0123456789.png")
        name = next(colour for colour in COLOURS if one.id.startswith(colour))
        assert tuple(one.pixels[5, 5]) == COLOURS[name]
        assert one.done == ""


def test_an_old_model_of_colours_inverts_nothing_either(tmp_path):
    saved(tmp_path / "a.png", on(0, COLOURS["red"]))
    old = Preprocessing.from_dict(
        {
            "picture_shape": [12, 12, 3],
            "rows": [0, 12],
            "columns": [0, 12],
            "scale": 1 / 255,
            "mean": [0.0] * 3,
            "deviation": [1.0] * 3,
            "dark_border": False,
        }
    )
    (image,) = read_images(tmp_path, old)
    assert tuple(image.pixels[5, 5]) == COLOURS["red"]
    assert "matte" not in old.to_dict()  # so that its bundle keeps its id


def test_a_grey_model_of_one_background_inverts_and_says_so(tmp_path):
    for one in range(3):
        saved(tmp_path / "set" / "a" / f"{one}.png", on(0, 200 + one))
    preprocessing = fit_preprocessing(load(tmp_path / "set").images)
    saved(tmp_path / "photo.png", on(255, COLOURS["red"], side=24))
    (image,) = read_images(tmp_path / "photo.png", preprocessing)
    assert image.pixels[0, 0] == 0
    assert image.done == (
        "made grey; fitted from 24×24; inverted: light background, trained on dark"
    )


@pytest.mark.parametrize("n_dark", [3, 50, 400])
def test_a_set_on_both_backgrounds_is_tagged_as_it_was_trained(tmp_path, n_dark):
    for one in range(n_dark):
        saved(tmp_path / "dark" / f"{one}.png", on(0, 200))
    saved(tmp_path / "paper" / "0.png", on(250, 20))
    images, tagged = as_loaded_and_tagged(tmp_path)
    for row, one in enumerate(tagged):
        assert np.array_equal(one.pixels, images.images[row])
        assert one.done == ""


def test_an_image_of_another_shape_is_tagged_as_it_was_trained(tmp_path):
    for one in range(30):
        saved(tmp_path / "a" / f"{one}.png", on(0, 200))
    wide = np.zeros((6, 30), np.uint8)
    wide[0], wide[-1] = 255, 255  # most of its own border is light, not that of its padded form
    wide[:, :4] = 10
    saved(tmp_path / "a" / "wide.png", Image.fromarray(wide))
    images, tagged = as_loaded_and_tagged(tmp_path)
    for row, one in enumerate(tagged):
        assert np.array_equal(one.pixels, images.images[row])


# --- transparency ---------------------------------------------------------------------------------


def drawing(value, side=12):
    """A drawing on transparency."""
    image = np.zeros((side, side, 4), np.uint8)
    image[4:8, 4:8] = (*np.broadcast_to(value, 3), 255)
    return Image.fromarray(image)


@pytest.mark.parametrize(
    ("values", "laid_on"),
    [
        ([255, 250], "black"),
        ([0, 30], "white"),
        ([255, 0], "grey"),
        ([COLOURS["red"], COLOURS["yellow"]], "white"),
        ([255, COLOURS["red"]], "black"),
    ],
)
def test_a_drawing_on_transparency_stays_visible_and_the_set_has_one_background(
    tmp_path, values, laid_on
):
    for number, value in enumerate(values):
        saved(tmp_path / f"class{number}" / "1.png", drawing(value))
    images, tagged = as_loaded_and_tagged(tmp_path)
    assert all(np.ptp(one.astype(int)) >= 30 for one in images.images)
    assert len({tuple(one[0, 0]) for one in images.images}) == 1
    assert any(f"transparent parts: laid on {laid_on}" in note for note in images.notes)
    for row, one in enumerate(tagged):
        assert np.array_equal(one.pixels, images.images[row])
        assert f"transparent parts laid on {laid_on}" in one.done


@pytest.mark.parametrize("mode", ["LA", "P", "RGBA"])
def test_every_kind_of_transparency_is_seen(tmp_path, mode):
    image = drawing(255)
    if mode == "P":
        image = image.quantize(8)
    saved(tmp_path / "a" / "1.png", image.convert(mode))
    saved(tmp_path / "b" / "1.png", on(0, 255))
    images, tagged = as_loaded_and_tagged(tmp_path)
    assert np.ptp(images.images[0].astype(int)) == 255
    assert np.array_equal(tagged[0].pixels, images.images[0])


def test_what_has_a_channel_for_it_and_no_transparent_pixel_is_no_question(tmp_path):
    saved(tmp_path / "a" / "1.png", on(0, (9, 9, 9)).convert("RGBA"))
    images, tagged = as_loaded_and_tagged(tmp_path)
    assert images.matte is None
    assert tagged[0].done == ""


def test_a_model_that_saw_no_transparency_lays_each_drawing_on_what_shows_it(tmp_path):
    saved(tmp_path / "set" / "a" / "1.png", on(255, COLOURS["red"]))
    preprocessing = fit_preprocessing(load(tmp_path / "set").images)
    saved(tmp_path / "shop" / "dark.png", drawing(0))
    saved(tmp_path / "shop" / "light.png", drawing(255))
    dark, light = read_images(tmp_path / "shop", preprocessing)
    assert (dark.done, light.done) == (
        "transparent parts laid on white",
        "transparent parts laid on black",
    )
    assert np.ptp(light.pixels.astype(int)) == 255


# --- orientation ----------------------------------------------------------------------------------

WIDE = np.repeat(np.arange(24, dtype=np.uint8)[None] * 10, 8, axis=0)
SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6


def late_exif(image, exif):
    """A PNG whose eXIf stands behind its pixels."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    content = buffer.getvalue()
    body = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:-12] + chunk + content[-12:]


@pytest.mark.parametrize("kind", ["tif", "jpg", "png", "late.png", "webp"])
def test_an_image_is_turned_as_the_camera_says_in_every_kind(tmp_path, kind):
    path = tmp_path / "a" / f"1.{kind}"
    path.parent.mkdir()
    if kind == "late.png":
        path.write_bytes(late_exif(Image.fromarray(WIDE), SIDEWAYS))
    else:
        how = {"lossless": True} if kind == "webp" else {}
        saved(path, Image.fromarray(WIDE), exif=SIDEWAYS, **how)
    images, tagged = as_loaded_and_tagged(tmp_path)
    assert images.shape[:2] == (24, 8)
    assert np.abs(images.images[0, ..., 0].astype(int) - WIDE.T).max() <= 3
    assert np.array_equal(tagged[0].pixels, images.images[0])
    assert "turned as the camera says" in tagged[0].done


# --- what is tagged -------------------------------------------------------------------------------


def test_every_image_is_a_row_whatever_its_name(tmp_path):
    content = saved(tmp_path / "a.png", on(0, 9)).read_bytes()
    for name in ("noext", "c.jpg_large", "d.jp2", "e.png.webp", ".hidden.png"):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "phone.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "broken.png").write_bytes(content[:60])
    for name in ("notes.txt", "Thumbs.db", "README"):
        (tmp_path / name).write_text("no image")
    found = {
        one.id: one.error
        for one in read_images(tmp_path, Preprocessing((12, 12, 1), (0, 12), (0, 12)))
    }
    assert sorted(name for name, error in found.items() if not error) == [
        "a.png", "c.jpg_large", "d.jp2", "e.png.webp", "noext"
    ]  # fmt: skip
    assert sorted(name for name, error in found.items() if error) == [
        "broken.png", "icon.svg", "phone.HEIC"
    ]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small forest on a table of pixels."""
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(0)
    names = ",".join(f"pixel{n}" for n in range(64))
    train = [
        f"{n % 2},{','.join(map(str, rng.integers(0, 99, 64) + 150 * (n % 2)))}" for n in range(40)
    ]
    test = [line.partition(",")[2] for line in train]
    (folder / "train.csv").write_text("\n".join([f"label,{names}", *train]))
    (folder / "test.csv").write_text("\n".join([names, *test]))
    hangtag.grow_forest(
        folder / "train.csv", n_estimators=5, max_depths=3, cached=False, out=folder / "run"
    )
    return folder


def test_a_table_without_labels_is_tagged_a_row_a_line(run, hangtag_command):
    done = hangtag_command("tag", run / "run", run / "test.csv", "--threshold", 0, "--json")
    tags = done.json["tags"]
    assert [one["label"] for one in tags] == ["0", "1"] * 20
    assert all("error" in one and one["done"] == "" for one in tags)


def test_where_nothing_was_tagged_the_command_fails_and_the_rows_are_there(
    run, tmp_path, hangtag_command
):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.png").write_bytes(b"nothing")
    out = tmp_path / "tags.csv"
    done = hangtag_command("tag", run / "run", tmp_path / "shop", "--out", out)
    assert done.code == 1
    assert "error: none of the 1 images could be read" in done.err
    assert out.read_text().splitlines()[1].startswith("a.png,")


def test_what_was_done_is_a_column(run, tmp_path, hangtag_command):
    saved(tmp_path / "shop" / "a.png", on(255, COLOURS["red"], side=24))
    out = tmp_path / "tags.csv"
    assert hangtag_command("tag", run / "run", tmp_path / "shop", "--out", out).code == 0
    head, row = (line.split(",") for line in out.read_text().splitlines())
    assert row[head.index("done")].startswith("made grey; fitted from 24×24")


# --- entries that cannot be looked at -------------------------------------------------------------

LISTED = """
import sys
from pathlib import Path
from hangtag.rooms.load import fit_preprocessing, load, read_images
model = fit_preprocessing(load(Path(sys.argv[1])).images)
for one in read_images(Path(sys.argv[2]), model):
    print(one.id, one.error, sep=": ")
"""


def test_entries_that_cannot_be_looked_at_are_rows_with_an_error(tmp_path, without_rights):
    for name in ("set/a/1.png", "shop/1.png", "shop/closed.png", "shop/shut/1.png"):
        saved(tmp_path / name, on(0, 200))
    (tmp_path / "shop" / "loop").symlink_to("loop")
    (tmp_path / "shop" / "closed.png").chmod(0)
    (tmp_path / "shop" / "shut").chmod(0)
    done = without_rights("-c", LISTED, tmp_path / "set", tmp_path / "shop")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "1.png: ",
        "closed.png: cannot be opened: you have no right to",
        "loop: cannot be opened: its links lead round in a circle",
        "shut: cannot be opened: you have no right to",
    ]


def test_a_folder_with_such_entries_is_tagged_to_its_end(tmp_path):
    saved(tmp_path / "a" / "1.png", on(0, 200))
    model = fit_preprocessing(load(tmp_path).images)
    (tmp_path / "a" / "loop.png").symlink_to("loop.png")
    odd = saved(tmp_path / "a" / "2.png", on(0, 200))
    odd.rename(os.fsdecode(os.fsencode(odd.parent) + b"/\xff.png"))
    rows = tag_folder(Same(model), tmp_path, out=tmp_path / "tags.csv")
    assert [(one.id, bool(one.error)) for one in rows] == [
        ("a/1.png", False),
        ("a/\\xff.png", False),
        ("a/loop.png", True),
    ]
    assert "cannot be opened" in (tmp_path / "tags.csv").read_text()


class Same:
    """Answers the same to every image."""

    class_names = ("a", "b")
    model_id = "same"
    threshold = None

    def __init__(self, preprocessing):
        self.preprocessing = preprocessing

    def probabilities(self, images):
        return np.tile(np.float32([0.9, 0.1]), (len(images), 1))

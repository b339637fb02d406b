"""Single images: decoding safely, and the rules for colour, size and background."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hangtag.errors import FormatError
from hangtag.rooms.load import background, decoding, resizing
from hangtag.rooms.load.decoding import facts, in_threads

COLOUR = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GREY = COLOUR[..., 0]


def decode(source, **how) -> np.ndarray:
    """The pixels alone."""
    return decoding.decode(source, **how)[0]


def saved(image, kind="PNG", **how) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **how)
    return buffer.getvalue()


def png(width: int, height: int, rows: bytes, *, depth=8, colour=0) -> bytes:
    """A PNG made by hand, so that its header can say anything."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "PPM", "WEBP"])
def test_lossless_kinds_come_back_bit_for_bit(kind):
    how = {"lossless": True} if kind == "WEBP" else {}
    grey = decode(saved(GREY, kind, **how), grey=True)
    assert np.array_equal(grey[..., 0], GREY)
    assert facts(saved(COLOUR, "PNG")).grey is False


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIF"])
def test_lossy_kinds_come_back_nearly(kind):
    smooth = np.repeat(np.linspace(0, 250, 64, dtype=np.uint8)[None], 64, 0)
    back = decode(saved(smooth, kind, quality=95), grey=True)[..., 0]
    assert np.abs(back.astype(int) - smooth).max() <= 6


def test_a_photograph_of_a_telephone_is_upright_and_of_its_own_size():
    shades = np.linspace(0, 250, 64, dtype=np.uint8)
    wide = np.repeat(np.repeat(shades[None], 32, 0)[..., None], 3, 2)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the image is to be turned to the right
    photo = saved(wide, "HEIF", quality=95, exif=exif.tobytes())
    assert (facts(photo).height, facts(photo).width) == (64, 32)
    seen = decode(photo, grey=True)[..., 0].astype(int)
    assert np.abs(seen - shades[:, None]).max() <= 8
    for size in range(40, len(photo), 97):
        with pytest.raises(FormatError, match="damaged or cut off"):
            decoding.decode(photo[:size], grey=True)


def test_grey_from_colour_is_luma_and_colour_from_grey_is_three_times_the_same():
    luma = np.array(Image.fromarray(COLOUR).convert("L"))
    assert np.array_equal(decode(saved(COLOUR), grey=True)[..., 0], luma)
    assert np.array_equal(decode(saved(GREY), grey=False), np.repeat(GREY[..., None], 3, 2))


def test_what_is_see_through_lies_over_white():
    seen = np.dstack([np.zeros((6, 9, 3), np.uint8), np.full((6, 9), 0, np.uint8)])
    seen[0, 0, 3] = 255
    back = decode(saved(seen), grey=True)[..., 0]
    assert back[0, 0] == 0
    assert (back.ravel()[1:] == 255).all()


def test_a_palette_with_a_see_through_colour_lies_over_white():
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 0, 9, 9, 9])
    image.putpixel((1, 1), 1)
    back = decode(saved(image, "PNG", transparency=0), grey=True)[..., 0]
    assert back[1, 1] == 9
    assert back[0, 0] == 255


@pytest.mark.parametrize(
    ("colours", "grey"), [([0, 0, 0, 9, 9, 9], True), ([0, 0, 0, 9, 8, 9], False)]
)
def test_a_palette_is_grey_if_its_colours_are(colours, grey):
    image = Image.new("P", (4, 4), 1)
    image.putpalette(colours)
    assert facts(saved(image)).grey is grey


def test_sixteen_bits_become_eight():
    deep = (GREY.astype(np.uint16) * 257)[:, :8]
    assert np.array_equal(decode(saved(deep), grey=True)[..., 0], GREY[:, :8])
    assert facts(saved(deep)).grey


def test_thirty_two_bits_are_refused():
    with pytest.raises(FormatError, match="has 32-bit pixels"):
        decode(saved(np.zeros((4, 4), np.float32), "TIFF"), grey=True)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_image_is_turned_as_the_camera_says(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = {
        1: GREY, 2: GREY[:, ::-1], 3: GREY[::-1, ::-1], 4: GREY[::-1],
        5: GREY.T, 6: GREY.T[:, ::-1], 7: GREY.T[::-1, ::-1], 8: GREY.T[::-1],
    }[orientation]  # fmt: skip
    content = saved(GREY, "PNG", exif=exif)
    assert np.array_equal(decode(content, grey=True)[..., 0], upright)
    assert (facts(content).height, facts(content).width) == upright.shape


def test_an_animation_gives_its_first_frame():
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(decode(content, grey=True)[..., 0], GREY)


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (25_000_001, 1), (65_000, 65_000)])
def test_more_than_25_megapixels_are_refused_by_the_header(width, height):
    content = png(width, height, b"\0" * 100)
    for read in (facts, lambda it: decode(it, grey=True)):
        with pytest.raises(FormatError, match="megapixels"):
            read(content)


def test_25_megapixels_are_read():
    assert facts(png(5000, 5000, b"")).width == 5000


def test_an_image_that_unpacks_to_gigabytes_costs_nothing(tmp_path):
    """22 kB of PNG that would be 537 MB of pixels."""
    import tracemalloc

    bomb = png(23_170, 23_170, bytes(23_171) * 1000)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="megapixels"):
            decode(bomb, grey=True, size=(28, 28))
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"nothing", "is not an image of a kind that can be read"),
        (b"<svg/>", "is an image of the kind SVG, which is not read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "of the kind PostScript"),
        (saved(GREY)[:60], "is damaged or cut off"),
        (saved(GREY, "JPEG")[:-80], "is damaged or cut off"),
        (png(0, 5, b""), "is damaged or cut off|has no pixels|is not an image"),
    ],
)
def test_what_cannot_be_read_has_a_reason_of_one_sentence(content, reason):
    with pytest.raises(FormatError, match=reason) as caught:
        decode(content, grey=True)
    assert "\n" not in caught.value.message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF"]),
    at=st.floats(0, 1),
    patch=st.binary(max_size=12),
    cut=st.booleans(),
)
def test_any_damage_to_any_kind_is_refused_or_decoded(kind, at, patch, cut):
    content = bytearray(saved(COLOUR, kind))
    start = int(at * len(content))
    content[start : start + len(patch)] = patch
    if cut:
        content = content[: start + len(patch)]
    for _, result in in_threads(lambda it: decode(it, grey=False, size=(8, 8)), [bytes(content)]):
        if isinstance(result, FormatError):
            assert "\n" not in result.message
        else:
            assert result.shape[2] == 3
            assert max(result.shape[:2]) == 8


# --- fitting ------------------------------------------------------------------------------------


@given(height=st.integers(1, 60), width=st.integers(1, 60), to=st.tuples(*[st.integers(1, 40)] * 2))
@settings(max_examples=60, deadline=None)
def test_an_image_is_fitted_inside_with_its_aspect(height, width, to):
    inner = resizing.inside((height, width), to)
    assert inner[0] <= to[0]
    assert inner[1] <= to[1]
    assert inner[0] == to[0] or inner[1] == to[1]
    image = np.full((height, width, 1), 77, np.uint8)
    fitted = resizing.fit(image, to)
    assert fitted.shape == (*to, 1)
    assert (fitted == 77).all()


def test_the_rest_has_the_colour_of_the_border():
    image = np.full((4, 8, 3), (250, 240, 230), np.uint8)
    image[1:3, 2:6] = 0
    fitted = resizing.fit(image, (16, 8))
    assert (fitted[0] == (250, 240, 230)).all()
    assert (fitted[6:10] == image).all()


# --- background ---------------------------------------------------------------------------------


def on(value: int, n: int = 10) -> np.ndarray:
    """Images of something grey on a background of this brightness."""
    decoding = np.full((n, 12, 12, 1), value, np.uint8)
    decoding[:, 4:8, 4:8] = 128
    return decoding


@pytest.mark.parametrize(("value", "dark"), [(0, True), (60, True), (255, False), (128, None)])
def test_a_set_stands_on_what_its_borders_show(value, dark):
    assert background.of_set(on(value)) is dark


def test_a_set_on_both_backgrounds_has_neither():
    assert background.of_set(np.concatenate([on(0, 95), on(255, 5)])) is None
    assert background.of_set(np.concatenate([on(0, 999), on(255, 1)])) is None
    assert background.of_set(np.concatenate([on(0, 999), on(128, 1)])) is True


def test_an_image_in_colour_is_never_inverted():
    image = np.repeat(on(255)[0], 3, axis=2)
    kept, done = background.as_trained(image, True)
    assert kept is image
    assert done == ""


@pytest.mark.parametrize(
    ("value", "dark", "turned"),
    [
        (255, True, True), (0, True, False), (128, True, False),
        (0, False, True), (255, False, False), (128, False, False),
        (255, None, False), (0, None, False),
    ],
)  # fmt: skip
def test_an_image_is_inverted_only_from_the_other_ground(value, dark, turned):
    image = on(value)[0]
    expected = 255 - image if turned else image
    assert np.array_equal(background.as_trained(image, dark)[0], expected)


def test_no_image_of_fashion_mnist_is_inverted(fashion):
    assert background.of_set(fashion.images[:60_000]) is True
    _, light = background.of_images(fashion.images)
    assert int(light.sum()) == 0


def test_sign_mnist_stands_on_neither_ground(sign):
    assert background.of_set(sign.images) is None

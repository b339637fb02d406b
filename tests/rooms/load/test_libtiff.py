"""A damaged TIFF is a row with a reason; libtiff itself prints nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from PIL import Image

from hangtag.rooms.load import libtiff

WHAT_PILLOW_DOES = """
import sys
from PIL import Image
for name in sys.argv[1:]:
    try:
        Image.open(name).load()
    except (OSError, SyntaxError):
        pass
"""
WHAT_WE_DO = """
import sys
from hangtag.rooms.load import decoding
names = sys.argv[1:] * 20
bad = [one for _, one in decoding.in_threads(lambda name: decoding.decode(name, grey=True), names)]
print(len(bad), *{str(one)[:22] for one in bad})
"""


def damaged(folder):
    """TIFFs of three compressions whose pixels are overwritten, so that libtiff complains."""
    image = Image.fromarray(np.arange(4096).astype(np.uint8).reshape(64, 64))
    files = []
    for kind in ("tiff_lzw", "tiff_deflate", "group4"):
        file = folder / f"{kind}.tif"
        (image.convert("1") if kind == "group4" else image).save(file, compression=kind)
        with Image.open(file) as found:
            start, length = found.tag_v2[273][0], found.tag_v2[279][0]
        content = bytearray(file.read_bytes())
        content[start + 2 : start + length] = b"\x5a" * (length - 2)
        file.write_bytes(content)
        files.append(file)
    return files


def said(code, files):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, files)], capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


def test_a_damaged_tiff_prints_nothing_of_its_own(tmp_path):
    files = damaged(tmp_path)
    out, err = said(WHAT_WE_DO, files)
    assert err == ""
    assert out.startswith("60 ")
    assert "Decode" in said(WHAT_PILLOW_DOES, files)[1]  # else this test would show nothing


def test_the_libtiff_of_pillow_is_found_here():
    assert libtiff.silence()

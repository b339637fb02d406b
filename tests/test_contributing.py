"""The worked example of CONTRIBUTING.md, done as it says."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import hangtag
from hangtag.errors import FormatError
from hangtag.rooms.load import detect

ROOT = Path(__file__).parents[1]


@pytest.fixture
def method(monkeypatch):
    """The example's loader, added to the table as the page says."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    module = types.ModuleType("stl_example")
    monkeypatch.setitem(sys.modules, "stl_example", module)
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    monkeypatch.setattr(detect, "METHODS", (module.METHOD, *detect.METHODS))
    return module


def write_stl(path: Path, labels: list[int]) -> Path:
    planes = np.full((len(labels), 3, 96, 96), 10, np.uint8)
    planes[:, 0] = 200  # red
    planes[:, :, 5, :] = 90  # written column after column: the sixth column from the left
    planes.tofile(path / "train_X.bin")
    np.array(labels, np.uint8).tofile(path / "train_y.bin")
    return path / "train_X.bin"


def test_the_example_reads_its_format_through_the_ordinary_door(method, tmp_path):
    images = hangtag.load(write_stl(tmp_path, [3, 1, 3]))
    assert (images.format, images.shape) == ("stl", (96, 96, 3))
    assert images.class_codes == (1, 3)
    assert images.images[0, 0, 0].tolist() == [200, 10, 10]
    assert (images.images[0, :, 5] == 90).all()


def test_the_example_refuses_what_it_says_it_refuses(method, tmp_path):
    path = write_stl(tmp_path, [1, 2, 3])
    np.array([1, 2], np.uint8).tofile(tmp_path / "train_y.bin")
    with pytest.raises(FormatError, match="2 labels for 3 images"):
        hangtag.load(path)


def test_the_example_names_files_that_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    assert "METHODS" in (ROOT / "src/hangtag/rooms/load/detect.py").read_text()
    for name in re.findall(r"`(src/[\w/]+\.py|docs/[\w/]+\.md)`", page):
        assert (ROOT / name).exists() or name.endswith("stl.py"), name

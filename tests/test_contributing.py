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
    module = types.ModuleType("cifar_example")
    monkeypatch.setitem(sys.modules, "cifar_example", module)
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    monkeypatch.setattr(detect, "METHODS", (module.METHOD, *detect.METHODS))
    return module


def records(path: Path, labels: list[int]) -> Path:
    red = np.full((len(labels), 1024), 200, np.uint8)
    rest = np.full((len(labels), 2048), 10, np.uint8)
    np.column_stack([np.array(labels, np.uint8), red, rest]).tofile(path)
    return path


def test_the_example_reads_its_format_through_the_ordinary_door(method, tmp_path):
    images = hangtag.load(records(tmp_path / "batch.bin", [3, 1, 3]))
    assert (images.format, images.shape) == ("cifar", (32, 32, 3))
    assert images.class_codes == (1, 3)
    assert images.images[0, 0, 0].tolist() == [200, 10, 10]


def test_the_example_refuses_what_it_says_it_refuses(method, tmp_path):
    with pytest.raises(FormatError, match="label 11"):
        hangtag.load(records(tmp_path / "batch.bin", [11]))


def test_the_example_names_files_that_exist():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    assert "METHODS" in (ROOT / "src/hangtag/rooms/load/detect.py").read_text()
    for name in re.findall(r"`(src/[\w/]+\.py|docs/[\w/]+\.md)`", page):
        assert (ROOT / name).exists() or name.endswith("cifar.py"), name

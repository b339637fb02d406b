"""The images of a run on the server: of many photographs only what is known of them is held."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag.errors import SourceError
from hangtag.serve.routes import data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run trained on twelve photographs of two classes; one of them is a copy."""
    root = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for number in range(12):
        folder = root / "photos" / ("light" if number % 2 else "dark")
        folder.mkdir(parents=True, exist_ok=True)
        coarse = random.integers(0, 120, (6, 8, 3), np.uint8) + (130 if number % 2 else 0)
        photo = Image.fromarray(coarse.astype(np.uint8)).resize((480, 360))
        photo.save(folder / f"{number:02d}.png")
    copy = root / "photos" / "light" / "99.png"
    copy.write_bytes((root / "photos" / "light" / "01.png").read_bytes())
    return hangtag.train(root / "photos", model="neighbors", k=1, out=root / "run")


@pytest.fixture
def door(run, monkeypatch):
    """As much of a door as these routes ask for, with room for no photograph."""
    monkeypatch.setattr(data, "MOST_HELD", 1000)
    monkeypatch.setattr(data.runs, "run_of", lambda door, name: run)
    return SimpleNamespace(loaded=None, loading=threading.Lock())


def test_photographs_are_audited_and_shown_without_being_held(run, door):
    assert data.load(door, "own", lambda *_: None) == {"images": 13}
    held = door.loaded[1]
    assert len(held) == 13
    assert held.images.base.nbytes == 1  # what stands for all pixels
    data.audit(door, "own", lambda *_: None)
    found = data.audited(door, "own", "duplicates", 0, 10, undecided=False)
    assert found.total == 1
    assert [one.id for one in found.findings[0].images] == ["light/01.png", "light/99.png"]
    shown = Image.open(io.BytesIO(data._pixels(door, "own", found.findings[0].images[0].number)))
    assert shown.size == (320, 240)
    truth = Image.open(f"{run.config.source}/light/01.png").resize((320, 240))
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(truth)).mean() < 4
    assert data.summary(door, "own")["size"] == "192×256×3"


def test_small_sets_are_held_whole_and_read_once(run, door, monkeypatch):
    monkeypatch.setattr(data, "MOST_HELD", 1 << 30)
    loaded = []
    read = hangtag.run_images
    monkeypatch.setattr(
        hangtag, "run_images", lambda *given, **how: loaded.append(1) or read(*given, **how)
    )
    data.load(door, "own", lambda *_: None)
    data.audit(door, "own", lambda *_: None)
    shown = Image.open(io.BytesIO(data._pixels(door, "own", 3)))
    assert shown.size == (256, 192)
    assert loaded == [1]


def test_a_photograph_that_is_gone_is_named(run, door):
    data.load(door, "own", lambda *_: None)
    held = door.loaded[1]
    number = next(at for at in range(13) if held.id_of(at) == "dark/02.png")
    file = Path(run.config.source) / "dark" / "02.png"
    content = file.read_bytes()
    file.unlink()
    try:
        with pytest.raises(SourceError, match=r"dark/02\.png was read before and cannot be now"):
            data._pixels(door, "own", number)
    finally:
        file.write_bytes(content)

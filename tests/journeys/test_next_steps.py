"""Whatever a command advises can be typed: every ``next:`` line is carried out as it stands."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from hangtag.cli import app

COMMANDS = (
    "info {source}",
    "info {unlabelled}",
    "info {lonely}",
    "split {source}",
    "split {source} --size 10 --limit 20 --seed 3",
    "explore {source} --gray",
    "audit {source} --limit 12",
    "audit {source} --write-split clean.npz",
    "audit {unlabelled}",
    "reduce {source} --size 8x9",
    "cluster {source} --k 2,3 --pca none",
    "forest {source} --n-estimators 5 --max-depth 3",
    "mixture {source} --k 2",
    "train {source} --network s2-mlp --epochs 1",
    "tune {source} --network s2-mlp --space dense.units=4,8 --method grid --epochs 1",
)

ONCE = ("evaluate", "report")
"""Followed once: after every training they are the same words with another run's folder."""


def _said(words: str | list[str]) -> list[str]:
    result = CliRunner().invoke(app, shlex.split(words) if isinstance(words, str) else words)
    assert result.exit_code == 0, (words, result.stderr, result.exception)
    lines = result.stderr.splitlines()
    return [line.removeprefix("next: ") for line in lines if line.startswith("next: hangtag ")]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Class folders, the same images without classes, and classes of one image, all with spaces."""
    base = tmp_path_factory.mktemp("next steps")
    rng = np.random.default_rng(0)
    for number in range(60):
        pixels = rng.integers(0, 120 + 100 * (number % 2), (12, 12, 3), dtype=np.uint8)
        for folder in (f"my clothes/{'coat' if number % 2 else 'bag'}", "no classes"):
            (base / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(base / folder / f"{number}.png")
    for name in ("a", "b"):
        (base / "one each" / name).mkdir(parents=True)
        Image.fromarray(pixels).save(base / "one each" / name / "0.png")
    names = {"source": "my clothes", "unlabelled": "no classes", "lonely": "one each"}
    return {key: shlex.quote(str(base / name)) for key, name in names.items()}


@pytest.fixture(scope="module")
def done():
    """What was carried out already: the same advice is not followed twice."""
    return set()


@pytest.mark.parametrize("words", COMMANDS)
def test_every_next_step_works_as_it_is_printed(words, places, done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANGTAG_RUNS", str(tmp_path / "runs here"))
    waiting = _said(words.format(**places))
    assert waiting, "a command that looks at a source says what to do next"
    while waiting:
        line = waiting.pop()
        if line not in done and "YOUR_" not in line:
            done.add(line)
            waiting += _said(shlex.split(line)[1:])


def test_an_unlabelled_set_is_never_told_to_train(places):
    assert not any(" train " in f"{line} " for line in _said(f"info {places['unlabelled']}"))

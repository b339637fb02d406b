"""The examples run as they stand, say what they promise, and stay short."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))
SAID = {
    "best_settings": r"best of 4: 0\.[89]\d+ with .*'n_estimators': 40",
    "check_first": r"says \d \(\d+%\)[^'\"]*page: audit\.html\n\{'training': ",
    "clusters": r"k = 15: silhouette 0\.\d+\nchosen: 1[05]; purity 0\.[78]\d beside",
    "compare_models": r"linear: 0\.9\d+ \[.*\n.*\n.*\nlinear − neighbors: p = 0\.\d+\n",
    "first_model": r"accuracy 0\.9\d+, with 95 % confidence 0\.9\d+ to 0\.9\d+\nreport: ",
    "look": r"pca: 0\.[89]\d of 1 trustworthy\n",
    "own_arrays": r"in three folds: \[0\.9\d+ 0\.9\d+ 0\.9\d+\]\n\[0 1 2 3 4\] are \[0 1 2 3 4\]",
    "small_shop": r"000\.png 0 100%\n(.*\n)*most like 007: \['007\.png'",
}
"""What each prints, so that a script that does nothing is not taken for one that works."""
LEFT = {
    "best_settings": ["search/trials.csv"],
    "check_first": ["audit.html", "split.npz"],
    "clusters": [],
    "compare_models": ["compare.html", "forest/bundle"],
    "first_model": ["confusion.png", "report.html"],
    "look": ["look.html", "map.html"],
    "own_arrays": ["bundle/model.onnx"],
    "small_shop": ["shop.db", "tagged.csv"],
}


def test_every_example_is_promised_something_and_listed():
    names = {path.stem for path in SCRIPTS}
    assert names == set(SAID) == set(LEFT)
    listed = re.findall(r"^\| \[(\w+)\.py\]", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(names)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_has_five_to_twenty_five_lines(path):
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    assert 5 <= len(lines) <= 25


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_runs_and_says_what_it_promises(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr().out
    assert re.search(SAID[path.stem], said), said
    assert [name for name in LEFT[path.stem] if not Path(name).exists()] == []

"""The notebooks are kept without outputs, use what there is, and run from top to bottom."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hangtag

FOLDER = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SAID = {
    "a_first_look": r"chosen k: 1[05]; purity 0\.[78]\d beside[\s\S]*0\.9\d+ \[0\.9\d+, 0\.9\d+\]",
    "a_shop": r"200 new, then 0\n[\s\S]*007\.png,007,,products/007\.png,7,.*person",
    "honest_comparison": r"linear − forest: p = 0\.\d+, of three [01]\.\d+",
    "own_photos": r"(1\.0|0\.9)\d+ \[0\.[89]\d+, (1\.0|0\.9)\d+\][\s\S]*noise\.png ┆ unknown",
}
"""What each says when it is run."""
LONG = ("honest_comparison", "own_photos")
"""Run by `make notebooks` and `make torture`; scripts do the same verbs in seconds."""
RUN = """
import ast, json, sys
names = {"__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse("".join(cell["source"]))
    shown = tree.body.pop().value if isinstance(tree.body[-1], ast.Expr) else ast.Constant(None)
    exec(compile(tree, "cell", "exec"), names)
    value = eval(compile(ast.fix_missing_locations(ast.Expression(shown)), "cell", "eval"), names)
    if value is not None:
        print(value)
"""
"""Carries out the cells of a notebook and shows what Jupyter would, but images."""


def code(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_every_notebook_is_listed_and_promised_something():
    assert {path.stem for path in NOTEBOOKS} == set(SAID)
    readme = (FOLDER / "README.md").read_text()
    assert [path.name for path in NOTEBOOKS if f"({path.name})" not in readme] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_it_said(path):
    whole = json.loads(path.read_text())
    cells = [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert whole["cells"][0]["cell_type"] == "markdown"
    assert whole["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_calls_only_verbs_that_there_are(path):
    called = {
        node.attr
        for cell in code(path)
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "hangtag"
    }
    assert called
    assert called <= {*hangtag.__all__, *hangtag.DOORS, "rooms"}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.torture) if path.stem in LONG else path
        for path in NOTEBOOKS
    ],
    ids=lambda path: path.stem,
)
def test_a_notebook_runs_from_top_to_bottom_and_says_what_it_promises(path, tmp_path):
    (tmp_path / "run.py").write_text(RUN)
    done = subprocess.run(
        [sys.executable, "run.py", path],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(SAID[path.stem], done.stdout), done.stdout


@pytest.mark.torture
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # of Jupyter's own machinery
def test_a_notebook_runs_in_jupyter_and_shows_images(path, tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="make notebooks installs it")
    nbclient = pytest.importorskip("nbclient", reason="make notebooks installs it")
    notebook = nbformat.read(path, 4)
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=600, resources=where).execute()
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    said = "\n".join(
        one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs
        if one.get("name") != "stderr"
    )  # fmt: skip
    assert re.search(SAID[path.stem], said), said
    assert any("image/png" in one.get("data", {}) for one in outputs) or "compar" in path.stem

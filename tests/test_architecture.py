"""The tree is the architecture: what ARCHITECTURE.md promises about it is held here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "hangtag"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = (
    "keras", "jax", "sklearn", "scipy", "matplotlib", "onnx", "onnxruntime", "fastapi", "polars",
    "PIL", "openTSNE",
)  # fmt: skip
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "core", "misc"}


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _imported_by(code: str) -> set[str]:
    """Every module a program has imported when it is done, and the library each is of."""
    listing = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    )
    modules = done.stdout.splitlines()[-1].split()
    return {*modules, *(name.split(".")[0] for name in modules)}


def _command(*words: str) -> str:
    return f"from hangtag.cli import app\napp({list(words)}, standalone_mode=False)"


@pytest.mark.parametrize(
    "code",
    [
        "import hangtag",
        "import hangtag.cli",
        "from typer.testing import CliRunner\nfrom hangtag.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
        _command("info", "digits"),
        _command("split", "digits"),
    ],
    ids=["import", "cli", "help", "info", "split"],
)
def test_the_doors_import_nothing_heavy(code):
    assert _imported_by(code).isdisjoint(HEAVY)


def test_training_a_network_imports_no_room_that_has_no_part_in_it(tmp_path):
    words = ("train", "digits", "--network", "s2-mlp", "--epochs", "1", "--quiet")
    modules = _imported_by(_command(*words, "--out", str(tmp_path / "run")))
    assert (tmp_path / "run" / "bundle").is_dir()
    others = ("audit", "cluster", "explore", "forest", "reduce", "report", "tune")
    assert modules.isdisjoint(f"hangtag.rooms.{room}" for room in others)


def test_workbench_names_every_verb_and_hangtag_exports_each():
    import hangtag
    from hangtag.workbench import VERBS

    assert sorted([*VERBS, *hangtag.NOUNS]) == sorted(hangtag.__all__)
    for name in VERBS:
        assert callable(getattr(hangtag, name))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_is_short_and_opens_with_a_sentence(path):
    text = path.read_text()
    lines = text.count("\n")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring, f"{path} has no opening sentence"
    assert lines <= 400 or "long because" in docstring.lower(), f"{path} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_function_fits_on_a_screen(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 45, f"{path}:{node.lineno} {node.name} has {length} lines"


def test_no_file_or_folder_has_a_name_that_says_nothing():
    assert [str(p) for p in SOURCE.rglob("*") if p.stem in FORBIDDEN_NAMES] == []


def test_every_room_is_drawn_in_the_architecture_page():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = [p for p in (SOURCE / "rooms").iterdir() if p.suffix == ".py" or p.is_dir()]
    names = {p.stem for p in rooms if not p.name.startswith("__")}
    assert [name for name in names if name not in text] == []


def test_every_dependency_has_its_reason_in_the_architecture_page():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = chain(*project["optional-dependencies"].values())
    named = [*project["dependencies"], *extras]
    text = (ROOT / "ARCHITECTURE.md").read_text().lower()
    plain = [requirement.split(">")[0].split("[")[0].lower() for requirement in named]
    assert [name for name in plain if name not in text] == []


def test_every_command_is_in_the_readme_or_the_guide():
    from hangtag.cli import COMMANDS

    pages = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
    text = "\n".join(page.read_text() for page in pages)
    assert [name for name in COMMANDS if f"hangtag {name}" not in text] == []


def test_one_place_imports_onnxruntime_and_silences_it_first():
    imports = re.compile(r"^\s*(import|from) onnxruntime", re.MULTILINE)
    assert [_name(path) for path in FILES if imports.search(path.read_text())] == [
        "onnx_sessions.py"
    ]


def test_nothing_unpickles_or_evaluates_what_it_opens():
    words = re.compile(
        r"import pickle\b|pickle\.load|(?<![\w.])(eval|exec)\(|allow_pickle=True|yaml\.load\("
    )
    assert [str(path) for path in FILES if words.search(path.read_text())] == []

"""A result is made anew when any code behind it changes, and only then."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict

import pytest
import yaml

from hangtag import closure
from hangtag.study import kept
from hangtag.study.steps import STEPS

LOOKED_AT = """
import json, sys
from pathlib import Path
from hangtag import study
from hangtag.study import running
running._write_page = lambda *_: None  # draws what steps came to, and is no part of any
before = set(sys.modules)
study.run(study.open_recipe(sys.argv[1]), out=Path(sys.argv[2]))
print(json.dumps([one for one in set(sys.modules) - before if one.startswith("hangtag.")]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package's files, to be changed."""
    place = tmp_path_factory.mktemp("copy") / "hangtag"
    shutil.copytree(closure.here(), place, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def test_a_change_of_any_file_behind_a_step_changes_its_key(copy, monkeypatch):
    """Of all verbs together, so that no file is changed and read more often than it must."""
    # Which files there are stays what it is, and is looked for once.
    trees = {None: closure._tree(None), copy: closure._Tree(copy)}
    monkeypatch.setattr(closure, "_tree", trees.__getitem__)
    verbs = {step.__module__: verb for verb, step in STEPS.items()}.values()
    behind = {verb: kept.computed_by(verb) for verb in verbs}
    before = {verb: closure.digest(modules, copy) for verb, modules in behind.items()}
    assert before == {verb: closure.digest(modules) for verb, modules in behind.items()}
    depending = defaultdict(list)
    for verb, modules in behind.items():
        for file in closure.files(modules, copy):
            depending[file].append(verb)
    rarest = min(behind, key=lambda verb: len(behind[verb]))
    for file, verbs in depending.items():
        text = file.read_bytes()
        file.write_bytes(text + b"\n# changed\n")
        # Whoever has fewest files behind it is quickest asked; it has what all have.
        verb = rarest if rarest in verbs else verbs[0]
        assert closure.digest(behind[verb], copy) != before[verb], (verb, file)
        file.write_bytes(text)
    assert before == {verb: closure.digest(modules, copy) for verb, modules in behind.items()}


@pytest.mark.parametrize("verb", ["train", "cluster"])
def test_every_module_that_a_step_really_loads_is_behind_it(verb, tmp_path):
    steps = {
        "train": {"verb": "train", "network": "s2-mlp", "options": {"epochs": 1}},
        "cluster": {"verb": "cluster", "k": 3, "pca": 2, "n_init": 1, "shown": 2},
    }
    recipe = {
        "name": "one",
        "title": "One",
        "source": "digits",
        "split": "stratified:0.2",
        "seeds": [0],
        "steps": {"one": steps[verb]},
    }
    file = tmp_path / "one.yaml"
    file.write_text(yaml.safe_dump(recipe))
    told = subprocess.run(
        [sys.executable, "-c", LOOKED_AT, file, tmp_path / "study"],
        env={**os.environ, "HANGTAG_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(told.stdout.splitlines()[-1]))
    missing = loaded - kept.computed_by(verb) - kept.said_by(verb)
    assert {one for one in missing if not _is_package(one)} == set()


def _is_package(module):
    return (closure.here() / module.removeprefix("hangtag.").replace(".", "/")).is_dir()


def test_what_a_type_checker_alone_sees_is_behind_nothing(tmp_path):
    place = _package(
        tmp_path,
        {
            "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hangtag.b\n",
            "b": "x = 1\n",
        },
    )
    assert closure.closure(["hangtag.a"], place) == {"hangtag", "hangtag.a"}


def test_an_import_inside_a_function_counts(tmp_path):
    place = _package(
        tmp_path, {"a": "def f():\n    from hangtag import b\n    return b\n", "b": "import json\n"}
    )
    assert "hangtag.b" in closure.closure(["hangtag.a"], place)


def test_who_imports_by_computed_names_depends_on_all_beside_it(tmp_path):
    place = _package(tmp_path, {})
    folder = place / "family"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "chosen.py").write_text("from importlib import import_module\n" + "import_module\n")
    (folder / "member.py").write_text("")
    assert closure.closure(["hangtag.family.chosen"], place) == {
        "hangtag", "hangtag.family", "hangtag.family.chosen", "hangtag.family.member",
    }  # fmt: skip


def test_data_beside_code_is_behind_a_result_too(tmp_path):
    place = _package(tmp_path, {})
    folder = place / "spaces"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "ready.yaml").write_text("a: 1\n")
    modules = closure.closure(["hangtag.spaces"], place)
    before = closure.digest(modules, place)
    (folder / "ready.yaml").write_text("a: 2\n")
    assert closure.digest(modules, place) != before


def test_versions_of_the_libraries_behind_a_step_are_in_its_key():
    libraries = closure.libraries(kept.computed_by("cluster"))
    assert {"numpy", "scikit-learn", "scipy"} <= set(libraries)
    # Whoever looks alone trains nothing; what takes features may open a network.
    assert "keras" not in closure.libraries(kept.computed_by("explore"))
    assert {"keras", "jax"} <= set(closure.libraries(kept.computed_by("train")))


def _package(place, modules):
    root = place / "hangtag"
    root.mkdir()
    (root / "__init__.py").write_text("")
    for name, code in modules.items():
        (root / f"{name}.py").write_text(code)
    return root

"""Packages of many small records import the ones that are used, by one list: the stub."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from hangtag.lazily import stubbed

PACKAGES = ("hangtag.records", "hangtag.requests")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_the_stub_is_where_it_says(package):
    module = import_module(package)
    homes = stubbed(Path(module.__file__).with_suffix(".pyi"))
    assert sorted(homes) == dir(module)
    for name, home in homes.items():
        assert getattr(module, name) is getattr(import_module(home), name)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_class_of_a_package_is_in_its_stub_or_used_by_its_file_alone(package):
    module = import_module(package)
    places = set(stubbed(Path(module.__file__).with_suffix(".pyi")).values())
    files = {
        f"{package}.{file.stem}"
        for file in Path(module.__file__).parent.glob("[!_]*.py")
        if "@dataclass" in file.read_text()
    }
    assert {one for one in files if one not in places} <= {
        "hangtag.records.stored",
        "hangtag.requests.values",
    }


def test_one_record_imports_no_other_family():
    code = (
        "import sys; from hangtag.records import Split\n"
        "print([one for one in sys.modules if one.startswith('hangtag.records.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "hangtag.records.images" in done.stdout
    assert "hangtag.records.trials" not in done.stdout


def test_a_name_that_is_not_there_is_an_error_like_any_modules():
    with pytest.raises(ImportError, match="Imageset"):
        exec("from hangtag.records import Imageset", {})
    assert not hasattr(import_module("hangtag.requests"), "TrainsRequest")

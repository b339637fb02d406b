"""``hangtag doctor``: nothing in, what this machine and installation can do out."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import Any

import typer

from hangtag import settings, targets, troubles
from hangtag.cli.asking import asks
from hangtag.cli.console import answered, next_step, say
from hangtag.errors import MachineError
from hangtag.rooms.load import find, known_sets
from hangtag.rooms.train.operations.native import in_use
from hangtag.versions import installed


@asks
def doctor() -> None:
    """Say what works here, what does not, and what would mend it."""
    facts = examine()
    if not answered(lambda: facts):
        _tell(facts)
        next_step("hangtag demo")
    if facts["problems"]:
        raise typer.Exit(1)


def examine() -> dict[str, Any]:
    """Look at libraries, settings, data sets, processor and disk; JSON-ready."""
    sets = {one.name: str(find(one.name) or "not here") for one in known_sets()}
    return {
        "versions": installed(),
        "processors": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "free_disk_gb": round(shutil.disk_usage(".").free / 1e9, 1),
        "settings": {
            name: os.environ.get(name, f"not set: {meaning}")
            for name, meaning in settings.VARIABLES.items()
        },
        "cache": str(settings.cache_folder()),
        "runs": str(settings.runs_folder()),
        "data": sets,
        "operations": _operations(),
        "problems": _problems(),
    }


def _operations() -> str:
    """What convolutions are trained with, and how to get the faster ones."""
    found = in_use()
    missing = importlib.util.find_spec("hangtag_kernels") is None
    return f"{found} (several times faster: pip install ./kernels)" if missing else found


def _problems() -> list[str]:
    needed = ("jax", "keras", "onnx", "onnxruntime", "sklearn", "matplotlib", "polars", "PIL")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    found = [f"{name} is not installed: pip install hangtag again" for name in missing]
    if shutil.disk_usage(".").free < 1e9:
        found.append("less than 1 GB of disk is free")
    return [*found, *_places()]


def _places() -> list[str]:
    """What is wrong with the folders that are written to."""
    found = []
    for name, place in (("cache", settings.cache_folder()), ("runs", settings.runs_folder())):
        try:
            targets.check_folder(place)
        except (OSError, MachineError) as error:
            known = troubles.named(error) or error
            found.append(f"the folder for {name} cannot be written: {known}")
    return found


def _tell(facts: dict[str, Any]) -> None:
    for key, value in facts.items():
        if isinstance(value, dict):
            say(key)
            for name, item in value.items():
                say(f"  {name:<16} {item}")
        elif isinstance(value, list):
            say(f"{key:<18} {'; '.join(value) or 'none'}")
        else:
            say(f"{key:<18} {value}")

"""What is kept of a study between runs: the key and the outcome of every step, one folder each.

A step's key is made of all that its outcome depends on: its options, the pictures, the seeds, the
code that does it and the keys of the steps it uses. Where the key is the same the outcome is taken
as it is; where it is another the step's folder is emptied first; where the step was killed its
folder stays, and the step goes on in it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import hangtag
from hangtag import atomic
from hangtag.records import ImageSet, Outcome
from hangtag.study.recipe import Recipe
from hangtag.study.step import Step

GROUND = ("records", "geometry", "drawing.py", "backend.py", "study/step.py", "study/words.py")
KEY, OUTCOME = "key", "outcome.json"


def key_of(
    name: str,
    step: Step,
    recipe: Recipe,
    images: ImageSet,
    limit: int | None,
    keys: Mapping[str, str],
) -> str:
    """The key of a step.

    Args:
        name: Of the step.
        step: Its options.
        recipe: The study it belongs to.
        images: What the study loaded.
        limit: Images of each part at most.
        keys: Those of the steps before it.
    """
    parts = {
        "name": name,
        "options": step.model_dump(mode="json"),
        "source": recipe.source,
        "images": images.fingerprint,
        "limit": limit,
        "split": recipe.split,
        "seed": recipe.seed,
        "seeds": recipe.seeds,
        "uses": {one: keys[one] for one in step.uses()},
        "code": digest((*GROUND, f"study/steps/{step.verb}.py", *step.code)),  # type: ignore[attr-defined]
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def digest(places: Iterable[str]) -> str:
    """A digest of files and folders of the package, tests and caches aside."""
    root = Path(hangtag.__file__).parent
    seen = hashlib.sha256()
    for place in places:
        at = root / place
        for file in sorted(at.rglob("*")) if at.is_dir() else [at]:
            if file.is_file() and "__pycache__" not in file.parts:
                seen.update(str(file.relative_to(root)).encode())
                seen.update(file.read_bytes())
    return seen.hexdigest()


def text_digest(text: str) -> str:
    """A digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(file: Path) -> str:
    """What a small file says; nothing when it is not there."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def known(folder: Path, key: str) -> Outcome | None:
    """The outcome of a step that was carried out before with the same key."""
    if not _begun(folder, key):
        return None
    try:
        return Outcome.from_dict(json.loads((folder / OUTCOME).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def begin(folder: Path, key: str) -> None:
    """Make a step's folder ready: emptied, unless the same step was killed in it."""
    if not _begun(folder, key):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write_text(folder / KEY, key)


def keep(folder: Path, outcome: Outcome) -> None:
    """Keep what a step came to, and its tables as CSV files."""
    from hangtag.study.tables import as_csv

    for table in outcome.tables:
        atomic.write_text(folder / f"{table.name}.csv", as_csv(table))
    atomic.write_json(folder / OUTCOME, _plain(outcome.to_dict()))


def _begun(folder: Path, key: str) -> bool:
    return read(folder / KEY) == key


def _plain(values: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The same without NumPy's numbers and with None for what is no finite number."""
    if isinstance(values, Mapping):
        return {str(key): _plain(one) for key, one in values.items()}
    if isinstance(values, list | tuple):
        return [_plain(one) for one in values]
    if hasattr(values, "tolist"):
        return _plain(values.tolist())
    if isinstance(values, float) and values != values:
        return None
    return values

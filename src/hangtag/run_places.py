"""Where runs are: a folder, a name or ``latest`` goes in, the run's folder comes out.

A run that was written elsewhere than into the runs folder (``--out``, or the demonstration's) is
remembered in the cache, since ``latest`` would otherwise be an older one without a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hangtag import settings
from hangtag.errors import RunError

LATEST = "latest"


def all_runs(runs: Path) -> tuple[Path, ...]:
    """The folders of all runs under `runs`, oldest first."""
    return _by_age(file.parent for file in runs.glob("*/run.json"))


def find(place: str | Path, runs: Path) -> Path:
    """The folder of a run.

    Args:
        place: Its folder, its name under `runs`, or ``latest``: the one that changed last of those
            under `runs` and of the last that was written elsewhere.
        runs: The folder of runs.

    Raises:
        RunError: There is no such run.
    """
    known = all_runs(runs)
    if str(place) == LATEST and (latest := _by_age([*known, *elsewhere(runs)])):
        return latest[-1]
    for folder in (Path(place), runs / place):
        if (folder / "run.json").is_file():
            return folder
    names = ", ".join(folder.name for folder in known[-5:]) or "none yet: hangtag train makes one"
    raise RunError(f"there is no run at {place}", f"runs in {runs}: {names}")


def remember(folder: Path) -> None:
    """Remember a new run that does not lie in the runs folder, for ``latest``."""
    runs = settings.runs_folder()
    place = folder.resolve()
    if place.parent == runs.resolve():
        return
    # A convenience: the run itself is kept. Written in place: a kill amid it leaves a note that
    # names no run, which is none, and what is written beside would be left lying.
    with suppress(OSError):
        note = _note(runs)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(place), encoding="utf-8")


def elsewhere(runs: Path) -> list[Path]:
    """The last run that was written elsewhere, where it still is."""
    try:
        place = Path(_note(runs).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [place] if place.is_absolute() and (place / "run.json").is_file() else []


def _note(runs: Path) -> Path:
    """Each runs folder has a note of its own: projects do not mix."""
    name = hashlib.sha256(str(runs.resolve()).encode(errors="surrogateescape")).hexdigest()[:16]
    return settings.cache_folder() / "latest" / name


def _by_age(folders: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(sorted(folders, key=lambda folder: (folder / "run.json").stat().st_mtime_ns))

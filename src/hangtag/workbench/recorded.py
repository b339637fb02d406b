"""What a run remembers of how it was asked for: its place, its source, its data, its command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangtag import runs, settings, versions
from hangtag.records import ImageSet, Split
from hangtag.runs import Config

if TYPE_CHECKING:
    from hangtag.records import (
        ForestOptions,
        ForestSpec,
        MixtureOptions,
        MixtureSpec,
        Preprocessing,
    )


def folder_for(out: Path | None, name: str) -> Path:
    """Where a result goes: `out`, or a new folder for `name` under the runs folder."""
    return out or runs.new_folder(settings.runs_folder(), name)


def lasting(source: str | Path) -> str:
    """The source as it can be given again from any folder."""
    path = Path(source)
    return str(path.resolve()) if path.exists() else str(source)


def data_facts(images: ImageSet) -> dict[str, Any]:
    """Name, format, fingerprint and counts of a set, as a run keeps them."""
    return {
        "name": images.name,
        "format": images.format,
        "fingerprint": images.fingerprint,
        "images": len(images),
        "parts": {part: len(where) for part, where in images.parts.items()},
    }


def config_of(
    spec: ForestSpec | MixtureSpec,
    options: ForestOptions | MixtureOptions,
    preprocessing: Preprocessing,
    *,
    source: str | Path,
    images: ImageSet,
    limit: int | None,
    division: Split,
    command: str,
) -> Config:
    """What is written of a forest or a mixture: a model whose one seed is also the split's.

    Args:
        spec: The model.
        options: What was tried.
        preprocessing: What is done to pixels.
        source: What was given to load.
        images: What was loaded.
        limit: Images per part at most; None for all.
        division: How they were divided.
        command: The command line that does the same again.
    """
    return Config(
        name=spec.name,
        source=lasting(source),
        data=data_facts(images),
        limit=limit,
        split=division.recipe,
        seed=options.seed,
        spec=spec,
        options=options,
        preprocessing=preprocessing,
        created=runs.now_in_utc(),
        command=command,
        versions=versions.installed(),
    )

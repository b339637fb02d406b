"""What a run remembers of how it was asked for: its place, its source, its data, its command."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangtag import runs, settings, versions
from hangtag.records import Config, ImageSet, Preprocessing, Source, Spec

if TYPE_CHECKING:
    from hangtag.estimators.base import Job


def folder_for(out: str | Path | None, name: str) -> Path:
    """Where a result goes: `out`, or a new folder for `name` under the runs folder."""
    return Path(out) if out else settings.new_run_folder(name)


ALWAYS = frozenset(("epochs", "batch_size", "optimizer", "learning_rate", "seed"))
"""Options of a training that every reader asks for, whether somebody chose them or not."""


def at_default(options: Any) -> frozenset[str]:  # noqa: ANN401 - each kind's own record
    """Names of options that are as they are where nobody asks for anything."""
    return frozenset(
        one.name
        for one in fields(options)
        if one.default is not MISSING
        and getattr(options, one.name) == one.default
        and one.name not in ALWAYS
    )


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
    job: Job,
    *,
    name: str,
    spec: Spec,
    options: Any,  # noqa: ANN401 - each kind's own record
    preprocessing: Preprocessing,
    command: str,
    **more: str,
) -> Config:
    """What a run keeps of what was asked of it.

    Args:
        job: What it is made from.
        name: What the model is called.
        spec: The model.
        options: How it trains, or what was tried.
        preprocessing: What is done to pixels.
        command: The command line that does the same again.
        more: Versions of what took part beside the libraries.
    """
    return Config(
        name=name,
        **Source.of(job.source).facts(),
        data=data_facts(job.images),
        limit=job.limit,
        split=job.split.recipe,
        seed=options.seed if job.split.seed is None else job.split.seed,
        spec=spec,
        options=options,
        preprocessing=preprocessing,
        created=runs.now_in_utc(),
        command=command,
        versions=versions.installed() | more,
    )

"""What a run remembers of how it was asked for: its place, its source, its data, its command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hangtag import runs, settings, versions
from hangtag.records import ImageSet, Source, Split
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


def source_facts(source: str | Path | Source) -> dict[str, Any]:
    """``source`` and ``loading``, as a run keeps them: given again from any folder they load it."""
    lasting = Source.of(source).lasting()
    return {"source": lasting.place, "loading": lasting.options.to_dict()}


def data_facts(images: ImageSet) -> dict[str, Any]:
    """Name, format, fingerprint and counts of a set, as a run keeps them."""
    return {
        "name": images.name,
        "format": images.format,
        "fingerprint": images.fingerprint,
        "images": len(images),
        "parts": {part: len(where) for part, where in images.parts.items()},
    }


class Chosen(Protocol):
    """A forest or a mixture that was chosen of many; its one seed is also the split's."""

    @property
    def images(self) -> ImageSet: ...  # noqa: D102 - a protocol

    @property
    def split(self) -> Split: ...  # noqa: D102

    @property
    def options(self) -> ForestOptions | MixtureOptions: ...  # noqa: D102

    @property
    def spec(self) -> ForestSpec | MixtureSpec: ...  # noqa: D102

    @property
    def preprocessing(self) -> Preprocessing: ...  # noqa: D102


def config_of(
    found: Chosen, source: str | Path | Source, limit: int | None, command: str
) -> Config:
    """What a run keeps of the request that `found` came of.

    Args:
        found: What was chosen.
        source: What was given to load.
        limit: Images per part at most; None for all.
        command: The command line that does the same again.
    """
    return Config(
        name=found.spec.name,
        **source_facts(source),
        data=data_facts(found.images),
        limit=limit,
        split=found.split.recipe,
        seed=found.options.seed,
        spec=found.spec,
        options=found.options,
        preprocessing=found.preprocessing,
        created=runs.now_in_utc(),
        command=command,
        versions=versions.installed(),
    )

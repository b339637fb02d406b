"""A bundle's place goes in; its manifest and parts come out, every byte checked, nothing run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from hangtag.errors import BundleError
from hangtag.rooms.models.bundle import container, manifest
from hangtag.rooms.models.bundle.kinds import described
from hangtag.rooms.models.bundle.manifest import Manifest


def read_bundle(path: str | Path) -> tuple[Manifest, dict[str, bytes]]:
    """Read a bundle and check all of it.

    Args:
        path: A bundle folder or ``.hangtag`` file.

    Returns:
        The manifest, and each part's bytes by name.

    Raises:
        BundleError: It is not there, damaged, incomplete, or of a newer schema.
    """
    place = Path(path)
    parts = container.read_parts(place, lambda data: _sizes(place, data))
    about = manifest.from_bytes(str(place), parts[container.MANIFEST])
    for name in container.PARTS:
        if hashlib.sha256(parts[name]).hexdigest() != about.parts[name]["sha256"]:
            raise BundleError(
                f"{name} of {place} is damaged: its SHA-256 is not the one in the manifest",
                container.AGAIN,
            )
    return about, parts


def _sizes(place: Path, data: bytes) -> Mapping[str, int]:
    """The size of each part, refused where it cannot be that of such a model."""
    about = manifest.from_bytes(str(place), data)
    model = described(about.spec)
    sizes = {name: part["size"] for name, part in about.parts.items()}
    for name, size in sizes.items():
        if size > model.largest_part():
            raise BundleError(
                f"{name} of {place} has {size:,} bytes, too many for "
                f"{model.parameters():,} parameters",
                container.AGAIN,
            )
    return sizes

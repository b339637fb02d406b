"""What a bundle says of itself: a manifest goes to JSON bytes and back, checked against its hash.

The manifest holds the size and SHA-256 of every part and a SHA-256 over itself, and has one
written form, so that no byte of it can change unnoticed. To add something: put it into ``facts``
when it is only told; a field that readers must understand raises :data:`SCHEMA`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hangtag.errors import BundleError, UsageError
from hangtag.records import Preprocessing, Spec, spec_from_dict
from hangtag.rooms.models.bundle.container import AGAIN, LARGEST_PART, PARTS
from hangtag.rooms.models.bundle.facts import check_facts
from hangtag.rooms.models.bundle.kinds import described, schema_of
from hangtag.rooms.models.check_preprocessing import check_preprocessing

SCHEMA = 5
"""The newest schema there is; a bundle has the oldest that knows its kind of model."""
_OWN_HASH = "manifest_sha256"


@dataclass(frozen=True)
class Manifest:
    """All a bundle says besides the weights.

    Attributes:
        spec: The model.
        preprocessing: What is done to images first; the ONNX model does it itself.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        facts: What is known of the model: ``data``, ``metrics``, ``threshold``, ``seed``, …
        libraries: Versions it was made with.
        created: When, as an ISO date and time in UTC.
        parts: ``{"sha256": …, "size": …}`` of every other part, by name.
        kept: Of a bundle that was read, its preprocessing as it was written: a version that knows
            one step more would write it otherwise, and the model would have another id.
    """

    spec: Spec
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    class_codes: tuple[int | str, ...]
    facts: Mapping[str, Any]
    libraries: Mapping[str, str]
    created: str
    parts: Mapping[str, Mapping[str, Any]]
    kept: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def steps(self) -> Mapping[str, Any]:
        """The preprocessing as JSON-ready values, as it was written."""
        return self.preprocessing.to_dict() if self.kept is None else self.kept

    @property
    def model_id(self) -> str:
        """The model's name and a hash over all its answers depend on."""
        about = [
            self.spec.to_dict(),
            self.steps,
            self.class_names,
            self.class_codes,
            {name: part["sha256"] for name, part in self.parts.items()},
        ]
        return f"{self.spec.name}-{hashlib.sha256(_canonical(about)).hexdigest()[:12]}"

    def with_facts(self, facts: Mapping[str, Any]) -> Manifest:
        """The same manifest with some facts added or replaced."""
        return replace(self, facts={**self.facts, **facts})


def part_facts(data: bytes) -> dict[str, Any]:
    """Hash and size of a part."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def to_bytes(manifest: Manifest) -> bytes:
    """The manifest in its one written form."""
    values = {
        "schema": schema_of(manifest.spec, manifest.facts),
        "model_id": manifest.model_id,
        "created": manifest.created,
        "architecture": manifest.spec.to_dict(),
        "preprocessing": dict(manifest.steps),
        "class_names": list(manifest.class_names),
        "class_codes": list(manifest.class_codes),
        "facts": dict(manifest.facts),
        "libraries": dict(manifest.libraries),
        "parts": {name: dict(part) for name, part in manifest.parts.items()},
    }
    return _written({**values, _OWN_HASH: hashlib.sha256(_canonical(values)).hexdigest()})


def from_bytes(where: str, data: bytes) -> Manifest:
    """Read a manifest and check it.

    Args:
        where: The bundle, for the error.
        data: The manifest's bytes.

    Raises:
        BundleError: It is damaged, of a newer schema, or does not describe a model.
    """
    values = _parsed(where, data)
    try:
        manifest = _manifest(values)
        check_preprocessing(manifest.spec, manifest.preprocessing)
        described(manifest.spec).check_classes(len(manifest.class_names))
        check_facts(manifest.facts)
        # Written again, it must be the same byte for byte: then nothing is in it that was not read.
        same = to_bytes(manifest) == data
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        same = False
    except UsageError as error:
        raise BundleError(f"the manifest of {where} does not fit: {error.message}", AGAIN) from None
    if not same:
        raise BundleError(f"the manifest of {where} is not one of a model", AGAIN)
    return manifest


def _parsed(where: str, data: bytes) -> dict[str, Any]:
    """The manifest's values, once its schema is known and its own hash is right."""
    try:
        # Python reads NaN and Infinity, which no JSON has and no other program would read back.
        values = json.loads(data.decode(), parse_constant=_refuse_constant)
        own = {key: value for key, value in values.items() if key != _OWN_HASH}
        schema, told = values.get("schema"), values.get(_OWN_HASH)
        right = hashlib.sha256(_canonical(own)).hexdigest() == told and _written(values) == data
    except (ValueError, AttributeError, RecursionError):
        raise BundleError(f"the manifest of {where} is damaged: it is no JSON", AGAIN) from None
    if type(schema) is int and schema > SCHEMA:
        raise BundleError(
            f"{where} has schema {schema}; this Hangtag reads up to {SCHEMA}",
            "it was written by a newer Hangtag: upgrade with pip install --upgrade hangtag",
        )
    if not right:
        raise BundleError(f"the manifest of {where} was changed: its hash is wrong", AGAIN)
    return own


def _manifest(values: dict[str, Any]) -> Manifest:
    parts = values["parts"]
    if tuple(parts) != PARTS:
        raise ValueError("unknown parts")
    for part in parts.values():
        if type(part["size"]) is not int or not 0 <= part["size"] <= LARGEST_PART:
            raise ValueError("part size")
    if not all(isinstance(name, str) for name in values["class_names"]):
        raise TypeError("class names")
    if len(values["class_codes"]) != len(values["class_names"]):
        raise ValueError("class codes")
    return Manifest(
        spec=spec_from_dict(values["architecture"]),
        preprocessing=Preprocessing.from_dict(values["preprocessing"]),
        class_names=tuple(values["class_names"]),
        class_codes=tuple(values["class_codes"]),
        facts=values["facts"],
        libraries=values["libraries"],
        created=values["created"],
        parts=parts,
        kept=values["preprocessing"],
    )


def _refuse_constant(word: str) -> float:
    raise ValueError(word)


def _canonical(values: object) -> bytes:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _written(values: object) -> bytes:
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()

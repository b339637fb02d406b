"""What was asked of a run, whatever its model is, with every default resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from hangtag.errors import RunError
from hangtag.records.forest import FOREST
from hangtag.records.kinds import Spec, spec_from_dict
from hangtag.records.network import NETWORK, NetworkSpec, TrainingOptions
from hangtag.records.preprocessing import Preprocessing
from hangtag.records.stored import Stored
from hangtag.requests import KINDS, LoadOptions, Source

OPTIONS: Mapping[str, Any] = {NETWORK: TrainingOptions, **KINDS}
"""The record of what was asked, by the kind of model."""


@dataclass(frozen=True)
class _Data(Stored):
    """What must be known of a run's images; whatever else is said of them is for people."""

    __pydantic_config__ = {"extra": "ignore"}  # noqa: RUF012 - pydantic reads it so

    fingerprint: str
    name: str = ""


@dataclass(frozen=True)
class _Plain(Stored):
    """The part of a config that is no record of its own, as it must be for all that read it."""

    __pydantic_config__ = {"extra": "ignore"}  # noqa: RUF012 - pydantic reads it so

    name: str
    source: str
    data: _Data
    limit: int | None
    split: str
    seed: int
    created: str
    command: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Config:
    """What was asked of a run, every default resolved.

    Attributes:
        name: Name of the network or recipe.
        source: What was given to load: a set's name or an absolute path.
        data: Name, format, fingerprint and counts of what was loaded.
        loading: How it was said to be read, as ``LoadOptions.to_dict`` gives it.
        limit: Images per part that were loaded at most; None for all.
        split: The split's recipe.
        seed: Seed of the split.
        spec: The model.
        options: How it trains, or what was tried.
        preprocessing: What is done to pixels.
        created: When, in UTC, ISO 8601.
        command: The command line that does the same again.
        versions: Libraries that took part.
    """

    name: str
    source: str
    data: Mapping[str, Any]
    limit: int | None
    split: str
    seed: int
    spec: Spec
    options: Any
    preprocessing: Preprocessing
    created: str
    command: str
    versions: Mapping[str, str]
    loading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> Source:
        """The source, with what was said about how to read it."""
        return Source(self.source, LoadOptions.from_dict(self.loading))

    @property
    def is_network(self) -> bool:
        """Whether the model is a network, which alone is trained step by step."""
        return self.spec.kind == NETWORK

    @property
    def network(self) -> NetworkSpec:
        """The network.

        Raises:
            RunError: It is none.
        """
        if not self.is_network:
            raise self._no_network()
        return cast("NetworkSpec", self.spec)

    @property
    def training(self) -> TrainingOptions:
        """How the network trains.

        Raises:
            RunError: It is none.
        """
        if not self.is_network:
            raise self._no_network()
        return cast("TrainingOptions", self.options)

    def _no_network(self) -> RunError:
        return RunError(
            f"this is a run of {self.name}, which is no network and has no epochs",
            f"to do it again: {self.command}",
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return asdict(self) | {
            "spec": self.spec.to_dict(),
            "options": self.options.to_dict(),
            "preprocessing": self.preprocessing.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """From what :meth:`to_dict` gave.

        Raises:
            ValueError: A value is missing or of another type.
        """
        _Plain.from_dict(values)
        LoadOptions.from_dict(values.get("loading", {}))
        spec = spec_from_dict(values["spec"])
        # Runs of forests did not say the kind of their trees among the options at first.
        implied = {"kind": spec.name} if spec.kind == FOREST else {}
        records: dict[str, Any] = {
            "spec": spec,
            "options": OPTIONS[spec.kind].from_dict({**implied, **values["options"]}),
            "preprocessing": Preprocessing.from_dict(values["preprocessing"]),
        }
        return cls(**{**values, **records})

"""What describes a fitted model, whatever its kind: the record that a manifest or a run names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hangtag.records.forest import FOREST, ForestSpec
from hangtag.records.mixture import MIXTURE, MixtureSpec
from hangtag.records.network import NetworkSpec
from hangtag.records.spec import PointsSpec

Spec = NetworkSpec | ForestSpec | MixtureSpec | PointsSpec
"""Any model's description; its ``kind`` names the estimator."""

_OWN: Mapping[object, type[NetworkSpec | ForestSpec | MixtureSpec]] = {
    None: NetworkSpec,
    FOREST: ForestSpec,
    MIXTURE: MixtureSpec,
}
"""Kinds that have a record of their own, by what is written down; a network names none."""


def spec_from_dict(values: Mapping[str, Any]) -> Spec:
    """A description as a manifest or a run has it.

    Raises:
        KeyError: A field is missing.
        TypeError: A field is too many.
    """
    return _OWN.get(values.get("kind"), PointsSpec).from_dict(values)

"""What is told about a model: any record goes in, plain JSON values come out.

``threshold`` and ``familiarity`` change what a model does; everything else is for people and
reports. To give a fact a meaning: one line in :func:`check_facts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from hangtag.errors import OptionError

Json = Any
"""None, a truth value, number or word, or a list or mapping of such."""


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Json]:
    """The facts as JSON knows them: records as mappings, NumPy numbers and arrays as plain ones.

    Raises:
        OptionError: A fact is not finite or cannot be written as JSON, or the threshold is not
            a probability.
    """
    plain = {str(name): _plain(str(name), value) for name, value in facts.items()}
    check_facts(plain)
    return plain


def check_facts(facts: Mapping[str, Any]) -> None:
    """Refuse facts that would change the model's answers into nonsense.

    Raises:
        OptionError: A threshold is neither None nor a number that it can be.
    """
    for name, least in (("threshold", 0), ("familiarity", -1)):
        value = facts.get(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and least <= value <= 1):
            raise OptionError(
                f'the {name} for "unknown" is {value!r}',
                f"give a number from {least} to 1, or none",
            )


def _plain(name: str, value: object) -> Json:
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(name, asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(f"{name}.{key}", one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(name, one) for one in value]
    raise OptionError(
        f"the fact '{name}' is {value!r}, which a bundle cannot hold",
        "give finite numbers, words, lists and mappings of them",
    )

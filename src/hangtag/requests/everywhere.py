"""Options that mean the same in every request: named here once, used as ``seed: Seed = None``."""

from __future__ import annotations

from typing import Annotated, Protocol

from hangtag.errors import OptionError
from hangtag.requests.base import Option
from hangtag.requests.values import Value
from hangtag.settings import default_seed

Seed = Annotated[
    int | None,
    Option("Seed of all that is random (default: HANGTAG_SEED or 0).", low=0, pinned=default_seed),
]
Features = Annotated[
    str | None,
    Option(
        "What is seen of each image: pixels, pca:0.95, network:RUN (its last layer but one), "
        "encoder:photo or encoder:NAME of one that was added."
    ),
]
Limit = Annotated[
    int | None, Option("Use only N images of each part, spread evenly, and say so.", low=1)
]


def seen(features: str | None, pca: float | None) -> str:
    """The features, as they are asked for by either name."""
    return features or ("pixels" if pca is None else f"pca:{pca}")


def check_seen(features: str | None, pca: object, usual: object) -> None:
    """Refuse axes beside features, of which only one can be what is seen.

    Args:
        features: What was said.
        pca: Likewise.
        usual: What `pca` is where nobody says it.

    Raises:
        OptionError: Both were said.
    """
    if features is not None and pca not in (None, "none", usual):
        raise OptionError(
            f"features {features} and pca {pca} were both asked, and only one can be seen",
            f"leave one away; --features pca:{pca} is the same as --pca {pca}",
        )


class MadeSplit(Protocol):
    """A split that is made already; ``hangtag.split`` gives one."""

    @property
    def recipe(self) -> str:
        """How it was made."""


def _as_given(given: object) -> object:
    if not isinstance(given, str) and not hasattr(given, "recipe"):
        raise ValueError
    return given


SPLIT = Value(
    _as_given,
    "such as last:10000 or stratified:0.2, or a split",
    lambda given: getattr(given, "recipe", given),
    schema={"type": "string"},
)
SplitAs = Annotated[
    str | MadeSplit | None,
    Option("How to divide, such as last:10000 or stratified:0.2 (default: as it comes).", SPLIT),
]

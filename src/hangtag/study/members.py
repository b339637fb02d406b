"""A family's names as the value of a study's field: a table in, what checks a name out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import AfterValidator, WithJsonSchema

from hangtag.errors import OptionError
from hangtag.families import checked


def one_of(
    members: Mapping[str, Any], what: str = "method"
) -> tuple[AfterValidator, WithJsonSchema]:
    """What a name is checked by, and what an editor offers: ``Annotated[str, *one_of(TABLE)]``."""
    schema = {"type": "string", "enum": list(members)}
    return AfterValidator(partial(_checked, members, what)), WithJsonSchema(schema)


def _checked(members: Mapping[str, Any], what: str, name: str) -> str:
    try:
        return checked(members, name, what)
    except OptionError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None

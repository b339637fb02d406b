"""Records as JSON-ready values and back: what every record that is kept or printed inherits.

The fields are the format: there is no second list of them. Values are checked against their types
when they are read, by pydantic, which is imported only then; a file that does not fit is a
``ValueError``. JSON knows no NaN: what is undefined is null there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema


class Stored:
    """A dataclass that can be kept as JSON."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - pydantic reads it so

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return {one.name: plain(getattr(self, one.name)) for one in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From what :meth:`to_dict` gave.

        Raises:
            ValueError: A value is missing, unknown, or of another type.
        """
        adapter = _adapter(cls)  # type: ignore[arg-type]  # a class can be hashed
        made: Self = adapter.validate_python(values)
        return made


@dataclass(frozen=True)
class ArrayOf:
    """How pydantic reads an array: from lists of numbers, null standing for NaN."""

    dtype: str

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self._array)

    def _array(self, values: ArrayLike) -> NDArray[Any]:
        try:
            found = np.asarray(values, self.dtype)
        except (TypeError, OverflowError) as error:
            raise ValueError(str(error)) from None
        if found.dtype.kind == "i" and not np.array_equal(found, np.asarray(values)):
            raise ValueError("whole numbers are wanted")
        return found


Ints = Annotated[NDArray[np.int64], ArrayOf("int64")]
Floats32 = Annotated[NDArray[np.float32], ArrayOf("float32")]
Floats = Annotated[NDArray[np.float64], ArrayOf("float64")]


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    """A value as JSON can hold it, undefined numbers as None; what is unknown stays as it is."""
    if isinstance(value, Stored):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and value != value else value


@cache
def _adapter(record: type[Stored]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(record)

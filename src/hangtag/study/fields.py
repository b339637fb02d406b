"""A request as fields of a study: what a recipe can say is what its request knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, PlainSerializer, PlainValidator, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from hangtag.errors import OptionError
from hangtag.requests import LoadOptions, Request, options_of, schema
from hangtag.requests.base import Described

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", bound=Request)


def asking(
    request: type[Request], *, without: tuple[str, ...] = (), **defaults: object
) -> Callable[[type[M]], type[M]]:
    """Give a step the options of a request as its fields.

    Args:
        request: What the step asks of its verb; :func:`asked_by` gives it.
        without: Options that the study says for all its steps, such as ``limit``.
        **defaults: Where a study's differ from the request's.
    """

    def give(step: type[M]) -> type[M]:
        own = {
            name: _field(one, defaults.get(name, one.default))
            for name, one in options_of(request).items()
            if name not in without and name not in step.model_fields
        }
        made: type[M] = create_model(  # type: ignore[call-overload]
            step.__name__, __base__=step, __module__=step.__module__, __doc__=step.__doc__, **own
        )
        return made

    return give


def asked_by(step: BaseModel, request: type[R], **said: object) -> R:
    """The request a step makes.

    Args:
        step: One that was given the request's fields.
        request: What it is to be.
        **said: What is not the step's own to say, such as the study's limit.
    """
    own = {name: getattr(step, name) for name in options_of(request) if hasattr(step, name)}
    return request.of(**{**own, **said})


def _field(one: Described, default: object) -> tuple[Any, Any]:
    kind = Annotated[
        Any,
        PlainValidator(_checked(one.read)),
        PlainSerializer(one.plain),
        WithJsonSchema(one.schema()),
    ]
    if default is MISSING:
        return kind, Field(description=one.option.help)
    return kind, Field(default, description=one.option.help)


def _checked(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Errors of ours as pydantic's, which knows where in the recipe they are."""

    def check(given: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        try:
            return read(given)
        except OptionError as error:
            raise PydanticCustomError(
                "option", "{hint}", {"hint": error.hint or error.message}
            ) from None

    return check


def _loading(given: Any) -> LoadOptions:  # noqa: ANN401 - whatever YAML holds
    return given if isinstance(given, LoadOptions) else LoadOptions.from_dict(given)


Loading = Annotated[
    LoadOptions,
    PlainValidator(_checked(_loading)),
    PlainSerializer(LoadOptions.to_dict),
    WithJsonSchema(schema(LoadOptions)),
]
"""How a study's source is read."""

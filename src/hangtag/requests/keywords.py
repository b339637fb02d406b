"""A request as a Python function's keywords: ``verb(data, request=None, **options)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from hangtag.requests.base import Described, Request, options_of

D = TypeVar("D")
R = TypeVar("R", bound=Request)
P = ParamSpec("P")
T = TypeVar("T")


def takes(
    request: type[R],
) -> Callable[[Callable[Concatenate[D, R, P], T]], Callable[Concatenate[D, ...], T]]:
    """Let a function of data and a request be called with the request's options as keywords.

    Args:
        request: What the function's second parameter is; the others are keywords of its own.
    """
    own = {name: _parameter(one) for name, one in options_of(request).items()}

    def decorate(function: Callable[Concatenate[D, R, P], T]) -> Callable[Concatenate[D, ...], T]:
        @wraps(function)
        def verb(*data: Any, **given: Any) -> T:  # noqa: ANN401
            asked = data[1] if len(data) > 1 else given.pop(second.name, None)
            options = {name: given.pop(name) for name in [*given] if name not in others}
            given[second.name] = request.of(asked, **options)
            return function(*data[:1], **given)

        signature = inspect.signature(function)
        first, second, *rest = signature.parameters.values()
        others = {one.name for one in (first, *rest)}
        listed = [first, second.replace(default=None), *own.values(), *rest]
        vars(verb)["__signature__"] = signature.replace(parameters=listed)
        verb.__doc__ = _described(function.__doc__ or "", second.name, request)
        return verb

    return decorate


def _parameter(one: Described) -> inspect.Parameter:
    default = inspect.Parameter.empty if one.default is MISSING else one.default
    kind = one.type if not one.optional else one.type | None
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
    )


def _described(text: str, name: str, request: type[Request]) -> str:
    """A docstring in which the request's options are listed, too."""
    lines = text.split("\n")
    at = next((row for row, line in enumerate(lines) if line.strip().startswith(f"{name}:")), None)
    if at is None:
        return text
    margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    added = [f"{margin}{key}: {one.option.help}" for key, one in options_of(request).items()]
    return "\n".join([*lines[: at + 1], *added, *lines[at + 1 :]])

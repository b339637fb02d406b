"""How a command that has no request of its own is told to read its source."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from hangtag.cli.asking import SOURCE, flag, made
from hangtag.requests import LoadOptions, Source, options_of


def reads_source(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with a ``source`` the options of reading it."""

    @wraps(command)
    def with_options(**given: Any) -> None:  # noqa: ANN401 - whatever the command line gives
        options = made(LoadOptions, given)
        if given["source"] is not None:
            given["source"] = Source(given["source"], options)
        command(**given)

    # What is typed is text, what the command gets a Source: its annotation is read as str here.
    signature = inspect.signature(command, eval_str=True, locals={"Source": str})
    own = [_argument(one) if one.name == "source" else one for one in signature.parameters.values()]
    before = next((at for at, one in enumerate(own) if one.name == "limit"), len(own))
    flags = [flag(one) for one in options_of(LoadOptions).values()]
    parameters = [*own[:before], *flags, *own[before:]]
    # typer reads both, and would find the undecorated command's through __wrapped__.
    vars(with_options)["__signature__"] = signature.replace(parameters=parameters)
    with_options.__annotations__ = {one.name: one.annotation for one in parameters}
    del vars(with_options)["__wrapped__"]
    return with_options


def _argument(one: inspect.Parameter) -> inspect.Parameter:
    return one.replace(annotation=Annotated[one.annotation, SOURCE])

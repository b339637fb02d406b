"""A request as flags: a command's function goes in, what the command line can call comes out.

A function that is decorated with :func:`asks` says what it needs in its parameters: a
:class:`~hangtag.requests.Source` becomes the argument and the options of reading it, a request its
options; whatever typer knows stays. ``--json`` and ``--quiet`` every command has.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import typer

from hangtag import targets
from hangtag.cli.console import mode
from hangtag.requests import LoadOptions, Request, Source, options_of
from hangtag.requests.base import Described

SOURCE = typer.Argument(help="A known set (fashion-mnist, sign-mnist, digits) or a path to images.")
RunPlace = Annotated[
    str, typer.Argument(metavar="RUN", help="A run: its folder, its name, or 'latest'.")
]
Purpose = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="PURPOSE",
        help="assignment: the same as a document (.docx) and a notebook (.ipynb), beside the page.",
    ),
]
R = TypeVar("R", bound=Request)
JSON = typer.Option(False, "--json", help="Print the result as JSON, for machines.")
QUIET = typer.Option(False, "--quiet", "-q", help="No progress, no advice.")


def out_file(what: str) -> Any:  # noqa: ANN401 - typer's own kind of default
    """The option ``--out`` of a command that can write a file, refused before the work."""

    def checked(out: Path | None) -> Path | None:
        if out is not None:
            targets.check_file(out)
        return out

    return typer.Option("--out", metavar="FILE", help=f"Write {what}.", callback=checked)


def out_folder(what: str, *, page: bool = False) -> Any:  # noqa: ANN401 - typer's kind of default
    """The option ``--out`` of a command that can write a folder, refused before the work.

    With `page`, a name in ``.html`` is a page that is written alone.
    """

    def checked(out: Path | None) -> Path | None:
        if out is not None:
            alone = page and targets.is_page(out)
            (targets.check_file if alone else targets.check_folder)(out)
        return out

    words = f"{what}; FILE.html writes the page alone" if page else what
    return typer.Option("--out", metavar="FOLDER", help=f"Write {words}.", callback=checked)


def handed_in(page: Path, purpose: str | None) -> dict[str, str]:
    """Where the document and the notebook of a page are; empty where none were asked for."""
    if purpose is None:
        return {}
    endings = {"document": ".docx", "notebook": ".ipynb"}
    return {what: str(page.with_suffix(ending)) for what, ending in endings.items()}


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags of what its parameters need.

    Args:
        command: Its parameters may be a :class:`Source` and requests, by annotation.
    """
    hints = get_type_hints(command, include_extras=True)
    makers: dict[str, Callable[[dict[str, Any]], Any]] = {}
    flags: list[inspect.Parameter] = []
    later: list[inspect.Parameter] = []
    for one in inspect.signature(command).parameters.values():
        kind = hints[one.name]
        if kind is Source or Source in get_args(kind):
            makers[one.name] = _source_of(one.name)
            optional = None if one.default is None else ...
            typed: Any = str if optional else str | None
            flags.append(_parameter(one.name, Annotated[typed, SOURCE], optional))
            later += [flag(option) for option in options_of(LoadOptions).values()]
        elif isinstance(kind, type) and issubclass(kind, Request):
            makers[one.name] = partial(made, kind)
            flags += [flag(option) for option in options_of(kind).values()]
        else:
            flags.append(one.replace(annotation=kind))
    last = [_parameter("as_json", bool, JSON), _parameter("quiet", bool, QUIET)]

    @wraps(command)
    def with_flags(**given: Any) -> None:  # noqa: ANN401 - whatever the command line gives
        with mode(as_json=given.pop("as_json"), quiet=given.pop("quiet")):
            asked = {name: make(given) for name, make in makers.items()}
            command(**given, **asked)

    # What must be given comes first, as in every signature.
    parameters = sorted([*flags, *later, *last], key=lambda one: one.default is not one.empty)
    # typer reads both, and would find the undecorated command's through __wrapped__.
    vars(with_flags)["__signature__"] = inspect.Signature(parameters)
    with_flags.__annotations__ = {one.name: one.annotation for one in parameters}
    del vars(with_flags)["__wrapped__"]
    return with_flags


def _source_of(name: str) -> Callable[[dict[str, Any]], Source | None]:
    def make(given: dict[str, Any]) -> Source | None:
        place, options = given.pop(name), made(LoadOptions, given)
        return None if place is None else Source(place, options)

    return make


def made(request: type[R], given: dict[str, Any]) -> R:
    """The request that flags ask for; they are taken out of what was given.

    Raises:
        OptionError: One cannot be that; it is called by its flag.
    """
    return request(
        **{
            name: one.read(given.pop(name), called=one.flags[0].partition("/")[0])
            for name, one in options_of(request).items()
        }
    )


def flag(one: Described) -> inspect.Parameter:
    """An option as typer has it; what typer cannot read stays text until the request reads it."""
    kind: Any = one.type if one.option.value is None else str
    if one.kind.many:
        kind = list[str]
    default = one.default
    if default is MISSING:
        default = ...
    elif (kind is str and default is not None) or (default is None and not one.optional):
        default = one.write(default)
    low, high = (one.option.low, one.option.high) if kind in (int, float) else (None, None)
    option = typer.Option(
        default,
        *one.flags,
        help=one.sentence,
        metavar=one.kind.metavar,
        rich_help_panel=one.option.panel,
        show_default=default is not None,
        min=low,
        max=high,
    )
    return _parameter(one.name, kind | None, option)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:  # noqa: ANN401
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation
    )

"""How every command is told to read its source: one set of options, added to a command by name.

A command that takes a ``source`` is decorated with :func:`reads_source`; it then has the options
below and gets a :class:`~hangtag.records.Source`, which verbs take and next steps print. To add an
option: a field of ``LoadOptions`` with its flags, and a line in :data:`OPTIONS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hangtag.cli.numbers import size as size_from

if TYPE_CHECKING:
    from hangtag.records import LoadOptions

SOURCE_HELP = "A known set (fashion-mnist, sign-mnist, digits) or a path to pictures."
PANEL = "Reading the source"

OPTIONS: dict[str, tuple[Any, tuple[str, ...], str]] = {
    "format": (str, ("--as",), "Read it as this format: folder, csv, manifest, npz, parquet, …"),
    "label": (str, ("--label",), "Where the labels are: a column, a key, folder:1 or folder:2."),
    "parts": (
        bool,
        ("--parts/--no-parts",),
        "Whether what is called train, test, … divides the images, or is a class.",
    ),
    "class_names": (str, ("--classes",), "Names of the classes: a,b,c in code order, or a file."),
    "header": (bool, ("--header/--no-header",), "Whether a table's first row names its columns."),
    "order": (str, ("--order",), "Values of a row: planar (all red first) or interleaved."),
    "value_range": (int, ("--range",), "The value of white: 255, 16, 1, …; black is 0."),
    "transpose": (bool, ("--transpose",), "Exchange rows and columns, as EMNIST needs."),
    "size": (str, ("--size",), "Make images so large: 28, or 28x40 (height first)."),
    "gray": (
        bool,
        ("--gray/--color", "--grey/--colour"),
        "Make images gray, or of three channels.",
    ),
}
"""Each field of ``LoadOptions``: its type on the command line, its flags, its help."""


def reads_source(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with a ``source`` the options of reading it."""

    @wraps(command)
    def with_options(**given: Any) -> None:  # noqa: ANN401 - whatever the command line gives
        from hangtag.records import Source  # here, since --help needs no numpy

        said = {name: given.pop(name) for name in OPTIONS}
        if given["source"] is not None:
            given["source"] = Source(given["source"], _options(said))
        command(**given)

    # What is typed is text, what the command gets a Source: its annotation is read as str here.
    signature = inspect.signature(command, eval_str=True, locals={"Source": str})
    own = [_argument(one) if one.name == "source" else one for one in signature.parameters.values()]
    before = next((at for at, one in enumerate(own) if one.name == "limit"), len(own))
    parameters = [*own[:before], *map(_parameter, OPTIONS), *own[before:]]
    # typer reads both, and would find the undecorated command's through __wrapped__.
    vars(with_options)["__signature__"] = signature.replace(parameters=parameters)
    with_options.__annotations__ = {one.name: one.annotation for one in parameters}
    del vars(with_options)["__wrapped__"]
    return with_options


def _argument(one: inspect.Parameter) -> inspect.Parameter:
    return one.replace(annotation=Annotated[one.annotation, typer.Argument(help=SOURCE_HELP)])


def _parameter(name: str) -> inspect.Parameter:
    kind, flags, text = OPTIONS[name]
    default = False if name == "transpose" else None
    option = typer.Option(default, *flags, help=text, rich_help_panel=PANEL)
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=option, annotation=kind | None
    )


def _options(said: dict[str, Any]) -> LoadOptions:
    from hangtag.records import LoadOptions

    names, size = said["class_names"], size_from(said["size"])
    said["class_names"] = None if names is None else tuple(names.split(","))
    said["size"] = (size, size) if isinstance(size, int) else size
    return LoadOptions(**said)

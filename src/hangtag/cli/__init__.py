"""The command line: one file per verb, each adding its command to :data:`app`.

Results go to standard output, the rest to standard error. Exit code 0 is fine, 1 failed, 2 wrong
use, 70 a mistake of ours. To add a command: one file beside these with a function of its name, one
line in :data:`COMMANDS`.
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

import hangtag
from hangtag import memory, progress, settings
from hangtag.cli.ending import carried_out
from hangtag.requests import KINDS

COMMANDS = {
    "demo": "The main job on real images: load, look, train, evaluate, report, tag.",
    "data": "Known data sets: list them, fetch one.",
    "info": "Say what is in a set of images.",
    "split": "Divide images into training, validation and test; --out FILE.npz keeps the split.",
    "explore": "Look at a set: classes, pixel range, samples, components; --out FILE.html shows "
    "images.",
    "embed": "Turn photographs into embeddings by a network trained elsewhere; --list names them.",
    "encoder": "Networks for photographs: list them, add your own as ONNX, remove it.",
    "audit": "Look for copies, leaks, wrong labels and outliers; --out FILE.html shows them.",
    "reduce": "Draw maps with a point per image; --out FILE.html is one you can walk through.",
    "summary": "Show a network's layers, shapes and parameters; --out FILE.svg draws it.",
    "cluster": "Group images without looking at their classes, and choose how many groups.",
    "train": "Train a network on images, and keep the model.",
    **{name: (asked.__doc__ or "").partition("\n")[0] for name, asked in KINDS.items()},
    "evaluate": "Open the test split, once, and say what the model is worth.",
    "runs": "List runs with their scores, the newest or the best first.",
    "compare": "Put runs tested on the same images side by side; --out FILE.html shows images.",
    "tune": "Search for the best settings of a network, forest or clustering; no test image is "
    "used.",
    "ablate": "Train a base and changes to it over seeds, and say what each change is worth.",
    "report": "Write the report of a run: one HTML file that needs no network.",
    "export": "Write a model as a file that other programs open: ONNX, Keras, scikit-learn.",
    "study": "Run studies: recipes of steps, with one report.",
    "tag": "Tag every image of a folder, archive or table; a torn one becomes a row with an error.",
    "catalog": "A shop's items in one file: import, tag, review, decide, export.",
    "search": "Find the items of a catalog most like an image, or that words say, or both.",
    "similar": "Find the items of a catalog most like one of them.",
    "serve": "Open pages and an API on a catalog or a run, at this machine's own address.",
    "keys": "Make, list and revoke keys of others for what is served.",
    "doctor": "Say what works here, what does not, and what would mend it.",
}
"""Each file here that has a command, in the order of ``hangtag --help``, and its sentence."""


class Lazy(TyperGroup):
    """Commands whose files are imported when they are called, so that each imports its verb."""

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401 - whatever typer gives
        super().__init__(**attrs)
        self.commands = {name: TyperCommand(name, help=said) for name, said in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's own
        """The command that is called: its file has the function, or the group, of its name."""
        name, *rest = args
        return (
            (name, command(name), rest) if name in COMMANDS else super().resolve_command(ctx, args)
        )


def command(name: str) -> Any:  # noqa: ANN401 - typer's own
    """The command of that name."""
    file = import_module(f"hangtag.cli.{'kind' if name in KINDS else name}")
    found = file.kind_command(name) if name in KINDS else getattr(file, name)
    holder = typer.Typer(rich_markup_mode="rich")
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name, help=COMMANDS[name])
    else:
        holder.command(name, help=COMMANDS[name])(found)
    return typer.main.get_group(holder).commands[name]


app = typer.Typer(
    name="hangtag",
    cls=Lazy,
    help="From a pile of labelled images to a tagger and a visual search you can trust.",
    epilog="Start with: hangtag demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hangtag {hangtag.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(  # noqa: ARG001 - its callback answers
        False,
        "--version",
        help="Print the version and stop.",
        callback=_show_version,
        is_eager=True,
    ),
    debug: bool = typer.Option(  # noqa: ARG001 - taken out before, see hangtag.cli.ending
        False, "--debug", help="Show where an error comes from, for us."
    ),
) -> None:
    """Options of ``hangtag`` itself."""
    memory.check_room("this command")
    progress.by_its_own_door()


def main() -> None:
    """Run the command line; an error is one sentence and a hint, never a traceback."""
    settings.own_cache("MPLCONFIGDIR", "matplotlib")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of caches it cannot keep
    code = carried_out(partial(app, prog_name="hangtag", standalone_mode=False))
    if code:
        sys.exit(code)

"""The command line: one file per verb, each adding its command to :data:`app`.

Results go to standard output, the rest to standard error. Exit code 0 is fine, 1 failed, 2 wrong
use, 70 a mistake of ours. To add a command: one file beside these, one line in :data:`COMMANDS`.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import typer

from hangtag import memory, settings
from hangtag.cli.ending import carried_out

COMMANDS = (
    "demo",
    "data",
    "info",
    "split",
    "explore",
    "audit",
    "reduce",
    "summary",
    "cluster",
    "train",
    "forest",
    "mixture",
    "evaluate",
    "compare",
    "tune",
    "ablate",
    "report",
    "study",
    "tag",
    "doctor",
)
"""The files here that add a command, in the order ``hangtag --help`` shows them."""

app = typer.Typer(
    name="hangtag",
    help="From a pile of labelled pictures to a tagger and a visual search you can trust.",
    epilog="Start with: hangtag demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        import hangtag

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


for _name in COMMANDS:
    import_module(f"hangtag.cli.{_name}").add_to(app)


def main() -> None:
    """Run the command line; an error is one sentence and a hint, never a traceback."""
    settings.own_cache("MPLCONFIGDIR", "matplotlib")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of caches it cannot keep
    code = carried_out(app)
    if code:
        sys.exit(code)

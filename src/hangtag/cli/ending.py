"""How a command ends: whatever was raised goes in, a sentence and an exit code come out.

The one place that catches all: an error of ours is its sentence (with ``--json`` an object with
``error`` and ``hint`` on standard output); a trouble of the machine is named
by ``hangtag.troubles``, exit code 1; what no room foresaw is our mistake, kept in a file to send
us, exit code 70. A traceback is shown for ``--debug`` alone.
"""

from __future__ import annotations

import os
import platform
import shlex
import sys
import traceback
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from typer import TyperException

from hangtag import atomic, settings, troubles
from hangtag.cli.console import report_error
from hangtag.errors import FailedError, HangtagError, UsageError
from hangtag.versions import installed

STOPPED, OUR_MISTAKE = 130, 70
DEBUG, TRAIN = "--debug", "hangtag train"


def carried_out(command: Callable[[], object]) -> int:
    """Carry a command out and say how it ended.

    Args:
        command: Reads ``sys.argv``; may raise anything.

    Returns:
        The exit code.
    """
    debug = _debug_asked()
    _make_printable()
    try:
        return _code(command)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped\n")
        # Where Ctrl-C came amid the making of a named tuple (in an import, say), which carries out
        # text, ``python -m`` ends by the signal whatever is returned, unless one was made since.
        namedtuple("Another", ())  # noqa: PYI024
        return STOPPED
    except BaseException as error:  # noqa: BLE001 - some libraries' errors are no Exception
        if debug:
            traceback.print_exc()
        return _told(error)


def _code(command: Callable[[], object]) -> int:
    """The exit code of a command that ended by itself, all it printed written out."""
    try:
        found = command()
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # which the command line's library ends
            raise stop.__context__ from None
        found = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    code = found if isinstance(found, int) else 0
    sys.stdout.flush()
    if code == STOPPED:  # the command line's library makes a code of Ctrl-C
        raise KeyboardInterrupt
    return code


def _told(error: BaseException) -> int:
    if isinstance(error, BrokenPipeError):
        _silence_output()
        known: HangtagError | None = FailedError("whoever read the output has closed it")
    else:
        known = error if isinstance(error, HangtagError) else troubles.named(error)
    if known is None and isinstance(error, TyperException):
        if not (said := error.format_message()):
            return UsageError.exit_code  # nothing was asked, and the help was shown
        known = UsageError(said, _help(error))
    if known is None:
        _report_mistake(error)
        return OUR_MISTAKE
    with suppress(OSError):
        report_error(known, as_json=json_asked())
    return known.exit_code


def _help(error: TyperException) -> str:
    """Where the options are that somebody looked for."""
    words = getattr(getattr(error, "ctx", None), "command_path", "hangtag")
    models = "; those of a kind of model by --change NAME=VALUE" if words == TRAIN else ""
    return f"{words} --help says what can be asked{models}"


def _report_mistake(error: BaseException) -> None:
    said = " ".join(str(error).split())[:200]
    message = f"Hangtag made a mistake ({type(error).__name__}: {said})"
    place = settings.cache_folder().absolute() / "crashes"
    file = place / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    hint = f"please send us {file} (look through it first: it names your files)"
    try:
        atomic.write_text(file, _account(error))
    except (OSError, HangtagError) as trouble:
        hint = (
            f"run it again with {DEBUG}, and send us what it prints: no file about it could be "
            f"written ({trouble})"
        )
    with suppress(OSError):
        report_error(HangtagError(message, hint), as_json=json_asked())


def json_asked() -> bool:
    """Whether a machine asked, which then gets errors as JSON, too."""
    return "--json" in _options()


def _options() -> list[str]:
    return sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]


def _account(error: BaseException) -> str:
    """What we need to mend a mistake."""
    facts = [
        f"command   {shlex.join(sys.argv)}",
        f"python    {sys.version.split()[0]} on {platform.platform()}",
        *(f"{name:<16} {number}" for name, number in installed().items()),
    ]
    return "\n".join(facts) + "\n\n" + "".join(traceback.format_exception(error))


def _debug_asked() -> bool:
    """Whether ``--debug`` stands anywhere among the options; taken out, as no command knows it."""
    if DEBUG not in _options():
        return False
    sys.argv = [sys.argv[0], *(word for word in sys.argv[1:] if word != DEBUG)]
    return True


def _make_printable() -> None:
    """Let any name be printed, in any locale, and to no terminal at all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - to the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _silence_output() -> None:
    """What is still to be written goes nowhere, so that Python does not complain at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())

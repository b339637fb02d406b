"""Where data, runs and caches live, and the seed: environment variables in, paths and numbers out.

To add a setting: one function that reads one variable, one row in :data:`VARIABLES`; the variable
is then shown by ``hangtag doctor`` and checked by the tests to be in the guide.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hangtag.errors import OptionError

VARIABLES = {
    "HANGTAG_DATA": "folder of data sets that is searched first",
    "HANGTAG_CACHE": "folder for downloads and caches (default: ~/.cache/hangtag)",
    "HANGTAG_ENCODERS": "folder of added encoders (default: ~/.local/share/hangtag/encoders)",
    "HANGTAG_RUNS": "folder for runs (default: ./runs)",
    "HANGTAG_MIRROR": "address asked for named sets instead of the official ones",
    "HANGTAG_SEED": "seed when no --seed is given (default: 0)",
    "HANGTAG_NATIVE": "0 trains without the native kernels (default: with them if installed)",
    "HANGTAG_NATIVE_ISA": "their instruction set: avx512, avx2 or generic (default: the best)",
}


def data_folder() -> Path | None:
    """The folder named by HANGTAG_DATA, or None when it is not set."""
    value = os.environ.get("HANGTAG_DATA", "")
    return Path(value).expanduser() if value else None


def cache_folder() -> Path:
    """Where downloads and caches go: HANGTAG_CACHE, XDG_CACHE_HOME/hangtag, or ~/.cache/hangtag."""
    value = os.environ.get("HANGTAG_CACHE", "")
    if value:
        return Path(value).expanduser()
    base = os.environ.get("XDG_CACHE_HOME", "") or "~/.cache"
    return Path(base).expanduser() / "hangtag"


def encoders_folder() -> Path:
    """Where encoders that were added are kept: they come from people, and are no cache.

    HANGTAG_ENCODERS, XDG_DATA_HOME/hangtag/encoders, or ~/.local/share/hangtag/encoders.
    """
    value = os.environ.get("HANGTAG_ENCODERS", "")
    if value:
        return Path(value).expanduser()
    base = os.environ.get("XDG_DATA_HOME", "") or "~/.local/share"
    return Path(base).expanduser() / "hangtag" / "encoders"


def own_cache(variable: str, name: str) -> None:
    """Let a library keep what it keeps under our cache folder, unless the user has said where.

    To be called before the library is imported.

    Args:
        variable: Environment variable that the library asks, such as ``MPLCONFIGDIR``.
        name: Of the folder.
    """
    folder = cache_folder().absolute() / name
    with suppress(OSError):  # where nothing can be written, the library finds its own way
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault(variable, str(folder))


def runs_folder() -> Path:
    """Where runs go: HANGTAG_RUNS, or ``runs`` in the current folder."""
    return Path(os.environ.get("HANGTAG_RUNS", "") or "runs").expanduser()


def new_run_folder(name: str) -> Path:
    """A folder for a new run, called by date, time and `name`; nothing is in it.

    Another run may have begun in this second: then it gets a number.
    """
    called = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    plain = runs_folder() / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{called}"
    places = (plain, *(plain.with_name(f"{plain.name}-{number}") for number in range(2, 1000)))
    return next((place for place in places if not place.exists()), plain)


def mirror() -> str:
    """The address of a server with the named sets' folders, or empty for the official ones."""
    return os.environ.get("HANGTAG_MIRROR", "")


def default_seed() -> int:
    """The seed used when none is given.

    Raises:
        OptionError: HANGTAG_SEED is not a whole number of at least 0.
    """
    value = os.environ.get("HANGTAG_SEED", "0")
    if not value.isascii() or not value.isdigit():
        raise OptionError(
            f"HANGTAG_SEED is '{value}', which is not a seed", "give a whole number of at least 0"
        )
    return int(value)

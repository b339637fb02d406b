"""Every error Hangtag raises on purpose: what was asked, what is so, and (the hint) what to do.

    HangtagError
    ├── UsageError            what was asked cannot be done as asked          exit code 2
    │   ├── SourceError       the images cannot be found or fetched
    │   ├── FormatError       a file is damaged, or not what it says it is
    │   ├── AmbiguousError    a source can be read in two ways, and one has to be chosen
    │   ├── SplitError        the images cannot be divided that way
    │   ├── SpecError         a network description does not fit
    │   ├── BundleError       a model bundle is damaged or from elsewhere
    │   ├── RunError          a run folder lacks what the verb needs
    │   ├── TooLargeError     what was sent is larger than is taken
    │   ├── ConflictError     it does not fit what is there at the moment
    │   ├── AccessError       whoever asks is not known, or may not do that
    │   └── OptionError       an option has a value it cannot have
    │       └── UnknownNameError  what is named is not there
    └── FailedError           asked rightly, but it did not work out          exit code 1
        ├── DivergedError     training left the finite numbers
        ├── StoppedError      someone ended the work early; it can go on
        ├── BusyError         another process is at work on the same run, search, study or cache
        │   └── CrowdedError  more is asked at once than is taken
        ├── MachineError      the disk, the memory or the rights of this machine do not suffice
        └── MissingError      an optional part of the installation is absent

Adding one: subclass the nearest parent, say in its docstring when it is raised, and add it to the
drawing above (a test compares the drawing with the classes).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HangtagError(Exception):
    """Any error a user can mend.

    Args:
        message: One sentence: what was asked and what is so, such as
            ``pca to 8 dimensions needs at least 8 images; got 5``.
        hint: What to do about it, without a full stop; empty when the sentence says it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[HangtagError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class UsageError(HangtagError):
    """What was asked cannot be done as asked; nothing was written."""

    exit_code = 2


class SourceError(UsageError):
    """The images cannot be found or fetched; the hint lists the ways to get them."""


class FormatError(UsageError):
    """A file is damaged or is not what it says; the sentence names the file."""


class AmbiguousError(UsageError):
    """A source can be read in two ways; the sentence names both, the hint the way to choose."""


class SplitError(UsageError):
    """The images cannot be divided that way (too few, an unknown recipe, a lost part)."""


class SpecError(UsageError):
    """A network description does not fit: unknown layer or option, or shapes that do not meet."""


class BundleError(UsageError):
    """A model bundle is damaged, incomplete, or written by a newer schema."""


class RunError(UsageError):
    """A run folder lacks what the verb needs; the hint names the command that makes it."""


class OptionError(UsageError):
    """An option has a value it cannot have; the hint gives the ones it can."""


class TooLargeError(UsageError):
    """What was sent is larger than is taken; the sentence names the limit."""


class ConflictError(UsageError):
    """What was asked does not fit what is there at the moment; the hint says what would."""


class AccessError(UsageError):
    """Whoever asks is not known, or may not do that; the hint says who may."""


class UnknownNameError(OptionError):
    """What is named is not there; the hint has the nearest name that is."""


class FailedError(HangtagError):
    """The request was right and it still did not work out; the last good state is kept."""


class DivergedError(FailedError):
    """Training left the finite numbers; the sentence says at which step, the hint what to try."""


class StoppedError(FailedError):
    """Someone ended the work early (Ctrl-C); the hint says how to go on from there."""


class BusyError(FailedError):
    """Another process is at work on the same run, search, study or cache; the sentence names it."""


class CrowdedError(BusyError):
    """More is asked at once than is taken; the same a moment later is answered."""


class MachineError(FailedError):
    """The disk, the memory or the rights of this machine do not suffice; what was there stays."""


class MissingError(FailedError):
    """An optional part of the installation is absent; the hint is the command that adds it."""


MOST_NAMED = 40
"""Names that a hint lists; of more it says the nearest."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, then name them all.

    Args:
        word: What was given.
        known: What could have been given.

    Returns:
        A hint, such as ``did you mean 'mlp-128-64'? known: cnn-28-56, mlp-128-64``.
    """
    names = sorted(known)
    if len(names) > MOST_NAMED:
        some = difflib.get_close_matches(word, names, n=5) or names[:5]
        return f"did you mean one of {', '.join(some)}? there are {len(names):,}"
    close = difflib.get_close_matches(word, names, n=1)
    meant = f"did you mean '{close[0]}'? " if close else ""
    return f"{meant}known: {', '.join(names)}"

"""Mirrored images: what is known of a set and what was asked go in, options that fit come out.

A shoe in the mirror is a shoe; a letter is another letter or none. A recipe may ask for mirrored
images, and gets them only where the set is known to keep its labels in the mirror.
"""

from __future__ import annotations

from dataclasses import replace

from hangtag.errors import OptionError
from hangtag.records import TrainingOptions
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.runs import Run


def keeps_labels(name: str) -> bool | None:
    """Whether mirrored images of the named set keep their labels; None when nobody knows."""
    return {one.name: one.mirrors for one in load_room.known_sets()}.get(name)


def fitting(options: TrainingOptions, *, keeps: bool | None, asked: bool) -> TrainingOptions:
    """The options with mirrored images only where they may be.

    Args:
        options: As asked for.
        keeps: As :func:`keeps_labels` says.
        asked: Whether the user asked for mirrored images, and not the recipe.

    Raises:
        OptionError: They were asked for, and would have wrong labels.
    """
    if not options.flip or keeps or (asked and keeps is None):
        return options
    if asked:
        raise OptionError(
            "flip mirrors images, and these do not keep their labels in the mirror",
            "leave it out",
        )
    return replace(options, flip=False)


def left_out(run: Run) -> str:
    """A sentence when the run's recipe mirrors images and the run did not; "" otherwise."""
    name = run.config.name
    known = name in models_room.network_names()
    if not known or not models_room.training_options(name).flip or run.config.training.flip:
        return ""
    return (
        f"{name} mirrors images where labels stay right in the mirror; nothing says so of "
        "these, so it did not"
    )

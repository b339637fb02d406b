"""``hangtag info``: a source in, what it holds out."""

from __future__ import annotations

import hangtag
from hangtag.cli.advice import after_looking
from hangtag.cli.asking import asks
from hangtag.cli.console import advising, answered, bars, next_step, say, say_counts
from hangtag.requests import InfoRequest, Source


@asks
def info(source: Source, asked: InfoRequest) -> None:
    """Say what is in a set of images."""
    with bars() as progress:
        images = hangtag.load(source, limit=asked.limit, progress=progress)
    facts = hangtag.info(images)
    if answered(lambda: facts):
        return
    for key, value in facts.items():
        if key not in {"classes", "per_class"}:
            say(f"{key:<14} {_in_words(value)}")
    say()
    say_counts(facts["per_class"])
    if advising():  # finding out what works divides the images, which takes its time
        next_step(*after_looking(images, source, asked.limit))


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(_item(item) for item in value) or "none"
    return str(value)


def _item(item: object) -> str:
    if isinstance(item, dict):  # a member that cannot be read or was not used
        several = f"{item['n']} in " if item.get("n", 1) > 1 else ""
        return f"{several}{item['where']} {item['reason']}"
    return str(item)

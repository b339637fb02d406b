"""``hangtag info``: a source in, what it holds out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hangtag.cli.advice import after_looking
from hangtag.cli.console import bars, next_step, say, say_counts, say_json
from hangtag.cli.options import Json, Limit, Quiet
from hangtag.cli.source import reads_source

if TYPE_CHECKING:
    from hangtag.records import Source


@reads_source
def info(
    source: Source,
    limit: Limit = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what is in a set of pictures."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        images = hangtag.load(source, limit=limit, progress=progress)
    facts = hangtag.info(images)
    if as_json:
        say_json(facts)
        return
    _tell(facts)
    if not quiet:  # finding out what works divides the images, which takes its time
        next_step(*after_looking(images, source, limit))


def _tell(facts: dict[str, Any]) -> None:
    for key, value in facts.items():
        if key not in {"classes", "per_class"}:
            say(f"{key:<14} {_in_words(value)}")
    say()
    say_counts(facts["per_class"])


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

"""``hangtag summary``: a network's name in, its layers and parameters out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import hangtag
from hangtag import atomic
from hangtag.cli.asking import asks, out_file
from hangtag.cli.console import answered, next_step, say, say_table
from hangtag.requests import SummaryRequest, command_line


@asks
def summary(
    asked: SummaryRequest,
    network: Annotated[str | None, typer.Argument(help="A network; none lists them all.")] = None,
    code: Annotated[bool, typer.Option("--code", help="Print Python for Keras.")] = False,
    out: Annotated[Path | None, out_file("a drawing of the network (SVG)")] = None,
) -> None:
    """Show one network, or list them all."""
    if network is None:
        _list_all()
        return
    facts = hangtag.summary(network, shape=asked.shape, classes=asked.classes)
    if out is not None:
        drawing = hangtag.diagram(network, shape=asked.shape, classes=asked.classes)
        atomic.write_text(out, drawing)
    if answered(lambda: facts):
        return
    if code:
        say(facts["code"].rstrip())
    else:
        _tell(facts)
    if out is not None:
        say(f"drawing       {out}")
    next_step(command_line("train", "fashion-mnist", network=network))


def _list_all() -> None:
    found = hangtag.networks()
    names = ("name", "study", "about", "split")
    rows = [{name: getattr(one, name) for name in names} for one in found]
    if answered(lambda: {"networks": rows}):
        return
    for one in found:
        say(f"{one.name:<29}{one.study:<14}{one.parameters:>9,}  {one.about}")
    next_step(command_line("summary", found[0].name))


def _tell(facts: dict[str, Any]) -> None:
    rows = [("images", _by(facts["input_shape"]), "", "")]
    for one in facts["layers"]:
        shape, count = _by(one["output_shape"]), f"{one['parameters']:,}"
        rows.append((one["name"], shape, count, one["keras"]))
    say_table(("layer", "output", "parameters", "in Keras"), rows, left=(0, 1, 3))
    for name in ("parameters", "trainable", "non_trainable", "biases"):
        say(f"{name.replace('_', '-'):<14}{facts[name]:,}")


def _by(shape: list[int]) -> str:
    return " × ".join(map(str, shape))

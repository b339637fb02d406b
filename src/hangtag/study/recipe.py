"""A recipe: YAML in, a checked study out; what cannot be is named with what can.

A recipe says where the images are, what is done with them, step by step, and what a document
reports of it. Every step is a verb with its options (``steps/`` has one file per verb). To give
recipes another key: a field here, with its description, which the schema for editors repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hangtag.errors import OptionError, nearest
from hangtag.requests import LoadOptions
from hangtag.study.fields import Loading
from hangtag.study.steps import STEPS, AnyStep

NAME = r"^[a-z0-9][a-z0-9-]*$"
MOST_CHARACTERS = 1_000_000


class Reported(BaseModel):
    """A figure that a document reports, and where ours comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: str = Field(description="What it is, in a few words.")
    ours: str = Field(description="STEP.VALUE, or STEP.VARIANT.VALUE: where our figure comes from.")
    value: float | int | str | list[float] | list[int] = Field(description="What is reported.")
    exact: bool = Field(False, description="Whether it must be the same to the last digit.")
    digits: int | None = Field(None, ge=0, description="Decimal places that are reported.")
    within: float | None = Field(
        None, gt=0, description="How far from it ours may be, either way; for figures not exact."
    )
    better: Literal["higher", "lower", "neither"] = Field(
        "neither", description="Which side of the band counts as inside, too."
    )
    document: str = Field("", description="Where it stands in the document.")
    note: str = Field("", description="What a reader should know of the difference.")
    wrong: str = Field(
        "", description="Why the reported figure cannot be right; it is then not compared."
    )


class Recipe(BaseModel):
    """A study: images, steps, and reported figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=NAME, max_length=60, description="What it is called: a-b-c.")
    title: str = Field(description="Heading of its report.")
    about: list[str] = Field(default_factory=list, description="Paragraphs that stand first.")
    document: str = Field("", description="Title of the document it repeats; empty for none.")
    source: str = Field(description="A known set's name, or a path as `hangtag load` takes.")
    load: Loading = Field(
        default_factory=LoadOptions, description="How it is read, where looking is not enough."
    )
    split: str = Field("auto", description="How to divide; a step may say otherwise.")
    seed: int = Field(0, ge=0, description="Of the split and of everything that has one seed.")
    seeds: list[int] = Field([0, 1, 2], min_length=1, description="Of every training.")
    steps: dict[Annotated[str, Field(pattern=NAME)], AnyStep] = Field(
        min_length=1, description="What is done, in order; each has a name and a verb."
    )
    reported: list[Reported] = Field(
        default_factory=list, description="What the document reports, to be put beside ours."
    )
    reported_on: str = Field(
        "", description="Name of the set they are of; nothing is compared on another."
    )
    differs: list[str] = Field(
        default_factory=list, description="What the document does wrong, and what is done here."
    )
    quick: dict[str, Any] = Field(
        default_factory=dict, description="What --limit changes besides, as PATH: VALUE."
    )


def named() -> dict[str, str]:
    """The recipes that come with Hangtag: name to title."""
    return {name: str(yaml.safe_load(_own(name))["title"]) for name in _names()}


def open_recipe(place: str | Path, *, changes: Sequence[str] = (), quick: bool = False) -> Recipe:
    """Open a recipe by its name or file.

    Args:
        place: A name that ``hangtag study list`` lists, or a YAML file.
        changes: ``PATH=VALUE`` each, such as ``steps.cnn.options.epochs=2``; VALUE is YAML.
        quick: Whether the recipe's own ``quick`` changes are made first.

    Raises:
        OptionError: There is no such recipe, or something in it cannot be.
    """
    values, folder = _values(place)
    pairs = list((values.get("quick") or {}).items()) if quick else []
    for path, value in [*pairs, *(_change(one) for one in changes)]:
        _set(values, str(path), value)
    recipe = _checked(values, str(place))
    # Written as its author sees it: beside the recipe. Kept with its whole path, since a copy of
    # the recipe lies in the study's folder, from where the same words lead elsewhere.
    beside = folder / recipe.source if folder is not None else None
    if beside is not None and beside.exists():
        recipe = recipe.model_copy(update={"source": str(beside.resolve())})
    _check_steps(recipe)
    return recipe


def as_yaml(recipe: Recipe) -> str:
    """The recipe with everything resolved, as it can be run again."""
    values = recipe.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=96)


def schema() -> dict[str, Any]:
    """The JSON schema of a recipe, for editors that check and complete YAML."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hangtag study",
        **Recipe.model_json_schema(),
    }


def _names() -> list[str]:
    folder = resources.files("hangtag.studies")
    files = [one.name for one in folder.iterdir() if one.name.endswith(".yaml")]
    found = {name.removesuffix(".yaml") for name in files}
    return [name for name in ORDER if name in found] + sorted(found - set(ORDER))


ORDER = ("fashion-first-look", "sign-language", "network-ladder", "half-images", "clothing-shop")
"""The order in which ``hangtag study list`` shows those that come with Hangtag."""


def _own(name: str) -> str:
    return (resources.files("hangtag.studies") / f"{name}.yaml").read_text(encoding="utf-8")


def _values(place: str | Path) -> tuple[dict[str, Any], Path | None]:
    path, folder = Path(place), None
    if str(place) in _names():
        text = _own(str(place))
    elif path.suffix in {".yaml", ".yml"} or path.is_file():
        text, folder = _read(path), path.parent
    else:
        raise OptionError(f"there is no study '{place}'", nearest(str(place), _names()))
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where is not None else ""
        raise OptionError(f"{place} is no YAML{line}", "indentation and colons matter") from None
    if not isinstance(values, dict):
        raise OptionError(f"{place} is no recipe: it has no keys", "copy one of Hangtag's own")
    return values, folder


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_CHARACTERS:
            raise OptionError(f"{path} is too large for a recipe", "at most 1 MB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} cannot be read: {error}", "give a YAML file") from None


def _change(text: str) -> tuple[str, Any]:
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise OptionError(f"'{text}' changes nothing", "PATH=VALUE, such as seeds=[0]")
    try:
        return path.strip(), yaml.safe_load(value)
    except yaml.YAMLError:
        raise OptionError(f"the value in '{text}' is no YAML", "quote it") from None


def _set(values: dict[str, Any], path: str, value: object) -> None:
    *inner, last = path.split(".")
    at: Any = values
    for number, key in enumerate(inner):
        known = list(at)
        # Anything else may be new, since defaults are not in the file; a step cannot be.
        if key not in at and inner[0] == "steps" and number == 1:
            raise OptionError(f"'{path}' leads nowhere: there is no '{key}'", nearest(key, known))
        at = at.setdefault(key, {})
        if not isinstance(at, dict):
            raise OptionError(f"'{path}' leads nowhere: '{key}' has no parts")
    at[last] = value


def _checked(values: Mapping[str, Any], place: str) -> Recipe:
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise OptionError(*_said(error, place)) from None


def _said(error: ValidationError, place: str) -> tuple[str, str]:
    """The first thing that is wrong, and what would be right."""
    # One thing at a time: a wrong verb makes every key below it wrong, too.
    first = error.errors(include_url=False)[0]
    # The library names the union's member on the way, which is in no recipe.
    path = [str(one) for one in first["loc"] if one not in STEPS]
    where = ".".join(path) or "the recipe"
    if first["type"] == "extra_forbidden":
        return f"{place}: '{where}' is no key of a recipe", nearest(path[-1], _known(first["loc"]))
    if first["type"] == "union_tag_invalid":
        verb = str(first["ctx"]["tag"])
        return f"{place}: {where} has no verb '{verb}'", nearest(verb, STEPS)
    if first["type"] == "union_tag_not_found":
        return f"{place}: {where} has no verb", f"known: {', '.join(STEPS)}"
    if first["type"] == "missing":
        return f"{place}: {where} is missing", "the guide's page on studies has every key"
    return f"{place}: {where} cannot be {first['input']!r}", first["msg"]


def _known(where: Sequence[str | int]) -> Iterator[str]:
    """The keys there are beside a wrong one."""
    model: type[BaseModel] = Recipe
    for one in where[:-1]:
        if one == "reported":
            model = Reported
        elif one in STEPS:
            model = STEPS[str(one)]
        else:
            model = _inner(model, str(one)) or model
    return iter(model.model_fields)


def _inner(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    field = model.model_fields.get(name)
    found = get_args(field.annotation) if field is not None else ()
    for one in found:
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _check_steps(recipe: Recipe) -> None:
    """A step uses only steps before it, and a reported figure only steps there are."""
    seen: list[str] = []
    for name, step in recipe.steps.items():
        for wanted in step.uses():
            if wanted not in seen:
                raise OptionError(
                    f"step '{name}' uses '{wanted}', which is no step before it",
                    nearest(wanted, seen) if seen else "the first step can use none",
                )
        seen.append(name)
    for one in recipe.reported:
        origin = one.ours.partition(".")[0]
        if origin not in seen:
            raise OptionError(
                f"the reported figure '{one.figure}' is of step '{origin}', which there is not",
                nearest(origin, seen),
            )
        # Without a band any number would be "inside": a figure that cannot be missed says nothing.
        if not one.exact and one.within is None and not one.wrong and _is_number(one.value):
            raise OptionError(
                f"the reported figure '{one.figure}' is neither exact nor has a band",
                "say `exact: true`, or how far ours may be: `within: 0.01`",
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

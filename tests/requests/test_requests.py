"""A request is written once: flags, words, keywords, studies and tables say the same."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError
from typer.testing import CliRunner

import hangtag
from hangtag import requests
from hangtag.cli.asking import asks
from hangtag.errors import OptionError
from hangtag.requests import (
    LoadOptions,
    Option,
    Request,
    Source,
    changes,
    judging,
    options_of,
    schema,
    takes,
    training,
)
from hangtag.requests import values as kinds
from hangtag.requests.everywhere import Seed
from hangtag.study.fields import asked_by, asking


@dataclass(frozen=True, kw_only=True)
class Everything(Request):
    """One option of every kind."""

    needed: Annotated[str, Option("Something.")]
    count: Annotated[int, Option("How many.", low=1, high=9)] = 3
    rate: Annotated[float, Option("How fast.", low=0)] = 0.5
    rule: Annotated[str | None, Option("By what", choices=lambda: ["bic", "aic"])] = None
    tried: Annotated[dict[str, object], Option("Changes.", changes.CHANGES)] = field(
        default_factory=dict
    )
    centered: Annotated[bool, Option("Whether centred.")] = True
    place: Annotated[Path | None, Option("Where.")] = None
    depths: Annotated[tuple[int, ...], Option("Depths.", kinds.NUMBERS, low=1)] = (5, 10)
    pca: Annotated[float | None, Option("Axes.", kinds.AXES)] = 0.95
    max_features: Annotated[str | float | None, Option("Seen.", kinds.COORDINATES)] = "sqrt"
    shape: Annotated[tuple[int, int] | None, Option("Size.", kinds.SIZE)] = None
    rows: Annotated[tuple[int, int] | None, Option("Rows.", kinds.ROWS)] = None
    checks: Annotated[tuple[str, ...] | None, Option("Checks.", kinds.WORDS)] = None
    runs: Annotated[tuple[str, ...], Option("Runs.", kinds.TEXTS, flags="--run")] = ()
    seed: Seed = None


REQUESTS = [
    Everything,
    *(one for one in map(partial(getattr, requests), dir(requests)) if isinstance(one, type)
      and one is not Request and issubclass(one, Request)),
]  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]))
SIDE = st.integers(1, 4096)
WORD = TEXT.filter(lambda word: word == word.strip())
NAME = st.from_regex(r"[a-z+][a-z. _]{0,9}[a-z]", fullmatch=True)
SCALAR = st.integers() | st.floats(-1e9, 1e9) | st.booleans() | st.none() | st.just("relu")
CHANGED = st.dictionaries(NAME, SCALAR, min_size=1)
DRAWN = {
    kinds.WHOLE: lambda low, high: st.integers(-99 if low is None else low, high or 10**6),
    kinds.NUMBER: lambda low, high: st.floats(-1e9 if low is None else low, high or 1e9),
    kinds.TEXT: lambda low, high: TEXT,
    kinds.TRUTH: lambda low, high: st.booleans(),
    kinds.PATH: lambda low, high: TEXT.map(Path),
    kinds.NUMBERS: lambda low, high: st.lists(st.integers(low or 0, 999), min_size=1).map(tuple),
    kinds.REALS: lambda low, high: st.lists(st.floats(low or 0, high or 1e9), min_size=1).map(
        tuple
    ),
    kinds.AXES: lambda low, high: st.integers(1, 999) | st.floats(1e-9, 0.999),
    kinds.COORDINATES: lambda low, high: st.sampled_from(["sqrt", "log2", 30, 0.5]),
    kinds.SIZE: lambda low, high: st.tuples(SIDE, SIDE),
    kinds.ROWS: lambda low, high: st.tuples(SIDE, SIDE),
    kinds.WORDS: lambda low, high: st.lists(WORD, min_size=1).map(tuple),
    kinds.TEXTS: lambda low, high: st.lists(TEXT).map(tuple),
    kinds.SEEDS: lambda low, high: st.lists(st.integers(0, 99), min_size=1, unique=True).map(tuple),
    changes.CHANGES: lambda low, high: CHANGED,
    changes.VARIANTS: lambda low, high: st.dictionaries(NAME, CHANGED, min_size=1),
    training.SPACE: lambda low, high: TEXT,
    judging.SHAPE: lambda low, high: st.tuples(SIDE, SIDE, st.sampled_from([1, 3])),
    requests.everywhere.SPLIT: lambda low, high: TEXT,
}


def _value(one):
    drawn = DRAWN[one.kind](one.option.low, one.option.high)
    if one.names:
        drawn = st.sampled_from(one.names)
        if one.kind in (kinds.WORDS, kinds.TEXTS):
            drawn = st.lists(drawn, min_size=1).map(tuple)
    # None that is no default is a value only where there is a word for it.
    return drawn | st.none() if one.optional and (one.default is None or one.kind.none) else drawn


def _any(request):
    return st.builds(request, **{name: _value(one) for name, one in options_of(request).items()})


def _parsed(request, words):
    """What the command line makes of these words."""
    got = []

    def command(asked: request) -> None:
        got.append(asked)

    def reading(source: Source) -> None:
        got.append(source.options)

    command.__annotations__ = {"asked": request}
    reading.__annotations__ = {"source": Source}
    used, data = (reading, ["digits"]) if request is LoadOptions else (command, [])
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(asks(used))
    result = CliRunner().invoke(app, [*data, *words], catch_exceptions=False)
    assert result.exit_code == 0, (words, result.output)
    return got[0]


@pytest.mark.parametrize("request_type", REQUESTS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_words_of_a_request_are_read_as_the_same_request(request_type, data):
    asked = data.draw(_any(request_type))
    found = _parsed(request_type, asked.words())
    pinned = {
        name: one.option.pinned()
        for name, one in options_of(request_type).items()
        if one.option.pinned is not None and getattr(asked, name) is None
    }
    assert found == request_type.of(asked, **pinned)


@pytest.mark.parametrize("request_type", REQUESTS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_request_survives_json(request_type, data):
    asked = data.draw(_any(request_type))
    assert request_type.from_dict(json.loads(json.dumps(asked.to_dict()))) == asked


@pytest.mark.parametrize("request_type", REQUESTS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_step_of_a_study_says_the_same(request_type, data):
    asked = data.draw(_any(request_type))
    step = _step(request_type).model_validate(json.loads(json.dumps(asked.to_dict())))
    assert asked_by(step, request_type) == asked
    again = _step(request_type).model_validate_json(step.model_dump_json(exclude_defaults=True))
    assert asked_by(again, request_type) == asked


@cache
def _step(request_type):
    @asking(request_type)
    class Step(BaseModel):
        model_config = ConfigDict(extra="forbid")

    return Step


@pytest.mark.parametrize("request_type", REQUESTS)
def test_a_step_of_a_study_and_a_request_have_one_schema(request_type):
    properties = _step(request_type).model_json_schema()
    assert set(properties["properties"]) == set(schema(request_type)["properties"])


@pytest.mark.parametrize("request_type", REQUESTS)
def test_every_option_has_a_sentence_and_a_default_that_can_be(request_type):
    for one in options_of(request_type).values():
        assert one.sentence[0].isupper()
        assert one.sentence.endswith((".", ")", "…"))


def test_only_what_differs_is_said_and_the_seed_always():
    assert Everything(needed="x").words() == ["--needed", "x", "--seed", "0"]
    assert Everything(needed="x", pca=None, centered=False, seed=4, depths="5..20/5").words() == [
        "--needed", "x", "--no-centered", "--depths", "5..20/5", "--pca", "none", "--seed", "4",
    ]  # fmt: skip


def test_a_seed_of_the_environment_is_said(monkeypatch):
    monkeypatch.setenv("HANGTAG_SEED", "7")
    assert Everything(needed="x").words()[-2:] == ["--seed", "7"]


def test_british_flags_are_understood():
    assert _parsed(Everything, ["--needed", "x", "--no-centred"]).centered is False
    assert _parsed(LoadOptions, ["--grey"]).gray is True
    assert _parsed(LoadOptions, ["--colour"]).gray is False


@pytest.mark.parametrize(
    ("options", "sentence", "hint"),
    [
        ({"count": 0}, "count cannot be 0", "1 at least"),
        ({"count": "ten"}, "count cannot be 'ten'", "a whole number"),
        ({"rule": "bci"}, "rule cannot be 'bci'", "did you mean 'bic'? known: aic, bic"),
        (
            {"pca": 1.5},
            "pca cannot be 1.5",
            "a whole number, a proportion of the variance such as 0.95",
        ),
        ({"depths": "5..1"}, "depths cannot be '5..1'", "such as 10, or 5,10,25, or 5..40/5"),
        ({"depths": (5, 0)}, "depths cannot be 0", "1 at least"),
        ({"cuont": 1}, "there is no option 'cuont'", "did you mean 'count'?"),
        ({"centered": "yes"}, "centered cannot be 'yes'", "true or false"),
        ({"count": None}, "count cannot be None", "a whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(options, sentence, hint):
    with pytest.raises(OptionError) as refused:
        Everything.of(**{"needed": "x", **options})
    assert refused.value.message == sentence
    assert refused.value.hint.startswith(hint)


def test_a_study_says_where_a_value_cannot_be():
    @asking(Everything)
    class Step(BaseModel):
        pass

    with pytest.raises(ValidationError) as refused:
        Step(needed="x", count=12)
    assert refused.value.errors()[0]["loc"] == ("count",)
    assert refused.value.errors()[0]["msg"] == "9 at most"


def test_a_verb_has_the_options_as_keywords_and_says_so():
    @takes(Everything)
    def verb(data: str, asked: Everything, *, loud: bool = False) -> tuple[str, Everything, bool]:
        """Do it.

        Args:
            data: What.
            asked: How.
        """
        return data, asked, loud

    assert verb("d", needed="x", count=5) == ("d", Everything(needed="x", count=5), False)
    first = Everything(needed="y")
    assert verb("d", first, loud=True, pca=30) == ("d", Everything(needed="y", pca=30), True)
    parameters = inspect.signature(verb).parameters
    assert parameters["count"].default == 3
    assert "loud" in parameters
    assert "count: How many." in inspect.getdoc(verb)


def test_a_split_that_is_made_already_is_an_option_too():
    images = hangtag.load("digits", limit=100)
    made = hangtag.split(images, "stratified:0.2", seed=3)
    asked = requests.ExploreRequest(split=made)
    assert asked.split is made
    assert asked.words() == ["--split", made.recipe, "--seed", "0"]
    assert len(hangtag.explore(images, asked).classes.counts["training"]) == 10


@pytest.mark.parametrize("verb", ["forest", "linear", "neighbors", "cluster"])
def test_axes_beside_features_are_refused_and_neither_is_dropped_in_silence(verb):
    asked = {"features": "pixels", "pca": 5}
    with pytest.raises(OptionError, match="features pixels and pca 5 were both asked") as error:
        if verb == "cluster":
            hangtag.cluster("digits", k=[3], limit=50, **asked)
        else:
            hangtag.fit("digits", model=verb, **asked)
    assert "--features pca:5 is the same as --pca 5" in error.value.hint

"""The other half of an encoder that reads: words go in, a point where their images are comes out.

CLIP, SigLIP and their like are trained in pairs, a network for images and one for the words beside
them, so that both give near points for what belongs together. The second comes as an ONNX file and
a ``tokenizer.json``. It is asked about one text at a time, of one length, so that everything in it
has a known size. Nothing of either file is run that was not looked at: the first as every encoder's
is, the second is data by its format and read by ``tokenizers``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag import onnx_graphs
from hangtag.errors import FailedError, FormatError, OptionError
from hangtag.onnx_graphs import EMBEDDING, MOST_VALUES, TEXT_OPERATORS
from hangtag.onnx_sessions import Session, answers_of, first_line, open_session
from hangtag.requests import AddEncoderRequest
from hangtag.rooms.encode.adopting import INNER, IR, hoist_constants, raised, refuse, set_apart
from hangtag.rooms.encode.folding import fixed
from hangtag.rooms.encode.lowering import OPSET
from hangtag.rooms.encode.trying import wrong_about

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, ValueInfoProto

TOKENS, MASK = "tokens", "mask"
"""Inputs of what is kept: int64 ``(1, length)`` each."""

LENGTH, LONGEST = 77, 1024
"""Tokens of a text where no file says how many, and at most; 77 is CLIP's."""

MOST_LETTERS = 2000
"""Of a text: words of a search are few."""

_PADDING = ("<pad>", "[PAD]", "<|pad|>", "<|endoftext|>")
INSTALL = "pip install 'hangtag[text]'"
EXPORT = "export the part that embeds texts, from token numbers to one embedding each"


@dataclass(frozen=True, eq=False)
class Reader:
    """What reads words for an encoder.

    Attributes:
        model: ONNX, from :data:`TOKENS` and :data:`MASK` to ``embedding``.
        tokenizer: What turns words into numbers, JSON.
        length: Tokens that it is asked about, more are cut off.
        padding: The token that fills up a shorter text.
    """

    model: bytes = field(repr=False)
    tokenizer: bytes = field(repr=False)
    length: int
    padding: int

    def embed(self, text: str) -> NDArray[np.float32]:
        """``(1, width)``, near the embeddings of images of what the words say.

        Raises:
            OptionError: The text is too long, or what reads it is not installed.
            FailedError: The network fails.
        """
        if len(text) > MOST_LETTERS:
            raise OptionError(
                f"{len(text):,} letters are no search", f"give {MOST_LETTERS:,} at most"
            )
        try:
            return answers_of(self._session, EMBEDDING, self.given(text))
        except RuntimeError as error:
            raise FailedError(f"the text network fails: {error}") from None

    def given(self, text: str) -> dict[str, NDArray[np.int64]]:
        """What the network is given for a text."""
        found = self._tokenizer.encode(text).ids[: self.length]
        rest = self.length - len(found)
        tokens = [*found, *[self.padding] * rest]
        mask = [1] * len(found) + [0] * rest
        return {TOKENS: np.asarray([tokens], np.int64), MASK: np.asarray([mask], np.int64)}

    @cached_property
    def _session(self) -> Session:
        return open_session(self.model)

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - it has no types
        found = opened_tokenizer("tokenizer.json", self.tokenizer)
        found.no_padding()
        found.enable_truncation(self.length)
        return found


def opened_tokenizer(name: str, data: bytes) -> Any:  # noqa: ANN401 - it has no types
    """A tokenizer of its file.

    Args:
        name: The file, for errors.
        data: Its bytes.

    Raises:
        FormatError: It is none.
        OptionError: What reads it is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise OptionError("what turns words into tokens is not installed", INSTALL) from None
    try:
        return Tokenizer.from_buffer(data)
    except Exception as error:  # noqa: BLE001 - it has no exceptions of its own
        raise FormatError(
            f"{name} is no tokenizer ({first_line(error)})",
            "give the tokenizer.json that came with the network",
        ) from None


def adopted_reader(
    name: str, data: bytes, tokenizer: bytes, asked: AddEncoderRequest, width: int
) -> tuple[Reader, str]:
    """Make a reader of an ONNX file and a tokenizer.

    Args:
        name: The ONNX file, for errors.
        data: Its bytes.
        tokenizer: Those of ``tokenizer.json``.
        asked: What the files leave open.
        width: Numbers of the embeddings of images.

    Returns:
        The reader, and which output of the file it gives.

    Raises:
        FormatError: It is nothing that can embed words for these images.
        OptionError: What is asked does not fit it.
    """
    words, said = opened_tokenizer("the tokenizer", tokenizer), json.loads(tokenizer)
    try:
        model = onnx_graphs.parsed(data)
        hoist_constants(model.graph)
        refuse(onnx_graphs.flaw(model, onnx_graphs.FOLDED_TEXT_OPERATORS, sized=True))
        given = _inputs(model.graph)
        length = _length(given["tokens"], said, asked)
        _free(model.graph, given, length)
        model = fixed(raised(model), {one.name: (1, length) for one in given.values()}, MOST_VALUES)
        refuse(onnx_graphs.flaw(model, TEXT_OPERATORS))
        made, output = _ours(model, given, length, width)
    except ValueError as error:
        raise FormatError(f"{name} {error}; it cannot read words", EXPORT) from None
    padding = asked.text_padding
    reader = Reader(
        bytes(made.SerializeToString()),
        tokenizer,
        length,
        _padding(words, said) if padding is None else padding,
    )
    return reader, output


def _inputs(graph: GraphProto) -> dict[str, ValueInfoProto]:
    """Inputs by what they are: tokens, a mask, kinds of tokens."""
    from onnx import TensorProto

    held = {one.name for one in graph.initializer}
    found: dict[str, ValueInfoProto] = {}
    for one in (one for one in graph.input if one.name not in held):
        kind = one.type.tensor_type
        whole = kind.elem_type in (TensorProto.INT64, TensorProto.INT32)
        if not whole or len(kind.shape.dim) != 2:
            raise ValueError(f"takes '{one.name}', which is no row of token numbers")
        what = _kind_of(one.name)
        if what in found:
            raise ValueError(f"takes both '{found[what].name}' and '{one.name}'")
        found[what] = one
    if "tokens" not in found:
        raise ValueError("takes no token numbers")
    return found


def _kind_of(name: str) -> str:
    """What an input is of tokens: themselves, a mask, or their types."""
    return next((key for key in ("mask", "type") if key in name), "tokens")


def _length(given: ValueInfoProto, said: Mapping[str, Any], asked: AddEncoderRequest) -> int:
    """How many tokens a text has: as the file says, or who adds it, or its tokenizer."""
    rows, size = (one.dim_value for one in given.type.tensor_type.shape.dim)
    if rows > 1:
        raise ValueError(f"takes {rows} texts at once")
    if size and asked.text_length not in (None, size):
        raise OptionError(f"the file takes {size} tokens", "leave out --text-length")
    cut, filled = said.get("truncation") or {}, said.get("padding") or {}
    strategy = filled.get("strategy")
    own = strategy.get("Fixed") if isinstance(strategy, dict) else cut.get("max_length")
    length = size or asked.text_length or own or LENGTH
    if not 2 <= length <= LONGEST:
        raise ValueError(f"takes {length:,} tokens, not 2 to {LONGEST:,}")
    return int(length)


def _padding(words: Any, said: Mapping[str, Any]) -> int:  # noqa: ANN401 - it has no types
    """The token that fills up: as the tokenizer says, or by its usual names."""
    known = (words.token_to_id(one) for one in _PADDING)
    usual = next((one for one in known if one is not None), 0)
    return int((said.get("padding") or {}).get("pad_id", usual))


def _free(graph: GraphProto, given: dict[str, ValueInfoProto], length: int) -> None:
    """Sizes of the inputs are known now; all others are inferred anew."""
    from onnx import helper

    fresh = [
        helper.make_tensor_value_info(one.name, one.type.tensor_type.elem_type, [1, length])
        for one in given.values()
    ]
    names = [one.name for one in graph.output]
    del graph.input[:], graph.output[:], graph.value_info[:]
    graph.input.extend(fresh)
    graph.output.extend(helper.make_empty_tensor_value_info(one) for one in names)


def _ours(
    model: ModelProto, given: dict[str, ValueInfoProto], length: int, width: int
) -> tuple[ModelProto, str]:
    """From our two inputs to the one output that is as wide as embeddings of images."""
    from onnx import TensorProto, helper

    sizes = onnx_graphs.inferred_sizes(model, 1)
    names = [one.name for one in model.graph.output]
    fits = [one for one in names if sizes.get(one) == (1, width)]
    if len(fits) != 1:
        shown = ", ".join(f"{one} of {'×'.join(map(str, sizes.get(one) or '?'))}" for one in names)
        raise ValueError(f"gives {shown}, where embeddings of images have {width:,} numbers")
    own, constants = set_apart(model.graph, onnx_graphs.needed(model.graph, fits[0]))
    nodes = []
    for what, one in given.items():
        kind = one.type.tensor_type.elem_type
        source = TOKENS if what == "tokens" else MASK
        if what == "type":  # all words are of one kind, the first
            nodes.append(helper.make_node("Sub", [MASK, MASK], ["kinds"]))
            source = "kinds"
        nodes.append(helper.make_node("Cast", [source], [INNER + one.name], to=kind))
    nodes += own
    nodes.append(helper.make_node("Identity", [INNER + fits[0]], [EMBEDDING]))
    ends = [
        helper.make_tensor_value_info(one, TensorProto.INT64, [1, length]) for one in (TOKENS, MASK)
    ]
    result = helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, [1, width])
    graph = helper.make_graph(nodes, "reader", ends, [result], constants)
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR), fits[0]


TRIED: Sequence[str] = (
    "a red dress",
    "two men on a boat",
    "blue shoes with a long text beside them",
)


def see_that_it_reads(name: str, reader: Reader, data: bytes, output: str) -> None:
    """Ask about texts twice, and compare with the file itself.

    Args:
        name: The file, for errors.
        reader: What was made of it.
        data: The file.
        output: Which of its outputs the reader gives.

    Raises:
        FormatError: It cannot read words, with the reason.
    """
    try:
        found = np.concatenate([reader.embed(one) for one in TRIED])
        again = np.concatenate([reader.embed(one) for one in TRIED])
        source = open_session(data)
        theirs = answers_of(source, output, _as_the_file_takes(source, reader.given(TRIED[0])))
    except (RuntimeError, FailedError) as error:
        raise FormatError(f"{name} fails: {error}", EXPORT) from None
    wrong = wrong_about(
        found,
        again,
        theirs,
        alone=found,  # it is never asked about several
        same="words; is this its tokenizer?",
        ours="its operators",
    )
    if wrong:
        raise FormatError(f"{name} {wrong}; it cannot read words", EXPORT)


def _as_the_file_takes(
    source: Session, given: dict[str, NDArray[np.int64]]
) -> dict[str, NDArray[Any]]:
    """Tokens, mask and kinds under the names and types that a file has for them."""
    found = {}
    for one in source.get_inputs():
        values = {"tokens": given[TOKENS], "mask": given[MASK], "type": given[MASK] * 0}[
            _kind_of(one.name)
        ]
        found[one.name] = values.astype(np.int32 if "int32" in one.type else np.int64)
    return found

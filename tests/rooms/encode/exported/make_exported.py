"""Makes ``exported.zip``: small networks with drawn weights, as others' exporters write them.

Run it in an environment with torch 2.13, onnxscript, transformers and open_clip_torch, none of
which Hangtag needs: ``python make_exported.py``. Weights are sixteenths, so that they compress.
Beside each model is what its own framework answers about three images (``NAME.npy``).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
import open_clip
import torch
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    SiglipTextConfig,
    SiglipTextModel,
    SiglipVisionConfig,
    SiglipVisionModel,
)

SIDE, WORDS, WIDTH = 32, 12, 16
SIZES = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
VISION = {**SIZES, "image_size": SIDE, "patch_size": 16}
TEXT = {**SIZES, "vocab_size": 64, "max_position_embeddings": WORDS}


class Named(torch.nn.Module):
    """One value of what a network gives."""

    def __init__(self, network, value):
        super().__init__()
        self.network, self.value = network, value

    def forward(self, *given):
        names = ("pixel_values",) if given[0].ndim == 4 else ("input_ids", "attention_mask")
        return getattr(self.network(**dict(zip(names, given, strict=False))), self.value)


class Words(torch.nn.Module):
    """The part of open_clip that reads."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, tokens):
        return self.network.encode_text(tokens)


def networks():
    """Name, network and how many inputs it has."""
    torch.manual_seed(0)
    clip = CLIPVisionConfig(**VISION, projection_dim=WIDTH)
    yield "clip", Named(CLIPVisionModelWithProjection(clip), "image_embeds"), 1
    yield "siglip", Named(SiglipVisionModel(SiglipVisionConfig(**VISION)), "pooler_output"), 1
    whole = open_clip.CLIP(
        WIDTH,
        {"image_size": SIDE, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16},
        {"context_length": WORDS, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
    )
    yield "openclip", whole.visual, 1
    ends = {"bos_token_id": 1, "eos_token_id": 63, "pad_token_id": 63}
    text = CLIPTextModelWithProjection(CLIPTextConfig(**TEXT, **ends, projection_dim=WIDTH))
    yield "clip-text", Named(text, "text_embeds"), 1
    yield "clip-text-mask", Named(text, "text_embeds"), 2
    siglip = SiglipTextModel(SiglipTextConfig(**TEXT, projection_size=WIDTH))
    yield "siglip-text", Named(siglip, "pooler_output"), 1
    yield "openclip-text", Words(whole), 1


def images():
    """Three of them, uint8."""
    return np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)


def held(array):
    """An array as the bytes of a file."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def given(name, inputs):
    """Three images, or the tokens of three texts."""
    if "text" not in name:
        return (torch.from_numpy((images() / 255).astype(np.float32).transpose(0, 3, 1, 2)),)
    tokens = torch.full((3, WORDS), 63)
    tokens[:, 0] = 1
    for row, length in enumerate((3, 5, 7)):
        tokens[row, 1:length] = torch.arange(10 + row, 10 + row + length - 1)
    return (tokens, torch.ones_like(tokens))[:inputs]


def export(network, some, inputs, *, newer, free):
    """A network as a file of the older or the newer exporter, for one or any number at once."""
    names = [["pixel_values"], ["input_ids", "attention_mask"]][int(some[0].ndim == 2)][:inputs]
    some = some if free else tuple(one[:1] for one in some)
    out = io.BytesIO()
    if newer:
        any_number = tuple({0: torch.export.Dim("batch")} for _ in some)
        wrapped = (any_number,) if type(network) is Named else any_number
        program = torch.onnx.export(
            network,
            some,
            input_names=names,
            output_names=["embeds"],
            dynamo=True,
            verbose=False,
            dynamic_shapes=wrapped if free else None,
        )
        program.save(out, external_data=False)
    else:
        axes = {name: {0: "batch"} for name in (*names, "embeds")}
        torch.onnx.export(
            network,
            some,
            out,
            input_names=names,
            output_names=["embeds"],
            dynamo=False,
            opset_version=17,
            dynamic_axes=axes if free else None,
        )
    return plain(out.getvalue())


def plain(data):
    """A model without notes on where each node was traced: they name folders of this machine."""
    model = onnx.load_model_from_string(data)
    model.doc_string = model.graph.doc_string = ""
    for one in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.input,
        *model.graph.output,
        *model.graph.value_info,
        *model.graph.initializer,
    ):
        del one.metadata_props[:]
        one.doc_string = ""
    return model.SerializeToString()


def tokenizer():
    """Words of a small vocabulary, as ``tokenizer.json`` has them."""
    words = re.findall(
        "[a-z]+", "a the red blue green dress shirt bag shoe hat of with and photo long short"
    )
    known = {"[PAD]": 0, "[BOS]": 1, "[UNK]": 2, **{one: 10 + at for at, one in enumerate(words)}}
    known["[EOS]"] = 63
    ends = [("[BOS]", 1), ("[EOS]", 63), ("[UNK]", 2)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": at,
                "content": one,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for one, at in ends
        ],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[BOS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[EOS]", "type_id": 0}},
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {
                one: {"id": one, "ids": [at], "tokens": [one]} for one, at in ends[:2]
            },
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": known, "unk_token": "[UNK]"},
    }


def main():
    """Write them all."""
    with zipfile.ZipFile(Path(__file__).with_name("exported.zip"), "w", zipfile.ZIP_LZMA) as out:
        out.writestr("tokenizer.json", json.dumps(tokenizer()))
        out.writestr("images.npy", held(images()))
        for name, network, inputs in networks():
            network.eval()
            with torch.no_grad():
                for one in network.parameters():
                    one.copy_(torch.round((one + 0.2 * torch.randn_like(one)) * 16) / 16)
                some = given(name, inputs)
                answer = network(*some).numpy()
            out.writestr(f"{name}.npy", held(answer))
            for newer in (False, True):
                for free in (False, True):
                    kind = f"{'newer' if newer else 'older'}-{'any' if free else 'one'}"
                    out.writestr(
                        f"{name}-{kind}.onnx",
                        export(network, some, inputs, newer=newer, free=free),
                    )


if __name__ == "__main__":
    main()

"""Requests of the verbs that look at a set and change nothing: explore, audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hangtag.requests.base import Option, Request
from hangtag.requests.everywhere import Limit, Seed, SplitAs


@dataclass(frozen=True, kw_only=True)
class ExploreRequest(Request):
    """Look at a set: classes, pixel range, samples, components; --out FILE.html shows pictures."""

    split: SplitAs = None
    per_class: Annotated[int, Option("Samples shown of each class.", low=1)] = 3
    seed: Seed = None
    limit: Limit = None

"""The API from Python, elsewhere: ``hangtag.Client(url, key)``; errors are the command line's.

What comes back are the shapes of the API, so an editor knows their fields. Writes carry an
Idempotency-Key and are asked again when the line was cut or the server is busy for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel

from hangtag import errors
from hangtag.errors import FailedError, HangtagError
from hangtag.serve import shapes

Shape = TypeVar("Shape", bound=BaseModel)
Photo = str | Path | bytes
AGAIN = (429, 503)
"""Statuses after which the same is asked again."""


class Client:
    """A server that ``hangtag serve`` opened.

    Args:
        url: Its address, such as ``http://127.0.0.1:8077``, or the printed link with its token.
        key: Of ``hangtag keys add``, or the token; None takes it out of the link.
        tries: How often something is asked before its error is raised.
        timeout: Seconds to wait for an answer.

    Example:
        >>> with hangtag.Client("http://127.0.0.1:8077", key) as shop:
        ...     shop.tag(["shirt.jpg"]).tags[0].label
    """

    def __init__(
        self, url: str, key: str | None = None, *, tries: int = 3, timeout: float = 60
    ) -> None:
        address = httpx.URL(url)
        token = key or address.params.get("token", "")
        self._tries = tries
        self._http = httpx.Client(
            base_url=address.copy_with(query=None),
            headers={"authorization": f"Bearer {token}"},
            timeout=timeout,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def tag(self, pictures: Iterable[Photo], *, threshold: float | None = None) -> shapes.Tags:
        """Tag images: files, or their bytes.

        Raises:
            HangtagError: As the command line would say it; so for all that follow.
        """
        asked = {"threshold": threshold}
        return self._ask(shapes.Tags, "POST", "/v1/tag", params=asked, files=_files(pictures))

    def search(
        self,
        picture: Photo | None = None,
        *,
        text: str | None = None,
        where: str | None = None,
        k: int = 12,
        everything: bool = False,
        group_by: str | None = None,
    ) -> shapes.Found:
        """Find items by an image, words, or both."""
        asked = {"text": text, "where": where, "k": k, "everything": everything}
        files = None if picture is None else _files([picture])
        asked["group_by"] = group_by
        return self._ask(shapes.Found, "POST", "/v1/search", params=asked, files=files)

    def similar(self, item: str, *, k: int = 12, where: str | None = None) -> shapes.Found:
        """Find the items most like one of the catalogue."""
        asked = {"k": k, "where": where}
        return self._ask(shapes.Found, "GET", f"/v1/items/{_name(item)}/similar", params=asked)

    def item(self, item: str) -> shapes.Known:
        """All that is known of an item."""
        return self._ask(shapes.Known, "GET", f"/v1/items/{_name(item)}")

    def items(self, *, where: str | None = None, offset: int = 0, limit: int = 60) -> shapes.Items:
        """A page of the catalogue."""
        asked = {"where": where, "offset": offset, "limit": limit}
        return self._ask(shapes.Items, "GET", "/v1/items", params=asked)

    def put(self, item: str, facts: shapes.Put) -> shapes.Item:
        """Put an item as the shop has it; the same twice changes nothing."""
        body = facts.model_dump(exclude_unset=True)
        return self._ask(shapes.Item, "PUT", f"/v1/items/{_name(item)}", json=body)

    def delete(self, item: str) -> None:
        """Take an item out."""
        self._send("DELETE", f"/v1/items/{_name(item)}")

    def import_items(
        self, feed: str | Path, *, keep: bool = False, dry_run: bool = False
    ) -> shapes.Plan:
        """Import a feed."""
        place = Path(feed)
        files = [("feed", (place.name, place.read_bytes()))]
        asked = {"keep": keep, "dry_run": dry_run}
        return self._ask(shapes.Plan, "POST", "/v1/items:import", params=asked, files=files)

    def export(self, *, format: str = "csv", since: int | None = None) -> bytes:  # noqa: A002
        """The feed as it came with the tags that hold, or lines of JSON."""
        return self._send("GET", "/v1/export", params={"format": format, "since": since}).content

    def review(self, *, limit: int = 200) -> shapes.Review:
        """Suggestions that wait for a decision, the most valuable first."""
        return self._ask(shapes.Review, "GET", "/v1/review", params={"limit": limit})

    def decide(self, decisions: Sequence[shapes.Decision]) -> shapes.Kept:
        """Keep decisions, all or none."""
        body = {"decisions": [one.model_dump(exclude_unset=True) for one in decisions]}
        return self._ask(shapes.Kept, "POST", "/v1/decisions", json=body)

    def undo(self, item: str, attribute: str = "category") -> shapes.Kept:
        """Take the last decision on an item back."""
        return self.decide([shapes.Decision(item=item, attribute=attribute, verdict="undone")])

    def attributes(self) -> shapes.Attributes:
        """Every attribute with its values."""
        return self._ask(shapes.Attributes, "GET", "/v1/attributes")

    def add_attribute(self, key: str, values: Mapping[str, Sequence[str]]) -> shapes.Added:
        """Add an attribute, or values and synonyms."""
        body = {"key": key, "values": {label: list(more) for label, more in values.items()}}
        return self._ask(shapes.Added, "POST", "/v1/attributes", json=body)

    def train_head(self, attribute: str, *, precision: float = 0.95) -> shapes.LearnedHead:
        """Learn a head for an attribute from decisions and the feed."""
        body = {"attribute": attribute, "precision": precision}
        return self._ask(shapes.LearnedHead, "POST", "/v1/heads:train", json=body)

    def activate_head(self, digest: str) -> shapes.Job:
        """Begin to tag every item by a head and use its tags."""
        return self._ask(shapes.Job, "POST", f"/v1/heads/{digest}:activate")

    def changes(self, since: int = 0, *, limit: int = 1000) -> shapes.Changes:
        """What happened after a change."""
        return self._ask(
            shapes.Changes, "GET", "/v1/changes", params={"since": since, "limit": limit}
        )

    def models(self) -> shapes.Models:
        """What answers, and what has answered for the catalogue."""
        return self._ask(shapes.Models, "GET", "/v1/models")

    def use_tagging(self, number: int) -> shapes.Used:
        """Take a tagging's suggestions for the tags; also the way back."""
        return self._ask(shapes.Used, "POST", f"/v1/taggings/{number}:use")

    def ready(self) -> bool:
        """Whether the server can do its work."""
        try:
            return self._http.get("/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def _ask(self, shape: type[Shape], method: str, path: str, **said: Any) -> Shape:  # noqa: ANN401
        return shape.model_validate_json(self._send(method, path, **said).content)

    def _send(self, method: str, path: str, **said: Any) -> httpx.Response:  # noqa: ANN401
        if "params" in said:
            said["params"] = {k: v for k, v in said["params"].items() if v is not None}
        # The same key for every try: whether the first was done or not, it is done once.
        said["headers"] = {} if method == "GET" else {"idempotency-key": uuid4().hex}
        for left in reversed(range(self._tries)):
            try:
                found = self._http.request(method, path, **said)
            except httpx.TransportError as error:
                if not left:
                    raise FailedError(
                        f"{self._http.base_url} does not answer: {error}",
                        "is hangtag serve running?",
                    ) from None
                time.sleep(0.2)
                continue
            # What was refused was not done; what was cut may have been, and the key tells.
            if found.status_code not in AGAIN or not left:
                break
            # The server knows better than we when there is room again.
            time.sleep(min(5.0, float(found.headers.get("retry-after", "1"))))
        if found.status_code >= 400:
            raise _error(found)
        return found


def _error(found: httpx.Response) -> HangtagError:
    """The error that a problem document tells, of the class that the server raised."""
    try:
        said = found.json()
        kind = getattr(errors, str(said["type"]).rpartition(":")[2], None)
        message, hint = str(said["detail"]), str(said.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return FailedError(f"{found.url} answered {found.status_code}", "is it hangtag serve?")
    # Only errors of ours: a name from the network chooses among them and makes nothing new.
    known = isinstance(kind, type) and issubclass(kind, HangtagError)
    if not known:
        kind = errors.AccessError if found.status_code in (401, 403, 421) else errors.UsageError
    return kind(message, hint)  # type: ignore[misc, no-any-return]


def _files(pictures: Iterable[Photo]) -> list[tuple[str, tuple[str, bytes]]]:
    files = []
    for number, one in enumerate(pictures):
        if isinstance(one, bytes):
            files.append(("picture", (f"image {number}", one)))
        else:
            files.append(("picture", (Path(one).name, Path(one).read_bytes())))
    return files


def _name(item: str) -> str:
    return quote(item, safe="/")

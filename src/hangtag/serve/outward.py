"""The one way out: a POST to an address that an administrator registered, and nowhere inside.

A name is resolved once, its machines looked at, and the connection made to those very machines, so
that a name which means another a moment later leads nowhere else. Redirects are not followed.
Machines of private networks are refused unless the operator named the host when the server was
started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass

from hangtag.errors import AccessError, OptionError
from hangtag.rooms.fetch import (
    Address,
    Network,
    NotFetchedError,
    PrivateError,
    ToPlace,
    places,
    read,
)

PATIENCE = 10.0
"""Seconds for a connection, and for each answer."""
MOST = 65_536
"""Bytes of an answer that are read; none of it is looked at."""


@dataclass(frozen=True)
class Target:
    """Where to, after it was looked at.

    Attributes:
        address: What was registered.
        numbers: The machines that its name means.
    """

    address: Address
    numbers: tuple[str, ...]


def target(url: str, named: Collection[str]) -> Target:
    """What an address means, if it may be sent to.

    Args:
        url: An address, ``https://…``; ``http://…`` for named hosts alone.
        named: Hosts that the operator allows, though they are in a private network.

    Raises:
        OptionError: It is no such address, or its host is not known.
        AccessError: It is in a private network, and nobody named it.
    """
    try:
        address = read(url)
        trusted = address.host in named
        # In clear text on the internet anybody on the way could read, and send it again elsewhere.
        if address.scheme != "https" and not trusted:
            raise NotFetchedError("is no address of https")
        network = Network(may=lambda _: True) if trusted else Network()
        return Target(address, tuple(places(address, network)))
    except PrivateError as error:
        raise AccessError(
            f"{address.text} {error.reason}, and webhooks are not sent into private networks",
            f"hangtag serve --hook-host {address.host}, if that is meant",
        ) from None
    except NotFetchedError as error:
        raise OptionError(f"{url[:200]} {error.reason}", "https://HOST/PATH") from None


def post(to: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Send, and give the status that was answered.

    Raises:
        OSError: The line could not be had, was cut, or its certificate is not the host's.
        http.client.HTTPException: What answers speaks no HTTP.
    """
    with closing(ToPlace(to.address, to.numbers, PATIENCE)) as connection:
        connection.request("POST", to.address.target, body, {"connection": "close", **headers})
        answer = connection.getresponse()
        answer.read(MOST)
        return answer.status

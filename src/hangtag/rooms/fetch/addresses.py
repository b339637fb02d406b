"""An address of a photo goes in; the servers that may be asked for it come out.

A feed is somebody else's text, and whoever fetches what it names stands inside a network that its
writer cannot see: ``http://169.254.169.254/`` gives a cloud's keys to whoever asks from within. So
a name is resolved once, all that it resolves to must be public, and the connection is made to what
was looked at: a name that resolves to another machine the next time gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

SCHEMES = {"http": 80, "https": 443}
"""With the port of each."""

_NAT64 = IPv6Network("64:ff9b::/96")
# What a path or a question may hold as it stands; everything else is written as %XX.
_PLAIN = "/%:@!$&'()*+,;=~?-._"

Place = IPv4Address | IPv6Address


class NotFetchedError(Exception):
    """A photo was not fetched.

    Attributes:
        reason: Words that follow the address: ``answered 404 Not Found``.
        again: Whether it may go well a moment later.
        after: Seconds that the server asks to be left alone.
    """

    def __init__(self, reason: str, *, again: bool = False, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.again, self.after = reason, again, after


class PrivateError(NotFetchedError):
    """A machine behind an address is none of the internet, and may not be asked."""


def is_public(place: Place) -> bool:
    """Whether a machine is one of the internet: not this one, not one of its own network."""
    if isinstance(place, IPv6Address):
        # Another machine's address lies inside these: that one must be public, too.
        inner = place.ipv4_mapped or place.sixtofour
        if inner is None and place in _NAT64:
            inner = IPv4Address(int(place) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if place.is_site_local or place.teredo is not None:
            return False
    return place.is_global and not (place.is_multicast or place.is_reserved)


@dataclass(frozen=True)
class Network:
    """What is asked for photos.

    Attributes:
        may: Whether a machine may be asked.
        resolve: A host and a port to what :func:`socket.getaddrinfo` gives.
    """

    may: Callable[[Place], bool] = is_public
    resolve: Callable[..., Sequence[Any]] = socket.getaddrinfo


@dataclass(frozen=True)
class Address:
    """Where a photo is asked for.

    Attributes:
        scheme: ``http`` or ``https``.
        host: Name or number of the server.
        port: Of the server.
        target: Path and question, as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def text(self) -> str:
        """The address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.target}"

    def towards(self, location: str) -> Address:
        """Where a server sends whoever asks here.

        Raises:
            NotFetchedError: That is no address, or it gives encryption up.
        """
        there = read(urljoin(self.text, location))
        if self.scheme == "https" and there.scheme == "http":
            raise NotFetchedError("leads from https to http")
        return there


def read(text: str) -> Address:
    """An address from its text.

    Raises:
        NotFetchedError: It is none that can be asked.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # a port or a bracket that is none, a name that cannot be
        raise NotFetchedError("is no address") from None
    if parts.scheme not in SCHEMES or not host or any(one <= " " for one in host):
        raise NotFetchedError("is no address of http or https")
    if parts.username is not None or parts.password is not None:
        raise NotFetchedError("has a password in it, which is not sent")
    question = f"?{parts.query}" if parts.query else ""
    target = quote((parts.path or "/") + question, safe=_PLAIN)
    return Address(parts.scheme, host, SCHEMES[parts.scheme] if port is None else port, target)


def places(address: Address, network: Network) -> list[str]:
    """The machines behind an address, each by its number; resolved here and nowhere else.

    Raises:
        PrivateError: One of its machines may not be asked: one among public ones is how a name is
            turned against us.
        NotFetchedError: The name is not known.
    """
    try:
        found = network.resolve(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        # "Try again" is the resolver's own trouble; a name that is not there stays so.
        again = getattr(error, "errno", None) == socket.EAI_AGAIN
        raise NotFetchedError(f"is of {address.host}, which is not known", again=again) from None
    numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
    for one in numbers:
        if not network.may(ip_address(one)):
            raise PrivateError(f"leads to {one}, which is no public server")
    return numbers

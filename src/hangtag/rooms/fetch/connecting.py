"""A connection to machines that were looked at, whatever their name resolves to by now."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Sequence

from hangtag.rooms.fetch.addresses import Address


class ToPlace(http.client.HTTPConnection):
    """A connection to the first of these machines that answers.

    Args:
        address: What is asked for, or told something.
        numbers: The machines behind it; see :func:`addresses.places`.
        silence: Seconds without a byte.
    """

    def __init__(self, address: Address, numbers: Sequence[str], silence: float) -> None:
        super().__init__(address.host, address.port, timeout=silence)
        self._numbers, self._encrypted = numbers, address.scheme == "https"
        self.default_port = 443 if self._encrypted else 80

    def connect(self) -> None:
        """Connect to the first machine that answers."""
        self.sock = self._connected()
        if self._encrypted:
            # The certificate must be the name's, though the connection is to a number.
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def _connected(self) -> socket.socket:
        for left in range(len(self._numbers) - 1, -1, -1):
            number = self._numbers[-1 - left]
            try:
                return socket.create_connection((number, self.port), timeout=self.timeout)
            except OSError:
                if not left:
                    raise
        raise AssertionError(self._numbers)

"""From a command line to a server: what the socket it listens at must be."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from hangtag.requests import ServeRequest
from hangtag.serve import start


def test_no_answer_waits_until_a_client_confirms_its_first_half():
    async def switched() -> int:
        found: asyncio.Queue[int] = asyncio.Queue()

        def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = writer.get_extra_info("socket")
            found.put_nowait(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = start._bound(ServeRequest(port=0))
        async with await asyncio.start_server(came, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            one = await found.get()
            writer.close()
            await writer.wait_closed()
        return one

    # In a thread of its own: a browser that other tests share has a loop in this one.
    with ThreadPoolExecutor(1) as alone:
        assert alone.submit(lambda: asyncio.run(switched())).result() == 1

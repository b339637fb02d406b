"""A line is short: who comes when it is full is told so at once, and one client never fills it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from hangtag.errors import CrowdedError
from hangtag.serve.line import Line
from hangtag.serve.problems import RefusedError


def test_a_full_line_refuses_at_once_and_one_client_leaves_room_for_others():
    async def walk() -> None:
        line, done = Line(working=2, waiting=6), asyncio.Event()

        async def ask(who: str) -> None:
            async with line.turn(who):
                await done.wait()

        tasks = [asyncio.create_task(ask("one")) for _ in range(6)]
        await asyncio.sleep(0)
        with pytest.raises(RefusedError, match="of yours"):
            line.check("one")
        tasks += [asyncio.create_task(ask(f"other {n}")) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(CrowdedError, match="8 requests"):
            line.check("third")
        done.set()
        await asyncio.gather(*tasks)
        assert line.inside == 0
        line.check("one")

    # In a thread of its own: a browser that another test opened keeps a loop in this one.
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, walk()).result()

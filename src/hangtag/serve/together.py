"""What is asked at about the same time, answered by one call: items come in, each gets its own.

While a call is under way, what is asked meanwhile waits and goes together in the next. Nobody waits
for others to come, and the busier it is the more go together: handing an image to another thread
or process costs more than reading a small one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]


class Together(Generic[Item, Result]):
    """Calls for one item each, gathered.

    Args:
        work: Answers several items, in order; all that it is given are alike.
        most: Weight of one call; an item that is heavier goes alone.
        calls: Calls under way at once.
        alike: What two items must have in common to go together.
        weigh: What an item weighs.
    """

    def __init__(
        self,
        work: Work[Item, Result],
        *,
        most: int,
        calls: int,
        alike: Callable[[Item], Hashable] = lambda _: None,
        weigh: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._work, self._most, self._calls = work, most, calls
        self._alike, self._weigh = alike, weigh
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._under_way = 0
        self._going: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result:
        """The answer to one item; raises what answering it alone raises."""
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._under_way < self._calls:
            self._under_way += 1
            task = asyncio.create_task(self._go())
            self._going.add(task)  # a task that nobody holds may be collected amid its work
            task.add_done_callback(self._going.discard)
        return await answer

    async def _go(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._next())
        finally:
            # Counted here, where nobody can ask in between, and not when the task is seen to have
            # ended: who asks before that would wait for a call that does not come.
            self._under_way -= 1

    def _next(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        some = [self._waiting.popleft()]
        wanted, left = self._alike(some[0][0]), self._most - self._weigh(some[0][0])
        while self._waiting and self._alike(self._waiting[0][0]) == wanted:
            left -= self._weigh(self._waiting[0][0])
            if left < 0:
                break
            some.append(self._waiting.popleft())
        return some

    async def _answer(self, some: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        # Who has gone in the meantime needs no answer.
        some = [one for one in some if not one[1].done()]
        if not some:
            return
        try:
            results = await self._work([item for item, _ in some])
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            if len(some) == 1:
                _tell(some[0][1], error)
                return
            for one in some:  # one of several has failed: each is asked alone
                await self._answer([one])
            return
        for (_, answer), result in zip(some, results, strict=True):
            if not answer.done():
                answer.set_result(result)


def _tell(answer: asyncio.Future[Result], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)

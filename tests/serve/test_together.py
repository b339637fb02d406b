"""What is asked while a call is under way goes together in the next; everyone gets their own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from hangtag.serve.together import Together


class Doubling:
    """Doubles numbers, each call as long as `gate` is shut; keeps what it was given."""

    def __init__(self):
        self.given = []
        self.gate = asyncio.Event()

    async def __call__(self, numbers):
        self.given.append(list(numbers))
        await self.gate.wait()
        if 13 in numbers:
            raise ValueError("13")
        return [2 * one for one in numbers]


def gathered(numbers, *, most=4, calls=1, gone=(), **how):
    async def ask():
        work = Doubling()
        together = Together(work, most=most, calls=calls, **how)
        tasks = [asyncio.create_task(together(one)) for one in numbers]
        await asyncio.sleep(0)  # all have asked, and the first call is under way
        await asyncio.sleep(0)
        for place in gone:
            tasks[place].cancel()
        work.gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True), work.given

    return carried_out(ask())


def carried_out(work):
    """In a thread of its own: a browser of other tests may keep a loop in this one."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, work).result()


def test_who_asks_alone_is_not_kept_waiting():
    assert gathered([1]) == ([2], [[1]])


def test_what_comes_while_a_call_is_under_way_goes_together_in_the_next():
    answers, given = gathered([1, 2, 3, 4, 5, 6, 7], most=4)
    assert answers == [2, 4, 6, 8, 10, 12, 14]
    assert [len(one) for one in given] == [4, 3]


def test_only_what_is_alike_goes_together_and_nothing_changes_its_place():
    answers, given = gathered([1, 3, 2, 4, 5], alike=lambda one: one % 2)
    assert answers == [2, 6, 4, 8, 10]
    assert given == [[1, 3], [2, 4], [5]]


def test_several_calls_may_be_under_way():
    answers, given = gathered([1, 2, 3, 4, 5, 6], most=2, calls=2)
    assert answers == [2, 4, 6, 8, 10, 12]
    assert given == [[1, 2], [3, 4], [5, 6]]


def test_one_that_fails_fails_alone():
    answers, _ = gathered([1, 13, 2])
    assert (answers[0], answers[2]) == (2, 4)
    with pytest.raises(ValueError, match="13"):
        raise answers[1]


def test_who_has_gone_takes_nobody_along():
    answers, given = gathered([1, 2, 3, 4, 5, 6], most=2, gone=(3,))
    assert [one for one in answers if isinstance(one, int)] == [2, 4, 6, 10, 12]
    assert isinstance(answers[3], asyncio.CancelledError)
    assert [3] in given  # the other of its pair went without it


def test_heavy_ones_go_with_few_others_and_the_heaviest_alone():
    answers, given = gathered([1, 2, 3, 9, 1, 1], most=4, weigh=lambda number: number)
    assert answers == [2, 4, 6, 18, 2, 2]
    assert given == [[1, 2], [3], [9], [1, 1]]


@pytest.mark.parametrize("pause", range(12))
def test_who_asks_just_as_the_last_call_ends_is_answered(pause):
    async def answered(numbers):
        return numbers

    async def ask():
        together = Together(answered, most=4, calls=1)
        first = asyncio.create_task(together(1))
        for _ in range(pause):  # every step of the loop around the end of the first call
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            return await together(2), await first

    assert carried_out(ask()) == (2, 1)

"""What is read once for all who look."""

import asyncio

import pytest

from crontask_api.console.live.shared import Shared


class Source:
    """Answers as often as it is asked, when it may."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may = asyncio.Event()
        self.error: Exception | None = None

    async def read(self, key: str) -> int:
        """Return how often it was asked."""
        self.asked.append(key)
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return len(self.asked)


async def test_who_comes_meanwhile_and_soon_after_shares_the_answer() -> None:
    source = Source()
    shared = Shared(source.read, seconds=3600, most=10)
    waiting = [asyncio.ensure_future(shared.get("a")) for _ in range(20)]
    await asyncio.sleep(0)
    waiting.pop().cancel()
    source.may.set()
    assert set(await asyncio.gather(*waiting)) == {1}
    assert await shared.get("a") == 1
    assert await shared.get("b") == 2


async def test_an_answer_does_not_count_for_ever() -> None:
    source = Source()
    source.may.set()
    shared = Shared(source.read, seconds=0, most=10)
    assert [await shared.get("a"), await shared.get("a")] == [1, 2]


async def test_an_error_is_an_answer_too() -> None:
    source = Source()
    source.may.set()
    source.error = ValueError("not allowed")
    shared = Shared(source.read, seconds=3600, most=10)
    for _ in range(3):
        with pytest.raises(ValueError, match="not allowed"):
            await shared.get("a")
    assert source.asked == ["a"]


async def test_a_bounded_number_is_kept_of_what_was_looked_at_last() -> None:
    source = Source()
    source.may.set()
    shared = Shared(source.read, seconds=3600, most=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        await shared.get(key)
    assert source.asked == ["a", "b", "c", "b"]

"""The cache under Secrets and descriptor sets while nobody answers about them."""

import asyncio

import pytest

from crontask_operator.sharing.loading_cache import LAST_KNOWN_SECONDS, LoadingCache
from tests.unit.callbacks.calls import Clock
from tests.unit.ownership.world import run_virtually

HOLDS = 30.0
SILENCE = "no answer"


class Source:
    """Where values are loaded from: it answers `answer`, once `answers` is set."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.answer = "first"
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = 0
        self.cache = LoadingCache[str, str](
            self._load,
            lambda value: 5.0 if value == SILENCE else HOLDS,
            weigh=lambda _key, _value: 1,
            limit=100,
            outlast=lambda value: 0.0 if value == SILENCE else LAST_KNOWN_SECONDS,
            unanswered=lambda value: value == SILENCE,
            clock=self.clock,
        )

    async def get(self) -> str:
        return await self.cache.get("shop", "key")

    async def _load(self, key: str) -> str:
        self.asked += 1
        await self.answers.wait()
        return self.answer


async def test_what_nobody_answers_about_is_used_as_it_was() -> None:
    source = Source()
    assert await source.get() == "first"
    source.answer = SILENCE
    source.clock.now += HOLDS
    assert await source.get() == "first"
    assert source.asked == 2
    # For a while nobody is asked again.
    assert await source.get() == "first"
    assert source.asked == 2
    source.answer = "second"
    source.clock.now += HOLDS
    assert await source.get() == "second"


async def test_not_for_ever() -> None:
    source = Source()
    assert await source.get() == "first"
    source.answer = SILENCE
    for _ in range(int(LAST_KNOWN_SECONDS // HOLDS)):
        source.clock.now += HOLDS
        assert await source.get() == "first"
    source.clock.now += HOLDS
    assert await source.get() == SILENCE


async def test_what_was_never_known_is_silence() -> None:
    source = Source()
    source.answer = SILENCE
    assert await source.get() == SILENCE
    source.answer = "late"
    source.clock.now += 5.0
    assert await source.get() == "late"


def test_nobody_waits_long_for_what_is_known() -> None:
    async def story() -> None:
        source = Source()
        loop = asyncio.get_running_loop()
        assert await source.get() == "first"
        source.answers.clear()
        source.clock.now += HOLDS
        began = loop.time()
        assert await source.get() == "first"
        assert loop.time() - began == pytest.approx(1.0)
        assert await source.get() == "first"
        assert loop.time() - began == pytest.approx(1.0)

        # The answer is taken nevertheless when it comes.
        source.answer = "second"
        source.answers.set()
        await asyncio.sleep(0.1)
        assert await source.get() == "second"
        assert source.asked == 2
        await source.cache.close()

    run_virtually(story())

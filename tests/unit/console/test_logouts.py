"""Logging out everywhere: which sessions count, as what is kept somewhere says."""

import asyncio
from collections.abc import Mapping

import pytest

from crontask_api.console.session.logouts import Logouts, MemoryBook, digest_of
from crontask_api.console.session.session import Session
from crontask_kube.errors import ForbiddenError, UnavailableError

NOW = 1_700_000_000
DAY = 86_400


class _Book(MemoryBook):
    """One that can be away or hang, and counts how often it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.error: Exception | None = None
        self.hangs = False

    async def read(self) -> Mapping[str, int]:
        self.reads += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return await super().read()


class _Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def _logouts(book: _Book, clock: _Clock | None = None) -> Logouts:
    return Logouts(book, most_seconds=DAY, now=clock or _Clock())


def _session(began: int) -> Session:
    return Session("id", began, "token")


async def test_what_began_before_is_over_and_a_login_after_it_counts() -> None:
    logouts = _logouts(_Book())
    assert not await logouts.is_over("ops", _session(NOW))
    await logouts.end_all("ops")

    # That of the same second too, but for the one that a login begins from now on.
    assert await logouts.is_over("ops", _session(NOW))
    first = await logouts.first_moment("ops")
    assert not await logouts.is_over("ops", _session(max(NOW, first)))
    assert not await logouts.is_over("shop", _session(NOW - 1))


@pytest.mark.looptime
async def test_another_replica_hears_of_it_within_seconds_and_a_login_at_once() -> None:
    book = _Book()
    one, two = _logouts(book), _logouts(book)
    for _ in range(50):
        assert not await two.is_over("ops", _session(NOW))
    assert book.reads == 1
    await one.end_all("ops")
    assert not await two.is_over("ops", _session(NOW))
    await asyncio.sleep(5)
    assert await two.is_over("ops", _session(NOW))

    three = _logouts(book)
    assert await three.first_moment("shop") == 0
    await one.end_all("shop")
    assert await three.first_moment("shop") == NOW + 1


async def test_a_clock_that_is_behind_takes_no_logout_back() -> None:
    book, clock = _Book(), _Clock()
    await _logouts(book).end_all("ops")
    clock.now -= 60
    await _logouts(book, clock).end_all("ops")
    assert await book.read() == {digest_of("ops"): NOW + 1}


async def test_moments_are_forgotten_when_no_session_can_be_so_old() -> None:
    book, clock = _Book(), _Clock()
    logouts = _logouts(book, clock)
    await logouts.end_all("ops")
    clock.now += DAY
    await logouts.end_all("shop")
    assert set(await book.read()) == {digest_of("ops"), digest_of("shop")}
    clock.now += 302
    await logouts.end_all("shop")
    assert set(await book.read()) == {digest_of("shop")}
    assert not await logouts.is_over("ops", _session(NOW))


@pytest.mark.looptime
@pytest.mark.parametrize("hangs", [False, True])
async def test_while_it_is_away_what_was_known_counts(hangs: bool) -> None:
    book = _Book()
    logouts = _logouts(book)
    await logouts.end_all("ops")
    await asyncio.sleep(6)
    book.hangs, book.error = hangs, UnavailableError("away")
    begin = asyncio.get_running_loop().time()
    assert await logouts.is_over("ops", _session(NOW))
    assert not await logouts.is_over("shop", _session(NOW))
    assert asyncio.get_running_loop().time() - begin <= 2


async def test_where_nothing_is_known_nobody_is_let_in() -> None:
    book = _Book()
    book.error = ForbiddenError("cannot get")
    with pytest.raises(ForbiddenError):
        await _logouts(book).is_over("ops", _session(NOW))


@pytest.mark.looptime
async def test_whoever_empties_it_revives_no_session() -> None:
    book = _Book()
    logouts = _logouts(book)
    await logouts.end_all("ops")
    await book.write({digest_of("ops"): None})
    await asyncio.sleep(6)
    assert await logouts.is_over("ops", _session(NOW))

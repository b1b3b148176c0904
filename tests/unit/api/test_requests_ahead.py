"""Requests that a client sends ahead of an answer that it does not take are few bytes."""

import asyncio
from typing import Final

import pytest

from crontask_api.server.protocol import MOST_WAITING, MOST_WAITING_BYTES, BoundedProtocol
from tests.unit.api.test_connections import Pipe, protocol

GET: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


def _post(size: int) -> bytes:
    return b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size


class _Deaf(Pipe):
    """A connection on which all may be written and read."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take it."""

    def pause_reading(self) -> None:
        """Go on: what is read at a time is a quarter of a mebibyte."""

    def resume_reading(self) -> None:
        """Go on."""


def _kept(ours: BoundedProtocol) -> int:
    return sum(
        len(cycle.body) + sum(len(name) + len(value) for name, value in cycle.scope["headers"])
        for cycle, _ in ours.pipeline
    )


@pytest.mark.parametrize(
    ("request_ahead", "waiting"),
    [
        (_post(60_000), 1),
        (_post(6_000), 9),
        (GET + b"".join(b"h%d: vv\r\n" % number for number in range(97)) + b"\r\n", 5),
        (GET + b"\r\n", MOST_WAITING),
    ],
    ids=["large bodies", "bodies", "headers", "small ones"],
)
async def test_what_waits_takes_little_memory(request_ahead: bytes, waiting: int) -> None:
    ours = protocol()
    ours.app = _never
    ours.connection_made(_Deaf())
    ours.data_received(GET + b"\r\n")
    for _ in range(20):
        ours.data_received(request_ahead)

    assert len(ours.pipeline) == waiting
    assert _kept(ours) <= MOST_WAITING_BYTES
    ours.connection_lost(None)
    await asyncio.gather(*ours.tasks)


async def test_the_body_of_what_is_answered_is_not_kept() -> None:
    ours = protocol()
    ours.app = _never
    ours.connection_made(_Deaf())
    ours.data_received(_post(60_000))
    ours.cycle.response_started = True
    ours.pause_writing()

    assert len(ours.cycle.body) == 0
    ours.connection_lost(None)
    await asyncio.gather(*ours.tasks)


async def _never(scope: object, receive: object, send: object) -> None:
    """Answer nothing."""

"""Targets that hang within TLS take little memory, however many there are."""

import asyncio
import sys
from collections.abc import Callable
from typing import Final

import pytest
import uvloop

from crontask_core.enums import Reason
from crontask_core.spec import Expect, HttpCallback, Tls
from crontask_operator.callbacks.answer_bounds import RESPONSE_CAP_BYTES
from crontask_operator.callbacks.answer_memory import SHARES, TOTAL_BYTES
from crontask_operator.callbacks.connection.tls_stream import HANDSHAKES_BYTES
from tests.support.hanging_tls import hanging_tls
from tests.support.memory import grown_bytes, resident_bytes
from tests.unit.callbacks.calls import calling
from tests.unit.callbacks.test_memory import call_once, forget_peak, peak_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

CALLS: Final = 300
KIB: Final = 1024


async def _hang(where: str, a_call: int, together: int) -> None:
    with hanging_tls(where) as url:
        async with calling(cap=RESPONSE_CAP_BYTES) as caller:
            callback = HttpCallback(url=url, tls=Tls(insecure_skip_verify=True))
            expect = Expect(body_regex="nowhere$")
            forget_peak()
            before = resident_bytes()
            calls = [caller(callback, expect=expect, timeout_seconds=8) for _ in range(CALLS)]
            results = await asyncio.gather(*calls)
    assert {result.reason for result in results} == {Reason.TIMEOUT}
    used = peak_bytes() - before - together
    assert used <= CALLS * a_call, f"{used // CALLS} bytes a call"


def _on_the_operators_loop(where: str, a_call: int, together: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_hang(where, a_call, together))


def hang_within_a_certificate() -> None:
    """Hang within handshakes that OpenSSL holds 100 KiB of."""
    _on_the_operators_loop("certificate", 80 * KIB, HANDSHAKES_BYTES // SHARES)


def hang_within_an_answer() -> None:
    """Hang shortly before the end of answers that an expression is matched with."""
    _on_the_operators_loop("answer", 120 * KIB, TOTAL_BYTES // SHARES)


@pytest.mark.parametrize("work", [hang_within_a_certificate, hang_within_an_answer])
def test_targets_that_hang_within_tls_take_little_memory(work: Callable[[], None]) -> None:
    grown_bytes(work, warm_up=call_once)

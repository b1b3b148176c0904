"""Matcher judges answers: short ones at once, long ones beside the event loop.

RE2 takes time in proportion to the text, but up to some microseconds a byte, which is
seconds for a megabyte. It releases the interpreter's lock meanwhile, so threads help.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final

from crontask_core.expect import CompiledExpect, Verdict

AT_ONCE_BYTES: Final = 4 * 1024
"""Bytes that are matched on the event loop: handing them over would take longer."""

THREADS: Final = 4
"""Answers that are matched side by side."""

THREADS_OF_ONE: Final = 2
"""How many of them one namespace may have: a thread cannot be told to stop."""


class Matcher:
    """Matches answers with expressions."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "match")
        self._shares: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(THREADS_OF_ONE)
        )
        self._busy: defaultdict[str, int] = defaultdict(int)

    async def judge(
        self, namespace: str, expect: CompiledExpect, code: int, body: bytearray, truncated: bool
    ) -> Verdict:
        """Return what `expect` says of an answer; see `CompiledExpect.judge`."""
        if len(body) <= AT_ONCE_BYTES or not expect.reads_body(code):
            return expect.judge(code, body, truncated)
        return await self._beside(namespace, partial(expect.judge, code, body, truncated))

    async def judge_body(
        self, namespace: str, expect: CompiledExpect, body: bytes, truncated: bool
    ) -> Verdict:
        """Return what `expect` says of a reply without a code of its own."""
        if len(body) <= AT_ONCE_BYTES or not expect.body_is_expected:
            return expect.judge_body(body, truncated)
        return await self._beside(namespace, partial(expect.judge_body, body, truncated))

    def close(self) -> None:
        """Match no more. What is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _beside(self, namespace: str, judge: Callable[[], Verdict]) -> Verdict:
        self._busy[namespace] += 1
        share = self._shares[namespace]
        try:
            await share.acquire()
        except asyncio.CancelledError:
            self._leave(namespace)
            raise
        loop = asyncio.get_running_loop()
        future = self._threads.submit(judge)

        def end(_: Future[Verdict]) -> None:
            # The loop may be gone by the time that a thread ends.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._end, namespace, share)

        # The thread goes on even if the call is given up.
        future.add_done_callback(end)
        return await asyncio.wrap_future(future)

    def _end(self, namespace: str, share: asyncio.Semaphore) -> None:
        share.release()
        self._leave(namespace)

    def _leave(self, namespace: str) -> None:
        self._busy[namespace] -= 1
        if not self._busy[namespace]:
            del self._busy[namespace], self._shares[namespace]

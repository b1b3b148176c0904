"""SideThread does work of some length beside the event loop, for each namespace in turn."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from crontask_operator.sharing.namespace_slots import NamespaceSlots

Result = TypeVar("Result")


class SideThread:
    """One thread, so that not more than one piece of work takes memory at a time.

    Python's lock goes back and forth between the two threads every few milliseconds, so
    the event loop gets slower and does not stand still. Of a namespace no more than one
    piece of work waits for the thread, so another namespace's is never far behind.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="descriptors")
        self._slots = NamespaceSlots(1)

    async def run(self, namespace: str, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises."""
        async with self._slots.slot(namespace):
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Take no more work. What runs ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

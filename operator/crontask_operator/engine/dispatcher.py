"""Makes attempts: a queue, a bounded number of slots, one asyncio task per call.

A slot stands for our own work on a call; see `crontask_operator.engine.slots`. The number of
calls in flight has a bound of its own, which protects memory and file descriptors, and of
which each namespace has a share; see `crontask_operator.sharing.fair_queue`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from crontask_core.enums import Reason
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.base import Callback, CallResult
from crontask_operator.engine.job_listener import JobListener
from crontask_operator.engine.slots import Slots
from crontask_operator.process.clock import Clock
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.task.state import Job

logger = logging.getLogger(__name__)


REPORT_SECONDS: Final = 0.5
"""An end is reported after this time at the latest, while due calls wait to be started."""

REPORTS: Final = 32
"""Ends reported at a time, before the event loop may send what was started."""


class Dispatcher:
    """Starts queued jobs as long as slots are free, in turns of namespaces.

    Starting goes before reporting: what follows from the end of a call is a fifth of the
    work on it, and with a thousand calls due at one instant the last would wait for it.

    Parameters
    ----------
    slots
        Calls in flight that do not wait for their targets. 64 to 200 were measured best:
        more connections make the target and the kernel slower, not the burst faster.
    limit
        Calls in flight of any age.
    share
        Part of `limit` that one namespace may use; see `FairQueue`.
    """

    def __init__(
        self,
        callback: Callback,
        clock: Clock,
        listener: JobListener,
        *,
        slots: int,
        limit: int,
        share: float = 1.0,
    ) -> None:
        self._callback = callback
        self._clock = clock
        self._listener = listener
        self._slots: Slots[Job] = Slots(slots, on_free=self._pump, on_slow=listener.on_slow)
        self._queue: FairQueue[Job] = FairQueue(limit, share, self._on_share_full)
        self._running: set[Job] = set()
        # In the order in which they ended. One that is reported before its turn stays.
        self._ends: deque[tuple[float, Job]] = deque()
        self._report_handle: asyncio.Handle | None = None
        self._loop = asyncio.get_running_loop()
        self._pump_handle: asyncio.Handle | None = None
        self._caught_up = asyncio.Event()
        self._caught_up.set()

    @property
    def waiting(self) -> int:
        """Jobs that are due and not started."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """Calls that are being made."""
        return len(self._running)

    @property
    def busy(self) -> bool:
        """Whether jobs wait that are to be started as soon as there are slots.

        Those that wait for a call in flight to end, of their namespace or of any, keep
        nothing else back: that may take as long as a target likes.
        """
        return self._queue.ready

    async def caught_up(self) -> None:
        """Wait until no due job waits for anything but calls in flight."""
        await self._caught_up.wait()

    def submit(self, job: Job) -> None:
        """Queue `job`. It is started from the event loop, never from within this call."""
        self._queue.put(job.state.namespace, job)
        self._caught_up.clear()
        if self._pump_handle is None:
            self._pump_handle = self._loop.call_soon(self._pump)

    def cancel(self, job: Job, reason: Reason) -> None:
        """End `job` with `reason`; it is reported as finished like any other."""
        job.cancel_reason = reason
        if job.task is not None:
            self._cancel_task(job, job.task)
            return
        if not job.held:
            self._queue.remove(job.state.namespace, job)
        self._listener.on_finished(job, _cancelled(job))
        self._signal()

    def report_ended(self, jobs: Iterable[Job]) -> None:
        """Report at once which of `jobs` have ended."""
        for job in list(jobs):
            self._report_end(job)

    async def drain(self, concerns: Callable[[Job], bool], grace_seconds: float) -> None:
        """Start no more of the jobs that `concerns` names, and let those in flight end.

        What has not ended after `grace_seconds` is broken off without a report. What has
        ended is reported by the end of this.
        """
        self._hold(concerns)
        tasks = {job.task for job in self._running if concerns(job) and job.task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        self.break_off(concerns)

    def break_off(self, concerns: Callable[[Job], bool] = lambda _: True) -> None:
        """Cancel the jobs that `concerns` names without a report."""
        self._hold(concerns)
        self._report_all()
        for job in list(self._running):
            if concerns(job) and job.task is not None:
                job.abandoned = True
                self._cancel_task(job, job.task)

    def _cancel_task(self, job: Job, task: asyncio.Task[None]) -> None:
        task.cancel()
        if not job.entered:
            # Python does not even begin a task that is cancelled this early.
            job.entered = True
            self._end(job, _cancelled(job))

    def _hold(self, concerns: Callable[[Job], bool]) -> None:
        for job in self._queue:
            job.held = concerns(job)
        self._queue.keep(lambda job: not job.held)
        self._signal()

    def _pump(self) -> None:
        self._pump_handle = None
        while self._slots.free > 0 and (job := self._queue.take()) is not None:
            if not self._listener.may_start(job):
                self._queue.give_back(job.state.namespace)
                job.held = True
                self._listener.on_refused(job)
                continue
            self._slots.take(job)
            self._running.add(job)
            job.begin = self._clock.now()
            job.task = self._loop.create_task(self._make(job))
        self._signal()

    async def _make(self, job: Job) -> None:
        job.entered = True
        TENANT.set(job.state.namespace)
        try:
            result = await self._callback.call(job.attempt, partial(self._before_sending, job))
        except asyncio.CancelledError:
            result = _cancelled(job)
        except Exception as error:
            # A callback promises not to raise. If it does, the run still gets its record.
            told = {**job.state.log_fields, "execution_id": job.attempt.execution_id}
            logger.exception("The call failed within the operator.", extra=told)
            result = CallResult(
                reason=Reason.INTERNAL_ERROR,
                error=f"the operator failed with {type(error).__name__}; its log has the details",
            )
        self._end(job, result)

    def _end(self, job: Job, result: CallResult) -> None:
        self._slots.leave(job)
        self._running.discard(job)
        self._queue.give_back(job.state.namespace)
        try:
            if job.abandoned:
                return
            if job.withheld:
                job.task, job.entered, job.withheld, job.held = None, False, False, True
                self._listener.on_refused(job)
            else:
                job.ended, job.result = self._clock.now(), result
                self._ends.append((self._loop.time(), job))
        finally:
            self._pump()

    def _report(self) -> None:
        """Report the ends that are to wait no longer, a few at a time."""
        self._report_handle = None
        for _ in range(REPORTS):
            if not self._ends or self._may_wait():
                break
            self._report_first()
        self._report_soon()

    def _report_all(self) -> None:
        while self._ends:
            self._report_first()

    def _report_first(self) -> None:
        _, job = self._ends.popleft()
        self._report_end(job)

    def _report_end(self, job: Job) -> None:
        result, job.result = job.result, None
        if result is None:
            return
        try:
            self._listener.on_finished(job, result)
        except Exception:
            # A fault in the handling of one end must not keep others from being told.
            logger.exception("A call's end was not handled.", extra=job.state.log_fields)

    def _report_soon(self) -> None:
        """See to it that the first end is reported in time; at once if nothing is due."""
        if self._report_handle is not None:
            if self._queue.ready:
                return
            self._report_handle.cancel()
            self._report_handle = None
        if not self._ends:
            return
        if self._may_wait():
            wait = self._ends[0][0] + REPORT_SECONDS - self._loop.time()
            self._report_handle = self._loop.call_later(wait, self._report)
        else:
            self._report_handle = self._loop.call_soon(self._report)

    def _may_wait(self) -> bool:
        return self._queue.ready and self._loop.time() < self._ends[0][0] + REPORT_SECONDS

    def _before_sending(self, job: Job) -> None:
        if not self._listener.may_start(job):
            job.withheld = True
            raise asyncio.CancelledError

    def _signal(self) -> None:
        self._report_soon()
        if self._queue.ready:
            self._caught_up.clear()
        else:
            self._caught_up.set()

    def _on_share_full(self, namespace: str) -> None:
        job = self._queue.first(namespace)
        self._listener.on_share_full(job, self._queue.held(namespace))


def _cancelled(job: Job) -> CallResult:
    sentence = {
        Reason.REPLACED: "a newer run of the task took its place",
        Reason.CANCELLED: "the call was cancelled before it ended",
    }
    return CallResult(reason=job.cancel_reason, error=sentence.get(job.cancel_reason, ""))

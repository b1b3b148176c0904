"""Dispatcher makes the calls of jobs: a queue, slots, and one asyncio task for each call.

A slot stands for our own work on a call; see `crontask_operator.engine.slots`. The number of
calls in flight has a bound of its own, which protects memory and file descriptors, and of
which each namespace has a share; see `crontask_operator.sharing.fair_queue`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crontask_core.enums import Reason
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.base import Callback, CallResult
from crontask_operator.engine.burst import REPORT_SECONDS, SLICE
from crontask_operator.engine.job_listener import JobListener
from crontask_operator.engine.slots import Slots
from crontask_operator.process.clock import Clock
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.task.attempt_record import cancelled
from crontask_operator.task.state import Job

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Call:
    """The call of a job, from its start to its end."""

    job: Job
    task: asyncio.Task[None] | None = None
    has_begun: bool = False
    """Whether `task` has begun to run."""
    refused: bool = False
    """Whether the task was not ours any more by the time it could be sent."""
    cancel_reason: Reason = Reason.CANCELLED
    started: float | None = None
    has_slot: bool = False


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
        self._slots: Slots[_Call] = Slots(
            slots, on_free=self._pump, on_slow=lambda call: listener.on_slow(call.job)
        )
        self._queue: FairQueue[Job] = FairQueue(limit, share, self._on_share_full)
        self._calls: dict[Job, _Call] = {}
        # In the order in which they ended.
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
        return len(self._calls)

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
        """End the call of `job` with `reason`, or have it wait no more if it is queued."""
        call = self._calls.get(job)
        if call is None or call.task is None:
            self._queue.remove(job.state.namespace, job)
            self._signal()
            return
        call.cancel_reason = reason
        call.task.cancel()
        if not call.has_begun:
            # Python does not even begin a task that is cancelled this early.
            self._end(call, cancelled(reason))

    async def drain(self, concerns: Callable[[Job], bool], grace_seconds: float) -> None:
        """Start no more of the jobs that `concerns` names, and let those in flight end.

        What has not ended after `grace_seconds` is broken off without a report. What has
        ended is reported by the end of this.
        """
        self.hold(concerns)
        tasks = [call.task for call in self._calls.values() if concerns(call.job) and call.task]
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        self.break_off(concerns)

    def break_off(self, concerns: Callable[[Job], bool] = lambda _: True) -> None:
        """Cancel the calls of jobs that `concerns` names without a report: the jobs wait."""
        self.hold(concerns)
        while self._ends:
            self._report_first()
        for call in list(self._calls.values()):
            if concerns(call.job) and call.task is not None:
                self._leave(call)
                call.job.break_off()
                call.task.cancel()
        self._pump()

    def hold(self, concerns: Callable[[Job], bool]) -> None:
        """Have those of the queued jobs that `concerns` names wait instead."""
        for job in self._queue:
            if concerns(job):
                job.wait()
        self._queue.keep(lambda job: not concerns(job))
        self._signal()

    def _pump(self) -> None:
        self._pump_handle = None
        while self._slots.free > 0 and (job := self._queue.take()) is not None:
            if not self._listener.may_start(job):
                self._queue.give_back(job.state.namespace)
                job.wait()
                self._listener.on_refused(job)
                continue
            call = self._calls[job] = _Call(job)
            self._slots.take(call)
            job.run(self._clock.now())
            call.task = self._loop.create_task(self._make(call))
        self._signal()

    async def _make(self, call: _Call) -> None:
        call.has_begun = True
        job = call.job
        TENANT.set(job.state.namespace)
        try:
            result = await self._callback.call(job.attempt, partial(self._before_sending, call))
        except asyncio.CancelledError:
            result = cancelled(call.cancel_reason)
        except Exception as error:
            # A callback promises not to raise. If it does, the run still gets its record.
            told = {**job.state.log_fields, "execution_id": job.attempt.execution_id}
            logger.exception("The call failed within the operator.", extra=told)
            result = CallResult(
                reason=Reason.INTERNAL_ERROR,
                error=f"the operator failed with {type(error).__name__}; its log has the details",
            )
        self._end(call, result)

    def _end(self, call: _Call, result: CallResult) -> None:
        job = call.job
        if self._calls.get(job) is not call:
            # It was broken off.
            return
        self._leave(call)
        try:
            if call.refused:
                job.wait()
                self._listener.on_refused(job)
            else:
                job.end(result, self._clock.now())
                self._ends.append((self._loop.time(), job))
        finally:
            self._pump()

    def _leave(self, call: _Call) -> None:
        self._slots.leave(call)
        del self._calls[call.job]
        self._queue.give_back(call.job.state.namespace)

    def _report(self) -> None:
        """Report the ends that are to wait no longer, a few at a time."""
        self._report_handle = None
        for _ in range(SLICE):
            if not self._ends or self._may_wait():
                break
            self._report_first()
        self._report_soon()

    def _report_first(self) -> None:
        _, job = self._ends.popleft()
        try:
            self._listener.on_finished(job)
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

    def _before_sending(self, call: _Call) -> None:
        if not self._listener.may_start(call.job):
            call.refused = True
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

"""Where the fault stories play: tasks, their target, and the evidence for the checker."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crontask_core.status import RunRecord
from dev.echo import EchoServer
from dev.readiness import loopback_client
from tests.support.checker import Call, Crash, Report, Task, check
from tests.support.crontasks import CronTasks, task
from tests.support.evidence import recorded
from tests.support.kept_runs import records_of
from tests.support.wait import eventually_sync

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
"""Bound of every wait: an event that takes seconds may take many on a busy machine."""

CREATORS = 8
"""Tasks created at a time; more make the API server no faster."""

CLEARING_SECONDS = 3.0
"""Time to delete a burst that was not created in time, before any of it is due."""

FOREVER = datetime.max.replace(tzinfo=UTC)

CALL_SECONDS = 0.2
"""How long the target takes for a call of a burst. With `NARROW`, 500 of them last
three seconds, so that there is a middle in which something can go wrong."""

NARROW = {"CRONTASK_CALL_SLOTS": "32", "CRONTASK_CALL_LIMIT": "32"}
"""Settings that make a burst last: calls that wait for their target count as well."""

SHORT_LEASE = {"CRONTASK_LEASE_SECONDS": "4"}
"""Settings under which an owner that is gone is replaced soon. Shorter ones would let a
busy machine's owner lose its lease without a fault."""

BURST = "burst"
"""Label of its tasks."""

BURST_NAME = "burst-"

STATUSES, HISTORY = "statuses", "history"

IN_BOTH_MODES = pytest.mark.parametrize("stage", [STATUSES, HISTORY], indirect=True)
"""Mark of stories that play without a history, and with one: then both tell."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One namespace and one target, and a history if `history_url` says where it is kept."""

    tasks: CronTasks
    namespace: str
    echo: EchoServer
    history_url: str = ""
    given_up: set[str] = field(default_factory=set)
    """Begins of the names of bursts that were not created in time."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Settings of an operator in which the story's history is."""
        return {"CRONTASK_HISTORY_URL": self.history_url} if self.history_url else {}

    def task(self, path: str = "/ok", **spec: Any) -> dict[str, Any]:
        """Return a spec that calls the target and keeps all its records."""
        url = {"callback": {"http": {"url": self.echo.url + path}}}
        return task(**url | {"historyLimit": 100, "missedRunPolicy": "All"} | spec)

    def create_burst(self, count: int) -> datetime:
        """Create tasks that are all due at one moment, and return that moment."""
        # Several times what it takes to ask: operators will be busy with the answers.
        lead = CLEARING_SECONDS + 5 * self._creation_seconds(count)
        while True:
            name = f"{BURST_NAME}{len(self.given_up)}-"
            due = (datetime.now(UTC) + timedelta(seconds=lead)).replace(microsecond=0)
            schedule = f"{due:%-S %-M %-H %-d %-m} *"
            spec = self.task(f"/slow?seconds={CALL_SECONDS}", schedule=schedule)
            if self._create(spec, count, name, until=due - timedelta(seconds=CLEARING_SECONDS)):
                return due
            # The machine was busier than it seemed, and may be so for their deletion as well.
            self.given_up.add(name)
            self.tasks.delete_all(f"{BURST}=yes")
            lead *= 2

    def _creation_seconds(self, count: int) -> float:
        sample = 3 * CREATORS
        begin = time.monotonic()
        self._create(self.task(), sample, dry_run=True)
        return (time.monotonic() - begin) / sample * count

    def _create(
        self,
        spec: dict[str, Any],
        count: int,
        begin: str = BURST_NAME,
        *,
        until: datetime = FOREVER,
        dry_run: bool = False,
    ) -> bool:
        """Create `count` tasks; tell whether that was done before `until`."""

        def create(number: int) -> None:
            if datetime.now(UTC) < until:
                name = f"{begin}{number}"
                labels = {BURST: "yes"}
                self.tasks.create(spec, name, dry_run=dry_run, labels=labels).raise_for_status()

        with ThreadPoolExecutor(CREATORS) as pool:
            list(pool.map(create, range(count)))
        return datetime.now(UTC) < until

    def calls(self) -> list[Call]:
        """Return the calls that have arrived so far, but for those of bursts that were given up."""
        named = "x-crontask-execution-id"
        calls = [Call.of(request) for request in self.echo.received if named in request.headers]
        return [call for call in calls if not call.task.startswith(tuple(self.given_up))]

    def calls_of(self, name: str) -> list[Call]:
        """Return the calls of one task that have arrived so far."""
        return [call for call in self.calls() if call.task == name]

    def adds_up(self, name: str) -> bool:
        """Tell whether the counters of one task are what has arrived, for who cannot be judged.

        That is so where its status was changed by others or is another task's. A call
        that was repeated counts once.
        """
        counters = self.tasks.status(name)["counters"]
        counted = sum(counters[each] for each in ("succeeded", "failed", "retries"))
        return bool(counted == len({call.key for call in self.calls_of(name)}))

    def burst_calls(self) -> list[Call]:
        """Return the calls of the burst that have arrived so far."""
        return [call for call in self.calls() if call.task.startswith(BURST_NAME)]

    def await_burst_calls(self, count: int, due: datetime) -> None:
        """Wait until so many calls of the burst that is `due` have arrived."""
        until_due = max(0.0, (due - datetime.now(UTC)).total_seconds())
        eventually_sync(
            lambda: len(self.burst_calls()) >= count,
            until_due + PATIENCE_SECONDS,
            lambda: f"{count} calls of the burst; {len(self.burst_calls())} have arrived",
            every=0.1,
        )

    def end(self, name: str, after: datetime) -> datetime:
        """Suspend a task once it was called for all moments until a while after `after`.

        Returns the last of them.
        """
        until = max(after, datetime.now(UTC)).replace(microsecond=0) + timedelta(seconds=1)
        demanded = set(Task.of(self.tasks.get(name)).demanded(until))
        eventually_sync(
            lambda: demanded.issubset(call.scheduled_time for call in self.calls_of(name)),
            PATIENCE_SECONDS,
            f"{name} to be called for every moment up to {until}",
        )
        self.tasks.merge({"spec": {"suspend": True}}, name).raise_for_status()
        eventually_sync(lambda: self.tasks.status(name)["phase"] == "Suspended", PATIENCE_SECONDS)
        return until

    def everything(self) -> list[Task]:
        """Return all tasks as the API holds them, with the records of the history."""
        # First, since a status may tell of a run before the history does, or after.
        records = self._history()
        tasks = [Task.of(manifest) for manifest in self.tasks.all()]
        return [task.with_records(records.get(task.uid, ())) for task in tasks]

    def _history(self) -> Mapping[str, list[RunRecord]]:
        return records_of(self.history_url, self.namespace) if self.history_url else {}

    def cut_off(self, act: Callable[[], object]) -> Crash:
        """End or stop an owner by `act`, and return that as the crash it is."""
        act()
        # What it had sent has arrived once two later requests were answered in turn.
        with loopback_client(self.echo.url) as client:
            for _ in range(2):
                client.get("/mark").raise_for_status()
        return Crash(datetime.now(UTC), recorded(self.everything()))

    def report(self, until: datetime, crashes: Iterable[Crash] = ()) -> Report:
        """Return what the checker finds as things are."""
        return check(self.everything(), self.calls(), until=until, crashes=list(crashes))

    def judge(self, until: datetime, crashes: Iterable[Crash] = ()) -> Report:
        """Wait until everything has settled, and return what the checker finds.

        It is asked as well when that does not happen, to tell what is missing.
        """
        crashes = list(crashes)
        tasks = self.everything()
        demanded = {(task.name, moment) for task in tasks for moment in task.demanded(until)}

        for settled, seconds in (
            (lambda: demanded <= {(call.task, call.scheduled_time) for call in self.calls()}, 0.1),
            (lambda: not self._unrecorded(), 1.0),
        ):
            eventually_sync(
                settled,
                PATIENCE_SECONDS,
                lambda: f"{self.report(until, crashes)}\n{self._unrecorded()}",
                every=seconds,
            )
        found = self.report(until, crashes)
        logger.info("%s", found)
        return found

    def _unrecorded(self) -> list[str]:
        """Return what the records do not tell yet."""
        tasks = self.everything()
        keys = recorded(tasks)
        return [
            *(f"the call {call.key}" for call in self.calls() if call.key not in keys),
            *(f"{task.name}: {task.status.active}" for task in tasks if task.status.active),
            *(
                f"{task.name}: {task.status.pending_retries}"
                for task in tasks
                if task.status.pending_retries
            ),
            *(
                f"the sum of {task.name}: {task.status.last_run}"
                for task in tasks
                if not task.is_summed_up
            ),
        ]

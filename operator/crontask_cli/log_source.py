"""log_source says where ``crontask logs`` has its attempts from.

::

    logs ──> AttemptSource ──> StatusSource    the latest ones, in the status of each task
                          └──> HistorySource   all that the history of a facade keeps

Those that come are always read from the statuses, which change at once.
"""

import heapq
import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from crontask_cli.errors import CliError
from crontask_cli.service.base import TaskService
from crontask_cli.service.reconnecting import Told
from crontask_cli.service.task import read_manifest, read_task, status_of
from crontask_core.enums import RunStatus
from crontask_core.status import RunRecord
from crontask_core.times import rfc3339

if TYPE_CHECKING:
    from crontask_cli.service.facade import FacadeService

RUNS: Final = 1000
"""Attempts of a page, the most that a facade gives."""


class Attempt(NamedTuple):
    """A record and its task."""

    namespace: str
    name: str
    task_name: str
    record: RunRecord


class Asked(NamedTuple):
    """Of which tasks, from when on, failures alone, and how many of the latest; None for all."""

    names: list[str]
    labels: str = ""
    since: datetime | None = None
    failed: bool = False
    tail: int | None = None

    def takes(self, attempt: Attempt) -> bool:
        """Return whether `attempt` is asked for."""
        record = attempt.record
        return (self.since is None or record.begin_time >= self.since) and (
            not self.failed or record.status is RunStatus.FAILED
        )


class AttemptSource(Protocol):
    """Where attempts are found. Both methods leave out what is not of `names`, if given."""

    def past(self, asked: Asked) -> Iterator[Attempt]:
        """Yield the attempts that are asked for, oldest first."""

    def coming(self, asked: Asked, told: Told) -> Iterator[Attempt | None]:
        """Yield attempts as they end, those of the past first; None now and then."""


def open_source(service: TaskService) -> AttemptSource:
    """Return where the attempts of the tasks of `service` are found."""
    from crontask_cli.service.facade import FacadeService

    statuses = StatusSource(service)
    return HistorySource(service, statuses) if isinstance(service, FacadeService) else statuses


class StatusSource:
    """The attempts that the statuses of tasks hold; see `AttemptSource`."""

    def __init__(self, service: TaskService) -> None:
        self._service = service

    def past(self, asked: Asked) -> Iterator[Attempt]:
        """Yield the attempts that are asked for, oldest first."""
        found: list[Attempt] = []
        for item in self._items(asked.names, asked.labels):
            found += filter(asked.takes, attempts_of(item))
        found.sort(key=_place)
        yield from (
            found if asked.tail is None else found[len(found) - min(asked.tail, len(found)) :]
        )

    def coming(self, asked: Asked, told: Told) -> Iterator[Attempt | None]:
        """Yield attempts as they end, those of the past first; None now and then."""
        wanted = {read_task(self._service.get(name)).metadata.name for name in asked.names}
        seen: dict[tuple[str, str], set[tuple[str, int]]] = {}
        for change in self._service.changes(asked.labels, told):
            if change is None:
                yield None
                continue
            attempts = [each for each in attempts_of(change) if not wanted or each.name in wanted]
            final = [each for each in attempts if each.record.status is not RunStatus.STARTED]
            if not attempts:
                continue
            task = (attempts[0].namespace, attempts[0].name)
            before = seen.get(task, set())
            new = (each for each in final if each.record.key not in before)
            yield from sorted(filter(asked.takes, new), key=_place)
            # What a status no longer holds does not come again.
            seen[task] = {each.record.key for each in final}

    def _items(self, names: list[str], labels: str) -> Iterator[bytes]:
        if names:
            yield from map(self._service.get, names)
            return
        for page in self._service.pages(labels, records=True):
            yield from map(bytes, page)


class HistorySource:
    """The attempts that a facade's history keeps, and where it keeps none those of `statuses`."""

    def __init__(self, service: "FacadeService", statuses: StatusSource) -> None:
        self._service = service
        self._statuses = statuses

    def past(self, asked: Asked) -> Iterator[Attempt]:
        """Yield the attempts that are asked for, oldest first."""
        from crontask_cli.service.facade import NoHistoryError

        if asked.labels:
            # The same refusal as everywhere: a facade knows no labels.
            yield from self._statuses.past(asked)
            return
        parts = [self._part(asked, name) for name in asked.names or [""]]
        try:
            if asked.tail is None:
                yield from heapq.merge(*parts, key=_place)
                return
            latest = sorted((each for part in parts for each in part), key=_place)
        except NoHistoryError:
            # The first page says so, before anything was yielded.
            yield from self._statuses.past(asked)
            return
        yield from latest[len(latest) - min(asked.tail, len(latest)) :]

    def coming(self, asked: Asked, told: Told) -> Iterator[Attempt | None]:
        """Yield attempts as they end, those of the past first; None now and then."""
        return self._statuses.coming(asked, told)

    def _part(self, asked: Asked, name: str) -> Iterator[Attempt]:
        """Yield the attempts of one task, or of all for "", oldest first unless it is a tail."""
        from crontask_cli.service.facade_view import to_record

        question: dict[str, Any] = {"oldest_first": asked.tail is None, "limit": RUNS}
        if asked.tail is not None:
            question["limit"] = max(1, min(asked.tail, RUNS))
        if asked.since is not None:
            question["begin"] = rfc3339(asked.since)
        if asked.failed:
            question["status"] = 3
        lost: CliError | None = None
        if name:
            try:
                question["task_id"] = read_task(self._service.get(name)).metadata.name
            except CliError as error:
                # Deleted, and still in the history under the name that people gave it.
                question["name"], lost = name, error
        runs = self._service.runs(question)
        for item in runs if asked.tail is None else itertools.islice(runs, asked.tail):
            lost = None
            yield Attempt(item["namespace"], item["task_id"], item["name"], to_record(item))
        if lost is not None:
            raise lost


def attempts_of(manifest: bytes) -> list[Attempt]:
    """Return the attempts in the status of a CronTask."""
    task = read_task(manifest)
    place = (task.metadata.namespace, task.metadata.name, task.task_name)
    return [Attempt(*place, record) for record in status_of(read_manifest(manifest)).runs]


def _place(attempt: Attempt) -> tuple[datetime, str, str, int]:
    record = attempt.record
    return (record.begin_time, attempt.namespace, attempt.name, record.attempt)

"""The runs that are recorded in the tasks' status, in the order in which they appear."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx
import msgspec

from crontask_core.constants import (
    FACADE_MANAGER,
    GROUP,
    MANAGED_BY_LABEL,
    PLURAL,
    VERSION,
)
from crontask_core.status import CronTaskStatus, RunRecord


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one task. `by_facade` is whether the facade created the task."""

    task: str
    by_facade: bool
    record: RunRecord

    @property
    def origin(self) -> str:
        """How the task came to be."""
        return "facade" if self.by_facade else "kubectl"

    @property
    def is_final(self) -> bool:
        """Whether the attempt has ended."""
        return self.record.end_time is not None


class RunLog:
    """All runs seen so far: a task's status keeps only the latest few."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, int], Run] = {}

    @property
    def runs(self) -> list[Run]:
        """All runs, each as it was seen last, in the order in which they appeared."""
        return list(self._runs.values())

    def update(self, tasks: Sequence[Mapping[str, Any]]) -> list[Run]:
        """Take in the tasks as the API server lists them; return runs new or changed."""
        changed = []
        for task in tasks:
            for run in _runs_of(task):
                key = (task["metadata"]["uid"], *run.record.key)
                if self._runs.get(key) != run:
                    self._runs[key] = run
                    changed.append(run)
        return changed

    def missing_origins(self) -> list[str]:
        """Return which of kubectl and the facade made no task with a finished run."""
        found = {run.origin for run in self._runs.values() if run.is_final}
        return [origin for origin in ("kubectl", "facade") if origin not in found]


def list_tasks(client: httpx.Client) -> list[Mapping[str, Any]]:
    """Return the CronTasks of all namespaces.

    Raises
    ------
    httpx.HTTPError
        If the API server is away or refuses.
    """
    answer = client.get(f"/apis/{GROUP}/{VERSION}/{PLURAL}").raise_for_status()
    return cast(list[Mapping[str, Any]], answer.json()["items"])


def _runs_of(task: Mapping[str, Any]) -> Iterator[Run]:
    metadata = task["metadata"]
    status = msgspec.convert(task.get("status", {}), CronTaskStatus)
    by_facade = metadata.get("labels", {}).get(MANAGED_BY_LABEL) == FACADE_MANAGER
    name = task["spec"].get("taskName") or metadata["name"]
    # The newest comes first there.
    for record in reversed(status.runs):
        yield Run(task=name, by_facade=by_facade, record=record)

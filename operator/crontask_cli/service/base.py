"""base says what the commands ask of tasks, wherever those are.

::

    commands ──> TaskService ──> ClusterService   the Kubernetes API, by a kubeconfig
                            └──> FacadeService    a facade, by its HTTP API

Both speak in CronTasks, as JSON, so that a command prints the same on both ways, as far as a
facade tells it: its API does not have all of a task. Any thread may ask; each has a connection
of its own.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import msgspec

from crontask_cli.service.reconnecting import Told, nobody
from crontask_cli.service.rows import Row


class Requested(NamedTuple):
    """A run that was asked for: of which task, and what id it has in the log."""

    name: str
    execution_id: str


class Applied(NamedTuple):
    """What came of a manifest: ``created``, ``configured`` or ``unchanged``, and the task.

    `before` is the task as it was, None if there was none.
    """

    outcome: str
    manifest: bytes
    before: bytes | None = None


class TaskService(Protocol):
    """Tasks of one namespace, or of all.

    A `name` is ``metadata.name`` or ``spec.taskName``; `labels` a selector, "" for all.
    Every method raises a `crontask_core.errors.CronTaskError` if what it is asked for
    cannot be done.
    """

    @property
    def namespace(self) -> str:
        """The namespace; "" for all."""

    def rows(self, labels: str) -> Iterator[list[Row]]:
        """Yield the selected tasks as lines of a list, a page at a time."""

    def pages(self, labels: str, *, records: bool = False) -> Iterator[list[msgspec.Raw]]:
        """Yield the selected tasks, a page at a time; with `records` for sure with theirs."""

    def get(self, name: str) -> bytes:
        """Return the task."""

    def run(self, name: str, *, dry_run: bool) -> Requested:
        """Ask for a run now."""

    def suspend(self, name: str, value: bool, *, dry_run: bool) -> str:
        """Turn scheduled runs off or on; return the task's ``metadata.name``."""

    def delete(self, name: str, *, dry_run: bool) -> str:
        """Delete the task and its log; return its ``metadata.name``."""

    def apply(self, manifest: dict[str, Any], *, dry_run: bool, force: bool) -> Applied:
        """Create the task, or change what `manifest` says of it (server-side apply)."""

    def changes(self, labels: str, told: Told = nobody) -> Iterator[bytes | None]:
        """Yield each selected task, and again when it changes; None now and then.

        It goes on until it is closed, and takes up again a connection that was lost: `told`
        is told why there is none, and "" when there is one.
        """

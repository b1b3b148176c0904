"""rows types a line of a list of tasks, and reads it from a Table of the API server.

A Table holds the columns of ``kubectl get`` and no objects. The API server makes one of a
thousand tasks in a sixth of the time that the objects take, and sends a twentieth of them.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from crontask_cli.service.task import Task
from crontask_cli.times import compact, parse_moment
from crontask_kube.errors import decoded

TABLE: Final = "application/json;as=Table;v=v1;g=meta.k8s.io"

COLUMNS: Final = (
    *("Name", "Task", "Schedule", "Phase", "Last Run", "Last Status"),
    *("Next Run", "Age", "URL", "Failures"),
)
"""The CRD's printer columns that a row is made of."""


class Row(NamedTuple):
    """A task in a list. What it does not have is ""; `last_run` and `age` are ages."""

    namespace: str
    name: str
    task_name: str
    schedule: str
    phase: str
    last_run: str
    last_status: str
    next_run: str
    """RFC 3339."""
    age: str
    url: str
    failures: int

    @property
    def is_failing(self) -> bool:
        """Whether the latest run failed, or the task cannot run at all."""
        return self.failures > 0 or self.phase in ("Failed", "Invalid")


def row_of(task: Task, now: datetime) -> Row:
    """Return the row of `task` at the moment `now`."""
    spec, status = task.spec, task.status
    callback, last = spec.callback, status.last_run
    if callback.http is not None:
        url = callback.http.url
    else:
        url = callback.grpc.address if callback.grpc is not None else ""
    return Row(
        namespace=task.metadata.namespace,
        name=task.metadata.name,
        task_name=task.task_name,
        schedule=spec.schedule or spec.at or "",
        phase=status.phase or "",
        last_run=_age(last.time, now) if last is not None else "",
        last_status=last.status if last is not None else "",
        next_run=status.next_run_time or "",
        age=_age(task.metadata.creation_timestamp, now),
        url=url,
        failures=status.consecutive_failures,
    )


class _Column(msgspec.Struct, frozen=True):
    name: str


class _Line(msgspec.Struct, frozen=True):
    cells: list[str | int | bool | None]


class _TableMeta(msgspec.Struct, frozen=True):
    continue_: str = msgspec.field(default="", name="continue")


class _Table(msgspec.Struct, frozen=True, rename="camel"):
    rows: list[_Line]
    column_definitions: list[_Column] = []
    metadata: _TableMeta = _TableMeta()


_DECODER: Final = msgspec.json.Decoder(_Table)


def read_table(answer: bytes, namespace: str) -> tuple[list[Row] | None, str]:
    """Return the rows of a Table, and where the next page begins, "" if there is none.

    There are no rows, but None, if a column is missing that they are made of: another
    version of the CRD is installed.

    Raises
    ------
    crontask_kube.errors.UnavailableError
        If it is no Table.
    """
    table = decoded(_DECODER, answer)
    places = {column.name: index for index, column in enumerate(table.column_definitions)}
    if not table.column_definitions and not table.rows:
        return [], table.metadata.continue_
    if not places.keys() >= set(COLUMNS):
        return None, ""
    indexes = [places[name] for name in COLUMNS]
    rows = []
    for line in table.rows:
        *texts, failures = (line.cells[index] for index in indexes)
        shown = ("" if cell is None else str(cell) for cell in texts)
        rows.append(Row._make((namespace, *shown, failures if isinstance(failures, int) else 0)))
    return rows, table.metadata.continue_


def _age(moment: str, now: datetime) -> str:
    parsed = parse_moment(moment) if moment else None
    # Clocks differ: what happened a moment ago may seem still to come.
    return "" if parsed is None else compact(max(now - parsed, timedelta(0)))

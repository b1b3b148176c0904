"""CronTasks and rows as the tests of the console need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crontask_api.console.live.row import Row
from crontask_api.kube.objects import CronTask

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Json = dict[str, Any]


def task(
    name: str = "a", *, namespace: str = "team", status: Json | None = None, **spec: Any
) -> CronTask:
    """Return a task that is right but for `spec`."""
    whole = {"schedule": "*/5 * * * *", "callback": {"http": {"url": "http://x.example/y"}}} | spec
    manifest = {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-{name}",
            "resourceVersion": "7",
            "creationTimestamp": "2026-03-01T00:00:00Z",
            "labels": {"team": "Payments"},
        },
        "spec": {key: value for key, value in whole.items() if value is not None},
        "status": status or {},
    }
    return msgspec.json.decode(msgspec.json.encode(manifest), type=CronTask)


def record(number: int, status: str = "Succeeded", **fields: Any) -> Json:
    """Return the record of an attempt, the earlier the larger its number."""
    begin = NOW - timedelta(minutes=number)
    return {
        "executionId": f"run-{number}",
        "runType": "Scheduled",
        "attempt": 1,
        "status": status,
        "scheduledTime": begin.isoformat(),
        "beginTime": begin.isoformat(),
        "endTime": (begin + timedelta(seconds=2)).isoformat(),
        "url": "http://x.example/y",
    } | fields


def row(name: str, **fields: Any) -> Row:
    """Return a row that is right but for `fields`."""
    title = fields.get("title", name)
    whole = {
        "namespace": "team",
        "uid": name,
        "version": "1",
        "title": title,
        "searched": title.casefold(),
        "phase": "Active",
    } | fields
    return Row(name=name, **whole)

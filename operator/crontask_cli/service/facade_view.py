"""facade_view turns a facade's tasks and records into CronTasks, and manifests into items."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from crontask_cli.errors import CliError
from crontask_cli.times import now, parse_moment
from crontask_core.constants import API_VERSION, KIND
from crontask_core.enums import RunStatus, RunType, TaskType
from crontask_core.status import RunRecord
from crontask_core.times import rfc3339

Item = dict[str, Any]

_STATUSES: Final = {1: RunStatus.STARTED, 2: RunStatus.SUCCEEDED, 3: RunStatus.FAILED}
_RUN_TYPES: Final = {1: RunType.SCHEDULED, 2: RunType.RETRY, 3: RunType.MANUAL}
_TYPES: Final = dict(enumerate(TaskType, 1))
_BODY_TYPES: Final = {1: "JSON", 2: "Form"}

_GRACE: Final = timedelta(seconds=10)
"""How late a retry may begin before it is taken for one that will not come."""

_KNOWN: Final = {
    "spec": {"taskName", "module", "type", "schedule", "at", "timeZone", "suspend"},
    "spec.callback.http": {"url", "method", "body", "bodyType"},
    "spec.callback.grpc": {"address", "service", "method", "body"},
    "spec.expect": {"bodyRegex"},
    "spec.retry": {"delaysSeconds"},
}
"""What the documented API can say."""

_DEFAULTS: Final = {
    "spec.concurrencyPolicy": "Allow",
    "spec.historyLimit": 10,
    "spec.missedRunPolicy": "Latest",
    "spec.startingDeadlineSeconds": 600,
    "spec.timeoutSeconds": 30,
    "spec.expect.statusCodes": ["200-299"],
    "spec.callback.http.followRedirects": 0,
}
"""What the API server writes where nothing is said; a task made from an item has it again."""


def to_manifest(task: Item, records: list[Item] | None = None) -> dict[str, Any]:
    """Return the CronTask that a facade's `task` is, as far as the facade tells."""
    spec: dict[str, Any] = {
        "taskName": task["name"],
        "module": task["module"],
        "type": _TYPES.get(task["type"]),
        **_when(task["start_time"]),
        "timeZone": task["time_zone"],
        "suspend": task["enable"] == 2,
        "callback": _callback(task),
        "expect": {"bodyRegex": task["resp_regexp"]} if task["resp_regexp"] else None,
        "retry": {"delaysSeconds": _delays(task)} if _delays(task) else None,
    }
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": task["task_id"],
            "namespace": task["namespace"],
            "creationTimestamp": task["created_time"],
        },
        "spec": _given(spec),
        "status": _status(task, records or []),
    }


def to_record(item: Item) -> RunRecord:
    """Return the record that an item of a log is."""
    return msgspec.convert(_run(item), RunRecord)


def to_item(manifest: dict[str, Any]) -> Item:
    """Return the item that adds or updates the task of a CronTask manifest.

    Raises
    ------
    CliError
        If the documented API cannot say one of its fields, with the field.
    """
    for path in unsaid(manifest):
        raise CliError(f"{path}: a facade's API has no such field; use a kubeconfig")
    return item_of(manifest)


def unsaid(manifest: dict[str, Any]) -> list[str]:
    """Return the paths of fields that the documented API cannot say."""
    spec = manifest.get("spec") or {}
    parts = {
        "spec": {name: value for name, value in spec.items() if name not in _PARTS},
        **{f"spec.callback.{kind}": value for kind, value in (spec.get("callback") or {}).items()},
        "spec.expect": spec.get("expect") or {},
        "spec.retry": spec.get("retry") or {},
    }
    found = [
        f"{place}.{name}"
        for place, fields in parts.items()
        for name, value in fields.items()
        if name not in _KNOWN.get(place, ()) and value != _DEFAULTS.get(f"{place}.{name}")
    ]
    method = ((spec.get("callback") or {}).get("http") or {}).get("method", "POST")
    if method not in ("POST", "GET"):
        found.append("spec.callback.http.method")
    return found


def item_of(manifest: dict[str, Any]) -> Item:
    """Return the item of a CronTask, without what the documented API cannot say."""
    spec = manifest.get("spec") or {}
    callback = spec.get("callback") or {}
    types = {str(value): number for number, value in _TYPES.items()}
    return _given(
        {
            "name": spec.get("taskName") or manifest["metadata"]["name"],
            "enable": 2 if spec.get("suspend") else 1,
            "module": spec.get("module", 0),
            "type": types.get(str(spec.get("type")), 1 if "at" in spec else 2),
            "start_time": _start_time(spec),
            "time_zone": spec.get("timeZone"),
            **_called(callback),
            "resp_regexp": (spec.get("expect") or {}).get("bodyRegex", ""),
            "redo_param": " ".join(map(str, (spec.get("retry") or {}).get("delaysSeconds", ()))),
        }
    )


_PARTS: Final = ("callback", "expect", "retry")


def _when(start_time: float | str) -> dict[str, str]:
    if isinstance(start_time, str):
        # The facade writes five fields with the second first, as the document has them.
        second, _, minutes = start_time.partition(" ")
        is_five = second == "0" and len(minutes.split()) == 5
        return {"schedule": minutes if is_five else start_time} if start_time else {}
    return {"at": rfc3339(datetime.fromtimestamp(start_time, UTC))}


def _start_time(spec: dict[str, Any]) -> float | str:
    if "at" in spec:
        moment = parse_moment(str(spec["at"]))
        if moment is None:
            raise CliError(f"spec.at: expected an RFC 3339 time, got {spec['at']!r}")
        return moment.timestamp()
    schedule = str(spec.get("schedule", ""))
    # Five fields begin with the minute in a CronTask, and with the second in the document.
    return f"0 {schedule}" if len(schedule.split()) == 5 else schedule


def _callback(task: Item) -> dict[str, Any]:
    if task["method"] == "rpc":
        address, _, method = task["url"].partition("/")
        service, _, name = method.rpartition(".")
        return {
            "grpc": _given(
                {
                    "address": address,
                    "service": service,
                    "method": name,
                    "body": task["body"] or None,
                }
            )
        }
    return {
        "http": _given(
            {
                "url": task["url"],
                "method": task["method"].upper(),
                "body": task["body"] or None,
                "bodyType": _BODY_TYPES.get(task["body_type"]),
            }
        )
    }


def _called(callback: dict[str, Any]) -> Item:
    if grpc := callback.get("grpc"):
        url = f"{grpc.get('address', '')}/{grpc.get('service', '')}.{grpc.get('method', '')}"
        return {"url": url, "method": "rpc", "body": grpc.get("body", "")}
    http = callback.get("http") or {}
    return {
        "url": http.get("url", ""),
        "method": http.get("method", "POST").lower(),
        "body": http.get("body", ""),
        "body_type": 2 if http.get("bodyType") == "Form" else 1,
    }


def _status(task: Item, records: list[Item]) -> dict[str, Any]:
    last = _STATUSES.get(task["last_status"])
    message = task["message"]
    condition = {"type": "Accepted", "status": "False", "reason": "Invalid", "message": message}
    changed = {"lastTransitionTime": task["created_time"]}
    runs = [_run(record) for record in records]
    return _given(
        {
            "phase": task["phase"] or None,
            "nextRunTime": task["next_run_time"] or None,
            "lastRun": {
                "executionId": runs[0]["executionId"] if runs else "",
                "status": last,
                "runType": runs[0]["runType"] if runs else RunType.SCHEDULED,
                "time": task["last_run_time"],
            }
            if last
            else None,
            "consecutiveFailures": task["consecutive_failures"],
            "conditions": [condition | changed] if message else None,
            "active": [_active(run) for run in runs if run["status"] == RunStatus.STARTED] or None,
            "runs": runs or None,
            "pendingRetries": _pending(task, runs) or None,
        }
    )


def _run(record: Item) -> dict[str, Any]:
    return _given(
        {
            "executionId": record["execution_id"],
            "runType": _RUN_TYPES.get(record["run_type"], RunType.SCHEDULED),
            "attempt": record["attempt"],
            "status": _STATUSES[record["status"]],
            "scheduledTime": record["scheduled_time"],
            "beginTime": record["begin_time"],
            "endTime": record["end_time"] or None,
            "url": record["url"],
            "body": record["body"] or None,
            "response": record["resp"] or None,
            "code": record["code"],
            "reason": record["reason"] or None,
            "error": record["error"] or None,
        }
    )


def _active(run: dict[str, Any]) -> dict[str, Any]:
    names = ("executionId", "runType", "attempt", "scheduledTime", "beginTime")
    return {name: run[name] for name in names}


def _pending(task: Item, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the retries that may still come: a facade tells what was, not what will be."""
    delays = _delays(task)
    latest: dict[str, dict[str, Any]] = {}
    for run in reversed(runs):
        latest[run["executionId"]] = run
    pending = []
    for run in latest.values():
        end = parse_moment(run.get("endTime", ""))
        if run["status"] != RunStatus.FAILED or end is None or run["attempt"] > len(delays):
            continue
        due = end + timedelta(seconds=delays[run["attempt"] - 1])
        if due + _GRACE > now():
            pending.append(
                {
                    "executionId": run["executionId"],
                    "attempt": run["attempt"] + 1,
                    "scheduledTime": run["scheduledTime"],
                    "dueTime": rfc3339(due),
                    "firstBeginTime": run["beginTime"],
                }
            )
    return pending


def _delays(task: Item) -> list[int]:
    return [int(each) for each in task["redo_param"].split() if each.isdecimal()]


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

"""A company's tasks with the runs that they had, for pages that show something to look at."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from crontask_core.schedule import preview
from crontask_core.times import rfc3339
from crontask_history.row import RunRow
from tests.browser.past import Story, past_runs
from tests.facade.kept import keep
from tests.facade.objects import Objects

Json = dict[str, Any]

BODY: Final = '{"dry_run": false, "scope": "all"}'

REFUSED: Final = "dial 10.42.7.19:8443: connection refused"


STORIES: Final = (
    Story("Reprice the catalogue", "30 2 * * *", "Asia/Shanghai",
          "https://prices.shop.svc:8443/v1/reprice", "++++++++++", 48),
    Story("Close the day's ledger", "0 6 * * MON-FRI", "Europe/Berlin",
          "https://ledger.finance.svc/close-day", "+++++++---", 12, REFUSED, None),
    Story("Send invoices", "15 9 1 * *", "Europe/Berlin",
          "https://billing.finance.svc/invoices/send", "++++++++++", 95),
    Story("Warm the search index", "*/10 * * * *", "UTC",
          "https://search.shop.svc/admin/warm", "++++++++++", 1.4),
    Story("Expire abandoned baskets", "*/15 * * * *", "UTC",
          "https://baskets.shop.svc/expire", "++++-+++++", 3.1),
    Story("Fetch exchange rates", "5 * * * MON-FRI", "Europe/London",
          "https://rates.finance.svc/refresh", "++++++++--", 0.8,
          "expected a match of /\"rates\": \\[\\{/ in the body", 200),
    Story("每日库存盘点", "0 8 * * MON-FRI", "Asia/Shanghai",
          "http://stock.warehouse.svc/daily-count", "++++++++++", 22),
    Story("Rotate signing keys", "@monthly", "UTC",
          "https://vault.platform.svc/rotate", "++++++++++", 6),
    Story("Renew certificates", "H H(1-5) * * *", "UTC",
          "https://certs.platform.svc/renew", "++++++++++", 9),
    Story("Check the payment gateway", "*/5 * * * *", "UTC",
          "https://pay.shop.svc/healthz", "++++++++++", 0.03),
    Story("Weekly report to the board", "0 7 * * MON", "America/New_York",
          "https://reports.shop.svc/weekly", "+++++++++", 31),
    Story("Archive old orders", "0 3 * * SUN", "UTC",
          "https://orders.shop.svc/archive", "", 0),
)  # fmt: skip


KEPT: Final = 10
"""Runs of a task that its status holds."""


def found_company(
    objects: Objects, now: datetime | None = None, *, history_url: str | None = None
) -> None:
    """Create the tasks, with statuses as the operator would write them, and the history."""
    moment = datetime.now(UTC) if now is None else now
    rows: list[RunRow] = []
    for place, story in enumerate(STORIES, 1):
        name = f"task-{place:02}"
        created = objects.create(
            name,
            taskName=story.name,
            schedule=story.schedule,
            timeZone=story.zone,
            module=place % 3,
            suspend=story.name == "Archive old orders",
            callback={"http": {"url": story.url, "body": BODY}},
            retry={"delaysSeconds": [2, 4, 8]} if story.error else None,
            expect={"bodyRegex": '"rates": \\[\\{'} if story.code else None,
        )
        past = past_runs(story, created["metadata"], place % 3, moment)
        rows += past
        objects.set_status(name, **_status(story, past, moment))
    if history_url is not None:
        keep(history_url, rows)


def _status(story: Story, past: list[RunRow], now: datetime) -> Json:
    failed = len(story.runs) - len(story.runs.rstrip("-"))
    paused = story.name == "Archive old orders"
    kept = {row.execution_id for row in past if row.attempt == 1}
    latest = [row for row in past if row.execution_id in set(sorted(kept, reverse=True)[:KEPT])]
    status: Json = {
        "observedGeneration": 1,
        "phase": "Suspended" if paused else "Active",
        "consecutiveFailures": failed,
        "conditions": [
            {
                "type": "Accepted",
                "status": "True",
                "reason": "Accepted",
                "message": "The spec is valid.",
                "lastTransitionTime": rfc3339(now - timedelta(days=40)),
            }
        ],
        "counters": {
            "succeeded": 40 * story.runs.count("+"),
            "failed": story.runs.count("-"),
            "retries": 3 * story.runs.count("-"),
            "skipped": 0,
            "missed": 0,
        },
        "runs": [_record(row) for row in latest],
    }
    if not paused:
        # Nobody runs them, and none is to be late as soon as somebody looks.
        soon = now + timedelta(minutes=2)
        times = preview(story.schedule, count=1, after=soon, time_zone=story.zone, seed=story.name)
        status["nextRunTime"] = rfc3339(times[0])
    if latest:
        last = status["runs"][0]
        status["lastRun"] = {
            "executionId": last["executionId"],
            "status": last["status"],
            "runType": last["runType"],
            "time": last["endTime"],
        }
    return status


def _record(row: RunRow) -> Json:
    assert row.end_time is not None
    record: Json = {
        "executionId": row.execution_id,
        "runType": row.run_type.value,
        "attempt": row.attempt,
        "status": row.status.value,
        "scheduledTime": rfc3339(row.scheduled_time),
        "beginTime": rfc3339(row.begin_time),
        "endTime": rfc3339(row.end_time),
        "url": row.url,
        "body": row.body,
        "response": row.response,
        "reason": row.reason,
        "code": row.code,
        "error": row.error,
    }
    return {name: value for name, value in record.items() if value is not None}


def tell_events(kube: httpx.Client, namespace: str) -> None:
    """Tell of the tasks that fail in Events, as the operator does."""
    objects = Objects(kube, namespace)
    for place, story in enumerate(STORIES, 1):
        if not story.runs.endswith("-"):
            continue
        task = objects.get(f"task-{place:02}")
        (first, *_) = [run for run in reversed(task["status"]["runs"]) if run["status"] == "Failed"]
        moment = first["endTime"].partition(".")[0].rstrip("Z") + "Z"
        involved = {name: task[name] for name in ("apiVersion", "kind")}
        event = {
            "metadata": {"name": f"{task['metadata']['name']}.1"},
            "involvedObject": involved
            | {name: task["metadata"][name] for name in ("name", "namespace", "uid")},
            "type": "Warning",
            "reason": "RunFailed",
            "message": first["error"],
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
            "source": {"component": "crontask-operator"},
        }
        path = f"/api/v1/namespaces/{namespace}/events"
        kube.post(path, json=event).raise_for_status()

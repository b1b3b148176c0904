"""The resource as a user of kubectl meets it."""

import re
from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane, KubectlError
from tests.support.crontasks import CronTasks, http_task, task

RUN = "0123456789abcdef0123456789abcdef"
LAST_RUN = {
    "executionId": RUN,
    "status": "Failed",
    "runType": "Retry",
    "time": "2020-01-01T00:00:00Z",
}


@pytest.fixture
def crontasks(control_plane: ControlPlane, namespace: str) -> Iterator[CronTasks]:
    with control_plane.client() as client:
        yield CronTasks(client, namespace)


def table(printed: str) -> list[dict[str, str]]:
    """Return the rows of what ``kubectl get`` printed, by column."""
    head, *rows = printed.splitlines()
    # A column's cells begin below its title; a cell may be empty or hold spaces.
    columns = [(match[0].strip(), match.start()) for match in re.finditer(r"\S+( \S+)*", head)]
    ends = [start for _, start in columns[1:]] + [None]
    return [
        {title: row[start:end].strip() for (title, start), end in zip(columns, ends, strict=True)}
        for row in rows
    ]


def paragraphs(printed: str) -> str:
    """Return what kubectl printed without its line breaks."""
    return " ".join(printed.split())


def test_explain_is_the_manual_of_a_callback(control_plane: ControlPlane) -> None:
    printed = paragraphs(control_plane.kubectl("explain", "crontask.spec.callback.http"))

    for words in (
        "url <string> -required- Where to send the request: an absolute URL that begins with",
        "Example: https://reports.example.com/v1/daily?format=pdf",
        "HTTP method: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; POST by default.",
        "Body of the request, at most 262144 bytes in UTF-8; empty by default.",
        "bodyType <string> enum: JSON, Form",
        "Each request carries X-CronTask-Execution-Id and Idempotency-Key",
    ):
        assert words in printed


@pytest.mark.parametrize("name", ["ct", "crontask", "crontasks", "crontasks.crontask.dev"])
def test_every_name_of_the_resource_leads_to_it(control_plane: ControlPlane, name: str) -> None:
    printed = control_plane.kubectl("explain", f"{name}.spec.timeoutSeconds")

    assert "Seconds that one attempt may take in all" in paragraphs(printed)


def test_the_columns_of_a_task_that_has_run(
    control_plane: ControlPlane, namespace: str, crontasks: CronTasks
) -> None:
    crontasks.create(task(taskName="Daily report", schedule="30 2 * * *"), "daily")
    crontasks.merge_status(
        {
            "phase": "Active",
            "nextRunTime": "2099-03-29T02:30:00Z",
            "lastRun": LAST_RUN,
            "consecutiveFailures": 3,
        },
        "daily",
    )

    (row,) = table(control_plane.kubectl("get", "ct", "--namespace", namespace))

    assert re.fullmatch(r"\d+s", row.pop("AGE"))
    assert re.fullmatch(r"\d+y(\d+d)?", row.pop("LAST RUN"))
    assert row == {
        "NAME": "daily",
        "TASK": "Daily report",
        "SCHEDULE": "30 2 * * *",
        "SUSPEND": "false",
        "PHASE": "Active",
        "LAST STATUS": "Failed",
        "NEXT RUN": "2099-03-29T02:30:00Z",
    }


def test_the_columns_of_a_task_that_runs_once(
    control_plane: ControlPlane, namespace: str, crontasks: CronTasks
) -> None:
    crontasks.create(task(schedule=None, at="2026-03-29T08:30:00+02:00"), "once")

    (row,) = table(control_plane.kubectl("get", "ct", "--namespace", namespace))

    assert row["SCHEDULE"] == "2026-03-29T08:30:00+02:00"
    assert row["TASK"] == "once"
    assert row["PHASE"] == row["LAST RUN"] == row["LAST STATUS"] == row["NEXT RUN"] == ""


def test_the_wide_columns_tell_the_target_of_either_kind(
    control_plane: ControlPlane, namespace: str, crontasks: CronTasks
) -> None:
    grpc = {"address": "a.test:50051", "service": "a.B", "method": "C"}
    crontasks.create(task(callback={"grpc": grpc}), "grpc")
    crontasks.create(http_task(url="http://a.test/hook"), "http")
    crontasks.merge_status({"consecutiveFailures": 3}, "http")

    rows = table(control_plane.kubectl("get", "ct", "-o", "wide", "--namespace", namespace))

    assert [(row["URL"], row["FAILURES"]) for row in rows] == [
        ("a.test:50051", "0"),
        ("http://a.test/hook", "3"),
    ]


def test_tasks_are_among_all_resources(
    control_plane: ControlPlane, namespace: str, crontasks: CronTasks
) -> None:
    crontasks.create(task(), "daily")

    printed = control_plane.kubectl("get", "all", "--namespace", namespace, "-o", "name")

    assert printed.split() == ["crontask.crontask.dev/daily"]


def test_a_task_is_found_by_its_name(
    control_plane: ControlPlane, namespace: str, crontasks: CronTasks
) -> None:
    crontasks.create(task(taskName="每日报告"), "daily")
    crontasks.create(task(taskName="Weekly report"), "weekly")

    printed = control_plane.kubectl(
        *("get", "ct", "--namespace", namespace, "-o", "name"),
        *("--field-selector", "spec.taskName=每日报告"),
    )

    assert printed.split() == ["crontask.crontask.dev/daily"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param(
            "  historyLimit: 101",
            "spec.historyLimit in body should be less than or equal to 100",
            id="a bound",
        ),
        pytest.param(
            "  at: 2026-03-29T08:30:00Z",
            "spec: Forbidden: set only one of schedule and at; found both",
            id="a rule",
        ),
        pytest.param(
            "  timeout: 5", 'strict decoding error: unknown field "spec.timeout"', id="a typo"
        ),
    ],
)
def test_a_wrong_manifest_is_refused_in_plain_words(
    control_plane: ControlPlane, namespace: str, line: str, complaint: str
) -> None:
    written = f"""\
apiVersion: crontask.dev/v1
kind: CronTask
metadata:
  name: wrong
spec:
  schedule: "*/5 * * * *"
  callback:
    http:
      url: http://127.0.0.1:8099/ok
{line}
"""

    with pytest.raises(KubectlError, match=re.escape(complaint)):
        control_plane.kubectl("apply", "--namespace", namespace, "-f", "-", stdin=written)

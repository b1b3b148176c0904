"""The main job: tasks in a real API server, a real operator, a real target."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crontask_core.times import rfc3339
from dev.control_plane import ControlPlane
from dev.echo import EchoServer
from dev.readiness import loopback_client
from tests.support.crontasks import CronTasks, task
from tests.support.programs import run_operator
from tests.support.wait import eventually_sync

EVERY_SECOND = "* * * * * *"
NEVER_SOON = "0 0 1 1 *"
PAST = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module", autouse=True)
def _operator(control_plane: ControlPlane) -> Iterator[None]:
    with run_operator(control_plane, None):
        yield


@pytest.fixture
def tasks(control_plane: ControlPlane, namespace: str) -> Iterator[CronTasks]:
    """The tasks of the test's own namespace."""
    with control_plane.client() as client:
        yield CronTasks(client, namespace)


def http(echo: EchoServer, path: str = "/ok", **fields: object) -> dict[str, object]:
    """Return a callback of `path` at the target."""
    return {"http": {"url": echo.url + path, **fields}}


def test_a_task_applied_with_kubectl_is_called_every_second(
    control_plane: ControlPlane, namespace: str, echo: EchoServer, tasks: CronTasks
) -> None:
    yaml = f"""
        apiVersion: crontask.dev/v1
        kind: CronTask
        metadata: {{name: every-second, namespace: {namespace}}}
        spec:
          schedule: "* * * * * *"
          callback: {{http: {{url: "{echo.url}/ok", body: '{{"n": 1}}'}}}}
    """
    control_plane.kubectl("apply", "-f", "-", stdin=yaml)
    eventually_sync(lambda: len(tasks.runs("every-second")) >= 3)

    scheduled = [run["scheduledTime"] for run in reversed(tasks.status("every-second")["runs"])]
    moments = [datetime.fromisoformat(moment) for moment in scheduled]
    assert all(later - earlier == timedelta(seconds=1) for earlier, later in pairwise(moments))
    (record, *_) = tasks.status("every-second")["runs"]
    assert record["code"] == 200
    assert record["response"] == "ok"
    assert record["url"] == f"{echo.url}/ok"

    arrived = echo.received_on("/ok")[0]
    assert arrived.method == "POST"
    assert arrived.text == '{"n": 1}'
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["x-crontask-name"] == "every-second"
    assert arrived.headers["x-crontask-namespace"] == namespace
    assert arrived.headers["x-crontask-run-type"] == "Scheduled"
    assert arrived.headers["x-crontask-attempt"] == "1"
    assert arrived.headers["idempotency-key"] == arrived.headers["x-crontask-execution-id"]
    assert arrived.headers["x-crontask-scheduled-time"] == scheduled[0]

    columns = control_plane.kubectl("get", "ct", "-n", namespace)
    assert "Active" in columns
    assert "Succeeded" in columns


def test_two_failures_and_two_delays_leave_three_records(
    echo: EchoServer, tasks: CronTasks
) -> None:
    path = "/fail-then-ok?times=2&key=three"
    spec = task(schedule=None, at=PAST, callback=http(echo, path), retry={"delaysSeconds": [1, 1]})
    tasks.create(spec).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Succeeded")
    assert tasks.runs() == ["Retry 3 Succeeded", "Retry 2 Failed", "Scheduled 1 Failed"]
    ids = {arrived.headers["x-crontask-execution-id"] for arrived in echo.received}
    assert len(ids) == 1


def test_an_unexpected_body_is_a_failure_that_says_so(echo: EchoServer, tasks: CronTasks) -> None:
    spec = task(schedule=None, at=PAST, callback=http(echo), expect={"bodyRegex": "^accepted"})
    tasks.create(spec).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Failed")
    (record,) = tasks.status()["runs"]
    assert record["reason"] == "BodyMismatch"
    assert "^accepted" in record["error"]


def test_a_target_that_is_slow_shows_as_started_and_then_times_out(
    echo: EchoServer, tasks: CronTasks
) -> None:
    spec = task(schedule=None, at=PAST, callback=http(echo, "/slow?seconds=60"), timeoutSeconds=3)
    tasks.create(spec).raise_for_status()
    eventually_sync(lambda: tasks.runs() == ["Scheduled 1 Started"])
    eventually_sync(lambda: tasks.runs() == ["Scheduled 1 Failed"])
    assert tasks.status()["runs"][0]["reason"] == "Timeout"


def test_a_moment_ahead_is_met(echo: EchoServer, tasks: CronTasks) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    tasks.create(task(schedule=None, at=rfc3339(at), callback=http(echo))).raise_for_status()
    eventually_sync(lambda: tasks.status().get("nextRunTime") == rfc3339(at))
    eventually_sync(lambda: tasks.status().get("phase") == "Succeeded")
    (arrived,) = echo.received
    assert arrived.arrived >= at.timestamp()


def test_a_change_and_a_deletion_take_effect(echo: EchoServer, tasks: CronTasks) -> None:
    tasks.create(task(schedule=NEVER_SOON, callback=http(echo))).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Active")
    tasks.merge({"spec": {"schedule": EVERY_SECOND}}).raise_for_status()
    eventually_sync(lambda: len(echo.received) >= 2)
    tasks.merge({"spec": {"suspend": True}}).raise_for_status()
    eventually_sync(lambda: tasks.status()["phase"] == "Suspended")
    assert "nextRunTime" not in tasks.status()
    tasks.merge({"spec": {"suspend": False}}).raise_for_status()
    before = len(echo.received)
    eventually_sync(lambda: len(echo.received) > before)
    tasks.delete()

    # Another task marks the time: when it has been called twice, the deleted one would
    # have been as well.
    witness = http(echo, "/witness")
    tasks.create(task(schedule=EVERY_SECOND, callback=witness), "witness").raise_for_status()
    eventually_sync(lambda: echo.received_on("/witness"))
    after = len(echo.received_on("/ok"))
    eventually_sync(lambda: len(echo.received_on("/witness")) >= 3)
    assert len(echo.received_on("/ok")) == after


def test_a_run_now_ignores_suspend(
    control_plane: ControlPlane, namespace: str, echo: EchoServer, tasks: CronTasks
) -> None:
    tasks.create(task(suspend=True, callback=http(echo))).raise_for_status()
    annotation = "crontask.dev/run-requested-at=now"
    control_plane.kubectl("annotate", "ct", "subject", annotation, "-n", namespace)
    eventually_sync(lambda: tasks.runs() == ["Manual 1 Succeeded"])
    assert tasks.status()["handledRunRequest"] == "now"


@pytest.mark.parametrize(
    ("wrong", "reason", "message"),
    [
        pytest.param({"schedule": "61 * * * *"}, "InvalidSchedule", "61", id="minute"),
        pytest.param({"schedule": "0 0 30 2 *"}, "NeverFires", "30", id="30 February"),
        pytest.param({"timeZone": "Mars/Phobos"}, "InvalidSchedule", "Mars/Phobos", id="zone"),
    ],
)
def test_what_only_the_operator_can_judge_is_shown_in_a_condition(
    echo: EchoServer, tasks: CronTasks, wrong: dict[str, object], reason: str, message: str
) -> None:
    tasks.create(task(callback=http(echo), **wrong)).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Invalid")
    (accepted, *_) = tasks.status()["conditions"]
    assert (accepted["type"], accepted["status"], accepted["reason"]) == (
        "Accepted", "False", reason,
    )  # fmt: skip
    assert message in accepted["message"]


def test_a_secret_header_arrives_and_appears_nowhere_else(
    control_plane: ControlPlane, namespace: str, echo: EchoServer, tasks: CronTasks, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("geheim-4711")
    control_plane.kubectl(
        "create", "secret", "generic", "target", f"--from-file=token={token}", "-n", namespace
    )
    header = {"name": "Authorization", "secretKeyRef": {"name": "target", "key": "token"}}
    callback = http(echo, "/fail", headers=[header])
    tasks.create(task(schedule=None, at=PAST, callback=callback)).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Failed")
    assert echo.received[0].headers["authorization"] == "geheim-4711"
    assert "geheim" not in str(tasks.get())


def test_a_missing_secret_is_a_failed_attempt_that_names_it(
    echo: EchoServer, tasks: CronTasks
) -> None:
    header = {"name": "Authorization", "secretKeyRef": {"name": "absent", "key": "token"}}
    callback = http(echo, headers=[header])
    tasks.create(task(schedule=None, at=PAST, callback=callback)).raise_for_status()
    eventually_sync(lambda: tasks.status().get("phase") == "Failed")
    (record,) = tasks.status()["runs"]
    assert record["reason"] == "SecretUnavailable"
    assert "absent" in record["error"]
    assert echo.received == []


def test_a_finished_task_is_deleted_after_its_time_to_live(
    echo: EchoServer, tasks: CronTasks
) -> None:
    spec = task(schedule=None, at=PAST, callback=http(echo), ttlSecondsAfterFinished=1)
    tasks.create(spec).raise_for_status()
    eventually_sync(lambda: echo.received and not tasks.all())


def test_objects_carry_no_traces_of_the_framework(echo: EchoServer, tasks: CronTasks) -> None:
    tasks.create(task(schedule=EVERY_SECOND, callback=http(echo))).raise_for_status()
    eventually_sync(lambda: tasks.runs())
    metadata = tasks.get()["metadata"]
    assert "annotations" not in metadata
    assert "finalizers" not in metadata


def test_a_first_failure_is_an_event(
    control_plane: ControlPlane, namespace: str, echo: EchoServer, tasks: CronTasks
) -> None:
    spec = task(schedule=None, at=PAST, callback=http(echo, "/status/418"))
    tasks.create(spec).raise_for_status()

    def told() -> str:
        return control_plane.kubectl("events", "--for", "crontask/subject", "-n", namespace)

    eventually_sync(lambda: "RunFailed" in told())
    assert "expected status 200-299, got 418" in told()


def test_metrics_are_served(control_plane: ControlPlane, namespace: str, echo: EchoServer) -> None:
    with (
        run_operator(control_plane, namespace) as operator,
        control_plane.client() as client,
        loopback_client(operator.metrics_url) as metrics,
    ):
        CronTasks(client, namespace).create(task(schedule=EVERY_SECOND, callback=http(echo)))
        line = 'crontask_attempts_total{reason="OK",run_type="Scheduled"}'
        eventually_sync(lambda: line in metrics.get("/metrics").text)
        text = metrics.get("/metrics").text
    assert "crontask_shards_held 1.0" in text
    assert 'crontask_tasks{phase="Active"} 1.0' in text

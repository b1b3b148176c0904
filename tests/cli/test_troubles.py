"""Each symptom of docs/troubleshooting.md, brought about and looked at as the page says."""

import json
from pathlib import Path
from typing import Any

import pytest

from dev.control_plane import ControlPlane
from dev.ports import free_port
from dev.programs import Program
from tests.support.cli import Crontask
from tests.support.crontasks import CronTasks, manifest, task
from tests.support.programs import run_facade
from tests.support.wait import eventually_sync

NEVER_SOON = "0 0 29 2 *"
SECRET = {"secretKeyRef": {"name": "lost", "key": "authorization"}}

FAILURES: dict[str, dict[str, Any]] = {
    "AddressDenied": {"url": "http://169.254.169.254/latest/meta-data"},
    "ConnectionError": {},
    "Timeout": {"path": "/slow?seconds=30", "timeoutSeconds": 1},
    "UnexpectedStatus": {"path": "/status/503"},
    "BodyMismatch": {"path": "/ok", "expect": {"bodyRegex": "^done$"}},
    "SecretUnavailable": {"path": "/ok", "headers": [{"name": "Authorization", **SECRET}]},
}


@pytest.mark.parametrize("reason", FAILURES)
def test_a_run_fails_with_the_reason(
    reason: str, person: Crontask, tasks: CronTasks, operator: Program, url: str
) -> None:
    del operator
    said = dict(FAILURES[reason])
    nobody = f"http://127.0.0.1:{free_port()}"
    target = f"{url}{said.pop('path')}" if "path" in said else said.pop("url", nobody)
    headers = {"headers": said.pop("headers")} if "headers" in said else {}
    callback = {"http": {"url": target, **headers}}
    tasks.create(task(schedule=NEVER_SOON, callback=callback, **said), "t").raise_for_status()

    assert person.run("run", "t", "--wait").status == 4
    (line,) = person.ok("logs", "t", "-o", "wide").splitlines()
    assert f"  Failed  {503 if reason == 'UnexpectedStatus' else ''}" in line
    assert f"  {reason}" in line
    assert person.ok("list", "--failing", "-o", "name") == "crontask.crontask.dev/t\n"


def test_no_operator_watches_the_namespace(person: Crontask, tasks: CronTasks) -> None:
    tasks.create(task(), "t").raise_for_status()

    shown = person.ok("get", "t")
    assert "Phase:         not yet seen by the operator" in shown
    conditions = {each["type"]: each for each in tasks.status("t").get("conditions", ())}
    assert conditions["Ready"]["status"] == "Unknown"
    assert tasks.status("t").get("phase", "") == ""
    assert "operator" in person.run("doctor").stdout


@pytest.mark.parametrize(
    ("spec", "field", "told"),
    [
        ({"schedule": "61 * * * *"}, "spec.schedule", "expected 0-59"),
        ({"timeZone": "Berlin"}, "spec.timeZone", "similar: Europe/Berlin"),
    ],
    ids=["schedule", "zone"],
)
def test_an_invalid_task_says_which_field(
    spec: dict[str, Any],
    field: str,
    told: str,
    person: Crontask,
    tasks: CronTasks,
    operator: Program,
) -> None:
    del operator
    tasks.create(task(**spec), "t").raise_for_status()
    eventually_sync(lambda: tasks.status("t").get("phase") == "Invalid")

    shown = person.ok("get", "t")
    assert "Phase:         Invalid" in shown
    assert field in shown
    assert told in shown


def test_what_the_api_server_refuses_is_told_with_its_field(person: Crontask) -> None:
    spec = task(expect={"bodyRegex": "(?<=a)b"})
    done = person.run("apply", "-f", "-", stdin=json.dumps(manifest(spec, "t")))

    assert (done.status, done.stdout) == (1, "")
    assert "spec.expect.bodyRegex" in done.stderr


def test_a_suspended_task_is_resumed(person: Crontask, tasks: CronTasks, operator: Program) -> None:
    del operator
    tasks.create(task(suspend=True), "t").raise_for_status()
    eventually_sync(lambda: tasks.status("t").get("phase") == "Suspended")

    assert person.ok("resume", "t") == "t resumed\n"
    eventually_sync(lambda: tasks.status("t").get("phase") == "Active")


def test_the_expression_is_explained() -> None:
    nobody = Crontask()
    morning, tokyo = ("30 9 * * *",), ("--tz", "Asia/Tokyo")
    assert "T09:30:00Z" in nobody.ok("explain", *morning)
    assert "T09:30:00+09:00" in nobody.ok("explain", *morning, *tokyo)
    clock_changes = nobody.ok("explain", "30 2 * * *", "--tz", "Europe/Berlin")
    assert clock_changes.count("Beware: On 20") == 2
    assert "both" in nobody.ok("explain", "0 0 13 * FRI").lower()


def test_runs_are_skipped_while_another_goes_on(
    person: Crontask, tasks: CronTasks, operator: Program, url: str
) -> None:
    del operator
    spec = task(
        schedule="* * * * * *",
        concurrencyPolicy="Forbid",
        timeoutSeconds=60,
        callback={"http": {"url": f"{url}/slow?seconds=4"}},
    )
    tasks.create(spec, "t").raise_for_status()
    eventually_sync(lambda: tasks.status("t").get("counters", {}).get("skipped", 0) > 0)

    (line,) = (each for each in person.ok("get", "t").splitlines() if each.startswith("Runs:"))
    assert " 0 skipped" not in line


def test_a_facade_wants_a_token(
    control_plane: ControlPlane, namespace: str, tasks: CronTasks, tmp_path: Path
) -> None:
    tasks.create(task(), "t").raise_for_status()
    (tmp_path / "tokens").write_text("ops:ops-secret\n")
    (tmp_path / "token").write_text("ops-secret\n")
    settings = {"CRONTASK_API_AUTH": "token", "CRONTASK_API_TOKENS_PATH": str(tmp_path / "tokens")}
    with run_facade(control_plane, namespace, settings=settings) as facade:
        client = Crontask(None, ("--server", facade.url))
        refused = client.run("list")
        assert (refused.status, refused.stdout) == (1, "")
        assert refused.stderr.startswith("Error: the facade wants a token, by --token-file: ")
        assert client.ok("list", "--token-file", str(tmp_path / "token"), "-o", "name") == (
            "crontask.crontask.dev/t\n"
        )

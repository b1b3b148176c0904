"""A status that may not be written, or that somebody else wrote, is that one task's trouble."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crontask_core.constants import GROUP, PLURAL, VERSION
from crontask_core.enums import Phase
from crontask_core.times import rfc3339
from dev.control_plane import ControlPlane
from dev.crd import load_schema
from dev.programs import wait_until_active
from tests.support.checker import Call, Fault, Report, Task, check
from tests.support.evidence import recorded
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

HEALTHY = [f"healthy-{number}" for number in range(10)]
LOCKED = "locked"
EVERY_SECOND = "* * * * * *"
NEVER = "0 0 1 1 *"
SERIOUS = {Fault.REPEATED, Fault.UNRECORDED, Fault.UNFINISHED, Fault.UNDEMANDED, Fault.EARLY}
ADMISSION = "/apis/admissionregistration.k8s.io/v1"

pytestmark = IN_BOTH_MODES


@pytest.fixture
def locked(control_plane: ControlPlane, stage: Stage) -> Iterator[str]:
    """A task whose status an admission policy keeps from being written."""
    stage.tasks.create(stage.task(schedule=EVERY_SECOND), LOCKED).raise_for_status()
    name = f"lock-{stage.namespace}"
    rule = {
        "apiGroups": [GROUP],
        "apiVersions": [VERSION],
        "operations": ["UPDATE"],
        "resources": [f"{PLURAL}/status"],
    }
    selector = {"matchLabels": {"kubernetes.io/metadata.name": stage.namespace}}
    policy = {
        "matchConstraints": {"resourceRules": [rule], "namespaceSelector": selector},
        "validations": [{"expression": f"object.metadata.name != '{LOCKED}'"}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"]}
    paths = {
        f"{ADMISSION}/validatingadmissionpolicies": policy,
        f"{ADMISSION}/validatingadmissionpolicybindings": binding,
    }
    with control_plane.client() as client:
        for path, spec in paths.items():
            client.post(path, json={"metadata": {"name": name}, "spec": spec}).raise_for_status()
        eventually_sync(
            lambda: stage.tasks.merge_status({"phase": "Active"}, LOCKED).status_code == 422,
            PATIENCE_SECONDS,
        )
        yield LOCKED
        for path in paths:
            client.delete(f"{path}/{name}").raise_for_status()


def await_calls(stage: Stage, name: str) -> None:
    """Wait until a task was called a few times."""
    eventually_sync(lambda: len(stage.calls_of(name)) >= 3, PATIENCE_SECONDS)


def end_all(stage: Stage, names: Iterable[str]) -> Report:
    """Suspend the tasks, wait until all calls of theirs are recorded, and judge these alone."""
    for name in names:
        stage.tasks.merge({"spec": {"suspend": True}}, name).raise_for_status()

    def evidence() -> tuple[list[Task], list[Call]]:
        tasks = [task for task in stage.everything() if task.name in names]
        return tasks, [call for call in stage.calls() if call.task in names]

    def is_settled() -> bool:
        tasks, calls = evidence()
        is_suspended = all(task.status.phase == Phase.SUSPENDED for task in tasks)
        return is_suspended and recorded(tasks).issuperset(call.key for call in calls)

    eventually_sync(is_settled, PATIENCE_SECONDS)
    tasks, calls = evidence()
    moments = [task.status.last_scheduled_time for task in tasks]
    return check(tasks, calls, until=min(moment for moment in moments if moment))


def test_a_status_that_a_policy_refuses_holds_no_other_task_up(
    control_plane: ControlPlane, stage: Stage, locked: str
) -> None:
    for name in HEALTHY:
        stage.tasks.create(stage.task(schedule=EVERY_SECOND), name).raise_for_status()
    place, settings = (control_plane, stage.namespace), stage.settings
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, active=False) as standby,
    ):
        await_calls(stage, locked)
        assert owner.child.stop() == 0
        told = owner.child.log.read_text()
        wait_until_active(standby)
        before = len(stage.calls_of(HEALTHY[0]))
        eventually_sync(lambda: len(stage.calls_of(HEALTHY[0])) > before, PATIENCE_SECONDS)
        report = end_all(stage, HEALTHY)
    assert [one for one in report.findings if one.fault is not Fault.WATERMARK] == []
    assert report.repeated == 0
    # It is the only one that was waited for in vain.
    assert "1 tasks are handed over with news that could not be written" in told


@pytest.fixture
def lax_definition(control_plane: ControlPlane, stage: Stage) -> Iterator[None]:
    """A definition that takes any status, as that of the next version takes its own."""
    replace_schema(control_plane, LAX)
    stage.tasks.create(stage.task(schedule=NEVER), "probe").raise_for_status()
    probe = {"circuit": {"open": True}}
    eventually_sync(
        lambda: stage.tasks.merge_status(probe, "probe").json().get("status") == probe,
        PATIENCE_SECONDS,
    )
    stage.tasks.delete("probe")
    yield
    replace_schema(control_plane, load_schema()["properties"]["status"])


def replace_schema(control_plane: ControlPlane, schema: dict[str, Any]) -> None:
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{PLURAL}.{GROUP}"
    place = "/spec/versions/0/schema/openAPIV3Schema/properties/status"
    patch = [{"op": "replace", "path": place, "value": schema}]
    with control_plane.client() as client:
        headers = {"Content-Type": "application/json-patch+json"}
        client.patch(path, json=patch, headers=headers).raise_for_status()


LAX = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

RUN = {
    "executionId": "a" * 32,
    "attempt": 1,
    "scheduledTime": "2026-01-01T00:00:00Z",
    "beginTime": "2026-01-01T00:00:00Z",
}


def next_version() -> dict[str, dict[str, Any]]:
    """Return statuses that this version could not have written."""
    return {
        "words": {
            "phase": "Paused",
            "lastRun": {"executionId": "a", "status": "Maybe", "runType": "Replay"},
            "runs": [RUN | {"runType": "Replay", "status": "Replayed"}],
            "active": [RUN | {"runType": "Replay"}],
            "circuit": {"open": True},
        },
        "numbers": {
            "consecutiveFailures": -7,
            "counters": {"succeeded": 10**30, "failed": 2**63 - 1, "retries": "many"},
            "pendingRetries": [RUN | {"attempt": 2**40, "dueTime": "2026-01-01T00:00:00Z"}],
        },
        "times": {
            "lastScheduledTime": rfc3339(datetime.now(UTC) + timedelta(days=1)),
            "nextRunTime": "9999-12-31T23:59:60Z",
            "plan": {"fingerprint": "x", "since": "someday"},
        },
    }


@pytest.mark.parametrize("rolled_back", [False, True], ids=["newer CRD", "older CRD"])
@pytest.mark.usefixtures("lax_definition")
def test_a_roll_back_by_one_version(
    control_plane: ControlPlane, stage: Stage, rolled_back: bool
) -> None:
    statuses = next_version()
    for name, status in statuses.items():
        stage.tasks.create(stage.task(schedule=EVERY_SECOND), name).raise_for_status()
        stage.tasks.merge_status(status, name).raise_for_status()
    if rolled_back:
        replace_schema(control_plane, load_schema()["properties"]["status"])
    place, settings = (control_plane, stage.namespace), stage.settings
    with (
        run_operator(*place, settings=settings) as first,
        run_operator(*place, settings=settings, active=False) as second,
    ):
        begun = datetime.now(UTC)
        for name in statuses:
            await_calls(stage, name)
        assert first.child.stop() == 0
        told = first.child.log.read_text()
        wait_until_active(second)
        before = len(stage.calls_of("words"))
        eventually_sync(lambda: len(stage.calls_of("words")) > before, PATIENCE_SECONDS)
        report = end_all(stage, statuses)
    assert "could not be written" not in told
    # What the other version counted cannot be judged, and neither can what it fired.
    assert not [finding for finding in report.findings if finding.fault in SERIOUS]
    assert report.repeated == 0
    for name in statuses:
        fired = {call.scheduled_time for call in stage.calls_of(name)}
        demanded = Task.of(stage.tasks.get(name)).demanded(max(fired))
        assert fired.issuperset(moment for moment in demanded if moment > begun)

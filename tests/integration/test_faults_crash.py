"""An operator that is killed and started again: nothing is lost, nothing counted twice."""

from datetime import UTC, datetime

from dev.control_plane import ControlPlane
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, NARROW, SHORT_LEASE, Stage
from tests.support.wait import eventually_sync

PAST = "2026-01-01T00:00:00Z"

pytestmark = IN_BOTH_MODES


def test_a_kill_in_the_middle_of_a_burst(control_plane: ControlPlane, stage: Stage) -> None:
    settings = {**NARROW, **SHORT_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as first:
        due = stage.create_burst(500)
        stage.await_burst_calls(400, due)
        crash = stage.cut_off(first.child.kill)
        assert len(stage.calls()) < 500
    with run_operator(control_plane, stage.namespace, settings=settings):
        report = stage.judge(due, [crash])
    assert report.findings == ()
    assert report.demanded == 500


def test_what_was_under_way_goes_on_after_a_kill(control_plane: ControlPlane, stage: Stage) -> None:
    tasks = stage.tasks
    settings = {**SHORT_LEASE, **stage.settings}
    once = {"schedule": None, "at": PAST}
    failing = stage.task("/fail-then-ok?times=1", retry={"delaysSeconds": [6]}, **once)
    slow = stage.task("/slow?seconds=4", **once)
    quiet = stage.task("/ok", schedule="0 0 1 1 *")
    with run_operator(control_plane, stage.namespace, settings=settings) as first:
        for name, spec in {"retried": failing, "half-recorded": slow, "asked": quiet}.items():
            tasks.create(spec, name).raise_for_status()
        eventually_sync(lambda: tasks.status("retried").get("pendingRetries"), 30)
        eventually_sync(lambda: tasks.runs("half-recorded") == ["Scheduled 1 Started"], 30)
        crash = stage.cut_off(first.child.kill)
    due = datetime.fromisoformat(tasks.status("retried")["pendingRetries"][0]["dueTime"])
    tasks.request_run("while nobody was there", "asked")
    with run_operator(control_plane, stage.namespace, settings=settings):
        eventually_sync(lambda: tasks.runs("asked") == ["Manual 1 Succeeded"], 60)
        eventually_sync(lambda: tasks.status("retried")["phase"] == "Succeeded", 60)
        eventually_sync(lambda: tasks.status("half-recorded")["phase"] == "Succeeded", 60)
        report = stage.judge(datetime.now(UTC), [crash])
    assert report.findings == ()
    # Only the call in flight came again; the others went on where they were.
    assert report.repeated == 1
    assert tasks.runs("retried") == ["Retry 2 Succeeded", "Scheduled 1 Failed"]
    assert tasks.runs("half-recorded") == ["Scheduled 1 Succeeded"]
    (retry,) = (call for call in stage.calls() if call.attempt == 2)
    assert retry.arrived >= due

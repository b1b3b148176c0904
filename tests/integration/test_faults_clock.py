"""A status that was written by a clock ahead of ours silences no task."""

from datetime import UTC, datetime, timedelta

from crontask_core.times import rfc3339
from dev.control_plane import ControlPlane
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

STEADY = "steady"

pytestmark = IN_BOTH_MODES


def test_a_watermark_ahead_silences_no_task(control_plane: ControlPlane, stage: Stage) -> None:
    with run_operator(control_plane, stage.namespace, settings=stage.settings):
        stage.tasks.create(stage.task(schedule="* * * * * *"), STEADY).raise_for_status()
        eventually_sync(lambda: len(stage.calls_of(STEADY)) >= 2, PATIENCE_SECONDS)
    # A backup is restored that a clock ahead by a day has written.
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    ahead = {"lastScheduledTime": rfc3339(tomorrow.replace(microsecond=0))}
    stage.tasks.merge_status(ahead, STEADY).raise_for_status()
    restored = datetime.now(UTC)
    with run_operator(control_plane, stage.namespace, settings=stage.settings):
        eventually_sync(
            lambda: [call for call in stage.calls_of(STEADY) if call.scheduled_time > restored],
            PATIENCE_SECONDS,
        )
        eventually_sync(
            lambda: "AheadOfClock" in {item["type"] for item in conditions(stage)},
            PATIENCE_SECONDS,
        )
        events = ("events", "--for", f"crontask/{STEADY}", "-n", stage.namespace)
        eventually_sync(
            lambda: "AheadOfClock" in control_plane.kubectl(*events), PATIENCE_SECONDS, every=1.0
        )
    keys = [call.key for call in stage.calls_of(STEADY)]
    assert len(set(keys)) == len(keys)
    assert stage.adds_up(STEADY)


def conditions(stage: Stage) -> list[dict[str, str]]:
    found: list[dict[str, str]] = stage.tasks.status(STEADY)["conditions"]
    return found

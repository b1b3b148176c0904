"""Nothing fires from a view that is behind: at a take-over, and after a pause."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dev.control_plane import ControlPlane
from dev.programs import wait_until_active
from tests.support.checker import Report, check
from tests.support.evidence import recorded
from tests.support.plain_proxy import PlainProxy
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

EVERY_SECOND = "* * * * * *"
KEPT = "kept"
SUSPENDED = "suspended"
DELETED = "deleted"
WATCH = b"crontasks?watch"

LONG_LEASE = {"CRONTASK_LEASE_SECONDS": "120"}
"""Settings under which an owner that sleeps for seconds wakes as the owner."""

pytestmark = IN_BOTH_MODES


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[PlainProxy]:
    """Where an operator can be cut off from the API server, request by request."""
    port = int(control_plane.server.rpartition(":")[2])
    with PlainProxy(port, control_plane.tls()) as proxy:
        yield proxy


def create(stage: Stage, *names: str) -> None:
    """Create tasks of every second, and wait until each was called."""
    for name in names:
        stage.tasks.create(stage.task(schedule=EVERY_SECOND), name).raise_for_status()
    for name in names:
        await_calls(stage, name, 2)


def await_calls(stage: Stage, name: str, count: int) -> None:
    """Wait until a task was called so many times."""
    eventually_sync(lambda: len(stage.calls_of(name)) >= count, PATIENCE_SECONDS)


def judge(stage: Stage, until: datetime) -> Report:
    """Wait until all is recorded, and return what the checker finds with the task that was kept."""
    calls = stage.calls_of(KEPT)
    keys = {call.key for call in calls}
    eventually_sync(lambda: recorded(stage.everything()) >= keys, PATIENCE_SECONDS)
    return check([task for task in stage.everything() if task.name == KEPT], calls, until=until)


def test_a_standby_whose_watch_is_dead_repeats_nothing(
    control_plane: ControlPlane, stage: Stage, proxy: PlainProxy, tmp_path: Path
) -> None:
    place, settings = (control_plane, stage.namespace), stage.settings
    kubeconfig = proxy.write_kubeconfig(tmp_path / "kubeconfig")
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, kubeconfig=kubeconfig, active=False) as standby,
    ):
        create(stage, KEPT, SUSPENDED, DELETED)
        # The Leases are watched over another connection, which goes on.
        eventually_sync(lambda: proxy.silence(WATCH), PATIENCE_SECONDS)
        stage.tasks.merge({"spec": {"suspend": True}}, SUSPENDED).raise_for_status()
        eventually_sync(
            lambda: stage.tasks.status(SUSPENDED)["phase"] == "Suspended", PATIENCE_SECONDS
        )
        stage.tasks.delete(DELETED)
        await_calls(stage, KEPT, len(stage.calls_of(KEPT)) + 2)
        before = {name: len(stage.calls_of(name)) for name in (SUSPENDED, DELETED)}
        assert owner.child.stop() == 0
        wait_until_active(standby)
        until = stage.end(KEPT, after=datetime.now(UTC))
        assert {name: len(stage.calls_of(name)) for name in before} == before
        report = judge(stage, until)
    assert report.findings == ()
    assert report.repeated == 0


def test_an_owner_that_wakes_in_time_fires_nothing_that_was_suspended(
    control_plane: ControlPlane, stage: Stage
) -> None:
    settings = {**LONG_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as owner:
        create(stage, KEPT, SUSPENDED, DELETED)
        owner.child.pause()
        asleep = datetime.now(UTC)
        stage.tasks.merge({"spec": {"suspend": True}}, SUSPENDED).raise_for_status()
        stage.tasks.delete(DELETED)
        # What it had sent has arrived, and a moment of each task has passed.
        eventually_sync(lambda: (datetime.now(UTC) - asleep).total_seconds() > 3, PATIENCE_SECONDS)
        woken = datetime.now(UTC)
        owner.child.resume()
        until = stage.end(KEPT, after=datetime.now(UTC))
        late = [
            call
            for name in (SUSPENDED, DELETED)
            for call in stage.calls_of(name)
            if call.arrived > woken
        ]
        report = judge(stage, until)
        assert "The process has paused" in owner.child.log.read_text()
    assert late == []
    assert report.findings == ()
    assert report.repeated == 0

"""The API server crashes while operators work: calls go on, and records come later."""

from datetime import UTC, datetime

import pytest

from dev.control_plane import ControlPlane
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, NARROW, PATIENCE_SECONDS, SHORT_LEASE, Stage
from tests.support.wait import eventually_sync

STEADY = "steady"
RETRIED = "retried"
PAST = "2026-01-01T00:00:00Z"

MEDIUM_LEASE = {"CRONTASK_LEASE_SECONDS": "8"}
"""Settings under which an outage soon costs the lease, and a busy machine's owner has
seconds to renew it when the API server is back."""

BY_THE_LEASE = {"CRONTASK_OUTAGE_FIRING_SECONDS": "0"}
"""Settings under which the lease alone says how long an owner fires."""

LONG_LEASE = {"CRONTASK_LEASE_SECONDS": "120"}
"""Settings under which the owner stays the owner while the API server is away."""

pytestmark = [IN_BOTH_MODES, pytest.mark.usefixtures("api_server_comes_back")]


def test_a_crash_in_the_middle_of_a_burst(control_plane: ControlPlane, stage: Stage) -> None:
    settings = {**NARROW, **LONG_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings):
        due = stage.create_burst(200)
        stage.await_burst_calls(60, due)
        control_plane.kill_api_server()
        # Firing does not wait for records.
        stage.await_burst_calls(200, due)
        control_plane.start_api_server()
        report = stage.judge(due)
    assert report.findings == ()
    assert report.repeated == 0


def test_an_outage_while_runs_and_retries_go_on(control_plane: ControlPlane, stage: Stage) -> None:
    every_second = stage.task(schedule="* * * * * *")
    delays = {"delaysSeconds": [5, 1]}
    retried = stage.task("/fail-then-ok?times=2", schedule=None, at=PAST, retry=delays)
    settings = {**LONG_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings):
        stage.tasks.create(every_second, STEADY).raise_for_status()
        stage.tasks.create(retried, RETRIED).raise_for_status()
        eventually_sync(lambda: stage.calls_of(RETRIED), PATIENCE_SECONDS)
        control_plane.kill_api_server()
        before = len(stage.calls_of(STEADY))
        eventually_sync(lambda: len(stage.calls_of(RETRIED)) == 3, PATIENCE_SECONDS)
        eventually_sync(lambda: len(stage.calls_of(STEADY)) > before + 2, PATIENCE_SECONDS)
        control_plane.start_api_server()
        until = stage.end(STEADY, after=datetime.now(UTC))
        report = stage.judge(until)
    assert report.findings == ()
    assert report.repeated == 0
    assert stage.tasks.status(RETRIED)["counters"]["succeeded"] == 1


def test_an_outage_that_costs_the_lease(control_plane: ControlPlane, stage: Stage) -> None:
    every_second = stage.task(schedule="* * * * * *")
    settings = {**SHORT_LEASE, **BY_THE_LEASE, **stage.settings}
    with run_operator(control_plane, stage.namespace, settings=settings) as operator:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        eventually_sync(lambda: len(stage.calls_of(STEADY)) >= 2, PATIENCE_SECONDS)
        control_plane.kill_api_server()
        log = operator.child.log
        eventually_sync(lambda: "shard 0: lost" in log.read_text(), PATIENCE_SECONDS)
        control_plane.start_api_server()
        until = stage.end(STEADY, after=datetime.now(UTC))
        report = stage.judge(until)
    assert report.findings == ()
    assert report.repeated == 0


def test_an_outage_for_all_ends_with_the_former_owner(
    control_plane: ControlPlane, stage: Stage
) -> None:
    place = (control_plane, stage.namespace)
    settings = {**NARROW, **MEDIUM_LEASE, **stage.settings}
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, active=False) as standby,
    ):
        due = stage.create_burst(200)
        stage.await_burst_calls(60, due)
        control_plane.kill_api_server()
        log = owner.child.log
        eventually_sync(lambda: "shard 0: lost" in log.read_text(), PATIENCE_SECONDS)
        # The standby is the first to find the API server again.
        owner.child.pause()
        control_plane.start_api_server()
        seen = standby.child.log
        eventually_sync(lambda: "written again" in seen.read_text(), PATIENCE_SECONDS)
        owner.child.resume()
        report = stage.judge(due)
        assert "shard 0: acquired" not in standby.child.log.read_text()
    # The runs whose records waited are the former owner's, and were not made again.
    assert report.findings == ()
    assert report.repeated == 0

"""Two replicas and an owner that leaves, dies or freezes in the middle of its work."""

import logging
from itertools import pairwise

import pytest

from dev.control_plane import ControlPlane
from dev.programs import wait_until_active
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, NARROW, SHORT_LEASE, Stage
from tests.support.wait import eventually_sync

logger = logging.getLogger(__name__)

BURST = 200
MIDDLE = 60
STEADY = "steady"

pytestmark = IN_BOTH_MODES


@pytest.fixture
def steady(stage: Stage) -> str:
    """A task of every second, which shows how long nobody fired."""
    stage.tasks.create(stage.task(schedule="* * * * * *"), STEADY).raise_for_status()
    return STEADY


def test_an_owner_that_is_told_to_end_hands_over(
    control_plane: ControlPlane, stage: Stage, steady: str
) -> None:
    place = (control_plane, stage.namespace)
    settings = {**NARROW, **stage.settings}
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, active=False) as standby,
    ):
        due = stage.create_burst(BURST)
        stage.await_burst_calls(MIDDLE, due)
        assert owner.child.stop() == 0
        wait_until_active(standby)
        until = stage.end(steady, after=due)
        report = stage.judge(until)
    assert report.findings == ()
    assert report.repeated == 0
    log_longest_gap(stage)


def test_an_owner_that_is_killed_is_replaced(
    control_plane: ControlPlane, stage: Stage, steady: str
) -> None:
    place = (control_plane, stage.namespace)
    settings = {**NARROW, **SHORT_LEASE, **stage.settings}
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, active=False) as standby,
    ):
        due = stage.create_burst(BURST)
        stage.await_burst_calls(MIDDLE, due)
        crash = stage.cut_off(owner.child.kill)
        wait_until_active(standby)
        until = stage.end(steady, after=due)
        report = stage.judge(until, [crash])
    assert report.findings == ()
    log_longest_gap(stage)


def test_an_owner_that_froze_fires_nothing_when_it_wakes(
    control_plane: ControlPlane, stage: Stage
) -> None:
    place = (control_plane, stage.namespace)
    settings = {**NARROW, **SHORT_LEASE, **stage.settings}
    with (
        run_operator(*place, settings=settings) as owner,
        run_operator(*place, settings=settings, active=False) as standby,
    ):
        due = stage.create_burst(BURST)
        stage.await_burst_calls(MIDDLE, due)
        crash = stage.cut_off(owner.child.pause)
        wait_until_active(standby)
        report = stage.judge(due, [crash])
        assert report.findings == ()
        before = len(stage.calls())
        owner.child.resume()
        eventually_sync(lambda: "shard 0: lost" in owner.child.log.read_text(), 60)
        # It still tells what its own calls came to, but has no say in anything else.
        assert owner.child.stop() == 0
        # Its rows come after those of its successor, whose status need not tell of them.
        report = stage.report(due, [crash])
    assert len(stage.calls()) == before
    assert report.findings == ()


def log_longest_gap(stage: Stage) -> None:
    """Tell for how long the task of every second was not called."""
    arrivals = sorted(call.arrived for call in stage.calls() if call.task == STEADY)
    gap = max(later - earlier for earlier, later in pairwise(arrivals))
    logger.info("The longest time without a call: %.1f s", gap.total_seconds())

"""The definition of CronTasks is deleted and comes back under a running operator."""

from collections.abc import Iterator

import pytest

from dev.control_plane import ControlPlane
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

STEADY = "steady"
NEW = "new"

pytestmark = IN_BOTH_MODES


@pytest.fixture
def _definition_comes_back(control_plane: ControlPlane, namespace: str) -> Iterator[None]:
    yield
    control_plane.install_crds()


@pytest.mark.usefixtures("_definition_comes_back")
def test_the_operator_waits_for_the_definition_and_goes_on(
    control_plane: ControlPlane, stage: Stage
) -> None:
    every_second = stage.task(schedule="* * * * * *")
    with run_operator(control_plane, stage.namespace, settings=stage.settings) as operator:
        stage.tasks.create(every_second, STEADY).raise_for_status()
        eventually_sync(lambda: stage.calls_of(STEADY), PATIENCE_SECONDS)
        control_plane.kubectl("delete", "crd", "crontasks.crontask.dev")
        eventually_sync(
            lambda: "is not installed" in operator.child.log.read_text(), PATIENCE_SECONDS
        )
        control_plane.install_crds()
        stage.tasks.create(every_second, NEW).raise_for_status()
        eventually_sync(lambda: stage.calls_of(NEW), PATIENCE_SECONDS)
        assert operator.child.poll() is None
    assert stage.adds_up(NEW)

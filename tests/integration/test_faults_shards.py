"""Several shards over several replicas: each task has one owner at any time."""

from dev.control_plane import ControlPlane
from dev.programs import held_shards
from tests.support.programs import run_operator
from tests.support.stage import IN_BOTH_MODES, NARROW, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

FOUR_SHARDS = {"CRONTASK_SHARDS": "4"}

pytestmark = IN_BOTH_MODES


def test_a_replica_that_leaves_hands_its_shards_over(
    control_plane: ControlPlane, stage: Stage
) -> None:
    place = (control_plane, stage.namespace)
    settings = {**NARROW, **FOUR_SHARDS, **stage.settings}
    with (
        run_operator(*place, settings=settings) as staying,
        run_operator(*place, settings=settings) as leaving,
    ):
        eventually_sync(lambda: held_shards(staying) == held_shards(leaving) == 2, PATIENCE_SECONDS)
        due = stage.create_burst(200)
        stage.await_burst_calls(60, due)
        assert leaving.child.stop() == 0
        eventually_sync(lambda: held_shards(staying) == 4, PATIENCE_SECONDS)
        report = stage.judge(due)
    assert report.findings == ()
    assert report.repeated == 0
    assert report.received == 200

"""Several shards over several replicas: each task has one owner at any time."""

from dev.control_plane import ControlPlane
from dev.programs import Program, held_shards
from dev.readiness import loopback_client
from tests.support.programs import run_operator
from tests.support.stage import NARROW, PATIENCE_SECONDS, Stage
from tests.support.wait import eventually_sync

SETTINGS = NARROW | {"CRONTASK_SHARDS": "4"}


def shards_of(program: Program) -> set[int]:
    """Return the shards that an operator holds."""
    with loopback_client(program.url) as client:
        return set(held_shards(client))


def test_a_replica_that_leaves_hands_its_shards_over(
    control_plane: ControlPlane, stage: Stage
) -> None:
    place = (control_plane, stage.namespace)
    with (
        run_operator(*place, settings=SETTINGS) as staying,
        run_operator(*place, settings=SETTINGS) as leaving,
    ):
        eventually_sync(
            lambda: len(shards_of(staying)) == len(shards_of(leaving)) == 2, PATIENCE_SECONDS
        )
        assert shards_of(staying) | shards_of(leaving) == {0, 1, 2, 3}
        due = stage.create_burst(200)
        stage.await_burst_calls(60, due)
        assert leaving.child.stop() == 0
        eventually_sync(lambda: shards_of(staying) == {0, 1, 2, 3}, PATIENCE_SECONDS)
        report = stage.judge(due)
    assert report.findings == ()
    assert report.repeated == 0
    assert report.received == 200

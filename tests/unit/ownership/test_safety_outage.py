"""Never two owners, though an only owner goes on while the API server is away for all."""

from dataclasses import replace

from hypothesis import example, given

from crontask_operator.ownership import LeaseSettings
from tests.unit.ownership.test_safety import EXAMPLES, SEEDS, Fault, Stage, faults, play
from tests.unit.ownership.world import SETTINGS, Replica, run_virtually


class OutageStage(Stage):
    """An API server that is away for all or for none, and answers soon if it answers.

    Requests that were under way when it went away arrive when it is back.
    """

    settings: LeaseSettings = replace(SETTINGS, outage_seconds=240, shared_outage_seconds=60)
    longest_delay = 1.0
    away = False

    def replica(self, name: str, shards: int) -> Replica:
        started = super().replica(name, shards)
        if self.away:
            started.link.cut()
        return started

    async def suffer(self, fault: Fault) -> None:
        if fault.kind not in ("away", "back"):
            await super().suffer(fault)
            return
        self.away = fault.kind == "away"
        for replica in self.world.living():
            if self.away:
                replica.link.cut()
            else:
                replica.link.mend()

    async def calm_down(self) -> None:
        self.away = False
        await super().calm_down()


@given(SEEDS, faults("away", "away", "back", "kill", "stop"))
@example(1, [Fault(0, 1, "stop"), Fault(1, 2, "kill"), Fault(12, 0, "away"), Fault(9, 1, "back")])
@EXAMPLES
def test_no_shard_has_two_owners_in_outages_that_all_share(seed: int, faults: list[Fault]) -> None:
    run_virtually(play(seed, faults, OutageStage))

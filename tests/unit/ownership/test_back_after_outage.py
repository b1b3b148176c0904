"""What the first write after an outage tells the owner, whose lease was over by then."""

from dataclasses import dataclass, field, replace

import pytest

from crontask_kube.errors import UnavailableError
from crontask_operator.ownership.holder import ShardEvents, ShardHolder
from crontask_operator.ownership.outage import OutageRule
from crontask_operator.ownership.record import LeaseKind, LeaseRecord, shard_name
from crontask_operator.ownership.store import Listing, OutageLog
from crontask_operator.ownership.view import LeaseView
from crontask_operator.ownership.writer import Claim
from tests.unit.ownership.world import SETTINGS

ME = "a"
ALONE = replace(SETTINGS, outage_seconds=240)


@dataclass
class Scene:
    """One shard, held for longer than its lease is valid; the writer's answers are set."""

    now: float = 0.0
    admits: bool = True
    renewed: bool = False
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outage = OutageLog(lambda: self.now)
        view = LeaseView(1, patience_seconds=SETTINGS.silence_seconds)
        record = LeaseRecord(
            shard_name(0), LeaseKind.SHARD, holder=ME, duration_seconds=15, resource_version="1"
        )
        view.list_seen(Listing((record,), "1"), self.now)
        rule = OutageRule(ME, view, self.outage, ALONE)
        rule.look()
        self.holder = ShardHolder(
            0,
            identity=ME,
            writer=self,  # type: ignore[arg-type]
            view=view,
            settings=ALONE,
            clock=lambda: self.now,
            events=ShardEvents(
                lambda shard, _: self.told.append(f"acquired {shard}"),
                lambda shard: self.told.append(f"lost {shard}"),
                lambda shard: self.told.append(f"drain {shard}"),
            ),
            admit=self._admit,
            outage=rule,
        )

    async def claim(self, name: str, kind: LeaseKind, *, owned: bool = False) -> Claim:
        """Write the lease, as a `LeaseWriter`."""
        return Claim(self.now, "", renewed=self.renewed)

    async def release(self, name: str, flushed_through: str, *, give_up_at: float) -> None:
        """Free the lease, as a `LeaseWriter`."""

    async def outlive_an_outage(self) -> None:
        """Acquire the shard, and go on without the API server until the lease is over."""
        await self.holder.claim()
        while self.now < SETTINGS.validity_seconds + 10:
            self.now += SETTINGS.renew_seconds
            self.outage.failed(UnavailableError("no answer"))
            self.holder.check(self.now)
        self.outage.worked()
        assert self.told == ["acquired 0"]
        assert self.now < self.holder.fires_until

    async def _admit(self) -> bool:
        return self.admits


@pytest.mark.parametrize(
    ("renewed", "admits", "told"),
    [
        pytest.param(True, True, [], id="nobody had it"),
        pytest.param(False, True, ["lost 0"], id="somebody had it and gave it back"),
        pytest.param(True, False, ["lost 0"], id="another division is held"),
    ],
)
async def test_the_version_that_was_met_decides(
    renewed: bool, admits: bool, told: list[str]
) -> None:
    scene = Scene()
    await scene.outlive_an_outage()
    scene.renewed, scene.admits = renewed, admits
    await scene.holder.claim()
    assert scene.told[1:] == told
    assert (scene.now < scene.holder.fires_until) is not bool(told)


async def test_an_api_server_that_goes_away_again_costs_nothing() -> None:
    scene = Scene()
    await scene.outlive_an_outage()
    scene.renewed, scene.admits = True, False
    scene.outage.failed(UnavailableError("no answer"))
    await scene.holder.claim()
    assert scene.told == ["acquired 0"]
    assert scene.now < scene.holder.fires_until

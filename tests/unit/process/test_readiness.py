"""What the operator says of itself on ``/readyz``."""

from dataclasses import dataclass
from math import inf

import httpx
from prometheus_client import CollectorRegistry

from crontask_operator.process.metrics_server import MetricsServer
from crontask_operator.process.readiness import Readiness
from dev.ports import free_port


@dataclass
class Leases:
    """How requests about Leases went."""

    trouble: str = ""
    worked_at: float = 100.0


def test_what_is_lacking_is_told() -> None:
    age, now = inf, 100.0
    readiness = Readiness(lambda: age, 13.0, lambda: now)
    assert readiness.lacks() == ["The operator is starting."]
    readiness.wait("Waiting for the CRD of crontasks.crontask.dev: it is not there")
    assert readiness.lacks() == ["Waiting for the CRD of crontasks.crontask.dev: it is not there."]

    leases = Leases()
    readiness.started(leases)
    assert readiness.lacks() == ["The tasks are not listed yet."]
    age = 5.0
    assert readiness.lacks() == []
    assert readiness.away_seconds() == 0

    age, now = 21.0, 120.0
    leases.trouble = "no answer in time"
    assert readiness.lacks() == [
        "The Leases cannot be read or written, for 20 s now: no answer in time.",
        "The watch for tasks was last heard of 21 s ago.",
    ]
    assert readiness.away_seconds() == 20


async def test_it_is_served_beside_the_metrics() -> None:
    lacks: list[str] = []
    port = free_port()
    async with (
        MetricsServer(CollectorRegistry(), port, lambda: lacks),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (200, "ok")
        lacks += ["The one is away.", "The other too."]
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "The one is away.\nThe other too.")

"""A status that the next version wrote, or nobody sane, stops neither runs nor records."""

from typing import Any

import pytest

from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MOST = 2**63 - 1
"""The largest number that the API server keeps."""

RUN = {
    "executionId": "a" * 32,
    "attempt": 1,
    "scheduledTime": "2026-03-01T11:59:00Z",
    "beginTime": "2026-03-01T11:59:00Z",
}

NEXT_VERSION: dict[str, dict[str, Any]] = {
    "words": {
        "phase": "Paused",
        "conditions": [{"type": "Ready", "status": "Maybe"}],
        "lastRun": {"executionId": "a", "status": "Maybe", "runType": "Replay"},
        "runs": [RUN | {"runType": "Replay", "status": "Replayed"}],
        "circuit": {"open": True},
    },
    "numbers": {
        "observedGeneration": 10**30,
        "consecutiveFailures": -7,
        "counters": {"succeeded": 1e300, "failed": -5, "retries": "many", "skipped": 1.5},
    },
    "full counters": {"consecutiveFailures": MOST, "counters": {"succeeded": MOST, "failed": MOST}},
    "times": {
        "lastScheduledTime": "9999-12-31T23:59:59.999999999Z",
        "nextRunTime": "0000-00-00T00:00:00Z",
        "lastSuccessTime": "25:00",
        "plan": {"fingerprint": "x", "since": "9999-12-31T23:59:59-14:00"},
    },
    "long ago": {
        "lastScheduledTime": "0001-01-01T00:00:00+14:00",
        "plan": {"fingerprint": "x", "since": "0001-01-01T00:00:00Z", "resumedTime": "soon"},
    },
    "lists": {
        "active": [RUN | {"runType": "Replay"}, 7, None],
        "pendingRetries": [RUN | {"dueTime": "2026-03-01T11:59:00Z"}, {"attempt": 10**30}],
        "runs": {"not": "a list"},
        "conditions": "none",
    },
    "attempts": {
        "active": [RUN | {"runType": "Scheduled", "attempt": MOST}],
        "pendingRetries": [
            RUN | {
                "executionId": "b" * 32,
                "attempt": -MOST,
                "dueTime": "9999-12-31T23:59:59Z",
                "firstBeginTime": "9999-12-31T23:59:59-14:00",
            }
        ],
    },
}  # fmt: skip


@pytest.mark.parametrize("status", NEXT_VERSION.values(), ids=NEXT_VERSION.keys())
async def test_runs_and_records_go_on_and_nothing_repeats(
    world: World, status: dict[str, Any]
) -> None:
    world.api.create(schedule="*/10 * * * * *", retry={"delaysSeconds": [1]}, historyLimit=20)
    world.api.objects["task"]["status"] = status
    async with world.operator() as first:
        await world.until(25)
        await first.drain([0], 5)
    async with world.operator():
        await world.until(45)
    scheduled = [
        attempt
        for _, attempt in world.targets.calls
        if attempt.execution_id not in ("a" * 32, "b" * 32)
    ]
    assert [attempt.scheduled_time.second for attempt in scheduled] == [10, 20, 30, 40]
    assert all("fault" not in notice for notice in world.notices)
    stored = world.api.status()
    recorded = {run["executionId"] for run in stored["runs"]}
    assert {attempt.execution_id for attempt in scheduled} <= recorded
    assert stored["phase"] == "Active"
    numbers = [*stored["counters"].values(), stored["consecutiveFailures"]]
    assert all(isinstance(number, int) and 0 <= number <= MOST for number in numbers)

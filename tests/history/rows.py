"""Rows for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_history.row import RunRow

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def row(number: int = 0, **fields: Any) -> RunRow:
    """Return the attempt of second `number` after noon; `fields` go before the defaults."""
    moment = NOON + timedelta(seconds=number)
    values: dict[str, Any] = {
        "uid": "3f0a-uid",
        "namespace": "shop",
        "name": "prices",
        "task_name": "定时改价",
        "module": 2,
        "shard": 3,
        "execution_id": f"{number:032x}",
        "attempt": 1,
        "run_type": RunType.SCHEDULED,
        "status": RunStatus.SUCCEEDED,
        "reason": Reason.OK,
        "code": 200,
        "scheduled_time": moment,
        "begin_time": moment + timedelta(milliseconds=4),
        "end_time": moment + timedelta(milliseconds=31),
        "url": "http://prices.shop.svc/refresh",
        "replica": "operator-0",
        "body": '{"scope": "all"}',
        "response": "done",
    }
    return RunRow(**{**values, **fields})


def started(number: int = 0, **fields: Any) -> RunRow:
    """Return the same attempt while it is in flight."""
    in_flight = {
        "status": RunStatus.STARTED,
        "reason": None,
        "code": None,
        "end_time": None,
        "response": "",
    }
    return row(number, **{**in_flight, **fields})


def failed(number: int = 0, **fields: Any) -> RunRow:
    """Return the same attempt if it failed."""
    why = {
        "status": RunStatus.FAILED,
        "reason": Reason.UNEXPECTED_STATUS,
        "code": 503,
        "error": "expected status 200-299, got 503",
        "response": "busy",
    }
    return row(number, **{**why, **fields})

"""past_runs makes up what came of a task's runs, at the moments that its schedule names."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_core.schedule import preview
from crontask_core.times import to_milliseconds
from crontask_history.row import RunRow

DAYS: Final = 2
"""Days of which a history holds every run; of what runs more seldom, the last ten."""

MOST: Final = 700
"""Runs of a task, so that one that runs often is not most of them all."""

MOST_MOMENTS: Final = DAYS * 24 * 60
"""Of what runs most often."""

WINDOWS: Final = (timedelta(hours=1), timedelta(days=DAYS), timedelta(days=40), timedelta(days=900))


class Story(NamedTuple):
    """One task, and how its last runs went: + for good, - for bad."""

    name: str
    schedule: str
    zone: str
    url: str
    runs: str
    seconds: float
    """About how long a run takes."""
    error: str = ""
    code: int | None = 200


def past_runs(story: Story, metadata: dict[str, Any], module: int, now: datetime) -> list[RunRow]:
    """Return the attempts of a task up to `now`, newest first."""
    if not story.runs:
        return []
    dice = random.Random(story.url)  # noqa: S311 - the same pictures every time
    rows = [
        row
        for place, due in enumerate(_moments(story, now))
        for row in _attempts(story, metadata, module, place, due, dice)
    ]
    ended = [row for row in rows if row.end_time is not None and row.end_time <= now]
    return sorted(ended, key=lambda row: row.begin_time, reverse=True)


def _moments(story: Story, now: datetime) -> list[datetime]:
    """Return when the task was due, newest first."""
    found: list[datetime] = []
    for window in WINDOWS:
        moments = preview(
            story.schedule,
            count=MOST_MOMENTS,
            after=now - window,
            time_zone=story.zone,
            seed=story.name,
        )
        before = now - timedelta(seconds=2 * story.seconds)
        found = [moment.astimezone(UTC) for moment in moments if moment < before][-MOST:]
        if len(found) >= (MOST if window < timedelta(days=DAYS) else len(story.runs)):
            break
    return found[::-1]


def _attempts(
    story: Story,
    metadata: dict[str, Any],
    module: int,
    place: int,
    due: datetime,
    dice: random.Random,
) -> Iterator[RunRow]:
    signs = story.runs[::-1]
    failed = signs[place] == "-" if place < len(signs) else dice.random() < 0.012
    attempts = (3 if place < len(signs) else 2) if failed else 1
    begin = due + timedelta(seconds=dice.lognormvariate(-5.2, 0.7))
    for attempt in range(1, attempts + 1):
        took = story.seconds * dice.lognormvariate(0, 0.35)
        # An hour of the night in which everything takes longer.
        took *= 1.9 if due.hour == 3 else 1.0
        # What failed long ago was mended by its retry.
        is_good = not failed or (place >= len(signs) and attempt == attempts)
        end = begin + timedelta(seconds=took if story.code or is_good else 0.02)
        yield RunRow(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            task_name=story.name,
            module=module,
            shard=module,
            execution_id=f"{int(due.timestamp() * 1000):016x}{abs(hash_of(story.url)):016x}",
            attempt=attempt,
            run_type=RunType.SCHEDULED if attempt == 1 else RunType.RETRY,
            scheduled_time=due,
            begin_time=to_milliseconds(begin),
            end_time=to_milliseconds(end),
            url=story.url,
            replica=f"crontask-operator-6d5c8f-{'k7xlq' if module else 'p2m9z'}",
            body='{"dry_run": false, "scope": "all"}',
            **_outcome(story, is_good),
        )
        begin = end + timedelta(seconds=2.0**attempt)


def _outcome(story: Story, is_good: bool) -> dict[str, Any]:
    if is_good:
        good = {"status": RunStatus.SUCCEEDED, "reason": Reason.OK, "code": 200}
        return {**good, "response": '{"accepted": true, "rates": [{"EUR": 1.0842}]}'}
    bad: dict[str, Any] = {"status": RunStatus.FAILED}
    if story.code is None:
        return {**bad, "reason": Reason.CONNECTION_ERROR, "error": story.error}
    if story.error:
        why = {"reason": Reason.BODY_MISMATCH, "code": story.code, "error": story.error}
        return {**bad, **why, "response": '{"rates": []}'}
    error = "expected status 200-299, got 503"
    why = {"reason": Reason.UNEXPECTED_STATUS, "code": 503, "error": error}
    return {**bad, **why, "response": "upstream connect error or disconnect/reset before headers"}


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return random.Random(text).getrandbits(63)  # noqa: S311 - no secret

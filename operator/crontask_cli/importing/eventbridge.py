"""eventbridge reads schedules of Amazon EventBridge Scheduler: ``aws scheduler get-schedule``.

A schedule calls a service of AWS by its ARN, and no URL; the user says which URL stands for one.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from crontask_cli.importing.dialects import from_aws
from crontask_cli.importing.documents import (
    Fields,
    fields_of,
    json_items,
    note_others,
    number_of,
    text_of,
)
from crontask_cli.importing.found import (
    MAX_DEADLINE_SECONDS,
    Draft,
    Found,
    Hints,
    NotConvertible,
    found,
    shown,
)
from crontask_cli.importing.http_call import HttpCall, put_call
from crontask_core.schedule.zones import load_zone

_KNOWN: Final = (
    "Name Arn GroupName ScheduleExpression ScheduleExpressionTimezone State Target "
    "FlexibleTimeWindow ActionAfterCompletion CreationDate LastModificationDate Description"
)
_KNOWN_TARGET: Final = "Arn RoleArn Input RetryPolicy"
_AT: Final = re.compile(r"at\(\s*(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)\s*\)", re.ASCII)
_RETRIES, _LONGEST_EVENT_AGE = 185, 86_400
"""What a schedule does that says nothing: retries, and seconds from the first attempt."""
_BACKOFF: Final = {"initialSeconds": 1, "factor": 2, "maxSeconds": 3600}
_MOST_ATTEMPTS: Final = 20


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the schedules of a file are: one, or a list, or the value of Schedules."""
    for place, item in json_items(source, content, "Schedules"):
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    schedule = fields_of(item)
    draft = Draft(place, text_of(schedule, "Name"))
    if "ScheduleExpression" not in schedule:
        raise NotConvertible("it has no ScheduleExpression: list-schedules leaves it out")
    _put_when(draft, schedule, hints)
    _put_target(draft, fields_of(schedule.get("Target"), "Target"), hints)
    window = fields_of(schedule.get("FlexibleTimeWindow"), "FlexibleTimeWindow")
    if text_of(window, "Mode", "OFF") != "OFF":
        minutes = number_of(window, "MaximumWindowInMinutes", 0)
        draft.note(
            f"FlexibleTimeWindow of {minutes} minutes: H in the schedule spreads tasks instead"
        )
    for note in note_others(_KNOWN, schedule):
        draft.note(note)
    return draft


def _put_when(draft: Draft, schedule: Fields, hints: Hints) -> None:
    expression = text_of(schedule, "ScheduleExpression").strip()
    zone = text_of(schedule, "ScheduleExpressionTimezone", hints.time_zone)
    if at := _AT.fullmatch(expression):
        draft.spec["at"] = _moment(at[1], zone).isoformat()
        if text_of(schedule, "ActionAfterCompletion", "NONE") == "DELETE":
            draft.spec["ttlSecondsAfterFinished"] = 0
    else:
        draft.spec["schedule"] = from_aws(expression)
        if zone not in ("UTC", "Etc/UTC"):
            draft.spec["timeZone"] = zone
            if expression.startswith("cron"):
                # A time that comes twice is met once there; one that is left out, not at all.
                draft.spec["dst"] = {"gap": "Skip", "overlap": "First"}
    if text_of(schedule, "State", "ENABLED") == "DISABLED":
        draft.spec["suspend"] = True


def _put_target(draft: Draft, target: Fields, hints: Hints) -> None:
    arn = text_of(target, "Arn")
    url = hints.targets.get(arn)
    if url is None:
        raise NotConvertible(f"the target {shown(arn)} is no URL; --target ARN=URL names one")
    for note in note_others(_KNOWN_TARGET, target):
        draft.note(f"Target.{note}")
    put_call(draft, HttpCall(url, body=text_of(target, "Input", "")))
    policy = fields_of(target.get("RetryPolicy"), "Target.RetryPolicy")
    attempts = number_of(policy, "MaximumRetryAttempts", _RETRIES)
    age = number_of(policy, "MaximumEventAgeInSeconds", _LONGEST_EVENT_AGE)
    if attempts <= 0:
        return
    if attempts > _MOST_ATTEMPTS:
        draft.note(f"{attempts} retries: {_MOST_ATTEMPTS} is the most")
    draft.spec["retry"] = {
        "backoff": _BACKOFF | {"attempts": min(attempts, _MOST_ATTEMPTS)},
        "maxTotalSeconds": max(1, min(age, MAX_DEADLINE_SECONDS)),
    }


def _moment(text: str, zone: str) -> datetime:
    tzinfo = load_zone(zone).tzinfo
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=tzinfo)
        # The day's first or last minute of the calendar has no moment in every zone.
        moment + timedelta(days=1)
    except (ValueError, OverflowError):
        raise NotConvertible(f"found {shown(text)}, expected yyyy-mm-ddThh:mm:ss") from None
    return moment

"""gcp reads jobs of Google Cloud Scheduler: ``gcloud scheduler jobs list --format=json``.

Source: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from crontask_cli.importing.dialects import from_google
from crontask_cli.importing.documents import Fields, fields_of, json_items, number_of, text_of
from crontask_cli.importing.found import (
    MAX_DEADLINE_SECONDS,
    MOST_RETRIES,
    Draft,
    Found,
    Hints,
    NotConvertible,
    found,
)
from crontask_cli.importing.http_call import HttpCall, put_call, put_delays

_ATTEMPT_DEADLINE: Final = "180s"
_MIN_BACKOFF, _MAX_BACKOFF, _DOUBLINGS = "5s", "3600s", 5
"""What a job does that says nothing."""


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the jobs of a file are."""
    for place, item in json_items(source, content, "jobs"):
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    job = fields_of(item)
    draft = Draft(place, text_of(job, "name").rpartition("/")[2])
    for other in ("pubsubTarget", "appEngineHttpTarget"):
        if other in job:
            raise NotConvertible(f"{other}: expected httpTarget")
    draft.spec["schedule"] = from_google(text_of(job, "schedule"))
    zone = text_of(job, "timeZone", hints.time_zone)
    if zone not in ("UTC", "Etc/UTC"):
        draft.spec["timeZone"] = zone
    if text_of(job, "state", "ENABLED") != "ENABLED":
        draft.spec["suspend"] = True
    # There a run waits for the end of the one before, retries included.
    draft.spec["concurrencyPolicy"] = "Forbid"
    _put_target(draft, job)
    _put_retries(draft, fields_of(job.get("retryConfig"), "retryConfig"))
    return draft


def _put_target(draft: Draft, job: Fields) -> None:
    target = fields_of(job.get("httpTarget"), "httpTarget")
    for token in ("oidcToken", "oauthToken"):
        if token in target:
            draft.note(f"httpTarget.{token}: the operator has no identity at Google")
    headers = fields_of(target.get("headers"), "httpTarget.headers")
    call = HttpCall(
        text_of(target, "uri"),
        method=text_of(target, "httpMethod", "POST"),
        headers=[(name, text_of(headers, name)) for name in headers],
        body=_decoded(text_of(target, "body", "")),
        timeout=_seconds(job, "attemptDeadline", _ATTEMPT_DEADLINE),
    )
    if call.body and not any(name.lower() == "content-type" for name in headers):
        call.headers.append(("Content-Type", "application/octet-stream"))
    put_call(draft, call)


def _put_retries(draft: Draft, config: Fields) -> None:
    times = number_of(config, "retryCount", 0)
    total = _seconds(config, "maxRetryDuration", "0s")
    if not times and not total:
        return
    if times and total:
        draft.note("retryConfig: there both limits must be reached, here the first one ends it")
    first = max(1, _seconds(config, "minBackoffDuration", _MIN_BACKOFF))
    longest = max(first, _seconds(config, "maxBackoffDuration", _MAX_BACKOFF))
    doublings = max(0, min(number_of(config, "maxDoublings", _DOUBLINGS), 16))
    delays, delay = [], first
    for number in range(max(0, min(times or MOST_RETRIES, MOST_RETRIES))):
        delays.append(min(delay, longest))
        # It doubles so many times, and then grows by what it has grown to.
        delay = delay * 2 if number < doublings else delay + first * 2**doublings
    put_delays(draft, delays)
    if total and delays:
        draft.spec["retry"]["maxTotalSeconds"] = min(total, MAX_DEADLINE_SECONDS)


def _seconds(fields: Fields, name: str, default: str) -> int:
    text = text_of(fields, name, default)
    try:
        number = float(text.removesuffix("s"))
    except ValueError:
        number = -1.0
    if not text.endswith("s") or not 0 <= number < 1e8:
        raise NotConvertible(f"{name}: expected seconds such as 180s")
    return round(number)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise NotConvertible("httpTarget.body: expected text in base64") from None

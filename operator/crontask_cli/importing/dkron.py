"""dkron reads jobs of Dkron whose executor is http.

Source: https://dkron.io/docs/usage/executors/http and https://dkron.io/docs/usage/cron-spec
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from crontask_cli.importing.dialects import from_go
from crontask_cli.importing.documents import (
    Fields,
    fields_of,
    flag_of,
    json_items,
    note_others,
    number_of,
    text_of,
)
from crontask_cli.importing.found import Draft, Found, Hints, NotConvertible, found
from crontask_cli.importing.http_call import HttpCall, put_call, put_delays
from crontask_cli.times import parse_moment
from crontask_core.times import rfc3339

_KNOWN: Final = (
    "name displayname schedule timezone disabled retries concurrency executor executor_config "
    "ephemeral next success_count error_count last_success last_error status id"
)
_KNOWN_CONFIG: Final = "method url headers body timeout expectCode expectBody debug tlsNoVerifyPeer"
_TIMEOUT: Final = "30"
_REDIRECTS: Final = 10
"""What Go's client follows."""


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the jobs of a file are: one, or the list that ``/v1/jobs`` answers."""
    for place, item in json_items(source, content, "jobs"):
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    job = fields_of(item)
    name = text_of(job, "name")
    draft = Draft(place, text_of(job, "displayname", "") or name)
    if text_of(job, "executor", "") != "http":
        raise NotConvertible(f"executor: expected http, found {text_of(job, 'executor', '')!r}")
    if job.get("parent_job"):
        raise NotConvertible("parent_job: a task runs at its own times")
    config = fields_of(job.get("executor_config"), "executor_config")
    for note in (*note_others(_KNOWN, job), *note_others(_KNOWN_CONFIG, config)):
        draft.note(note)
    _put_when(draft, job, hints)
    codes = text_of(config, "expectCode", "")
    call = HttpCall(
        text_of(config, "url"),
        method=text_of(config, "method"),
        headers=_headers(config),
        body=text_of(config, "body", ""),
        redirects=_REDIRECTS,
        insecure=flag_of(config, "tlsNoVerifyPeer"),
        timeout=number_of(config, "timeout", int(_TIMEOUT)),
        status_codes=_codes(codes) or ["200-599"],
        body_regex=text_of(config, "expectBody", ""),
    )
    if call.body and not any(each.lower() == "content-type" for each, _ in call.headers):
        draft.note("the body has no Content-Type there, and application/json here")
    put_call(draft, call)
    put_delays(draft, [0] * max(0, number_of(job, "retries", 0)))
    return draft


def _put_when(draft: Draft, job: Fields, hints: Hints) -> None:
    schedule = text_of(job, "schedule").strip()
    if schedule.startswith("@at "):
        moment = parse_moment(schedule.removeprefix("@at ").strip())
        if moment is None:
            raise NotConvertible("schedule: expected an RFC 3339 time after @at")
        draft.spec["at"] = rfc3339(moment)
    elif schedule == "@minutely":
        draft.spec["schedule"] = "* * * * *"
    else:
        draft.spec["schedule"], zone = from_go(schedule, seconds=len(schedule.split()) == 6)
        zone = text_of(job, "timezone", "") or zone or hints.time_zone
        if zone != "UTC":
            draft.spec["timeZone"] = zone
    if flag_of(job, "disabled"):
        draft.spec["suspend"] = True
    policy = text_of(job, "concurrency", "allow").lower()
    if policy in ("forbid", "replace"):
        draft.spec["concurrencyPolicy"] = policy.capitalize()
    if flag_of(job, "ephemeral"):
        if "at" in draft.spec:
            draft.spec["ttlSecondsAfterFinished"] = 0
        else:
            draft.note("ephemeral: a task that runs again is not deleted after a success")


def _headers(config: Fields) -> list[tuple[str, str]]:
    text = text_of(config, "headers", "")
    try:
        lines = json.loads(text) if text else []
    except ValueError:
        lines = None
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise NotConvertible("headers: expected a JSON list of texts")
    parts = [line.partition(":") for line in lines if line]
    return [(name.strip(), value) for name, _, value in parts]


def _codes(text: str) -> list[str]:
    codes = [each.strip() for each in text.split(",") if each.strip()]
    if not all(re.fullmatch(r"[1-5][0-9]{2}", each) for each in codes):
        raise NotConvertible("expectCode: expected codes such as 200,206")
    return codes

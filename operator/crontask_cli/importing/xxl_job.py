"""xxl_job reads rows of XXL-JOB's table xxl_job_info, as JSON or CSV.

Jobs of the handler ``httpJobHandler``, which its samples have, are calls.

Source: https://www.xuxueli.com/xxl-job/, sections 2.1, 3 and 5.4
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from crontask_cli.importing.dialects import every_seconds, from_quartz
from crontask_cli.importing.documents import (
    Fields,
    csv_rows,
    fields_of,
    json_items,
    looks_like_json,
    note_others,
    number_of,
    text_of,
)
from crontask_cli.importing.found import Draft, Found, Hints, NotConvertible, found, shown
from crontask_cli.importing.http_call import HttpCall, put_call, put_delays

HANDLER: Final = "httpJobHandler"

_KNOWN: Final = (
    "id job_group job_desc schedule_type schedule_conf job_cron misfire_strategy "
    "executor_route_strategy executor_handler executor_param executor_block_strategy "
    "executor_timeout executor_fail_retry_count glue_type glue_remark trigger_status "
    "trigger_last_time trigger_next_time add_time update_time glue_updatetime"
)
_KNOWN_PARAM: Final = "url method data headers timeout"
_RETRY_DELAY: Final = 10
"""Seconds between two looks at what failed."""
_POLICIES: Final = {
    "SERIAL_EXECUTION": "Forbid",
    "DISCARD_LATER": "Forbid",
    "COVER_EARLY": "Replace",
}
_CAPITAL: Final = re.compile(r"(?<=[a-z])[A-Z]")


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the rows of a file are."""
    if looks_like_json(content):
        # The table's rows, or what the pages of the admin are made of.
        rows = json_items(source, content, "data", "rows")
    else:
        rows = csv_rows(source, content)
    for place, item in rows:
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    row = {
        _CAPITAL.sub(lambda m: f"_{m[0].lower()}", name): v for name, v in fields_of(item).items()
    }
    draft = Draft(place, text_of(row, "job_desc", "") or f"xxl-job {text_of(row, 'id', '')}")
    handler = text_of(row, "executor_handler", "")
    if text_of(row, "glue_type", "BEAN") != "BEAN" or handler != HANDLER:
        raise NotConvertible(f"executor_handler: expected {HANDLER}, found {shown(handler)}")
    _put_when(draft, row, hints)
    _put_call(draft, row)
    put_delays(draft, [_RETRY_DELAY] * max(0, number_of(row, "executor_fail_retry_count", 0)))
    for note in note_others(_KNOWN, row):
        draft.note(note)
    return draft


def _put_when(draft: Draft, row: Fields, hints: Hints) -> None:
    kind = text_of(row, "schedule_type", "CRON")
    text = text_of(row, "schedule_conf", "") or text_of(row, "job_cron", "")
    if kind == "CRON":
        draft.spec["schedule"] = from_quartz(text)
        if hints.time_zone != "UTC":
            draft.spec["timeZone"] = hints.time_zone
    elif kind == "FIX_RATE":
        draft.spec["schedule"] = every_seconds(
            number_of({"schedule_conf": text}, "schedule_conf", 0)
        )
    else:
        raise NotConvertible(f"schedule_type: expected CRON or FIX_RATE, found {shown(kind)}")
    if number_of(row, "trigger_status", 1) == 0:
        draft.spec["suspend"] = True
    block = text_of(row, "executor_block_strategy", "SERIAL_EXECUTION")
    if block not in _POLICIES:
        raise NotConvertible(f"executor_block_strategy: found {shown(block)}")
    draft.spec["concurrencyPolicy"] = _POLICIES[block]
    if block == "SERIAL_EXECUTION":
        draft.note("SERIAL_EXECUTION: a run that is due during another is skipped, and not queued")
    misfire = text_of(row, "misfire_strategy", "DO_NOTHING")
    draft.spec["missedRunPolicy"] = "Latest" if misfire == "FIRE_ONCE_NOW" else "Skip"


def _put_call(draft: Draft, row: Fields) -> None:
    param = _param(text_of(row, "executor_param", ""))
    headers = fields_of(param.get("headers"), "executor_param.headers")
    for note in note_others(_KNOWN_PARAM, param):
        draft.note(f"executor_param.{note}")
    data = param.get("data", "")
    call = HttpCall(
        text_of(param, "url"),
        method=text_of(param, "method"),
        headers=[(name, text_of(headers, name)) for name in headers],
        body=data if isinstance(data, str) else json.dumps(data, ensure_ascii=False),
        # 0 is no bound.
        timeout=number_of(row, "executor_timeout", 0),
    )
    put_call(draft, call)


def _param(text: str) -> Fields:
    """Return what ``httpJobHandler`` is told: JSON, or lines of ``name: value`` before 3.0."""
    if text.lstrip().startswith("{"):
        try:
            return fields_of(json.loads(text), "executor_param")
        except (ValueError, RecursionError):
            raise NotConvertible("executor_param: it is no JSON") from None
    lines = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in lines if colon}

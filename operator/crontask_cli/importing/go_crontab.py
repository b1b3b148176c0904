"""go_crontab reads tasks of the original service: a ``task_list``, or its table.

The table is read as rows of JSON, as CSV, or as what mysqldump writes. A row's own number is
kept as the name of the object, so that clients find the task by the ``task_id`` they know.

Source: the documented HTTP API (docs/api.md)
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from crontask_cli.files import as_text
from crontask_cli.importing.dialects import from_go
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
from crontask_cli.importing.sql_dump import sql_rows
from crontask_core.enums import TaskType
from crontask_core.identity import task_id
from crontask_core.times import rfc3339

_KNOWN: Final = (
    "task_id id name enable module type start_time url method resp_regexp body body_type "
    "redo_param time_zone namespace err code phase next_run_time last_run_time last_status "
    "consecutive_failures created_time message create_time update_time"
)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TYPES: Final = dict(enumerate(TaskType, 1))
_BODY_TYPES: Final = {1: "JSON", 2: "Form"}
_NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_ID: Final = re.compile(r"[0-9]{1,20}")
_RPC: Final = re.compile(r"([^/\s]+:[0-9]+)/([^/\s]+)\.([^./\s]+)")
_SQL: Final = re.compile(r"^\s*(INSERT\s|CREATE\s|--|/\*|DROP\s|LOCK\s|SET\s)", re.IGNORECASE)


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the tasks of a file are."""
    rows: Iterator[tuple[str, Any]]
    if looks_like_json(content):
        rows = json_items(source, content, "task_list")
    elif _SQL.match(as_text(source, content)):
        rows = sql_rows(source, as_text(source, content))
    else:
        rows = csv_rows(source, content)
    for place, item in rows:
        yield found(place, _draft, item, hints)


def _draft(place: str, item: Any, hints: Hints) -> Draft:
    row = fields_of(item)
    name = text_of(row, "name")
    if not name.strip():
        raise NotConvertible("name: expected a name, found nothing")
    own = text_of(row, "task_id", "") or text_of(row, "id", "")
    draft = Draft(place, name, own if _ID.fullmatch(own) else str(task_id(name)))
    enable = number_of(row, "enable", 1)
    if enable not in (1, 2):
        raise NotConvertible(f"enable: expected 1 or 2, found {enable}")
    draft.spec |= {"module": number_of(row, "module", 0), "suspend": enable == 2}
    _put_when(draft, row, hints)
    _put_call(draft, row)
    words = text_of(row, "redo_param", "").split()
    if not all(word.isascii() and word.isdecimal() and len(word) < 9 for word in words):
        raise NotConvertible(f"redo_param: expected seconds, found {shown(' '.join(words))}")
    put_delays(draft, [int(word) for word in words])
    for note in note_others(_KNOWN, row):
        draft.note(note)
    return draft


def _put_when(draft: Draft, row: Fields, hints: Hints) -> None:
    kind = _TYPES.get(number_of(row, "type", 0))
    if kind is None:
        raise NotConvertible(f"type: expected 1-7, found {shown(row.get('type'))}")
    text = text_of(row, "start_time").strip()
    if _NUMBER.fullmatch(text):
        if kind is not TaskType.SINGLE:
            raise NotConvertible(f"start_time: a timestamp is for type 1, found type {kind}")
        draft.spec |= {"type": kind.value, "at": _moment(text)}
        # It means nothing to a moment, but the task keeps it, as the facade's do.
        _put_zone(draft, text_of(row, "time_zone", ""))
        return
    fields = text.split() or [""]
    if not text.startswith("@") and fields[0].partition("=")[0] not in ("TZ", "CRON_TZ"):
        # Go's cron of then has the second first, and does without the weekday.
        text = " ".join([*fields, "*"] if len(fields) == 5 else fields)
    schedule, zone = from_go(text, seconds=True)
    draft.spec |= {"type": kind.value, "schedule": schedule}
    _put_zone(draft, text_of(row, "time_zone", "") or zone or hints.time_zone)


def _put_zone(draft: Draft, zone: str) -> None:
    if zone not in ("", "UTC"):
        draft.spec["timeZone"] = zone


def _put_call(draft: Draft, row: Fields) -> None:
    url, method = text_of(row, "url"), text_of(row, "method").strip().lower()
    body, expected = text_of(row, "body", ""), text_of(row, "resp_regexp", "")
    kind = number_of(row, "body_type", 1)
    if kind not in _BODY_TYPES:
        raise NotConvertible(f"body_type: expected 1 or 2, found {kind}")
    expected = "" if expected == "*" else expected
    if method == "rpc":
        parts = _RPC.fullmatch(url)
        if parts is None:
            raise NotConvertible("url: method rpc needs addr:port/handler.function")
        grpc = dict(zip(("address", "service", "method"), parts.groups(), strict=True))
        draft.spec["callback"] = {"grpc": grpc | ({"body": body} if body else {})}
        if expected:
            draft.spec["expect"] = {"bodyRegex": expected}
        return
    if method not in ("get", "post"):
        raise NotConvertible(f"method: expected post, get or rpc, found {shown(method)}")
    put_call(draft, HttpCall(url, method=method, body_regex=expected))
    http = draft.spec["callback"]["http"]
    if body:
        # Sent by POST alone, but kept in the other case as well: it may become one.
        http["body"] = body
    if kind != 1:
        http["bodyType"] = _BODY_TYPES[kind]


def _moment(text: str) -> str:
    # As a float a millisecond of a far year would be cut to the one before.
    milliseconds = round(Decimal(text) * 1000)
    if not 0 < milliseconds < 10**14:
        raise NotConvertible(f"start_time: expected a Unix timestamp in seconds, found {text}")
    return rfc3339(EPOCH + timedelta(milliseconds=milliseconds))

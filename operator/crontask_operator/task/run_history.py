"""run_history adds records to those of a task's status, kept as the JSON they are in the API.

Ten thousand tasks with ten records each would cost a hundred megabytes as objects;
as one bytes object a task they cost what they cost in etcd. They are only taken apart
when a record is added, and never decoded beyond the few fields that identify them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from crontask_core.status import RunRecord
from crontask_core.truncate import truncate

EMPTY = b"[]"

CUT = "[cut: the object is too large]"

ELSEWHERE: Final = "[in the history]"

MAX_BYTES: Final = 512 * 1024
"""Bytes of JSON of all records of a task. A hundred records of usual size fit several
times, and the object stays far below the 1.5 MiB that etcd accepts, whatever the rest of
it is."""

SLIM_ERROR_BYTES: Final = 512
"""Bytes of an error that stay when the texts of a record have to go."""

_Key = tuple[str, int]


class _Keyed(msgspec.Struct, rename="camel"):
    execution_id: str
    attempt: int = 1
    end_time: str | None = None


class _Scheduled(msgspec.Struct, rename="camel"):
    execution_id: str
    scheduled_time: datetime


_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_keys = msgspec.json.Decoder(list[_Keyed]).decode
_decode_scheduled = msgspec.json.Decoder(list[_Scheduled]).decode
decode_records = msgspec.json.Decoder(list[RunRecord]).decode
_decode_record = msgspec.json.Decoder(RunRecord).decode
_encode = msgspec.json.Encoder().encode


def with_records(
    history: bytes, records: Iterable[RunRecord], limit: int, most_bytes: int = MAX_BYTES
) -> bytes:
    """Return `history` with `records` added in order, newest first, cut to `limit`.

    A record whose execution id and attempt are there already takes the older one's
    place: a final record replaces its Started record. Beyond `most_bytes` the oldest lose
    their texts, and then go; the newest stays.
    """
    merged = {
        (keyed.execution_id, keyed.attempt): raw
        for keyed, raw in zip(_decode_keys(history), _decode_raw(history), strict=True)
    }
    fresh: dict[_Key, msgspec.Raw] = {}
    for record in records:
        raw = msgspec.Raw(_encode(record))
        if record.key in merged:
            merged[record.key] = raw
        else:
            fresh[record.key] = raw
    ordered = [*reversed(fresh.values()), *merged.values()]
    whole = _encode(ordered[:limit])
    return whole if len(whole) <= most_bytes else _fitting(ordered[:limit], most_bytes)


def _fitting(records: list[msgspec.Raw], most_bytes: int) -> bytes:
    """Return as much of `records`, newest first, as fits."""
    mark = CUT if most_bytes == MAX_BYTES else ELSEWHERE
    size = len(EMPTY) + sum(len(raw) + 1 for raw in records)
    for index in range(len(records) - 1, -1, -1):
        if size <= most_bytes:
            break
        slim = msgspec.Raw(_encode(slim_record(_decode_record(records[index]), mark)))
        if len(slim) < len(records[index]):
            size -= len(records[index]) - len(slim)
            records[index] = slim
    while size > most_bytes and len(records) > 1:
        size -= len(records.pop()) + 1
    return _encode(records)


def ended_attempts(history: bytes) -> set[_Key]:
    """Return execution id and number of the attempts whose end is recorded."""
    return {
        (keyed.execution_id, keyed.attempt)
        for keyed in _decode_keys(history)
        if keyed.end_time is not None
    }


def runs_after(history: bytes, moment: datetime) -> dict[str, datetime]:
    """Return execution id and scheduled time of the runs that are of later than `moment`."""
    return {
        run.execution_id: run.scheduled_time
        for run in _decode_scheduled(history)
        if run.scheduled_time > moment
    }


def slim_record(record: RunRecord, mark: str = CUT) -> RunRecord:
    """Return `record` without its texts, in whose place is `mark`, and with the error's begin."""
    error = truncate(record.error, SLIM_ERROR_BYTES)
    if not record.body and record.response in ("", CUT, ELSEWHERE) and error == record.error:
        return record
    return msgspec.structs.replace(record, body="", response=mark, error=error)


def slim_history(history: msgspec.Raw) -> msgspec.Raw:
    """Return the records of `history` without their texts; the newest half if they had none."""
    records = decode_records(history)
    slimmed = [slim_record(record) for record in records]
    if slimmed == records:
        slimmed = slimmed[: len(slimmed) // 2]
    return msgspec.Raw(_encode(slimmed))

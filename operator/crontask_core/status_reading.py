"""status_reading takes a status as somebody else wrote it, for all who read CronTasks.

Another version of the operator, or a person, may have written a phase that this version
does not know, or a moment that is none. What cannot be read is left out; the rest counts.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from crontask_core.constants import MAX_UNDER_WAY
from crontask_core.status import CronTaskStatus, RunRecord

StatusT = TypeVar("StatusT", bound=CronTaskStatus)


def read_status(found: Mapping[str, Any], kind: type[StatusT]) -> tuple[StatusT, list[str]]:
    """Return the status, and what was left out of it, each with its path and the reason.

    A field that cannot be read is at its default; of a list, only the entries are left
    out that cannot be read, and those beyond what can be under way.
    """
    left_out: list[str] = []
    try:
        status = msgspec.convert(found, kind)
    except msgspec.ValidationError:
        readable, left_out = _readable(found, kind, "status")
        status = msgspec.convert(readable, kind)
    if len(status.active) > MAX_UNDER_WAY or len(status.pending_retries) > MAX_UNDER_WAY:
        for name, entries in (
            ("active", status.active),
            ("pendingRetries", status.pending_retries),
        ):
            if len(entries) > MAX_UNDER_WAY:
                left_out.append(
                    f"status.{name}: expected at most {MAX_UNDER_WAY} entries, found {len(entries)}"
                )
        status = msgspec.structs.replace(
            status,
            active=status.active[:MAX_UNDER_WAY],
            pending_retries=status.pending_retries[:MAX_UNDER_WAY],
        )
    return status, left_out


def read_records(found: object) -> tuple[list[Any], list[str]]:
    """Return those of the records, as they are, that can be read, and what was left out."""
    if found is None:
        return [], []
    if not isinstance(found, list):
        return [], [f"status.runs: expected a list, found {type(found).__name__}"]
    return _entries(found, RunRecord, "status.runs")


def _readable(found: Mapping[str, Any], kind: Any, path: str) -> tuple[dict[str, Any], list[str]]:
    """Return the fields of `found` that make a `kind` together, and what was left out."""
    readable: dict[str, Any] = {}
    left_out: list[str] = []
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name not in found:
            continue
        value = found[name]
        try:
            msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            entry = _entry_type(field.type)
            if entry is not None and isinstance(value, list):
                readable[name], reasons = _entries(value, entry, f"{path}.{name}")
                left_out += reasons
            elif (part := _part(value, field.type, f"{path}.{name}")) is not None:
                readable[name], reasons = part
                left_out += reasons
            else:
                left_out.append(f"{path}.{name}: {error}")
        else:
            readable[name] = value
    return readable, left_out


def _part(value: object, kind: Any, path: str) -> tuple[dict[str, Any], list[str]] | None:
    """Return what of the object `value` makes a `kind`; None if too little does."""
    if not isinstance(value, dict) or not (
        isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    ):
        return None
    readable, left_out = _readable(value, kind, path)
    try:
        msgspec.convert(readable, kind)
    except msgspec.ValidationError:
        return None
    return readable, left_out


def _entries(found: list[Any], kind: Any, path: str) -> tuple[list[Any], list[str]]:
    entries: list[Any] = []
    left_out: list[str] = []
    for number, value in enumerate(found):
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            left_out.append(f"{path}[{number}]: {error}")
        else:
            entries.append(value)
    return entries, left_out


def _entry_type(kind: Any) -> Any:
    """Return what the tuple type `kind` holds; None for any other type."""
    return kind.__args__[0] if getattr(kind, "__origin__", None) is tuple else None

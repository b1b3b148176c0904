"""update changes the spec of a CronTask by the fields of an item, for `update_task`."""

from datetime import datetime
from typing import Any

from crontask_api.codes import BodyTypeNumber, Code, Enable
from crontask_api.errors import ItemError
from crontask_api.mapping.callback import RPC, from_callback, parse_method, to_callback
from crontask_api.mapping.outcome import parse_redo_param, parse_resp_regexp
from crontask_api.mapping.start_time import (
    Timing,
    check_fits_type,
    check_timing,
    choose_time_zone,
    parse_start_time,
)
from crontask_api.mapping.task_type import TYPES
from crontask_api.schemas.items import UpdateItem
from crontask_core.enums import TaskType
from crontask_core.spec import parse_spec
from crontask_core.times import rfc3339

_CALLBACK_FIELDS = frozenset({"url", "method", "body", "body_type"})


def changed_spec(
    spec: dict[str, Any], item: UpdateItem, *, time_zone: str, now: datetime
) -> dict[str, Any]:
    """Return `spec` with the given fields of `item` changed and all others kept.

    Fields that the document does not know, such as headers, stay as they are.

    Parameters
    ----------
    time_zone
        IANA name of the zone of a cron expression whose zone is cleared.
    now
        The moment from which a changed expression must fire.

    Raises
    ------
    ItemError
        If a value cannot be used, or if it does not fit the ones that stay.
    SpecError
        If `spec` itself cannot be read.
    """
    changed = dict(spec)
    if item.enable is not None:
        changed["suspend"] = item.enable is Enable.OFF
    if item.module is not None:
        changed["module"] = item.module
    _change_timing(changed, item, time_zone, now)
    if item.model_fields_set & _CALLBACK_FIELDS:
        changed["callback"] = _changed_callback(spec, item)
    if item.resp_regexp is not None:
        regex = parse_resp_regexp(item.resp_regexp)
        changed["expect"] = {**spec.get("expect", {}), "bodyRegex": regex}
    if item.redo_param is not None:
        _change_retry(changed, parse_redo_param(item.redo_param))
    return changed


def _change_timing(
    changed: dict[str, Any], item: UpdateItem, time_zone: str, now: datetime
) -> None:
    if item.type is not None:
        changed["type"] = TYPES[item.type]
    timing = _timing(changed, item)
    # The zone stays unless one is given; "" gives it back to the default.
    default = changed.get("timeZone", time_zone) if item.time_zone is None else time_zone
    zone = choose_time_zone(timing, item.time_zone, default)
    if zone != changed.get("timeZone", time_zone) or timing != Timing():
        check_timing(timing, time_zone=zone, now=now)
        changed["timeZone"] = zone
    if timing.at is not None:
        changed["at"] = rfc3339(timing.at)
        changed.pop("schedule", None)
    if timing.schedule is not None:
        changed["schedule"] = timing.schedule
        changed.pop("at", None)


def _timing(changed: dict[str, Any], item: UpdateItem) -> Timing:
    """Return the timing that `item` gives, or the one that stays where it matters."""
    if item.start_time is not None:
        timing = parse_start_time(item.start_time)
        task_type = TaskType(changed["type"]) if "type" in changed else None
        check_fits_type(timing, task_type)
        return timing
    if "at" in changed and item.type is not None and changed["type"] is not TaskType.SINGLE:
        raise ItemError(
            Code.BAD_TYPE,
            f"type: the task runs once, at {changed['at']}; "
            f"type {item.type} needs a cron expression in start_time",
        )
    # The expression that stays is read anew in another zone.
    return Timing(schedule=None if item.time_zone is None else changed.get("schedule"))


def _changed_callback(spec: dict[str, Any], item: UpdateItem) -> dict[str, Any]:
    before = parse_spec(spec).callback
    now_is = from_callback(before)
    method = now_is["method"] if item.method is None else parse_method(item.method)
    made = to_callback(
        url=now_is["url"] if item.url is None else item.url,
        method=method,
        body=now_is["body"] if item.body is None else item.body,
        body_type=_body_type(item, method, now_is["body_type"]),
    )
    # Fields of the same protocol that the document lacks, such as headers and tls, stay.
    for kind, fields in made.items():
        known = {"body", "bodyType", *fields}
        kept = {k: v for k, v in spec["callback"].get(kind, {}).items() if k not in known}
        made[kind] = {**kept, **fields}
    return made


def _body_type(item: UpdateItem, method: str, before: BodyTypeNumber) -> BodyTypeNumber | None:
    if item.body_type is None:
        # A task that turns from a form to rpc has not asked for a form.
        return None if method == RPC else before
    return item.body_type or None


def _change_retry(changed: dict[str, Any], delays: list[int]) -> None:
    retry = {**changed.get("retry", {}), "delaysSeconds": delays}
    retry.pop("backoff", None)
    changed["retry"] = retry

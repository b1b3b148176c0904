"""task makes a CronTask of an item, for `add_task`."""

from datetime import datetime
from typing import Any

from crontask_api.codes import Code, Enable
from crontask_api.errors import ItemError
from crontask_api.mapping.callback import parse_method, to_callback
from crontask_api.mapping.outcome import parse_redo_param, parse_resp_regexp
from crontask_api.mapping.start_time import (
    check_fits_type,
    check_timing,
    choose_time_zone,
    parse_start_time,
)
from crontask_api.mapping.task_type import TYPES
from crontask_api.schemas.items import AddItem
from crontask_api.shown import shown
from crontask_core.constants import (
    API_VERSION,
    FACADE_MANAGER,
    KIND,
    MANAGED_BY_LABEL,
    MODULE_LABEL,
)
from crontask_core.identity import task_id
from crontask_core.times import rfc3339


def to_manifest(item: AddItem, *, time_zone: str, now: datetime) -> dict[str, Any]:
    """Return the object that `item` asks for.

    Parameters
    ----------
    time_zone
        IANA name of the zone of a cron expression that names none.
    now
        The moment from which the expression must fire.

    Raises
    ------
    ItemError
        If a field's value cannot be used.
    """
    name = check_name(item.name)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": str(task_id(name)),
            "labels": {MANAGED_BY_LABEL: FACADE_MANAGER, MODULE_LABEL: str(item.module)},
        },
        "spec": {
            "taskName": name,
            "module": item.module,
            "suspend": item.enable is Enable.OFF,
            **_timing(item, time_zone, now),
            **_outcome(item),
            "callback": to_callback(
                url=item.url,
                method=parse_method(item.method),
                body=item.body or "",
                body_type=item.body_type or None,
            ),
        },
    }


def check_name(name: str) -> str:
    """Return `name`.

    Raises
    ------
    ItemError
        If it is blank or no single line: nobody could tell such names apart.
    """
    if not name.strip():
        raise ItemError(Code.BAD_ITEM, f"name: expected a name, found {shown(name)}")
    if any(character < " " or character == "\x7f" for character in name):
        raise ItemError(
            Code.BAD_ITEM,
            f"name: expected one line without control characters, found {shown(name)}",
        )
    return name


def _timing(item: AddItem, default_zone: str, now: datetime) -> dict[str, Any]:
    task_type = TYPES[item.type]
    timing = parse_start_time(item.start_time)
    check_fits_type(timing, task_type)
    time_zone = choose_time_zone(timing, item.time_zone, default_zone)
    check_timing(timing, time_zone=time_zone, now=now)
    fields: dict[str, Any] = {"type": task_type, "timeZone": time_zone}
    if timing.at is not None:
        fields["at"] = rfc3339(timing.at)
    if timing.schedule is not None:
        fields["schedule"] = timing.schedule
    return fields


def _outcome(item: AddItem) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if regex := parse_resp_regexp(item.resp_regexp or ""):
        fields["expect"] = {"bodyRegex": regex}
    if delays := parse_redo_param(item.redo_param or ""):
        fields["retry"] = {"delaysSeconds": delays}
    return fields

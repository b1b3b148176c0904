"""found types what an import finds: drafts of tasks, and what cannot become one.

::

    a format's reader ──> Draft    a task, with a note for each thing that has no equal
                     └──> Refused  something that is no task, and why
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec

from crontask_cli.errors import MISTAKE, CliError
from crontask_core.constants import API_VERSION, KIND
from crontask_core.errors import CronTaskError, SpecError
from crontask_core.identity import task_id
from crontask_core.schedule import compile_schedule
from crontask_core.schedule.zones import load_zone
from crontask_core.truncate import truncate

MOST_TASKS: Final = 20_000
"""Of one import."""

MAX_SCHEDULE: Final = 256
MAX_TASK_NAME: Final = 253
MAX_TIMEOUT_SECONDS: Final = 3600
"""Also what a call gets that another system lets take for ever."""
MAX_DEADLINE_SECONDS: Final = 604_800
MOST_RETRIES: Final = 20
MAX_DELAY_SECONDS: Final = 86_400

MESSAGE_BYTES: Final = 1024
"""Of a reason: it repeats what anybody may have written."""

SHOWN: Final = 120
"""Bytes of a text of the source that a message repeats."""

_NAME_LENGTH: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


P = ParamSpec("P")


class NotConvertible(CronTaskError):  # noqa: N818 - it ends one item, not the import
    """An item of the source has no equal among CronTasks; the message says why."""

    code = "NotConvertible"

    def __init__(self, message: str) -> None:
        super().__init__(truncate(message, MESSAGE_BYTES))


class Refused(NamedTuple):
    """An item that is left out: where it stands, and why."""

    place: str
    reason: str


class Hints(NamedTuple):
    """What the source does not say and the user does."""

    time_zone: str = "UTC"
    """Of expressions for which the source names none."""
    targets: Mapping[str, str] = MappingProxyType({})
    """URLs by what the source calls a target that is none."""


@dataclass(slots=True)
class Draft:
    """A task to be.

    `place` is where its source stands, `name` what people call it, `object_name` what the
    source itself would have as ``metadata.name``, or "".
    """

    place: str
    name: str
    object_name: str = ""
    namespace: str = ""
    spec: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Remember something that has no equal."""
        if text not in self.notes:
            self.notes.append(text)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return the CronTask, called `name`, which its Secrets' names begin with."""
        for header in self.spec["callback"].get("http", {}).get("headers", ()):
            reference = header.get("secretKeyRef", {})
            if reference.get("name") == "":
                reference["name"] = secret_name(name)
        named = {} if self.name == name else {"taskName": self.name}
        place = {"namespace": self.namespace} if self.namespace else {}
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": name, **place},
            "spec": named | self.spec,
        }


Found = Draft | Refused


def secret_name(task: str) -> str:
    """Return the name of the Secret with the credentials of the task called `task`."""
    return f"{task}-headers"


def found(
    place: str,
    build: Callable[Concatenate[str, P], Draft],
    *arguments: P.args,
    **options: P.kwargs,
) -> Found:
    """Return what `build` makes of the item at `place`, checked; or why it cannot."""
    try:
        draft = build(place, *arguments, **options)
        _check(draft)
    except NotConvertible as error:
        return Refused(place, str(error))
    except SpecError as error:
        return Refused(place, error.message)
    return draft


def named(items: Iterator[Found]) -> Iterator[tuple[Found, str]]:
    """Yield each item with the name of its object, "" for what is none; no name twice.

    Raises
    ------
    CliError
        If there are more than `MOST_TASKS`.
    """
    taken: set[tuple[str, str]] = set()
    for number, item in enumerate(items):
        if number >= MOST_TASKS:
            raise CliError(f"expected at most {MOST_TASKS} tasks in one import", MISTAKE)
        if isinstance(item, Refused):
            yield item, ""
            continue
        stem = item.object_name or _slug(item.name)
        name, count = stem, 1
        while (item.namespace, name) in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add((item.namespace, name))
        yield item, name


def shown(value: object) -> str:
    """Return `value` as a message repeats it: quoted, in one line, and the begin of it."""
    return truncate(repr(value), SHOWN)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NO_NAME.sub("-", plain)[:_NAME_LENGTH].strip("-") or f"task-{task_id(name)}"


def _check(draft: Draft) -> None:
    """Raise if the operator would refuse the schedule, and cut a name that is too long."""
    kept = _CONTROL.sub("", draft.name)[:MAX_TASK_NAME]
    if kept != draft.name:
        draft.note(f"the name is cut to one line of {MAX_TASK_NAME} characters")
        draft.name = kept
    spec = draft.spec
    zone = spec.get("timeZone", "UTC")
    if "schedule" not in spec:
        load_zone(zone)
        return
    if len(spec["schedule"]) > MAX_SCHEDULE:
        raise NotConvertible(f"the schedule is longer than {MAX_SCHEDULE} characters")
    compile_schedule(spec["schedule"], time_zone=zone, anchor=datetime.now(UTC))

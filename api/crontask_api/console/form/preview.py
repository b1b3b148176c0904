"""preview_of tells when the schedule of a draft fires, in words and as its next moments."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from crontask_api.console.form.build import build
from crontask_api.console.form.draft import Draft
from crontask_api.console.form.fields import TIMING
from crontask_api.console.task.upcoming import Upcoming, moments_of
from crontask_api.console.words.language import Language, exact
from crontask_core.enums import TaskType
from crontask_core.errors import SpecError
from crontask_core.schedule import compile_spec
from crontask_core.schedule.zones import load_zone
from crontask_core.spec import parse_spec

COUNT: Final = 5

_HASHED: Final = frozenset("Hh")


@dataclass(frozen=True, slots=True)
class Preview:
    """When a task would run. `wrong` says why that cannot be told; empty if it can."""

    told: str = ""
    moments: list[Upcoming] = field(default_factory=list)
    zone: str = ""
    wrong: str = ""
    note: str = ""


def preview_of(draft: Draft, language: Language, now: float, *, uid: str = "") -> Preview:
    """Return the preview of a draft; `uid` is that of the task, empty for a new one.

    A draft without a schedule has an empty one.
    """
    if not draft.text(draft.text(TIMING)).strip():
        return Preview()
    made = build(draft, {"callback": {}}, {}, shows_headers=True).spec
    timed: dict[str, Any] = {key: made[key] for key in _TIMED & made.keys()}
    begin = datetime.fromtimestamp(now, UTC)
    try:
        spec = parse_spec({**timed, "callback": {}})
        schedule = compile_spec(spec, seed=uid, anchor=begin)
        zone = load_zone(spec.time_zone).tzinfo
    except SpecError as error:
        return Preview(wrong=error.message)
    if spec.at is not None:
        moments = moments_of(schedule, zone, datetime.fromtimestamp(0, UTC), most=1)
        note = language.text("form.preview.past") if spec.at <= begin else ""
        return Preview(language.once(exact(spec.at.timestamp())), moments, spec.time_zone, "", note)
    expression = spec.schedule or ""
    only_once = spec.type is TaskType.SINGLE
    is_hashed = not uid and not expression.startswith("@") and _HASHED & set(expression)
    return Preview(
        language.schedule(expression, time_zone=spec.time_zone, seed=uid, only_once=only_once),
        moments_of(schedule, zone, begin, most=1 if only_once else COUNT),
        spec.time_zone,
        note=language.text("form.preview.hashed") if is_hashed else "",
    )


_TIMED: Final = frozenset({"schedule", "at", "timeZone", "dst", "type"})
"""What a preview is of. Nothing else has to be right for it."""

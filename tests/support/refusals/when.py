"""Wrong schedules, moments, zones and names."""

from tests.support.crontasks import task
from tests.support.refusals.refusal import Refusal, spec_field

FIVE_FIELDS = (
    "expected 5 fields (minute, hour, day of month, month, day of week), "
    "6 fields (second first) or a descriptor such as @daily"
)
A_ZONE = "expected an IANA time zone name such as Europe/Berlin or UTC"


def schedule(text: str, message: str) -> Refusal:
    return spec_field(task(schedule=text), "schedule", message)


REFUSALS = {
    "neither schedule nor at": Refusal(
        task(schedule=None), "spec", "set one of schedule (runs again and again) and at (runs once)"
    ),
    "both schedule and at": Refusal(
        task(at="2026-03-29T08:30:00Z"), "spec", "set only one of schedule and at; found both"
    ),
    "an empty schedule": schedule("", FIVE_FIELDS),
    "a blank schedule": schedule("   ", FIVE_FIELDS),
    "four fields": schedule("* * * *", f'"* * * *": {FIVE_FIELDS}'),
    "seven fields": schedule("0 * * * * * 2026", FIVE_FIELDS),
    "a character of no cron": schedule("* * * * *;", "expected numbers, names, spaces and the"),
    "a second line": schedule("* * * * *\n", "expected numbers, names, spaces and the signs"),
    "a schedule with a zone": schedule(
        "CRON_TZ=Asia/Tokyo 0 5 * * *", "write the time zone into spec.timeZone"
    ),
    "an unknown descriptor": schedule("@reboot", "expected one of @hourly, @daily, @midnight"),
    "@every without a duration": schedule("@every", "or @every with a duration"),
    "a schedule too long": schedule("0 " * 200, "may not be more than 256"),
    "an at without an offset": spec_field(
        task(schedule=None, at="2026-03-29T08:30:00"), "at", 'must be of type date-time: "2026-03'
    ),
    "an at of words": spec_field(
        task(schedule=None, at="tomorrow"), "at", 'must be of type date-time: "tomorrow"'
    ),
    "an at before 1970": spec_field(
        task(schedule=None, at="1969-12-31T23:59:59Z"), "at", "expected a moment from 1970 to 9998"
    ),
    "an at that Python cannot hold in UTC": spec_field(
        task(schedule=None, at="9999-12-31T23:59:59-01:00"), "at", "from 1970 to 9998"
    ),
    "an at with a type of many runs": spec_field(
        task(schedule=None, at="2026-03-29T08:30:00Z", type="Daily"),
        "type",
        'a task with at runs once, so its type must be Single or be left out; found "Daily"',
    ),
    "an unknown type": spec_field(task(type="Weekly"), "type", 'Unsupported value: "Weekly"'),
    "the machine's zone": spec_field(task(timeZone="Local"), "timeZone", "zone of the machine is"),
    "an empty zone": spec_field(task(timeZone=""), "timeZone", A_ZONE),
    "a zone that climbs": spec_field(task(timeZone="../../etc/passwd"), "timeZone", A_ZONE),
    "a zone with a space": spec_field(task(timeZone="New York"), "timeZone", A_ZONE),
    "a zone as an offset": spec_field(task(timeZone="+02:00"), "timeZone", A_ZONE),
    "a zone too long": spec_field(task(timeZone="A" * 65), "timeZone", "not be more than 64"),
    "an unknown gap": spec_field(task(dst={"gap": "Both"}), "dst.gap", '"RunAfter"'),
    "an unknown overlap": spec_field(task(dst={"overlap": "Skip"}), "dst.overlap", '"Second"'),
    "a suspend of words": spec_field(task(suspend="yes"), "suspend", "must be of type boolean"),
    "an empty name": spec_field(task(taskName=""), "taskName", "at least 1 chars long"),
    "a name too long": spec_field(task(taskName="名" * 254), "taskName", "not be more than 253"),
    "a name of two lines": spec_field(
        task(taskName="a\nb"), "taskName", "expected one line without control characters"
    ),
    "a negative module": spec_field(task(module=-1), "module", "greater than or equal to 0"),
}

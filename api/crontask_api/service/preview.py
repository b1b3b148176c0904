"""The next moments of a start time."""

from crontask_api.errors import ItemError, RequestError
from crontask_api.mapping.start_time import choose_time_zone, parse_start_time
from crontask_api.schemas.requests import PreviewRequest
from crontask_api.schemas.responses import Times
from crontask_api.service.context import Context
from crontask_core.errors import ScheduleError
from crontask_core.schedule import preview
from crontask_core.times import rfc3339


def preview_times(context: Context, options: PreviewRequest) -> Times:
    """Return the next moments, RFC 3339: of a timestamp in UTC, else in the time zone.

    Raises
    ------
    RequestError
        If the start time or the zone is wrong, or if no moment matches.
    """
    after = options.after or context.now()
    try:
        timing = parse_start_time(options.start_time)
        if timing.schedule is None:
            # A moment that has passed runs at once, and once.
            return Times([] if timing.at is None else [rfc3339(timing.at)])
        times = preview(
            timing.schedule,
            count=options.count,
            after=after,
            time_zone=choose_time_zone(timing, options.time_zone, context.time_zone),
        )
    except ItemError as error:
        raise RequestError(str(error)) from error
    except ScheduleError as error:
        field = "time_zone" if error.field == "spec.timeZone" else "start_time"
        raise RequestError(f"{field}: {error.message}") from error
    return Times([moment.isoformat() for moment in times])

"""explain is ``crontask explain``: an expression in words, and the traps in it."""

from typing import Annotated

import typer

from crontask_cli.commands.next_times import PARAMETER_OF, Gap, Overlap, TimeZone, Uid
from crontask_cli.errors import MISTAKE, NEVER_FIRES, CliError
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen, Style
from crontask_cli.times import now, planned
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError

SHOWN = 3
"""Times to come that are shown."""


def command(
    expression: Annotated[
        str, typer.Argument(metavar="EXPR", help='Such as "0 0 13 * FRI" or "@every 90m".')
    ],
    time_zone: TimeZone = "UTC",
    gap: Gap = DstGap.SKIP,
    overlap: Overlap = DstOverlap.BOTH,
    uid: Uid = "",
) -> None:
    """Tell an expression in words, and the traps in it.

    Traps are both day fields at once, clock changes of the next year, times that
    some months or years do not have, steps that break, and what other systems read otherwise.
    The exit status is 2 for a mistake and 3 for a schedule that never fires.
    """
    from crontask_cli.schedule_traps import traps
    from crontask_cli.schedule_words import in_words
    from crontask_core.schedule import preview

    today = now()
    try:
        words = in_words(expression, seed=uid)
        found = traps(
            expression, time_zone=time_zone, gap=gap, overlap=overlap, now=today, seed=uid
        )
        times = preview(
            expression,
            count=SHOWN,
            after=today,
            time_zone=time_zone,
            gap=gap,
            overlap=overlap,
            seed=uid,
        )
    except NeverFiresError as error:
        raise CliError(error.message, NEVER_FIRES) from error
    except ScheduleError as error:
        raise CliError(f"{PARAMETER_OF[error.field]}: {error.message}", MISTAKE) from error
    screen = Screen()
    screen.write(f"{safe(expression)}: {words}, in {safe(time_zone)}.")
    for trap in found:
        screen.write(f"{screen.styled('Beware:', Style.YELLOW)} {safe(trap)}")
    for time in times:
        screen.write(f"Next: {planned(time, today)}")

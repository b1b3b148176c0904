"""next_times is ``crontask next``: it prints when a schedule fires."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import typer

from crontask_cli.errors import NEVER_FIRES
from crontask_cli.times import now, parse_moment, planned, written
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule import preview

_MAX_COUNT: Final = 1000
"""Times that one call prints; the facade's preview has the same bound."""

PARAMETER_OF: Final = {"spec.schedule": "EXPR", "spec.timeZone": "--tz"}


class Output(StrEnum):
    """How the times are written."""

    TEXT = "text"
    JSON = "json"


def moment(text: str) -> datetime:
    """Return the moment of the RFC 3339 `text`."""
    parsed = parse_moment(text)
    if parsed is None:
        raise typer.BadParameter(
            f"found {text!r}, expected an RFC 3339 time with an offset, such as "
            "2026-03-28T00:00:00Z or 2026-03-28T01:00:00+01:00"
        )
    return parsed


def count_of(value: str | int) -> int:
    """Return the number of times that `value` asks for: an option's text, or its default."""
    text = str(value)
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= _MAX_COUNT:
        return int(text)
    raise typer.BadParameter(f"found {text!r}, expected a whole number from 1 to {_MAX_COUNT}")


TimeZone = Annotated[
    str, typer.Option("--tz", metavar="NAME", help="IANA time zone of the expression.")
]
Gap = Annotated[
    DstGap,
    typer.Option(
        case_sensitive=False,
        metavar="|".join(DstGap),
        help="What becomes of a time that a clock change leaves out.",
    ),
]
Overlap = Annotated[
    DstOverlap,
    typer.Option(
        case_sensitive=False,
        metavar="|".join(DstOverlap),
        help="What becomes of a time that comes twice.",
    ),
]
Uid = Annotated[str, typer.Option(metavar="UID", help="metadata.uid of the task, which H hashes.")]


def command(
    expression: Annotated[
        str, typer.Argument(metavar="EXPR", help='Such as "30 2 * * MON-FRI" or "@every 1h30m".')
    ],
    time_zone: TimeZone = "UTC",
    count: Annotated[
        int,
        typer.Option("-n", "--count", parser=count_of, metavar="N", help="How many, 1 to 1000."),
    ] = 5,
    after: Annotated[
        datetime | None,
        typer.Option(
            parser=moment, metavar="TIME", help="RFC 3339 time to begin after; now if absent."
        ),
    ] = None,
    gap: Gap = DstGap.SKIP,
    overlap: Overlap = DstOverlap.BOTH,
    uid: Uid = "",
    output: Annotated[
        Output, typer.Option("-o", "--output", case_sensitive=False, help="For people or programs.")
    ] = Output.TEXT,
) -> None:
    """Print the next times of a schedule, in the time of its zone.

    @every counts from the time to begin after. The exit status is 2 for a mistake and 3
    for a schedule that does not fire within five years.
    """
    today = now()
    begin = today if after is None else after
    try:
        times = preview(
            expression,
            count=count,
            after=begin,
            time_zone=time_zone,
            gap=gap,
            overlap=overlap,
            seed=uid,
        )
    except NeverFiresError as error:
        typer.echo(f"Error: {error.message}", err=True)
        raise typer.Exit(NEVER_FIRES) from error
    except ScheduleError as error:
        raise typer.BadParameter(
            error.message, param_hint=f"'{PARAMETER_OF[error.field]}'"
        ) from error
    if not times:
        typer.echo(f"Error: {expression!r} does not fire after {written(begin)}", err=True)
        raise typer.Exit(NEVER_FIRES)
    if output is Output.JSON:
        typer.echo(json.dumps([written(time) for time in times]))
        return
    for time in times:
        typer.echo(planned(time, today))

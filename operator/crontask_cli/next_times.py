"""next_times prints when a schedule fires, for ``crontask next``."""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import typer

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule import preview

NEVER_FIRES_EXIT: Final = 3
"""Exit status of a schedule that is well-formed but does not fire; 2 is a mistake."""

_MAX_COUNT: Final = 1000
"""Times that one call prints; the facade's preview has the same bound."""

_PARAMETER_OF: Final = {"spec.schedule": "EXPR", "spec.timeZone": "--tz"}


class Output(StrEnum):
    """How the times are written."""

    TEXT = "text"
    JSON = "json"


def moment(text: str) -> datetime:
    """Return the moment of the RFC 3339 `text`."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
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


def now() -> datetime:
    """Return the current moment. The command alone reads the clock."""
    return datetime.now(UTC)


def distance(span: timedelta) -> str:
    """Return `span` in its two largest units: ``in 3 h 20 min``, ``2 d 1 h ago``."""
    left = round(abs(span.total_seconds()))
    amounts = []
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, seconds)
        amounts.append((amount, unit))
    largest = next((index for index, (amount, _) in enumerate(amounts) if amount), 0)
    shown = [f"{amount} {unit}" for amount, unit in amounts[largest : largest + 2] if amount]
    text = " ".join(shown) or "0 s"
    return f"{text} ago" if span < timedelta(0) else f"in {text}"


def next_times(
    expression: Annotated[
        str, typer.Argument(metavar="EXPR", help='Such as "30 2 * * MON-FRI" or "@every 1h30m".')
    ],
    time_zone: Annotated[
        str, typer.Option("--tz", metavar="NAME", help="IANA time zone of the expression.")
    ] = "UTC",
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
    gap: Annotated[
        DstGap,
        typer.Option(
            case_sensitive=False,
            metavar="|".join(DstGap),
            help="What becomes of a time that a clock change leaves out.",
        ),
    ] = DstGap.SKIP,
    overlap: Annotated[
        DstOverlap,
        typer.Option(
            case_sensitive=False,
            metavar="|".join(DstOverlap),
            help="What becomes of a time that comes twice.",
        ),
    ] = DstOverlap.BOTH,
    uid: Annotated[
        str, typer.Option(metavar="UID", help="metadata.uid of the task, which H hashes.")
    ] = "",
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
        raise typer.Exit(NEVER_FIRES_EXIT) from error
    except ScheduleError as error:
        raise typer.BadParameter(
            error.message, param_hint=f"'{_PARAMETER_OF[error.field]}'"
        ) from error
    if not times:
        typer.echo(f"Error: {expression!r} does not fire after {begin.isoformat()}", err=True)
        raise typer.Exit(NEVER_FIRES_EXIT)
    if output is Output.JSON:
        typer.echo(json.dumps([time.isoformat() for time in times]))
        return
    for time in times:
        typer.echo(f"{time.isoformat()}  {time:%a}  {distance(time - today)}")

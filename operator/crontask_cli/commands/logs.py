"""logs is ``crontask logs``."""

import sys
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec
import typer

from crontask_cli.errors import MISTAKE, CliError
from crontask_cli.log_source import Asked, Attempt, open_source
from crontask_cli.options import Format, Labels, Output, TaskNames
from crontask_cli.service.connection import Connection
from crontask_cli.shown.record_rows import reason, run_of, took
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen
from crontask_cli.shown.task_rows import STYLES
from crontask_cli.times import now, parse_span
from crontask_core.times import rfc3339

Writer = Callable[[Attempt], str]


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on with attempts as they end.")
    ] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only attempts that failed.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Only attempts of the last 90s, 1h, 2d.")
    ] = None,
    tail: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Only the latest N of what there is.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Print the attempts of tasks, oldest first.

    They are those of the tasks named, or of all. A line has the begin, the task, how the
    attempt ended, the HTTP or gRPC status, how long it took, its run type and number, and
    why it failed. With -o wide the execution id, the URL and the answer follow; -o json is
    one object a line. A task's status keeps its latest attempts, as many as
    spec.historyLimit says; a facade with a history has all of them, of deleted tasks too.
    With -f a connection that is lost is taken up again.
    """
    connection: Connection = ctx.obj
    if output in (Format.YAML, Format.NAME):
        raise CliError(f"-o {output}: a log is written as table, wide or json", MISTAKE)
    begin = None if since is None else now() - parse_span(since, "--since")
    source = open_source(connection.open(everywhere=True))
    screen = Screen()
    write = _writer(screen, output, namespaces=connection.everywhere)
    asked = Asked(names or [], selector, begin, failed, tail)
    told: set[tuple[str, ...]] = set()
    nothing = True
    for attempt in source.past(asked):
        nothing = False
        screen.write(write(attempt))
        if follow:
            told.add(_key(attempt))
    if follow and tail is not None:
        # What the tail leaves out is past as well.
        told |= {_key(each) for each in source.past(asked._replace(tail=None))}
    screen.flush()
    if nothing and not follow and tail != 0 and output is not Format.JSON:
        sys.stderr.write("No attempts found.\n")
    if follow:
        _follow(screen, write, filter(None, source.coming(asked, _tell)), told)


def _tell(reason: str) -> None:
    """Say on stderr that the connection is lost, and that it is there again."""
    sys.stdout.flush()
    what = f"Connection lost, trying again: {safe(reason)}" if reason else "Connected again."
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _follow(
    screen: Screen,
    write: Writer,
    coming: Iterable[Attempt],
    told: set[tuple[str, ...]],
) -> None:
    """Write what is `coming`, but for what was `told`."""
    for attempt in coming:
        if _key(attempt) in told:
            continue
        screen.write(write(attempt))
        # Somebody watches, perhaps through a pipe.
        screen.flush()


def _key(attempt: Attempt) -> tuple[str, ...]:
    record = attempt.record
    return (
        attempt.namespace,
        attempt.name,
        record.execution_id,
        str(record.attempt),
        record.status,
    )


def _writer(screen: Screen, output: Format, *, namespaces: bool) -> Writer:
    if output is Format.JSON:
        from crontask_cli.shown.documents import as_json_line

        return lambda attempt: as_json_line(
            {
                "namespace": attempt.namespace,
                "name": attempt.name,
                "taskName": attempt.task_name,
                **msgspec.to_builtins(attempt.record),
            }
        )
    return lambda attempt: _line(screen, attempt, wide=output is Format.WIDE, namespaces=namespaces)


def _line(screen: Screen, attempt: Attempt, *, wide: bool, namespaces: bool) -> str:
    record = attempt.record
    name = safe(attempt.task_name)
    parts = [
        rfc3339(record.begin_time),
        f"{safe(attempt.namespace)}/{name}" if namespaces else name,
        screen.styled(record.status, STYLES[record.status]),
        "-" if record.code is None else str(record.code),
        took(record.begin_time, record.end_time).text,
        run_of(record),
        safe(reason(record)),
    ]
    if wide:
        parts += [safe(record.execution_id), safe(record.url), safe(record.response)]
    return "  ".join(parts).rstrip()

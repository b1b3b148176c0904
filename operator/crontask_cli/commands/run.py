"""run is ``crontask run``."""

from datetime import timedelta
from typing import Annotated

import typer

from crontask_cli.errors import NOT_WELL, CliError
from crontask_cli.many import All, DryRun, chosen, each, is_dry
from crontask_cli.options import Labels, TaskNames
from crontask_cli.service.base import Requested
from crontask_cli.service.connection import Connection
from crontask_cli.times import parse_span


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    everything: All = False,
    dry_run: DryRun = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end, retries included.")
    ] = False,
    timeout: Annotated[
        str, typer.Option(metavar="SPAN", help="Longest wait, such as 90s or 1h.")
    ] = "10m",
) -> None:
    """Run tasks now, whatever their schedules, and even while they are paused.

    With --wait the exit status is 4 if a run failed, or has not ended in time.
    """
    connection: Connection = ctx.obj
    dry = is_dry(dry_run)
    patience = parse_span(timeout, "--timeout")
    service = connection.open()
    asked: list[Requested] = []

    def ask(name: str) -> str:
        requested = service.run(name, dry_run=dry)
        asked.append(requested)
        return f"{requested.name} run requested{' (server dry run)' if dry else ''}"

    each(chosen(service, names, selector, everything=everything), ask)
    if wait and not dry:
        _wait(connection, asked, patience)


def _wait(connection: Connection, asked: list[Requested], patience: timedelta) -> None:
    from crontask_cli.waiting import wait_for_runs

    failed = wait_for_runs(connection.open(), asked, patience)
    if failed:
        raise CliError(f"{failed} of {len(asked)} runs did not succeed", NOT_WELL)

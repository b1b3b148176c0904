"""delete is ``crontask delete``."""

import sys
from typing import Annotated

import typer

from crontask_cli.errors import FAILED, MISTAKE, CliError
from crontask_cli.many import All, DryRun, chosen, each, is_dry
from crontask_cli.options import Labels, TaskNames
from crontask_cli.service.connection import Connection


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    everything: All = False,
    dry_run: DryRun = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Delete more than one without a question.")
    ] = False,
) -> None:
    """Delete tasks and their logs.

    More than one is deleted only with --yes, or after a question on a terminal.
    """
    connection: Connection = ctx.obj
    dry = is_dry(dry_run)
    service = connection.open()
    targets = chosen(service, names, selector, everything=everything)
    if len(targets) > 1 and not (yes or dry):
        _confirm(len(targets))
    done = f"deleted{' (server dry run)' if dry else ''}"
    each(targets, lambda name: f"{service.delete(name, dry_run=dry)} {done}")


def _confirm(count: int) -> None:
    if not sys.stdin.isatty():
        raise CliError(f"this would delete {count} tasks and their logs; --yes does", MISTAKE)
    sys.stderr.write(f"Delete {count} tasks and their logs? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CliError("nothing was deleted", FAILED)

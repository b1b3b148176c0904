"""resume is ``crontask resume``."""

import typer

from crontask_cli.commands.pause import switch
from crontask_cli.many import All, DryRun
from crontask_cli.options import Labels, TaskNames


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    everything: All = False,
    dry_run: DryRun = None,
) -> None:
    """Turn the scheduled runs of tasks on again.

    Runs that would have been due meanwhile are not made up for.
    """
    switch(ctx.obj, names, selector, everything=everything, dry_run=dry_run, value=False)

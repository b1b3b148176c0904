"""pause is ``crontask pause``."""

import typer

from crontask_cli.many import All, DryRun, chosen, each, is_dry
from crontask_cli.options import Labels, TaskNames
from crontask_cli.service.connection import Connection


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    everything: All = False,
    dry_run: DryRun = None,
) -> None:
    """Turn the scheduled runs of tasks off.

    Runs in flight go on, and `crontask run` still works.
    """
    switch(ctx.obj, names, selector, everything=everything, dry_run=dry_run, value=True)


def switch(
    connection: Connection,
    names: list[str] | None,
    selector: str,
    *,
    everything: bool,
    dry_run: str | None,
    value: bool,
) -> None:
    """Suspend the tasks, or resume them, as `value` says."""
    dry = is_dry(dry_run)
    done = f"{'paused' if value else 'resumed'}{' (server dry run)' if dry else ''}"
    service = connection.open()
    each(
        chosen(service, names, selector, everything=everything),
        lambda name: f"{service.suspend(name, value, dry_run=dry)} {done}",
    )

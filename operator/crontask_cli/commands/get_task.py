"""get_task is ``crontask get``."""

from typing import Annotated

import typer

from crontask_cli.options import Format, Output, complete_tasks
from crontask_cli.service.connection import Connection
from crontask_cli.service.task import read_manifest, read_task, reference
from crontask_cli.shown.screen import Screen
from crontask_cli.times import now


def command(
    ctx: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(metavar="TASK...", autocompletion=complete_tasks, help="Names of tasks."),
    ],
    output: Output = Format.TABLE,
) -> None:
    """Show a task: its definition, next and last runs, and its state.

    A name is that of the object or that of the task. The next runs are shown in the task's
    time zone and in that of this machine.
    """
    connection: Connection = ctx.obj
    service = connection.open()
    found = [service.get(name) for name in names]
    screen = Screen()
    if output is Format.NAME:
        for item in found:
            screen.write(reference(read_task(item).metadata.name))
    elif output in (Format.JSON, Format.YAML):
        from crontask_cli.shown.documents import as_json, as_list, as_yaml

        manifests = [read_manifest(item) for item in found]
        whole = manifests[0] if len(manifests) == 1 else as_list(manifests)
        screen.write(as_json(whole) if output is Format.JSON else as_yaml(whole))
    else:
        from crontask_cli.shown.task_view import write_task

        for number, item in enumerate(found):
            if number:
                screen.write("")
            manifest = read_manifest(item)
            write_task(
                screen,
                read_task(item),
                manifest,
                now(),
                wide=output is Format.WIDE,
                partly=connection.server is not None,
            )

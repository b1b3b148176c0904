"""export_tasks is ``crontask export``."""

import sys
from enum import StrEnum
from typing import Annotated, Final

import typer

from crontask_cli.errors import MISTAKE, NOT_WELL, CliError
from crontask_cli.options import Labels, TaskNames
from crontask_cli.service.connection import Connection
from crontask_cli.service.task import read_manifest
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen

NO_YAML: Final = (
    "-o yaml: a facade tells only what its API can say, and yaml holds all of a task: use a "
    "kubeconfig, or -o task-list"
)
PARTLY: Final = (
    "A facade tells only what its API can say; what else is in these tasks, `crontask export` with "
    "a kubeconfig tells.\n"
)


class Form(StrEnum):
    """How tasks are written."""

    YAML = "yaml"
    TASK_LIST = "task-list"


def command(
    ctx: typer.Context,
    names: TaskNames = None,
    selector: Labels = "",
    output: Annotated[
        Form,
        typer.Option(
            "-o", "--output", case_sensitive=False, help="yaml for apply, task-list for the API."
        ),
    ] = Form.YAML,
) -> None:
    """Write tasks as files from which they can be made again.

    They are those named, or all. yaml holds all that people say in a task, and nothing of its
    log; task-list holds what the documented API can say, and `crontask import go-crontab` reads
    it. What is left out is told on the standard error; the exit status is then 4. A facade
    tells only what its API can say, so that there is no yaml through it.
    """
    from crontask_cli.exporting import to_list, to_yaml
    from crontask_cli.shown.documents import as_json, as_yaml

    connection: Connection = ctx.obj
    if connection.server is not None and output is Form.YAML:
        raise CliError(NO_YAML, MISTAKE)
    service = connection.open(everywhere=True)
    if names:
        found = [service.get(name) for name in dict.fromkeys(names)]
    else:
        found = [bytes(item) for page in service.pages(selector) for item in page]
    turn = to_yaml if output is Form.YAML else to_list
    screen, left_out, contents = Screen(), 0, []
    for item in found:
        manifest = read_manifest(item)
        content, paths = turn(manifest)
        contents.append(content)
        left_out += len(paths)
        for path in paths:
            sys.stderr.write(f"{safe(manifest['metadata']['name'])}: left out: {safe(path)}\n")
    if output is Form.TASK_LIST:
        screen.write(as_json({"task_list": contents}))
    else:
        screen.write("\n---\n".join(map(as_yaml, contents)))
    if connection.server is not None:
        sys.stderr.write(PARTLY)
    if left_out:
        raise typer.Exit(NOT_WELL)

"""options has the options that many commands share, and gives them to each."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from crontask_cli.lean import LeanCommand, make_lean

if TYPE_CHECKING:
    from crontask_cli.service.connection import Connection

COMPLETION_SECONDS: Final = 2.0
"""Longest silence of a server while somebody waits for the completion of a name."""

MOST_COMPLETED: Final = 1000
"""Names that a completion proposes; more would help nobody."""


class Format(StrEnum):
    """How what was found is written."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


Output = Annotated[
    Format,
    typer.Option(
        "-o",
        "--output",
        case_sensitive=False,
        help="table and wide for people, the rest for programs.",
    ),
]
NoHeaders = Annotated[bool, typer.Option("--no-headers", help="Leave the titles of columns out.")]
Labels = Annotated[
    str, typer.Option("-l", "--selector", metavar="LABELS", help="Only tasks with these labels.")
]


def connect(
    context: Annotated[
        str | None, typer.Option(metavar="NAME", help="Context of the kubeconfig.")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option("-n", "--namespace", metavar="NAME", help="Namespace of the tasks."),
    ] = None,
    all_namespaces: Annotated[
        bool, typer.Option("-A", "--all-namespaces", help="Tasks of all namespaces.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="A facade's URL, instead of a kubeconfig.", envvar="CRONTASK_SERVER"
        ),
    ] = None,
    token_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File with the token for the facade.")
    ] = None,
) -> None:
    """See what CronTasks do, and change it: in a cluster, or through a facade."""


_NAMES: Final = ("context", "namespace", "all_namespaces", "server", "token_file")


class ConnectedCommand(LeanCommand):
    """A command with the options of `connect`; its ``ctx.obj`` is a `Connection`."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        shared = typer.Typer(add_completion=False)
        shared.command()(connect)
        options = typer.main.get_command(shared).params
        make_lean(options)
        self.params.extend(options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command with the connection that it and ``crontask`` itself were given."""
        ctx.obj = connection_of(ctx)
        for name in _NAMES:
            del ctx.params[name]
        return super().invoke(ctx)


def connection_of(ctx: typer.Context) -> "Connection":
    """Return what the options say; those after the command's name go before."""
    from crontask_cli.service.connection import Connection

    levels: list[Any] = [ctx] if ctx.parent is None else [ctx, ctx.parent]
    values = [_said(levels, name) for name in _NAMES]
    context, namespace, everywhere, server, token_file = values
    if server is None and context is None:
        # The environment's counts where the command line says nothing of where the tasks are.
        server = ctx.params.get("server")
    return Connection(context, namespace, bool(everywhere), server, token_file)


def _said(levels: list[Any], name: str) -> Any:
    """Return what the command line itself says, the nearest level first; None for nothing."""
    for level in levels:
        source = level.get_parameter_source(name)
        if level.params.get(name) and getattr(source, "name", "") == "COMMANDLINE":
            return level.params[name]
    return None


def complete_tasks(ctx: typer.Context, _: list[str], incomplete: str) -> list[str]:
    """Return the names of tasks that begin with `incomplete`, for a shell.

    Whatever goes wrong, a shell that waits for it gets no names and no words.
    """
    from crontask_core.errors import CronTaskError

    found: list[str] = []
    try:
        from crontask_cli.service.task import read_task
        from crontask_kube.names import is_object_name

        service = connection_of(ctx).open(timeout=COMPLETION_SECONDS)
        for page in service.pages(""):
            names = (read_task(item).metadata.name for item in page)
            # A shell evaluates what is proposed: it is a name, or it is left out.
            found += [
                name for name in names if name.startswith(incomplete) and is_object_name(name)
            ]
            if len(found) >= MOST_COMPLETED:
                break
    except (CronTaskError, OSError):
        return []
    return found[:MOST_COMPLETED]


TaskNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="TASK...", autocompletion=complete_tasks, help="Names of tasks."),
]
TaskName = Annotated[
    str, typer.Argument(metavar="TASK", autocompletion=complete_tasks, help="Name of a task.")
]
